-- id: IAM.16
-- title: The password policy remembers 24 passwords
-- severity: LOW
-- of: aws_account
-- also: aws_iam_password_policy@account
-- global: true
-- repair: set the password policy to remember 24 passwords
-- feature: iam-password-policy
--
-- An account without a policy has AWS's default one, which does not ask for this.
select
  a._id,
  coalesce(p.PasswordReusePrevention >= 24, false) as passed,
  case
    when p._id is null then 'the account has no password policy'
    else 'the password policy remembers fewer than 24 passwords'
  end as reason
from aws_account a
left join aws_iam_password_policy p on p.account_id = a.account_id
