//! A small organization for the tests of its own features: directory, tables, and what AWS Organizations does.

use dodai_facts::{Cell, Fact, Inventory, Listing};
use dodai_org::Directory;
use serde_json::{Value, json};

use super::{MANAGEMENT, applied, context, directory, row, simulator};
use crate::{AccountTags, Context, Input, ORGANIZATION_FEATURES, Out, Plan, Selection, Target, View};

pub(super) const TREE: &str = "organization: o-exampleorgid
home_region: ap-northeast-1
regions: [ap-northeast-1]
units:
  Default: {policies: {service-control: [deny]}, units: {Sandbox: {policies: {tag: [cost]}}}}
";
pub(super) const DENY: &str = r#"{"Version": "2012-10-17", "Statement": [{"Sid": "Leave", "Effect": "Deny", "Action": ["organizations:LeaveOrganization", "cloudtrail:CreateTrail"], "Resource": "*"}]}"#;
const COST: &str = r#"{"tags": {"cost": {"tag_key": {"@@assign": "Cost"}}}}"#;

const TABLES: [&str; 5] = ["root", "unit", "account", "policy", "policy_attachment"];

fn table(name: &str) -> String {
    format!("aws_organizations_{name}")
}

#[derive(Debug, Clone)]
pub(super) struct Organization {
    pub(super) directory: Directory,
    pub(super) inventory: Inventory,
    pub(super) context: Context,
    pub(super) selected: Vec<String>,
}

impl Organization {
    /// An organization of which only the root and the management account exist.
    pub(super) fn new(dodai: &str, more: &[(&str, &str)]) -> Self {
        let mut files = vec![
            ("dodai.yaml", dodai),
            (
                "accounts/management.yaml",
                "email: management@example.com\nmanagement: true\nunit: Root\nprofile: basic\n",
            ),
        ];
        if dodai == TREE {
            files.push(("policies/service-control/deny.json", DENY));
            files.push(("policies/tag/cost.json", COST));
        }
        files.retain(|(path, _)| more.iter().all(|(other, _)| other != path));
        files.extend(more.iter().filter(|(_, text)| !text.is_empty()));
        let mut inventory = Inventory::default();
        for name in TABLES {
            inventory.insert(&table(name), Cell::Organization, Listing::default());
        }
        let mut organization =
            Self { directory: directory(&files), inventory, context: context(), selected: Vec::new() };
        organization.insert("root", &json!({ "Id": "r-1", "PolicyTypes": [] }));
        organization.account(MANAGEMENT, "management", "r-1");
        organization.insert(
            "policy",
            &json!({
                "Id": "p-FullAWSAccess", "Name": "FullAWSAccess", "Type": "SERVICE_CONTROL_POLICY", "AwsManaged": true,
                "Content": "{}", "tags": null,
            }),
        );
        organization.insert("policy_attachment", &json!({ "policy_id": "p-FullAWSAccess", "TargetId": "r-1" }));
        organization
    }

    /// After two rounds: an account may be moved in the second.
    pub(super) fn settled(dodai: &str, more: &[(&str, &str)]) -> Self {
        let mut organization = Self::new(dodai, more);
        for _ in 0..2 {
            let plan = organization.plan();
            organization.apply(&plan);
        }
        organization
    }

    pub(super) fn account(&mut self, id: &str, name: &str, parent: &str) {
        self.insert(
            "account",
            &json!({
                "Id": id, "Name": name, "Email": format!("{name}@example.com"), "State": "ACTIVE", "Status": null,
                "parent_id": parent,
            }),
        );
    }

    pub(super) fn insert(&mut self, name: &str, values: &Value) {
        self.edit(name, |listing| listing.rows.push(row(&values.to_string(), values)));
    }

    pub(super) fn edit(&mut self, name: &str, edit: impl FnOnce(&mut Listing)) {
        simulator::edit(&mut self.inventory, &table(name), &Cell::Organization, edit);
    }

    /// Puts a value into the column of the one row whose `key` column has this text.
    pub(super) fn set(&mut self, name: &str, (key, text): (&str, &str), column: &str, value: &Value) {
        self.edit(name, |listing| {
            let row = listing.rows.iter_mut().find(|row| row.values[key] == text).unwrap();
            row.values.insert(column.to_owned(), value.clone());
        });
    }

    /// What the organization's features say.
    pub(super) fn out(&self) -> Out {
        let (target, info) = (self.target(), ORGANIZATION_FEATURES[0].info);
        let view = View::new(&self.context, &target, &Cell::Organization, info, &self.inventory);
        crate::plan_organization(&view, &self.directory, &self.selected)
    }

    fn target(&self) -> Target {
        Target {
            name: "management".to_owned(),
            id: MANAGEMENT.parse().unwrap(),
            profile: dodai_facts::Profile::Basic,
            regions: vec![self.context.home.clone()],
            features: <_>::default(),
            maintained: <_>::default(),
            onboarding: Fact::Absent,
            tags: AccountTags::wanted(<_>::default()),
        }
    }

    /// The organization's plan, which is sound.
    pub(super) fn plan(&self) -> Plan {
        let target = self.target();
        let info = ORGANIZATION_FEATURES[0].info;
        let plan_with = |inventory: &Inventory, selected: &[String]| {
            let view = View::new(&self.context, &target, &Cell::Organization, info, inventory);
            crate::plan_organization(&view, &self.directory, selected)
        };
        for feature in ORGANIZATION_FEATURES {
            let only = [feature.info.id.to_owned()];
            let named = super::restricted(&self.inventory, feature.info.reads);
            assert_eq!(plan_with(&self.inventory, &only), plan_with(&named, &only), "{}", feature.info.id);
        }
        let selection = Selection { features: self.selected.clone(), ..Selection::default() };
        let input = Input {
            context: &self.context,
            targets: &[],
            features: &[],
            inventory: &self.inventory,
            selection: &selection,
        };
        let plan = crate::plan(&input, self.out());
        assert_eq!(crate::check(&plan, &self.context.management), [], "{}", crate::format::text(&plan));
        for change in &plan.changes {
            let feature = ORGANIZATION_FEATURES.iter().find(|feature| feature.info.id == change.feature).unwrap();
            for call in &change.calls {
                assert!(feature.info.calls.contains(&call.name().as_str()), "{} calls {}", change.id, call.name());
            }
        }
        plan
    }

    pub(super) fn apply(&mut self, plan: &Plan) {
        applied::apply(&mut self.inventory, plan);
    }
}
