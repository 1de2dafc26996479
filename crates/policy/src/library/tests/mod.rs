//! What must hold of every guardrail in the library, and of values that are put into one.

mod cases;

use std::collections::{BTreeMap, BTreeSet};

use dodai_document::node::{Entry, Kind as NodeKind, Node, Place};
use dodai_document::{Problems, yaml};
use dodai_facts::Problem;
use proptest::prelude::*;

use super::{Guardrail, Library, Parameters, Source, expand};
use crate::PolicyType;
use crate::check::{self, CheckContext, Kind};
use crate::language::{self, Document};
use crate::management;
use crate::reference::{Reference, Sends};

/// What a directory fills in.
fn directory() -> BTreeMap<Source, Vec<String>> {
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    let role = |name: &str| format!("arn:*:iam::*:role/{name}");
    [
        (Source::ActiveRegions, texts(&["ap-northeast-1", "us-east-1"])),
        (Source::HomeRegion, texts(&["ap-northeast-1"])),
        (Source::LogArchive, texts(&["222233334444"])),
        (Source::LogBuckets, texts(&["dodai-cloudtrail-*", "dodai-config-*"])),
        (Source::MemberRole, vec![role("OrganizationAccountAccessRole")]),
        (Source::NetworkRoles, vec![role("network-*")]),
        (Source::Operators, vec![role("OrganizationAccountAccessRole"), role("dodai-*")]),
        (Source::Organization, texts(&["o-exampleorgid"])),
        (Source::Trails, texts(&["dodai"])),
    ]
    .into()
}

fn lines(problems: &[Problem]) -> String {
    problems.iter().map(|problem| problem.to_string() + "\n").collect()
}

fn entries(yaml: &str) -> Vec<Entry> {
    let mut problems = Problems::of("values.yaml");
    let node = yaml::parse(yaml, &mut problems).unwrap();
    assert_eq!(problems.list, []);
    node.entries().to_vec()
}

fn with(
    guardrail: &Guardrail,
    given: &[Entry],
    directory: &BTreeMap<Source, Vec<String>>,
) -> Result<Node, Vec<Problem>> {
    let place = Place { line: 3, column: 5 };
    expand(guardrail, &Parameters { file: "policies/service-control/x.yaml", place, given, directory })
}

/// The values that a guardrail cannot do without and no directory has.
fn needed(guardrail: &Guardrail) -> Vec<Entry> {
    let missing =
        guardrail.parameters.iter().filter(|parameter| parameter.from.is_none() && parameter.default.is_none());
    let value = |name: &str| match name {
        "addresses" => "addresses: [203.0.113.0/24]",
        "values" => "values: ['1001', '1002']",
        other => panic!("{}: an example of `{other}`", guardrail.file),
    };
    missing.flat_map(|parameter| entries(value(&parameter.name))).collect()
}

fn expanded(guardrail: &Guardrail) -> Node {
    with(guardrail, &needed(guardrail), &directory())
        .unwrap_or_else(|problems| panic!("{}: {problems:?}", guardrail.file))
}

fn document(guardrail: &Guardrail) -> Document {
    language::read_node(guardrail.file, &expanded(guardrail)).unwrap_or_else(|problems| panic!("{problems:?}"))
}

/// Service and resource control policies: what is written in IAM's language.
fn authorizing() -> impl Iterator<Item = &'static Guardrail> {
    let folders = ["service-control", "resource-control"];
    Library::embedded().guardrails().filter(move |guardrail| folders.contains(&guardrail.kind.folder))
}

fn guardrail(folder: &str, name: &str) -> &'static Guardrail {
    Library::embedded().guardrail(PolicyType::of_folder(folder).unwrap(), name).unwrap()
}

