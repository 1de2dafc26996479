//! Tests of policies: how they are read, multiplied out, decided and told.

mod reports;

use std::sync::Arc;

use dodai_facts::{Problem, Region};
use dodai_policy::PolicyType;
use dodai_policy::decide::Policy;
use dodai_policy::language;
use dodai_policy::testing::{
    Account, FileReport, Level, MOST_CASES, Organization, ROOT, Report, Subject, Tests, junit, read, run, text,
};

const FILE: &str = "policies/service-control/guard.tests.yaml";

const GUARD: &str = "\
Version: '2012-10-17'
Statement:
  - Sid: DenyTrail
    Effect: Deny
    Action: ['cloudtrail:StopLogging', 'cloudtrail:DeleteTrail']
    Resource: 'arn:*:cloudtrail:*:*:trail/dodai'
    Condition: {ArnNotLike: {aws:PrincipalArn: 'arn:*:iam::*:role/dodai-*'}}
  - Sid: DenyRegions
    Effect: Deny
    Action: 'ec2:*'
    Resource: '*'
    Condition: {StringNotEquals: {aws:RequestedRegion: eu-west-1}}
";

fn policy(name: &str, text: &str) -> Arc<Policy> {
    let file = format!("policies/service-control/{name}.yaml");
    Arc::new(Policy::new(name, file.clone(), language::read(&file, text).unwrap()))
}

fn subject(folder: &str, text: &str) -> Subject {
    Subject::new(PolicyType::of_folder(folder).unwrap(), policy("guard", text)).unwrap()
}

fn read_well(tests: &str) -> Tests {
    read(FILE, tests).unwrap_or_else(|problems| panic!("{}", told(&problems)))
}

