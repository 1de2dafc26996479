//! `alternate-contacts`: whom AWS writes to beside the root user's address: the `contacts` of the account's file. Contacts
//! of a kind that the file does not give stay.
//!
//! AWS: "Update the alternate contacts for your AWS account"; an account sets its own, so that no trusted access is needed.

use dodai_facts::{Class, Failure, FeatureInfo, FeatureScope, Profile};
use serde::Deserialize;
use serde_json::json;

use crate::{Action, Change, Feature, Out, View, row};

pub const FEATURE: Feature = Feature { info: &INFO, plan };

const COLUMNS: &[&str] = &["Name", "Title", "EmailAddress", "PhoneNumber"];
const BILLING: &str = "aws_account_billing_contact";
const OPERATIONS: &str = "aws_account_operations_contact";
const SECURITY: &str = "aws_account_security_contact";

const INFO: FeatureInfo = FeatureInfo {
    id: dodai_org::CONTACTS,
    title: "Contacts that AWS writes to",
    scope: FeatureScope::Account,
    class: Class::Managed,
    profiles: &Profile::ALL,
    needs: &[],
    reads: &[(BILLING, COLUMNS), (OPERATIONS, COLUMNS), (SECURITY, COLUMNS)],
    settings: &[],
    calls: &["account.PutAlternateContact"],
};

/// As the account's file has them.
#[derive(Deserialize)]
struct Settings {
    billing: Option<Contact>,
    operations: Option<Contact>,
    security: Option<Contact>,
}

#[derive(Deserialize)]
struct Contact {
    name: String,
    title: String,
    email: String,
    phone: String,
}

fn plan(view: &View<'_>, out: &mut Out) -> Result<(), Failure> {
    let Settings { billing, operations, security } = view.settings()?;
    let kinds = [
        ("billing", "BILLING", BILLING, billing),
        ("operations", "OPERATIONS", OPERATIONS, operations),
        ("security", "SECURITY", SECURITY, security),
    ];
    for (name, kind, table, contact) in kinds {
        if let Some(contact) = contact {
            out.change(compare(view, (name, kind), table, &contact)?);
        }
    }
    Ok(())
}

fn compare(view: &View<'_>, (name, kind): (&str, &str), table: &str, contact: &Contact) -> Result<Change, Failure> {
    let now = view.row(table)?;
    let (action, verb) = if now.is_some() { (Action::Update, "keep") } else { (Action::Create, "give AWS") };
    let mut change = view.change(name, action, format!("{verb} the account's {name} contact"));
    let wanted = [&contact.name, &contact.title, &contact.email, &contact.phone];
    let mut params = json!({ "AlternateContactType": kind });
    for (column, wanted) in COLUMNS.iter().zip(wanted) {
        change = change.set(column, row::value(now, column)?, json!(wanted));
        params[*column] = json!(wanted);
    }
    if !change.settings.is_empty() {
        change = change.call(view.call("account", "PutAlternateContact", params));
    }
    Ok(change.writes(format!("account/{}#contact:{name}", view.account.id)))
}
