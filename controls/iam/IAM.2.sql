-- id: IAM.2
-- title: Users get their permissions from groups
-- severity: LOW
-- of: aws_iam_user
-- global: true
-- repair: move the policies to a group or a role, and detach them from the user
--
-- No managed policy is attached to the user, and none is written into it.
select
  _id,
  coalesce(array_length(AttachedManagedPolicies), 0) = 0 and coalesce(array_length(UserPolicyList), 0) = 0 as passed,
  'policies are attached to the user itself' as reason
from aws_iam_user
