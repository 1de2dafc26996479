//! Denials of different services in one statement: it is about more actions and more resources, and each action only ever
//! meets resources of its own service.
//!
//! Whatever is not known of both stays apart: actions named by a pattern, unknown ones, resources whose service is no
//! plain word.

use std::collections::{BTreeSet, HashMap};

use super::merge::{conditions, kind};
use super::rule::Rule;
use crate::language::Effect;
use crate::reference::{Reference, meeting};

/// The services, in lower case.
#[derive(Debug, Clone)]
struct Services {
    /// Of the resources that the statement's actions can meet.
    met: BTreeSet<String>,
    /// Of the resources that the statement names.
    named: BTreeSet<String>,
}

impl Services {
    /// None where the reference does not say.
    fn new(rule: &Rule, reference: &Reference) -> Option<Self> {
        let resources = rule.resources.as_ref().filter(|set| !set.negated)?;
        if rule.effect != Effect::Deny || rule.actions.negated {
            return None;
        }
        let mut prefixes = BTreeSet::new();
        for action in &rule.actions.values {
            // A pattern is about actions that are not known, too.
            if action.contains(['*', '?']) {
                return None;
            }
            let (service, _) = reference.action(action)?;
            prefixes.insert(service.prefix.as_str());
        }
        let mut met = BTreeSet::new();
        for prefix in prefixes {
            met.extend(meeting::met(reference.service(prefix)?)?);
        }
        let named = resources.values.iter().map(|arn| meeting::named(arn)).collect::<Option<_>>()?;
        Some(Self { met, named })
    }

    fn are_apart(&self, other: &Self) -> bool {
        self.met.is_disjoint(&other.named) && other.met.is_disjoint(&self.named)
    }

    fn absorb(&mut self, other: Self) {
        self.met.extend(other.met);
        self.named.extend(other.named);
    }
}

/// Joins denials that are alike but for actions and resources, where none of the services meets a resource of another.
pub(super) fn joined(rules: Vec<Rule>, reference: &Reference) -> Vec<Rule> {
    let mut merged: Vec<Rule> = Vec::with_capacity(rules.len());
    let mut groups: HashMap<_, Vec<(usize, Services)>> = HashMap::new();
    for rule in rules {
        let Some(services) = Services::new(&rule, reference) else {
            merged.push(rule);
            continue;
        };
        let group = groups.entry((kind(&rule), conditions(&rule.clauses))).or_default();
        let place = group.iter_mut().find(|(_, there)| there.are_apart(&services));
        let both = place.and_then(|(place, there)| Some((merged.get_mut(*place)?, there)));
        if let Some((both, rule_there, there)) =
            both.and_then(|(rule_there, there)| Some((both_of(rule_there, &rule)?, rule_there, there)))
        {
            *rule_there = both;
            there.absorb(services);
        } else {
            group.push((merged.len(), services));
            merged.push(rule);
        }
    }
    merged
}

fn both_of(left: &Rule, right: &Rule) -> Option<Rule> {
    let resources = left.resources.as_ref()?.or(right.resources.as_ref()?)?;
    let mut both = Rule { actions: left.actions.or(&right.actions)?, resources: Some(resources), ..left.clone() };
    both.absorb(right);
    Some(both)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::read_json;

    /// Statements `actions on resources`, of which so many are left.
    fn check(statements: &[&str], left: usize) {
        let list = |texts: &str| texts.split(", ").map(|text| format!("{text:?}")).collect::<Vec<_>>().join(",");
        let statement = |text: &&str| {
            let (actions, resources) = text.split_once(" on ").unwrap();
            let (effect, actions) =
                actions.split_once(' ').filter(|(word, _)| *word == "Allow").unwrap_or(("Deny", actions));
            format!(r#"{{"Effect":"{effect}","Action":[{}],"Resource":[{}]}}"#, list(actions), list(resources))
        };
        let text: Vec<String> = statements.iter().map(statement).collect();
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, text.join(","));
        let rules = Rule::all(0, "p", &read_json("p", &text).unwrap(), false);
        assert_eq!(joined(rules, Reference::embedded()).len(), left, "{statements:?}");
    }

    const BUCKET: &str = "s3:DeleteBucket on arn:aws:s3:::a";

    #[test]
    fn what_never_meets_is_joined() {
        check(&[BUCKET, "sqs:DeleteQueue on arn:aws:sqs:*:*:b"], 1);
        check(&[BUCKET, "SQS:deletequeue on arn:*:sqs:*:${aws:PrincipalAccount}:b"], 1);
        check(&[BUCKET, "sqs:DeleteQueue on arn:aws:sqs:*:*:b", "sns:DeleteTopic on arn:aws:sns:*:*:c"], 1);
        check(&[BUCKET, "ec2:DescribeInstances on arn:aws:ec2:*:*:instance/a"], 1);
    }

    #[test]
    fn what_may_meet_stays_apart() {
        // One service, also where the action is of another resource type.
        check(&[BUCKET, "s3:DeleteObject on arn:aws:s3:::b/*"], 2);
        check(&[BUCKET, "sqs:DeleteQueue on arn:aws:sqs:*:*:b", "s3:DeleteObject on arn:aws:s3:::b/*"], 2);
        // Of one service, on resources of another.
        check(&["sts:AssumeRole on arn:aws:iam::*:role/a", "iam:DeleteRole on arn:aws:iam::*:role/b"], 2);
        check(&["ssm:SendCommand on arn:aws:ssm:*:*:document/a", BUCKET], 2);
        check(&["ssm:SendCommand on arn:aws:ssm:*:*:document/a", "ec2:RunInstances on arn:aws:ec2:*:*:instance/a"], 2);
        for other in [
            "sqs:DeleteQueue on *",
            "sqs:DeleteQueue on arn:aws:sqs:*:*:b, *",
            "sqs:DeleteQueue on arn:aws:*:*:*:b",
            "sqs:DeleteQueue on arn:aws:sq?:*:*:b",
            "sqs:DeleteQueue on arn:aws:${x}:*:*:b",
            "sqs:DeleteQueue on arn:${x:y}:sqs:*:*:b",
            "sqs:DeleteQueue on arn:aws:s3:::b",
            "sqs:DeleteQueue on arn:aws:sqs:b",
            "sqs:* on arn:aws:sqs:*:*:b",
            "sqs:DeleteQueue, sqs:Send* on arn:aws:sqs:*:*:b",
            "sqs:Unknown on arn:aws:sqs:*:*:b",
            "unknown:DeleteQueue on arn:aws:sqs:*:*:b",
            "Allow sqs:DeleteQueue on arn:aws:sqs:*:*:b",
        ] {
            check(&[BUCKET, other], 2);
        }
    }
}
