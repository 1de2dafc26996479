-- id: Lambda.1
-- title: No function is public
-- severity: CRITICAL
-- of: aws_lambda_function
-- repair: name accounts in the resource-based policy of the function, and aws:SourceAccount where Amazon S3 invokes it
--
-- No statement of the resource-based policy may let in anyone, and none may let in Amazon S3 without saying for whose
-- bucket: anyone can have S3 send events of a bucket of their own. A function without a policy is its account's alone.
--
-- What is public is said in `docs/policy-access.md`.
select
  _id,
  not coalesce(policy_is_public(policy), false)
    and not coalesce(array_has(policy_unguarded_services(policy), 's3.amazonaws.com'), false) as passed,
  coalesce(
    policy_public_because(policy),
    'Amazon S3 may invoke the function for any bucket of any account'
  ) as reason
from aws_lambda_function
