-- id: SNS.4
-- title: No topic is public
-- severity: CRITICAL
-- of: aws_sns_topic
-- repair: name the accounts or the organization in the access policy of the topic
--
-- No statement of the access policy may let in anyone.
--
-- What is public is said in `docs/policy-access.md`.
select
  _id,
  not coalesce(policy_is_public(attributes['Policy']), false) as passed,
  policy_public_because(attributes['Policy']) as reason
from aws_sns_topic
