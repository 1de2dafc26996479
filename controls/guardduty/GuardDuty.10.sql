-- id: GuardDuty.10
-- title: GuardDuty watches the data events of S3
-- severity: HIGH
-- of: aws_guardduty_detector
-- repair: switch on S3 protection of the detector
-- feature: guardduty
-- delegated_admin: guardduty
--
-- The detector is enabled, and has the feature S3_DATA_EVENTS on. Where GuardDuty has a delegated administrator,
-- its account alone gets the finding, and fails for its members too.
select
  _id,
  Status = 'ENABLED' and coalesce(
    any_match(Features, f -> (f['Name'] = 'S3_DATA_EVENTS') and (f['Status'] = 'ENABLED')),
    false
  ) as passed,
  case
    when Status = 'ENABLED' then 'S3 protection is off'
    else 'the detector is suspended'
  end as reason
from aws_guardduty_detector
