//! Collection against replies in memory: every built-in table with replies made from the API models, and
//! what denials, broken pages, trees and shared calls come to.

mod every_table;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, OnceLock};

use dodai_api::Aws;
use dodai_facts::{AccountId, Cell, Failure, FailureKind, Inventory, Listing, Region, Scope};
use dodai_models::{Models, Service, ShapeId, ShapeKind, partitions};
use futures::future::BoxFuture;
use futures::stream::{self, BoxStream, StreamExt};
use serde_json::{Value, json};

use every_table::{collected_tables, sample_reply};

use super::{Account, Collection, Progress, collect_into_inventory};
use crate::arrow::batches;
use crate::tables::{Absent, Column, HIDDEN, Source, Table, Tables, Wanted};

type Answer = dyn Fn(&str, &Region, &Value) -> Vec<Result<Value, Failure>> + Send + Sync;

/// Answers by call name, Region and parameters; keeps what was asked.
struct Script {
    answer: Box<Answer>,
    asked: Mutex<Vec<String>>,
}

impl Script {
    fn new(answer: impl Fn(&str, &Region, &Value) -> Vec<Result<Value, Failure>> + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self { answer: Box::new(answer), asked: Mutex::default() })
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

impl Aws for Script {
    fn call<'a>(
        &'a self,
        _: &'a AccountId,
        _: &'a Region,
        service: &'a str,
        operation: &'a str,
        _: &'a Value,
    ) -> BoxFuture<'a, Result<Value, Failure>> {
        unreachable!("collection reads pages: {service}.{operation}")
    }

    fn pages<'a>(
        &'a self,
        _: &'a AccountId,
        region: &'a Region,
        service: &'a str,
        operation: &'a str,
        params: &'a Value,
    ) -> BoxStream<'a, Result<Value, Failure>> {
        let call = format!("{service}.{operation}");
        self.asked.lock().unwrap().push(call.clone());
        let model = Models::embedded().service(service).unwrap();
        let problems = dodai_models::validate(&model, model.operation(operation).unwrap(), params);
        assert!(problems.is_empty(), "{call}: {problems:?}");
        stream::iter((self.answer)(&call, region, params)).boxed()
    }
}

fn tables() -> &'static Tables {
    static TABLES: OnceLock<Tables> = OnceLock::new();
    TABLES.get_or_init(|| Tables::read(Models::embedded(), []).unwrap_or_else(|problems| panic!("{problems:#?}")))
}

fn failure(call: &str, kind: FailureKind, code: &str, message: &str) -> Failure {
    let (service, operation) = call.split_once('.').unwrap();
    Failure {
        kind,
        service: service.to_owned(),
        operation: operation.to_owned(),
        account: None,
        region: None,
        code: code.to_owned(),
        message: message.to_owned(),
        request_id: None,
    }
}

fn denied(call: &str) -> Failure {
    failure(call, FailureKind::Denied, "AccessDeniedException", "not allowed")
}

const MANAGEMENT: &str = "111111111111";
const REGION: &str = "us-east-1";

fn management() -> AccountId {
    MANAGEMENT.parse().unwrap()
}

/// One account, the management account, in one Region.
fn collection(tables: &[(&Arc<Table>, Wanted)]) -> Collection {
    let home: Region = REGION.parse().unwrap();
    Collection {
        management: management(),
        home: home.clone(),
        accounts: vec![Account { id: management(), name: "main".to_owned(), regions: vec![home] }],
        tables: tables.iter().map(|(table, wanted)| ((*table).clone(), wanted.clone())).collect(),
        concurrency: 4,
    }
}

fn run(aws: Arc<dyn Aws>, collection: &Collection) -> (Inventory, Vec<Progress>) {
    let seen = Mutex::new(Vec::new());
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let inventory = runtime
        .block_on(collect_into_inventory(aws, collection, |progress| seen.lock().unwrap().push(progress)))
        .unwrap();
    (inventory, seen.into_inner().unwrap())
}

/// One table in the one cell of its kind.
fn listing(aws: Arc<dyn Aws>, name: &str, wanted: Wanted) -> Listing {
    listing_of(aws, tables().table(name).unwrap(), wanted)
}

fn listing_of(aws: Arc<dyn Aws>, table: &Arc<Table>, wanted: Wanted) -> Listing {
    let (inventory, _) = run(aws, &collection(&[(table, wanted)]));
    let cell = match table.scope() {
        Scope::Organization => Cell::Organization,
        Scope::Account => Cell::Account(management()),
        Scope::Region => Cell::Region(management(), REGION.parse().unwrap()),
    };
    inventory.get(table.name(), &cell).unwrap().clone()
}

