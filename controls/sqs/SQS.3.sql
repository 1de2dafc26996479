-- id: SQS.3
-- title: No queue is public
-- severity: CRITICAL
-- of: aws_sqs_queue
-- repair: name the accounts or the organization in the access policy of the queue
--
-- No statement of the access policy may let in anyone. A queue without a policy is its account's alone.
--
-- What is public is said in `docs/policy-access.md`.
select
  _id,
  not coalesce(policy_is_public(attributes['Policy']), false) as passed,
  policy_public_because(attributes['Policy']) as reason
from aws_sqs_queue
