//! What a command says when it cannot go on: what failed, and what to do.

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
            FailureKind::Transport => "is the network there? AWS_ENDPOINT_URL, if set, must be reachable",
            _ => {
                "give credentials of the management account: environment variables, --aws-profile NAME, or `aws sso login`"
            }
        };
        Self { message: failure.to_string(), help: Some(help.to_owned()), unknown: false }
    }

    /// A name that does not exist, with the nearest one that does.
    pub fn unknown<'a>(kind: &str, name: &str, names: impl Iterator<Item = &'a str>) -> Self {
        let names: Vec<&str> = names.collect();
        let nearest = names
            .iter()
            .map(|candidate| (strsim::damerau_levenshtein(name, candidate), *candidate))
            .filter(|(distance, candidate)| *distance <= 1 + candidate.len() / 3)
            .min();
        let help = match nearest {
            Some((_, nearest)) => format!("did you mean `{nearest}`?"),
            None if names.len() <= 12 => format!("one of {}", names.join(", ")),
            None => format!("there are {} to choose from", names.len()),
        };
        Self::new(format!("there is no {kind} `{name}`"), &help)
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
