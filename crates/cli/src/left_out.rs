//! The directory's accounts that nothing was read of, and why: they are not judged, which is not the same as good.

use std::collections::BTreeMap;
use std::fmt;

use dodai_baseline::Selection;
use dodai_facts::AccountId;
use dodai_org::{Account, Directory};
use dodai_texts::say;
use serde::{Deserialize, Serialize};

use crate::world::Existing;

/// Most accounts that are named in a line.
const NAMED: usize = 12;

/// As JSON: `{"account": "sandbox", "reason": "SUSPENDED"}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// The account's name in the directory.
    pub account: String,
    pub reason: Reason,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Reason {
    /// No account of the organization has its e-mail address.
    NotCreated,
    /// No account of the organization has the id that its file gives.
    NotInOrganization,
    /// The stored run did not read it.
    NotInRun,
    /// The state that AWS gives it, which is not `ACTIVE`: `SUSPENDED`, `PENDING_CLOSURE` … (AWS Organizations API
    /// reference, "Account").
    #[serde(untagged)]
    State(String),
}

impl fmt::Display for Reason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&match self {
            Self::NotCreated => say!("score-not-created"),
            Self::NotInOrganization => say!("score-not-in-organization"),
            Self::NotInRun => say!("score-not-in-run"),
            Self::State(state) => state.to_lowercase().replace('_', " "),
        })
    }
}

/// The selected accounts that cannot be worked in now.
pub fn of_organization(directory: &Directory, selection: &Selection, existing: &[Existing]) -> Vec<LeftOut> {
    let states: BTreeMap<&str, &str> =
        existing.iter().map(|there| (there.name.as_str(), there.status.as_str())).collect();
    of(directory, selection, |account| match states.get(account.name.as_str()) {
        Some(&"ACTIVE") => None,
        Some(&state) => Some(Reason::State(state.to_owned())),
        None if account.id.is_some() => Some(Reason::NotInOrganization),
        None => Some(Reason::NotCreated),
    })
}

/// The selected accounts that a stored run did not read. `names` are the accounts that it read.
pub fn of_run(directory: &Directory, selection: &Selection, names: &BTreeMap<AccountId, String>) -> Vec<LeftOut> {
    of(directory, selection, |account| {
        let read = match &account.id {
            Some(id) => names.contains_key(id),
            None => names.values().any(|name| *name == account.name),
        };
        (!read).then_some(Reason::NotInRun)
    })
}

fn of(directory: &Directory, selection: &Selection, reason: impl Fn(&Account) -> Option<Reason>) -> Vec<LeftOut> {
    let is_meant = |account: &&Account| selection.accounts.is_empty() || selection.accounts.contains(&account.name);
    let left_out = |account: &Account| Some(LeftOut { account: account.name.clone(), reason: reason(account)? });
    directory.accounts.iter().filter(is_meant).filter_map(left_out).collect()
}

/// `2 accounts left out: new (not created yet), sandbox (suspended)`; None where there are none.
pub fn line(left_out: &[LeftOut]) -> Option<String> {
    let count = left_out.len();
    let named: Vec<String> =
        left_out.iter().take(NAMED).map(|left| format!("{} ({})", left.account, left.reason)).collect();
    let accounts = named.join(", ");
    match count {
        0 => None,
        1..=NAMED => Some(say!("score-left-out", count = count, accounts = accounts)),
        _ => Some(say!("score-left-out-more", count = count, accounts = accounts, more = count - NAMED)),
    }
}

#[cfg(test)]
mod tests {
    use dodai_controls::Registry;
    use dodai_org::SourceFile;
    use serde_json::{Value, json};

    use super::*;

    const ACTIVE: &str = "111122223333";
    const ELSEWHERE: &str = "444455556666";

    fn directory() -> Directory {
        let account = |name: &str, more: &str| {
            let text = format!("email: {name}@example.com\nunit: Root\nprofile: basic\n{more}");
            SourceFile::text(format!("accounts/{name}.yaml"), text)
        };
        let files = [
            SourceFile::text(
                "dodai.yaml",
                "organization: o-exampleorgid\nhome_region: us-east-1\nregions: [us-east-1]\n",
            ),
            account("elsewhere", &format!("id: \"{ELSEWHERE}\"\n")),
            account("management", "management: true\n"),
            account("new", ""),
            account("sandbox", ""),
        ];
        dodai_org::read(&files, &crate::directory::catalogue(&Registry::new([]).unwrap())).unwrap()
    }

    fn existing() -> Vec<Existing> {
        let there = |name: &str, id: &str, status: &str| Existing {
            name: name.to_owned(),
            id: id.parse().unwrap(),
            status: status.to_owned(),
        };
        vec![there("management", ACTIVE, "ACTIVE"), there("sandbox", "777788889999", "PENDING_CLOSURE")]
    }

    fn selected(names: &[&str]) -> Selection {
        Selection { accounts: names.iter().map(|&name| name.to_owned()).collect(), ..Selection::default() }
    }

    fn check(left_out: &[LeftOut], expected: Option<&str>, as_json: Value) {
        assert_eq!(line(left_out).as_deref(), expected);
        assert_eq!(serde_json::to_value(left_out).unwrap(), as_json);
        assert_eq!(serde_json::from_value::<Vec<LeftOut>>(as_json).unwrap(), left_out);
    }

    #[test]
    fn accounts_that_cannot_be_worked_in_are_named_with_why() {
        check(
            &of_organization(&directory(), &selected(&[]), &existing()),
            Some(
                "3 accounts left out: elsewhere (its id is not in the organization), new (not created yet), \
                 sandbox (pending closure)",
            ),
            json!([
                {"account": "elsewhere", "reason": "NOT_IN_ORGANIZATION"},
                {"account": "new", "reason": "NOT_CREATED"},
                {"account": "sandbox", "reason": "PENDING_CLOSURE"},
            ]),
        );
        check(
            &of_organization(&directory(), &selected(&["new", "management"]), &existing()),
            Some("1 account left out: new (not created yet)"),
            json!([{"account": "new", "reason": "NOT_CREATED"}]),
        );
        check(&of_organization(&directory(), &selected(&["management"]), &existing()), None, json!([]));
    }

    #[test]
    fn accounts_that_a_stored_run_did_not_read_are_named() {
        // What a file pins is known by its id, whatever it was called then.
        let read = [(ACTIVE, "management"), (ELSEWHERE, "renamed")]
            .map(|(id, name)| (id.parse().unwrap(), name.to_owned()))
            .into();
        check(
            &of_run(&directory(), &selected(&[]), &read),
            Some("2 accounts left out: new (not in this run), sandbox (not in this run)"),
            json!([{"account": "new", "reason": "NOT_IN_RUN"}, {"account": "sandbox", "reason": "NOT_IN_RUN"}]),
        );
        check(&of_run(&directory(), &selected(&["management"]), &read), None, json!([]));
    }

    #[test]
    fn a_line_stays_a_line() {
        let many: Vec<LeftOut> = (0..500)
            .map(|number| LeftOut { account: number.to_string(), reason: Reason::State("SUSPENDED".to_owned()) })
            .collect();
        let line = line(&many).unwrap();
        assert!(
            line.starts_with("500 accounts left out: 0 (suspended), ") && line.ends_with(" and 488 more"),
            "{line}"
        );
        assert!(line.len() < 300, "{line}");
    }
}
