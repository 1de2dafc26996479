//! The tests of a directory's policies.

use dodai_org::testing::{organization, test};
use dodai_org::{Content, SourceFile, Unreadable, read};
use dodai_policy::testing::text;

use super::right::starter;
use super::{DEFAULT, DODAI, ORGANIZATION, WEB, catalogue, directory};

const GUARD: &str =
    r#"{"Version": "2012-10-17", "Statement": {"Sid": "NoEc2", "Effect": "Deny", "Action": "ec2:*", "Resource": "*"}}"#;
const TESTS: &str = "policies/service-control/default.tests.yaml";

/// What comes of these tests of the policy `default`, with these files changed.
fn told(changes: Vec<SourceFile>, tests: &[SourceFile]) -> String {
    let guard = SourceFile::text(DEFAULT, GUARD);
    text(&test(&directory([vec![guard], changes].concat()).unwrap(), tests))
}

#[test]
fn the_starters_tests_pass() {
    let files = starter();
    let directory = read(&files, &catalogue()).unwrap();
    let report = test(&directory, &files);
    assert!(report.is_good(), "{}", text(&report));
    assert!(report.files.iter().all(|file| file.warnings.is_empty()), "{}", text(&report));
    let tested: Vec<&str> = report.files.iter().map(|file| file.policy.as_str()).collect();
    assert_eq!(tested, ["s3-perimeter", "allow-shield-advanced", "default", "leavable", "cost-center"]);
    assert!(report.counts().cases > 60, "{:?}", report.counts());
}

/// Who copies the starter puts the id of their own organization into `dodai.yaml`, and nowhere else.
#[test]
fn the_starters_tests_pass_in_every_organization() {
    let mut files = starter();
    let Content::Text(dodai) = &mut files.iter_mut().find(|file| file.path == DODAI).unwrap().content else { panic!() };
    *dodai = dodai.replace("o-exampleorgid", "o-a1b2c3d4e5");
    let report = test(&read(&files, &catalogue()).unwrap(), &files);
    assert!(report.is_good(), "{}", text(&report));
}

#[test]
fn every_level_has_its_policies() {
    let units = ORGANIZATION.replace("      Sandbox:", "      Sandbox: {policies: {service-control: [own]}}");
    let own = "policies/service-control/own.json";
    let directory = directory(vec![
        SourceFile::text(DODAI, units),
        SourceFile::text(own, GUARD),
        SourceFile::text(
            "accounts/box.yaml",
            WEB.replace("web@", "box@")
                .replace("unit: Default", "unit: Default/Sandbox\npolicies: {service-control: [own]}"),
        ),
    ])
    .unwrap();
    let organization = organization(&directory).unwrap();
    let levels = |name: &str| {
        let account = organization.accounts.iter().find(|account| account.name == name).unwrap();
        let level = |level: &dodai_policy::testing::Level| {
            let names: Vec<&str> = level.policies.iter().map(|policy| policy.name()).collect();
            format!("{}: {}", level.name, names.join(" "))
        };
        let scps: Vec<String> = account.scps.iter().flatten().map(level).collect();
        let rcps: Vec<String> = account.rcps.iter().flatten().map(level).collect();
        (scps.join("; "), rcps.join("; "))
    };
    let (scps, rcps) = levels("box");
    assert_eq!(
        scps,
        "Root: FullAWSAccess; Default: FullAWSAccess default; Default/Sandbox: FullAWSAccess own; box: FullAWSAccess own"
    );
    assert_eq!(
        rcps,
        "Root: RCPFullAWSAccess; Default: RCPFullAWSAccess; Default/Sandbox: RCPFullAWSAccess; box: RCPFullAWSAccess"
    );
    assert_eq!(levels("management").0, "Root: FullAWSAccess; management: FullAWSAccess");
    assert_eq!(organization.management_account, "management");
    assert_eq!(organization.partition.as_str(), "aws");
}

