//! The functions about policies: what they answer, and that a text without an answer is never taken for nothing.

use std::fmt::Write as _;

use dodai_facts::{Cell, Inventory, Listing, Row, Scope};
use serde_json::{Value, json};

use super::*;
use crate::arrow::{ColumnType, TableSchema};
use crate::snapshot::{Cells, Run, TableRead};

const PUBLIC: &str =
    r#"{"Statement":[{"Sid":"Open","Effect":"Allow","Principal":"*","Action":"sns:Publish","Resource":"*"}]}"#;
const OTHER: &str =
    r#"{"Statement":{"Effect":"Allow","Principal":{"AWS":"444455556666"},"Action":"sns:Publish","Resource":"*"}}"#;

/// One table of topics, with the policy as text, within a map, and within a list of structures.
fn engine() -> Engine {
    use ColumnType::Text;
    let columns = [
        ("policy", Text),
        ("attributes", Text.map()),
        ("versions", ColumnType::structure([("Document", Text)]).list()),
        ("wrapped", ColumnType::Json),
    ];
    let columns = columns.into_iter().map(|(name, kind)| (name.to_owned(), kind));
    let schema = TableSchema::new("aws_sns_topic", Scope::Region, columns);
    let row = |id: &str, policy: Option<&str>| Row {
        id: id.to_owned(),
        values: json!({
            "policy": policy,
            "attributes": {"Policy": policy, "Other": "x"},
            "versions": [{"Document": OTHER}, {"Document": policy}],
            "wrapped": policy.map(|policy| json!({"policy": policy})),
        })
        .as_object()
        .unwrap()
        .clone(),
        ..Row::default()
    };
    let rows =
        vec![row("broken", Some("{")), row("none", None), row("other", Some(OTHER)), row("public", Some(PUBLIC))];
    let cell: Cell = "111122223333/us-east-1".parse().unwrap();
    let mut inventory = Inventory::default();
    inventory.insert("aws_sns_topic", cell.clone(), Listing { rows, failure: None });
    let columns = schema.columns().iter().map(|(name, _)| name.clone()).collect();
    let reads = [TableRead { schema: schema.clone(), columns, only: None }];
    let cells: Cells = [&cell].into_iter().collect();
    let run = Run::in_memory(cells, reads, &inventory).unwrap();
    Engine::new([schema], run, "2026-11-22T14:30:00Z".parse().unwrap(), Limits::default()).unwrap()
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap().block_on(future)
}

#[test]
fn policies_are_asked() {
    let engine = engine();
    let mut wrong = String::new();
    for (expression, expected) in [
        ("policy_is_public(policy)", json!([null, null, false, true])),
        ("policy_public_because(policy)", json!([null, null, null, "statement `Open` allows everyone"])),
        ("array_length(policy_external_principals(policy, [account_id]))", json!([null, null, 1, 1])),
        ("array_length(policy_external_principals(policy, ['444455556666', account_id]))", json!([null, null, 0, 1])),
        (
            "policy_external_principals(policy, [account_id], ['sns:Publish'])[1]['Principal']",
            json!([null, null, "444455556666", "*"]),
        ),
        (
            "array_length(policy_external_principals(policy, [account_id], ['sns:Subscribe']))",
            json!([null, null, 0, 0]),
        ),
        ("array_length(policy_external_principals(policy, null))", json!([null, null, null, null])),
        ("policy_unguarded_services(policy)", json!([null, null, [], []])),
        ("policy_allows_full_admin(policy)", json!([null, null, false, false])),
        ("policy_full_access_services(policy)", json!([null, null, [], []])),
        ("policy_allows_on_all_resources(policy, ['sns:*'])", json!([null, null, true, true])),
        ("policy_denies_without_tls(policy)", json!([null, null, false, false])),
        ("any_match(versions, v -> policy_is_public(v.Document))", json!([null, null, false, true])),
    ] {
        let sql = format!("select {expression} as answer from aws_sns_topic order by _id");
        match block_on(engine.query(&sql)) {
            Ok(answer) => {
                let found: Vec<Value> = answer.values().flatten().collect();
                if Value::from(found.clone()) != expected {
                    let _ = writeln!(wrong, "{expression}: {found:?}, expected {expected}");
                }
                let asked = !expression.contains(", null)");
                if answer.unanswered.len() != usize::from(asked) {
                    let _ = writeln!(wrong, "{expression}: {:?}", answer.unanswered);
                }
            }
            Err(error) => {
                let _ = writeln!(wrong, "{expression}: {error}");
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn what_has_no_answer_is_a_gap_whatever_the_query_makes_of_the_null() {
    let engine = engine();
    let gaps = |passed: &str| {
        let sql = format!("select _id, {passed} as passed from aws_sns_topic");
        let answer = block_on(engine.control_rows(&sql)).unwrap();
        let shown = answer.gaps.iter().map(|gap| {
            let (row, column) = (gap.row.as_deref().unwrap_or("-"), gap.column.as_deref().unwrap_or("-"));
            format!("{row}.{column} in {}: {}", gap.cell, gap.failure.message)
        });
        let passed: Vec<Option<bool>> = answer.rows.iter().map(|row| row.passed).collect();
        (shown.collect::<Vec<_>>(), passed)
    };
    let why = "policy_is_public: this is not a policy document: not valid JSON: expected a key in double quotes, found the end of the file (line 1, column 2)";
    let known = vec![Some(true), Some(true), Some(true), Some(false)];
    for (passed, column) in [
        ("not coalesce(policy_is_public(policy), false)", "policy"),
        ("not coalesce(policy_is_public(attributes['Policy']), false)", "attributes"),
        ("not coalesce(any_match(versions, v -> policy_is_public(v.Document)), false)", "versions"),
    ] {
        let (gaps, rows) = gaps(passed);
        assert_eq!(gaps, [format!("broken.{column} in 111122223333/us-east-1: {why}")], "{passed}");
        assert_eq!(rows, known, "{passed}");
    }
    // What the query made itself stands in no column: every row is unknown.
    let (found, rows) = gaps("not coalesce(policy_is_public(json_get_text(wrapped, 'policy')), false)");
    assert_eq!((found, rows), (vec![], vec![None; 4]));
    // What another query could not answer is no matter of this one's.
    let (found, rows) = gaps("policy is null");
    assert_eq!((found, rows), (vec![], vec![Some(false), Some(true), Some(false), Some(false)]));
}
