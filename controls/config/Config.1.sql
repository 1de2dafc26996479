-- id: Config.1
-- title: AWS Config records everything, with its service-linked role or the directory's
-- severity: CRITICAL
-- of: aws_account_region
-- also: aws_config_recorder@cell
-- repair: record all supported types with the service-linked role (or name its role in `config.role_arn`), and start it
-- feature: config
--
-- Security Hub asks that the types are recorded that its enabled controls need. Here a recorder must record every
-- supported type: a list that happens to be enough today is not taken. Global types need not be among them. Where the
-- directory gives `types` to the feature `config`, the recorder keeps to them and fails here: an exception says why
-- that is so.
--
-- Security Hub's parameter `includeConfigServiceLinkedRoleCheck` follows from the directory: where it gives a `role_arn`
-- to the feature `config`, that role counts as the service-linked one does, and any other role fails. In Security Hub
-- itself the feature `security-hub` switches the check of the role off there.
with recorder as (
  select
    c.account_id,
    c.region,
    coalesce(c.status['recording'], false) as recording,
    coalesce(
      c.roleARN like '%:role/aws-service-role/config.amazonaws.com/%' or c.roleARN = r.config_role,
      false
    ) as meant,
    coalesce(c.recordingGroup['allSupported'], false) as everything
  from aws_config_recorder c
  left join aws_account_region r on r.account_id = c.account_id and r.region = c.region
), recorders as (
  select
    account_id,
    region,
    bool_or(recording) as recording,
    bool_or(recording and meant) as meant,
    bool_or(recording and meant and everything) as everything
  from recorder
  group by account_id, region
)
select
  r._id,
  coalesce(c.everything, false) as passed,
  case
    when c.account_id is null then 'there is no configuration recorder'
    when not c.recording then 'the configuration recorder is stopped'
    when not c.meant and r.config_role is not null
      then 'the configuration recorder uses neither the service-linked role nor `' || r.config_role || '`'
    when not c.meant then 'the configuration recorder does not use the service-linked role'
    else 'the configuration recorder does not record every supported type'
  end as reason
from aws_account_region r
left join recorders c on c.account_id = r.account_id and c.region = r.region
