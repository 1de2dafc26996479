-- id: IAM.1
-- title: No policy grants full administration
-- severity: HIGH
-- of: aws_iam_policy
-- global: true
-- repair: allow only the actions and resources that are needed
--
-- A statement that allows `*` on `*` gives away the account. AWS's own AdministratorAccess is not asked.
-- Only the version in force counts, conditions do not, and policies that are used as permissions boundaries grant nothing.
select
  _id,
  coalesce(PermissionsBoundaryUsageCount, 0) = 0 as applicable,
  not coalesce(
    any_match(
      PolicyVersionList,
      v -> v['IsDefaultVersion'] and policy_allows_full_admin(v['Document'])
    ),
    false
  ) as passed,
  'the policy allows every action on every resource' as reason
from aws_iam_policy
