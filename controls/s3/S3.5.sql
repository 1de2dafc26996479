-- id: S3.5
-- title: Bucket policies deny requests without TLS
-- severity: MEDIUM
-- of: aws_s3_bucket
-- repair: add a statement that denies every action to everyone where aws:SecureTransport is false
--
-- The policy must deny all of S3 to every principal, on all objects of the bucket, under the condition that
-- aws:SecureTransport is false and no other. A policy that is not a policy document is no answer.
with bucket as (
  select
    _id,
    policy,
    policy_statements(policy) as statements
  from aws_s3_bucket
)
select
  _id,
  case
    when policy is null then false
    when statements is null then null
    else coalesce(
      any_match(
        statements,
        s -> (s['Effect'] = 'Deny')
          and (json_get_text(s['Principal'], '@') = '*' or json_get_text(s['Principal'], 'AWS') = '*')
          and (array_has(s['Action'], 's3:*') or array_has(s['Action'], '*'))
          and any_match(s['Resource'], r -> (r = '*') or regexp_like(r, '^arn:[a-z-]+:s3:::([^/]*[*]|[^/]+/[*])$'))
          and (json_get_text(s['Condition'], 'length(keys(@))') = '1')
          and (json_get_text(s['Condition'], 'length(keys(Bool))') = '1')
          and (json_get_text(s['Condition'], 'Bool."aws:SecureTransport"') = 'false'
            or json_get_text(s['Condition'], 'Bool."aws:SecureTransport"[0]') = 'false')
      ),
      false
    )
  end as passed,
  case
    when policy is null then 'the bucket has no policy'
    when statements is null then 'the bucket policy is not a policy document'
    else 'no statement of the bucket policy denies requests without TLS'
  end as reason
from bucket
