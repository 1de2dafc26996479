-- id: KMS.4
-- title: Customer keys are rotated every year
-- severity: MEDIUM
-- of: aws_kms_key
-- repair: switch on automatic rotation of the key
-- feature: log-key
--
-- Only symmetric encryption keys whose material KMS made can be rotated automatically; others, AWS managed keys
-- and keys about to be deleted are not asked.
select
  _id,
  KeyManager = 'CUSTOMER' and KeySpec = 'SYMMETRIC_DEFAULT' and Origin = 'AWS_KMS'
    and KeyState not in ('PendingDeletion', 'PendingReplicaDeletion') as applicable,
  coalesce(rotation_enabled, false) as passed,
  'automatic rotation is off' as reason
from aws_kms_key
