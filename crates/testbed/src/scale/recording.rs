//! What was asked and answered, one exchange a line, in JSON.

use std::collections::HashSet;
use std::io;
use std::path::Path;

use http::StatusCode;
use serde::{Deserialize, Serialize};

use crate::call::Call;
use crate::reply::Reply;

/// A reply, and what it answers.
#[derive(Debug)]
pub(crate) struct Exchange {
    pub(crate) key: String,
    pub(crate) reply: Reply,
}

/// One line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    key: String,
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
}

/// Account, Region, service, operation and parameters as one text.
pub(crate) fn key(call: &Call) -> String {
    // In the order of their names: it says nothing.
    let mut params: Vec<_> = call.params.iter().collect();
    params.sort_unstable_by_key(|(name, _)| name.as_str());
    let mut key = [call.account.as_str(), call.region.as_str(), &call.service, &call.operation].join("\u{1f}");
    for (name, value) in params {
        key.push('\u{1f}');
        key.push_str(name);
        key.push('=');
        key.push_str(&value.as_str().map_or_else(|| value.to_string(), str::to_owned));
    }
    key
}

/// Remembers the first reply to each call that reads.
#[derive(Debug, Default)]
pub(crate) struct Recorder {
    lines: String,
    known: HashSet<String>,
}

impl Recorder {
    /// A reply that is no text is left out: whoever asks for it later is told that it was not recorded.
    pub(crate) fn record(&mut self, call: &Call, reply: &Reply) {
        let key = key(call);
        let Ok(body) = std::str::from_utf8(&reply.body) else { return };
        if call.is_mutating() || !self.known.insert(key.clone()) {
            return;
        }
        let line = Line { key, status: reply.status.as_u16(), headers: reply.headers.clone(), body: body.to_owned() };
        // Texts and a number always are JSON.
        if let Ok(line) = serde_json::to_string(&line) {
            self.lines.push_str(&line);
            self.lines.push('\n');
        }
    }

    pub(crate) fn text(&self) -> String {
        self.lines.clone()
    }

    pub(crate) fn forget(&mut self) {
        *self = Self::default();
    }
}

pub(crate) fn read(file: &Path) -> io::Result<Vec<Exchange>> {
    parse(&std::fs::read_to_string(file)?)
}

pub(crate) fn parse(text: &str) -> io::Result<Vec<Exchange>> {
    let exchange = |line: &str| {
        let line: Line = serde_json::from_str(line)?;
        let status = StatusCode::from_u16(line.status).map_err(io::Error::other)?;
        Ok(Exchange { key: line.key, reply: Reply { status, headers: line.headers, body: line.body.into() } })
    };
    text.lines().map(exchange).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::behaviours::tests::call;

    #[test]
    fn reads_are_kept_once_and_writes_never() {
        let mut recorder = Recorder::default();
        let one = call("guardduty", "GetDetector", json!({"b": 1, "a": ["x"]}));
        let same = call("guardduty", "GetDetector", json!({"a": ["x"], "b": 1}));
        recorder.record(&one, &Reply::json(&json!({"Status": "ENABLED"})));
        recorder.record(&same, &Reply::json(&json!({"Status": "DISABLED"})));
        recorder.record(&call("guardduty", "CreateDetector", json!({})), &Reply::json(&json!({})));
        let exchanges = parse(&recorder.text()).unwrap();
        let [exchange] = exchanges.as_slice() else { panic!("{exchanges:?}") };
        assert_eq!(exchange.key, key(&same));
        assert_eq!(exchange.reply, Reply::json(&json!({"Status": "ENABLED"})));
        assert!(parse("{}").is_err());
        recorder.forget();
        assert_eq!(recorder.text(), "");
    }
}
