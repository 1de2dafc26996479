-- id: S3.2
-- title: No bucket is publicly readable
-- severity: CRITICAL
-- of: aws_s3_bucket
-- also: aws_s3_account_public_access_block@account
-- repair: block public access, or take the public statements and grants away
-- feature: s3-account-public-access-block
--
-- A bucket policy that lets everyone read counts unless public policies are restricted; a grant to everyone or to
-- every AWS user counts unless public access control lists are ignored. The bucket's block and the account's count
-- alike. As AWS's rule does (AWS Config: s3-bucket-public-read-prohibited), this looks into the policy:
-- S3's own status of it does not tell reading from writing.
--
-- What is public is said in `docs/policy-access.md`.
with bucket as (
  select
    b._id,
    coalesce(b.public_access_block['RestrictPublicBuckets'], false)
      or coalesce(a.RestrictPublicBuckets, false) as restricted,
    coalesce(b.public_access_block['IgnorePublicAcls'], false)
      or coalesce(a.IgnorePublicAcls, false) as ignored,
    array_filter(
      policy_external_principals(
        b.policy,
        [b.account_id],
        [
          's3:Describe*', 's3:Get*', 's3:List*', 's3:Select*'
        ]
      ),
      p -> p['Kind'] = 'everyone'
    ) as open,
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
  (restricted or coalesce(array_length(open), 0) = 0) and (ignored or not public_acl) as passed,
  case
    when not restricted and coalesce(array_length(open), 0) > 0
      then open[1]['Statement'] || ' of the bucket policy lets everyone read'
    else 'the access control list lets everyone read'
  end as reason
from bucket
