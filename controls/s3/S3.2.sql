-- id: S3.2
-- title: No bucket is publicly readable
-- severity: CRITICAL
-- of: aws_s3_bucket
-- also: aws_s3_account_public_access_block@account
-- repair: block public access, or take the public statements and grants away
-- feature: s3-account-public-access-block
--
-- A bucket policy that S3 calls public counts unless public policies are restricted; a grant to everyone or to
-- every AWS user counts unless public access control lists are ignored. The bucket's block and the account's count
-- alike. S3 does not say whether a public policy lets people read or write: a public policy fails both.
with bucket as (
  select
    b._id,
    coalesce(b.public_access_block['RestrictPublicBuckets'], false)
      or coalesce(a.RestrictPublicBuckets, false) as restricted,
    coalesce(b.public_access_block['IgnorePublicAcls'], false)
      or coalesce(a.IgnorePublicAcls, false) as ignored,
    coalesce(b.policy_status['IsPublic'], false) as public_policy,
    coalesce(
      any_match(
        b.acl['Grants'],
        g -> (g['Permission'] in ('READ', 'FULL_CONTROL')) and (g['Grantee']['URI'] in (
          'http://acs.amazonaws.com/groups/global/AllUsers',
          'http://acs.amazonaws.com/groups/global/AuthenticatedUsers'
        ))
      ),
      false
    ) as public_acl
  from aws_s3_bucket b
  left join aws_s3_account_public_access_block a on a.account_id = b.account_id
)
select
  _id,
  (restricted or not public_policy) and (ignored or not public_acl) as passed,
  case
    when public_policy and not restricted then 'the bucket policy is public'
    else 'the access control list lets everyone read'
  end as reason
from bucket