#[test]
fn failures_name_policy_level_and_place() {
    let tests = "
tests:
  - {name: nobody, account: '*', who: role/Admin, does: 'ec2:RunInstances', expect: allow}
  - {name: alone, who: role/Admin, does: 's3:GetObject', expect: deny}
";
    insta::assert_snapshot!(told(Vec::new(), &[SourceFile::text(TESTS, tests)]), @"
    test default › nobody (1 case) ... FAILED
    test default › alone (1 case) ... FAILED

    default › nobody
      policies/service-control/default.tests.yaml:3
        role/Admin does ec2:RunInstances on *, account web
          expected allow, got explicit deny by SCP Default: default › NoEc2 (policies/service-control/default.json:1)
          the account has no id yet: 000000000000 stood for it

    default › alone
      policies/service-control/default.tests.yaml:4
        role/Admin does s3:GetObject on *
          expected deny, got allow

    test result: FAILED. 0 passed; 2 failed; 2 cases
    ");
}

/// The policies above an account are merged, and what comes of them is compared.
#[test]
fn a_management_policy_is_tested_by_what_the_accounts_get() {
    let units = ORGANIZATION.replace("      Sandbox:", "      Sandbox: {policies: {tag: [sandbox]}}");
    let changes = vec![
        SourceFile::text(DODAI, units.replace("[default]", "[default], tag: [cost]")),
        SourceFile::text(
            "policies/tag/cost.yaml",
            "tags: {Cost: {tag_key: {'@@assign': Cost}, tag_value: {'@@assign': ['1']}}}",
        ),
        SourceFile::text("policies/tag/sandbox.yaml", "tags: {Cost: {tag_value: {'@@append': ['2']}}}"),
        SourceFile::text(
            "accounts/box.yaml",
            WEB.replace("web@", "box@").replace("unit: Default", "unit: Default/Sandbox"),
        ),
    ];
    let tests = "
tests:
  - {name: all, account: Default, at: /tags/cost/tag_key, expect: Cost}
  - {name: sandbox, account: [box, Default/Sandbox], at: /tags/cost/tag_value, expect: ['2', 1]}
  - {name: alone, at: /tags/cost/tag_value, expect: ['1']}
  - {name: management, account: management, expect: null}
  - {name: wrong, account: '*', at: /tags/cost/tag_value, expect: ['1']}
  - {name: nobody, account: Nowhere, expect: null}
";
    insta::assert_snapshot!(told(changes, &[SourceFile::text("policies/tag/cost.tests.yaml", tests)]), @r#"
    test cost › all (2 cases) ... ok
    test cost › sandbox (1 case) ... ok
    test cost › alone (1 case) ... ok
    test cost › management (1 case) ... ok
    test cost › wrong (2 cases) ... FAILED
    test cost › nobody (0 cases) ... ERROR

    cost › wrong
      policies/tag/cost.tests.yaml:7
        account box, /tags/cost/tag_value
          expected `["1"]`, got `["1","2"]`

    error: policies/tag/cost.tests.yaml:8:29: `Nowhere` means no account (one of `box`, `management`, `web`, `Default`, `Default/Sandbox`, `Root`)

    test result: FAILED. 4 passed; 1 failed; 1 error; 7 cases
    "#);
}

#[test]
fn files_that_cannot_be_run_say_why() {
    let good = "tests: [{name: a, who: root, does: 's3:GetObject', expect: allow}]";
    let tag = SourceFile::text("policies/tag/t.yaml", "tags: {a: {tag_key: {'@@assign': A}}}");
    let tests = [
        SourceFile::text("policies/tag/t.tests.yaml", good),
        SourceFile::text("policies/tags/t.tests.yaml", good),
        SourceFile::text("policies/service-control/defualt.tests.yaml", good),
        SourceFile::unreadable("policies/service-control/link.tests.yaml", Unreadable::Link),
        SourceFile::text(TESTS, format!("parameters: {{a: b}}\n{good}")),
        SourceFile::text("controls/x.tests.yaml", "not ours"),
    ];
    insta::assert_snapshot!(told(vec![tag], &tests), @"
    error: policies/service-control/default.tests.yaml:1:1: `parameters` are for the library's tests (a policy of the directory gives its guardrails their values itself, under `include`)
    error: policies/service-control/defualt.tests.yaml: these tests stand beside no policy: there is no service-control policy `defualt` (did you mean `default`?)
    error: policies/service-control/link.tests.yaml: the symbolic link leads out of the directory, or around in it (put the file itself here: what is reviewed must be what is read)
    error: policies/tag/t.tests.yaml:1:19: a test of a management policy has no `who` (one of `name`, `account`, `at`, `expect`)
    error: policies/tag/t.tests.yaml:1:30: a test of a management policy has no `does` (one of `name`, `account`, `at`, `expect`)
    error: policies/tags/t.tests.yaml: unknown policy type `tags` (did you mean `tag`?)

    test result: FAILED. 0 passed; 0 failed; 6 errors; 0 cases
    ");
    let broken = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Deny"}}"#;
    let broken = SourceFile::text("policies/service-control/broken.json", broken);
    insta::assert_snapshot!(told(vec![broken], &[SourceFile::text(TESTS, good)]), @"
    error: policies/service-control/broken.json:1:40: `Action` is missing in this statement (a statement says `Action` or `NotAction`)

    test result: FAILED. 0 passed; 0 failed; 1 error; 0 cases
    ");
}
