//! Whether a resource-based policy is public, and by which statement. What public means is said at [`super`].

use std::fmt;

use dodai_document::Place;

use super::limits::{self, Open};
use super::{Unanswerable, document};
use crate::language::{Document, Statement};

/// Why a policy is public: the first statement that is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Because {
    /// ``statement `Read` ``, or its number where it has no `Sid`.
    pub statement: String,
    /// Where the statement begins.
    pub place: Place,
    open: Open,
    /// A condition key that could have confined it.
    loose: Option<String>,
}

impl fmt::Display for Because {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} allows ", self.statement)?;
        match &self.open {
            Open::Everyone(name) if name == "*" => formatter.write_str("everyone")?,
            Open::Everyone(name) => write!(formatter, "every account (`{name}`)")?,
            Open::NotPrincipal => formatter.write_str("everyone but its `NotPrincipal`")?,
            Open::Members(host) => write!(formatter, "everyone who signs up with {host}")?,
        }
        match &self.loose {
            Some(key) => write!(formatter, "; its condition on `{key}` confines nobody"),
            None => Ok(()),
        }
    }
}

/// The statements that allow everyone, each with a condition key that could have confined it and does not. What the members of
/// a provider and `NotPrincipal` open is left out.
pub(crate) fn open_to_everyone(document: &Document) -> impl Iterator<Item = (&Statement, Option<&str>)> {
    let open = limits::allowed(document).filter(|allowed| {
        matches!(allowed.limits.principals, Err(Open::Everyone(_))) && allowed.limits.others.is_empty()
    });
    open.map(|allowed| (allowed.statement, limits::loose(document, allowed.statement)))
}

/// Why the policy is public; none where it is not.
///
/// # Errors
/// A policy that is not a resource's.
pub fn is_public(document: &Document) -> Result<Option<Because>, Unanswerable> {
    document::resource_based(document)?;
    let found = limits::allowed(document).find_map(|allowed| {
        let open = allowed.limits.principals.err().filter(|_| allowed.limits.others.is_empty())?;
        let loose = limits::loose(document, allowed.statement).map(str::to_owned);
        Some(Because { statement: allowed.label, place: allowed.statement.place, open, loose })
    });
    Ok(found)
}
