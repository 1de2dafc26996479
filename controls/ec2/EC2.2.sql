-- id: EC2.2
-- title: Default security groups have no rules
-- severity: HIGH
-- of: aws_ec2_security_group
-- repair: delete the inbound and outbound rules of the default group, and use groups of your own
--
-- A VPC's default group cannot be deleted, and what names no group gets it. Other groups are not asked, nor those
-- that another account shares with this one.
select
  _id,
  GroupName = 'default' and coalesce((OwnerId = account_id), true) as applicable,
  coalesce(array_length(IpPermissions), 0) = 0 and coalesce(array_length(IpPermissionsEgress), 0) = 0 as passed,
  'the default security group has rules' as reason
from aws_ec2_security_group
