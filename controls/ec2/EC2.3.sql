-- id: EC2.3
-- title: Attached EBS volumes are encrypted
-- severity: MEDIUM
-- of: aws_ec2_volume
-- repair: make an encrypted copy of the volume from a snapshot, and attach it instead
--
-- A volume that is attached to nothing is not asked.
select
  _id,
  State = 'in-use' as applicable,
  coalesce(Encrypted, false) as passed,
  'the volume is not encrypted' as reason
from aws_ec2_volume
