-- id: IAM.15
-- title: Passwords have 14 characters or more
-- severity: MEDIUM
-- of: aws_account
-- also: aws_iam_password_policy@account
-- global: true
-- repair: set the minimum length of the password policy to 14
-- feature: iam-password-policy
--
-- An account without a policy has AWS's default one, which does not ask for this.
select
  a._id,
  coalesce(p.MinimumPasswordLength >= 14, false) as passed,
  case
    when p._id is null then 'the account has no password policy'
    else 'the password policy asks for fewer than 14 characters'
  end as reason
from aws_account a
left join aws_iam_password_policy p on p.account_id = a.account_id
