-- id: S3.17
-- title: Buckets encrypt with KMS keys
-- severity: MEDIUM
-- of: aws_s3_bucket
-- repair: set the bucket's default encryption to SSE-KMS or DSSE-KMS
--
-- The default encryption counts: what new objects get that name no encryption of their own. The AWS managed key of S3
-- counts as well. Amazon S3's own keys (SSE-S3), which every bucket has otherwise, do not.
select
  _id,
  coalesce(
    any_match(
      encryption['Rules'],
      r -> r['ApplyServerSideEncryptionByDefault']['SSEAlgorithm'] in ('aws:kms', 'aws:kms:dsse')
    ),
    false
  ) as passed,
  'the default encryption uses no KMS key' as reason
from aws_s3_bucket
