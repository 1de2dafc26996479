//! Running tests of management policies: the effective policy of each account, and what stands in it where a test looks.

use dodai_document::{Node, Problems, quote};
use serde_json::Value;

use super::organization::{Organization, accounts};
use super::report::{Difference, FileReport, MOST_FAILURES, TestReport};
use super::values_file::{ValueTest, ValueTests};
use crate::PolicyType;
use crate::management::{Attached, Effective, Level, effective};

/// Most values that one test may ask for.
const MOST_VALUES: usize = 100_000;

/// A management policy with its tests.
#[derive(Debug, Clone, Copy)]
pub struct Management<'a> {
    pub kind: &'static PolicyType,
    pub name: &'a str,
    pub document: &'a Node,
}

/// The organization, and the effective policy of the account at a position in it.
pub type InOrganization<'a> = (&'a Organization, &'a dyn Fn(usize) -> Effective);

/// Runs the tests of the file beside a management policy. Tests with `account` need the directory's organization.
pub fn run_values(tests: &ValueTests, policy: &Management<'_>, organization: Option<InOrganization<'_>>) -> FileReport {
    let mut problems = Problems::of(&tests.file);
    let reports = tests.tests.iter().map(|test| run(test, policy, organization, &mut problems)).collect();
    FileReport {
        file: tests.file.clone(),
        policy: policy.name.to_owned(),
        tests: reports,
        problems: problems.list,
        warnings: Vec::new(),
    }
}

fn run(
    test: &ValueTest,
    policy: &Management<'_>,
    organization: Option<InOrganization<'_>>,
    problems: &mut Problems<'_>,
) -> TestReport {
    let mut report = TestReport::new(&test.name, test.place.line);
    let Some(patterns) = &test.accounts else {
        let attached = Attached { name: policy.name, document: policy.document };
        let alone = effective(policy.kind, &[Level { name: policy.name, policies: vec![attached] }]);
        compare(test, None, &alone, &mut report);
        return report;
    };
    let before = problems.list.len();
    let meant = accounts(patterns, test.place, organization.map(|(organization, _)| organization), problems);
    if let (Some(meant), Some((organization, of))) = (meant, organization) {
        if meant.len().saturating_mul(test.at.len()) > MOST_VALUES {
            let message = format!("the test {} asks for more than {MOST_VALUES} values", quote(&test.name));
            problems.add(test.place, message, Some("make several tests of it".to_owned()));
        } else {
            for at in meant {
                let name = organization.accounts.get(at).map(|account| account.name.as_str());
                compare(test, name, &of(at), &mut report);
            }
        }
    }
    report.broken = problems.list.len() > before;
    report
}

fn compare(test: &ValueTest, account: Option<&str>, effective: &Effective, report: &mut TestReport) {
    for at in &test.at {
        report.cases += 1;
        let got = effective.document.pointer(&at.value).filter(|value| !is_nothing(value));
        if same(test.expect.as_ref().filter(|value| !is_nothing(value)), got) {
            continue;
        }
        report.failed += 1;
        if report.differences.len() < MOST_FAILURES {
            report.differences.push(Difference {
                account: account.map(str::to_owned),
                at: at.value.clone(),
                expected: test.expect.clone(),
                got: got.cloned(),
                by: effective.origins.get(&at.value).cloned(),
            });
        }
    }
}

/// No policy says anything there.
fn is_nothing(value: &Value) -> bool {
    value.as_object().is_some_and(serde_json::Map::is_empty)
}

fn same(one: Option<&Value>, other: Option<&Value>) -> bool {
    match (one, other) {
        (None, None) => true,
        (Some(one), Some(other)) => settled(one) == settled(other),
        _ => false,
    }
}

