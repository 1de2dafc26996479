-- id: CloudTrail.5
-- title: Trails deliver to a CloudWatch Logs group
-- severity: MEDIUM
-- of: aws_cloudtrail_trail
-- repair: give the trail a log group and a role that writes to it
-- feature: cloudtrail
--
-- Metric filters and alarms work on the log group. A trail is judged in its home Region, in the account that owns
-- it; its copies elsewhere are not asked.
select
  _id,
  region = HomeRegion and TrailARN like concat('%:', account_id, ':trail/%') as applicable,
  CloudWatchLogsLogGroupArn is not null as passed,
  'the trail delivers to no CloudWatch Logs group' as reason
from aws_cloudtrail_trail
