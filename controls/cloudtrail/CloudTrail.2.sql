-- id: CloudTrail.2
-- title: Trails encrypt their log files with a KMS key
-- severity: MEDIUM
-- of: aws_cloudtrail_trail
-- repair: give the trail a KMS key
-- feature: cloudtrail
--
-- With a key of one's own, whoever may read the bucket still needs the key to read the log files. A trail is
-- judged in its home Region, in the account that owns it; its copies elsewhere are not asked.
select
  _id,
  region = HomeRegion and TrailARN like concat('%:', account_id, ':trail/%') as applicable,
  KmsKeyId is not null as passed,
  'the trail encrypts its log files with no KMS key' as reason
from aws_cloudtrail_trail
