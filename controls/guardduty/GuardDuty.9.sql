-- id: GuardDuty.9
-- title: GuardDuty watches logins to RDS
-- severity: HIGH
-- of: aws_guardduty_detector
-- repair: switch on RDS protection of the detector
-- feature: guardduty
-- delegated_admin: guardduty
--
-- The detector is enabled, and has the feature RDS_LOGIN_EVENTS on. Where GuardDuty has a delegated administrator,
-- its account alone gets the finding, and fails for its members too.
select
  _id,
  Status = 'ENABLED' and coalesce(
    any_match(Features, f -> (f['Name'] = 'RDS_LOGIN_EVENTS') and (f['Status'] = 'ENABLED')),
    false
  ) as passed,
  case
    when Status = 'ENABLED' then 'RDS protection is off'
    else 'the detector is suspended'
  end as reason
from aws_guardduty_detector
