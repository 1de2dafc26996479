-- id: S3.5
-- title: Bucket policies deny requests without TLS
-- severity: MEDIUM
-- of: aws_s3_bucket
-- repair: add a statement that denies every action to everyone where aws:SecureTransport is false
--
-- The policy must deny all of S3 to every principal, on all objects of the bucket, under the condition that
-- aws:SecureTransport is false and no other.
select
  _id,
  policy is not null and policy_denies_without_tls(policy) as passed,
  case
    when policy is null then 'the bucket has no policy'
    else 'no statement of the bucket policy denies requests without TLS'
  end as reason
from aws_s3_bucket
