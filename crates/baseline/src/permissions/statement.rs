//! From single grants to the statements of policies, alike ones together, and to documents that are not too long.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

/// Operator, key, values.
pub(super) type Conditions = BTreeMap<String, BTreeMap<String, BTreeSet<String>>>;

/// Actions that are allowed on the same resources under the same conditions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Grant {
    /// What the statement's `Sid` begins with; grants of different labels are not put together.
    pub(super) label: String,
    pub(super) actions: BTreeSet<String>,
    pub(super) resources: BTreeSet<String>,
    pub(super) conditions: Conditions,
}

/// One statement, which allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    sid: String,
    actions: BTreeSet<String>,
    resources: BTreeSet<String>,
    conditions: Conditions,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the statement `{sid}` names too many resources for a policy of {limit} characters: give names with `<account>` in them"
)]
pub struct TooLong {
    sid: String,
    limit: usize,
}

impl Statement {
    /// The statement as IAM takes it, elements in the order of AWS's examples.
    pub fn value(&self) -> Value {
        let mut value =
            json!({ "Sid": self.sid, "Effect": "Allow", "Action": self.actions, "Resource": self.resources });
        if let (false, Some(fields)) = (self.conditions.is_empty(), value.as_object_mut()) {
            fields.insert("Condition".to_owned(), json!(self.conditions));
        }
        value
    }

    pub fn actions(&self) -> impl Iterator<Item = &str> {
        self.actions.iter().map(String::as_str)
    }
}

/// A policy document of statements.
pub fn document(statements: &[Statement]) -> Value {
    let statements: Vec<Value> = statements.iter().map(Statement::value).collect();
    json!({ "Version": "2012-10-17", "Statement": statements })
}

/// As IAM counts them: without white space.
fn characters(statements: &[Statement]) -> usize {
    document(statements).to_string().chars().count()
}

/// Grants that differ in their actions only become one, then those that differ in their resources only. By label.
pub(super) fn merged(grants: Vec<Grant>) -> Vec<Statement> {
    let mut by_place: BTreeMap<(String, BTreeSet<String>, Conditions), BTreeSet<String>> = BTreeMap::new();
    for grant in grants {
        by_place.entry((grant.label, grant.resources, grant.conditions)).or_default().extend(grant.actions);
    }
    let mut by_actions: BTreeMap<(String, BTreeSet<String>, Conditions), BTreeSet<String>> = BTreeMap::new();
    for ((label, resources, conditions), actions) in by_place {
        by_actions.entry((label, actions, conditions)).or_default().extend(resources);
    }
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let name = |label: String, counts: &mut BTreeMap<String, usize>| {
        let count = counts.entry(label.clone()).or_default();
        *count += 1;
        match count {
            1 => label,
            2..=26 => format!("{label}{}", char::from(b'A' - 1 + u8::try_from(*count).unwrap_or_default())),
            more => format!("{label}Number{more}"),
        }
    };
    by_actions
        .into_iter()
        .map(|((label, actions, conditions), resources)| {
            // A list that has everything says no more with the rest of it.
            let resources = if resources.contains("*") { BTreeSet::from(["*".to_owned()]) } else { resources };
            Statement { sid: name(label, &mut counts), actions, resources, conditions }
        })
        .collect()
}

/// The statements in as few documents as they fill in order; one that fits into none is split by its actions.
pub(super) fn placed(statements: Vec<Statement>, limit: usize) -> Result<Vec<Vec<Statement>>, TooLong> {
    let mut documents: Vec<Vec<Statement>> = Vec::new();
    let mut open: Vec<Statement> = Vec::new();
    for statement in statements {
        let mut rest = Some(statement);
        let mut part = 1;
        while let Some(statement) = rest.take() {
            let fits = |open: &[Statement], statement: &Statement| {
                characters(&[open, std::slice::from_ref(statement)].concat()) <= limit
            };
            if fits(&open, &statement) {
                open.push(statement);
            } else if !open.is_empty() {
                documents.push(std::mem::take(&mut open));
                rest = Some(statement);
            } else {
                let (first, left) = split(statement, part, |first| fits(&[], first), limit)?;
                part += 1;
                documents.push(vec![first]);
                rest = Some(left);
            }
        }
    }
    if !open.is_empty() {
        documents.push(open);
    }
    Ok(documents)
}

/// As many actions as fit, and the others.
fn split(
    statement: Statement,
    part: usize,
    fits: impl Fn(&Statement) -> bool,
    limit: usize,
) -> Result<(Statement, Statement), TooLong> {
    let actions: Vec<String> = statement.actions.iter().cloned().collect();
    let of = |actions: &[String]| Statement { actions: actions.iter().cloned().collect(), ..statement.clone() };
    let count = (1..actions.len()).take_while(|count| actions.get(..*count).is_some_and(|some| fits(&of(some)))).last();
    let (Some(first), Some(left)) = (count.and_then(|at| actions.get(..at)), count.and_then(|at| actions.get(at..)))
    else {
        return Err(TooLong { sid: statement.sid, limit });
    };
    let whole =
        if part == 1 { Some(statement.sid.as_str()) } else { statement.sid.strip_suffix(&format!("Part{part}")) };
    let sid = format!("{}Part{}", whole.unwrap_or(&statement.sid), part + 1);
    let left = Statement { sid, ..of(left) };
    Ok((of(first), left))
}
