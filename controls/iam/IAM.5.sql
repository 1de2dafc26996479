-- id: IAM.5
-- title: Users with a password have MFA
-- severity: MEDIUM
-- of: aws_iam_user
-- global: true
-- repair: register an MFA device for the user, or delete the password
--
-- A user without a password for the console has nothing to sign in with, and passes.
select
  _id,
  login_profile is null or coalesce(array_length(mfa_devices), 0) > 0 as passed,
  'the user has a password and no MFA device' as reason
from aws_iam_user
