//! Parameters of a call against its model, before anything is sent.

use std::fmt::Write as _;

use dodai_facts::{meant, nearest};
use serde_json::{Map, Value};

use crate::model::{Location, Member, Operation, Service, ShapeId, ShapeKind, Structure};

/// Deeper than any request: a recursive shape must not exhaust the stack.
const DEPTH: usize = 100;

/// What is wrong with the parameters of a call, each with the path of where; empty when nothing is. A value that
/// is `{"$ref": …}` is known later and taken anywhere. Values that an enumeration does not list are no errors:
/// AWS adds values ([`warnings`]).
pub fn validate(service: &Service, operation: &Operation, params: &Value) -> Vec<String> {
    examine(service, operation, params).errors
}

/// Values that the model's enumerations do not list: a typing mistake, or newer than the model.
pub fn warnings(service: &Service, operation: &Operation, params: &Value) -> Vec<String> {
    examine(service, operation, params).warnings
}

fn examine<'a>(service: &'a Service, operation: &Operation, params: &Value) -> Examination<'a> {
    let mut examination = Examination { service, path: Vec::new(), errors: Vec::new(), warnings: Vec::new() };
    match (operation.input, params) {
        (Some(input), _) => examination.value(input, params),
        (None, Value::Object(object)) if object.is_empty() => {}
        (None, _) => examination.error("the operation takes no parameters"),
    }
    examination
}

struct Examination<'a> {
    service: &'a Service,
    path: Vec<String>,
    errors: Vec<String>,
    warnings: Vec<String>,
}

impl<'a> Examination<'a> {
    /// `Filters[0].Values`; the whole is `parameters`.
    fn here(&self) -> String {
        let mut text = String::new();
        for step in &self.path {
            if !text.is_empty() && !step.starts_with('[') {
                text.push('.');
            }
            text.push_str(step);
        }
        if text.is_empty() { "parameters".to_owned() } else { text }
    }

    fn error(&mut self, message: &str) {
        let here = self.here();
        self.errors.push(format!("`{here}`: {message}"));
    }

    fn at(&mut self, step: String, examine: impl FnOnce(&mut Self)) {
        self.path.push(step);
        if self.path.len() > DEPTH {
            self.error("nested too deeply");
        } else {
            examine(self);
        }
        self.path.pop();
    }

    fn member(&mut self, member: &Member, value: &Value) {
        self.at(member.name.clone(), |this| {
            // Any JSON is put into it as text.
            if member.json_value {
                return;
            }
            if member.location == Location::Uri && value.as_str().is_some_and(str::is_empty) {
                this.error("is part of the path and must not be empty");
            }
            this.value(member.shape, value);
        });
    }

    fn value(&mut self, id: ShapeId, value: &Value) {
        if is_reference(value) {
            return;
        }
        let shape = self.service.shape(id);
        match (&shape.kind, value) {
            (ShapeKind::Structure(structure), _) if structure.document => {}
            (ShapeKind::String { json_value: true, .. }, _)
            | (ShapeKind::Float | ShapeKind::Double, Value::Number(_))
            | (ShapeKind::Boolean, Value::Bool(_)) => {}
            (ShapeKind::Structure(structure), Value::Object(object)) => self.structure(&shape.name, structure, object),
            (ShapeKind::List { member, min, max, .. }, Value::Array(items)) => {
                self.size(items.len(), (*min, *max), "elements");
                for (index, item) in items.iter().enumerate() {
                    self.at(format!("[{index}]"), |this| this.value(member.shape, item));
                }
            }
            (ShapeKind::Map { key, value: target, .. }, Value::Object(object)) => {
                for (name, item) in object {
                    self.at(format!("[{}]", Value::from(name.as_str())), |this| {
                        this.value(key.shape, &Value::from(name.as_str()));
                        this.value(target.shape, item);
                    });
                }
            }
            (ShapeKind::String { values, min, max, .. }, Value::String(text)) => {
                self.size(text.chars().count(), (*min, *max), "characters");
                self.enumerated(values, text);
            }
            (ShapeKind::Integer { min, max } | ShapeKind::Long { min, max }, Value::Number(number)) => {
                let narrow = matches!(shape.kind, ShapeKind::Integer { .. });
                match number.as_i64().filter(|number| !narrow || i32::try_from(*number).is_ok()) {
                    Some(number) => self.range(number, (*min, *max)),
                    None => self.error(&format!("`{number}` is not {}", expected(&shape.kind))),
                }
            }
            (ShapeKind::Timestamp { .. }, Value::String(text)) if text.parse::<jiff::Timestamp>().is_ok() => {}
            (ShapeKind::Blob { .. }, Value::String(text)) if is_base64(text) => {}
            // The value itself may be a secret.
            (kind, _) if shape.sensitive => self.error(&format!("is not {}", expected(kind))),
            (kind, value) => {
                let shown: String = value.to_string().chars().take(60).collect();
                self.error(&format!("`{shown}` is not {}", expected(kind)));
            }
        }
    }

