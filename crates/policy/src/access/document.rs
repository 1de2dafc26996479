//! From a text as AWS gives it to a document, or to why there is no answer about it.

use std::borrow::Cow;

use dodai_facts::Problem;

use crate::language::{self, Document, Statement};

/// Longer documents are not read: no policy of AWS comes near.
pub const MAX_BYTES: usize = 100 << 10;

/// Why a question about a document has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unanswerable {
    #[error("the policy is {0} bytes long, the limit is {MAX_BYTES}")]
    TooLong(usize),
    /// The first mistake of the text.
    #[error("this is not a policy document: {0}")]
    NotADocument(String),
    #[error("{0} has no `Principal`: only a resource-based policy can be asked who has access")]
    NoPrincipal(String),
}

/// Reads a document: JSON, also percent-encoded, as IAM sends it.
///
/// # Errors
/// What is longer than [`MAX_BYTES`], or no policy document.
pub fn read(text: &str) -> Result<Document, Unanswerable> {
    // Percent-encoding makes three bytes of one at most.
    if text.len() > 3 * MAX_BYTES {
        return Err(Unanswerable::TooLong(text.len()));
    }
    let decoded = percent_decoded(text)
        .ok_or_else(|| Unanswerable::NotADocument("it is percent-encoded, and not UTF-8 text".to_owned()))?;
    if decoded.len() > MAX_BYTES {
        return Err(Unanswerable::TooLong(decoded.len()));
    }
    language::read_json("policy", &decoded).map_err(|problems| Unanswerable::NotADocument(first(&problems)))
}

fn first(problems: &[Problem]) -> String {
    match problems.first() {
        Some(problem) if problem.line > 0 => {
            format!("{} (line {}, column {})", problem.message, problem.line, problem.column)
        }
        Some(problem) => problem.message.clone(),
        None => "it cannot be read".to_owned(),
    }
}

/// A text that begins with `%` without its percent-encoding (RFC 3986); any other as it is.
pub fn percent_decoded(text: &str) -> Option<Cow<'_, str>> {
    if !text.starts_with('%') {
        return Some(Cow::Borrowed(text));
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let mut digit = || char::from(rest.next()?).to_digit(16);
            let (high, low) = (digit()?, digit()?);
            bytes.push(u8::try_from(high * 16 + low).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok().map(Cow::Owned)
}

/// How a statement is told from the others of its document: by its `Sid`, else by its number from 1.
pub(super) fn label(statement: &Statement, index: usize) -> String {
    match &statement.sid {
        Some(sid) if !sid.value.is_empty() => format!("statement `{}`", sid.value),
        _ => format!("statement {}", index + 1),
    }
}

/// Every statement must say whom it is about, else the document is none of a resource's.
pub(super) fn resource_based(document: &Document) -> Result<(), Unanswerable> {
    let without = document.statements.iter().enumerate().find(|(_, statement)| statement.principals.is_none());
    match without {
        Some((index, statement)) => Err(Unanswerable::NoPrincipal(label(statement, index))),
        None => Ok(()),
    }
}
