//! Accounts are created in the background. Follows "CreateAccount" and "CreateAccountStatus" of the AWS Organizations
//! API Reference: `IN_PROGRESS` for some reads, then `SUCCEEDED`, or `FAILED` with `EMAIL_ALREADY_EXISTS`. Five at a
//! time ("Quotas for AWS Organizations"); the account and its role exist only after success.

use std::time::Instant;

use dodai_facts::AccountId;
use serde_json::{Map, Value, json};

use super::super::Answer;
use super::{all, ask, constraint, invalid, listed};
use crate::call::Call;
use crate::names::{hex_id, now};
use crate::page::page;
use crate::pipeline::Testbed;
use crate::reply::{AwsError, Reply};

/// Creations that may be under way in an organization.
const MOST_IN_PROGRESS: usize = 5;

/// One request and what became of it.
#[derive(Debug, Clone)]
pub(crate) struct Creation {
    /// `car-` and 32 hexadecimal digits.
    id: String,
    /// The call that asked for it; made again, to moto, when it is due.
    call: Call,
    requested: i64,
    started: Instant,
    progress: Progress,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Progress {
    /// How many reads say so still.
    Running(u32),
    Succeeded {
        account: String,
        at: i64,
    },
    Failed {
        reason: &'static str,
        at: i64,
    },
}

impl Creation {
    fn of(&self, account: &AccountId) -> bool {
        self.call.account == *account
    }

    /// The account that was made, and the e-mail address that it was asked for with.
    pub(crate) fn made(&self) -> Option<(&str, &str)> {
        match &self.progress {
            Progress::Succeeded { account, .. } => Some((account, self.call.text("Email")?)),
            Progress::Running(_) | Progress::Failed { .. } => None,
        }
    }

    fn is_in_progress(&self) -> bool {
        matches!(self.progress, Progress::Running(_))
    }

    fn describe(&self) -> Value {
        let mut status = json!({
            "Id": self.id,
            "AccountName": self.call.text("AccountName"),
            "State": self.state(),
            "RequestedTimestamp": self.requested,
        });
        match &self.progress {
            Progress::Running(_) => {}
            Progress::Succeeded { account, at } => {
                status["AccountId"] = json!(account);
                status["CompletedTimestamp"] = json!(at);
            }
            Progress::Failed { reason, at } => {
                status["FailureReason"] = json!(reason);
                status["CompletedTimestamp"] = json!(at);
            }
        }
        status
    }

    fn state(&self) -> &'static str {
        match self.progress {
            Progress::Running(_) => "IN_PROGRESS",
            Progress::Succeeded { .. } => "SUCCEEDED",
            Progress::Failed { .. } => "FAILED",
        }
    }
}

pub(super) async fn create(testbed: &Testbed, call: &Call) -> Answer {
    let email = call.required("Email")?;
    call.required("AccountName")?;
    if !email.contains('@') || !(6..=64).contains(&email.len()) {
        return Err(invalid("INVALID_PATTERN", "You specified an invalid value for Email."));
    }
    // Refuses callers outside of an organization's management account.
    ask(testbed, call, "DescribeOrganization", json!({})).await?;
    let mut state = testbed.state();
    let creations = state.creations.iter().filter(|creation| creation.of(&call.account));
    if creations.filter(|creation| creation.is_in_progress()).count() >= MOST_IN_PROGRESS {
        let message = "You have exceeded the number of accounts that can be in progress at a time.";
        return Err(constraint("ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED", message));
    }
    let creation = Creation {
        id: format!("car-{}", hex_id(("creation", state.seed()))),
        call: call.clone(),
        requested: now(),
        started: Instant::now(),
        progress: Progress::Running(testbed.options.create_account_reads),
    };
    let reply = json!({"CreateAccountStatus": creation.describe()});
    state.creations.push(creation);
    Ok(Some(Reply::json(&reply)))
}

pub(super) async fn describe(testbed: &Testbed, call: &Call) -> Answer {
    let id = call.required("CreateAccountRequestId")?;
    read(testbed, call, Some(id)).await?;
    let state = testbed.state();
    let creation = state.creations.iter().find(|creation| creation.of(&call.account) && creation.id == id);
    let missing = "We can't find a create account request with the CreateAccountRequestId that you specified.";
    let creation = creation.ok_or_else(|| AwsError::new(400, "CreateAccountStatusNotFoundException", missing))?;
    Ok(Some(Reply::json(&json!({"CreateAccountStatus": creation.describe()}))))
}

