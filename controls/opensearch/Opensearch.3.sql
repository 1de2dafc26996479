-- id: Opensearch.3
-- title: OpenSearch domains encrypt between their nodes
-- severity: MEDIUM
-- of: aws_opensearch_domain
-- repair: switch on node-to-node encryption of the domain
--
-- What the nodes of a domain send each other goes over TLS; it cannot be switched off again.
select
  _id,
  coalesce(NodeToNodeEncryptionOptions['Enabled'], false) as passed,
  'node-to-node encryption is off' as reason
from aws_opensearch_domain
