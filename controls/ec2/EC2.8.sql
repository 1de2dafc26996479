-- id: EC2.8
-- title: Instances demand tokens of their metadata service (IMDSv2)
-- severity: HIGH
-- of: aws_ec2_instance
-- repair: set HttpTokens of the instance's metadata options to required
--
-- An instance whose metadata service is off gives nothing away. Terminated instances are not asked.
select
  _id,
  State['Name'] not in ('terminated', 'shutting-down') as applicable,
  coalesce(
    (MetadataOptions['HttpTokens'] = 'required') or (MetadataOptions['HttpEndpoint'] = 'disabled'),
    false
  ) as passed,
  'the metadata service answers requests without a token' as reason
from aws_ec2_instance