    fn structure(&mut self, name: &str, structure: &'a Structure, object: &Map<String, Value>) {
        // A token that is not given is made.
        let is_made = |required: &str| structure.member(required).is_some_and(|member| member.idempotency_token);
        let is_lacking = |required: &&str| !object.contains_key(*required) && !is_made(required);
        let mut lacking: Vec<&str> = structure.required.iter().map(String::as_str).filter(is_lacking).collect();
        for (key, value) in object {
            if let Some(member) = structure.member(key) {
                self.member(member, value);
            } else {
                let names: Vec<&str> = structure.members.iter().map(|member| member.name.as_str()).collect();
                let meant = meant(key, &names, &lacking);
                // What is only mistyped is not told as lacking besides.
                lacking.retain(|required| Some(*required) != meant);
                self.error(&unknown(key, name, meant));
            }
        }
        for required in lacking {
            self.error(&format!("`{required}` is required"));
        }
        if structure.union && object.len() != 1 {
            self.error(&format!("exactly one member of `{name}` is to be given, not {}", object.len()));
        }
    }

    fn enumerated(&mut self, values: &[String], text: &str) {
        if !values.is_empty() && !values.iter().any(|value| value == text) {
            let here = self.here();
            let mut message = format!("`{here}`: `{text}` is not among the values that the model knows");
            if let Some(near) = nearest(text, values.iter().map(String::as_str)) {
                let _ = write!(message, "; did you mean `{near}`?");
            }
            self.warnings.push(message);
        }
    }

    fn size(&mut self, size: usize, bounds: (Option<i64>, Option<i64>), of: &str) {
        let size = i64::try_from(size).unwrap_or(i64::MAX);
        if let Some(bounds) = outside(size, bounds) {
            self.error(&format!("has {size} {of}; {bounds}"));
        }
    }

    fn range(&mut self, number: i64, bounds: (Option<i64>, Option<i64>)) {
        if let Some(bounds) = outside(number, bounds) {
            self.error(&format!("is {number}; {bounds}"));
        }
    }
}

fn is_reference(value: &Value) -> bool {
    value.as_object().is_some_and(|object| object.len() == 1 && object.get("$ref").is_some_and(Value::is_string))
}

/// What the bounds are, where a number is outside of them.
fn outside(number: i64, bounds: (Option<i64>, Option<i64>)) -> Option<String> {
    let fits = bounds.0.is_none_or(|min| min <= number) && bounds.1.is_none_or(|max| number <= max);
    match bounds {
        _ if fits => None,
        (Some(min), Some(max)) => Some(format!("{min} to {max} are allowed")),
        (Some(min), None) => Some(format!("at least {min} is needed")),
        (None, max) => Some(format!("at most {} is allowed", max.unwrap_or_default())),
    }
}

fn expected(kind: &ShapeKind) -> &'static str {
    match kind {
        ShapeKind::Structure(_) | ShapeKind::Map { .. } => "an object",
        ShapeKind::List { .. } => "a list",
        ShapeKind::String { .. } => "text",
        ShapeKind::Integer { .. } => "an integer of 32 bits",
        ShapeKind::Long { .. } => "an integer of 64 bits",
        ShapeKind::Float | ShapeKind::Double => "a number",
        ShapeKind::Boolean => "true or false",
        ShapeKind::Timestamp { .. } => "a time such as `2026-01-02T03:04:05Z`",
        ShapeKind::Blob { .. } => "base64 text",
    }
}

