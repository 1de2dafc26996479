//! Reading a saved plan. It comes from a file: nothing in it is believed, and nothing of it is executed; it
//! is compared with a plan made anew.

use dodai_baseline::{FORMAT, Plan};
use serde::Deserialize;

/// 64 MB.
const MAX: usize = 64 << 20;

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanFileError {
    #[error("the plan has {0} bytes, the limit is {MAX} (plan a part of the organization at a time)")]
    TooLarge(usize),
    #[error("this is not a plan: {0} (give the file that `dodai plan --out` wrote)")]
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

/// Reads a plan of `organization`, the directory's.
pub fn read_plan(bytes: &[u8], organization: &str) -> Result<Plan, PlanFileError> {
    if bytes.len() > MAX {
        return Err(PlanFileError::TooLarge(bytes.len()));
    }
    let wrong = |why: serde_json::Error| PlanFileError::NotAPlan(why.to_string());
    let head: Head = serde_json::from_slice(bytes).map_err(wrong)?;
    if head.format != u64::from(FORMAT) {
        return Err(PlanFileError::Format { format: head.format, tool: head.tool });
    }
    let plan: Plan = serde_json::from_slice(bytes).map_err(wrong)?;
    if plan.organization != organization {
        return Err(PlanFileError::Organization { plan: plan.organization, directory: organization.to_owned() });
    }
    Ok(plan)
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
            (edited("organization", json!("o-2")), "the plan is of the organization `o-2`"),
            (edited("changes", json!([{}])), "this is not a plan: missing field `id`"),
            (cut[..cut.len() - 5].to_owned(), "this is not a plan: EOF"),
            ("[".repeat(100_000), "this is not a plan"),
            (String::new(), "this is not a plan"),
            (" ".repeat(MAX + 1), "the limit is 67108864"),
        ] {
            let error = read_plan(text.as_bytes(), "o-1").unwrap_err().to_string();
            assert!(error.starts_with(expected) || error.contains(expected), "{error}");
        }
    }
}