pub(super) async fn list(testbed: &Testbed, call: &Call) -> Answer {
    read(testbed, call, None).await?;
    let states = call.texts("States");
    let state = testbed.state();
    let creations = state.creations.iter().filter(|creation| creation.of(&call.account));
    let creations =
        creations.filter(|creation| states.is_empty() || states.iter().any(|state| state == creation.state()));
    let (statuses, token) = page(creations.map(Creation::describe).collect(), &call.params, 20)?;
    Ok(Some(Reply::json(&listed("CreateAccountStatuses", statuses, token))))
}

/// Counts one read of a creation (of all of the account's), and finishes what has been read often enough.
async fn read(testbed: &Testbed, call: &Call, id: Option<&str>) -> Result<(), AwsError> {
    let mut due = Vec::new();
    for creation in &mut testbed.state().creations {
        if !creation.of(&call.account) || id.is_some_and(|id| creation.id != id) {
            continue;
        }
        match &mut creation.progress {
            Progress::Running(0) => due.push(creation.id.clone()),
            Progress::Running(reads) => *reads -= 1,
            Progress::Succeeded { .. } | Progress::Failed { .. } => {}
        }
    }
    finish(testbed, &due).await
}

/// Finishes what has taken long enough, where the options say that time counts.
pub(crate) async fn finish_due(testbed: &Testbed) -> Result<(), AwsError> {
    let Some(after) = testbed.options.create_account_after else { return Ok(()) };
    let due: Vec<String> = {
        let state = testbed.state();
        let due =
            state.creations.iter().filter(|creation| creation.is_in_progress() && creation.started.elapsed() >= after);
        due.map(|creation| creation.id.clone()).collect()
    };
    finish(testbed, &due).await
}

async fn finish(testbed: &Testbed, ids: &[String]) -> Result<(), AwsError> {
    for id in ids {
        let found =
            testbed.state().creations.iter().find(|creation| creation.id == *id).map(|found| found.call.clone());
        let Some(call) = found else { continue };
        let progress = outcome(testbed, &call).await?;
        let mut state = testbed.state();
        if let Some(creation) = state.creations.iter_mut().find(|creation| creation.id == *id) {
            creation.progress = progress;
        }
    }
    Ok(())
}

/// Creates the account in moto, unless its e-mail address is taken.
async fn outcome(testbed: &Testbed, call: &Call) -> Result<Progress, AwsError> {
    let accounts = all(testbed, call, "ListAccounts", json!({}), "Accounts").await?;
    let email = call.text("Email").unwrap_or_default();
    if is_taken(&accounts, email) {
        return Ok(Progress::Failed { reason: "EMAIL_ALREADY_EXISTS", at: now() });
    }
    let params: Map<String, Value> = call.params.clone();
    let reply = ask(testbed, call, "CreateAccount", Value::Object(params)).await?;
    let account = reply.pointer("/CreateAccountStatus/AccountId").and_then(Value::as_str);
    Ok(match account {
        Some(account) => Progress::Succeeded { account: account.to_owned(), at: now() },
        None => Progress::Failed { reason: "INTERNAL_FAILURE", at: now() },
    })
}

/// Addresses are compared without regard to case.
fn is_taken(accounts: &[Value], email: &str) -> bool {
    let known = accounts.iter().filter_map(|account| account.get("Email")?.as_str());
    known.into_iter().any(|known| known.eq_ignore_ascii_case(email))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::behaviours::tests::call;

    #[test]
    fn an_address_is_taken_whatever_its_case() {
        let accounts = [json!({"Email": "Team@Example.com"}), json!({"Id": "1"})];
        assert!(is_taken(&accounts, "team@example.com"));
        assert!(!is_taken(&accounts, "team2@example.com"));
    }

    #[test]
    fn a_status_shows_what_there_is_to_say() {
        let check = |progress: Progress, expected: Value| {
            let call = call("organizations", "CreateAccount", json!({"AccountName": "a", "Email": "a@example.com"}));
            let creation = Creation { id: "car-1".to_owned(), call, requested: 7, started: Instant::now(), progress };
            let mut status = json!({"Id": "car-1", "AccountName": "a", "RequestedTimestamp": 7});
            for (member, value) in expected.as_object().unwrap() {
                status[member] = value.clone();
            }
            assert_eq!(creation.describe(), status);
        };
        check(Progress::Running(3), json!({"State": "IN_PROGRESS"}));
        let succeeded = Progress::Succeeded { account: "111111111111".to_owned(), at: 9 };
        check(succeeded, json!({"State": "SUCCEEDED", "AccountId": "111111111111", "CompletedTimestamp": 9}));
        let failed = Progress::Failed { reason: "EMAIL_ALREADY_EXISTS", at: 9 };
        check(failed, json!({"State": "FAILED", "FailureReason": "EMAIL_ALREADY_EXISTS", "CompletedTimestamp": 9}));
    }
}
