//! Where something is: the organization, one account, or one Region of one account.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// A name that is not of the form AWS gives such names.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{value}` is not {expected}")]
pub struct InvalidName {
    value: String,
    expected: &'static str,
}

/// Twelve digits. Cheap to clone, as a Region is: every finding has them.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AccountId(Arc<str>);

impl AccountId {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for AccountId {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        if text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit()) {
            Ok(Self(text.into()))
        } else {
            Err(InvalidName { value: text.to_owned(), expected: "an account id (12 digits)" })
        }
    }
}

/// A Region's code, `ap-northeast-1`. The form is checked, not whether AWS has such a Region: that is
/// the partition data's question.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Region(Arc<str>);

impl Region {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// AWS's short form, as in zone ids and billing: `apne1` for `ap-northeast-1`.
    pub fn short(&self) -> String {
        let mut parts = self.0.split('-');
        let mut short = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            match part {
                "north" | "south" | "east" | "west" | "central" => short.extend(part.chars().next()),
                "northeast" => short.push_str("ne"),
                "northwest" => short.push_str("nw"),
                "southeast" => short.push_str("se"),
                "southwest" => short.push_str("sw"),
                "gov" => short.push('g'),
                other => short.push_str(other),
            }
        }
        short
    }

    /// The partition that a Region of this name belongs to.
    pub fn partition(&self) -> Partition {
        match self.0.split('-').next().unwrap_or_default() {
            "cn" => Partition("aws-cn"),
            "eusc" => Partition("aws-eusc"),
            "us" if self.0.starts_with("us-gov-") => Partition("aws-us-gov"),
            "us" if self.0.starts_with("us-iso-") => Partition("aws-iso"),
            "us" if self.0.starts_with("us-isob-") => Partition("aws-iso-b"),
            "us" if self.0.starts_with("us-isof-") => Partition("aws-iso-f"),
            "eu" if self.0.starts_with("eu-isoe-") => Partition("aws-iso-e"),
            _ => Partition("aws"),
        }
    }
}

impl FromStr for Region {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        let parts: Vec<&str> = text.split('-').collect();
        let letters = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase());
        let valid = match parts.split_last() {
            Some((number, words)) => {
                words.len() >= 2
                    && words.iter().all(letters)
                    && (1..=2).contains(&number.len())
                    && number.bytes().all(|byte| byte.is_ascii_digit())
            }
            None => false,
        };
        if valid {
            Ok(Self(text.into()))
        } else {
            Err(InvalidName { value: text.to_owned(), expected: "a Region code (such as ap-northeast-1)" })
        }
    }
}

/// The part of AWS that an ARN begins with: `aws`, `aws-cn`, `aws-us-gov` …
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Partition(&'static str);

impl Partition {
    pub fn as_str(self) -> &'static str {
        self.0
    }
}

macro_rules! text_newtype {
    ($name:ident) => {
        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidName;

            fn try_from(text: String) -> Result<Self, InvalidName> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> String {
                name.0.as_ref().to_owned()
            }
        }
    };
}

text_newtype!(AccountId);
text_newtype!(Region);

impl fmt::Display for Partition {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.0)
    }
}

/// The three kinds of cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Read and written once, in the management account.
    Organization,
    /// Once per account: global services.
    Account,
    /// Once per account and Region.
    Region,
}

/// One place that has a state of its own.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Cell {
    Organization,
    Account(AccountId),
    Region(AccountId, Region),
}

impl Cell {
    pub fn scope(&self) -> Scope {
        match self {
            Self::Organization => Scope::Organization,
            Self::Account(_) => Scope::Account,
            Self::Region(..) => Scope::Region,
        }
    }

    pub fn account(&self) -> Option<&AccountId> {
        match self {
            Self::Organization => None,
            Self::Account(account) | Self::Region(account, _) => Some(account),
        }
    }

    pub fn region(&self) -> Option<&Region> {
        match self {
            Self::Region(_, region) => Some(region),
            Self::Organization | Self::Account(_) => None,
        }
    }

    /// The cell of a wider kind that this one lies in, itself where the kind is the same; none where
    /// `scope` is narrower.
    pub fn widen(&self, scope: Scope) -> Option<Cell> {
        match (scope, self) {
            (Scope::Organization, _) => Some(Self::Organization),
            (Scope::Account, Self::Account(account) | Self::Region(account, _)) => Some(Self::Account(account.clone())),
            (Scope::Region, Self::Region(..)) => Some(self.clone()),
            _ => None,
        }
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Organization => formatter.write_str("organization"),
            Self::Account(account) => write!(formatter, "{account}"),
            Self::Region(account, region) => write!(formatter, "{account}/{region}"),
        }
    }
}

impl FromStr for Cell {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        if text == "organization" {
            return Ok(Self::Organization);
        }
        match text.split_once('/') {
            Some((account, region)) => Ok(Self::Region(account.parse()?, region.parse()?)),
            None => Ok(Self::Account(text.parse()?)),
        }
    }
}

impl TryFrom<String> for Cell {
    type Error = InvalidName;

    fn try_from(text: String) -> Result<Self, InvalidName> {
        text.parse()
    }
}

impl From<Cell> for String {
    fn from(cell: Cell) -> String {
        cell.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn account_ids_are_twelve_digits() {
        for (text, valid) in [("111122223333", true), ("11112222333", false), ("11112222333a", false), ("", false)] {
            assert_eq!(text.parse::<AccountId>().is_ok(), valid, "{text}");
        }
    }

    #[test]
    fn regions_have_a_short_form_and_a_partition() {
        for (code, short, partition) in [
            ("ap-northeast-1", "apne1", "aws"),
            ("us-east-1", "use1", "aws"),
            ("eu-central-2", "euc2", "aws"),
            ("us-gov-west-1", "usgw1", "aws-us-gov"),
            ("cn-north-1", "cnn1", "aws-cn"),
            ("eusc-de-east-1", "euscdee1", "aws-eusc"),
        ] {
            let region: Region = code.parse().unwrap();
            assert_eq!(region.short(), short);
            assert_eq!(region.partition().as_str(), partition);
        }
        for wrong in ["", "us", "us-east", "US-EAST-1", "us-east-1a", "us--1", "us-east-123"] {
            assert!(wrong.parse::<Region>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn cells_are_text_and_back() {
        for text in ["organization", "111122223333", "111122223333/us-east-1"] {
            assert_eq!(text.parse::<Cell>().unwrap().to_string(), text);
        }
        assert!("111122223333/".parse::<Cell>().is_err());
    }
}
