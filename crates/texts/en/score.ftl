# An assessment (dodai assess), at a terminal and in Markdown. Severities and the verdicts of findings (HIGH, FAILED) are
# Security Hub's own words and stay as they are.

score-headline = Score of { $organization }: { $score }
# $before: percent, at the assessment before this one.
score-before = { $score }; it was { $before } %
score = { $percent } % ({ $passed } of { $counted } controls pass, { $failed } fail, { $unknown } unknown)
score-no-data = no data

# Below the list of accounts; of those that were judged now and at the assessment before. $profiles: the next sentence for each.
score-by-profile = judged both times, on average: { $profiles }; the whole passes a control only where every account does
score-profile = { $profile } { $percent } % (it was { $before } %)

## Parts of the report

score-accounts = Accounts
score-failed = Failed
score-unknown = Unknown: not everything could be read
score-not-read = Not read
score-exceptions = Exceptions
score-defects = Controls that are wrong themselves

## One control

score-reason-unknown = unknown: { $reason }
# $places: the first few.
score-more-places = { $places } … and { $more } more
# The directory may ask the feature for something else: a recorder with a role of its own, a shorter password.
score-repair-feature = { $repair } (the feature `{ $feature }` does it, unless its settings ask for something else)
# A place whose verdict was known before: $status is Security Hub's word.
score-last-known = { $place }, last known { $status }

## What changed

score-same = Nothing changed since the run { $run }.
score-changed = Changed since the run { $run }
score-newly-failed = newly failed
score-new-resource-failed = new and failed
score-last-known-failed = last known failed, now unknown
score-repaired = repaired
score-now-unknown = now unknown
score-now-known = now known
score-new-resource = new
score-gone = gone
score-not-seen = not seen

## The table in Markdown

score-column-control = control
score-column-severity = severity
score-column-status = status
score-column-failed = failed
score-column-unknown = unknown
score-column-title = title
score-status-passed = Passed
score-status-failed = Failed
score-status-unknown = Unknown
score-status-no-data = No data
score-status-disabled = Disabled

## Accounts that were left out

score-left-out = { $count ->
    [one] 1 account
   *[other] { $count } accounts
} left out: { $accounts }
# $accounts: the first few.
score-left-out-more = { $count ->
    [one] 1 account
   *[other] { $count } accounts
} left out: { $accounts } and { $more } more
score-not-created = not created yet
score-not-in-organization = its id is not in the organization
score-not-in-run = not in this run

## Notes on standard error

score-state-not-read = note: the state in S3 is not read on a replay: earlier runs are not compared with
