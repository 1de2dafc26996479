//! Why the state could not be used: what was tried, where, why it failed, what to do.

#[derive(Debug, thiserror::Error)]
#[error("cannot {what} in the state `{state}`: {why} ({help})")]
pub struct StoreError {
    pub(super) what: String,
    pub(super) state: String,
    pub(super) why: String,
    pub(super) help: String,
}

/// How S3 says that nothing is at a path.
pub(super) const NO_SUCH_KEY: &str = "<Code>NoSuchKey</Code>";

pub(super) const TOO_LARGE_HELP: &str = "it was not written by this tool: look at it, and move it away";

pub(super) fn too_large(size: u64, limit: u64) -> String {
    format!("it has {size} bytes, the limit is {limit}")
}

/// The error with its causes (DNS, TLS, S3's own words), which the outermost message often leaves out.
pub(super) fn whole_text(why: &object_store::Error) -> String {
    let mut text = why.to_string();
    let mut source = std::error::Error::source(why);
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        source = cause.source();
    }
    text
}

/// S3's code and message out of an error that quotes its whole reply.
pub(super) fn in_words_of_s3(text: &str) -> Option<String> {
    let between = |open: &str, close: &str| Some(text.split_once(open)?.1.split_once(close)?.0);
    Some(format!("{}: {}", between("<Code>", "</Code>")?, between("<Message>", "</Message>")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_speak_in_the_words_of_s3() {
        let quoted = "404: <?xml?><Error><Code>NoSuchBucket</Code><Message>It is not there</Message></Error>";
        assert_eq!(in_words_of_s3(quoted).as_deref(), Some("NoSuchBucket: It is not there"));
        assert_eq!(in_words_of_s3("connection refused"), None);
    }
}
