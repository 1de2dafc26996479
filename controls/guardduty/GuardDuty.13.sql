-- id: GuardDuty.13
-- title: GuardDuty manages the runtime agent of EC2
-- severity: MEDIUM
-- of: aws_guardduty_detector
-- repair: switch on automated agents for EC2 of the detector
-- feature: guardduty
-- delegated_admin: guardduty
--
-- The detector is enabled, and has the feature RUNTIME_MONITORING with EC2_AGENT_MANAGEMENT on. Where GuardDuty
-- has a delegated administrator, its account alone gets the finding, and fails for its members too.
select
  _id,
  Status = 'ENABLED' and coalesce(
    any_match(
      Features,
      f -> (f['Name'] = 'RUNTIME_MONITORING') and (f['Status'] = 'ENABLED')
        and coalesce(
          any_match(
            f['AdditionalConfiguration'],
            a -> (a['Name'] = 'EC2_AGENT_MANAGEMENT') and (a['Status'] = 'ENABLED')
          ),
          false
        )
    ),
    false
  ) as passed,
  case
    when Status = 'ENABLED' then 'automated agents for EC2 is off'
    else 'the detector is suspended'
  end as reason
from aws_guardduty_detector
