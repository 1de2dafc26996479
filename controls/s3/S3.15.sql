-- id: S3.15
-- title: Buckets have Object Lock
-- severity: MEDIUM
-- of: aws_s3_bucket
-- repair: switch on Object Lock, which cannot be switched off again; it needs versioning
--
-- A bucket passes with Object Lock on, with or without a default retention, of either mode: Security Hub's control asks
-- for a mode only where its parameter names one.
select
  _id,
  coalesce(object_lock['ObjectLockEnabled'] = 'Enabled', false) as passed,
  'Object Lock is off' as reason
from aws_s3_bucket
