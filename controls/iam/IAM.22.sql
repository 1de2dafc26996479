-- id: IAM.22
-- title: Credentials unused for 45 days are gone
-- severity: MEDIUM
-- of: aws_iam_user
-- also: aws_iam_access_key@account
-- global: true
-- repair: delete the password, and deactivate or delete the access keys, that nobody uses
--
-- A password counts from its last use, or from when it was made; an active access key likewise. A password whose
-- age nobody knows counts as unused.
with unused_key as (
  select account_id, UserName, count(*) as keys
  from aws_iam_access_key
  where Status = 'Active' and coalesce(last_used['LastUsedDate'], CreateDate) < now() - interval '45 days'
  group by account_id, UserName
)
select
  u._id,
  not coalesce(
    u.login_profile is not null
      and coalesce(u.password_last_used, u.login_profile['CreateDate']) < now() - interval '45 days',
    true
  ) and k.keys is null as passed,
  case when k.keys is null then 'the password' else 'an access key' end || ' was not used for 45 days' as reason
from aws_iam_user u
left join unused_key k on k.account_id = u.account_id and k.UserName = u.UserName
