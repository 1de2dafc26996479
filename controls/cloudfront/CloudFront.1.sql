-- id: CloudFront.1
-- title: Distributions of S3 buckets have a default root object
-- severity: HIGH
-- of: aws_cloudfront_distribution
-- only_region: us-east-1
-- repair: name a default root object, such as index.html
--
-- Without one, a request for the root of the distribution can list the bucket. Distributions without an S3 origin
-- are not asked.
select
  _id,
  coalesce(any_match(Origins['Items'], o -> o['S3OriginConfig'] is not null), false) as applicable,
  coalesce(default_root_object <> '', false) as passed,
  'there is no default root object' as reason
from aws_cloudfront_distribution
