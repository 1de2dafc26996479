-- id: KMS.3
-- title: No key is about to be deleted
-- severity: CRITICAL
-- of: aws_kms_key
-- repair: cancel the deletion, unless nothing is encrypted with the key any more
--
-- What a deleted key has encrypted cannot be read again. AWS managed keys cannot be deleted and are not asked.
select
  _id,
  KeyManager = 'CUSTOMER' as applicable,
  KeyState not in ('PendingDeletion', 'PendingReplicaDeletion') as passed,
  'the key is scheduled for deletion' as reason
from aws_kms_key
