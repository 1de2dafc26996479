-- id: IAM.10
-- title: The password policy is as PCI DSS 3.2.1 asks
-- severity: MEDIUM
-- of: aws_account
-- also: aws_iam_password_policy@account
-- global: true
-- repair: set a password policy of 7 characters or more, with upper case, lower case and digit, 4 passwords remembered, 90 days
-- feature: iam-password-policy
--
-- Length at least 7, upper case, lower case and digits, at least the last 4 passwords refused, expiry within 90 days;
-- symbols are not asked for. An account without a policy has AWS's default one, which does not ask for all of it.
select
  a._id,
  coalesce(
    p.MinimumPasswordLength >= 7 and p.RequireUppercaseCharacters and p.RequireLowercaseCharacters and p.RequireNumbers
      and p.PasswordReusePrevention >= 4 and p.MaxPasswordAge between 1 and 90,
    false
  ) as passed,
  case
    when p._id is null then 'the account has no password policy'
    else 'the password policy does not ask for 7 characters of three kinds, 4 passwords remembered and 90 days'
  end as reason
from aws_account a
left join aws_iam_password_policy p on p.account_id = a.account_id
