-- id: IAM.21
-- title: No policy grants all actions of a service
-- severity: LOW
-- of: aws_iam_policy
-- global: true
-- repair: name the actions that are needed
--
-- `service:*` allows also what the service will have tomorrow. `*` and all but some actions (`NotAction`) count too.
-- Only the version in force counts, conditions do not, and policies that are used as permissions boundaries grant nothing.
select
  _id,
  coalesce(PermissionsBoundaryUsageCount, 0) = 0 as applicable,
  not coalesce(
    any_match(
      PolicyVersionList,
      v -> v['IsDefaultVersion'] and coalesce(array_length(policy_full_access_services(v['Document'])), 0) > 0
    ),
    false
  ) as passed,
  'the policy allows every action of a service' as reason
from aws_iam_policy
