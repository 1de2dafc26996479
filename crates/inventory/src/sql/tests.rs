//! Queries over a small run in memory: what they answer, what they use, what is refused and why.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::time::Duration;

use dodai_facts::{Cell, Failure, FailureKind, Inventory, Listing, Row, Scope};
use serde_json::{Value, json};

use super::*;
use crate::arrow::{ColumnType, TableSchema};
use crate::snapshot::{Cells, Run, TableRead};

const ACCOUNT: &str = "111122223333";
const REGION: &str = "111122223333/us-east-1";

fn schemas() -> Vec<TableSchema> {
    use ColumnType::{Boolean, Integer, Text, Timestamp};
    let table = |name: &str, scope: Scope, columns: Vec<(&str, ColumnType)>| {
        TableSchema::new(name, scope, columns.into_iter().map(|(name, kind)| (name.to_owned(), kind)))
    };
    let ranges = ColumnType::structure([("CidrIp", Text)]).list();
    let rule = ColumnType::structure([("FromPort", Integer), ("ToPort", Integer), ("IpRanges", ranges)]);
    let block = ColumnType::structure([("BlockPublicAcls", Boolean), ("IgnorePublicAcls", Boolean)]);
    vec![
        table(
            "aws_s3_bucket",
            Scope::Account,
            vec![
                ("Name", Text),
                ("CreationDate", Timestamp),
                ("public_access_block", block),
                ("policy", Text),
                ("tags", Text.map()),
            ],
        ),
        table("aws_ec2_security_group", Scope::Region, vec![("GroupId", Text), ("IpPermissions", rule.list())]),
        table("aws_ec2_vpc", Scope::Region, vec![("VpcId", Text), ("tags", Text.map())]),
        table("aws_ec2_flow_log", Scope::Region, vec![("ResourceId", Text)]),
        table("aws_kms_key", Scope::Region, vec![("KeyId", Text)]),
    ]
}

fn rows(values: &[Value]) -> Vec<Row> {
    values
        .iter()
        .map(|values| {
            let mut values = values.as_object().unwrap().clone();
            let id = values.remove("_id").unwrap().as_str().unwrap().to_owned();
            Row { id, values, failures: BTreeMap::new() }
        })
        .collect()
}

fn denied(operation: &str) -> Failure {
    Failure {
        kind: FailureKind::Denied,
        service: "s3".to_owned(),
        operation: operation.to_owned(),
        account: None,
        region: None,
        code: "AccessDenied".to_owned(),
        message: "no".to_owned(),
        request_id: None,
    }
}

