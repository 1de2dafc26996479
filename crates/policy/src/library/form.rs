//! What the value of a parameter must look like. The forms are narrow, so that a value stays the one thing that the
//! guardrail's author had in mind: no policy variable, no pattern that matches everything.

use std::fmt;
use std::net::IpAddr;

use dodai_facts::{AccountId, Region};

/// The form of one value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// 12 digits.
    Account,
    /// A pattern of actions of one service: `s3:Get*`.
    Action,
    /// An IP address, or a range of them in CIDR form.
    Address,
    /// A pattern of bucket names: `dodai-config-*`.
    Bucket,
    /// `o-…`
    Organization,
    /// A pattern of ARNs of IAM roles and users.
    Principal,
    Region,
    /// A pattern of ARNs of IAM roles: `arn:*:iam::*:role/dodai-*`.
    Role,
    TagKey,
    /// One line of text; under an operator that knows patterns, `*` and `?` are patterns.
    Text,
    Vpc,
}

impl Form {
    pub const ALL: [Self; 11] = [
        Self::Account,
        Self::Action,
        Self::Address,
        Self::Bucket,
        Self::Organization,
        Self::Principal,
        Self::Region,
        Self::Role,
        Self::TagKey,
        Self::Text,
        Self::Vpc,
    ];

    /// How a guardrail names the form, of one value and of a list.
    pub const fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Account => ("account", "accounts"),
            Self::Action => ("action", "actions"),
            Self::Address => ("address", "addresses"),
            Self::Bucket => ("bucket", "buckets"),
            Self::Organization => ("organization", "organizations"),
            Self::Principal => ("principal", "principals"),
            Self::Region => ("region", "regions"),
            Self::Role => ("role", "roles"),
            Self::TagKey => ("tag-key", "tag-keys"),
            Self::Text => ("text", "texts"),
            Self::Vpc => ("vpc", "vpcs"),
        }
    }

    /// `must be …`
    pub const fn expected(self) -> &'static str {
        match self {
            Self::Account => "an account id (12 digits)",
            Self::Action => "actions of one service (such as s3:GetObject or s3:Get*)",
            Self::Address => "an IP address or a range of them (such as 203.0.113.0/24)",
            Self::Bucket => "the name of a bucket, possibly with `*` (such as dodai-config-*)",
            Self::Organization => "an organization id (`o-` and 10 to 32 lowercase letters or digits)",
            Self::Principal => "an ARN of IAM roles or users, possibly with `*` (such as arn:*:iam::*:user/*)",
            Self::Region => "a Region code (such as ap-northeast-1)",
            Self::Role => "an ARN of IAM roles, possibly with `*` (such as arn:*:iam::*:role/dodai-*)",
            Self::TagKey => "a tag key of 1 to 128 letters, digits, spaces and _.:/=+-@",
            Self::Text => "one line of 1 to 256 characters without `${`",
            Self::Vpc => "the id of a VPC (vpc-…)",
        }
    }

    pub fn holds(self, text: &str) -> bool {
        let only = |text: &str, others: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || others.contains(c));
        match self {
            Self::Account => text.parse::<AccountId>().is_ok(),
            Self::Region => text.parse::<Region>().is_ok(),
            Self::Address => address(text),
            Self::Action => text.split_once(':').is_some_and(|(service, name)| {
                !service.is_empty() && only(service, "-") && !name.is_empty() && only(name, "*?")
            }),
            Self::Bucket => (3..=63).contains(&text.len()) && only(text, ".-*?") && says_something(text),
            Self::Organization => text.strip_prefix("o-").is_some_and(|rest| {
                (10..=32).contains(&rest.len()) && rest.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
            }),
            Self::Principal => principal(text).is_some_and(|resource| {
                ["role/", "user/"].iter().any(|kind| resource.strip_prefix(kind).is_some_and(|name| !name.is_empty()))
            }),
            // A pattern of all roles would exempt everybody.
            Self::Role => {
                principal(text).and_then(|resource| resource.strip_prefix("role/")).is_some_and(says_something)
            }
            Self::TagKey => {
                (1..=128).contains(&text.chars().count())
                    && text.chars().all(|c| c.is_alphanumeric() || " _.:/=+-@".contains(c))
            }
            Self::Text => {
                (1..=256).contains(&text.chars().count()) && !text.contains("${") && !text.chars().any(char::is_control)
            }
            Self::Vpc => text
                .strip_prefix("vpc-")
                .is_some_and(|id| (8..=17).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_hexdigit())),
        }
    }
}

/// Not wildcards alone.
fn says_something(text: &str) -> bool {
    text.chars().any(|c| c.is_ascii_alphanumeric())
}

