-- id: S3.6
-- title: Bucket policies let no other account change permissions
-- severity: HIGH
-- of: aws_s3_bucket
-- repair: take these actions away from principals of other accounts
--
-- Principals of other accounts may not delete or put the bucket's policy, its access control list or its encryption, nor
-- the access control lists of objects. AWS services do not count.
with bucket as (
  select
    _id,
    array_filter(
      policy_external_principals(
        policy,
        [account_id],
        [
          's3:DeleteBucketPolicy', 's3:PutBucketAcl', 's3:PutBucketPolicy', 's3:PutEncryptionConfiguration',
          's3:PutObjectAcl'
        ]
      ),
      p -> p['Kind'] <> 'service'
    ) as others
  from aws_s3_bucket
)
select
  _id,
  coalesce(array_length(others), 0) = 0 as passed,
  others[1]['Statement'] || ' lets `' || others[1]['Principal'] || '` change permissions' as reason
from bucket
