-- id: IAM.13
-- title: Passwords have a symbol
-- severity: MEDIUM
-- of: aws_account
-- also: aws_iam_password_policy@account
-- global: true
-- repair: let the password policy ask for a symbol
-- feature: iam-password-policy
--
-- An account without a policy has AWS's default one, which does not ask for this.
select
  a._id,
  coalesce(p.RequireSymbols, false) as passed,
  case
    when p._id is null then 'the account has no password policy'
    else 'the password policy does not ask for a symbol'
  end as reason
from aws_account a
left join aws_iam_password_policy p on p.account_id = a.account_id
