//! Names as IAM compares them: without regard to case, with `*` and `?`, and with placeholders in condition keys.

use std::cmp::Ordering;

use crate::pattern::{Pattern, signs};

/// The order of names without regard to (ASCII) case.
pub(super) fn compare(left: &str, right: &str) -> Ordering {
    let lower = |byte: u8| byte.to_ascii_lowercase();
    left.bytes().map(lower).cmp(right.bytes().map(lower))
}

/// The item of that name, as [`place`] finds it.
pub(super) fn find<'i, T>(items: &'i [T], name: &str, of: impl Fn(&T) -> &str) -> Option<&'i T> {
    items.get(place(items, name, of)?)
}

/// Where the item of that name is.
///
/// INVARIANT: `items` are sorted by [`compare`] of their names.
pub(super) fn place<T>(items: &[T], name: &str, of: impl Fn(&T) -> &str) -> Option<usize> {
    items.binary_search_by(|item| compare(of(item), name)).ok()
}

/// A pattern for names: `*` and `?` as everywhere in policies, without regard to case.
#[derive(Debug)]
pub(super) struct Glob {
    pattern: Pattern,
    /// The name at hand in lower case; kept, so that many names take one allocation.
    lower: String,
}

impl Glob {
    pub(super) fn new(pattern: &str) -> Self {
        Self { pattern: Pattern::new(signs(&pattern.to_ascii_lowercase())), lower: String::new() }
    }

    pub(super) fn matches(&mut self, name: &str) -> bool {
        self.lower.clear();
        self.lower.push_str(name);
        self.lower.make_ascii_lowercase();
        self.pattern.matches(&self.lower)
    }
}

/// Whether a condition key is the one that AWS documents under this name. A placeholder (`${TagKey}`, `<key>`, and
/// what AWS's pages leave of one: a last `/` or `/tag-key`) stands for one character or more.
pub(super) fn fits(documented: &str, key: &str) -> bool {
    let open = documented.strip_suffix("tag-key").filter(|start| start.ends_with('/')).unwrap_or(documented);
    if let Some((literal, rest)) = placeholder(open) {
        let Some(value) = after(key.as_bytes(), literal) else { return false };
        return tail(rest, value);
    }
    if open.ends_with('/') {
        return after(key.as_bytes(), open).is_some_and(|value| !value.is_empty());
    }
    documented.eq_ignore_ascii_case(key)
}

/// Whether AWS documents the key with a placeholder.
pub(super) fn is_template(documented: &str) -> bool {
    placeholder(documented).is_some() || documented.ends_with('/') || documented.ends_with("/tag-key")
}

/// A placeholder's value and all that follows it, against what the documented name has after the placeholder.
fn tail(documented: &str, text: &[u8]) -> bool {
    if documented.is_empty() {
        return !text.is_empty();
    }
    let (literal, rest) = match placeholder(documented) {
        Some((literal, rest)) => (literal, Some(rest)),
        None => (documented, None),
    };
    (1..=text.len()).any(|length| {
        let Some(value) = text.get(length..).and_then(|text| after(text, literal)) else { return false };
        rest.map_or(value.is_empty(), |rest| tail(rest, value))
    })
}

/// What stands before the first placeholder, and after it.
fn placeholder(documented: &str) -> Option<(&str, &str)> {
    let pair = |open, close| {
        let (literal, rest) = documented.split_once(open)?;
        Some((literal, rest.split_once(close)?.1))
    };
    pair("${", '}').or_else(|| pair("<", '>'))
}

fn after<'t>(text: &'t [u8], literal: &str) -> Option<&'t [u8]> {
    let (start, rest) = text.split_at_checked(literal.len())?;
    start.eq_ignore_ascii_case(literal.as_bytes()).then_some(rest)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn globs() {
        let check = |pattern, text, expected| {
            assert_eq!(Glob::new(pattern).matches(text), expected, "{pattern} {text}");
        };
        check("*", "", true);
        check("Get*", "getobject", true);
        check("get*acl", "GetObjectAclAcl", true);
        check("get*acl", "GetObjectAcls", false);
        check("g?t*", "GetObject", true);
    }

    #[test]
    fn placeholders() {
        let check = |documented, key, expected| assert_eq!(fits(documented, key), expected, "{documented} {key}");
        check("aws:RequestTag/${TagKey}", "aws:requesttag/Team", true);
        check("aws:RequestTag/${TagKey}", "aws:RequestTag/${TagKey}", true);
        check("aws:RequestTag/${TagKey}", "aws:RequestTag/", false);
        check("aws:RequestTag/${TagKey}", "aws:RequestTag", false);
        check("aws:TagKeys", "AWS:tagkeys", true);
        check("aws:TagKeys", "aws:TagKeys/a", false);
        check("s3:ExistingObjectTag/<key>", "s3:ExistingObjectTag/Class", true);
        check("secretsmanager:ResourceTag/tag-key", "secretsmanager:ResourceTag/a", true);
        check("glacier:ResourceTag/", "glacier:ResourceTag/a", true);
        check("glacier:ResourceTag/", "glacier:ResourceTag/", false);
        check("a:b/${x}.value", "a:b/c.value", true);
        check("a:b/${x}.value", "a:b/.value.value", true);
        check("a:b/${x}.value", "a:b/.value", false);
        check("a:${x}/${y}", "a:é/ü", true);
        check("a:${x}/${y}", "a:é/", false);
    }

    proptest! {
        #[test]
        fn a_name_is_its_own_pattern(name in "[a-zA-Z:_-]{0,20}", more in "[a-zA-Z]{1,5}") {
            prop_assert!(Glob::new(&name).matches(&name.to_uppercase()));
            let (pattern, text) = (format!("*{name}*"), format!("{more}{name}{more}"));
            prop_assert!(Glob::new(&pattern).matches(&text));
            prop_assert!(!Glob::new(&name).matches(&(name.clone() + &more)));
            prop_assert_eq!(compare(&name, &name.to_uppercase()), Ordering::Equal);
        }
    }
}
