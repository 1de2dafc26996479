-- id: Opensearch.1
-- title: OpenSearch domains encrypt what they store
-- severity: MEDIUM
-- of: aws_opensearch_domain
-- repair: switch on encryption at rest of the domain
--
-- Indices, logs, swap files and automated snapshots are encrypted with a KMS key; it cannot be switched off again.
select
  _id,
  coalesce(EncryptionAtRestOptions['Enabled'], false) as passed,
  'encryption at rest is off' as reason
from aws_opensearch_domain
