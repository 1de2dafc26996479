-- id: KMS.1
-- title: No policy lets decrypt with every key
-- severity: MEDIUM
-- of: aws_iam_policy
-- global: true
-- repair: name the keys in `Resource`
--
-- kms:Decrypt or kms:ReEncryptFrom on all keys lets read whatever any key of the account protects.
-- Only the version in force counts, conditions do not, and policies that are used as permissions boundaries grant nothing.
select
  _id,
  coalesce(PermissionsBoundaryUsageCount, 0) = 0 as applicable,
  not coalesce(
    any_match(
      PolicyVersionList,
      v -> v['IsDefaultVersion'] and policy_allows_on_all_resources(v['Document'], ['kms:Decrypt', 'kms:ReEncryptFrom'])
    ),
    false
  ) as passed,
  'the policy allows decryption with all keys' as reason
from aws_iam_policy
