-- id: IAM.3
-- title: Access keys are at most 90 days old
-- severity: MEDIUM
-- of: aws_iam_user
-- global: true
-- repair: make a new key, use it, and delete the old one; better, use roles
--
-- Active keys count, whether they are used or not.
select
  _id,
  not coalesce(
    any_match(access_keys, k -> (k['Status'] = 'Active') and (k['CreateDate'] < now() - interval '90 days')),
    false
  ) as passed,
  'an active access key is older than 90 days' as reason
from aws_iam_user
