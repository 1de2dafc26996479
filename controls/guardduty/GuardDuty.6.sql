-- id: GuardDuty.6
-- title: GuardDuty watches the network activity of Lambda
-- severity: HIGH
-- of: aws_guardduty_detector
-- repair: switch on Lambda protection of the detector
-- feature: guardduty
-- delegated_admin: guardduty
--
-- The detector is enabled, and has the feature LAMBDA_NETWORK_LOGS on. Where GuardDuty has a delegated
-- administrator, its account alone gets the finding, and fails for its members too.
select
  _id,
  Status = 'ENABLED' and coalesce(
    any_match(Features, f -> (f['Name'] = 'LAMBDA_NETWORK_LOGS') and (f['Status'] = 'ENABLED')),
    false
  ) as passed,
  case
    when Status = 'ENABLED' then 'Lambda protection is off'
    else 'the detector is suspended'
  end as reason
from aws_guardduty_detector
