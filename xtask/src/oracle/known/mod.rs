//! Known differences: where AWS's documentation says something else than the other engine does. Each is a way to write
//! a case differently that means the same by the page that it names, and avoids what the other engine reads otherwise.
//! It explains a difference when the rewritten case gets the same decision from us as before, and that one from the
//! other engine too: whatever else is wrong with the case stays visible.

mod actions;
mod organization;
mod principals;
mod resources;
mod rewrite;
mod values;
mod variables;

use serde_json::Value;

/// A known difference.
pub(super) struct Known {
    /// What the other engine does.
    pub(super) what: &'static str,
    /// The title of the AWS page that says otherwise.
    pub(super) page: &'static str,
    /// Writes a case without it. Nothing: the case has none of it.
    rewrite: fn(&Value) -> Option<Value>,
}

impl PartialEq for Known {
    fn eq(&self, other: &Self) -> bool {
        self.what == other.what
    }
}

impl std::fmt::Debug for Known {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.what)
    }
}

/// A case without each known difference that it has, one at a time.
pub(super) fn one_by_one(case: &Value) -> impl Iterator<Item = (&'static Known, Value)> {
    KNOWN.iter().filter_map(|known| (known.rewrite)(case).map(|other| (known, other)))
}

/// A case without all the known differences that it has. `same` says whether we decide a case as before; one that we
/// decide otherwise has lost more than the difference.
pub(super) fn together(case: &Value, same: &mut dyn FnMut(&Value) -> bool) -> (Vec<&'static Known>, Value) {
    let mut all = Vec::new();
    let mut without = case.clone();
    for known in KNOWN {
        if let Some(other) = (known.rewrite)(&without).filter(|other| same(other)) {
            all.push(known);
            without = other;
        }
    }
    (all, without)
}

const fn known(what: &'static str, page: &'static str, rewrite: fn(&Value) -> Option<Value>) -> Known {
    Known { what, page, rewrite }
}

const OPERATORS: &str = "IAM JSON policy elements: Condition operators";
const VARIABLES: &str = "IAM policy elements: Variables and tags";
const RESOURCE: &str = "IAM JSON policy elements: Resource";

pub(super) static KNOWN: &[Known] = &[
    known(
        "limits service-linked roles by the organization's policies",
        "Service control policies (SCPs)",
        organization::service_linked_roles,
    ),
    known(
        "limits who is in no account by service control policies",
        "Service control policies (SCPs)",
        organization::outsiders,
    ),
    known(
        "limits every service by resource control policies",
        "Resource control policies (RCPs)",
        organization::unlisted_services,
    ),
    known(
        "limits the retiring of grants by resource control policies",
        "Resource control policies (RCPs)",
        organization::retired_grants,
    ),
    known(
        "gives federated users what their user may do, without session policies",
        "Permissions for GetFederationToken",
        principals::federated_user,
    ),
    known(
        "leaves out by `NotPrincipal` who has a permissions boundary",
        "AWS JSON policy elements: NotPrincipal",
        principals::bounded,
    ),
    known("wants policies for the root user", "AWS account root user", principals::root_user),
    known("lets the root user assume a role", "AWS STS API: AssumeRole", principals::root_assumes),
    known(
        "leaves out by `NotPrincipal` whose account or role is not listed",
        "AWS JSON policy elements: NotPrincipal",
        principals::not_principal,
    ),
    known(
        "takes a SAML provider for a principal of its account",
        "AWS JSON policy elements: Principal",
        principals::provider,
    ),
    known(
        "holds an endpoint's policy to be about everybody",
        "Control access to VPC endpoints using endpoint policies",
        principals::endpoint,
    ),
    known(
        "limits by session policies what a resource grants to the session",
        "Policy evaluation for requests within a single account",
        principals::session_grants,
    ),
    known("knows variables under version 2008-10-17", VARIABLES, variables::old_version),
    known("does not know `${*}` under `StringEquals`", VARIABLES, variables::escapes),
    known("does not match conditions on variables without a value", VARIABLES, variables::without_value),
    known("does not match `NotResource` with variables without a value", VARIABLES, resources::without_value),
    known("takes an empty value of a variable for none", VARIABLES, variables::empty),
    known("does not know variables in the ARNs of conditions", VARIABLES, variables::in_arns),
    known("does not know `*:*` for every action", "IAM JSON policy elements: Action", actions::every),
    known("ends a resource's `*` at the colon or slash after its type", RESOURCE, resources::separators),
    known("does not complete short ARNs in resource control policies", RESOURCE, resources::short_in_rcps),
    known("takes an empty list for a value", "Set operators for multivalued context keys", values::empty_lists),
    known("ends `*` at the end of a line", OPERATORS, values::line_ends),
    known("does not compare seconds since 1970 with other dates", OPERATORS, values::epoch),
    known("finds no address in `0.0.0.0/0`", OPERATORS, values::everywhere),
    known("compares no address with networks of the other version", OPERATORS, values::other_version),
    known("does not match any ARN with `*`", OPERATORS, values::any_arn),
    known("lets a policy's value of another kind decide", OPERATORS, values::not_of_its_kind),
    known("lets a request's value of another kind decide", OPERATORS, values::given_not_of_its_kind),
    known("ignores `IfExists` after `ForAnyValue`", OPERATORS, values::if_exists),
    known("matches nothing to several values without a quantifier", OPERATORS, values::several),
];

#[cfg(test)]
mod tests {
    use dodai_policy::decide::Cache;

    use super::super::{engine, generate};
    use super::*;

    const CASES: u64 = 2_000;

    #[test]
    fn what_means_the_same_is_decided_the_same() {
        let mut cache = Cache::default();
        let mut unused: Vec<&Known> = KNOWN.iter().collect();
        for number in 0..CASES {
            let case = generate::case(5, number);
            let ours = engine::ask(&case, &mut cache).unwrap();
            for known in KNOWN {
                let Some(other) = (known.rewrite)(&case) else { continue };
                // Keys and roles are told by the slash that this one writes otherwise.
                let told =
                    ["kms:", "sts:"].iter().any(|service| case["request"]["action"].to_string().contains(service));
                if told && known.what.contains("colon or slash") {
                    continue;
                }
                unused.retain(|unused| *unused != known);
                let others = engine::ask(&other, &mut cache).unwrap();
                assert_eq!(others.decision, ours.decision, "{}:\n{case}\n{other}", known.what);
            }
        }
        assert_eq!(unused, Vec::<&Known>::new(), "no case has it");
    }
}
