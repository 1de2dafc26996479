//! The ARN of a role whose name is known and whose path is not.
//!
//! A session's ARN, `arn:aws:sts::111122223333:assumed-role/name/session`, does not name the path of its role, which
//! `aws:PrincipalArn` has. AWS: "AWS global condition context keys" (`aws:PrincipalArn`), "IAM identifiers" (paths).

use super::text::Signs;
use super::truth::Truth;
use crate::containment::{signs_contain, signs_meet};
use crate::pattern::{Pattern, Sign};

/// All ARNs that the role may have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SomePath {
    /// With the shortest path.
    plain: Box<str>,
    /// Where in it more may stand.
    place: usize,
}

impl SomePath {
    /// `before` is what the ARN begins with, up to the path's last part that is known; it ends with `/`.
    pub(super) fn new(before: String, name: &str) -> Self {
        let place = before.len();
        Self { plain: (before + name).into(), place }
    }

    pub(super) fn plain(&self) -> &str {
        &self.plain
    }

    /// One of the longer ones.
    pub(super) fn example(&self) -> String {
        let sign = |sign: &Sign| match sign {
            Sign::One(character) => Some(*character),
            Sign::AnyRun | Sign::RunWithin => None,
            Sign::AnyOne | Sign::OneWithin => Some('x'),
        };
        self.longer().iter().filter_map(sign).collect()
    }

    /// What the longer ones fit.
    fn longer(&self) -> Vec<Sign> {
        let (before, name) = self.plain.split_at_checked(self.place).unwrap_or_default();
        let literal = |text: &str| text.chars().map(Sign::One).collect::<Vec<_>>();
        [literal(before), vec![Sign::AnyOne, Sign::AnyRun, Sign::One('/')], literal(name)].concat()
    }

    /// The patterns that all of them together fit.
    pub(super) fn patterns(&self) -> [Vec<Sign>; 2] {
        [self.plain.chars().map(Sign::One).collect(), self.longer()]
    }

    /// Whether the role may have this ARN.
    pub(super) fn admits(&self, arn: &str) -> bool {
        *self.plain == *arn || Pattern::new(self.longer()).matches(arn)
    }

    /// Whether a pattern fits, whatever the path is. `fold`: the pattern is in lower case.
    pub(super) fn fits(&self, pattern: Signs, fold: bool) -> Truth {
        let (signs, known) = match pattern {
            Signs::Nothing => return Truth::False,
            Signs::TooLong => return Truth::Unknown,
            Signs::Known(signs) => (signs, true),
            Signs::Unknown(signs) => (signs, false),
        };
        let folded = |sign: &Sign| match sign {
            Sign::One(character) if fold => Sign::One(character.to_lowercase().next().unwrap_or(*character)),
            other => *other,
        };
        let [plain, longer] = self.patterns().map(|signs| signs.iter().map(folded).collect::<Vec<_>>());
        if !signs_meet(&signs, &plain) && !signs_meet(&signs, &longer) {
            Truth::False
        } else if known && signs_contain(&signs, &plain) && signs_contain(&signs, &longer) {
            Truth::True
        } else {
            Truth::Unknown
        }
    }
}
