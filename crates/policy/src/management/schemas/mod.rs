//! The schemas of the thirteen types, one file each. What AWS's pages leave open is left open here too.

mod ai_opt_out;
mod backup;
mod bedrock;
mod chat;
mod declarative_ec2;
mod guardduty;
mod inspector;
mod network_security_director;
mod s3;
mod security_hub;
mod security_hub_cspm;
mod tag;
mod upgrade_rollout;

use crate::PolicyType;

use super::schema::Schema;

static ALL: [&Schema; 13] = [
    &ai_opt_out::SCHEMA,
    &backup::SCHEMA,
    &bedrock::SCHEMA,
    &chat::SCHEMA,
    &declarative_ec2::SCHEMA,
    &guardduty::SCHEMA,
    &inspector::SCHEMA,
    &network_security_director::SCHEMA,
    &s3::SCHEMA,
    &security_hub::SCHEMA,
    &security_hub_cspm::SCHEMA,
    &tag::SCHEMA,
    &upgrade_rollout::SCHEMA,
];

/// None for the types that are written in the IAM policy language.
pub(super) fn of(kind: &PolicyType) -> Option<&'static Schema> {
    ALL.into_iter().find(|schema| schema.folder == kind.folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_but_the_two_of_the_iam_language_has_a_schema() {
        let without: Vec<&str> =
            PolicyType::ALL.iter().filter(|kind| of(kind).is_none()).map(|kind| kind.folder).collect();
        assert_eq!(without, ["resource-control", "service-control"]);
    }
}