#[test]
fn only_what_the_columns_need_is_asked() {
    for table in collected_tables() {
        for column in table.columns() {
            let wanted = table.want([column.name()]).unwrap();
            let aws = Script::new(|call, _, _| vec![Ok(sample_reply(call))]);
            let listing = listing(aws.clone(), table.name(), wanted.clone());
            let asked: BTreeSet<String> = aws.asked().into_iter().collect();
            let needed: BTreeSet<String> = table.calls(&wanted).into_iter().collect();
            assert_eq!(asked, needed, "{}.{}", table.name(), column.name());
            let row = &listing.rows[0];
            for other in table.columns().iter().filter(|other| other.source != Source::Cell) {
                assert_eq!(row.values.contains_key(other.name()), other.name() == column.name());
            }
        }
    }
    let bucket = tables().table("aws_s3_bucket").unwrap();
    assert_eq!(bucket.calls(&bucket.want(["encryption"]).unwrap()), ["s3.GetBucketEncryption", "s3.ListBuckets"]);
    assert!(bucket.want(["encription"]).unwrap_err().contains("did you mean `encryption`?"));
    assert!(tables().table("aws_s3_buckets").unwrap_err().contains("did you mean `aws_s3_bucket`?"));
}

#[test]
fn a_list_that_breaks_off_keeps_what_was_read() {
    let aws = Script::new(|call, _, _| {
        vec![
            Ok(json!({"Users": []})),
            Ok(json!({"Vpcs": [{"VpcId": "vpc-1", "OwnerId": MANAGEMENT}]})),
            Err(denied(call)),
        ]
    });
    let listing = listing(aws, "aws_ec2_vpc", Wanted::All);
    assert_eq!(listing.failure, Some(denied("ec2.DescribeVpcs")));
    let ids: Vec<&str> = listing.rows.iter().map(|row| row.id.as_str()).collect();
    assert_eq!(ids, [format!("{MANAGEMENT}/{REGION}/arn:aws:ec2:{REGION}:{MANAGEMENT}:vpc/vpc-1")]);
    // AWS left the rest out: known to be absent. Tags that are not there are none.
    assert_eq!(listing.rows[0].values["IsDefault"], Value::Null);
    assert_eq!(listing.rows[0].values["tags"], json!({}));
}

#[test]
fn a_column_over_several_pages_is_joined() {
    let aws = Script::new(|call, _, _| match call {
        "iam.ListMFADevices" => {
            let page = |serial: &str| Ok(json!({"MFADevices": [{"SerialNumber": serial}]}));
            vec![page("a"), page("b")]
        }
        _ => vec![Ok(json!({"UserDetailList": [{"UserName": "kay", "Arn": "arn:kay", "UserPolicyList":
            [{"PolicyName": "p", "PolicyDocument": "%7B%22Statement%22%3A%5B%5D%7D"}]}]}))],
    });
    let table = tables().table("aws_iam_user").unwrap();
    let listing = listing(aws, "aws_iam_user", table.want(["mfa_devices", "UserPolicyList"]).unwrap());
    let row = &listing.rows[0];
    assert_eq!(row.values["mfa_devices"], json!([{"SerialNumber": "a"}, {"SerialNumber": "b"}]));
    assert_eq!(row.values["UserPolicyList"][0]["PolicyDocument"], json!("{\"Statement\":[]}"));
}

/// r-1 has the units Default and Other; Default has Sandbox. Account 1 lies in the root, 2 in Sandbox.
fn organization(call: &str, params: &Value) -> Vec<Result<Value, Failure>> {
    let unit = |id: &str, name: &str| json!({"Id": id, "Name": name, "Arn": format!("arn:{id}")});
    let account = |id: &str| json!({"Id": id, "Name": "n", "Email": "n@example.com", "Arn": format!("arn:{id}")});
    let parent = params["ParentId"].as_str().unwrap_or_default();
    vec![Ok(match call {
        "organizations.ListRoots" => json!({"Roots": [{"Id": "r-1", "Name": "Root", "Arn": "arn:r-1"}]}),
        "organizations.ListOrganizationalUnitsForParent" => json!({"OrganizationalUnits": match parent {
            "r-1" => vec![unit("ou-d", "Default"), unit("ou-o", "Other")],
            "ou-d" => vec![unit("ou-s", "Sandbox")],
            _ => vec![],
        }}),
        "organizations.ListAccounts" => json!({"Accounts": [account("1"), account("2"), account("3")]}),
        "organizations.ListAccountsForParent" => json!({"Accounts": match parent {
            "r-1" => vec![account("1")],
            "ou-s" => vec![account("2")],
            _ => vec![],
        }}),
        "organizations.ListTagsForResource" => json!({"Tags": [{"Key": "team", "Value": "web"}, {"Key": "empty"}]}),
        other => panic!("{other}"),
    })]
}

