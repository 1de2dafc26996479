//! For every table and every call of it: denied, the controls that use it say UNKNOWN, with the reason, unless a
//! witness proves the verdict.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use dodai_api::Aws;
use dodai_baseline::Selection;
use dodai_controls::{Finding, Proof, Registry, Status};
use dodai_facts::{AccountId, Failure, FailureKind, Profile, Region};
use dodai_inventory::snapshot::{RunId, SnapshotPlace};
use dodai_inventory::sql::Engine;
use dodai_inventory::tables::{KnownAccount, Tables, Wanted};
use dodai_models::{Models, Service, ShapeId, ShapeKind};
use dodai_org::{Directory, SourceFile};
use futures::future::BoxFuture;
use futures::stream::{self, BoxStream};
use futures::{FutureExt as _, StreamExt as _};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::assessment::{Judge, assess, judges, needed};
use crate::reading::{Ask, read, schemas};

/// Answers every call with one of everything that its model names, except the denied one.
struct Sample {
    denied: Option<String>,
}

impl Sample {
    fn answer(
        &self,
        account: &AccountId,
        region: &Region,
        service: &str,
        operation: &str,
        params: &Value,
    ) -> Result<Value, Failure> {
        if self.denied.as_deref() == Some(&format!("{service}.{operation}")) {
            return Err(Failure {
                kind: FailureKind::Denied,
                service: service.to_owned(),
                operation: operation.to_owned(),
                account: Some(account.clone()),
                region: Some(region.clone()),
                code: "AccessDeniedException".to_owned(),
                message: "denied by the test".to_owned(),
                request_id: None,
            });
        }
        // The tree of units ends below the root.
        if operation == "ListOrganizationalUnitsForParent" && params.get("ParentId") != Some(&json!("sample-Id")) {
            return Ok(json!({ "OrganizationalUnits": [] }));
        }
        let model = Models::embedded().service(service).expect("the service is embedded");
        let output = model.operation(operation).expect("the operation exists").output;
        Ok(output.map_or_else(|| json!({}), |shape| sample(&model, shape, "Id", 0)))
    }
}

impl Aws for Sample {
    fn call<'a>(
        &'a self,
        account: &'a AccountId,
        region: &'a Region,
        service: &'a str,
        operation: &'a str,
        params: &'a Value,
    ) -> BoxFuture<'a, Result<Value, Failure>> {
        async move { self.answer(account, region, service, operation, params) }.boxed()
    }

    fn pages<'a>(
        &'a self,
        account: &'a AccountId,
        region: &'a Region,
        service: &'a str,
        operation: &'a str,
        params: &'a Value,
    ) -> BoxStream<'a, Result<Value, Failure>> {
        stream::once(self.call(account, region, service, operation, params)).boxed()
    }
}

fn sample(service: &Service, shape: ShapeId, name: &str, depth: usize) -> Value {
    match &service.shape(shape).kind {
        ShapeKind::Structure(structure) => Value::Object(
            structure
                .members
                .iter()
                .filter(|_| depth < 6)
                .filter(|member| !member.name.to_lowercase().contains("token"))
                .map(|member| (member.name.clone(), sample(service, member.shape, &member.name, depth + 1)))
                .collect(),
        ),
        ShapeKind::List { member, .. } if depth < 6 => json!([sample(service, member.shape, name, depth + 1)]),
        ShapeKind::List { .. } => json!([]),
        ShapeKind::Map { value, .. } => json!({ "sample": sample(service, value.shape, name, depth + 1) }),
        ShapeKind::String { .. } if name.ends_with("Region") => json!(HOME),
        ShapeKind::String { .. } if name.ends_with("Policy") || name.ends_with("PolicyDocument") => json!(POLICY),
        ShapeKind::String { values, .. } => {
            values.first().map_or_else(|| json!(format!("sample-{name}")), |value| json!(value))
        }
        ShapeKind::Integer { .. } | ShapeKind::Long { .. } => json!(1),
        ShapeKind::Float | ShapeKind::Double => json!(1.5),
        ShapeKind::Boolean => json!(true),
        ShapeKind::Timestamp { .. } => json!("2026-01-02T03:04:05Z"),
        ShapeKind::Blob { .. } => json!(""),
    }
}

/// Functions that look into policies have an answer.
const POLICY: &str = r#"{"Statement": {"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}}"#;

