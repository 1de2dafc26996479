//! Explanations: what they show, and that the answer follows from it.

use std::collections::BTreeMap;
use std::sync::Arc;

use dodai_policy::Effect;
use dodai_policy::decide::{Asked, Decision, Given, Layer, Needs, Policies, Policy, Request, Truth};
use dodai_policy::explain::{
    Explanation, LayerShown, LevelNames, OnResource, Says, Standing, StatementShown, explain, text,
};
use dodai_policy::language;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::made;

fn policy(name: &str, file: &str, text: &str) -> Arc<Policy> {
    Arc::new(Policy::new(name, file, language::read(file, text).unwrap()))
}

fn made_policy(document: &Value) -> Arc<Policy> {
    Arc::new(Policy::new("made", "", language::read_json("made", &document.to_string()).unwrap()))
}

const ALLOW: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;

fn rcp_full_access() -> Arc<Policy> {
    let text = r#"{"Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}}"#;
    Arc::new(Policy::new("RCPFullAWSAccess", "", language::read_json("RCPFullAWSAccess", text).unwrap()))
}

fn full_access() -> Arc<Policy> {
    Arc::new(Policy::new("FullAWSAccess", "", language::read_json("FullAWSAccess", ALLOW).unwrap()))
}

const REGIONS: &str = "\
Version: '2012-10-17'
Statement:
  - Sid: DenyOtherRegions
    Effect: Deny
    NotAction: ['iam:*']
    Resource: '*'
    Condition:
      StringNotEquals: {aws:RequestedRegion: [eu-west-1, eu-central-1, eu-north-1, eu-south-1, eu-west-2]}
      ArnNotLike: {aws:PrincipalArn: 'arn:*:iam::*:role/dodai-*'}
  - Sid: DenyInsecure
    Effect: Deny
    Action: 's3:*'
    Resource: '*'
    Condition: {Bool: {aws:SecureTransport: false}}
";

fn regions() -> Policies {
    let restriction = policy("regions", "policies/service-control/regions.yaml", REGIONS);
    Policies {
        identity: vec![policy("admin", "admin.json", ALLOW)],
        scps: Some(vec![vec![full_access()], vec![full_access(), restriction]]),
        rcps: Some(vec![vec![rcp_full_access()]]),
        management_account: Some("999999999999".parse().unwrap()),
        ..Policies::default()
    }
}

fn names() -> LevelNames {
    LevelNames { scps: vec!["Root".to_owned(), "Default".to_owned()], rcps: vec!["Root".to_owned()] }
}

fn request(principal: &str, action: &str, resources: &[&str], context: &[(&str, &str)]) -> Request<'static> {
    Request::new(Asked {
        principal: principal.to_owned(),
        action: action.to_owned(),
        resources: resources.iter().map(|&text| text.to_owned()).collect(),
        context: context.iter().map(|(key, value)| ((*key).to_owned(), Given::value(*value))).collect(),
        ..Asked::default()
    })
    .unwrap()
}

const ROLE: &str = "arn:aws:iam::111122223333:role/Admin";

