-- id: EC2.6
-- title: VPCs log rejected traffic
-- severity: MEDIUM
-- of: aws_ec2_vpc
-- also: aws_ec2_flow_log@cell
-- proof: pass
-- repair: make a flow log of the VPC for rejected or for all traffic
--
-- A flow log of the VPC itself counts, of rejected or of all traffic; those of its subnets and interfaces do not.
-- A log that is not active logs nothing. A VPC that another account shares is that account's to log.
select
  v._id,
  coalesce((v.OwnerId = v.account_id), true) as applicable,
  (
    select count(*) from aws_ec2_flow_log f
    where f.account_id = v.account_id and f.region = v.region and f.ResourceId = v.VpcId
      and f.FlowLogStatus = 'ACTIVE' and f.TrafficType in ('REJECT', 'ALL')
  ) > 0 as passed,
  'no active flow log of the VPC covers rejected traffic' as reason
from aws_ec2_vpc v
