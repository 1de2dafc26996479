-- id: Opensearch.8
-- title: OpenSearch domains ask for HTTPS with the latest TLS policy
-- severity: MEDIUM
-- of: aws_opensearch_domain
-- repair: require HTTPS of the domain's endpoint, with the policy Policy-Min-TLS-1-2-PFS-2023-10
--
-- The policy is the one that Security Hub's control names: TLS 1.2 and later, with perfect forward secrecy.
select
  _id,
  coalesce(
    DomainEndpointOptions['EnforceHTTPS']
      and DomainEndpointOptions['TLSSecurityPolicy'] = 'Policy-Min-TLS-1-2-PFS-2023-10',
    false
  ) as passed,
  case
    when coalesce(DomainEndpointOptions['EnforceHTTPS'], false) then 'the endpoint takes an older TLS policy'
    else 'the endpoint takes requests without HTTPS'
  end as reason
from aws_opensearch_domain
