-- id: CloudFront.3
-- title: Distributions are reached over HTTPS only
-- severity: MEDIUM
-- of: aws_cloudfront_distribution
-- only_region: us-east-1
-- repair: set the viewer protocol policy of every cache behavior to https-only or redirect-to-https
--
-- The default cache behavior counts, and every other.
select
  _id,
  coalesce(DefaultCacheBehavior['ViewerProtocolPolicy'] in ('https-only', 'redirect-to-https'), false)
    and not coalesce(
      any_match(
        CacheBehaviors['Items'],
        b -> coalesce(b['ViewerProtocolPolicy'] not in ('https-only', 'redirect-to-https'), true)
      ),
      false
    ) as passed,
  'a cache behavior allows HTTP' as reason
from aws_cloudfront_distribution
