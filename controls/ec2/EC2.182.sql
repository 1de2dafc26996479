-- id: EC2.182
-- title: The account blocks public EBS snapshots
-- severity: HIGH
-- of: aws_account_region
-- also: aws_ec2_account_settings@cell
-- repair: set block public access for EBS snapshots to block all sharing
--
-- Blocking all sharing also makes the snapshots private that are public already; blocking new sharing does not.
select
  r._id,
  coalesce((s.snapshot_block_public_access = 'block-all-sharing'), false) as passed,
  'public sharing of snapshots is not blocked altogether' as reason
from aws_account_region r
left join aws_ec2_account_settings s on s.account_id = r.account_id and s.region = r.region
