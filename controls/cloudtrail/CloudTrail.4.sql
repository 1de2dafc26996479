-- id: CloudTrail.4
-- title: Trails validate the integrity of their log files
-- severity: LOW
-- of: aws_cloudtrail_trail
-- repair: switch on log file validation of the trail
-- feature: cloudtrail
--
-- CloudTrail then signs a digest of the files every hour, which shows a file that was changed or deleted. A trail
-- is judged in its home Region, in the account that owns it; its copies elsewhere are not asked.
select
  _id,
  region = HomeRegion and TrailARN like concat('%:', account_id, ':trail/%') as applicable,
  coalesce(LogFileValidationEnabled, false) as passed,
  'log file validation is off' as reason
from aws_cloudtrail_trail
