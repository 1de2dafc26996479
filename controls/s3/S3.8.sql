-- id: S3.8
-- title: Buckets block public access
-- severity: HIGH
-- of: aws_s3_bucket
-- repair: set the four switches of the bucket's public access block
--
-- The bucket's own block counts here; the account's is S3.1. A bucket without a block has all four switches off.
select
  _id,
  coalesce(
    public_access_block['BlockPublicAcls'] and public_access_block['IgnorePublicAcls']
      and public_access_block['BlockPublicPolicy'] and public_access_block['RestrictPublicBuckets'],
    false
  ) as passed,
  case
    when public_access_block is null then 'the bucket has no public access block'
    else 'not all four switches of the public access block are on'
  end as reason
from aws_s3_bucket
