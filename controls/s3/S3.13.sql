-- id: S3.13
-- title: Buckets have lifecycle rules
-- severity: LOW
-- of: aws_s3_bucket
-- repair: add a lifecycle rule that moves or removes objects
--
-- An enabled rule counts, whatever it does.
select
  _id,
  coalesce(any_match(lifecycle, r -> r['Status'] = 'Enabled'), false) as passed,
  'no lifecycle rule is enabled' as reason
from aws_s3_bucket