#[test]
fn every_guardrail_says_what_it_is_and_has_tests() {
    for guardrail in Library::embedded().guardrails() {
        let file = guardrail.file;
        assert!(
            guardrail.title.chars().count() <= 100 && !guardrail.title.ends_with('.'),
            "{file}: a title is one line"
        );
        assert!(guardrail.why.ends_with('.'), "{file}: the reason is sentences");
        let tests = authorizing().all(|other| other.file != file) || guardrail.tests.is_some();
        assert!(tests, "{file} has no tests");
        let tree = expanded(guardrail);
        for key in guardrail.kind.top {
            assert!(tree.get(key).is_some(), "{file}: `{key}` is missing");
        }
        assert!(!tree.to_json().to_string().contains("{{"), "{file}");
    }
    let files = super::FILES.iter().filter(|(file, _)| !file.ends_with(super::TESTS)).count();
    assert_eq!(Library::embedded().guardrails().count(), files);
}

#[test]
fn every_action_and_key_exists_and_goes_together() {
    let reference = Reference::embedded();
    for guardrail in authorizing() {
        for statement in &document(guardrail).statements {
            let at = |what: &str| format!("{}: {what} of {:?}", guardrail.file, statement.sid);
            for action in &statement.actions.values {
                let matching = reference.matching(&action.value);
                assert!(!matching.is_empty(), "{}", at(&action.value));
                if statement.actions.negated || action.value.contains('*') {
                    continue;
                }
                for condition in &statement.conditions {
                    let sends = reference.sends(&action.value, &condition.key.value);
                    assert_ne!(sends, Sends::No, "{}", at(&format!("{} with {}", action.value, condition.key)));
                }
            }
            for condition in &statement.conditions {
                assert!(reference.key(&condition.key.value).is_some(), "{}", at(&condition.key.value));
            }
        }
    }
}

#[test]
fn a_type_takes_what_its_guardrails_say() {
    let reference = Reference::embedded();
    for guardrail in authorizing() {
        let is_rcp = guardrail.kind.folder == "resource-control";
        for statement in &document(guardrail).statements {
            assert_eq!(statement.effect, language::Effect::Deny, "{}", guardrail.file);
            assert_eq!(statement.principals.is_some(), is_rcp, "{}", guardrail.file);
            for action in statement.actions.values.iter().filter(|_| is_rcp) {
                let service = action.value.split(':').next().unwrap_or_default();
                assert!(reference.rcp_services().iter().any(|known| known == service), "{}: {action}", guardrail.file);
            }
        }
    }
}

/// What the checks say of others they do not say of ours, suggestions included. Whom a guardrail must not lock out is the
/// directory's to say, and the tests' beside it.
#[test]
fn no_check_finds_anything() {
    let context = CheckContext {
        organization: Some("o-exampleorgid".to_owned()),
        accounts: vec!["222233334444".parse().unwrap()],
        ..CheckContext::default()
    };
    for guardrail in authorizing() {
        let kind = Kind::of_name(guardrail.kind.folder).unwrap();
        let found = check::check(kind, guardrail.file, &document(guardrail), &context);
        assert_eq!(check::text(&found), "");
    }
}

/// Tag policies and the like: AWS's syntax of their type.
#[test]
fn every_management_policy_is_well_formed() {
    let management = Library::embedded().guardrails().filter(|guardrail| management::is_management(guardrail.kind));
    let mut checked = 0;
    for guardrail in management {
        assert_eq!(management::check(guardrail.kind, guardrail.file, &expanded(guardrail)), [], "{}", guardrail.file);
        checked += 1;
    }
    assert_eq!(checked + authorizing().count(), Library::embedded().guardrails().count());
}

/// Included together they become one policy, in which no two statements may have one `Sid`.
#[test]
fn sids_are_unique_within_a_type() {
    let mut seen = BTreeSet::new();
    for guardrail in authorizing() {
        for statement in document(guardrail).statements {
            let sid = statement.sid.expect("every statement is named").value;
            assert!(sid.chars().all(|c| c.is_ascii_alphanumeric()), "{sid}");
            assert!(seen.insert((guardrail.kind.folder, sid.clone())), "{}: {sid}", guardrail.file);
        }
    }
}

