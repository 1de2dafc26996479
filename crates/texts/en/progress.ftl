# How far a long operation is, on standard error.

progress-organization = reading the organization
progress-accounts = reading { $accounts ->
    [one] 1 account
   *[other] { $accounts } accounts
}
progress-tables = reading { $tables ->
    [one] 1 table
   *[other] { $tables } tables
} in { $accounts ->
    [one] 1 account
   *[other] { $accounts } accounts
}

progress-changes = applying { $changes ->
    [one] 1 change
   *[other] { $changes } changes
}

## One line, drawn again and again: some of these with commas between them

progress-cells-done = { $done } of { $all } cells
progress-accounts-done = { $done } of { $all } accounts
progress-changes-done = { $done } of { $all } changes
progress-changes-failed = { $done } of { $all } changes ({ $failed } failed)
progress-calls = { $calls ->
    [one] 1 call
   *[other] { $calls } calls
}
progress-throttled = { $count } throttled
progress-left = about { $seconds } s left

## At the end

progress-done = { $calls ->
    [one] 1 call
   *[other] { $calls } calls
} in { $seconds } s, { $throttled } throttled
