-- id: Opensearch.5
-- title: OpenSearch domains publish audit logs
-- severity: MEDIUM
-- of: aws_opensearch_domain
-- repair: publish audit logs of the domain to CloudWatch Logs, and switch them on in OpenSearch Dashboards
--
-- Who signed in and which indices were read. They need fine-grained access control; which events are written is set within
-- OpenSearch, where the service's API does not show it.
select
  _id,
  coalesce(LogPublishingOptions['AUDIT_LOGS']['Enabled'], false) as passed,
  'audit logs are not published' as reason
from aws_opensearch_domain
