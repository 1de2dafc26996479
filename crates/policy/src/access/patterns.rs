//! What can be said of two lists of patterns without trying texts: that one contains the other, that they meet.
//!
//! Both answers are certain where they are yes: a `no` of [`contains`] may be a yes that is not seen, and so may one of
//! [`meets`] never be.

use crate::language::{List, Version};
use crate::pattern::{Pattern, Sign, signs};

/// What the patterns of a list are of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Of {
    /// Compared without regard to case; no variables.
    Actions,
    Resources(Version),
}

impl Of {
    fn text(self, value: &str) -> String {
        match self {
            Self::Actions => value.to_lowercase(),
            Self::Resources(_) => value.to_owned(),
        }
    }

    fn has_variable(self, value: &str) -> bool {
        self == Self::Resources(Version::V2012) && value.contains("${")
    }
}

/// Whether a pattern is everything: `*`, and `*:*` among actions.
pub(super) fn is_all(of: Of, pattern: &str) -> bool {
    let stars = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte == b'*');
    stars(pattern)
        || (of == Of::Actions && pattern.split_once(':').is_some_and(|(left, right)| stars(left) && stars(right)))
}

/// One pattern, made ready to contain others.
struct Outer<'p> {
    of: Of,
    written: &'p str,
    text: String,
    pattern: Pattern,
}

impl<'p> Outer<'p> {
    fn new(of: Of, written: &'p str) -> Self {
        let text = of.text(written);
        let pattern = Pattern::new(signs(&text));
        Self { of, written, text, pattern }
    }

    /// `text` is another pattern's. A `*` in it can only have been met by one here, unless `?` is about, which is one
    /// character and no run.
    fn contains(&self, text: &str, variable: bool) -> bool {
        if is_all(self.of, &self.text) || self.text == text {
            return true;
        }
        if self.of.has_variable(self.written) || (self.text.contains('?') && (variable || text.contains('*'))) {
            return false;
        }
        self.pattern.matches(text)
    }
}

/// Whether everything that `inner` is about, `outer` is about too.
pub(super) fn contains(of: Of, outer: &List, inner: &List) -> bool {
    match (outer.negated, inner.negated) {
        (false, _) if outer.values.iter().any(|value| is_all(of, &value.value)) => true,
        (false, true) => false,
        (false, false) => each_in(of, inner, outer),
        // All but these contains all but those where these are among those.
        (true, true) => each_in(of, outer, inner),
        (true, false) => {
            let apart = |left: &str, right: &str| {
                !of.has_variable(left) && !of.has_variable(right) && !meet(&of.text(left), &of.text(right))
            };
            inner.values.iter().all(|inner| outer.values.iter().all(|outer| apart(&inner.value, &outer.value)))
        }
    }
}

fn each_in(of: Of, inner: &List, outer: &List) -> bool {
    let outer: Vec<Outer<'_>> = outer.values.iter().map(|value| Outer::new(of, &value.value)).collect();
    inner.values.iter().all(|inner| {
        let (text, variable) = (of.text(&inner.value), of.has_variable(&inner.value));
        outer.iter().any(|outer| outer.contains(&text, variable))
    })
}

/// Whether a list of actions is about any that fits the pattern. Certain, except that all but some actions are taken to
/// be about a pattern that none of these contains whole.
pub(super) fn meets(actions: &List, pattern: &str) -> bool {
    let text = Of::Actions.text(pattern);
    if actions.negated {
        return !actions.values.iter().any(|value| Outer::new(Of::Actions, &value.value).contains(&text, false));
    }
    actions.values.iter().any(|value| meet(&Of::Actions.text(&value.value), &text))
}