/// A node of the organization has room for ten service control policies and for five resource control policies, AWS's own
/// among them.
#[test]
fn guardrails_fit_together() {
    let size = |guardrail: &Guardrail| expanded(guardrail).to_json().to_string().chars().count();
    for guardrail in authorizing() {
        assert!(size(guardrail) <= guardrail.kind.limit.unwrap() / 2, "{}: {}", guardrail.file, size(guardrail));
    }
    let baseline = [
        "deny-leaving",
        "deny-region-changes",
        "protect-account-settings",
        "protect-detection",
        "protect-logs",
        "protect-operator-roles",
        "protect-recorder",
        "protect-tags",
        "protect-trail",
        "region-restriction",
    ];
    let together: usize = baseline.iter().map(|name| size(guardrail("service-control", name))).sum();
    assert!(together <= 10_240, "the baseline's ten are one policy: {together}");
    let perimeter =
        ["confused-deputy", "identity-perimeter", "network-perimeter", "protect-log-archive", "require-tls"];
    let together: usize = perimeter.iter().map(|name| size(guardrail("resource-control", name))).sum();
    assert!(together <= 5_120, "the perimeter's five are one policy: {together}");
}

/// Every statement that can lock people out lets the operators through, or says why not.
#[test]
fn operators_have_a_way_out() {
    let without: Vec<String> = authorizing()
        .flat_map(|guardrail| document(guardrail).statements.into_iter().map(move |statement| (guardrail, statement)))
        .filter(|(_, statement)| {
            !statement.conditions.iter().any(|condition| {
                condition.operator.comparison == language::Comparison::ArnNotLike
                    && condition.key.value == "aws:PrincipalArn"
                    && condition.values.iter().any(|value| value.value == "arn:*:iam::*:role/dodai-*")
            })
        })
        .map(|(guardrail, statement)| format!("{} {}", guardrail.name, statement.sid.unwrap()))
        .collect();
    insta::assert_snapshot!(without.join("\n"), @r#"
    confused-deputy DenyServicesActingForOthers
    identity-perimeter DenyOutsiders
    network-perimeter DenyOutsidersFromUnknownNetworks
    protect-log-archive ProtectLogArchiveFromOutsiders
    require-tls DenyWithoutTls
    deny-leaving DenyLeaving
    deny-root-access-keys DenyRootAccessKeys
    deny-root-user DenyRootUser
    deny-shield-advanced DenyShieldAdvanced
    require-imdsv2 DenyInstancesWithoutTokens
    require-imdsv2 DenyCredentialsOfVersion1
    "#);
}

#[test]
fn lists_become_elements_and_texts() {
    let given = entries("log_buckets: [logs-a, logs-b]\noperators: ['arn:aws:iam::*:role/Ops']\n");
    let logs = with(guardrail("service-control", "protect-logs"), &given, &BTreeMap::new()).unwrap();
    let statement = &logs.get("Statement").unwrap().items()[1].to_json();
    assert_eq!(statement["Resource"], serde_json::json!(["arn:*:s3:::logs-a/*", "arn:*:s3:::logs-b/*"]));
    assert_eq!(
        statement["Condition"],
        serde_json::json!({ "ArnNotLike": { "aws:PrincipalArn": ["arn:aws:iam::*:role/Ops"] } })
    );
}

#[test]
fn an_empty_list_falls_away_where_it_says_nothing() {
    let resources = with(guardrail("service-control", "resource-perimeter"), &[], &directory()).unwrap();
    let condition = &resources.to_json()["Statement"][0]["Condition"]["StringNotEquals"];
    assert_eq!(*condition, serde_json::json!({ "aws:ResourceOrgID": "o-exampleorgid" }));
    let networks =
        with(guardrail("service-control", "network-perimeter"), &entries("addresses: [203.0.113.7]"), &directory());
    assert!(networks.unwrap().to_json()["Statement"][0]["Condition"].get("StringNotEquals").is_none());
}

#[test]
fn what_is_missing_or_wrong_is_told_where_it_is_asked_for() {
    fn told(folder: &str, name: &str, given: &str, directory: &BTreeMap<Source, Vec<String>>) -> String {
        let problems = with(guardrail(folder, name), &entries(given), directory).unwrap_err();
        lines(&problems)
    }
    let mut text = told("service-control", "region-restriction", "{}", &BTreeMap::new());
    text += &told("service-control", "network-perimeter", "{}", &directory());
    text += &told("resource-control", "protect-log-archive", "{}", &BTreeMap::new());
    text += &told(
        "service-control",
        "region-restriction",
        "{alowed: [eu-west-1], allowed: eu-west-1, also: ['*']}",
        &directory(),
    );
    text += &told("service-control", "region-restriction", "{allowed: ['${aws:x}', 'a\"b']}", &directory());
    text += &told("service-control", "region-restriction", "{allowed: []}", &directory());
    text += &told("service-control", "deny-iam-users", "{operators: []}", &BTreeMap::new());
    text += &told("service-control", "protect-tagged-networks", "{tag: [a], value: true}", &directory());
    text += &told("service-control", "deny-iam-users", "{operators: ['arn:aws:iam::*:role/*']}", &directory());
    text += &told("service-control", "deny-leaving", "{operators: x}", &directory());
    insta::assert_snapshot!(text, @r#"
    policies/service-control/x.yaml:3:5: `region-restriction` needs a value for `allowed`: the Regions that may be used (it comes from `regions` of dodai.yaml; or give one: {region-restriction: {allowed: […]}})
    policies/service-control/x.yaml:3:5: `region-restriction` needs a value for `operators`: the roles that set up and look after all Regions (it comes from `operators` of dodai.yaml; or give one: {region-restriction: {operators: […]}})
    policies/service-control/x.yaml:3:5: `network-perimeter` needs a value for `addresses`: the public addresses of the networks that people come from (give one: {network-perimeter: {addresses: […]}})
    policies/service-control/x.yaml:3:5: `protect-log-archive` needs a value for `log_archive`: the id of the account that keeps the logs (it comes from `log_archive` of dodai.yaml, and the `id` in that account's file; or give one: {protect-log-archive: {log_archive: …}})
    policies/service-control/x.yaml:3:5: `protect-log-archive` needs a value for `organization`: the organization whose operators are exempt (it comes from `organization` of dodai.yaml; or give one: {protect-log-archive: {organization: …}})
    policies/service-control/x.yaml:3:5: `protect-log-archive` needs a value for `operators`: the roles that look after the log archive (it comes from `operators` of dodai.yaml; or give one: {protect-log-archive: {operators: […]}})
    policies/service-control/x.yaml:1:2: `region-restriction` has no parameter `alowed` (did you mean `allowed`?)
    policies/service-control/x.yaml:1:32: `allowed` must be a list, found `eu-west-1`
    policies/service-control/x.yaml:1:50: `also` must be actions of one service (such as s3:GetObject or s3:Get*), found the text `*`
    policies/service-control/x.yaml:1:12: `allowed` must be a Region code (such as ap-northeast-1), found the text `${aws:x}`
    policies/service-control/x.yaml:1:24: `allowed` must be a Region code (such as ap-northeast-1), found the text `a"b`
    policies/service-control/x.yaml:1:11: `allowed` must not be empty (it names the Regions that may be used)
    policies/service-control/x.yaml:1:13: `operators` must not be empty (it names the roles that may make users)
    policies/service-control/x.yaml:1:7: `tag` must be a text, found a list
    policies/service-control/x.yaml:1:19: `value` must be one line of 1 to 256 characters without `${`, found `true`
    policies/service-control/x.yaml:1:14: `operators` must be an ARN of IAM roles, possibly with `*` (such as arn:*:iam::*:role/dodai-*), found the text `arn:aws:iam::*:role/*`
    policies/service-control/x.yaml:1:2: `deny-leaving` has no parameter `operators` (it has none)
    "#);
}

#[test]
fn a_list_that_protects_something_is_not_empty() {
    let text = "title: x
why: y.
parameters:
  roles: {kind: roles, default: [], description: the roles}
document:
  Version: '2012-10-17'
  Statement:
    - {Sid: A, Effect: Deny, Action: iam:*, Resource: [\"{{roles}}\"]}
    - {Sid: B, Effect: Deny, Action: iam:*, Resource: '*', Condition: {ArnLike: {aws:PrincipalArn: \"{{roles}}\"}}}
    - {Sid: C, Effect: Deny, Action: iam:*, Resource: '*', Condition: {ArnNotLike: {aws:PrincipalArn: \"{{roles}}\"}}}
";
    let library = Library::read(&[("policies/service-control/x.yaml", text)]).unwrap();
    let problems = with(library.guardrails().next().unwrap(), &[], &directory()).unwrap_err();
    let told: String = lines(&problems);
    insta::assert_snapshot!(told, @r#"
    policies/service-control/x.yaml:3:5: `x` has no value left for `Resource` of its statement `A` (one of its lists is empty, and must not be)
    policies/service-control/x.yaml:3:5: `x` has no value left for `aws:PrincipalArn` of its statement `B` (one of its lists is empty, and must not be)
    "#);
}

#[test]
fn an_unknown_name_is_told_with_the_nearest() {
    let unknown = |folder: &str, name: &str| {
        let kind = PolicyType::of_folder(folder).unwrap();
        Library::embedded().unknown(kind, name, "x.yaml", Place { line: 1, column: 2 }).to_string()
    };
    assert_eq!(
        unknown("service-control", "deny-leavin"),
        "x.yaml:1:2: the library has no service-control guardrail `deny-leavin` (did you mean `deny-leaving`?)"
    );
    assert_eq!(
        unknown("service-control", "require-tls"),
        "x.yaml:1:2: the library has no service-control guardrail `require-tls` (`require-tls` is a resource-control guardrail: \
         include it in a policy of that type)"
    );
    assert_eq!(
        unknown("backup", "x"),
        "x.yaml:1:2: the library has no backup guardrail `x` (there is no guardrail of this type; write the BACKUP_POLICY \
         document out)"
    );
}

#[test]
fn a_damaged_guardrail_is_refused() {
    let text = "titel: x
why: y.
parameters:
  a: {kind: region, default: mars, description: b}
  b: {kind: regoins, description: b}
  c: {kind: regions, from: regions, description: b}
document:
  Statement: [\"{{a\", \"{{d}}\", \"{{c}}{{c}}\"]
";
    let problems = Library::read(&[("policies/service-control/x.yaml", text), ("policies/x.yaml", text)]).unwrap_err();
    let told: String = lines(&problems);
    insta::assert_snapshot!(told, @r#"
    policies/service-control/x.yaml:1:1: unknown key `titel` (did you mean `title`?)
    policies/service-control/x.yaml:4:6: the default `mars` is not a Region code (such as ap-northeast-1)
    policies/service-control/x.yaml:5:13: `regoins` is no kind of parameter (did you mean `regions`?)
    policies/service-control/x.yaml:6:6: the directory has no `regions` (one of `active_regions`, `home_region`, `log_archive`, `log_buckets`, `member_role`, `network_roles`, `operators`, `organization`, `trails`)
    policies/service-control/x.yaml:8:15: `{{a` has a `{{` that no `}}` closes
    policies/service-control/x.yaml:8:22: the parameter `d` is not declared (one of `a`, `c`)
    policies/service-control/x.yaml:8:31: `{{c}}{{c}}` has more lists in it than can be
    policies/service-control/x.yaml:1:1: the parameter `a` is nowhere in the document
    policies/service-control/x.yaml:1:1: `title` is missing
    "#);
}

proptest! {
    /// Whatever a value is, it is refused or stands in the document as that one text.
    #[test]
    fn values_are_data(value in "[ -~\u{e9}\u{202e}\n]{0,40}", hostile in prop::sample::select(vec![
        "\"}],\"x\":[{\"", "{{value}}", "{{operators}}", "${aws:username}", "'\n- x", "\\\"", "*", "",
    ])) {
        let guardrail = guardrail("service-control", "protect-tagged-networks");
        for text in [value.clone(), hostile.to_owned(), format!("{value}{hostile}")] {
            let node = Node { place: Place::FILE, kind: NodeKind::Scalar { text: text.clone(), plain: false } };
            let given = [Entry { key: "value".to_owned(), place: Place::FILE, value: node }];
            let Ok(found) = with(guardrail, &given, &directory()) else { continue };
            let plain = with(guardrail, &entries("value: x"), &directory()).unwrap().to_json();
            let mut expected = plain;
            expected["Statement"][0]["Condition"]["StringEquals"]["aws:ResourceTag/dodai:network"] = text.into();
            prop_assert_eq!(found.to_json(), expected);
        }
    }
}
