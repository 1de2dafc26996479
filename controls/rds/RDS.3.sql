-- id: RDS.3
-- title: Databases are encrypted
-- severity: MEDIUM
-- of: aws_rds_db_instance
-- repair: restore an encrypted copy of a snapshot, and use that instance instead
--
-- An instance cannot be encrypted afterwards.
select
  _id,
  coalesce(StorageEncrypted, false) as passed,
  'the storage is not encrypted' as reason
from aws_rds_db_instance
