-- id: Opensearch.6
-- title: OpenSearch domains have three data nodes in several Availability Zones
-- severity: MEDIUM
-- of: aws_opensearch_domain
-- repair: give the domain at least three data nodes, and zone awareness
--
-- The loss of a node, or of a zone with a node in it, then leaves most of them at work.
select
  _id,
  coalesce(ClusterConfig['InstanceCount'] >= 3 and ClusterConfig['ZoneAwarenessEnabled'], false) as passed,
  case
    when coalesce(ClusterConfig['InstanceCount'] >= 3, false) then 'the data nodes are in one Availability Zone'
    else 'there are fewer than three data nodes'
  end as reason
from aws_opensearch_domain