#[test]
fn a_denial_shows_its_statement_and_conditions() {
    let request = request(ROLE, "s3:createbucket", &["arn:aws:s3:::b"], &[("aws:RequestedRegion", "us-east-1")]);
    insta::assert_snapshot!(text(&explain(&regions(), &request, &names())), @"
    explicit deny by SCP Default: regions › DenyOtherRegions (policies/service-control/regions.yaml:3)
    arn:aws:iam::111122223333:role/Admin does s3:CreateBucket
    on arn:aws:s3:::b
    identity or resource policy must allow.

      SCP Root     allows: FullAWSAccess › #1
      SCP Default  denies: regions › DenyOtherRegions (policies/service-control/regions.yaml:3)  <- decides
        StringNotEquals aws:RequestedRegion [eu-west-1, eu-central-1, eu-north-1, 2 more]: holds (us-east-1)
        ArnNotLike aws:PrincipalArn [arn:*:iam::*:role/dodai-*]: holds (arn:aws:iam::111122223333:role/Admin)
      RCP Root     allows: RCPFullAWSAccess › #1
      identity     allows: admin › #1 (admin.json:1)
    ");
}

#[test]
fn what_is_not_given_shows_what_it_would_decide() {
    let request = request(ROLE, "ec2:RunInstances", &[], &[]);
    insta::assert_snapshot!(text(&explain(&regions(), &request, &names())), @"
    depends on aws:RequestedRegion
    arn:aws:iam::111122223333:role/Admin does ec2:RunInstances
    on *
    identity or resource policy must allow.

      SCP Root     allows: FullAWSAccess › #1
      SCP Default  may deny
        may deny: regions › DenyOtherRegions (policies/service-control/regions.yaml:3)
          StringNotEquals aws:RequestedRegion [eu-west-1, eu-central-1, eu-north-1, 2 more]: unknown (not given)
          ArnNotLike aws:PrincipalArn [arn:*:iam::*:role/dodai-*]: holds (arn:aws:iam::111122223333:role/Admin)
      RCP Root     does not limit: resource control policies do not act on this service
      identity     allows: admin › #1 (admin.json:1)
    ");
}

#[test]
fn an_allow_shows_which_denials_do_not_fit() {
    let context = [("aws:RequestedRegion", "eu-west-1"), ("aws:SecureTransport", "true")];
    let request = request(ROLE, "s3:GetObject", &["arn:aws:s3:::b/k", "arn:aws:s3:::b/\u{202e}l"], &context);
    insta::assert_snapshot!(text(&explain(&regions(), &request, &names())), @r#"
    allow by identity: admin › #1 (admin.json:1) (supposing that the resource is in the principal's account)
    arn:aws:iam::111122223333:role/Admin does s3:GetObject

    on arn:aws:s3:::b/k: allow by identity: admin › #1 (admin.json:1) (supposing that the resource is in the principal's account)
    identity or resource policy must allow.

      SCP Root     allows: FullAWSAccess › #1
      SCP Default  allows: FullAWSAccess › #1
        does not deny: regions › DenyOtherRegions (policies/service-control/regions.yaml:3)
          StringNotEquals aws:RequestedRegion [eu-west-1, eu-central-1, eu-north-1, 2 more]: does not hold (eu-west-1)
        does not deny: regions › DenyInsecure (policies/service-control/regions.yaml:10)
          Bool aws:SecureTransport [false]: does not hold (true)
      RCP Root     allows: RCPFullAWSAccess › #1
      identity     allows: admin › #1 (admin.json:1)  <- decides

    on arn:aws:s3:::b/\u{202e}l: allow by identity: admin › #1 (admin.json:1) (supposing that the resource is in the principal's account)
    identity or resource policy must allow.

      SCP Root     allows: FullAWSAccess › #1
      SCP Default  allows: FullAWSAccess › #1
        does not deny: regions › DenyOtherRegions (policies/service-control/regions.yaml:3)
          StringNotEquals aws:RequestedRegion [eu-west-1, eu-central-1, eu-north-1, 2 more]: does not hold (eu-west-1)
        does not deny: regions › DenyInsecure (policies/service-control/regions.yaml:10)
          Bool aws:SecureTransport [false]: does not hold (true)
      RCP Root     allows: RCPFullAWSAccess › #1
      identity     allows: admin › #1 (admin.json:1)  <- decides
    "#);
}

#[test]
fn layers_that_do_not_count_say_why() {
    let check = |principal: &str, action: &str, layer: Layer, why: &str| {
        let explanation = explain(&regions(), &request(principal, action, &[], &[]), &names());
        let layers = &explanation.resources[0].layers;
        let shown = layers.iter().find(|shown| shown.layer == layer).unwrap();
        assert_eq!(shown.standing.as_str(), why, "{principal} {action}");
    };
    let root = Layer::Scp(0);
    check("arn:aws:iam::999999999999:role/Admin", "s3:GetObject", root, "the management account is not limited");
    let linked = "arn:aws:iam::111122223333:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX";
    check(linked, "s3:GetObject", root, "service-linked roles are not limited");
    check("ec2.amazonaws.com", "s3:GetObject", root, "the principal is of no account");
    let rcp = Layer::Rcp(0);
    check(ROLE, "ec2:RunInstances", rcp, "resource control policies do not act on this service");
    check(ROLE, "kms:RetireGrant", rcp, "resource control policies leave kms:RetireGrant alone");
    check(ROLE, "s3:GetObject", rcp, "counts");
    check("ec2.amazonaws.com", "s3:GetObject", Layer::Identity, "the principal has no identity policies");
    check("111122223333", "s3:GetObject", Layer::Identity, "the root user needs no policy that allows");
}

#[test]
fn what_lacks_an_allow_shows_what_nearly_allows() {
    let identity = r#"{"Version":"2012-10-17","Statement":[
        {"Sid":"Own","Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::own/*"},
        {"Effect":"Allow","Action":"s3:Get*","Resource":"*","Condition":{"Null":{"aws:SourceVpc":"false"}}}]}"#;
    let policies = Policies { identity: vec![policy("builder", "builder.json", identity)], ..Policies::default() };
    let mut context = BTreeMap::new();
    context.insert("aws:sourcevpc".to_owned(), Given::Absent);
    let request = Request::new(Asked {
        principal: "arn:aws:sts::111122223333:assumed-role/Builder/alice".to_owned(),
        action: "s3:GetObject".to_owned(),
        resources: vec!["arn:aws:s3:::b/k".to_owned()],
        resource_account: Some("111122223333".to_owned()),
        context,
        ..Asked::default()
    });
    let explanation = explain(&policies, &request.unwrap(), &LevelNames::default());
    insta::assert_snapshot!(text(&explanation), @"
    implicit deny by identity: no statement allows it
    arn:aws:sts::111122223333:assumed-role/Builder/alice does s3:GetObject
    on arn:aws:s3:::b/k
    identity or resource policy must allow.

      identity  lacks an allow
        does not allow: builder › Own (builder.json:2)
          it is not about the resource
        does not allow: builder › #2 (builder.json:3)
          Null aws:SourceVpc [false]: does not hold (absent)
    ");
    insta::assert_json_snapshot!(explanation, @r##"
    {
      "principal": "arn:aws:sts::111122223333:assumed-role/Builder/alice",
      "action": "s3:GetObject",
      "decision": "implicit_deny",
      "by": {
        "layer": "identity",
        "label": "identity"
      },
      "resources": [
        {
          "resource": "arn:aws:s3:::b/k",
          "decision": "implicit_deny",
          "by": {
            "layer": "identity",
            "label": "identity"
          },
          "needs": "identity or resource policy must allow",
          "layers": [
            {
              "layer": "identity",
              "label": "identity",
              "standing": "counts",
              "says": "lacks an allow",
              "deny": false,
              "allow": {
                "account": false,
                "role": false,
                "direct": false
              },
              "statements": [
                {
                  "effect": "Allow",
                  "policy": "builder",
                  "statement": "Own",
                  "file": "builder.json",
                  "line": 2,
                  "column": 9,
                  "resource": false,
                  "conditions": [],
                  "holds": false
                },
                {
                  "effect": "Allow",
                  "policy": "builder",
                  "statement": "#2",
                  "file": "builder.json",
                  "line": 3,
                  "column": 9,
                  "resource": true,
                  "conditions": [
                    {
                      "operator": "Null",
                      "key": "aws:SourceVpc",
                      "values": [
                        "false"
                      ],
                      "line": 3,
                      "column": 74,
                      "holds": false,
                      "given": null
                    }
                  ],
                  "holds": false
                }
              ]
            }
          ]
        }
      ]
    }
    "##);
}

/// What the statements shown make of a layer; denials end the search for what allows.
fn follows_from_statements(layer: &LayerShown) -> Result<(), String> {
    let of = |effect: Effect| {
        let holding = layer.statements.iter().filter(move |statement| statement.effect == effect);
        holding.map(|statement| statement.holds).max().unwrap_or(Truth::False)
    };
    for StatementShown { resource, principal, conditions, holds, .. } in &layer.statements {
        let parts = conditions.iter().map(|condition| condition.holds).chain([*resource]).chain(*principal);
        let all = parts.min().unwrap();
        if all != *holds {
            return Err(format!("{holds:?} does not follow: {layer:?}"));
        }
    }
    let (deny, allow) = (of(Effect::Deny), of(Effect::Allow));
    let counts = !matches!(layer.standing, Standing::Exempt(_));
    let agrees = layer.deny == deny && (deny == Truth::True || layer.allow.any() == allow);
    if counts && !agrees { Err(format!("{deny:?} {allow:?}: {layer:?}")) } else { Ok(()) }
}

/// The answer on one resource, from its layers alone.
fn follows_from_layers(on: &OnResource) -> Decision {
    let counting = || on.layers.iter().filter(|layer| !matches!(layer.standing, Standing::Exempt(_)));
    if counting().any(|layer| layer.says == Says::Denies) {
        return Decision::ExplicitDeny;
    }
    let may_deny = counting().any(|layer| layer.deny == Truth::Unknown);
    let of = |wanted: fn(&Layer) -> bool, otherwise: Truth| {
        let layer = on.layers.iter().find(|layer| wanted(&layer.layer));
        layer.map_or(otherwise, |layer| match layer.standing {
            Standing::RootUser => Truth::True,
            _ => layer.allow.any(),
        })
    };
    let own = of(|layer| *layer == Layer::Identity, Truth::False);
    let limits =
        of(|layer| *layer == Layer::Boundary, Truth::True).min(of(|layer| *layer == Layer::Session, Truth::True));
    let resource = on.layers.iter().find(|layer| layer.layer == Layer::Resource).map(|layer| layer.allow);
    let (account, role, direct) =
        resource.map_or((Truth::False, Truth::False, Truth::False), |allow| (allow.account, allow.role, allow.direct));
    let named = account.max(role).max(direct);
    let granted = match on.needs {
        Needs::Resource => named,
        Needs::Nobody => Truth::False,
        Needs::Nothing => Truth::True,
        Needs::Both => own.min(limits).min(named),
        Needs::Either => own.min(limits).max(direct).max(role.min(limits)),
        Needs::Trust => own.min(limits).min(account).max(direct).max(role.min(limits)),
    };
    let passed = counting()
        .filter(|layer| matches!(layer.layer, Layer::Scp(_) | Layer::Rcp(_) | Layer::Endpoint))
        .map(|layer| layer.allow.any())
        .min()
        .unwrap_or(Truth::True);
    match (may_deny, granted.min(passed)) {
        // Denied, by a statement or not.
        (true, Truth::False) if on.verdict.decision.is_deny() => on.verdict.decision,
        (_, Truth::False) => Decision::ImplicitDeny,
        (false, Truth::True) => Decision::Allow,
        _ => Decision::Depends,
    }
}

fn law(explanation: &Explanation) -> Result<(), String> {
    for on in &explanation.resources {
        on.layers.iter().try_for_each(follows_from_statements)?;
        let follows = follows_from_layers(on);
        // What the layers leave open, the engine may still narrow down.
        if follows != on.verdict.decision && follows != Decision::Depends {
            return Err(format!("{follows:?} follows: {on:?}"));
        }
        let decides = || on.layers.iter().flat_map(|layer| &layer.statements).filter(|statement| statement.decides);
        let cited = on.verdict.by.as_ref().and_then(|by| by.statement.as_ref());
        if decides().count() != usize::from(cited.is_some())
            || decides().any(|statement| Some(&statement.cited) != cited)
        {
            return Err(format!("the deciding statement: {on:?}"));
        }
    }
    let worst = explanation.resources.iter().map(|on| on.verdict.decision).min();
    // Each of several may be denied by a statement for some values of a key only, and one of them for every value.
    let one_of_several = explanation.resources.len() > 1
        && worst == Some(Decision::ImplicitDeny)
        && explanation.verdict.decision == Decision::ExplicitDeny;
    if worst != Some(explanation.verdict.decision) && worst != Some(Decision::Depends) && !one_of_several {
        return Err(format!("{worst:?}: {explanation:?}"));
    }
    Ok(())
}

/// A resource policy's statement names somebody.
fn with_principals(mut document: Value, whom: &Value) -> Value {
    for statement in document["Statement"].as_array_mut().unwrap() {
        statement["Principal"] = whom.clone();
    }
    document
}

const KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/k";

proptest! {
    #[test]
    fn the_answer_follows_from_the_layers_shown(
        identity in prop::collection::vec(made::document(), 0..3),
        resource in prop::option::of(made::document()),
        boundary in prop::option::of(made::document()),
        session in prop::option::of(made::document()),
        scps in prop::option::of(prop::collection::vec(prop::collection::vec(made::document(), 0..3), 1..3)),
        rcps in prop::option::of(prop::collection::vec(prop::collection::vec(made::document(), 1..3), 1..3)),
        whom in prop::sample::select(vec![
            json!("*"),
            json!({ "AWS": "111122223333" }),
            json!({ "AWS": "arn:aws:iam::111122223333:role/R" }),
            json!({ "Service": "ec2.amazonaws.com" }),
        ]),
        who in prop::sample::select(vec![
            "arn:aws:iam::111122223333:role/R",
            "arn:aws:sts::111122223333:assumed-role/R/s",
            "arn:aws:iam::111122223333:root",
            "arn:aws:iam::999999999999:role/R",
            "ec2.amazonaws.com",
            "*",
        ]),
        account in prop::sample::select(vec![None, Some("111122223333"), Some("444455556666"), Some("999999999999")]),
        endpoint in prop::option::of(made::document()),
        resources in prop::sample::subsequence(vec!["arn:aws:s3:::b/a", "arn:aws:s3:::c/a"], 1..=2),
        of_key in prop::bool::weighted(0.2),
        context in made::context(),
    ) {
        let all = |documents: &[Value]| documents.iter().map(made_policy).collect::<Vec<_>>();
        let whom = |document: &Value| with_principals(document.clone(), &whom);
        let policies = Policies {
            identity: all(&identity),
            resource: resource.as_ref().map(|document| made_policy(&whom(document))),
            boundary: boundary.as_ref().map(made_policy),
            session: session.iter().map(made_policy).collect(),
            endpoint: endpoint.as_ref().map(|document| made_policy(&whom(document))),
            scps: scps.map(|levels| levels.iter().map(|level| all(level)).collect()),
            rcps: rcps.map(|levels| {
                let level = |level: &Vec<Value>| level.iter().map(|document| made_policy(&with_principals(document.clone(), &json!("*")))).collect();
                levels.iter().map(level).collect()
            }),
            management_account: Some("999999999999".parse().unwrap()),
        };
        let given = context.as_object().unwrap().iter().map(|(key, value)| {
            let given = match value {
                Value::Null => Given::Absent,
                Value::Array(values) => Given::Values(values.iter().map(|value| value.as_str().unwrap().to_owned()).collect()),
                value => Given::value(value.as_str().unwrap()),
            };
            (key.clone(), given)
        });
        let request = Request::new(Asked {
            principal: who.to_owned(),
            action: if of_key { "kms:Decrypt" } else { "s3:GetObject" }.to_owned(),
            resources: if of_key { vec![KEY.to_owned()] } else { resources.iter().map(|&text| text.to_owned()).collect() },
            resource_account: account.filter(|_| !of_key).map(str::to_owned),
            context: given.collect(),
            ..Asked::default()
        }).unwrap();
        let explanation = explain(&policies, &request, &LevelNames::default());
        prop_assert_eq!(&explanation.verdict.decision, &dodai_policy::decide::decide(&policies, &request).decision);
        prop_assert_eq!(law(&explanation), Ok(()));
        prop_assert!(text(&explanation).lines().count() >= 5);
    }
}
