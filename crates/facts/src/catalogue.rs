//! What there is to choose from: features with their settings, tables, controls. The directory is read
//! against it; listings and documentation are printed from it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Scope;

/// How much of the baseline an account gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    Basic,
    Secure,
}

impl Profile {
    pub const ALL: [Self; 2] = [Self::Basic, Self::Secure];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Basic => "basic",
            Self::Secure => "secure",
        }
    }
}

/// What later runs do to what a feature made (the value of the tag `dodai:class`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// Always kept as described.
    Managed,
    /// Made at onboarding, then the owner's.
    Initial,
    /// Made at onboarding; kept as described only while the account opts in.
    Maintained,
}

impl Class {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Managed => "managed",
            Self::Initial => "initial",
            Self::Maintained => "maintained",
        }
    }
}

/// Which cells a feature plans for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FeatureScope {
    Organization,
    Account,
    /// The home Region of each account.
    Home,
    /// Each active Region of each account.
    Region,
}

impl FeatureScope {
    pub fn cell_scope(self) -> Scope {
        match self {
            Self::Organization => Scope::Organization,
            Self::Account => Scope::Account,
            Self::Home | Self::Region => Scope::Region,
        }
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Organization => "organization",
            Self::Account => "account",
            Self::Home => "home region",
            Self::Region => "region",
        }
    }
}

/// What a setting's value may be.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SettingKind {
    Bool,
    /// Inclusive bounds.
    Integer {
        least: i64,
        most: i64,
    },
    Text,
    /// One of these.
    Choice(&'static [&'static str]),
    /// A list of texts; where `choices` is not empty, of these only.
    List {
        choices: &'static [&'static str],
    },
    /// A list of account ids, ARNs or `*`-patterns is a `List`; a map of text to text is this.
    Map,
    /// Text that may also be absent (`null`).
    OptionalText,
    /// A whole number that may also be absent (`null`), inclusive bounds.
    OptionalInteger {
        least: i64,
        most: i64,
    },
}

/// One setting of a feature: `features.<feature>.<name>` in the directory.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SettingInfo {
    pub name: &'static str,
    pub kind: SettingKind,
    /// Defaults as JSON text, per profile.
    pub basic: &'static str,
    pub secure: &'static str,
    pub doc: &'static str,
}

impl SettingInfo {
    /// The default of a profile. A default that is not JSON is a defect that the registry's tests find.
    pub fn default(&self, profile: Profile) -> Value {
        let text = match profile {
            Profile::Basic => self.basic,
            Profile::Secure => self.secure,
        };
        serde_json::from_str(text).unwrap_or(Value::Null)
    }
}

/// A feature of the baseline, as far as others need to know it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FeatureInfo {
    pub id: &'static str,
    pub title: &'static str,
    pub scope: FeatureScope,
    pub class: Class,
    /// The profiles that have it on. An account of another profile may opt in; where none has it, each account that
    /// wants it does.
    pub profiles: &'static [Profile],
    /// Features that must be done first in the same account.
    pub needs: &'static [&'static str],
    /// Tables and columns that it reads.
    pub reads: &'static [(&'static str, &'static [&'static str])],
    pub settings: &'static [SettingInfo],
    /// Every operation that its changes may call, `guardduty.CreateDetector`.
    pub calls: &'static [&'static str],
}

/// A table, as far as listings and the directory need to know it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TableInfo {
    pub name: String,
    pub scope: Scope,
    pub columns: Vec<String>,
    pub calls: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Severity {
    Informational,
    Low,
    Medium,
    High,
    Critical,
}

impl Severity {
    pub const ALL: [Self; 5] = [Self::Informational, Self::Low, Self::Medium, Self::High, Self::Critical];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Informational => "INFORMATIONAL",
            Self::Low => "LOW",
            Self::Medium => "MEDIUM",
            Self::High => "HIGH",
            Self::Critical => "CRITICAL",
        }
    }
}

impl FromStr for Severity {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|severity| severity.as_str().eq_ignore_ascii_case(text))
            .ok_or_else(|| format!("`{text}` is not a severity: INFORMATIONAL, LOW, MEDIUM, HIGH or CRITICAL"))
    }
}

/// A control, as far as listings and the directory need to know it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ControlInfo {
    pub id: String,
    pub title: String,
    pub severity: Severity,
}

/// Whether a text is the id of a control: a name, a dot and a number, as Security Hub numbers its controls (`S3.8`).
pub fn is_control_id(text: &str) -> bool {
    text.split_once('.').is_some_and(|(service, number)| {
        service.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && service.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic())
            && !number.is_empty()
            && !number.starts_with('0')
            && number.bytes().all(|byte| byte.is_ascii_digit())
    })
}

macro_rules! display_as_str {
    ($($name:ident),*) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.pad(self.as_str())
            }
        }
    )*};
}

display_as_str!(Profile, Class, FeatureScope, Severity);
