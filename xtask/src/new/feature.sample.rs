//! `{id}`: no EBS snapshot of the account is shared with everyone.
//!
//! A sample to start from. AWS: "Block public access for Amazon EBS snapshots".

use dodai_facts::{Class, Failure, FeatureInfo, FeatureScope, SettingInfo, SettingKind};
use serde::Deserialize;
use serde_json::json;

use crate::row::value;
use crate::{Action, Feature, Out, View};

pub const FEATURE: Feature = Feature { info: &INFO, plan };

const TABLE: &str = "aws_ec2_account_settings";
const COLUMN: &str = "snapshot_block_public_access";

const INFO: FeatureInfo = FeatureInfo {
    id: "{id}",
    title: "EBS snapshots not public",
    scope: FeatureScope::Region,
    class: Class::Maintained,
    profiles: &[],
    needs: &[],
    reads: &[(TABLE, &[COLUMN])],
    settings: &[SettingInfo {
        name: "state",
        kind: SettingKind::Choice(&["block-all-sharing", "block-new-sharing"]),
        basic: r#""block-all-sharing""#,
        secure: r#""block-all-sharing""#,
        doc: "whether snapshots that are public already are blocked too",
    }],
    calls: &["ec2.EnableSnapshotBlockPublicAccess"],
};

#[derive(Deserialize)]
struct Settings {
    state: String,
}

fn plan(view: &View<'_>, out: &mut Out) -> Result<(), Failure> {
    let Settings { state } = view.settings()?;
    // Not read is not "not there": the planner then says that this cell is blocked.
    let before = value(view.row(TABLE)?, COLUMN)?;
    let change = view.change("sharing", Action::Update, "block public access to EBS snapshots");
    let change = change.set("state", before, json!(state));
    if !change.settings.is_empty() {
        let call = view.call("ec2", "EnableSnapshotBlockPublicAccess", json!({ "State": state }));
        out.change(change.call(call).writes(format!("ec2/{}#snapshot-public-access", view.cell)));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use dodai_facts::{AccountId, Cell, Fact, Inventory, Listing, Profile, Region, Row};
    use serde_json::{Map, Value};

    use super::*;
    use crate::{AccountTags, Context, Target};

    /// What is planned where the column holds this: the parameters of the calls, or the failure's code.
    fn check(column: Option<Value>, expected: Result<&[Value], &str>) {
        let (id, home): (AccountId, Region) = ("111122223333".parse().unwrap(), "ap-northeast-1".parse().unwrap());
        let context = Context {
            organization: "o-exampleorgid".to_owned(),
            management: id.clone(),
            home: home.clone(),
            partition: home.partition(),
            member_role: "OrganizationAccountAccessRole".to_owned(),
        };
        let settings = Map::from_iter([("state".to_owned(), json!("block-all-sharing"))]);
        let account = Target {
            name: "sandbox".to_owned(),
            id: id.clone(),
            profile: Profile::Secure,
            regions: vec![home.clone()],
            features: BTreeMap::from([(INFO.id.to_owned(), settings)]),
            maintained: BTreeSet::from([INFO.id.to_owned()]),
            onboarding: Fact::Absent,
            tags: AccountTags::wanted(BTreeMap::new()),
        };
        let values = column.map(|value| (COLUMN.to_owned(), value)).into_iter().collect();
        let row = Row { id: "sandbox".to_owned(), values, ..Row::default() };
        let cell = Cell::Region(id, home);
        let mut inventory = Inventory::default();
        inventory.insert(TABLE, cell.clone(), Listing { rows: vec![row], failure: None });
        let mut out = Out::default();
        let planned = plan(&View::new(&context, &account, &cell, &INFO, &inventory), &mut out);
        let calls: Vec<Value> =
            out.changes.iter().flat_map(|change| &change.calls).map(|call| call.params.clone()).collect();
        let planned = planned.as_ref().map(|()| calls.as_slice()).map_err(|failure| failure.code.as_str());
        assert_eq!(planned, expected);
    }

    #[test]
    fn sharing_is_blocked_once() {
        check(Some(json!("unblocked")), Ok(&[json!({ "State": "block-all-sharing" })]));
        check(Some(Value::Null), Ok(&[json!({ "State": "block-all-sharing" })]));
        check(Some(json!("block-all-sharing")), Ok(&[]));
    }

    #[test]
    fn what_was_not_read_is_not_changed() {
        check(None, Err("NotCollected"));
    }
}
