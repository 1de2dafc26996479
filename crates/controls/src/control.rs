//! A control file: a header of `-- key: value` lines, an empty comment line, documentation, then one SELECT.
//!
//! ```sql
//! -- id: S3.8
//! -- title: Buckets block public access
//! -- severity: HIGH
//! -- of: aws_s3_bucket
//! -- repair: set the four switches of the bucket's public access block
//! --
//! -- Why it matters, what counts, where AWS documents it.
//! select _id, … as passed, … as reason from aws_s3_bucket
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

use dodai_facts::{ControlInfo, Problem, Region, Severity, is_control_id, meant};
use serde::Serialize;

/// A control file may be this large, in bytes.
pub(crate) const MOST_BYTES: usize = 100_000;

/// A control, as its file says it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Control {
    /// `S3.8`: Security Hub's id where it is one of Security Hub's controls.
    pub id: String,
    pub title: String,
    pub severity: Severity,
    /// The driving tables, mostly one: the query gives exactly one row for each of their rows.
    #[serde(serialize_with = "joined")]
    pub of: Vec<String>,
    /// The other tables that the query reads, and how far a gap in each reaches.
    pub also: BTreeMap<String, Reach>,
    /// What one witness proves in spite of a gap in another table.
    pub proof: Option<Proof>,
    /// What to do about a failed finding.
    pub repair: String,
    /// The feature of the baseline that repairs it.
    pub feature: Option<String>,
    /// The only Region that it is offered in (global services that are judged in one Region).
    pub only_region: Option<Region>,
    /// Judges what exists once per account: gives findings in the home Region only.
    pub global: bool,
    /// The service whose delegated administrator alone gets findings, where there is one.
    pub delegated_admin: Option<String>,
    pub documentation: String,
    /// The query, from its first line to the end of the file.
    pub sql: String,
    /// Where the control stands, and the line of the file (from 1) that `sql` begins on.
    pub file: String,
    pub sql_line: usize,
}

/// How far a gap in another table reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Reach {
    /// The driving rows of the same cell.
    Cell,
    /// The driving rows of the same account.
    Account,
    /// Every driving row.
    Organization,
}

/// What one witness proves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Proof {
    /// Something exists that satisfies the control.
    Pass,
    /// One violation suffices.
    Fail,
}

const KEYS: &[&str] = &[
    "id",
    "title",
    "severity",
    "of",
    "also",
    "proof",
    "repair",
    "feature",
    "only_region",
    "global",
    "delegated_admin",
];

const REQUIRED: &[&str] = &["id", "title", "severity", "of", "repair"];

impl Control {
    /// Reads a control file. Every mistake is reported, with its place.
    pub fn parse(file: &str, text: &str) -> Result<Self, Vec<Problem>> {
        Header::read(file, text).and_then(|(header, rest)| header.control(rest))
    }

    pub fn info(&self) -> ControlInfo {
        ControlInfo { id: self.id.clone(), title: self.title.clone(), severity: self.severity }
    }

    /// Every table that the control says it reads.
    pub fn tables(&self) -> impl Iterator<Item = &str> {
        let also = self.also.keys().filter(|table| !self.of.contains(table));
        self.of.iter().chain(also).map(String::as_str)
    }
}

/// What follows the header.
struct Rest {
    documentation: String,
    sql: String,
    sql_line: usize,
}

struct Value {
    text: String,
    line: usize,
    column: usize,
}

struct Header<'a> {
    file: &'a str,
    values: BTreeMap<&'static str, Value>,
    /// Keys that nobody knows, each with its line and column.
    unknown: Vec<(String, usize, usize)>,
    /// Keys of which it is said already what is wrong: they are not missing besides.
    told: BTreeSet<&'static str>,
    problems: Vec<Problem>,
}

