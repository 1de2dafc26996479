//! What reports of tests look like: to people, to build servers, to programs.

use dodai_policy::testing::{FileReport, Report, junit, read, run, text};

use super::{GUARD, alone, organization, read_well, report, subject};

const TESTS: &str = "\
tests:
  - name: nobody stops the trail
    who: [role/Admin, root]
    does: cloudtrail:StopLogging
    on: arn:aws:cloudtrail:eu-west-1:111122223333:trail/dodai
    expect: deny
  - name: builders <work> & play
    who: role/Admin
    does: [ec2:RunInstances, ec2:StopInstances]
    in: us-east-1
    expect: allow
  - name: the Region is not given
    who: role/Admin
    does: ec2:RunInstances
    expect: allow
  - name: sandboxes
    account: Default
    who: role/Admin
    does: ec2:RunInstances
    expect: explicit deny
  - name: who cannot be
    who: arn:aws:iam::12:role/x
    does: s3:GetObjekt
    when: {aws:SourceVcp: x}
    expect: allow
  - name: an account that is none
    account: ['*', Defualt]
    who: role/Admin
    does: s3:GetObject
    expect: allow
  - name: what is said twice
    who: role/Admin
    does: s3:GetObject
    when: {aws:PrincipalAccount: '444455556666'}
    expect: allow
";

fn told_report() -> Report {
    let organization = organization();
    let file = run(&read_well(TESTS), &subject("service-control", GUARD), Some(&organization));
    let problem = read("policies/service-control/other.tests.yaml", "tests: []").unwrap_err();
    report([file, FileReport::unreadable("policies/service-control/other.tests.yaml", "other", problem)])
}

