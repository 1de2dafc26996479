-- id: CloudTrail.1
-- title: A trail of all Regions records management events, read and write
-- severity: HIGH
-- of: aws_account
-- also: aws_cloudtrail_trail@account
-- proof: pass
-- repair: make a multi-Region trail that logs all management events, and start it
-- feature: cloudtrail
--
-- The account's own trail or one of its organization, as long as it is logging. Both event selectors (read and
-- write, management events included) and advanced ones (category Management, narrowed by nothing else) count.
with trail as (
  select
    account_id,
    bool_or(
      coalesce(IsMultiRegionTrail and status['IsLogging'], false)
        and (
          coalesce(
            any_match(
              event_selectors['EventSelectors'],
              s -> (s['ReadWriteType'] = 'All') and coalesce(s['IncludeManagementEvents'], false)
            ),
            false
          )
          or coalesce(
            any_match(
              event_selectors['AdvancedEventSelectors'],
              s -> (array_length(s['FieldSelectors']) = 1)
                and coalesce(
                  any_match(
                    s['FieldSelectors'],
                    f -> (f['Field'] = 'eventCategory') and array_has(f['Equals'], 'Management')
                  ),
                  false
                )
            ),
            false
          )
        )
    ) as complete
  from aws_cloudtrail_trail
  group by account_id
)
select
  a._id,
  coalesce(t.complete, false) as passed,
  case
    when t.account_id is null then 'the account has no trail'
    else 'no trail of all Regions is logging all management events'
  end as reason
from aws_account a
left join trail t on t.account_id = a.account_id