fn run() -> Run {
    let mut buckets = rows(&[
        json!({"_id": "a", "Name": "a", "CreationDate": "2026-11-01T00:00:00Z", "policy": r#"{"Statement":[]}"#,
            "public_access_block": {"BlockPublicAcls": true, "IgnorePublicAcls": true}, "tags": {"Team": "x"}}),
        json!({"_id": "b", "Name": "b", "CreationDate": "9999-12-31T23:59:59Z", "policy": null,
            "public_access_block": {"BlockPublicAcls": false}, "region": "eu-west-1"}),
        json!({"_id": "c", "Name": "c", "CreationDate": "2020-01-01T00:00:00Z", "public_access_block": null,
            "policy": r#"{"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*","Principal":{"AWS":"*"}}}"#}),
    ]);
    buckets[2].failures.insert("policy".to_owned(), denied("GetBucketPolicy"));
    let mut inventory = Inventory::default();
    let mut insert = |table: &str, cell: &str, rows: Vec<Row>, failure: Option<Failure>| {
        inventory.insert(table, cell.parse().unwrap(), Listing { rows, failure });
    };
    insert("aws_s3_bucket", ACCOUNT, buckets, None);
    let rule = |port: i64, cidr: &str| json!({"FromPort": port, "ToPort": port, "IpRanges": [{"CidrIp": cidr}]});
    let groups = rows(&[
        json!({"_id": "sg-1", "GroupId": "sg-1", "IpPermissions": [rule(443, "0.0.0.0/0"), rule(22, "10.0.0.0/8")]}),
        json!({"_id": "sg-2", "GroupId": "sg-2", "IpPermissions": [rule(22, "::/0")]}),
        json!({"_id": "sg-3", "GroupId": "sg-3", "IpPermissions": []}),
        json!({"_id": "sg-4", "GroupId": "sg-4", "IpPermissions": "none"}),
    ]);
    insert("aws_ec2_security_group", REGION, groups, None);
    insert(
        "aws_ec2_vpc",
        REGION,
        rows(&[json!({"_id": "v1", "VpcId": "v1"}), json!({"_id": "v2", "VpcId": "v2"})]),
        None,
    );
    let logs = rows(&[json!({"_id": "f1", "ResourceId": "v1"}), json!({"_id": "f2", "ResourceId": "v1"})]);
    insert("aws_ec2_flow_log", REGION, logs, Some(denied("DescribeFlowLogs")));
    let cells: Vec<Cell> = [ACCOUNT, REGION].iter().map(|cell| cell.parse().unwrap()).collect();
    let reads = schemas().into_iter().filter(|schema| schema.name() != "aws_kms_key").map(|schema| {
        // Everything but the tags of VPCs was asked for.
        let unasked = |column: &str| schema.name() == "aws_ec2_vpc" && column == "tags";
        let columns = schema.columns().iter().map(|(name, _)| name.clone()).filter(|name| !unasked(name)).collect();
        TableRead { schema, columns, only: None }
    });
    Run::in_memory(cells.iter().collect::<Cells>(), reads, &inventory).unwrap()
}

fn engine(limits: Limits) -> Engine {
    Engine::new(schemas(), run(), "2026-11-22T14:30:00Z".parse().unwrap(), limits).unwrap()
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap().block_on(future)
}

/// The rows of an answer as JSON, or the error's message.
async fn answer(engine: &Engine, sql: &str) -> String {
    match engine.query(sql).await {
        Ok(answer) => {
            let mut out = Vec::new();
            output::json_lines(&answer, &mut out).unwrap();
            String::from_utf8(out).unwrap().trim_end().replace('\n', " ")
        }
        Err(error) => error.to_string(),
    }
}

/// Queries and what they answer. All problems are told together.
fn check(limits: Limits, cases: &[(&str, &str)]) {
    let engine = engine(limits);
    let mut wrong = String::new();
    block_on(async {
        for (sql, expected) in cases {
            let found = answer(&engine, sql).await;
            if found != *expected {
                let _ = writeln!(wrong, "\n{sql}\n  gives    {found}\n  expected {expected}");
            }
        }
    });
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn queries_answer() {
    check(
        Limits::default(),
        &[
            ("select count(*) as n from aws_s3_bucket", r#"{"n":3}"#),
            (
                "-- id: S3.8\nselect _id, coalesce(public_access_block['BlockPublicAcls'] and public_access_block.IgnorePublicAcls, false) as passed from aws_s3_bucket order by _id",
                r#"{"_id":"a","passed":true} {"_id":"b","passed":false} {"_id":"c","passed":false}"#,
            ),
            (
                "select _id, any_match(IpPermissions, p -> (p.FromPort <= 22) and (p.ToPort >= 22) and any_match(p.IpRanges, r -> cidr_is_any(r.CidrIp))) as open from aws_ec2_security_group order by _id",
                r#"{"_id":"sg-1","open":false} {"_id":"sg-2","open":true} {"_id":"sg-3","open":false} {"_id":"sg-4","open":null}"#,
            ),
            (
                "select _id, array_transform(array_filter(IpPermissions, lambda p: p.FromPort > 22), p -> p.FromPort) as ports from aws_ec2_security_group where GroupId = 'sg-1'",
                r#"{"_id":"sg-1","ports":[443]}"#,
            ),
            (
                "select v._id, (select count(*) from aws_ec2_flow_log f where f.ResourceId = v.VpcId and f.account_id = v.account_id and f.region = v.region) > 0 as passed from aws_ec2_vpc v order by v._id",
                r#"{"_id":"v1","passed":true} {"_id":"v2","passed":false}"#,
            ),
            (
                "with logs as (select ResourceId, count(*) as n from aws_ec2_flow_log group by ResourceId) select v._id, coalesce(l.n, 0) as n from aws_ec2_vpc v left join logs l on l.ResourceId = v.VpcId order by v._id",
                r#"{"_id":"v1","n":2} {"_id":"v2","n":0}"#,
            ),
            // The clock is the run's; a date far away is a date like others.
            (
                "select now() as now, current_timestamp as same",
                r#"{"now":"2026-11-22T14:30:00Z","same":"2026-11-22T14:30:00Z"}"#,
            ),
            // Fields by dot or by name, of the innermost lambda's own parameter and of the outer ones'.
            (
                "select _id, array_length(array_filter(IpPermissions, p -> any_match(p['IpRanges'], r -> r.CidrIp = '10.0.0.0/8' and p.ToPort = 22))) as n from aws_ec2_security_group p where p.GroupId = 'sg-1'",
                r#"{"_id":"sg-1","n":1}"#,
            ),
            ("select current_date() as day, today() as same", r#"{"day":"2026-11-22","same":"2026-11-22"}"#),
            (
                "select _id, CreationDate from aws_s3_bucket where CreationDate < now() - interval '90 days'",
                r#"{"_id":"c","CreationDate":"2020-01-01T00:00:00Z"}"#,
            ),
            (
                "select _id, CreationDate from aws_s3_bucket where CreationDate > now()",
                r#"{"_id":"b","CreationDate":"9999-12-31T23:59:59Z"}"#,
            ),
            (
                "select _id from aws_s3_bucket where CreationDate >= '2026-11-01' order by _id",
                r#"{"_id":"a"} {"_id":"b"}"#,
            ),
            (
                "select _id, account_id, region from aws_s3_bucket where _id = 'b'",
                r#"{"_id":"b","account_id":"111122223333","region":"eu-west-1"}"#,
            ),
            (
                "select tags['Team'] as team, tags from aws_s3_bucket where _id = 'a'",
                r#"{"team":"x","tags":{"Team":"x"}}"#,
            ),
            // Policy documents: the one that could not be read is null.
            (
                "select _id, array_length(policy_statements(policy)) as n from aws_s3_bucket order by _id",
                r#"{"_id":"a","n":0} {"_id":"b","n":null} {"_id":"c","n":null}"#,
            ),
            (
                r#"select any_match(policy_statements('{"Statement":{"Effect":"Allow","Action":"s3:*","Principal":{"AWS":"*"}}}'), s -> (s.Effect = 'Allow') and array_has(s.Action, 's3:*') and (json_get_text(s.Principal, 'AWS') = '*')) as open"#,
                r#"{"open":true}"#,
            ),
            (
                r#"select json_get_text('{"a":{"b":[1,"x"]}}', 'a.b') as list, json_get_text('{"a":"x"}', 'a') as text, json_get_text('{', 'a') as broken, json_get_text('{}', '][') as path, json_get_list('{"a":{"b":[1,"x"]}}', 'a.b') as items, json_get_list('{"a":"x"}', 'a') as single, json_get_list(null, 'a') as nothing"#,
                r#"{"list":"[1,\"x\"]","text":"x","broken":null,"path":null,"items":["1","x"],"single":["x"],"nothing":null}"#,
            ),
            (
                r#"select "table", column, row_id, kind, code, message from gap order by "table", row_id, column"#,
                concat!(
                    r#"{"table":"aws_ec2_flow_log","column":null,"row_id":null,"kind":"denied","code":"AccessDenied","message":"no"} "#,
                    r#"{"table":"aws_ec2_security_group","column":"IpPermissions","row_id":"sg-4","kind":"fault","code":"TypeMismatch","message":"`IpPermissions` is not of the type list<struct<FromPort integer, ToPort integer, IpRanges list<struct<CidrIp text>>>>"} "#,
                    r#"{"table":"aws_ec2_vpc","column":"tags","row_id":null,"kind":"not_collected","code":"NotCollected","message":"column `tags` was not collected"} "#,
                    r#"{"table":"aws_kms_key","column":null,"row_id":null,"kind":"not_collected","code":"NotCollected","message":"table `aws_kms_key` was not collected"} "#,
                    r#"{"table":"aws_s3_bucket","column":"policy","row_id":"c","kind":"denied","code":"AccessDenied","message":"no"}"#,
                ),
            ),
        ],
    );
}

#[test]
fn mistakes_are_told_with_their_place() {
    let deep = format!("select {}1{}", "(".repeat(200), ")".repeat(200));
    let long = format!("select '{}'", "x".repeat(200_000));
    check(
        Limits::default(),
        &[
            (
                "select * from aws_s3_buckets",
                "line 1, column 15: there is no table `aws_s3_buckets`; did you mean `aws_s3_bucket`?",
            ),
            ("select 1 from xyz", "line 1, column 15: there is no table `xyz`"),
            (
                "select _id,\n  Nam from aws_s3_bucket",
                "line 2, column 3: there is no column `Nam`; did you mean `Name`?",
            ),
            (
                "select b.name from aws_s3_bucket b",
                "line 1, column 8: there is no column `b.name`; did you mean `Name`?",
            ),
            (
                "select _id frm aws_s3_bucket where",
                "line 1, column 16: expected: end of statement, found: aws_s3_bucket",
            ),
            ("select 'open", "line 1, column 8: unterminated string literal"),
            (
                "select polcy_statements('')",
                "line 1, column 8: invalid function 'polcy_statements'. Did you mean 'policy_statements'?",
            ),
            (&deep, "line 1, column 57: the query is nested too deeply"),
            (&long, "the query is 200009 bytes long; the limit is 102400"),
            ("", "only a single SELECT is allowed here, not nothing"),
            ("-- nothing", "only a single SELECT is allowed here, not nothing"),
        ],
    );
}

#[test]
fn only_a_select_is_run() {
    check(
        Limits::default(),
        &[
            ("select 1; select 2", "only a single SELECT is allowed here, not 2 statements"),
            ("copy aws_s3_bucket to '/data/x.parquet'", "only a single SELECT is allowed here, not COPY"),
            ("copy (select 1) to 'x.csv'", "only a single SELECT is allowed here, not COPY"),
            ("create table t as select 1", "only a single SELECT is allowed here, not CREATE"),
            (
                "create external table t stored as parquet location '/etc'",
                "only a single SELECT is allowed here, not CREATE",
            ),
            ("create view v as select 1", "only a single SELECT is allowed here, not CREATE"),
            ("insert into aws_s3_bucket values (1)", "only a single SELECT is allowed here, not INSERT"),
            ("delete from aws_s3_bucket", "only a single SELECT is allowed here, not DELETE"),
            ("drop table aws_s3_bucket", "only a single SELECT is allowed here, not DROP"),
            ("set datafusion.execution.batch_size = 1", "only a single SELECT is allowed here, not SET"),
            ("reset datafusion.execution.batch_size", "only a single SELECT is allowed here, not RESET"),
            ("show tables", "only a single SELECT is allowed here, not SHOW"),
            ("explain select 1", "only a single SELECT is allowed here, not EXPLAIN"),
            ("explain analyze select 1", "only a single SELECT is allowed here, not EXPLAIN"),
            ("describe aws_s3_bucket", "only a single SELECT is allowed here, not DESCRIBE"),
            ("prepare p as select 1", "only a single SELECT is allowed here, not PREPARE"),
            ("select * into t from aws_s3_bucket", "only a single SELECT is allowed here, not SELECT"),
            ("select * from '/etc/passwd'", "there is no table `/etc/passwd`"),
            ("select * from 'x.parquet'", "there is no table `x.parquet`"),
            ("select * from read_parquet('x.parquet')", "there is no table `read_parquet`"),
            ("select * from generate_series(1, 10)", "there is no table `generate_series`"),
            (
                "with recursive r as (select 1 as n union all select n + 1 from r) select count(*) from r",
                "recursive CTEs are not enabled",
            ),
            (
                "select * from information_schema.tables",
                "line 1, column 15: there is no table `information_schema.tables`",
            ),
            ("select repeat('x', 1000000000)", "line 1, column 8: invalid function 'repeat'. Did you mean 'replace'?"),
        ],
    );
}

#[test]
fn queries_are_stopped_by_time_memory_and_size() {
    let many = "aws_s3_bucket a, aws_s3_bucket b, aws_s3_bucket c, aws_s3_bucket d, aws_s3_bucket e, aws_s3_bucket f, aws_s3_bucket g, \
                aws_s3_bucket h, aws_s3_bucket i, aws_s3_bucket j, aws_s3_bucket k, aws_s3_bucket l, aws_s3_bucket m, aws_s3_bucket n, \
                aws_s3_bucket o, aws_s3_bucket p, aws_s3_bucket q, aws_s3_bucket r, aws_s3_bucket s, aws_s3_bucket t, aws_s3_bucket u, \
                aws_s3_bucket v, aws_s3_bucket w, aws_s3_bucket x, aws_s3_bucket y, aws_s3_bucket z";
    let product = format!("select max(a._id || m._id || z._id) from {many}");
    let endless = format!("select max(concat(a._id, z._id, n._id)) from {many} where a._id || b._id || n._id <> z._id");
    check(
        Limits { time: Duration::from_millis(500), ..Limits::default() },
        &[
            (&endless, "the query did not end within 0.5 seconds"),
            (&product, "the query did not end within 0.5 seconds"),
            ("select 1 as x", r#"{"x":1}"#),
        ],
    );
    let wide = many.split_inclusive(',').take(12).collect::<String>();
    let wide = wide.trim_end_matches(',');
    let sorted = format!("select concat(a._id, b._id, c._id, l._id) as x, a.*, b.* from {wide} order by x");
    check(
        Limits { memory: 4 << 20, ..Limits::default() },
        &[(&sorted, "the query needs more memory than 4 MB"), ("select 1 as x", r#"{"x":1}"#)],
    );
    let large = format!("select a.*, b.* from {wide}");
    check(
        Limits { result: 1 << 20, ..Limits::default() },
        &[(&large, "the query's result is larger than 1 MB; select less, or aggregate")],
    );
}

#[test]
fn used_columns_are_those_that_can_change_the_answer() {
    let engine = Engine::of_schemas(schemas()).unwrap();
    let used = |sql: &str| -> String {
        let used = block_on(engine.columns_used(sql)).unwrap();
        let table = |(table, columns): (&String, &BTreeSet<String>)| {
            format!("{table}({})", columns.iter().map(String::as_str).collect::<Vec<_>>().join(" "))
        };
        used.tables.iter().map(table).collect::<Vec<_>>().join(" ")
    };
    let star = "GroupId IpPermissions _id account_id account_name arn region";
    for (sql, expected) in [
        ("select count(*) from aws_s3_bucket", "aws_s3_bucket()"),
        ("select b.Name as n from aws_s3_bucket as b where b.region = 'x'", "aws_s3_bucket(Name region)"),
        (
            "select _id, public_access_block['BlockPublicAcls'] as passed from aws_s3_bucket",
            "aws_s3_bucket(_id public_access_block)",
        ),
        ("select * from aws_ec2_security_group", &format!("aws_ec2_security_group({star})")),
        ("with t as (select * from aws_s3_bucket) select Name from t", "aws_s3_bucket(Name)"),
        (
            "select Name from (select Name, policy, region from aws_s3_bucket where policy is null)",
            "aws_s3_bucket(Name policy)",
        ),
        (
            "select any_match(IpPermissions, p -> any_match(p.IpRanges, r -> r.CidrIp = 'x')) from aws_ec2_security_group",
            "aws_ec2_security_group(IpPermissions)",
        ),
        (
            "select v._id, (select count(*) from aws_ec2_flow_log f where f.ResourceId = v.VpcId) > 0 as passed from aws_ec2_vpc v",
            "aws_ec2_flow_log(ResourceId) aws_ec2_vpc(VpcId _id)",
        ),
        (
            "select _id from aws_ec2_vpc where VpcId in (select ResourceId from aws_ec2_flow_log where region = 'x')",
            "aws_ec2_flow_log(ResourceId region) aws_ec2_vpc(VpcId _id)",
        ),
        (
            "select v._id from aws_ec2_vpc v left join aws_ec2_flow_log f using (account_id, region)",
            "aws_ec2_flow_log(account_id region) aws_ec2_vpc(_id account_id region)",
        ),
        (
            "select Name from aws_s3_bucket union all select GroupId from aws_ec2_security_group",
            "aws_ec2_security_group(GroupId) aws_s3_bucket(Name)",
        ),
        ("select _id from aws_s3_bucket order by CreationDate limit 1", "aws_s3_bucket(CreationDate _id)"),
        ("select _id from aws_s3_bucket where false", ""),
        ("select code from gap", "gap(code)"),
        ("select b.Name from run.aws_s3_bucket b", "aws_s3_bucket(Name)"),
    ] {
        assert_eq!(used(sql), expected, "{sql}");
    }
}

#[test]
fn gaps_of_what_was_used_come_cell_by_cell() {
    let engine = engine(Limits::default());
    let gaps = |sql: &str, expected: &[&str]| -> Vec<String> {
        let expected: Vec<Cell> = expected.iter().map(|cell| cell.parse().unwrap()).collect();
        block_on(async {
            let used = engine.columns_used(sql).await.unwrap();
            let gaps = engine.gaps(&used, &expected.iter().collect()).await.unwrap();
            let text = |text: &Option<String>| text.clone().unwrap_or("-".to_owned());
            gaps.iter()
                .map(|gap| {
                    format!("{} {} {} {} {}", gap.table, gap.cell, text(&gap.row), text(&gap.column), gap.failure.code)
                })
                .collect()
        })
    };
    for (sql, expected, found) in [
        ("select Name from aws_s3_bucket", &[][..], &[][..]),
        ("select policy from aws_s3_bucket", &[], &["aws_s3_bucket 111122223333 c policy AccessDenied"]),
        ("select count(*) from aws_ec2_flow_log", &[], &["aws_ec2_flow_log 111122223333/us-east-1 - - AccessDenied"]),
        ("select tags, VpcId from aws_ec2_vpc", &[], &["aws_ec2_vpc 111122223333/us-east-1 - tags NotCollected"]),
        ("select _id from aws_kms_key", &[], &["aws_kms_key 111122223333/us-east-1 - - NotCollected"]),
        (
            "select Name from aws_s3_bucket",
            &["222233334444/us-east-1", "111122223333"],
            &["aws_s3_bucket 222233334444 - - NotRead"],
        ),
    ] {
        assert_eq!(gaps(sql, expected), found, "{sql}");
    }
}

#[test]
fn controls_get_rows_or_a_reason() {
    let engine = engine(Limits::default());
    block_on(async {
        let ControlAnswer { rows, used, gaps } = engine
            .control_rows(
                "select _id, CreationDate < now() as passed, 'too new: ' || Name as reason from aws_s3_bucket",
            )
            .await
            .unwrap();
        let ids: Vec<_> = rows.iter().map(|row| (row.id.as_str(), row.passed)).collect();
        assert_eq!(ids, [("a", Some(true)), ("b", Some(false)), ("c", Some(true))]);
        assert_eq!(rows[1].reason.as_deref(), Some("too new: b"));
        assert_eq!(rows[1].applicable, None);
        assert_eq!(used.tables["aws_s3_bucket"].len(), 3);
        assert_eq!(gaps, []);
        for (sql, message) in [
            ("select _id from aws_s3_bucket", "this selects `_id`"),
            ("select _id, true as passed, Name from aws_s3_bucket", "this also selects `Name`"),
            ("select _id, 'yes' as passed from aws_s3_bucket", "`passed` is not boolean"),
            ("select null as _id, true as passed", "a row has no `_id`"),
        ] {
            let error = engine.control_rows(sql).await.unwrap_err().to_string();
            assert!(error.ends_with(message), "{sql}: {error}");
        }
        let driving = engine.driving_rows("aws_s3_bucket").await.unwrap();
        let shown: Vec<String> = driving
            .iter()
            .map(|row| {
                format!(
                    "{} {:?} {:?}",
                    row.id,
                    row.account.as_ref().map(ToString::to_string),
                    row.region.as_ref().map(ToString::to_string)
                )
            })
            .collect();
        assert_eq!(shown[1], r#"b Some("111122223333") Some("eu-west-1")"#);
        assert_eq!(shown.len(), 3);
    });
}

#[test]
fn another_run_has_its_own_schema() {
    let engine = engine(Limits::default()).with_run("before", Run::empty()).unwrap();
    block_on(async {
        let sql = "select n._id from aws_s3_bucket n left join before.aws_s3_bucket b using (_id) where b.Name is null order by 1";
        assert_eq!(answer(&engine, sql).await, r#"{"_id":"a"} {"_id":"b"} {"_id":"c"}"#);
        let used = engine.columns_used(sql).await.unwrap();
        assert_eq!(used.tables.into_keys().collect::<Vec<_>>(), ["aws_s3_bucket", "before.aws_s3_bucket"]);
        let missing = answer(&engine, "select 1 from after.aws_s3_bucket").await;
        assert_eq!(
            missing,
            "line 1, column 15: there is no table `after.aws_s3_bucket`; did you mean `aws_s3_bucket`?"
        );
    });
}