const HOME: &str = "us-east-1";
const ACCOUNT: &str = "111122223333";

async fn findings(
    directory: &Directory,
    registry: &Registry,
    tables: &Tables,
    judges: &[Judge<'_>],
    denied: Option<&str>,
) -> Vec<Finding> {
    let folder = tempfile::tempdir().unwrap();
    let account = KnownAccount {
        id: ACCOUNT.parse().unwrap(),
        name: "management".to_owned(),
        email: "management@example.com".to_owned(),
        unit: dodai_org::ROOT.to_owned(),
        profile: Profile::Secure,
        status: "ACTIVE".to_owned(),
        regions: vec![HOME.parse().unwrap()],
        config_role: None,
    };
    let ask = Ask {
        aws: Arc::new(Sample { denied: denied.map(str::to_owned) }),
        tables,
        management: ACCOUNT.parse().unwrap(),
        home: HOME.parse().unwrap(),
        accounts: vec![account],
        wanted: needed(judges),
        place: SnapshotPlace::local(folder.path()).await.unwrap(),
        run: RunId::new(Timestamp::now(), 0),
    };
    let reading = read(ask, |_| ()).await.unwrap();
    let today = Timestamp::UNIX_EPOCH;
    assess(directory, registry, tables, judges, &reading, Selection::default(), today).await.unwrap().findings
}

#[tokio::test(flavor = "multi_thread")]
async fn a_denied_call_makes_every_control_that_needs_it_unknown() {
    let registry = Registry::new([]).unwrap();
    let tables = Tables::read(Models::embedded(), []).unwrap();
    let files = [
        SourceFile::text(
            "dodai.yaml",
            format!("organization: o-exampleorgid\nhome_region: {HOME}\nregions: [{HOME}]\n"),
        ),
        SourceFile::text(
            "accounts/management.yaml",
            "email: management@example.com\nunit: Root\nprofile: secure\nmanagement: true\n",
        ),
    ];
    let directory = dodai_org::read(&files, &crate::directory::catalogue(&registry)).unwrap();
    let engine = Engine::of_schemas(schemas(&tables)).unwrap();
    let judges = judges(&engine, registry.controls()).await;
    let undisturbed = findings(&directory, &registry, &tables, &judges, None).await;

    // Every call of every column that a control uses, and the controls that stand on it.
    let mut users: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for judge in &judges {
        let used = judge.used.as_ref().unwrap_or_else(|error| panic!("{}: {error}", judge.control.id));
        for (name, columns) in &used.tables {
            let Some(table) = tables.get(name).filter(|table| !table.is_given()) else { continue };
            let wanted: Wanted = table.want(columns.iter().map(String::as_str)).unwrap();
            for call in table.calls(&wanted) {
                users.entry(call).or_default().insert(&judge.control.id);
            }
        }
    }
    assert!(users.len() > 30, "the controls use {} calls only", users.len());

    for (call, controls) in &users {
        let own: Vec<Judge<'_>> = judges
            .iter()
            .filter(|judge| controls.contains(judge.control.id.as_str()))
            .map(|judge| Judge { control: judge.control, used: judge.used.clone() })
            .collect();
        let found = findings(&directory, &registry, &tables, &own, Some(call)).await;
        for judge in &own {
            let control = judge.control;
            let of_control: Vec<&Finding> = found.iter().filter(|finding| finding.control == control.id).collect();
            let before: Vec<&Finding> = undisturbed.iter().filter(|finding| finding.control == control.id).collect();
            if before.is_empty() {
                // Out of scope here (another Region's).
                continue;
            }
            assert!(!of_control.is_empty(), "{} says nothing when {call} is denied", control.id);
            for finding in of_control {
                let proven = match control.proof {
                    Some(Proof::Pass) => finding.status == Status::Passed,
                    Some(Proof::Fail) => finding.status == Status::Failed,
                    None => false,
                };
                let as_before = before
                    .iter()
                    .any(|before| before.identity() == finding.identity() && before.status == finding.status);
                if proven && as_before {
                    continue;
                }
                assert_eq!(finding.status, Status::Unknown, "{} when {call} is denied: {finding:?}", control.id);
                let why = finding.gap.as_ref().map(|gap| gap.failure.code.as_str());
                assert_eq!(why, Some("AccessDeniedException"), "{} when {call} is denied: {finding:?}", control.id);
            }
        }
    }
}
