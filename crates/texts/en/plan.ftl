# What would change (dodai plan), at a terminal, in Markdown and in the comments of a script.

plan-nothing = No changes: { $organization } is as described.
plan-nothing-where-read = No changes: { $organization } is as described where it could be read.
# $parts: one to three of the next three, with commas between them.
plan-headline =
    Plan for { $organization }: { $changes ->
        [one] 1 change
       *[other] { $changes } changes
    } in { $accounts ->
        [one] 1 account
       *[other] { $accounts } accounts
    } ({ $parts }; { $calls ->
        [one] 1 API call
       *[other] { $calls } API calls
    })
plan-to-create = { $count } to create
plan-to-update = { $count } to update
plan-to-delete = { $count } to delete

## Parts of the plan

plan-dangers = Named on their own, each waits for its flag
plan-skipped = Left alone
plan-blocked = Not planned, because something is unknown or in the way
plan-due = Due in the next round
# In a script there are no rounds.
plan-due-after-script = Due when this is done
# $features: those that wait for the one named before.
plan-waiting = and what needs it: { $features }

## Names and values

# $names: the first few.
plan-many = { $count } in all: { $names } …
plan-value-none = none
plan-value-on = on
plan-value-off = off
# $start: as much of the value as is shown.
plan-value-long = { $start }… ({ $length } characters)

## The table in Markdown

plan-column-feature = feature
plan-column-change = change
plan-column-where = where
plan-column-settings = settings
plan-create = create
plan-update = update
plan-delete = delete
plan-accounts = { $count ->
    [one] 1 account
   *[other] { $count } accounts
}
plan-changes = { $count ->
    [one] 1 change
   *[other] { $count } changes
}
plan-places = { $count ->
    [one] 1 place
   *[other] { $count } places
}

## The script

# What may lock out, cannot be undone or loses something stands after it.
plan-script-danger = mind: { $why }
# $command: looks whether it is there already.
plan-script-once = makes something new each time: look with `{ $command }` before you run it again

## What is said when it is saved

# $command: dodai apply, with the file's name.
plan-saved = saved to { $path }; carry it out with: { $command }
