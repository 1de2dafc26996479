//! A small organization for the tests of its own features: directory, tables, and what AWS Organizations does.

use dodai_facts::{Cell, Fact, Inventory, Listing};
use dodai_org::Directory;
use serde_json::{Value, json};

use super::{MANAGEMENT, SHOP, context, directory, row, simulator, simulator_values};
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

    pub(super) fn settled(dodai: &str, more: &[(&str, &str)]) -> Self {
        let mut organization = Self::new(dodai, more);
        let plan = organization.plan();
        organization.apply(&plan);
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
        simulator::apply(&mut self.inventory, plan);
    }
}

/// What AWS Organizations does with one call; its reply.
pub(super) fn act(inventory: &mut Inventory, operation: &str, params: &Value) -> Value {
    let count =
        |inventory: &Inventory, name: &str| inventory.get(&table(name), &Cell::Organization).unwrap().rows.len();
    let mut edit = |name: &str, change: &mut dyn FnMut(&mut Listing)| {
        simulator::edit(inventory, &table(name), &Cell::Organization, change);
    };
    match operation {
        "EnablePolicyType" => edit("root", &mut |roots| {
            let types = roots.rows[0].values["PolicyTypes"].as_array_mut().unwrap();
            types.push(json!({ "Type": params["PolicyType"], "Status": "ENABLED" }));
        }),
        "ListRoots" => {}
        "DescribeCreateAccountStatus" => {
            return json!({ "CreateAccountStatus": { "State": "SUCCEEDED", "AccountId": params["CreateAccountRequestId"] } });
        }
        "CreateOrganizationalUnit" => {
            let id = format!("ou-{}", count(inventory, "unit") + 1);
            let unit = json!({ "Id": id, "Name": params["Name"], "parent_id": params["ParentId"] });
            let push = |units: &mut Listing| units.rows.push(row(&id, &unit));
            simulator::edit(inventory, &table("unit"), &Cell::Organization, push);
            allow_everything(inventory, &id);
            return json!({ "OrganizationalUnit": { "Id": id } });
        }
        "CreateAccount" => {
            let account = json!({
                "Id": SHOP, "Name": params["AccountName"], "Email": params["Email"], "State": "ACTIVE", "Status": null,
                "parent_id": "r-1",
            });
            edit("account", &mut |accounts| accounts.rows.push(row(SHOP, &account)));
            allow_everything(inventory, SHOP);
            // The request's id is made the account's, so that describing it can tell.
            return json!({ "CreateAccountStatus": { "Id": SHOP } });
        }
        "MoveAccount" => edit("account", &mut |accounts| {
            let account = accounts.rows.iter_mut().find(|row| row.values["Id"] == params["AccountId"]).unwrap();
            assert_eq!(account.values["parent_id"], params["SourceParentId"], "SourceParentNotFoundException");
            account.values.insert("parent_id".to_owned(), params["DestinationParentId"].clone());
        }),
        "CreatePolicy" => {
            let id = format!("p-{}", count(inventory, "policy") + 1);
            let policy = json!({
                "Id": id, "Name": params["Name"], "Type": params["Type"], "AwsManaged": false,
                "Content": params["Content"], "tags": simulator_values::tags(&params["Tags"]),
            });
            let push = |policies: &mut Listing| policies.rows.push(row(&id, &policy));
            simulator::edit(inventory, &table("policy"), &Cell::Organization, push);
            return json!({ "Policy": { "PolicySummary": { "Id": id } } });
        }
        "UpdatePolicy" => edit("policy", &mut |policies| {
            let policy = policies.rows.iter_mut().find(|row| row.values["Id"] == params["PolicyId"]).unwrap();
            policy.values.insert("Content".to_owned(), params["Content"].clone());
        }),
        "DeletePolicy" => {
            let attached = inventory.get(&table("policy_attachment"), &Cell::Organization).unwrap();
            assert!(
                attached.rows.iter().all(|row| row.values["policy_id"] != params["PolicyId"]),
                "PolicyInUseException"
            );
            let remove = |policies: &mut Listing| policies.rows.retain(|row| row.values["Id"] != params["PolicyId"]);
            simulator::edit(inventory, &table("policy"), &Cell::Organization, remove);
        }
        "AttachPolicy" => {
            let attachment = json!({ "policy_id": params["PolicyId"], "TargetId": params["TargetId"] });
            edit("policy_attachment", &mut |all| all.rows.push(row("attachment", &attachment)));
        }
        "DetachPolicy" => edit("policy_attachment", &mut |all| {
            all.rows.retain(|row| {
                row.values["policy_id"] != params["PolicyId"] || row.values["TargetId"] != params["TargetId"]
            });
        }),
        other => panic!("the simulator does not know {other}"),
    }
    Value::Null
}

/// AWS Organizations attaches `FullAWSAccess` to every new unit and account.
fn allow_everything(inventory: &mut Inventory, target: &str) {
    let attachment = json!({ "policy_id": "p-FullAWSAccess", "TargetId": target });
    let push = |all: &mut Listing| all.rows.push(row("attachment", &attachment));
    simulator::edit(inventory, &table("policy_attachment"), &Cell::Organization, push);
}
