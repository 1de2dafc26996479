-- id: GuardDuty.1
-- title: GuardDuty is on
-- severity: HIGH
-- of: aws_account_region
-- also: aws_guardduty_detector@cell
-- repair: make and enable a detector in the Region
-- feature: guardduty
--
-- A detector exists in the account and Region, and is not suspended.
select
  r._id,
  (
    select count(*) from aws_guardduty_detector d
    where d.account_id = r.account_id and d.region = r.region and d.Status = 'ENABLED'
  ) > 0 as passed,
  'there is no enabled detector' as reason
from aws_account_region r
