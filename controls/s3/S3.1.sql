-- id: S3.1
-- title: The account blocks public access to its buckets
-- severity: MEDIUM
-- of: aws_account
-- also: aws_s3_account_public_access_block@account
-- repair: set the four switches of the account's public access block
-- feature: s3-account-public-access-block
--
-- With all four switches on, no policy and no access control list of any bucket of the account makes it public,
-- whatever the bucket's own block says. An account without a block has all four off.
select
  a._id,
  coalesce(
    b.BlockPublicAcls and b.IgnorePublicAcls and b.BlockPublicPolicy and b.RestrictPublicBuckets,
    false
  ) as passed,
  case
    when b._id is null then 'the account has no public access block'
    else 'not all four switches of the public access block are on'
  end as reason
from aws_account a
left join aws_s3_account_public_access_block b on b.account_id = a.account_id