#[test]
fn the_tree_of_units_is_walked_once_for_all_tables() {
    let aws = Script::new(|call, _, params| organization(call, params));
    let all = |name: &str| (tables().table(name).unwrap(), Wanted::All);
    let collection = collection(&[all("aws_organizations_unit"), all("aws_organizations_account")]);
    let (inventory, progress) = run(aws.clone(), &collection);
    let rows = |table: &str| inventory.get(table, &Cell::Organization).unwrap().complete().unwrap().to_vec();

    let unit = |row: &dodai_facts::Row| (row.values["parent_id"].clone(), row.values["path"].clone());
    let units: Vec<_> = rows("aws_organizations_unit").iter().map(unit).collect();
    let expected = [("r-1", "Default"), ("r-1", "Other"), ("ou-d", "Default/Sandbox")];
    assert_eq!(units, expected.map(|(parent, path)| (json!(parent), json!(path))));

    let accounts = rows("aws_organizations_account");
    let lies: Vec<_> =
        accounts.iter().map(|row| (row.values["parent_id"].clone(), row.values["unit"].clone())).collect();
    assert_eq!(
        lies,
        [(json!("r-1"), json!("Root")), (json!("ou-s"), json!("Default/Sandbox")), (Value::Null, Value::Null)]
    );
    // E-mail addresses are kept although the model calls them sensitive; tags come as a map.
    assert_eq!(accounts[0].values["Email"], json!("n@example.com"));
    assert_eq!(accounts[0].values["tags"], json!({"team": "web", "empty": ""}));
    assert_eq!(accounts[0].id, "organization/arn:1");

    let mut asked: BTreeMap<String, usize> = BTreeMap::new();
    for call in aws.asked() {
        *asked.entry(call).or_default() += 1;
    }
    assert_eq!(asked["organizations.ListRoots"], 1);
    assert_eq!(asked["organizations.ListOrganizationalUnitsForParent"], 4);
    assert_eq!(asked["organizations.ListAccountsForParent"], 4);
    assert_eq!(progress.first(), Some(&Progress { cells_done: 0, cells: 1, calls: 0 }));
    assert_eq!(progress.last(), Some(&Progress { cells_done: 1, cells: 1, calls: aws.asked().len() }));
}

#[test]
fn one_unit_that_cannot_be_read_leaves_the_others() {
    let aws = Script::new(|call, _, params| match params["ParentId"].as_str() {
        Some("ou-o") => vec![Err(denied(call))],
        _ => organization(call, params),
    });
    let units = listing(aws.clone(), "aws_organizations_unit", Wanted::All);
    assert_eq!((units.rows.len(), units.failure.map(|failure| failure.kind)), (3, Some(FailureKind::Denied)));
    // Of a join that is not whole nobody can say who is not in it.
    let accounts = listing(aws, "aws_organizations_account", Wanted::All);
    assert_eq!(accounts.failure, None);
    assert!(
        accounts.rows.iter().all(|row| row.failures.contains_key("parent_id") && row.failures.contains_key("unit"))
    );
}

#[test]
fn a_tree_without_end_is_an_error() {
    let aws = Script::new(|call, region, params| match call {
        "organizations.ListOrganizationalUnitsForParent" => {
            let id = format!("{}x", params["ParentId"].as_str().unwrap());
            vec![Ok(json!({"OrganizationalUnits": [{"Id": id, "Name": "x", "Arn": id}]}))]
        }
        _ => (Script::new(|call, _, params| organization(call, params)).answer)(call, region, params),
    });
    let failure = listing(aws, "aws_organizations_unit", Wanted::All).failure.unwrap();
    assert_eq!((failure.kind, failure.code.as_str()), (FailureKind::Fault, "IncompleteReply"));
}

#[test]
fn nobody_asks_on_where_nobody_can_sign_in() {
    let aws = Script::new(|_, _, _| vec![Err(denied("sts.AssumeRole"))]);
    let all: Vec<_> = collected_tables().map(|table| (table, Wanted::All)).collect();
    let mut collection = collection(&all);
    collection.tables.retain(|(table, _)| table.scope() == Scope::Region);
    let (inventory, _) = run(aws.clone(), &collection);
    assert_eq!(aws.asked().len(), 1);
    assert_eq!(inventory.tables().count(), collection.tables.len());
    assert!(inventory.gaps().iter().all(|gap| gap.failure == denied("sts.AssumeRole")));
    assert_eq!(inventory.gaps().len(), collection.tables.len());
}

