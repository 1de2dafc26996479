-- id: IAM.6
-- title: The root user signs in with hardware MFA only
-- severity: CRITICAL
-- of: aws_account
-- also: aws_iam_account_summary@account, aws_iam_virtual_mfa_device@account
-- global: true
-- repair: register a hardware MFA device for the root user, and remove the virtual ones
--
-- Or the root user has no password: where root access is managed centrally, there is nothing to sign in with.
select
  a._id,
  (
    coalesce((s.SummaryMap['AccountPasswordPresent'] = 0), false)
    or (
      s.SummaryMap['AccountMFAEnabled'] = 1
      and (
        select count(*) from aws_iam_virtual_mfa_device m
        where m.account_id = a.account_id and m.User['Arn'] like 'arn:%:iam::%:root'
      ) = 0
    )
  ) as passed,
  case
    when s.SummaryMap['AccountMFAEnabled'] is null then 'the account summary does not say'
    when s.SummaryMap['AccountMFAEnabled'] = 0 then 'the root user has no MFA'
    else 'the root user has a virtual MFA device'
  end as reason
from aws_account a
left join aws_iam_account_summary s on s.account_id = a.account_id
