//! Exit codes: part of the interface. When several hold: 1, 3, 4, 2.

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Nothing to do, or all done.
    Done,
    /// Something is wrong with what was asked, or with the directory; wrong usage too.
    Error,
    /// Changes are pending.
    Pending,
    /// Some cell failed or is unknown.
    Unknown,
    /// Findings at or above `--fail-on`.
    Findings,
}

impl Exit {
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Error => 1,
            Self::Pending => 2,
            Self::Unknown => 3,
            Self::Findings => 4,
        }
    }

    /// The one that counts when both hold.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        let rank = |exit: Self| match exit {
            Self::Error => 0,
            Self::Unknown => 1,
            Self::Findings => 2,
            Self::Pending => 3,
            Self::Done => 4,
        };
        if rank(other) < rank(self) { other } else { self }
    }

    /// `self` if `holds`, else nothing to report.
    #[must_use]
    pub fn when(self, holds: bool) -> Self {
        if holds { self } else { Self::Done }
    }
}

#[cfg(test)]
mod tests {
    use super::Exit::{Done, Error, Findings, Pending, Unknown};

    #[test]
    fn the_graver_code_counts() {
        for (left, right, counts) in [
            (Done, Pending, Pending),
            (Pending, Findings, Findings),
            (Findings, Unknown, Unknown),
            (Unknown, Error, Error),
        ] {
            assert_eq!(left.or(right), counts);
            assert_eq!(right.or(left), counts);
        }
    }
}
