-- id: CloudTrail.6
-- title: No trail's bucket is public
-- severity: CRITICAL
-- of: aws_s3_bucket
-- also: aws_cloudtrail_trail@account, aws_s3_account_public_access_block@account
-- proof: pass
-- repair: block public access to the bucket, and take the public statements and grants away
--
-- Log files tell an attacker who does what in the account. A bucket is asked where a trail of its account, or one of the
-- organization, delivers into it; a bucket of another account is judged there. It fails where its policy is public unless
-- public policies are restricted, or a grant is to everyone or every AWS user unless public access control lists are
-- ignored. The bucket's block and the account's count alike.
--
-- What is public is said in `docs/policy-access.md`.
with trail as (
  select distinct account_id, S3BucketName
  from aws_cloudtrail_trail
),
bucket as (
  select
    b._id,
    t.S3BucketName is not null as applicable,
    coalesce(policy_is_public(b.policy), false)
      and not coalesce(b.public_access_block['RestrictPublicBuckets'], false)
      and not coalesce(a.RestrictPublicBuckets, false) as public_policy,
    coalesce(
      any_match(
        b.acl['Grants'],
        g -> g['Grantee']['URI'] in (
          'http://acs.amazonaws.com/groups/global/AllUsers',
          'http://acs.amazonaws.com/groups/global/AuthenticatedUsers'
        )
      ),
      false
    )
      and not coalesce(b.public_access_block['IgnorePublicAcls'], false)
      and not coalesce(a.IgnorePublicAcls, false) as public_acl,
    policy_public_because(b.policy) as because
  from aws_s3_bucket b
  left join aws_s3_account_public_access_block a on a.account_id = b.account_id
  left join trail t on t.account_id = b.account_id and t.S3BucketName = b.Name
)
select
  _id,
  applicable,
  not public_policy and not public_acl as passed,
  case when public_policy then because else 'the access control list lets in everyone' end as reason
from bucket
