//! `policy_is_public` and the other questions about one policy document: what `dodai_policy::access` answers. A text that
//! is no policy document has no answer: null, and the query's rows that it stands in are unknown.

use std::collections::HashMap;
use std::hash::{Hash, Hasher};

use datafusion::arrow::array::{Array, ArrayRef, AsArray, UInt32Array};
use datafusion::arrow::compute::take;
use datafusion::arrow::datatypes::DataType;
use datafusion::common::DataFusionError;
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, TypeSignature, Volatility,
};
use dodai_policy::Document;
use dodai_policy::access::{self, Unanswerable};
use serde_json::{Value, json};

use super::documents::Documents;
use super::{FunctionInfo, text, texts};
use crate::arrow::{ColumnType, array};
use crate::sql::unanswered::Notes;

/// A question about a document, with lists of texts beside it.
#[derive(Debug)]
struct Question {
    info: FunctionInfo,
    /// How many lists of texts may follow the document: at least, at most.
    lists: (usize, usize),
    answer: fn(&Document, &[Vec<String>]) -> Result<Value, Unanswerable>,
    kind: fn() -> ColumnType,
}

fn texts_type() -> ColumnType {
    ColumnType::Text.list()
}

fn external_type() -> ColumnType {
    use ColumnType::Text;
    ColumnType::structure([("Kind", Text), ("Principal", Text), ("Owner", Text), ("Statement", Text)]).list()
}

const COUNT: usize = 8;

static QUESTIONS: [Question; COUNT] = [
    Question {
        info: FunctionInfo {
            name: "policy_is_public",
            signature: "policy_is_public(document) -> boolean",
            doc: "whether a resource-based policy lets in anyone; null of null",
        },
        lists: (0, 0),
        answer: |document, _| Ok(json!(access::is_public(document)?.is_some())),
        kind: || ColumnType::Boolean,
    },
    Question {
        info: FunctionInfo {
            name: "policy_public_because",
            signature: "policy_public_because(document) -> text",
            doc: "which statement makes a resource-based policy public, and how; null where it is not public",
        },
        lists: (0, 0),
        answer: |document, _| Ok(access::is_public(document)?.map_or(Value::Null, |because| json!(because.to_string()))),
        kind: || ColumnType::Text,
    },
    Question {
        info: FunctionInfo {
            name: "policy_external_principals",
            signature: "policy_external_principals(document, trusted, [actions]) -> \
                        list<struct<Kind text, Principal text, Owner text, Statement text>>",
            doc: "whom a resource-based policy lets in besides the trusted accounts and organizations (lists of text), for \
                  any action or for some of these",
        },
        lists: (1, 2),
        answer: |document, lists| {
            let list = |at: usize| lists.get(at).into_iter().flatten().map(String::as_str).collect::<Vec<_>>();
            let found = access::external_principals(document, &list(0), &list(1))?.into_iter().map(|one| {
                json!({"Kind": one.kind.as_str(), "Principal": one.principal, "Owner": one.owner, "Statement": one.statement})
            });
            Ok(found.collect())
        },
        kind: external_type,
    },
    Question {
        info: FunctionInfo {
            name: "policy_unguarded_services",
            signature: "policy_unguarded_services(document) -> list<text>",
            doc: "the AWS services that a resource-based policy lets in without saying for whom (confused deputy)",
        },
        lists: (0, 0),
        answer: |document, _| Ok(json!(access::unguarded_services(document)?)),
        kind: texts_type,
    },
    Question {
        info: FunctionInfo {
            name: "policy_allows_full_admin",
            signature: "policy_allows_full_admin(document) -> boolean",
            doc: "whether a statement allows every action on every resource",
        },
        lists: (0, 0),
        answer: |document, _| Ok(json!(access::allows_full_admin(document))),
        kind: || ColumnType::Boolean,
    },
    Question {
        info: FunctionInfo {
            name: "policy_full_access_services",
            signature: "policy_full_access_services(document) -> list<text>",
            doc: "the services of which a statement allows every action; `*` where that is every service",
        },
        lists: (0, 0),
        answer: |document, _| Ok(json!(access::full_access_services(document))),
        kind: texts_type,
    },
    Question {
        info: FunctionInfo {
            name: "policy_allows_on_all_resources",
            signature: "policy_allows_on_all_resources(document, actions) -> boolean",
            doc: "whether a policy allows one of these actions (a list of patterns) on all resources, or on all of a type",
        },
        lists: (1, 1),
        answer: |document, lists| {
            let actions: Vec<&str> = lists.iter().flatten().map(String::as_str).collect();
            Ok(json!(access::allows_on_all_resources(document, &actions)))
        },
        kind: || ColumnType::Boolean,
    },
    Question {
        info: FunctionInfo {
            name: "policy_denies_without_tls",
            signature: "policy_denies_without_tls(document) -> boolean",
            doc: "whether a bucket policy denies everything to everyone where aws:SecureTransport is false",
        },
        lists: (0, 0),
        answer: |document, _| Ok(json!(access::denies_without_tls(document))),
        kind: || ColumnType::Boolean,
    },
];

