-- id: RDS.2
-- title: Databases are not publicly accessible
-- severity: CRITICAL
-- of: aws_rds_db_instance
-- repair: switch public access of the instance off
--
-- A publicly accessible instance has an address on the internet; its security groups alone keep people out.
select
  _id,
  not coalesce(PubliclyAccessible, true) as passed,
  'the instance has a public address' as reason
from aws_rds_db_instance
