//! What has been done to an account once: the value of the tag `dodai:onboarded` on the account in AWS
//! Organizations, which its owner cannot write. `secure global apne1 use1`: the profile, then the cells.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use dodai_facts::{Cell, Profile, Region};

pub const TAG: &str = "dodai:onboarded";

/// AWS limits the value of a tag to 256 characters.
const LONGEST: usize = 256;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Onboarding {
    pub profile: Profile,
    /// `global` and the short forms of Regions.
    cells: BTreeSet<String>,
}

impl Onboarding {
    pub fn new(profile: Profile) -> Self {
        Self { profile, cells: BTreeSet::new() }
    }

    /// Whether this cell was onboarded with this profile. A change of profile makes all cells new.
    pub fn covers(&self, profile: Profile, cell: &Cell) -> bool {
        self.profile == profile && self.cells.contains(&short(cell))
    }

    pub fn add(&mut self, cell: &Cell) {
        self.cells.insert(short(cell));
    }
}

fn short(cell: &Cell) -> String {
    cell.region().map_or_else(|| "global".to_owned(), Region::short)
}

impl fmt::Display for Onboarding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.profile.as_str())?;
        for cell in &self.cells {
            write!(formatter, " {cell}")?;
        }
        Ok(())
    }
}

/// A value of the tag that is not ours to understand.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the tag `dodai:onboarded` says `{0}`, which is not `<profile> <cells>`")]
pub struct UnreadableOnboarding(String);

impl FromStr for Onboarding {
    type Err = UnreadableOnboarding;

    fn from_str(text: &str) -> Result<Self, UnreadableOnboarding> {
        let wrong = || UnreadableOnboarding(text.chars().take(LONGEST).collect());
        let mut words = text.split_whitespace();
        let word = words.next().ok_or_else(wrong)?;
        let profile = Profile::ALL.into_iter().find(|profile| profile.as_str() == word).ok_or_else(wrong)?;
        let cells: BTreeSet<String> = words.map(str::to_owned).collect();
        let valid = |cell: &String| cell.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        if text.len() > LONGEST || !cells.iter().all(valid) {
            return Err(wrong());
        }
        Ok(Self { profile, cells })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tag_is_read_and_written() {
        let onboarding: Onboarding = "secure global apne1 use1".parse().unwrap();
        assert_eq!(onboarding.to_string(), "secure apne1 global use1");
        let cell = |region: &str| Cell::Region("111122223333".parse().unwrap(), region.parse().unwrap());
        assert!(onboarding.covers(Profile::Secure, &cell("us-east-1")));
        assert!(!onboarding.covers(Profile::Secure, &cell("us-west-2")));
        assert!(!onboarding.covers(Profile::Basic, &cell("us-east-1")), "a change of profile makes it new");
    }

    #[test]
    fn what_is_not_ours_is_refused() {
        for text in ["", "gold global", "secure GLOBAL", "secure a\u{202e}b"] {
            assert!(text.parse::<Onboarding>().is_err(), "{text}");
        }
    }

    #[test]
    fn every_region_of_aws_fits_the_tag() {
        let mut onboarding = Onboarding::new(Profile::Secure);
        for region in dodai_models::partitions::regions("aws") {
            onboarding.add(&Cell::Region("111122223333".parse().unwrap(), region.parse().unwrap()));
        }
        onboarding.add(&Cell::Account("111122223333".parse().unwrap()));
        assert!(onboarding.cells.len() > 30, "{onboarding}");
        assert!(onboarding.to_string().len() < LONGEST, "{}", onboarding.to_string().len());
    }
}