/// What listings show of them.
pub(super) const fn infos() -> [FunctionInfo; COUNT] {
    let mut infos = [FunctionInfo { name: "", signature: "", doc: "" }; COUNT];
    let mut at = 0;
    while at < COUNT {
        infos[at] = QUESTIONS[at].info;
        at += 1;
    }
    infos
}

/// One of the questions as a function.
#[derive(Debug)]
pub(super) struct PolicyAccess {
    question: &'static Question,
    signature: Signature,
    documents: Documents,
}

impl PartialEq for PolicyAccess {
    fn eq(&self, other: &Self) -> bool {
        self.question.info.name == other.question.info.name
    }
}

impl Eq for PolicyAccess {}

impl Hash for PolicyAccess {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.question.info.name.hash(state);
    }
}

impl PolicyAccess {
    /// Every question; they share what they have read.
    pub(super) fn all() -> impl Iterator<Item = Self> {
        let documents = Documents::default();
        QUESTIONS.iter().map(move |question| {
            let forms = (question.lists.0..=question.lists.1).map(|lists| {
                let list = std::iter::repeat_n(texts_type().arrow(), lists);
                TypeSignature::Exact(std::iter::once(DataType::Utf8).chain(list).collect())
            });
            let signature = Signature::one_of(forms.collect(), Volatility::Immutable);
            Self { question, signature, documents: documents.clone() }
        })
    }

    /// None of what is null, or has no answer.
    fn answer(&self, arguments: &ScalarFunctionArgs, document: &str, lists: &[Vec<String>]) -> Value {
        let read = self.documents.read(document);
        let answer = match &*read {
            Ok(document) => (self.question.answer)(document, lists),
            Err(error) => Err(error.clone()),
        };
        answer.unwrap_or_else(|error| {
            Notes::add(arguments, self.question.info.name, document, error.to_string());
            Value::Null
        })
    }
}

impl ScalarUDFImpl for PolicyAccess {
    fn name(&self) -> &'static str {
        self.question.info.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType, DataFusionError> {
        Ok((self.question.kind)().arrow())
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue, DataFusionError> {
        let arrays = texts(&arguments)?;
        let documents = text(&arrays, 0)?;
        // Rows that ask the same get the same: a policy may stand in thousands of them.
        let mut known: HashMap<(&str, usize), u32> = HashMap::new();
        let (mut answers, mut lists) = (Vec::new(), Lists::default());
        let mut which = Vec::with_capacity(documents.len());
        for (row, document) in documents.iter().enumerate() {
            let beside = lists.of(arrays.get(1..).unwrap_or_default(), row);
            which.push(document.zip(beside).map(|(document, (number, lists))| {
                *known.entry((document, number)).or_insert_with(|| {
                    answers.push(self.answer(&arguments, document, lists));
                    u32::try_from(answers.len() - 1).unwrap_or(u32::MAX)
                })
            }));
        }
        let answers: Vec<Option<&Value>> =
            answers.iter().map(|value| Some(value).filter(|value| !value.is_null())).collect();
        let distinct = array(&(self.question.kind)(), &answers)?;
        Ok(ColumnarValue::Array(take(&distinct, &UInt32Array::from(which), None)?))
    }
}

/// The lists beside the documents, each combination of them once, with a number. Neighbouring rows mostly have the same.
#[derive(Default)]
struct Lists {
    /// Of the row before, as they stand in its arrays.
    last: Option<(Vec<ArrayRef>, Option<usize>)>,
    numbers: HashMap<Vec<Vec<String>>, usize>,
    all: Vec<Vec<Vec<String>>>,
}

impl Lists {
    /// Those of a row with their number; none where one of them is not known whole.
    fn of(&mut self, arrays: &[ArrayRef], row: usize) -> Option<(usize, &[Vec<String>])> {
        let here: Vec<ArrayRef> = arrays.iter().map(|array| array.slice(row, 1)).collect();
        let number = match self.last.take() {
            Some((last, number)) if last == here => number,
            _ => {
                let texts: Option<Vec<Vec<String>>> = here.iter().map(|array| list(array, 0)).collect();
                texts.map(|texts| {
                    *self.numbers.entry(texts).or_insert_with_key(|texts| {
                        self.all.push(texts.clone());
                        self.all.len() - 1
                    })
                })
            }
        };
        self.last = Some((here, number));
        number.and_then(|number| Some((number, self.all.get(number)?.as_slice())))
    }
}

/// The texts of a list; none of null, and of a list with a null in it, which is not known whole.
fn list(array: &ArrayRef, row: usize) -> Option<Vec<String>> {
    if array.is_null(row) {
        return None;
    }
    let items = array.as_list_opt::<i32>()?.value(row);
    items.as_string_opt::<i32>()?.iter().map(|text| text.map(str::to_owned)).collect()
}
