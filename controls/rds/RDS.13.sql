-- id: RDS.13
-- title: Databases take minor upgrades by themselves
-- severity: HIGH
-- of: aws_rds_db_instance
-- repair: switch on automatic minor version upgrades
--
-- Minor versions bring the fixes of security defects.
select
  _id,
  coalesce(AutoMinorVersionUpgrade, false) as passed,
  'automatic minor version upgrades are off' as reason
from aws_rds_db_instance
