-- id: Opensearch.2
-- title: OpenSearch domains are in a VPC
-- severity: CRITICAL
-- of: aws_opensearch_domain
-- repair: make the domain anew in a VPC, and move the data there
--
-- A domain with a public endpoint is reached from the internet by whoever its access policy lets in; one in a VPC only
-- from there, whatever the policy says. Whether the subnets lead to the internet is not asked. A domain cannot be moved.
select
  _id,
  coalesce(VPCOptions['VPCId'], '') <> '' as passed,
  'the domain has a public endpoint' as reason
from aws_opensearch_domain