fn unknown(key: &str, shape: &str, meant: Option<&str>) -> String {
    match meant {
        Some(near) => format!("`{shape}` has no member `{key}`; did you mean `{near}`?"),
        None => format!("`{shape}` has no member `{key}`"),
    }
}

fn is_base64(text: &str) -> bool {
    let body = text.trim_end_matches('=');
    text.len().is_multiple_of(4)
        && text.len() - body.len() <= 2
        && body.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::Models;

    #[expect(clippy::needless_pass_by_value, reason = "the cases read better without references")]
    fn check(name: (&str, &str), params: Value, expected: &[&str]) {
        let service = Models::embedded().service(name.0).expect("embedded");
        let operation = service.operation(name.1).expect("modelled");
        assert_eq!(validate(&service, operation, &params), expected, "{params}");
    }

    #[test]
    fn members() {
        let name = ("guardduty", "CreateDetector");
        check(name, json!({"Enable": true, "Tags": {"a": "b"}}), &[]);
        check(name, json!({}), &["`parameters`: `Enable` is required"]);
        let nearest = "`parameters`: `CreateDetectorRequest` has no member `enable`; did you mean `Enable`?";
        check(name, json!({"Enable": true, "enable": true}), &[nearest]);
        check(name, json!({"enable": true}), &[nearest]);
        check(
            name,
            json!({"Xyz": true}),
            &["`parameters`: `CreateDetectorRequest` has no member `Xyz`", "`parameters`: `Enable` is required"],
        );
        check(name, json!({"Enable": true, "Xyz": 1}), &["`parameters`: `CreateDetectorRequest` has no member `Xyz`"]);
        let params = json!({"Enable": true, "Features": [{"Name": "EBS_MALWARE_PROTECTION", "Statu": "ENABLED"}]});
        let nested = "`Features[0]`: `DetectorFeatureConfiguration` has no member `Statu`; did you mean `Status`?";
        check(name, params, &[nested]);
    }

    #[test]
    fn types() {
        let name = ("guardduty", "CreateDetector");
        check(name, json!({"Enable": "yes"}), &["`Enable`: `\"yes\"` is not true or false"]);
        check(name, json!({"Enable": true, "Features": {}}), &["`Features`: `{}` is not a list"]);
        check(name, json!({"Enable": true, "Tags": {"a": 1}}), &["`Tags[\"a\"]`: `1` is not text"]);
        check(name, json!([]), &["`parameters`: `[]` is not an object"]);
        let name = ("ec2", "DescribeInstances");
        check(name, json!({"MaxResults": 1.5}), &["`MaxResults`: `1.5` is not an integer of 32 bits"]);
        check(
            name,
            json!({"MaxResults": 5_000_000_000_i64}),
            &["`MaxResults`: `5000000000` is not an integer of 32 bits"],
        );
        let name = ("cloudtrail", "LookupEvents");
        check(name, json!({"StartTime": "2026-01-02T03:04:05Z"}), &[]);
        check(
            name,
            json!({"StartTime": "yesterday"}),
            &["`StartTime`: `\"yesterday\"` is not a time such as `2026-01-02T03:04:05Z`"],
        );
        let name = ("kms", "Decrypt");
        check(name, json!({"CiphertextBlob": "aGVsbG8="}), &[]);
        check(name, json!({"CiphertextBlob": "hello"}), &["`CiphertextBlob`: `\"hello\"` is not base64 text"]);
    }

    #[test]
    fn secrets_are_not_repeated() {
        let params = json!({"SecretId": "s", "SecretString": ["hunter2"]});
        check(("secretsmanager", "PutSecretValue"), params, &["`SecretString`: is not text"]);
    }

    #[test]
    fn ranges() {
        let policy = |minimum: i64| json!({"MinimumPasswordLength": minimum});
        check(("iam", "UpdateAccountPasswordPolicy"), policy(14), &[]);
        let outside = "`MinimumPasswordLength`: is 5; 6 to 128 are allowed";
        check(("iam", "UpdateAccountPasswordPolicy"), policy(5), &[outside]);
        check(("iam", "GetUser"), json!({"UserName": ""}), &["`UserName`: has 0 characters; 1 to 128 are allowed"]);
    }

    #[test]
    fn references_are_taken_anywhere() {
        let reference = json!({"$ref": "a/b/c/d#0.DetectorId"});
        check(("guardduty", "UpdateDetector"), json!({"DetectorId": reference, "Enable": reference}), &[]);
        check(
            ("guardduty", "UpdateDetector"),
            json!({"DetectorId": {"$ref": 1}}),
            &["`DetectorId`: `{\"$ref\":1}` is not text"],
        );
    }

    #[test]
    fn unions_hold_one() {
        let name = ("accessanalyzer", "CreateAnalyzer");
        let params =
            |configuration: Value| json!({"analyzerName": "a", "type": "ACCOUNT", "configuration": configuration});
        check(name, params(json!({"unusedAccess": {"unusedAccessAge": 90}})), &[]);
        check(
            name,
            params(json!({})),
            &["`configuration`: exactly one member of `AnalyzerConfiguration` is to be given, not 0"],
        );
    }

    #[test]
    fn a_token_that_can_be_made_is_not_asked_for() {
        check(("organizations", "ListRoots"), json!({}), &[]);
        check(
            ("ssm", "CreateMaintenanceWindow"),
            json!({
                "Name": "abc", "Schedule": "rate(1 day)", "Duration": 2, "Cutoff": 1, "AllowUnassociatedTargets": false,
            }),
            &[],
        );
    }

    #[test]
    fn an_empty_part_of_the_path_is_refused() {
        let errors = ["`Bucket`: is part of the path and must not be empty"];
        check(("s3", "GetBucketPolicy"), json!({"Bucket": ""}), &errors);
    }

    #[test]
    fn an_operation_without_input_takes_nothing() {
        check(("organizations", "DescribeOrganization"), json!({}), &[]);
        check(
            ("organizations", "DescribeOrganization"),
            json!({"a": 1}),
            &["`parameters`: the operation takes no parameters"],
        );
    }

    #[test]
    fn new_values_of_an_enumeration_are_warnings() {
        let service = Models::embedded().service("accessanalyzer").expect("embedded");
        let operation = service.operation("CreateAnalyzer").expect("modelled");
        let params = json!({"analyzerName": "a", "type": "ACOUNT"});
        assert_eq!(validate(&service, operation, &params), [""; 0]);
        assert_eq!(
            warnings(&service, operation, &params),
            ["`type`: `ACOUNT` is not among the values that the model knows; did you mean `ACCOUNT`?",]
        );
    }

    #[test]
    fn of_no_parameters_at_all_only_required_ones_are_missed() {
        let models = Models::embedded();
        for service in models.names().filter_map(|name| models.service(name)) {
            for (name, operation) in &service.operations {
                let input = operation.input.and_then(|input| service.structure(input));
                let given = |required: &&String| input?.member(required).map(|member| member.idempotency_token);
                let required = input
                    .map_or(0, |input| input.required.iter().filter(|required| given(required) == Some(false)).count());
                let errors = validate(&service, operation, &json!({}));
                assert_eq!(errors.len(), required, "{}.{name}: {errors:?}", service.name);
                assert!(errors.iter().all(|error| error.ends_with("` is required")), "{errors:?}");
            }
        }
    }

    #[test]
    fn nesting_has_a_limit() {
        let mut filter = json!({"Dimensions": {"Key": "REGION", "Values": ["us-east-1"]}});
        for _ in 0..200 {
            filter = json!({ "Not": filter });
        }
        let service = Models::embedded().service("ce").expect("embedded");
        let operation = service.operation("GetDimensionValues").expect("modelled");
        let params = json!({"TimePeriod": {"Start": "2026-01-01", "End": "2026-02-01"}, "Dimension": "REGION", "Filter": filter});
        let errors = validate(&service, operation, &params);
        assert!(errors.iter().any(|error| error.ends_with("nested too deeply")), "{errors:?}");
    }
}