impl<'a> Header<'a> {
    fn read(file: &'a str, text: &str) -> Result<(Self, Rest), Vec<Problem>> {
        let (values, told) = (BTreeMap::new(), BTreeSet::new());
        let mut header = Header { file, values, unknown: Vec::new(), told, problems: Vec::new() };
        if text.len() > MOST_BYTES {
            header.problem(0, 0, format!("a control file has at most {MOST_BYTES} bytes, not {}", text.len()), None);
            return Err(header.problems);
        }
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut documentation: Vec<&str> = Vec::new();
        let mut in_header = true;
        let mut rest = Rest { documentation: String::new(), sql: String::new(), sql_line: 0 };
        let mut offset = 0;
        for (index, line) in text.split_inclusive('\n').enumerate() {
            let shown = line.trim_end();
            match shown.strip_prefix("--") {
                Some(comment) if in_header && !comment.trim().is_empty() => header.line(index + 1, shown, comment),
                Some(comment) => {
                    in_header = false;
                    documentation.push(comment.strip_prefix(' ').unwrap_or(comment));
                }
                None if shown.is_empty() => in_header = in_header && header.values.is_empty(),
                None => {
                    rest.sql_line = index + 1;
                    text.get(offset..).unwrap_or_default().trim_end().clone_into(&mut rest.sql);
                    break;
                }
            }
            offset += line.len();
        }
        documentation.join("\n").trim().clone_into(&mut rest.documentation);
        Ok((header, rest))
    }

    /// One line of the header, `-- key: value`.
    fn line(&mut self, line: usize, shown: &str, comment: &str) {
        let Some((key, value)) = comment.split_once(':') else {
            self.told.extend(KEYS.iter().find(|key| **key == comment.trim()));
            let help = "an empty `--` line ends the header and begins the documentation";
            return self.problem(line, 1, format!("`{shown}` is not a `-- key: value` line"), Some(help.to_owned()));
        };
        let name = key.trim();
        let place = |part: &str| column_of(shown, part);
        let Some(known) = KEYS.iter().find(|known| **known == name) else {
            return self.unknown.push((name.to_owned(), line, place(name)));
        };
        let value = value.trim();
        let column = place(value);
        if value.is_empty() {
            self.told.insert(known);
            return self.problem(line, place(name), format!("`{known}` has no value"), None);
        }
        if value.chars().any(char::is_control) {
            self.told.insert(known);
            return self.problem(line, column, format!("the value of `{known}` contains control characters"), None);
        }
        let value = Value { text: value.to_owned(), line, column };
        if let Some(earlier) = self.values.insert(known, value) {
            let message = format!("`{known}` is given twice: first on line {}", earlier.line);
            self.problem(line, place(name), message, None);
        }
    }

    /// What nobody knows, with what was meant: a key that is required and lacking, if it may be one.
    fn check_keys(&mut self) {
        let is_lacking = |key: &&&str| !self.values.contains_key(**key) && !self.told.contains(**key);
        let lacking: Vec<&str> = REQUIRED.iter().filter(is_lacking).copied().collect();
        for (name, line, column) in std::mem::take(&mut self.unknown) {
            let meant = meant(&name, KEYS, &lacking);
            self.told.extend(meant);
            let help = meant.map_or_else(|| nearest(&name, KEYS), |key| format!("did you mean `{key}`?"));
            self.problem(line, column, format!("unknown key `{name}`"), Some(help));
        }
    }

    fn control(mut self, rest: Rest) -> Result<Control, Vec<Problem>> {
        self.check_keys();
        let id = self.required("id", |text| {
            let wrong = || format!("`{text}` is not a control id: a name, a dot and a number, such as `S3.8`");
            is_control_id(text).then(|| text.to_owned()).ok_or_else(wrong)
        });
        let title = self.required("title", |text| Ok(text.to_owned()));
        let severity = self.required("severity", Severity::from_str);
        let of = self.required("of", tables);
        let repair = self.required("repair", |text| Ok(text.to_owned()));
        let also = self.optional("also", also);
        let proof = self.optional("proof", |text| match text {
            "pass" => Ok(Proof::Pass),
            "fail" => Ok(Proof::Fail),
            other => Err(format!("`{other}` is not a proof: `pass` or `fail`")),
        });
        let feature = self.optional("feature", word);
        let only_region =
            self.optional("only_region", |text| text.parse::<Region>().map_err(|error| error.to_string()));
        let global = self.optional("global", |text| match text {
            "true" => Ok(true),
            "false" => Ok(false),
            other => Err(format!("`{other}` is neither `true` nor `false`")),
        });
        let delegated_admin = self.optional("delegated_admin", word);
        self.check_sql(&rest);
        match (id, title, severity, of, repair) {
            (Some(id), Some(title), Some(severity), Some(of), Some(repair)) if self.problems.is_empty() => {
                Ok(Control {
                    id,
                    title,
                    severity,
                    of,
                    also: also.unwrap_or_default(),
                    proof,
                    repair,
                    feature,
                    only_region,
                    global: global.unwrap_or_default(),
                    delegated_admin,
                    documentation: rest.documentation,
                    sql: rest.sql,
                    file: self.file.to_owned(),
                    sql_line: rest.sql_line,
                })
            }
            _ => Err(self.problems),
        }
    }

