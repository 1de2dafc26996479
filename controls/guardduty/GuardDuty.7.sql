-- id: GuardDuty.7
-- title: GuardDuty watches the runtime of EKS with agents that it manages
-- severity: HIGH
-- of: aws_guardduty_detector
-- repair: switch on EKS runtime monitoring with automated agents of the detector
-- feature: guardduty
-- delegated_admin: guardduty
--
-- The detector is enabled, and has the feature RUNTIME_MONITORING (or EKS_RUNTIME_MONITORING, its forerunner) with
-- EKS_ADDON_MANAGEMENT on. Where GuardDuty has a delegated administrator, its account alone gets the finding, and
-- fails for its members too.
select
  _id,
  Status = 'ENABLED' and coalesce(
    any_match(
      Features,
      f -> (f['Name'] in ('RUNTIME_MONITORING', 'EKS_RUNTIME_MONITORING')) and (f['Status'] = 'ENABLED')
        and coalesce(
          any_match(
            f['AdditionalConfiguration'],
            a -> (a['Name'] = 'EKS_ADDON_MANAGEMENT') and (a['Status'] = 'ENABLED')
          ),
          false
        )
    ),
    false
  ) as passed,
  case
    when Status = 'ENABLED' then 'EKS runtime monitoring with automated agents is off'
    else 'the detector is suspended'
  end as reason
from aws_guardduty_detector
