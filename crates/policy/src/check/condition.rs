//! Condition keys, policy variables and placeholders in values.
//!
//! AWS: "IAM policy elements: Variables and tags", "AWS global condition context keys".

use std::borrow::Cow;

use crate::language::{Comparison, Condition, Quantifier, Statement};

/// A policy variable in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Variable<'a> {
    /// `${aws:username}`, `${aws:username, 'nobody'}`: its key.
    Key(&'a str),
    /// `${*}`, `${?}`, `${$}`: the sign itself.
    Sign,
    /// `${` that no `}` ends.
    Open,
}

/// The variables of a text, in their order.
pub fn variables(text: &str) -> Vec<Variable<'_>> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once("${") {
        let Some((inside, left)) = after.split_once('}') else {
            found.push(Variable::Open);
            break;
        };
        found.push(match inside {
            "*" | "?" | "$" => Variable::Sign,
            _ => Variable::Key(inside.split_once(',').map_or(inside, |(key, _)| key)),
        });
        rest = left;
    }
    found
}

/// The text with a `*` for each variable, which may become anything.
pub fn without_variables(text: &str) -> Cow<'_, str> {
    if !text.contains("${") {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        plain.push_str(before);
        plain.push('*');
        rest = after.split_once('}').map_or("", |(_, left)| left);
    }
    plain.push_str(rest);
    Cow::Owned(plain)
}

/// What an example's author meant to be replaced: `<my-org-id>`, `[PRIVILEGED_ROLE]`, `{example-region-1}`.
pub fn placeholder(text: &str) -> Option<&str> {
    let word = |inside: &str| inside.starts_with(|c: char| c.is_ascii_alphanumeric());
    let plain = |inside: &str| inside.chars().all(|c| c.is_ascii_alphanumeric() || " _-/*".contains(c));
    let capitals = |inside: &str| !inside.contains(|c: char| c.is_ascii_lowercase());
    between(text, '<', '>', |inside| word(inside) && plain(inside))
        .or_else(|| between(text, '[', ']', |inside| word(inside) && plain(inside) && capitals(inside)))
        .or_else(|| between(text, '{', '}', |inside| word(inside) && plain(inside)))
}

fn between(text: &str, open: char, close: char, accept: impl Fn(&str) -> bool) -> Option<&str> {
    let mut from = 0;
    while let Some(start) = text.get(from..)?.find(open).map(|at| from + at) {
        let end = start + text.get(start..)?.find(close)?;
        let inside = text.get(start + 1..end)?;
        // `${…}` is a variable.
        if !text.get(..start)?.ends_with('$') && accept(inside) {
            return text.get(start..=end);
        }
        from = start + 1;
    }
    None
}

/// Whether a condition is about a key; AWS compares keys without regard to case.
pub fn is(condition: &Condition, key: &str) -> bool {
    condition.key.value.eq_ignore_ascii_case(key)
}

/// Whether a condition is about one of these keys; one that ends in `/` stands for all tags.
pub fn is_any(condition: &Condition, keys: &[&str]) -> bool {
    keys.iter().any(|key| {
        is(condition, key)
            || (key.ends_with('/')
                && condition.key.value.get(..key.len()).is_some_and(|head| head.eq_ignore_ascii_case(key)))
    })
}

/// A condition that fails where its key is absent, and where no value matches.
pub fn is_strict(condition: &Condition) -> bool {
    !condition.operator.comparison.is_negated()
        && !condition.operator.if_exists
        && condition.operator.quantifier != Some(Quantifier::All)
        && condition.operator.comparison != Comparison::Null
}

/// Whether the statement demands that the key is there (`Null` false) or absent (`Null` true).
pub fn demands_null(statement: &Statement, key: &str, absent: bool) -> bool {
    statement.conditions.iter().any(|condition| {
        condition.operator.comparison == Comparison::Null
            && is(condition, key)
            && !condition.values.is_empty()
            && condition
                .values
                .iter()
                .all(|value| value.value.eq_ignore_ascii_case(if absent { "true" } else { "false" }))
    })
}

#[cfg(test)]
mod tests {
    use super::{Variable, placeholder, variables, without_variables};

    #[test]
    fn variables_are_found() {
        let check = |text: &str, expected: &[Variable<'_>], plain: &str| {
            assert_eq!((variables(text).as_slice(), &*without_variables(text)), (expected, plain), "{text}");
        };
        check("a", &[], "a");
        check("a/${aws:username}/b", &[Variable::Key("aws:username")], "a/*/b");
        check("${a:b, 'x'}${*}", &[Variable::Key("a:b"), Variable::Sign], "**");
        check("x${aws:use", &[Variable::Open], "x*");
    }

    #[test]
    fn placeholders_are_found() {
        let check = |text: &str, expected: Option<&str>| assert_eq!(placeholder(text), expected, "{text}");
        check("repo:<octo-org>/*", Some("<octo-org>"));
        check("arn:aws:iam::${Account}:role/[PRIVILEGED_ROLE]", Some("[PRIVILEGED_ROLE]"));
        check("[PRIVILEGED_POLICY_PATH/*]", Some("[PRIVILEGED_POLICY_PATH/*]"));
        check("{example-region-1}", Some("{example-region-1}"));
        check("${aws:username}", None);
        check("[a-z]", None);
        check("<>", None);
        check("a < b > c", None);
    }
}
