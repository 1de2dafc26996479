-- id: S3.9
-- title: Buckets log the requests made to them
-- severity: MEDIUM
-- of: aws_s3_bucket
-- repair: switch on server access logging to a log bucket
--
-- Access logs say who asked for which object, also where no trail records data events.
select
  _id,
  logging is not null as passed,
  'server access logging is off' as reason
from aws_s3_bucket
