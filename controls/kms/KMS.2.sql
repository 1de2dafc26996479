-- id: KMS.2
-- title: No inline policy lets decrypt with every key
-- severity: MEDIUM
-- of: aws_account
-- also: aws_iam_group@account, aws_iam_role@account, aws_iam_user@account
-- proof: fail
-- global: true
-- repair: name the keys in `Resource` of the inline policies of users, groups and roles
--
-- kms:Decrypt or kms:ReEncryptFrom on all keys lets read whatever any key of the account protects. An account has one
-- finding, which names the first user, group or role; conditions do not count, and managed policies are KMS.1's.
with granting as (
  select account_id, 'the group `' || GroupName || '`' as name
  from aws_iam_group
  where any_match(
    GroupPolicyList, p -> policy_allows_on_all_resources(p['PolicyDocument'], ['kms:Decrypt', 'kms:ReEncryptFrom'])
  )
  union all
  select account_id, 'the role `' || RoleName || '`' as name
  from aws_iam_role
  where any_match(
    RolePolicyList, p -> policy_allows_on_all_resources(p['PolicyDocument'], ['kms:Decrypt', 'kms:ReEncryptFrom'])
  )
  union all
  select account_id, 'the user `' || UserName || '`' as name
  from aws_iam_user
  where any_match(
    UserPolicyList, p -> policy_allows_on_all_resources(p['PolicyDocument'], ['kms:Decrypt', 'kms:ReEncryptFrom'])
  )
),
together as (
  select account_id, min(name) as name, count(*) - 1 as others
  from granting
  group by account_id
)
select
  a._id,
  t.name is null as passed,
  'an inline policy of ' || t.name || case when t.others > 0 then ' and of ' || t.others || ' more' else '' end
    || ' allows decryption with all keys' as reason
from aws_account a
left join together t on t.account_id = a.account_id
