-- id: KMS.5
-- title: No key is public
-- severity: CRITICAL
-- of: aws_kms_key
-- repair: name the accounts or the organization in the key policy
--
-- No statement of the key policy may let in anyone.
--
-- What is public is said in `docs/policy-access.md`.
select
  _id,
  not coalesce(policy_is_public(policy), false) as passed,
  policy_public_because(policy) as reason
from aws_kms_key
