-- id: Config.1
-- title: AWS Config records everything, with its service-linked role
-- severity: CRITICAL
-- of: aws_account_region
-- also: aws_config_recorder@cell
-- repair: set the recorder to all supported types and the service-linked role, and start it
-- feature: config
--
-- Security Hub asks that the types are recorded that its enabled controls need. Here a recorder must record every
-- supported type: a list that happens to be enough today is not taken. Global types need not be among them. Where the
-- directory gives `role_arn` or `types` to the feature `config`, the recorder keeps to them and fails here: an
-- exception says why that is so.
with recorder as (
  select
    account_id,
    region,
    coalesce(status['recording'], false) as recording,
    coalesce(roleARN like '%:role/aws-service-role/config.amazonaws.com/%', false) as linked,
    coalesce(recordingGroup['allSupported'], false) as everything
  from aws_config_recorder
), recorders as (
  select
    account_id,
    region,
    bool_or(recording) as recording,
    bool_or(recording and linked) as linked,
    bool_or(recording and linked and everything) as everything
  from recorder
  group by account_id, region
)
select
  r._id,
  coalesce(c.everything, false) as passed,
  case
    when c.account_id is null then 'there is no configuration recorder'
    when not c.recording then 'the configuration recorder is stopped'
    when not c.linked then 'the configuration recorder does not use the service-linked role'
    else 'the configuration recorder does not record every supported type'
  end as reason
from aws_account_region r
left join recorders c on c.account_id = r.account_id and c.region = r.region