#[test]
fn reports_are_told_to_people() {
    insta::assert_snapshot!(text(&told_report()), @"
    test guard › nobody stops the trail (2 cases) ... ok
    test guard › builders <work> & play (2 cases) ... FAILED
    test guard › the Region is not given (1 case) ... FAILED
    test guard › sandboxes (2 cases) ... FAILED
    test guard › who cannot be (0 cases) ... ERROR
    test guard › an account that is none (0 cases) ... ERROR
    test guard › what is said twice (0 cases) ... ERROR

    guard › builders <work> & play
      policies/service-control/guard.tests.yaml:7
        role/Admin does ec2:RunInstances on * in us-east-1
          expected allow, got explicit deny by SCP of the test: guard › DenyRegions (policies/service-control/guard.yaml:8)
        role/Admin does ec2:StopInstances on * in us-east-1
          expected allow, got explicit deny by SCP of the test: guard › DenyRegions (policies/service-control/guard.yaml:8)

    guard › the Region is not given
      policies/service-control/guard.tests.yaml:12
        role/Admin does ec2:RunInstances on *
          expected allow, got depends on aws:RequestedRegion

    guard › sandboxes
      policies/service-control/guard.tests.yaml:16
        role/Admin does ec2:RunInstances on *, account web
          expected explicit deny, got depends on aws:RequestedRegion
        role/Admin does ec2:RunInstances on *, account dev
          expected explicit deny, got depends on aws:RequestedRegion
          the account has no id yet: 000000000000 stood for it

    error: policies/service-control/guard.tests.yaml:22:10: `arn:aws:iam::12:role/x` is not a principal: write an ARN, an account id, a service such as `ec2.amazonaws.com`, or `*`
    error: policies/service-control/guard.tests.yaml:27:20: `Defualt` means no account (did you mean `Default`?)
    error: policies/service-control/guard.tests.yaml:34:12: `aws:PrincipalAccount` is given as `444455556666`, but the request makes it `111122223333`
    error: policies/service-control/other.tests.yaml:1:8: `tests` is empty: nothing is tested (a test has a `name`, `who` `does` what, and what to `expect`)

    warning: policies/service-control/guard.tests.yaml:23:11: as of 2026-09-26 AWS documents no action `s3:GetObjekt` (did you mean `GetObject`?)
    warning: policies/service-control/guard.tests.yaml:24:12: as of 2026-09-26 AWS documents no condition key `aws:SourceVcp` (did you mean `aws:SourceVpc`?)

    test result: FAILED. 1 passed; 3 failed; 4 errors; 7 cases
    ");
    insta::assert_snapshot!(text(&report([alone("tests: [{name: a, who: root, does: 's3:GetObject', expect: allow}]")])), @"
    test guard › a (1 case) ... ok

    test result: ok. 1 passed; 0 failed; 1 case
    ");
    insta::assert_snapshot!(text(&report([])), @"test result: ok. 0 passed; 0 failed; 0 cases");
}

#[test]
fn reports_are_told_to_build_servers() {
    insta::assert_snapshot!(junit(&told_report()), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <testsuites name="dodai policy test" tests="8" failures="3" errors="4">
      <testsuite name="guard" tests="7" failures="3" errors="3">
        <testcase classname="guard" name="nobody stops the trail" file="policies/service-control/guard.tests.yaml" line="2"/>
        <testcase classname="guard" name="builders &lt;work&gt; &amp; play" file="policies/service-control/guard.tests.yaml" line="7">
          <failure message="2 of 2 cases">
    role/Admin does ec2:RunInstances on * in us-east-1: expected allow, got explicit deny by SCP of the test: guard › DenyRegions (policies/service-control/guard.yaml:8)
    role/Admin does ec2:StopInstances on * in us-east-1: expected allow, got explicit deny by SCP of the test: guard › DenyRegions (policies/service-control/guard.yaml:8)
          </failure>
        </testcase>
        <testcase classname="guard" name="the Region is not given" file="policies/service-control/guard.tests.yaml" line="12">
          <failure message="1 of 1 cases">
    role/Admin does ec2:RunInstances on *: expected allow, got depends on aws:RequestedRegion
          </failure>
        </testcase>
        <testcase classname="guard" name="sandboxes" file="policies/service-control/guard.tests.yaml" line="16">
          <failure message="2 of 2 cases">
    role/Admin does ec2:RunInstances on *, account web: expected explicit deny, got depends on aws:RequestedRegion
    role/Admin does ec2:RunInstances on *, account dev: expected explicit deny, got depends on aws:RequestedRegion
      the account has no id yet: 000000000000 stood for it
          </failure>
        </testcase>
        <testcase classname="guard" name="line 22" file="policies/service-control/guard.tests.yaml" line="22">
          <error message="policies/service-control/guard.tests.yaml:22:10: `arn:aws:iam::12:role/x` is not a principal: write an ARN, an account id, a service such as `ec2.amazonaws.com`, or `*`"/>
        </testcase>
        <testcase classname="guard" name="line 27" file="policies/service-control/guard.tests.yaml" line="27">
          <error message="policies/service-control/guard.tests.yaml:27:20: `Defualt` means no account (did you mean `Default`?)"/>
        </testcase>
        <testcase classname="guard" name="line 34" file="policies/service-control/guard.tests.yaml" line="34">
          <error message="policies/service-control/guard.tests.yaml:34:12: `aws:PrincipalAccount` is given as `444455556666`, but the request makes it `111122223333`"/>
        </testcase>
      </testsuite>
      <testsuite name="other" tests="1" failures="0" errors="1">
        <testcase classname="other" name="line 1" file="policies/service-control/other.tests.yaml" line="1">
          <error message="policies/service-control/other.tests.yaml:1:8: `tests` is empty: nothing is tested (a test has a `name`, `who` `does` what, and what to `expect`)"/>
        </testcase>
      </testsuite>
    </testsuites>
    "#);
}

#[test]
fn reports_are_told_to_programs() {
    let file = alone(
        "
tests:
  - {name: a, who: root, does: 's3:GetObject', expect: allow}
  - {name: b, who: root, does: 'ec2:RunInstances', in: us-east-1, expect: allow}
",
    );
    insta::assert_json_snapshot!(report([file]), @r#"
    {
      "version": 1,
      "ok": false,
      "counts": {
        "passed": 1,
        "failed": 1,
        "errors": 0,
        "cases": 2
      },
      "files": [
        {
          "file": "policies/service-control/guard.tests.yaml",
          "policy": "guard",
          "tests": [
            {
              "name": "a",
              "line": 3,
              "cases": 1,
              "failed": 0,
              "broken": false
            },
            {
              "name": "b",
              "line": 4,
              "cases": 1,
              "failed": 1,
              "failures": [
                {
                  "who": "root",
                  "does": "ec2:RunInstances",
                  "on": "*",
                  "in": "us-east-1",
                  "expected": "allow",
                  "decision": "explicit_deny",
                  "by": {
                    "layer": "scps[0]",
                    "label": "SCP of the test",
                    "policy": "guard",
                    "statement": "DenyRegions",
                    "file": "policies/service-control/guard.yaml",
                    "line": 8,
                    "column": 5
                  }
                }
              ],
              "broken": false
            }
          ]
        }
      ]
    }
    "#);
}
