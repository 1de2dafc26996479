-- id: GuardDuty.11
-- title: GuardDuty watches runtimes
-- severity: HIGH
-- of: aws_guardduty_detector
-- repair: switch on runtime monitoring of the detector
-- feature: guardduty
-- delegated_admin: guardduty
--
-- The detector is enabled, and has the feature RUNTIME_MONITORING on. Where GuardDuty has a delegated
-- administrator, its account alone gets the finding, and fails for its members too.
select
  _id,
  Status = 'ENABLED' and coalesce(
    any_match(Features, f -> (f['Name'] = 'RUNTIME_MONITORING') and (f['Status'] = 'ENABLED')),
    false
  ) as passed,
  case
    when Status = 'ENABLED' then 'runtime monitoring is off'
    else 'the detector is suspended'
  end as reason
from aws_guardduty_detector
