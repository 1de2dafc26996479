//! The inheritance operators, after "Inheritance operators": three set a value, one says which of them policies further
//! down the path may use.

use dodai_document::{Kind, Node, Place, quote, suggest};

/// An operator that sets a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Operator {
    /// Replaces what was inherited.
    Assign,
    /// Adds to an inherited list.
    Append,
    /// Takes from an inherited list.
    Remove,
}

/// Says which operators child policies may use here; what one policy forbids, none below can allow again.
pub(super) const CHILD_CONTROL: &str = "@@operators_allowed_for_child_policies";

impl Operator {
    pub const ALL: [Self; 3] = [Self::Assign, Self::Append, Self::Remove];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Assign => "@@assign",
            Self::Append => "@@append",
            Self::Remove => "@@remove",
        }
    }

    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|operator| operator.as_str() == key)
    }

    /// Every key that starts with `@@` and has a meaning.
    pub(super) fn keys() -> impl Iterator<Item = &'static str> {
        Self::ALL.into_iter().map(Self::as_str).chain([CHILD_CONTROL])
    }
}

/// What is wrong at a place of a document, before it is known which file that is.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Mistake {
    pub place: Place,
    pub message: String,
    pub help: Option<String>,
}

impl Mistake {
    pub fn at(node: &Node, message: impl Into<String>, help: Option<String>) -> Self {
        Self { place: node.place, message: message.into(), help }
    }
}

/// The operators that the value of [`CHILD_CONTROL`] leaves to child policies.
pub(super) fn allowed(node: &Node) -> Result<Vec<Operator>, Mistake> {
    const WORDS: [&str; 5] = ["@@all", "@@none", "@@assign", "@@append", "@@remove"];
    let Kind::List(items) = &node.kind else {
        let message = format!("`{CHILD_CONTROL}` must be a list, found {}", node.describe());
        return Err(Mistake::at(node, message, Some("such as [\"@@none\"]".to_owned())));
    };
    let mut operators = Vec::new();
    for item in items {
        match item.text() {
            Some("@@all" | "@@none") if items.len() > 1 => {
                let message = format!("{} stands alone", item.describe());
                return Err(Mistake::at(item, message, Some("all, none, or a list of operators".to_owned())));
            }
            Some("@@all") => return Ok(Operator::ALL.to_vec()),
            Some("@@none") => return Ok(Vec::new()),
            Some(word) => {
                let Some(operator) = Operator::parse(word) else {
                    let message = format!("{} is not an operator that can be allowed", quote(word));
                    return Err(Mistake::at(item, message, suggest(word, WORDS)));
                };
                operators.push(operator);
            }
            None => {
                let message = format!("an operator must be a text, found {}", item.describe());
                return Err(Mistake::at(item, message, suggest("", WORDS)));
            }
        }
    }
    if operators.is_empty() {
        let help = Some("[\"@@none\"] allows none".to_owned());
        return Err(Mistake::at(node, format!("`{CHILD_CONTROL}` is empty"), help));
    }
    Ok(operators)
}
