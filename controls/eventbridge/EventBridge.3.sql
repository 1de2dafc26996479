-- id: EventBridge.3
-- title: Custom event buses say who may send to them
-- severity: LOW
-- of: aws_events_bus
-- repair: give the event bus a resource-based policy that names who may put events, and rules, on it
--
-- Without a policy everyone in the account who has the permission may use the bus, and nobody else; with one it is written
-- down. The default bus and partners' buses are not asked (AWS Config: custom-eventbus-policy-attached).
select
  _id,
  Name <> 'default' and Name not like 'aws.partner/%' as applicable,
  coalesce(Policy, '') <> '' as passed,
  'the event bus has no resource-based policy' as reason
from aws_events_bus
