-- id: Opensearch.4
-- title: OpenSearch domains publish their error logs
-- severity: MEDIUM
-- of: aws_opensearch_domain
-- repair: publish the error logs of the domain to CloudWatch Logs
--
-- Errors and warnings of the nodes: out of memory, queries that cannot be read, what breaks off. The log group, and the
-- policy that lets the service write into it, are not asked about.
select
  _id,
  coalesce(LogPublishingOptions['ES_APPLICATION_LOGS']['Enabled'], false) as passed,
  'error logs are not published' as reason
from aws_opensearch_domain
