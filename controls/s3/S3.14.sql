-- id: S3.14
-- title: Buckets keep versions of their objects
-- severity: LOW
-- of: aws_s3_bucket
-- repair: switch on versioning of the bucket
--
-- With versions an object that was overwritten or deleted can be had again. Versioning that is suspended does not count.
select
  _id,
  coalesce(versioning['Status'] = 'Enabled', false) as passed,
  case
    when versioning['Status'] = 'Suspended' then 'versioning is suspended'
    else 'versioning was never switched on'
  end as reason
from aws_s3_bucket
