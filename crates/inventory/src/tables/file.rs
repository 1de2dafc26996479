//! The form of a table file: what a person writes. Read as it stands; what it means against the API models
//! is `check`'s question.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use dodai_facts::{Problem, Scope, unknown_name};
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use serde_saphyr::Spanned;

/// A table file of a person may be as large as any directory file.
const MOST_BYTES: usize = 1 << 20;

/// One table: how its rows are listed, and which further calls give which columns.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TableFile {
    pub(crate) scope: Scope,
    /// Only the organization's management account can answer: other accounts are not asked.
    #[serde(default)]
    pub(crate) only: Option<Only>,
    /// One step, or several: each later step runs once for every row of the step before it.
    pub(crate) list: OneOrMany<StepFile>,
    /// Calls of which every member becomes a column.
    #[serde(default)]
    pub(crate) describe: Option<OneOrMany<DescribeFile>>,
    /// Calls that give one column each.
    #[serde(default)]
    pub(crate) add: BTreeMap<String, AddFile>,
    /// The ARN of a row: a reference.
    #[serde(default)]
    pub(crate) arn: Option<Spanned<String>>,
    /// The columns that tell rows of one cell apart, where there is no ARN. Neither: one row a cell.
    #[serde(default)]
    pub(crate) key: Vec<Spanned<String>>,
    /// The Region that a row is in, where the cell does not say (a bucket's).
    #[serde(default)]
    pub(crate) region: Option<Spanned<String>>,
    /// The column that holds the tags, whatever form AWS gives them.
    #[serde(default)]
    pub(crate) tags: Option<Spanned<String>>,
    /// Paths that the model marks as sensitive and that are kept all the same.
    #[serde(default)]
    pub(crate) keep: Vec<Spanned<String>>,
    /// Paths of which only is stored that they are there.
    #[serde(default)]
    pub(crate) hide: Vec<Spanned<String>>,
    /// Paths of texts that AWS sends percent-encoded (IAM's policy documents).
    #[serde(default)]
    pub(crate) decode: Vec<Spanned<String>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Only {
    Management,
}

/// One call that lists.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StepFile {
    pub(crate) call: Spanned<String>,
    /// Parameters by columns of the row of the step before.
    #[serde(default)]
    pub(crate) with: Map<String, Value>,
    /// Parameters that are constants.
    #[serde(default)]
    pub(crate) fixed: Map<String, Value>,
    /// Where the rows are in the reply; not given: the reply itself.
    #[serde(default)]
    pub(crate) rows: Option<Spanned<String>>,
    /// The column that a row is, where rows are plain texts.
    #[serde(default, rename = "as")]
    pub(crate) name: Option<Spanned<String>>,
    /// What stands there is the only row, not a list of rows.
    #[serde(default)]
    pub(crate) one: bool,
    /// Members of the shape that this call never fills.
    #[serde(default)]
    pub(crate) without: Vec<Spanned<String>>,
    /// Further columns: references to the row, or to the row before it (`parent.Id`). One that begins with
    /// `_` is for later steps only.
    #[serde(default)]
    pub(crate) set: BTreeMap<String, Spanned<String>>,
    /// Runs on its own rows too, for a tree.
    #[serde(default)]
    pub(crate) recurse: Option<Recurse>,
    /// Errors that mean that there are no rows.
    #[serde(default)]
    pub(crate) absent: Vec<AbsentFile>,
}

/// Which rows a step that runs on its own rows gives on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Recurse {
    /// Those that it found.
    Found,
    /// Those and the ones that it began with.
    All,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DescribeFile {
    pub(crate) call: Spanned<String>,
    #[serde(default)]
    pub(crate) with: Map<String, Value>,
    #[serde(default)]
    pub(crate) fixed: Map<String, Value>,
    /// The structure of which the members are columns; not given: the reply itself.
    #[serde(default)]
    pub(crate) take: Option<Spanned<String>>,
    #[serde(default)]
    pub(crate) without: Vec<Spanned<String>>,
    #[serde(default)]
    pub(crate) absent: Vec<AbsentFile>,
    /// Errors that mean that the row's thing was deleted since it was listed: the row is left out.
    #[serde(default)]
    pub(crate) gone: Vec<AbsentFile>,
    /// The call is made in this Region: a reference.
    #[serde(default)]
    pub(crate) region: Option<Spanned<String>>,
    /// Made only for rows whose columns have one of these values; else its columns are null.
    #[serde(default)]
    pub(crate) when: BTreeMap<String, Vec<Value>>,
}

/// One column: by a call for each row, or by a list that is read once and joined.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AddFile {
    #[serde(default)]
    pub(crate) call: Option<Spanned<String>>,
    #[serde(default)]
    pub(crate) with: Map<String, Value>,
    #[serde(default)]
    pub(crate) fixed: Map<String, Value>,
    #[serde(default)]
    pub(crate) take: Option<Spanned<String>>,
    #[serde(default)]
    pub(crate) absent: Vec<AbsentFile>,
    #[serde(default)]
    pub(crate) gone: Vec<AbsentFile>,
    #[serde(default)]
    pub(crate) region: Option<Spanned<String>>,
    #[serde(default)]
    pub(crate) when: BTreeMap<String, Vec<Value>>,
    /// A parameter that is null means that there is nothing to ask, not that the row is incomplete.
    #[serde(default)]
    pub(crate) optional: bool,
    /// What a reply must have: without it the column is unknown, not null (a batch that passes over what it
    /// was asked for).
    #[serde(default)]
    pub(crate) must: Option<Spanned<String>>,
    #[serde(default)]
    pub(crate) list: Option<OneOrMany<StepFile>>,
    /// Which column of the row equals which column of the list.
    #[serde(default)]
    pub(crate) on: BTreeMap<String, Spanned<String>>,
    /// All that match, as a list; else the one that matches, or null.
    #[serde(default)]
    pub(crate) many: bool,
}

/// An error code, alone or with words that its message must have.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub(crate) enum AbsentFile {
    Code(String),
    Says { code: String, says: String },
}

/// One, or a list of them.
#[derive(Debug, Clone)]
pub(crate) struct OneOrMany<T>(pub(crate) Vec<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for OneOrMany<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Written out, because serde's untagged enums lose where in the file a value stands.
        struct Either<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Either<T> {
            type Value = OneOrMany<T>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("one step or a list of steps")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(|one| OneOrMany(vec![one]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, sequence: A) -> Result<Self::Value, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(sequence)).map(OneOrMany)
            }
        }
        deserializer.deserialize_any(Either(PhantomData))
    }
}

/// Reads the tables of one file.
pub(crate) fn read(file: &str, text: &str) -> Result<BTreeMap<String, TableFile>, Problem> {
    let problem = |line, column, message| Problem { file: file.to_owned(), line, column, message, help: None };
    if text.len() > MOST_BYTES {
        return Err(problem(0, 0, format!("{} bytes: a table file has at most {MOST_BYTES}", text.len())));
    }
    let options = serde_saphyr::options! { with_snippet: false };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| {
        let place = error.location();
        let number = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        let (line, column) = place.map_or((0, 0), |place| (number(place.line()), number(place.column())));
        // The place is the problem's own; the parser says it at the end of its message too.
        let message = error.without_snippet().to_string();
        let message = message.rsplit_once(" at line ").map_or(message.as_str(), |(message, _)| message);
        let (message, help) = unknown_name(message);
        Problem { help, ..problem(line, column, message) }
    })
}
