-- id: KMS.2
-- title: No inline policy lets decrypt with every key
-- severity: MEDIUM
-- of: aws_iam_group, aws_iam_role, aws_iam_user
-- global: true
-- repair: name the keys in `Resource` of the inline policy
--
-- kms:Decrypt or kms:ReEncryptFrom on all keys lets read whatever any key of the account protects. Each group, role and
-- user has a finding; conditions do not count, and managed policies are KMS.1's.
select
  _id,
  not coalesce(
    any_match(
      GroupPolicyList,
      p -> policy_allows_on_all_resources(p['PolicyDocument'], ['kms:Decrypt', 'kms:ReEncryptFrom'])
    ),
    false
  ) as passed,
  'an inline policy of the group allows decryption with all keys' as reason
from aws_iam_group
union all
select
  _id,
  not coalesce(
    any_match(
      RolePolicyList,
      p -> policy_allows_on_all_resources(p['PolicyDocument'], ['kms:Decrypt', 'kms:ReEncryptFrom'])
    ),
    false
  ) as passed,
  'an inline policy of the role allows decryption with all keys' as reason
from aws_iam_role
union all
select
  _id,
  not coalesce(
    any_match(
      UserPolicyList,
      p -> policy_allows_on_all_resources(p['PolicyDocument'], ['kms:Decrypt', 'kms:ReEncryptFrom'])
    ),
    false
  ) as passed,
  'an inline policy of the user allows decryption with all keys' as reason
from aws_iam_user
