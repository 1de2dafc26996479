//! What a command says when it cannot go on: what failed, and what to do.

use dodai_document::suggest;
use dodai_facts::escape::terminal;
use dodai_facts::{Failure, FailureKind};

pub type Result<T> = std::result::Result<T, Error>;

/// Ends the command with exit code 1, or 3 where AWS could not be read.
#[derive(Debug)]
pub struct Error {
    pub message: String,
    pub help: Option<String>,
    /// AWS could not be read: exit code 3.
    pub unknown: bool,
}

impl Error {
    pub fn new(message: String, help: &str) -> Self {
        Self { message, help: Some(help.to_owned()), unknown: false }
    }

    /// Something that only a mistake in Dodai itself can bring about.
    pub fn defect(message: String) -> Self {
        Self::new(message, "this is a defect of dodai: please report it with this message")
    }

    pub fn from_display(error: impl std::fmt::Display) -> Self {
        Self { message: error.to_string(), help: None, unknown: false }
    }

    pub fn calling(failure: &Failure, help: &str) -> Self {
        Self { message: failure.to_string(), help: Some(help.to_owned()), unknown: true }
    }

    /// The management credentials could not be had or used.
    pub fn credentials(failure: &Failure) -> Self {
        let help = match failure.kind {
            _ if failure.code == "NotRecorded" => "replay it with the directory and the verb that it was recorded with",
            FailureKind::Transport => "is the network there? AWS_ENDPOINT_URL, if set, must be reachable",
            _ => {
                "give credentials of the management account: environment variables, --aws-profile NAME, or `aws sso login`"
            }
        };
        Self { message: failure.to_string(), help: Some(help.to_owned()), unknown: false }
    }

    /// A name that does not exist, with the nearest one that does, else with what there is.
    pub fn unknown<'a>(kind: &str, name: &str, names: impl IntoIterator<Item = &'a str>) -> Self {
        Self { message: format!("there is no {kind} `{name}`"), help: suggest(name, names), unknown: false }
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "error: {}", terminal(&self.message))?;
        if let Some(help) = &self.help {
            write!(formatter, "\n  help: {}", terminal(help))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Error;

    #[test]
    fn an_unknown_name_is_told_with_the_nearest_or_with_what_there_is() {
        let check = |name: &str, names: &[&str], expected: &str| {
            assert_eq!(Error::unknown("account", name, names.iter().copied()).to_string(), expected);
        };
        let names = ["management", "web"];
        check("wbe", &names, "error: there is no account `wbe`\n  help: did you mean `web`?");
        check("batch", &names, "error: there is no account `batch`\n  help: one of `management`, `web`");
        check("batch", &[], "error: there is no account `batch`");
    }
}
