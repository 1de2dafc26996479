-- id: EC2.7
-- title: New EBS volumes are encrypted by default
-- severity: MEDIUM
-- of: aws_account_region
-- also: aws_ec2_ebs_encryption@cell
-- repair: switch on encryption by default for EBS in the Region
-- feature: ebs-encryption
--
-- The setting belongs to an account and a Region, and concerns volumes and snapshots made from then on.
select
  r._id,
  coalesce(e.EbsEncryptionByDefault, false) as passed,
  'encryption by default is off' as reason
from aws_account_region r
left join aws_ec2_ebs_encryption e on e.account_id = r.account_id and e.region = r.region
