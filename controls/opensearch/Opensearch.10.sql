-- id: Opensearch.10
-- title: OpenSearch domains have the latest service software
-- severity: MEDIUM
-- of: aws_opensearch_domain
-- repair: update the service software of the domain
--
-- Service software is what AWS runs the domain with, beside the version of OpenSearch. AWS's word counts, that there is an
-- update, whether or not one is planned or under way.
select
  _id,
  not coalesce(ServiceSoftwareOptions['UpdateAvailable'], false) as passed,
  'a software update is available and not installed' as reason
from aws_opensearch_domain