/// The resource part of an IAM ARN.
fn principal(text: &str) -> Option<&str> {
    let mut parts = text.splitn(6, ':');
    let [scheme, partition, service, region, account, resource] = std::array::from_fn(|_| parts.next());
    let (partition, account, resource) = (partition?, account?, resource?);
    let good = scheme == Some("arn")
        && service == Some("iam")
        && region == Some("")
        && !partition.is_empty()
        && partition.chars().all(|c| c.is_ascii_alphanumeric() || "-*".contains(c))
        && (account == "*" || account.parse::<AccountId>().is_ok())
        && (1..=600).contains(&resource.len())
        && resource.chars().all(|c| c.is_ascii_alphanumeric() || "_+=,.@-/*?".contains(c));
    good.then_some(resource)
}

fn address(text: &str) -> bool {
    let (address, bits) = match text.split_once('/') {
        Some((address, bits)) => (address, Some(bits)),
        None => (text, None),
    };
    let most = match address.parse() {
        Ok(IpAddr::V4(_)) => 32,
        Ok(IpAddr::V6(_)) => 128,
        Err(_) => return false,
    };
    bits.is_none_or(|bits| {
        bits.bytes().all(|b| b.is_ascii_digit()) && bits.parse::<u8>().is_ok_and(|bits| (1..=most).contains(&bits))
    })
}

/// One value of a form, or a list of such values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind {
    pub form: Form,
    pub many: bool,
}

impl Kind {
    /// `regions`: a list of Regions.
    pub fn named(name: &str) -> Option<Self> {
        Form::ALL.into_iter().find_map(|form| match form.names() {
            (one, _) if one == name => Some(Self { form, many: false }),
            (_, many) if many == name => Some(Self { form, many: true }),
            _ => None,
        })
    }

    pub fn names() -> impl Iterator<Item = &'static str> {
        Form::ALL.into_iter().flat_map(|form| [form.names().0, form.names().1])
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (one, many) = self.form.names();
        formatter.write_str(if self.many { many } else { one })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(form: Form, good: &[&str], bad: &[&str]) {
        for text in good {
            assert!(form.holds(text), "{form:?} {text:?}");
        }
        for text in bad.iter().chain(&["", "${aws:username}", "a\"b", "a\nb"]) {
            assert!(!form.holds(text) || form == Form::Text && *text == "a\"b", "{form:?} {text:?}");
        }
    }

    #[test]
    fn each_form_takes_what_it_names_and_nothing_wider() {
        check(Form::Account, &["111122223333"], &["1", "*", "arn:aws:iam::111122223333:root"]);
        check(
            Form::Action,
            &["s3:GetObject", "ec2:*", "route53-recovery-cluster:Get*"],
            &["*", "s3", "s3:", ":x", "*:Get"],
        );
        check(
            Form::Address,
            &["203.0.113.7", "10.0.0.0/8", "2001:db8::/32"],
            &["0.0.0.0/0", "10.0.0.0/33", "10/8", "::/+1"],
        );
        check(Form::Bucket, &["dodai-config-*", "a.b"], &["***", "ab", "arn:aws:s3:::b", "a/b"]);
        check(Form::Organization, &["o-exampleorgid"], &["o-1", "r-abcd"]);
        check(
            Form::Principal,
            &["arn:*:iam::*:user/*", "arn:aws:iam::111122223333:role/a/b*"],
            &[
                "*",
                "arn:aws:iam::*:root",
                "arn:aws:sts::*:assumed-role/a/b",
                "arn:aws:iam::*:role/",
                "arn:aws:iam::12*:role/a",
            ],
        );
        check(
            Form::Role,
            &["arn:*:iam::*:role/dodai-*", "arn:aws:iam::111122223333:role/path/Name"],
            &["arn:*:iam::*:role/*", "arn:*:iam::*:role/??", "arn:*:iam::*:user/a", "Admin", "arn:aws:iam::*:*"],
        );
        check(Form::Region, &["ap-northeast-1"], &["*", "US"]);
        check(Form::TagKey, &["CostCenter", "dodai:class", "費用"], &["a*", "a{b}"]);
        check(Form::Text, &["{{not expanded}}", "a b"], &[]);
        check(Form::Vpc, &["vpc-0123456789abcdef0"], &["vpc-*", "vpce-0123456789abcdef0"]);
    }

    #[test]
    fn kinds_have_names_of_their_own() {
        for name in Kind::names() {
            assert_eq!(Kind::named(name).map(|kind| kind.to_string()).as_deref(), Some(name));
        }
        assert_eq!(Kind::named("things"), None);
    }
}
