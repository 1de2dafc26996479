-- id: EC2.1
-- title: No EBS snapshot is public
-- severity: CRITICAL
-- of: aws_account_region
-- also: aws_ec2_snapshot@cell
-- proof: fail
-- repair: take the group `all` out of the snapshot's create-volume permissions
--
-- A public snapshot can be made into a volume, and read, in every AWS account.
with public_snapshot as (
  select account_id, region, count(*) as snapshots
  from aws_ec2_snapshot
  where any_match(create_volume_permissions, p -> p['Group'] = 'all')
  group by account_id, region
)
select
  r._id,
  s.snapshots is null as passed,
  concat(cast(s.snapshots as varchar), ' of the snapshots can be restored by everyone') as reason
from aws_account_region r
left join public_snapshot s on s.account_id = r.account_id and s.region = r.region