fn told(problems: &[Problem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

fn report(files: impl IntoIterator<Item = FileReport>) -> Report {
    Report { files: files.into_iter().collect() }
}

/// The tests of an SCP, alone.
fn alone(tests: &str) -> FileReport {
    run(&read_well(tests), &subject("service-control", GUARD), None)
}

/// One test, given by its lines: whether it passes, and what the report says otherwise.
fn check(folder: &str, guard: &str, test: &str, organization: Option<&Organization>) -> Result<usize, String> {
    let tests = format!("tests:\n  - {{name: it, {test}}}\n");
    let file = run(&read_well(&tests), &subject(folder, guard), organization);
    let cases = file.counts().cases;
    if file.is_good() && file.warnings.is_empty() { Ok(cases) } else { Err(text(&report([file]))) }
}

#[test]
fn every_mistake_is_told_with_its_place() {
    let check = |tests: &str| read(FILE, tests).map_or_else(|problems| told(&problems), |_| "none".to_owned());
    insta::assert_snapshot!(check("tests: []\n"), @"policies/service-control/guard.tests.yaml:1:8: `tests` is empty: nothing is tested (a test has a `name`, `who` `does` what, and what to `expect`)");
    insta::assert_snapshot!(check("parameters: {a: b}\n"), @"policies/service-control/guard.tests.yaml:1:1: `tests` is missing: nothing is tested (a test has a `name`, `who` `does` what, and what to `expect`)");
    for empty in ["", "\n", "# nothing\n", "~", "{}"] {
        assert!(check(empty).contains("nothing"), "{empty:?}: {}", check(empty));
    }
    insta::assert_snapshot!(check("- tests\n"), @"policies/service-control/guard.tests.yaml:1:1: a file of tests is a map, found a list");
    insta::assert_snapshot!(check("
parameters: [x]
test: x
tests:
  - deny
  - {name: '', who: role/x, does: 's3:GetObject', expect: allow}
  - name: several mistakes
    whom: role/x
    who: [Admin, 'role/*', {a: b}]
    does: ['s3:Get*', s3]
    on: bucket
    in: [Dublin]
    account: ''
    when: {aws:SourceVpc: {a: b}, aws:sourcevpc: x}
    expect: denied
  - name: empty lists
    who: []
    does: 's3:GetObject'
    in: eu-west-1
    when: {aws:requestedregion: eu-west-1}
    expect: true
  - name: nothing else
"), @"
    policies/service-control/guard.tests.yaml:3:1: a file of tests has no `test` (did you mean `tests`?)
    policies/service-control/guard.tests.yaml:2:13: `parameters` is a map of values by name, found a list
    policies/service-control/guard.tests.yaml:5:5: a test is a map, found `deny`
    policies/service-control/guard.tests.yaml:6:12: `name` is a text, found the text ``
    policies/service-control/guard.tests.yaml:8:5: a test has no `whom` (did you mean `who`?)
    policies/service-control/guard.tests.yaml:13:14: `account` cannot be `` (an account's name, a unit's path, or a pattern over both)
    policies/service-control/guard.tests.yaml:10:12: `does` cannot be `s3:Get*` (one action, `service:Action`, without wildcards: a request does one thing)
    policies/service-control/guard.tests.yaml:10:23: `does` cannot be `s3` (one action, `service:Action`, without wildcards: a request does one thing)
    policies/service-control/guard.tests.yaml:11:9: `on` cannot be `bucket` (the ARN of a resource, or `*` for an action that is on none)
    policies/service-control/guard.tests.yaml:12:10: `in` cannot be `Dublin` (a Region's code, such as `eu-west-1`)
    policies/service-control/guard.tests.yaml:9:11: `who` cannot be `Admin` (who does it: `role/Admin`, `assumed-role/Admin/alice`, `user/alice`, `root`, `service:ec2.amazonaws.com`, `anonymous`, `arn:aws:iam::111122223333:role/Admin`)
    policies/service-control/guard.tests.yaml:9:18: `who` cannot be `role/*` (who does it: `role/Admin`, `assumed-role/Admin/alice`, `user/alice`, `root`, `service:ec2.amazonaws.com`, `anonymous`, `arn:aws:iam::111122223333:role/Admin`)
    policies/service-control/guard.tests.yaml:9:28: a value of `who` is a text, found a map
    policies/service-control/guard.tests.yaml:14:27: a value of `aws:SourceVpc` is a text, found a map (null in place of the values: the key is absent)
    policies/service-control/guard.tests.yaml:14:35: the condition key `aws:sourcevpc` is given twice, in different case
    policies/service-control/guard.tests.yaml:15:13: no decision is `denied` (one of `allow`, `deny`, `explicit deny`, `implicit deny`, `depends`)
    policies/service-control/guard.tests.yaml:17:10: `who` is an empty list: nothing is tested
    policies/service-control/guard.tests.yaml:20:12: the Region is given twice, by `in` (line 19) and here
    policies/service-control/guard.tests.yaml:21:13: no decision is `true` (one of `allow`, `deny`, `explicit deny`, `implicit deny`, `depends`)
    policies/service-control/guard.tests.yaml:22:5: `who` is missing in this test
    policies/service-control/guard.tests.yaml:22:5: `does` is missing in this test
    policies/service-control/guard.tests.yaml:22:5: `expect` is missing in this test
    ");
    assert_eq!(check("tests: [{name: a, who: root, does: 's3:GetObject', expect: allow}]"), "none");
}

#[test]
fn a_policy_alone_is_all_that_can_deny() {
    let check =
        |test: &str, expected: usize| assert_eq!(check("service-control", GUARD, test, None), Ok(expected), "{test}");
    let trail = "on: 'arn:aws:cloudtrail:eu-west-1:111122223333:trail/dodai'";
    check(
        &format!(
            "who: [role/Admin, user/a, root], does: ['cloudtrail:StopLogging', 'cloudtrail:DeleteTrail'], {trail}, expect: explicit deny"
        ),
        6,
    );
    // The path of a session's role is not known: it may begin with what the guardrail spares.
    check(&format!("who: assumed-role/Admin/alice, does: 'cloudtrail:StopLogging', {trail}, expect: depends"), 1);
    check(
        &format!(
            "who: [role/dodai-reader, 'service:cloudtrail.amazonaws.com', anonymous], does: 'cloudtrail:StopLogging', {trail}, expect: allow"
        ),
        3,
    );
    // Service control policies do not limit the management account, and do those of others.
    check(
        &format!("who: 'arn:aws:iam::999999999999:role/Admin', does: 'cloudtrail:StopLogging', {trail}, expect: allow"),
        1,
    );
    check(
        &format!("who: 'arn:aws:iam::444455556666:role/Admin', does: 'cloudtrail:StopLogging', {trail}, expect: deny"),
        1,
    );
    check("who: role/Admin, does: 'ec2:RunInstances', expect: depends", 1);
    check("who: role/Admin, does: 'ec2:RunInstances', in: [us-east-1, eu-west-2], expect: deny", 2);
    check("who: role/Admin, does: 'ec2:RunInstances', when: {aws:requestedregion: eu-west-1}, expect: allow", 1);
    check("who: role/Admin, does: 'ec2:RunInstances', when: {aws:RequestedRegion: null}, expect: explicit deny", 1);
    // Whatever stands elsewhere allows: also key policies, which must.
    check("who: role/Admin, does: 'kms:Decrypt', on: 'arn:aws:kms:eu-west-1:111122223333:key/k', expect: allow", 1);
    check("who: role/Admin, does: 's3:GetObject', on: ['arn:aws:s3:::b/k', '*'], expect: allow", 2);
}

#[test]
fn a_resource_control_policy_has_the_resource_in_its_account() {
    let guard = "\
Version: '2012-10-17'
Statement:
  - Effect: Deny
    Principal: '*'
    Action: 's3:*'
    Resource: '*'
    Condition: {StringNotEquals: {aws:PrincipalAccount: '111122223333', aws:ResourceAccount: '444455556666'}}
";
    let check = |test: &str| assert_eq!(check("resource-control", guard, test, None), Ok(1), "{test}");
    let does = "does: 's3:GetObject', on: 'arn:aws:s3:::b/k'";
    check(&format!("who: role/Admin, {does}, expect: allow"));
    check(&format!("who: 'arn:aws:iam::222233334444:role/Other', {does}, expect: explicit deny"));
    check(&format!("who: anonymous, {does}, expect: deny"));
    check(&format!("who: anonymous, {does}, when: {{aws:ResourceAccount: '444455556666'}}, expect: allow"));
    // Of the management account's resources.
    check(&format!("who: anonymous, {does}, when: {{aws:ResourceAccount: '999999999999'}}, expect: allow"));
    // What resource control policies do not act on.
    check("who: anonymous, does: 'ec2:RunInstances', expect: allow");
}

#[test]
fn other_types_of_policy_decide_no_requests() {
    let kinds = PolicyType::ALL.iter().filter(|kind| Subject::new(kind, policy("guard", GUARD)).is_some());
    assert_eq!(kinds.map(|kind| kind.folder).collect::<Vec<_>>(), ["resource-control", "service-control"]);
}

const ALLOW: &str = "{Version: '2012-10-17', Statement: {Effect: Allow, Action: '*', Resource: '*'}}";
const PERIMETER: &str = "\
Version: '2012-10-17'
Statement:
  - {Effect: Allow, Principal: '*', Action: '*', Resource: '*'}
  - Sid: DenyOutsiders
    Effect: Deny
    Principal: '*'
    Action: 's3:*'
    Resource: '*'
    Condition:
      StringNotEqualsIfExists: {aws:PrincipalOrgID: o-exampleorgid}
      BoolIfExists: {aws:PrincipalIsAWSService: false}
";

/// management; Default: web; Default/Sandbox: dev (no id yet); Suspended: old.
fn organization() -> Organization {
    let level = |name: &str, policies: Vec<Arc<Policy>>| Level { name: name.to_owned(), policies };
    let full = || policy("FullAWSAccess", ALLOW);
    let account = |name: &str, id: Option<&str>, unit: &str| {
        let mut scps = vec![level("Root", vec![full()])];
        let mut path = String::new();
        for part in unit.split('/').filter(|part| *part != ROOT) {
            path = if path.is_empty() { part.to_owned() } else { format!("{path}/{part}") };
            let mut policies = vec![full()];
            match path.as_str() {
                "Default" => policies.push(policy("guard", GUARD)),
                "Suspended" => policies.clear(),
                _ => {}
            }
            scps.push(level(&path, policies));
        }
        scps.push(level(name, vec![full()]));
        Account {
            name: name.to_owned(),
            id: id.map(|id| id.parse().unwrap()),
            unit: unit.to_owned(),
            scps: Some(scps),
            rcps: Some(vec![level("Root", vec![policy("perimeter", PERIMETER)])]),
        }
    };
    Organization {
        id: "o-exampleorgid".to_owned(),
        partition: "eu-west-1".parse::<Region>().unwrap().partition(),
        management_account: "management".to_owned(),
        accounts: vec![
            account("management", Some("123456789012"), ROOT),
            account("web", Some("210987654321"), "Default"),
            account("dev", None, "Default/Sandbox"),
            account("old", Some("333344445555"), "Suspended"),
        ],
    }
}

#[test]
fn accounts_are_meant_by_name_unit_and_wildcard() {
    let organization = organization();
    let check = |pattern: &str, expected: &[&str]| {
        let names = organization.matching(pattern).into_iter().map(|at| organization.accounts[at].name.as_str());
        assert_eq!(names.collect::<Vec<_>>(), expected, "{pattern}");
    };
    check("*", &["web", "dev", "old"]);
    check("management", &["management"]);
    check("manage*", &[]);
    check("web", &["web"]);
    check("Default", &["web", "dev"]);
    check(ROOT, &["web", "dev", "old"]);
    check("Default/*", &["web", "dev"]);
    check("Default/Sandbox", &["dev"]);
    check("Default/Sandbox/dev", &["dev"]);
    check("*/Sandbox", &["dev"]);
    check("?e?", &["web", "dev"]);
    check("default", &[]);
    check("Def", &[]);
}

#[test]
fn the_policies_along_the_path_decide() {
    let organization = organization();
    let check = |test: &str, expected: usize| {
        assert_eq!(check("service-control", GUARD, test, Some(&organization)), Ok(expected), "{test}");
    };
    let stop = "does: 'cloudtrail:StopLogging', on: 'arn:aws:cloudtrail:eu-west-1:210987654321:trail/dodai'";
    check(&format!("who: [role/Admin, root], account: Default, {stop}, expect: explicit deny"), 4);
    check(&format!("who: role/dodai-reader, account: [web, 'Default/*'], {stop}, expect: allow"), 2);
    check(&format!("who: role/Admin, account: management, {stop}, expect: allow"), 1);
    check(&format!("who: role/dodai-reader, account: old, {stop}, expect: implicit deny"), 1);
    // Who is of the organization follows; who is not must be said.
    let get = "does: 's3:GetObject', on: 'arn:aws:s3:::b/k'";
    check(&format!("who: [role/Admin, 'service:ec2.amazonaws.com'], account: Default, {get}, expect: allow"), 4);
    check(&format!("who: 'arn:aws:iam::210987654321:role/Web', account: dev, {get}, expect: allow"), 1);
    check(&format!("who: 'arn:aws:iam::333344445555:role/Old', account: dev, {get}, expect: implicit deny"), 1);
    check(&format!("who: 'arn:aws:iam::777788889999:role/Else', account: dev, {get}, expect: depends"), 1);
    check(
        &format!(
            "who: 'arn:aws:iam::777788889999:role/Else', account: '*', {get}, when: {{aws:PrincipalOrgID: o-other}}, expect: deny"
        ),
        3,
    );
    check(&format!("who: anonymous, account: web, {get}, when: {{aws:PrincipalOrgID: null}}, expect: deny"), 1);
    check(&format!("who: anonymous, account: management, {get}, expect: allow"), 1);
    // A resource of another organization is under no policy of ours.
    check(&format!("who: anonymous, account: web, {get}, when: {{aws:ResourceOrgID: o-other}}, expect: allow"), 1);
}

#[test]
fn accounts_need_an_organization() {
    let told = check("service-control", GUARD, "who: root, account: '*', does: 's3:GetObject', expect: allow", None);
    insta::assert_snapshot!(told.unwrap_err(), @"
    test guard › it (0 cases) ... ERROR

    error: policies/service-control/guard.tests.yaml:2:36: there is no organization here with accounts (leave `account` out: the test is about the policy beside it)

    test result: FAILED. 0 passed; 0 failed; 1 error; 0 cases
    ");
}

#[test]
fn a_test_has_an_end() {
    let many: Vec<String> = (0..600).map(|number| format!("'s3:A{number}'")).collect();
    let who: Vec<String> = (0..600).map(|number| format!("role/r{number}")).collect();
    let test = format!("who: [{}], does: [{}], expect: allow", who.join(", "), many.join(", "));
    let told = check("service-control", GUARD, &test, None).unwrap_err();
    assert!(told.contains(&format!("makes more than {MOST_CASES} requests")), "{told}");
}

proptest::proptest! {
    #[test]
    fn no_file_panics(lines in proptest::collection::vec("( {0,4}- |  )?(name|who|does|on|in|when|expect|account|tests|parameters)?:? ?[\\[\\]{}a-z/:*'\"0-9-]{0,12}", 0..12)) {
        let file = format!("tests:\n{}", lines.join("\n"));
        if let Ok(tests) = read(FILE, &file) {
            let report = report([run(&tests, &subject("service-control", GUARD), None)]);
            proptest::prop_assert!(junit(&report).contains("<testsuite "));
            proptest::prop_assert!(text(&report).contains("test result: "));
        }
    }
}
