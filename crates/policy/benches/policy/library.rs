//! The library of guardrails as an organization would have it: all service control policies over four levels, all
//! resource control policies on one, with what a directory fills in.

use std::collections::BTreeMap;
use std::sync::Arc;

use dodai_document::node::{Entry, Node, Place};
use dodai_document::{Problems, yaml};
use dodai_policy::decide::{Policies, Policy};
use dodai_policy::language::{read_json, read_node};
use dodai_policy::library::{Guardrail, Library, Parameters, Source, expand};

use crate::{FULL, LEVELS};

/// Values that no directory has.
const GIVEN: &str = "addresses: [203.0.113.0/24]\nvalues: ['1001', '1002']\n";
/// AWS's `RCPFullAWSAccess`.
const FULL_RESOURCES: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}"#;

/// The library's policies around these.
pub(crate) fn around(identity: Vec<Arc<Policy>>) -> Policies {
    let guardrails = |folder: &str| -> Vec<Arc<Policy>> {
        let of_type = Library::embedded().guardrails().filter(|guardrail| guardrail.kind.folder == folder);
        of_type.map(|guardrail| Arc::new(Policy::new(&guardrail.name, "", document(guardrail)))).collect()
    };
    let written = |text: &str| Arc::new(Policy::new("full", "", read_json("full", text).unwrap()));
    let services = guardrails("service-control");
    let level = |policies: &[Arc<Policy>]| [written(FULL)].into_iter().chain(policies.iter().cloned()).collect();
    let resources = [written(FULL_RESOURCES)].into_iter().chain(guardrails("resource-control"));
    Policies {
        identity,
        scps: Some(services.chunks(services.len().div_ceil(LEVELS)).map(level).collect()),
        rcps: Some(vec![resources.collect()]),
        ..Policies::default()
    }
}

fn document(guardrail: &Guardrail) -> dodai_policy::language::Document {
    let given: Vec<Entry> = given().into_iter().filter(|entry| has(guardrail, &entry.key)).collect();
    let place = Place { line: 1, column: 1 };
    let parameters = Parameters { file: "bench.yaml", place, given: &given, directory: &directory() };
    read_node(guardrail.file, &expand(guardrail, &parameters).unwrap()).unwrap()
}

fn has(guardrail: &Guardrail, name: &str) -> bool {
    guardrail.parameters.iter().any(|parameter| parameter.name == name)
}

fn given() -> Vec<Entry> {
    let node: Node = yaml::parse(GIVEN, &mut Problems::of("values.yaml")).unwrap();
    node.entries().to_vec()
}

fn directory() -> BTreeMap<Source, Vec<String>> {
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    [
        (Source::ActiveRegions, texts(&["eu-west-1", "us-east-1"])),
        (Source::HomeRegion, texts(&["eu-west-1"])),
        (Source::LogArchive, texts(&["222233334444"])),
        (Source::LogBuckets, texts(&["dodai-cloudtrail-*", "dodai-config-*"])),
        (Source::MemberRole, texts(&["arn:*:iam::*:role/OrganizationAccountAccessRole"])),
        (Source::NetworkRoles, texts(&["arn:*:iam::*:role/network-*"])),
        (Source::Operators, texts(&["arn:*:iam::*:role/OrganizationAccountAccessRole", "arn:*:iam::*:role/dodai-*"])),
        (Source::Organization, texts(&["o-a1b2c3d4e5"])),
        (Source::Trails, texts(&["dodai"])),
    ]
    .into()
}
