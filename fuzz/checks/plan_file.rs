//! Saved plans: what is read is written and read again as the same, and every format shows it without being obeyed.

use dodai_apply::read_plan;
use dodai_baseline::format;

#[path = "obeyed.rs"]
mod obeyed;

const ORGANIZATION: &str = "o-exampleorgid";

pub fn plan_file(bytes: &[u8]) {
    let plan = match read_plan(bytes, ORGANIZATION) {
        Ok(plan) => plan,
        Err(error) => return assert!(error.to_string().len() < 4_000 + bytes.len(), "{error:.300}"),
    };
    let written = serde_json::to_vec(&plan).expect("written");
    assert_eq!(read_plan(&written, ORGANIZATION).expect("read again"), plan);
    let home: dodai_facts::Region = "us-east-1".parse().expect("a Region");
    let entering = format::Entering {
        management: &"111122223333".parse().expect("an account id"),
        member_role: "Role",
        external_id: Some("it's ours"),
        partition: home.partition(),
    };
    for shown in [format::text(&plan), format::markdown(&plan), format::sh(&plan, &entering)] {
        assert_eq!(obeyed::obeyed(&shown), None, "{shown:.2000}");
    }
}
