-- id: IAM.17
-- title: Passwords expire within 90 days
-- severity: LOW
-- of: aws_account
-- also: aws_iam_password_policy@account
-- global: true
-- repair: set the maximum age of the password policy to 90 days or fewer
-- feature: iam-password-policy
--
-- An account without a policy has AWS's default one, which does not ask for this.
select
  a._id,
  coalesce(p.MaxPasswordAge between 1 and 90, false) as passed,
  case
    when p._id is null then 'the account has no password policy'
    else 'the password policy lets passwords be older than 90 days'
  end as reason
from aws_account a
left join aws_iam_password_policy p on p.account_id = a.account_id
