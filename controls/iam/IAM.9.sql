-- id: IAM.9
-- title: The root user has MFA
-- severity: CRITICAL
-- of: aws_account
-- also: aws_iam_account_summary@account
-- global: true
-- repair: register an MFA device for the root user
--
-- Or the root user has no password: where root access is managed centrally, there is nothing to sign in with.
select
  a._id,
  coalesce((s.SummaryMap['AccountPasswordPresent'] = 0), false) or s.SummaryMap['AccountMFAEnabled'] = 1 as passed,
  case
    when s.SummaryMap['AccountMFAEnabled'] is null then 'the account summary does not say'
    else 'the root user has no MFA'
  end as reason
from aws_account a
left join aws_iam_account_summary s on s.account_id = a.account_id