#[test]
fn cells_are_asked_where_they_are() {
    let aws = Script::new(|call, _, _| vec![Ok(sample_reply(call))]);
    let names =
        ["aws_ec2_vpc", "aws_iam_password_policy", "aws_organizations_root", "aws_guardduty_organization_admin"];
    let picked: Vec<_> = names.map(|name| (tables().table(name).unwrap(), Wanted::All)).to_vec();
    let mut collection = collection(&picked);
    let regions: Vec<Region> = ["eu-west-1", REGION].map(|region| region.parse().unwrap()).to_vec();
    let member = Account { id: "222222222222".parse().unwrap(), name: "member".to_owned(), regions: regions.clone() };
    collection.accounts[0].regions = regions;
    collection.accounts.push(member);
    let (inventory, progress) = run(aws, &collection);
    let cells = |name: &str| inventory.table(name).map(|(cell, _)| cell.to_string()).collect::<Vec<_>>();
    let of = |account: &str| ["eu-west-1", REGION].map(|region| format!("{account}/{region}")).to_vec();
    assert_eq!(cells("aws_ec2_vpc"), [of(MANAGEMENT), of("222222222222")].concat());
    assert_eq!(cells("aws_iam_password_policy"), [MANAGEMENT, "222222222222"]);
    assert_eq!(cells("aws_organizations_root"), ["organization"]);
    assert_eq!(cells("aws_guardduty_organization_admin"), of(MANAGEMENT));
    assert_eq!(progress.last().map(|progress| progress.cells), Some(7));
}

#[test]
fn a_bucket_is_asked_in_its_own_region() {
    let aws = Script::new(|call, region, params| {
        if call == "s3.ListBuckets" {
            return vec![Ok(json!({"Buckets": [{"Name": "a", "BucketRegion": "eu-west-1"}, {"Name": "b"}]}))];
        }
        let expected = if params["Bucket"] == "a" { "eu-west-1" } else { REGION };
        assert_eq!(region.as_str(), expected);
        vec![Ok(json!({"Status": "Enabled"}))]
    });
    let table = tables().table("aws_s3_bucket").unwrap();
    let listing = listing(aws, "aws_s3_bucket", table.want(["versioning"]).unwrap());
    let regions: Vec<_> = listing.rows.iter().map(|row| row.values["region"].clone()).collect();
    assert_eq!(regions, [json!("eu-west-1"), Value::Null]);
    assert!(listing.rows.iter().all(|row| row.values["versioning"] == json!({"Status": "Enabled"})));
}

#[test]
fn rows_without_or_with_the_same_identity_are_errors() {
    let check = |vpcs: Value, rows: usize, code: Option<&str>| {
        let reply = json!({"Vpcs": vpcs});
        let listing = listing(Script::new(move |_, _, _| vec![Ok(reply.clone())]), "aws_ec2_vpc", Wanted::All);
        assert_eq!(listing.rows.len(), rows);
        assert_eq!(listing.failure.map(|failure| failure.code).as_deref(), code);
    };
    let vpc = |id: &str, cidr: &str| json!({"VpcId": id, "OwnerId": MANAGEMENT, "CidrBlock": cidr});
    check(json!([vpc("a", "1"), vpc("b", "1")]), 2, None);
    check(json!([vpc("a", "1"), vpc("a", "1")]), 1, None);
    check(json!([vpc("a", "1"), vpc("a", "2"), vpc("b", "1")]), 2, Some("DuplicateRow"));
    check(json!([{"CidrBlock": "1"}, vpc("a", "1")]), 1, Some("IncompleteReply"));
    check(json!(["text", vpc("a", "1")]), 1, Some("IncompleteReply"));
}

#[test]
fn secrets_are_not_stored() {
    let aws = Script::new(|_, _, _| {
        vec![Ok(json!({"Functions": [{"FunctionName": "f", "FunctionArn": "arn:f",
            "Environment": {"Variables": {"PASSWORD": "hunter2"}, "Error": {"Message": "hunter2"}}}]}))]
    });
    let table = tables().table("aws_lambda_function").unwrap();
    let listing = listing(aws, "aws_lambda_function", table.want(["Environment"]).unwrap());
    let environment = &listing.rows[0].values["Environment"];
    assert_eq!(environment["Variables"], json!({"PASSWORD": HIDDEN}));
    assert!(!environment.to_string().contains("hunter2"));
}

