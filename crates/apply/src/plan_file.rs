//! Reading a saved plan. It comes from a file: nothing in it is believed, and nothing of it is executed; it
//! is compared with a plan made anew.

use dodai_baseline::{FORMAT, Plan};
use serde::Deserialize;

/// The longest plan file, in bytes: 1 GiB. A thousand accounts from nothing are a tenth of that.
pub const MOST_BYTES: u64 = 1 << 30;

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanFileError {
    #[error("the plan has {0} bytes, the limit is {MOST_BYTES} (plan a part of the organization at a time)")]
    TooLarge(u64),
    #[error("this is not a plan: {0} (give the file that `dodai plan -o` wrote)")]
    NotAPlan(String),
    #[error(
        "the plan has format {format}, made by version `{tool}`; this version reads format {FORMAT} (plan again, or use that version)"
    )]
    Format { format: u64, tool: String },
    #[error(
        "the plan is of the organization `{plan}`, this directory is of `{directory}` (apply it from its own directory)"
    )]
    Organization { plan: String, directory: String },
}

/// What can be told of a plan of any format.
#[derive(Deserialize)]
struct Head {
    format: u64,
    #[serde(default)]
    tool: String,
}

/// Reads a plan of `organization`, the directory's, from a file's text of at most [`MOST_BYTES`].
///
/// # Errors
/// What is too long, not a plan, of another format, or of another organization.
pub fn read_plan(bytes: &[u8], organization: &str) -> Result<Plan, PlanFileError> {
    within_limit(bytes.len() as u64)?;
    let plan: Plan = serde_json::from_slice(bytes).map_err(|error| not_this_format(bytes, &error))?;
    if plan.format != FORMAT {
        return Err(PlanFileError::Format { format: plan.format.into(), tool: plan.tool });
    }
    if plan.organization != organization {
        return Err(PlanFileError::Organization { plan: plan.organization, directory: organization.to_owned() });
    }
    Ok(plan)
}

fn within_limit(bytes: u64) -> Result<(), PlanFileError> {
    if bytes > MOST_BYTES { Err(PlanFileError::TooLarge(bytes)) } else { Ok(()) }
}

/// Why it is not a plan of this format: it may well be one of another.
fn not_this_format(bytes: &[u8], error: &serde_json::Error) -> PlanFileError {
    match serde_json::from_slice::<Head>(bytes) {
        Ok(head) if head.format != u64::from(FORMAT) => PlanFileError::Format { format: head.format, tool: head.tool },
        _ => PlanFileError::NotAPlan(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_plans_of_this_format_and_organization_are_read() {
        let plan = json!({
            "format": 1, "tool": "0.1.0", "organization": "o-1", "selection": {}, "changes": [], "skipped": [],
            "blocked": [], "due": [], "satisfied": 3,
        });
        let edited = |name: &str, value: serde_json::Value| {
            let mut plan = plan.clone();
            plan[name] = value;
            plan.to_string()
        };
        assert_eq!(read_plan(plan.to_string().as_bytes(), "o-1").unwrap().satisfied, 3);
        let cut = plan.to_string();
        for (text, expected) in [
            (edited("format", json!(2)), "the plan has format 2, made by version `0.1.0`"),
            (
                r#"{"format": 2, "tool": "9.0.0", "parts": []}"#.to_owned(),
                "the plan has format 2, made by version `9.0.0`",
            ),
            (edited("organization", json!("o-2")), "the plan is of the organization `o-2`"),
            (edited("changes", json!([{}])), "this is not a plan: missing field `id`"),
            (cut[..cut.len() - 5].to_owned(), "this is not a plan: EOF"),
            ("[".repeat(100_000), "this is not a plan"),
            (String::new(), "this is not a plan"),
        ] {
            let error = read_plan(text.as_bytes(), "o-1").unwrap_err().to_string();
            assert!(error.starts_with(expected) || error.contains(expected), "{error}");
        }
    }

    #[test]
    fn a_plan_has_a_length_at_most() {
        assert_eq!(within_limit(MOST_BYTES), Ok(()));
        assert_eq!(within_limit(MOST_BYTES + 1), Err(PlanFileError::TooLarge(MOST_BYTES + 1)));
    }
}
