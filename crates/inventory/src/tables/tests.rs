//! Table files that are wrong: what is said about them, and where.

use dodai_models::Models;

use super::Tables;

/// A file's problems, one a line.
fn problems(text: &str) -> String {
    let problems = Tables::read(Models::embedded(), [("tables/mine.yaml", text)]).err().unwrap_or_default();
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// The problem names this place and has these words.
fn check(text: &str, place: &str, words: &str) {
    let said = problems(text);
    assert!(said.starts_with(&format!("tables/mine.yaml{place}: ")) && said.contains(words), "{text}\n{said}");
}

#[test]
fn a_person_may_add_tables() {
    let text = "
my_queue:
  scope: region
  list: {call: sqs.ListQueues, rows: QueueUrls, as: url}
  key: [url]
  add:
    attributes: {call: sqs.GetQueueAttributes, with: {QueueUrl: url}, fixed: {AttributeNames: [All]}, take: Attributes}
";
    assert_eq!(problems(text), "");
    let tables = Tables::read(Models::embedded(), [("tables/mine.yaml", text)]).unwrap();
    let info = tables.get("my_queue").unwrap().info();
    assert_eq!(info.columns, ["_id", "account_id", "account_name", "region", "arn", "url", "attributes"]);
    assert_eq!(info.calls, ["sqs.GetQueueAttributes", "sqs.ListQueues"]);
}

#[test]
fn unknown_names_are_named_with_the_nearest() {
    let list = |list: &str| format!("t:\n  scope: region\n  key: [VpcId]\n  list: {{{list}}}\n");
    check(&list("call: guarduty.ListDetectors, rows: Vpcs"), ":4:16", "did you mean `guardduty`?");
    check(&list("call: ec2.DescribeVpc, rows: Vpcs"), ":4:16", "did you mean `DescribeVpcs`?");
    check(&list("call: DescribeVpcs, rows: Vpcs"), ":4:16", "is not a call like `s3.ListBuckets`");
    check(&list("call: ec2.DescribeVpcs, rows: Vpc"), ":4:40", "has no member `Vpc` (did you mean `Vpcs`?)");
    check(&list("call: ec2.DescribeVpcs, rows: 'Vpcs['"), ":4:40", "has a `[` without `]`");
    check(&list("call: ec2.DescribeVpcs, rows: Vpcs, without: [Vpcid]"), ":4:56", "did you mean `VpcId`?");
    check(&list("call: ec2.DescribeVpcs, rows: Vpcs, fixed: {MaxResult: 5}"), ":4:16", "MaxResults");
    check(&list("call: ec2.DescribeVpcs, rows: Vpcs, with: {VpcIds: [Vpc]}"), ":4:16", "there is no column `Vpc`");
    check(&list("call: ec2.DescribeVpcs, row: Vpcs"), ":4:34", "row");
}

#[test]
fn what_cannot_be_read_is_refused() {
    let table = |rest: &str| format!("t:\n  scope: region\n  list: {{call: ec2.DescribeVpcs, rows: Vpcs}}\n{rest}");
    check(&table(""), ":3:16", "neither `arn` nor `key`");
    check(&table("  arn: Arn\n"), ":4:8", "there is no column `Arn`");
    check(&table("  arn: '{VpcId'\n"), ":4:8", "has a `{` without `}`");
    check(&table("  key: [VpcId]\n  tags: Tag\n"), ":5:9", "there is no column `Tag`");
    check(&table("  key: [VpcId]\n  hide: ['Tags[].Val']\n"), ":5:10", "did you mean `Value`?");
    check(&table("  key: [VpcId]\n  scope: region\n"), ":5:3", "scope");
    check("t:\n  scope: zone\n", ":2:10", "zone");
    check("t: [\n", ":1:4", "expected");
    check(&table("  key: [VpcId]\n").replace("rows: Vpcs", "rows: Vpcs, one: true"), ":3:40", "not one row");
    check(&table("  key: [VpcId]\n").replace(", rows: Vpcs", ""), ":3:16", "is not a list");
    check(&table("  key: [VpcId]\n").replacen("t:", "Table:", 1), ":1:1", "not of the form `aws_s3_bucket`");
    check(
        &table("  key: [VpcId]\n").replacen("t:", "aws_ec2_vpc:", 1),
        ":1:1",
        "there is a table `aws_ec2_vpc` already",
    );
    check(&" ".repeat((1 << 20) + 1), "", "at most 1048576");
}

#[test]
fn added_columns_are_checked() {
    let add = |add: &str| {
        format!("t:\n  scope: region\n  key: [VpcId]\n  list: {{call: ec2.DescribeVpcs, rows: Vpcs}}\n  add:\n{add}")
    };
    let call = "call: ec2.DescribeVpcAttribute, with: {VpcId: VpcId}, fixed: {Attribute: enableDnsSupport}";
    assert_eq!(problems(&add(&format!("    dns: {{{call}, take: EnableDnsSupport.Value}}\n"))), "");
    check(&add(&format!("    dns: {{{call}, take: EnableDnsSuport}}\n")), ":6:109", "did you mean `EnableDnsSupport`?");
    check(&add("    dns: {take: X}\n"), ":1:1", "neither `call` nor `list`");
    check(&add("    VpcId: {call: ec2.DescribeVpcs}\n"), ":6:19", "has a column `VpcId` already");
    check(&add("    dns: {call: ec2.DescribeVpcAttribute}\n"), ":6:17", "VpcId");
    check(&add("    a: {list: {call: ec2.DescribeSubnets, rows: Subnets}, take: SubnetId}\n"), ":6:22", "has no `on`");
    check(
        &add("    a: {list: {call: ec2.DescribeSubnets, rows: Subnets}, on: {VpcId: Vpc}, take: SubnetId}\n"),
        ":6:71",
        "did you mean `VpcId`?",
    );
    let circle = |from: &str, to: &str| {
        format!("    {from}: {{call: ec2.DescribeSubnets, with: {{SubnetIds: [{to}]}}, take: 'Subnets[0].SubnetId'}}\n")
    };
    check(&add(&(circle("a", "b") + &circle("b", "a"))), ":4:16", "need each other in a circle");
    // What waits for another is made after it, whatever the alphabet says.
    let chain = circle("a", "b") + &circle("b", "VpcId");
    let text = add(&chain);
    let tables = Tables::read(Models::embedded(), [("tables/mine.yaml", text.as_str())]).unwrap();
    let calls: Vec<bool> = tables.get("t").unwrap().calls.iter().map(|call| call.after.is_empty()).collect();
    assert_eq!(calls, [true, false]);
}
