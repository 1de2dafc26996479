-- id: GuardDuty.5
-- title: GuardDuty watches the audit logs of EKS
-- severity: HIGH
-- of: aws_guardduty_detector
-- repair: switch on EKS audit log monitoring of the detector
-- feature: guardduty
-- delegated_admin: guardduty
--
-- The detector is enabled, and has the feature EKS_AUDIT_LOGS on. Where GuardDuty has a delegated administrator,
-- its account alone gets the finding, and fails for its members too.
select
  _id,
  Status = 'ENABLED' and coalesce(
    any_match(Features, f -> (f['Name'] = 'EKS_AUDIT_LOGS') and (f['Status'] = 'ENABLED')),
    false
  ) as passed,
  case
    when Status = 'ENABLED' then 'EKS audit log monitoring is off'
    else 'the detector is suspended'
  end as reason
from aws_guardduty_detector
