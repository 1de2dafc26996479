# What became of the changes (dodai apply).

# Each line begins with one of these, in a column of its own: at most eight letters look best.
apply-failed = failed
apply-refused = refused
apply-not-run = not run
apply-already = already

## Why

# $number counts from 1. $why is what AWS says, with the call's name where $name is not given.
apply-call = call { $number }: { $why }
apply-call-named = call { $number } ({ $name }): { $why }
# $flags: options, each with why.
apply-waits = waits for { $flags }
apply-nothing-left = nothing is left to do for it
apply-different = no longer what the plan says
# $changes: the first few that ended alike.
apply-likewise = likewise { $changes }
apply-likewise-more = likewise { $changes } and { $more } more

## The question

apply-ask = Apply this? Only `yes` does it:

## The end

apply-done = Done: { $changes ->
    [one] 1 change
   *[other] { $changes } changes
} in { $rounds ->
    [one] 1 round
   *[other] { $rounds } rounds
}. Nothing is left to do.
apply-done-but-blocked = Done: { $changes ->
    [one] 1 change
   *[other] { $changes } changes
} in { $rounds ->
    [one] 1 round
   *[other] { $rounds } rounds
}. Nothing else is left to do, but some could not be planned (below).
apply-no-progress = { $changes ->
    [one] 1 change
   *[other] { $changes } changes
} done in { $rounds ->
    [one] 1 round
   *[other] { $rounds } rounds
}; left, as told above: { $left }.
apply-declined = Not applied. Done before: { $changes ->
    [one] 1 change
   *[other] { $changes } changes
}.
apply-unplanned = Done: { $changes ->
    [one] 1 change
   *[other] { $changes } changes
}; what is left could not be planned (below).
apply-stopped = Stopped: { $why }. Done: { $changes ->
    [one] 1 change
   *[other] { $changes } changes
}; run it again to go on.

## The end of a saved plan

apply-new = not run, because new since the plan was saved: { $changes ->
    [one] 1 change
   *[other] { $changes } changes
}
apply-file-done = Done: { $changes ->
    [one] 1 change
   *[other] { $changes } changes
}.
apply-file-due = Done: { $changes ->
    [one] 1 change
   *[other] { $changes } changes
}; due next, as `dodai plan` shows: { $left }.

## What is said on standard error

apply-took-over = took over the lock of { $owner } (run { $run }), which ended at { $time }
apply-stopping = stopping: calls in flight are finished and written down; once more ends it at once
apply-stopped-at-once = stopped; the lock ends by itself, and the next run looks what became of the calls in flight
