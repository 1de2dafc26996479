-- id: GuardDuty.8
-- title: GuardDuty scans the volumes of EC2 for malware
-- severity: HIGH
-- of: aws_guardduty_detector
-- repair: switch on malware protection for EC2 of the detector
-- feature: guardduty
-- delegated_admin: guardduty
--
-- The detector is enabled, and has the feature EBS_MALWARE_PROTECTION on. Where GuardDuty has a delegated
-- administrator, its account alone gets the finding, and fails for its members too.
select
  _id,
  Status = 'ENABLED' and coalesce(
    any_match(Features, f -> (f['Name'] = 'EBS_MALWARE_PROTECTION') and (f['Status'] = 'ENABLED')),
    false
  ) as passed,
  case
    when Status = 'ENABLED' then 'malware protection for EC2 is off'
    else 'the detector is suspended'
  end as reason
from aws_guardduty_detector
