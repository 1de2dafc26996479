-- id: Opensearch.7
-- title: OpenSearch domains have fine-grained access control
-- severity: HIGH
-- of: aws_opensearch_domain
-- repair: switch on fine-grained access control of the domain
--
-- It lets roles see some indices, documents or fields only, where an access policy lets in or out of the domain.
select
  _id,
  coalesce(AdvancedSecurityOptions['Enabled'], false) as passed,
  'fine-grained access control is off' as reason
from aws_opensearch_domain