    /// That it is one SELECT is the SQL engine's to say; this finds what is plainly something else.
    fn check_sql(&mut self, rest: &Rest) {
        let first: String =
            rest.sql.chars().take_while(char::is_ascii_alphabetic).collect::<String>().to_ascii_lowercase();
        if rest.sql.is_empty() {
            self.problem(0, 0, "no query follows the header".to_owned(), None);
        } else if first != "select" && first != "with" {
            let help = "one query that begins with `select` or `with` follows the comments";
            self.problem(rest.sql_line, 1, "this is not a SELECT".to_owned(), Some(help.to_owned()));
        }
    }

    fn required<T>(&mut self, key: &str, parse: impl FnOnce(&str) -> Result<T, String>) -> Option<T> {
        if self.values.contains_key(key) {
            return self.optional(key, parse);
        }
        if !self.told.contains(key) {
            self.problem(0, 0, format!("the header lacks `-- {key}: …`"), None);
        }
        None
    }

    fn optional<T>(&mut self, key: &str, parse: impl FnOnce(&str) -> Result<T, String>) -> Option<T> {
        let value = self.values.remove(key)?;
        match parse(&value.text) {
            Ok(parsed) => Some(parsed),
            Err(message) => {
                self.problem(value.line, value.column, message, None);
                None
            }
        }
    }

    fn problem(&mut self, line: usize, column: usize, message: String, help: Option<String>) {
        self.problems.push(Problem { file: self.file.to_owned(), line, column, message, help });
    }
}

/// The column (from 1, in characters) of a part of a line.
fn column_of(line: &str, part: &str) -> usize {
    line.find(part).and_then(|at| line.get(..at)).map_or(1, |before| before.chars().count() + 1)
}

/// What to say about a name that is none of `names`.
pub(crate) fn nearest(name: &str, names: &[&str]) -> String {
    match dodai_facts::nearest(name, names.iter().copied()) {
        Some(candidate) => format!("did you mean `{candidate}`?"),
        None => format!("one of {}", names.join(", ")),
    }
}

/// As the header has them: `table, table`.
fn joined<S: serde::Serializer>(tables: &[String], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&tables.join(", "))
}

/// `table, table`
fn tables(text: &str) -> Result<Vec<String>, String> {
    let mut tables: Vec<String> = Vec::new();
    for name in text.split(',') {
        let name = table(name.trim())?;
        if tables.contains(&name) {
            return Err(format!("`{name}` is named twice"));
        }
        tables.push(name);
    }
    Ok(tables)
}

fn table(text: &str) -> Result<String, String> {
    let valid = text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    let wrong = || format!("`{text}` is not the name of a table: small letters, digits and `_`");
    (valid && !text.is_empty()).then(|| text.to_owned()).ok_or_else(wrong)
}

fn word(text: &str) -> Result<String, String> {
    let valid = text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    valid.then(|| text.to_owned()).ok_or_else(|| format!("`{text}` is not a name: small letters, digits and `-`"))
}

