//! AI services opt-out policies: whether AI services may use an account's content to get better.

use super::super::schema::{Name, Rest, Schema, Shape, in_policy, named};
use super::super::value::Value;

pub(in super::super) static SCHEMA: Schema = Schema {
    folder: "ai-opt-out",
    page: "AI services opt-out policy syntax and examples",
    shape: Shape::Block(
        &[in_policy("services", named("an AI service", Name::Known(&SERVICES), &SERVICE))],
        Rest::Closed,
    ),
    bytes: false,
    unknown: None,
};

static SERVICE: Shape =
    Shape::Block(&[in_policy("opt_out_policy", Shape::One(Value::Word(&["optOut", "optIn"])))], Rest::Closed);

/// `default` stands for all of them and for those to come.
static SERVICES: [&str; 20] = [
    "default",
    "aidevops",
    "aiops",
    "awssupplychain",
    "chimesdkvoiceanalytics",
    "cloudwatch",
    "codeguruprofiler",
    "codewhisperer",
    "comprehend",
    "connectamd",
    "connectoptimization",
    "contactlens",
    "frauddetector",
    "guardduty",
    "lex",
    "polly",
    "rekognition",
    "textract",
    "transcribe",
    "translate",
];