/// Whether some text fits both patterns. Takes time in proportion to the product of their lengths.
fn meet(left: &str, right: &str) -> bool {
    let left: Vec<Sign> = signs(left).collect();
    let right: Vec<Sign> = signs(right).collect();
    // `row[j]`: what is left of `left` and `right[j..]` meet.
    let mut row: Vec<bool> = vec![false; right.len() + 1];
    if let Some(last) = row.last_mut() {
        *last = true;
    }
    for at in (0..right.len()).rev() {
        let after = row.get(at + 1).copied().unwrap_or_default();
        if let Some(here) = row.get_mut(at) {
            *here = after && right.get(at) == Some(&Sign::AnyRun);
        }
    }
    for one in left.iter().rev() {
        let below = row;
        let under = |at: usize| below.get(at).copied().unwrap_or_default();
        let mut next = vec![false; right.len() + 1];
        for at in (0..=right.len()).rev() {
            let beside = next.get(at + 1).copied().unwrap_or_default();
            let both = match (one, right.get(at)) {
                (Sign::AnyRun | Sign::RunWithin, None) => under(at),
                // The run ends here, or takes what the other sign stands for.
                (Sign::AnyRun | Sign::RunWithin, Some(_)) | (_, Some(Sign::AnyRun | Sign::RunWithin)) => {
                    under(at) || beside
                }
                (_, None) => false,
                (Sign::One(one), Some(Sign::One(other))) => one == other && under(at + 1),
                (Sign::AnyOne | Sign::OneWithin, Some(_)) | (_, Some(Sign::AnyOne | Sign::OneWithin)) => under(at + 1),
            };
            if let Some(place) = next.get_mut(at) {
                *place = both;
            }
        }
        row = next;
    }
    row.first().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use dodai_document::Place;
    use proptest::prelude::*;

    use super::*;
    use crate::language::Text;
    use crate::pattern::glob;

    fn list(negated: bool, values: &[&str]) -> List {
        let place = Place { line: 1, column: 1 };
        let values = values.iter().map(|value| Text { value: (*value).to_owned(), place }).collect();
        List { place, negated, values }
    }

    #[test]
    fn containing_is_certain() {
        let check = |outer: (bool, &[&str]), inner: (bool, &[&str]), yes: bool| {
            let found = contains(Of::Actions, &list(outer.0, outer.1), &list(inner.0, inner.1));
            assert_eq!(found, yes, "{outer:?} {inner:?}");
        };
        check((false, &["*"]), (true, &["s3:*"]), true);
        check((false, &["*:*"]), (false, &["s3:GetObject"]), true);
        check((false, &["S3:*"]), (false, &["s3:GetObject", "s3:Put*"]), true);
        check((false, &["s3:Get*"]), (false, &["s3:GetObject", "s3:Put*"]), false);
        check((false, &["s3:G?t*"]), (false, &["s3:G*t*"]), false);
        check((false, &["s3:G??"]), (false, &["s3:G**"]), false);
        check((false, &["s3:G?t"]), (false, &["s3:G?t"]), true);
        check((true, &["iam:*"]), (false, &["s3:*"]), true);
        check((true, &["iam:*"]), (false, &["*"]), false);
        check((true, &["iam:Pass*"]), (true, &["iam:*"]), true);
        check((true, &["iam:*"]), (true, &["iam:Pass*"]), false);
        check((false, &["s3:*"]), (true, &["iam:*"]), false);
        let resources = |outer: &str, inner: &str, yes: bool| {
            let of = Of::Resources(Version::V2012);
            assert_eq!(contains(of, &list(false, &[outer]), &list(false, &[inner])), yes, "{outer} {inner}");
        };
        resources("arn:aws:s3:::b/*", "arn:aws:s3:::b/${aws:username}/*", true);
        resources("arn:aws:s3:::b/${aws:username}/*", "arn:aws:s3:::b/x/*", false);
        resources("arn:aws:s3:::b/${aws:username}/*", "arn:aws:s3:::b/${aws:username}/*", true);
        resources("arn:aws:s3:::B/*", "arn:aws:s3:::b/*", false);
    }

    #[test]
    fn lists_meet_actions() {
        let check = |negated: bool, values: &[&str], pattern: &str, yes: bool| {
            assert_eq!(meets(&list(negated, values), pattern), yes, "{values:?} {pattern}");
        };
        check(false, &["s3:Put*"], "s3:*Acl", true);
        check(false, &["S3:PUT*"], "s3:PutBucketAcl", true);
        check(false, &["s3:Get*"], "s3:PutBucketAcl", false);
        check(true, &["s3:Put*"], "s3:PutBucketAcl", false);
        check(true, &["s3:Put*"], "s3:*", true);
        check(false, &[], "*", false);
    }

    proptest! {
        #[test]
        fn a_text_that_fits_the_inner_fits_the_outer(outer in "[ab*?]{0,5}", inner in "[ab*?]{0,5}", text in "[abc]{0,6}") {
            let certain = contains(Of::Resources(Version::V2012), &list(false, &[&outer]), &list(false, &[&inner]));
            if certain && glob(&inner, &text) {
                prop_assert!(glob(&outer, &text));
            }
        }

        #[test]
        fn patterns_meet_where_a_text_fits_both(left in "[ab*?]{0,5}", right in "[ab*?]{0,5}", text in "[abc]{0,6}") {
            if glob(&left, &text) && glob(&right, &text) {
                prop_assert!(meet(&left, &right));
            }
            prop_assert_eq!(meet(&left, &right), meet(&right, &left));
        }

        #[test]
        fn a_pattern_meets_a_text_that_it_fits(pattern in "[ab*?]{0,6}", text in "[ab]{0,6}") {
            prop_assert_eq!(meet(&pattern, &text), glob(&pattern, &text));
        }
    }
}
