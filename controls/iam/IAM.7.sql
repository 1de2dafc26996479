-- id: IAM.7
-- title: The password policy is strong
-- severity: MEDIUM
-- of: aws_account
-- also: aws_iam_password_policy@account
-- global: true
-- repair: set a password policy of 8 characters or more, with upper case, lower case, digit and symbol
-- feature: iam-password-policy
--
-- Security Hub's default parameters: length at least 8 and all four kinds of characters; neither age nor reuse. An
-- account without a policy has AWS's default one, which does not ask for all of it.
select
  a._id,
  coalesce(
    p.MinimumPasswordLength >= 8 and p.RequireUppercaseCharacters and p.RequireLowercaseCharacters
      and p.RequireNumbers and p.RequireSymbols,
    false
  ) as passed,
  case
    when p._id is null then 'the account has no password policy'
    else 'the password policy does not ask for 8 characters of all four kinds'
  end as reason
from aws_account a
left join aws_iam_password_policy p on p.account_id = a.account_id
