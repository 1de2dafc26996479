//! Who does something in a test: a short form, whose account the test supplies, or a whole ARN.

/// The forms that `who` has, each with what it means.
pub const FORMS: [(&str, &str); 7] = [
    ("role/Admin", "a role of the account; its path may stand before the name"),
    ("assumed-role/Admin/alice", "a session of a role of the account"),
    ("user/alice", "an IAM user of the account"),
    ("root", "the account's root user"),
    ("service:ec2.amazonaws.com", "an AWS service"),
    ("anonymous", "nobody in particular"),
    ("arn:aws:iam::111122223333:role/Admin", "a whole ARN, also of another account"),
];

/// Who does something, by form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    /// The last part of an IAM ARN: `role/Admin`, `user/alice`, `root`.
    Iam(String),
    /// The last part of an STS ARN: `assumed-role/Admin/alice`.
    Sts(String),
    Service(String),
    Anonymous,
    Arn(String),
}

impl Who {
    /// None for what has none of the [`FORMS`].
    pub fn parse(text: &str) -> Option<Self> {
        let names = |rest: &str, count: usize| {
            let parts: Vec<&str> = rest.split('/').collect();
            parts.len() >= count && parts.iter().all(|part| !part.is_empty() && !part.contains(['*', '?', ':', ' ']))
        };
        match text {
            "root" => return Some(Self::Iam(text.to_owned())),
            "anonymous" => return Some(Self::Anonymous),
            _ => {}
        }
        if text.starts_with("arn:") {
            return Some(Self::Arn(text.to_owned()));
        }
        if let Some(service) = text.strip_prefix("service:") {
            let is_host = service.contains('.') && !service.contains(['*', '?', ':', ' ', '/']);
            return is_host.then(|| Self::Service(service.to_owned()));
        }
        match text.split_once('/')? {
            ("role" | "user", rest) if names(rest, 1) => Some(Self::Iam(text.to_owned())),
            ("assumed-role", rest) if names(rest, 2) => Some(Self::Sts(text.to_owned())),
            _ => None,
        }
    }

    /// The principal of a request, where the account is this one.
    pub fn principal(&self, partition: &str, account: &str) -> String {
        match self {
            Self::Iam(last) => format!("arn:{partition}:iam::{account}:{last}"),
            Self::Sts(last) => format!("arn:{partition}:sts::{account}:{last}"),
            Self::Service(text) | Self::Arn(text) => text.clone(),
            Self::Anonymous => "*".to_owned(),
        }
    }

    /// The account, where its form says one.
    pub fn account(&self) -> Option<&str> {
        match self {
            Self::Arn(arn) => arn.split(':').nth(4).filter(|account| !account.is_empty()),
            _ => None,
        }
    }

    /// It is of the account that the test is about.
    pub const fn is_of_account(&self) -> bool {
        matches!(self, Self::Iam(_) | Self::Sts(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_reads() {
        for (form, _) in FORMS {
            assert!(Who::parse(form).is_some(), "{form}");
        }
        for none in ["", "Admin", "role/", "role/a b", "role/*", "user//x", "service:ec2", "assumed-role/Admin", "*"] {
            assert_eq!(Who::parse(none), None, "{none}");
        }
    }
}