/// AWS takes numbers and booleans as texts too, and lists are sets: nobody says in which order values are appended.
fn settled(value: &Value) -> Value {
    match value {
        Value::Number(number) => Value::String(number.to_string()),
        Value::Bool(truth) => Value::String(truth.to_string()),
        Value::Array(items) => {
            let mut items: Vec<Value> = items.iter().map(settled).collect();
            items.sort_by_key(ToString::to_string);
            Value::Array(items)
        }
        Value::Object(entries) => {
            entries.iter().map(|(key, value)| (key.clone(), settled(value))).collect::<serde_json::Map<_, _>>().into()
        }
        Value::String(_) | Value::Null => value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use dodai_document::yaml;
    use serde_json::json;

    use super::*;
    use crate::testing::{Report, read_values, text};

    /// The report on tests beside a tag policy that stands alone.
    fn check(tests: &str) -> String {
        let policy = "tags: {CostCenter: {tag_key: {'@@assign': CostCenter}, tag_value: {'@@assign': ['100', '200']}}}";
        let mut problems = Problems::of("t.yaml");
        let document = yaml::parse(policy, &mut problems).unwrap();
        let kind = PolicyType::of_folder("tag").unwrap();
        let policy = Management { kind, name: "t", document: &document };
        let file = match read_values("policies/tag/t.tests.yaml", tests) {
            Ok(tests) => run_values(&tests, &policy, None),
            Err(problems) => FileReport::unreadable("policies/tag/t.tests.yaml", "t", problems),
        };
        text(&Report { files: vec![file] })
    }

    #[test]
    fn a_value_is_there_or_is_not() {
        let tests = "
tests:
  - {name: key, at: /tags/costcenter/tag_key, expect: CostCenter}
  - {name: values in any order, at: /tags/costcenter/tag_value, expect: [200, '100']}
  - {name: nothing enforced, at: /tags/costcenter/enforced_for, expect: null}
  - {name: whole, expect: {tags: {costcenter: {tag_key: CostCenter, tag_value: ['100', '200']}}}}
  - {name: wrong, at: [/tags/costcenter/tag_key, /tags/owner/tag_key], expect: Costcenter}
  - {name: too much, at: /tags/costcenter/tag_key, expect: null}
";
        insta::assert_snapshot!(check(tests), @r#"
        test t › key (1 case) ... ok
        test t › values in any order (1 case) ... ok
        test t › nothing enforced (1 case) ... ok
        test t › whole (1 case) ... ok
        test t › wrong (2 cases) ... FAILED
        test t › too much (1 case) ... FAILED

        t › wrong
          policies/tag/t.tests.yaml:7
            /tags/costcenter/tag_key
              expected `"Costcenter"`, got `"CostCenter"` by t
            /tags/owner/tag_key
              expected `"Costcenter"`, got nothing

        t › too much
          policies/tag/t.tests.yaml:8
            /tags/costcenter/tag_key
              expected nothing, got `"CostCenter"` by t

        test result: FAILED. 4 passed; 2 failed; 7 cases
        "#);
    }

    #[test]
    fn what_cannot_be_run_is_said() {
        let tests = "
tests:
  - {name: nowhere, account: dev, expect: null}
";
        insta::assert_snapshot!(check(tests), @r"
        test t › nowhere (0 cases) ... ERROR

        error: policies/tag/t.tests.yaml:3:30: there is no organization here with accounts (leave `account` out: the test is about the policy beside it)

        test result: FAILED. 0 passed; 0 failed; 1 error; 0 cases
        ");
        let tests = "
tests:
  - {name: a, at: tags, expect: x, who: root}
  - {at: /tags}
";
        insta::assert_snapshot!(check(tests), @r"
        error: policies/tag/t.tests.yaml:3:36: a test of a management policy has no `who` (one of `name`, `account`, `at`, `expect`)
        error: policies/tag/t.tests.yaml:3:19: `at` cannot be `tags` (a JSON pointer such as `/tags/costcenter/tag_key`; `dodai policy effective` shows them)
        error: policies/tag/t.tests.yaml:4:5: `name` is missing in this test
        error: policies/tag/t.tests.yaml:4:5: `expect` is missing in this test

        test result: FAILED. 0 passed; 0 failed; 4 errors; 0 cases
        ");
        insta::assert_snapshot!(check("tests: []"), @r"
        error: policies/tag/t.tests.yaml:1:8: `tests` is empty: nothing is tested (a test has a `name`, `at` which pointer of the effective policy, and what to `expect`)

        test result: FAILED. 0 passed; 0 failed; 1 error; 0 cases
        ");
    }

    #[test]
    fn scalars_and_lists_are_compared_as_aws_takes_them() {
        assert_eq!(settled(&json!([2, "1", true])), settled(&json!(["true", "1", "2"])));
        assert_ne!(settled(&json!(["1"])), settled(&json!(["1", "1"])));
    }
}
