-- id: IAM.4
-- title: The root user has no access keys
-- severity: CRITICAL
-- of: aws_account
-- also: aws_iam_account_summary@account
-- global: true
-- repair: delete the root user's access keys
--
-- A key of the root user may do everything, and no policy of the account limits it.
select
  a._id,
  s.SummaryMap['AccountAccessKeysPresent'] = 0 as passed,
  case
    when s.SummaryMap['AccountAccessKeysPresent'] is null then 'the account summary does not say'
    else 'the root user has access keys'
  end as reason
from aws_account a
left join aws_iam_account_summary s on s.account_id = a.account_id