#[test]
fn a_region_that_is_not_enabled_is_a_gap_of_every_table() {
    let opted_out = |call: &str| failure(call, FailureKind::OptedOut, "InvalidClientTokenId", "the token is invalid");
    let aws = Script::new(move |call, _, _| vec![Err(opted_out(call))]);
    let listing = listing(aws, "aws_guardduty_detector", Wanted::All);
    assert_eq!(listing.failure.map(|failure| failure.kind), Some(FailureKind::OptedOut));
    assert_eq!(listing.rows, []);
}

#[test]
fn a_call_waits_for_the_column_that_it_needs() {
    let text = "
t:
  scope: region
  key: [VpcId]
  list: {call: ec2.DescribeVpcs, rows: Vpcs}
  add:
    first:
      call: ec2.DescribeSubnets
      with: {SubnetIds: [second]}
      take: 'Subnets[0].CidrBlock'
      must: 'Subnets[0]'
    second:
      call: ec2.DescribeRouteTables
      with: {RouteTableIds: [DhcpOptionsId]}
      take: 'RouteTables[0].RouteTableId'
      optional: true
      when: {State: [available]}
";
    let tables = Tables::read(Models::embedded(), [("tables/t.yaml", text)]).unwrap();
    let table = tables.get("t").unwrap();
    let check = |vpc: Value, second: Result<Value, Failure>, subnets: Value, expected: Result<Value, &str>| {
        let aws = Script::new(move |call, _, params| {
            vec![match call {
                "ec2.DescribeVpcs" => Ok(json!({"Vpcs": [vpc.clone()]})),
                "ec2.DescribeRouteTables" => second.clone(),
                _ => {
                    assert_eq!(*params, json!({"SubnetIds": ["rtb-1"]}));
                    Ok(json!({"Subnets": subnets}))
                }
            }]
        });
        let listing = listing_of(aws, table, table.want(["first"]).unwrap());
        let row = &listing.rows[0];
        match expected {
            Ok(value) => assert_eq!(row.values["first"], value),
            Err(code) => assert_eq!(row.failures["first"].code, code),
        }
        assert!(!row.values.contains_key("second"));
    };
    let vpc = json!({"VpcId": "vpc-1", "DhcpOptionsId": "dopt-1", "State": "available"});
    let found = json!({"RouteTables": [{"RouteTableId": "rtb-1"}]});
    let subnets = json!([{"CidrBlock": "10.0.0.0/24"}]);
    check(vpc.clone(), Ok(found.clone()), subnets.clone(), Ok(json!("10.0.0.0/24")));
    check(vpc.clone(), Ok(found.clone()), json!([{}]), Ok(Value::Null));
    // A reply without what was asked for, and a row without what is to be asked, are not "there is none".
    check(vpc.clone(), Ok(found.clone()), json!([]), Err("IncompleteReply"));
    check(vpc.clone(), Ok(json!({"RouteTables": []})), subnets.clone(), Err("IncompleteReply"));
    check(json!({"VpcId": "vpc-1", "State": "available"}), Ok(found.clone()), subnets.clone(), Err("IncompleteReply"));
    check(
        json!({"VpcId": "vpc-1", "DhcpOptionsId": "d", "State": "pending"}),
        Ok(found),
        subnets.clone(),
        Err("IncompleteReply"),
    );
    check(vpc, Err(denied("ec2.DescribeRouteTables")), subnets, Err("AccessDeniedException"));
}

#[test]
fn a_service_that_is_not_offered_in_a_region_is_not_asked() {
    let regions = partitions::regions("aws").into_iter().map(|region| region.parse::<Region>().unwrap());
    let (table, region) = regions
        .flat_map(|region| collected_tables().map(move |table| (table, region.clone())))
        .find(|(table, region)| {
            let service = &table.list[0].request.service;
            table.scope() == Scope::Region && partitions::offered(service, region.as_str()) == Some(false)
        })
        .unwrap();
    let aws = Script::new(|call, _, _| vec![Ok(sample_reply(call))]);
    let mut collection = collection(&[(table, Wanted::All)]);
    collection.accounts[0].regions = vec![region];
    let (inventory, _) = run(aws.clone(), &collection);
    let gaps = inventory.gaps();
    let [gap] = gaps.as_slice() else { panic!("{gaps:?}") };
    assert_eq!((gap.failure.kind, gap.failure.code.as_str()), (FailureKind::OptedOut, "NotOffered"));
    assert!(aws.asked().is_empty());
}
