//! What is worth asking again, when, and for how long. AWS's own retry strategies count attempts; organizations of
//! hundreds of accounts are throttled for minutes, so a deadline decides here.

use std::time::Duration;

use dodai_models::Operation;

use crate::settings::Deadlines;

/// Why a request has no good answer, as far as asking again goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// AWS refused to look at it: always safe to repeat.
    Throttled,
    /// It never left: always safe to repeat.
    NotSent,
    /// AWS failed or fell silent, and may have done what was asked.
    Unclear,
    /// The answer would be the same.
    Settled,
}

/// Whether a call may be sent again though AWS may have done it already: it only reads, it carries an idempotency
/// token, or it says what shall be (`Put…`, `Update…`, `Set…`, `Tag…`) rather than what to make or to take away.
pub(crate) fn repeatable(name: &str, operation: &Operation) -> bool {
    const SAFE: &[&str] = &[
        "BatchGet",
        "Check",
        "Decode",
        "Describe",
        "Discover",
        "Estimate",
        "Get",
        "Head",
        "List",
        "Lookup",
        "Preview",
        "Put",
        "Query",
        "Scan",
        "Search",
        "Select",
        "Set",
        "Simulate",
        "TagResource",
        "UntagResource",
        "Update",
        "Validate",
        "View",
        "AssumeRole",
    ];
    // Calls whose names begin as harmless ones do.
    const NOT_SAFE: &[&str] = &["PutEvents", "PutRecord", "PutLogEvents", "UpdateStackSet", "GetQueueAttributesBatch"];
    operation.idempotency_token.is_some()
        || matches!(operation.method.as_str(), "GET" | "HEAD")
        || (SAFE.iter().any(|start| begins(name, start)) && !NOT_SAFE.iter().any(|start| begins(name, start)))
}

/// `Get` begins `GetUser`, not `Getaway`.
fn begins(name: &str, start: &str) -> bool {
    name.strip_prefix(start).is_some_and(|rest| !rest.starts_with(|letter: char| letter.is_ascii_lowercase()))
}

const FIRST_DELAY: Duration = Duration::from_millis(500);
const LONGEST_DELAY: Duration = Duration::from_secs(20);
/// Longer than this no service's `Retry-After` is honoured.
const LONGEST_REQUEST: Duration = Duration::from_mins(1);

/// How long such trouble is met with another try; none where it is not worth it.
pub(crate) fn deadline(trouble: Trouble, repeatable: bool, deadlines: &Deadlines) -> Option<Duration> {
    match trouble {
        Trouble::Throttled => Some(deadlines.throttled),
        Trouble::NotSent => Some(deadlines.fault),
        Trouble::Unclear if repeatable => Some(deadlines.fault),
        Trouble::Unclear | Trouble::Settled => None,
    }
}

/// How long to wait before sending again; none when it is not worth it or the deadline would pass. `chance` is in 0..1,
/// `since` counts from the first sending, `after` is what AWS asked for.
pub(crate) fn delay(
    trouble: Trouble,
    repeatable: bool,
    retries: u32,
    since: Duration,
    after: Option<Duration>,
    deadlines: &Deadlines,
    chance: f64,
) -> Option<Duration> {
    let deadline = deadline(trouble, repeatable, deadlines)?;
    let ceiling = FIRST_DELAY.saturating_mul(2_u32.saturating_pow(retries.min(16))).min(LONGEST_DELAY);
    // Half fixed, half chance: a crowd that was refused together does not come back together.
    let wait = ceiling.mul_f64(0.5 + 0.5 * chance.clamp(0.0, 1.0));
    let wait = wait.max(after.unwrap_or_default().min(LONGEST_REQUEST));
    (since + wait <= deadline).then_some(wait)
}

#[cfg(test)]
mod tests {
    use dodai_models::Models;

    use super::Trouble::{NotSent, Settled, Throttled, Unclear};
    use super::*;

    #[test]
    fn what_may_have_happened_is_repeated_only_where_it_does_no_harm() {
        for (service, operation, expected) in [
            ("guardduty", "ListDetectors", true),
            ("guardduty", "CreateDetector", true),
            ("organizations", "CreateAccount", false),
            ("organizations", "DescribeAccount", true),
            ("organizations", "AttachPolicy", false),
            ("kms", "CreateKey", false),
            ("kms", "ScheduleKeyDeletion", false),
            ("s3", "PutBucketPolicy", true),
            ("s3", "DeleteBucketPolicy", false),
            ("ec2", "CreateVpc", false),
            ("iam", "UpdateAccountPasswordPolicy", true),
            ("events", "PutEvents", false),
            ("sts", "AssumeRole", true),
        ] {
            let model = Models::embedded().service(service).unwrap();
            assert_eq!(repeatable(operation, model.operation(operation).unwrap()), expected, "{service}.{operation}");
        }
    }

    #[test]
    fn delays_grow_to_a_ceiling_and_end_at_the_deadline() {
        let deadlines = Deadlines::default();
        let seconds = |trouble, repeatable, retries, since, after: Option<u64>| {
            delay(
                trouble,
                repeatable,
                retries,
                Duration::from_secs(since),
                after.map(Duration::from_secs),
                &deadlines,
                1.0,
            )
            .map(|delay| delay.as_secs_f64())
        };
        for (trouble, repeatable, retries, since, after, expected) in [
            (Throttled, false, 0, 0, None, Some(0.5)),
            (Throttled, false, 3, 0, None, Some(4.0)),
            (Throttled, false, 40, 200, None, Some(20.0)),
            (Throttled, false, 40, 281, None, None),
            (Throttled, false, 0, 0, Some(7), Some(7.0)),
            (Throttled, false, 0, 0, Some(86_400), Some(60.0)),
            (Unclear, true, 1, 0, None, Some(1.0)),
            (Unclear, true, 1, 60, None, None),
            (Unclear, false, 0, 0, None, None),
            (NotSent, false, 0, 0, None, Some(0.5)),
            (Settled, true, 0, 0, None, None),
        ] {
            assert_eq!(seconds(trouble, repeatable, retries, since, after), expected, "{trouble:?} {retries} {since}");
        }
    }
}