/// `table@reach, table@reach`
fn also(text: &str) -> Result<BTreeMap<String, Reach>, String> {
    let mut tables = BTreeMap::new();
    for part in text.split(',').map(str::trim) {
        let (name, reach) = part.split_once('@').ok_or_else(|| {
            format!("`{part}` does not say how far the table reaches: `{part}@cell`, `@account` or `@organization`")
        })?;
        let reach = match reach {
            "cell" => Reach::Cell,
            "account" => Reach::Account,
            "organization" => Reach::Organization,
            other => return Err(format!("`{other}` is not a reach: `cell`, `account` or `organization`")),
        };
        if tables.insert(table(name)?, reach).is_some() {
            return Err(format!("`{name}` is named twice"));
        }
    }
    Ok(tables)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &str = "\
-- id: CloudTrail.1
-- title: A trail records: everything
-- severity: high
-- of: aws_account
-- also: aws_cloudtrail_trail@account, aws_x@organization
-- proof: pass
-- repair: make one
-- feature: cloudtrail
-- only_region: us-east-1
-- global: true
-- delegated_admin: guardduty
--
-- First line: of the documentation.
--
-- Last line.
select _id, -- not documentation
  true as passed
from aws_account
";

    #[test]
    fn a_whole_file_is_read() {
        let control = Control::parse("controls/x.sql", WHOLE).unwrap();
        assert_eq!(control.id, "CloudTrail.1");
        assert_eq!(control.title, "A trail records: everything");
        assert_eq!(control.severity, Severity::High);
        assert_eq!(control.also["aws_cloudtrail_trail"], Reach::Account);
        assert_eq!(control.also["aws_x"], Reach::Organization);
        assert_eq!(control.proof, Some(Proof::Pass));
        assert_eq!(control.only_region.as_ref().unwrap().as_str(), "us-east-1");
        assert!(control.global);
        assert_eq!(control.delegated_admin.as_deref(), Some("guardduty"));
        assert_eq!(control.documentation, "First line: of the documentation.\n\nLast line.");
        assert_eq!(control.sql_line, 16);
        assert!(control.sql.starts_with("select _id, --") && control.sql.ends_with("from aws_account"));
        assert_eq!(control.tables().collect::<Vec<_>>(), ["aws_account", "aws_cloudtrail_trail", "aws_x"]);
    }

    #[test]
    fn line_ends_and_marks_of_other_systems_are_taken() {
        let control = Control::parse("x", &format!("\u{feff}{}", WHOLE.replace('\n', "\r\n"))).unwrap();
        assert_eq!((control.repair.as_str(), control.sql_line), ("make one", 16));
    }

    #[test]
    fn mistakes_have_a_place() {
        for (from, to, expected) in [
            ("-- of: aws_account", "-- off: aws_account", "x:4:4: unknown key `off` (did you mean `of`?)"),
            ("-- of: aws_account", "-- of: aws account", "x:4:8: `aws account` is not the name of a table"),
            ("-- of: aws_account", "-- of: aws_account,", "x:4:8: `` is not the name of a table"),
            ("-- of: aws_account", "-- of: t, t", "x:4:8: `t` is named twice"),
            ("-- severity: high", "-- severity: bad", "x:3:14: `bad` is not a severity"),
            ("-- severity: high", "-- severity:", "x:3:4: `severity` has no value"),
            ("-- severity: high", "-- severity", "x:3:1: `-- severity` is not a `-- key: value` line"),
            ("-- severity: high", "-- title: again", "x:3:4: `title` is given twice: first on line 2"),
            ("-- id: CloudTrail.1", "-- id: CloudTrail", "x:1:8: `CloudTrail` is not a control id"),
            ("-- id: CloudTrail.1", "-- id: S3.08", "x:1:8: `S3.08` is not a control id"),
            ("@account,", "@region,", "x:5:10: `region` is not a reach"),
            ("@account,", ",", "x:5:10: `aws_cloudtrail_trail` does not say how far"),
            ("-- proof: pass", "-- proof: yes", "x:6:11: `yes` is not a proof"),
            ("us-east-1", "virginia", "x:9:17: `virginia` is not a Region code"),
            ("-- global: true", "-- global: home", "x:10:12: `home` is neither `true` nor `false`"),
            ("-- repair: make one\n", "", "x: the header lacks `-- repair: …`"),
            ("select _id", "delete _id", "x:16:1: this is not a SELECT"),
        ] {
            assert!(WHOLE.contains(from), "{from}");
            let problems = Control::parse("x", &WHOLE.replacen(from, to, 1)).unwrap_err();
            let text: Vec<String> = problems.iter().map(ToString::to_string).collect();
            // What is given twice takes the place of another key here.
            let most = if to.starts_with("-- title") { 2 } else { 1 };
            assert!(text.len() == most && text.iter().any(|line| line.starts_with(expected)), "{to}: {text:?}");
        }
    }

    #[test]
    fn empty_and_huge_files_are_refused() {
        let lacks = Control::parse("x", "").unwrap_err();
        assert_eq!(lacks.len(), 6, "{lacks:?}");
        let huge = Control::parse("x", &" ".repeat(MOST_BYTES + 1)).unwrap_err();
        assert!(huge[0].message.contains("at most 100000 bytes"));
    }
}
