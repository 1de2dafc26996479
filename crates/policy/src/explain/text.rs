//! An explanation for the terminal: what decided, then each layer in a line, and under it the statements that matter.

use std::fmt::Write as _;

use dodai_facts::escape::terminal;

use super::decider::Cited;
use super::explanation::{ConditionShown, Explanation, GivenShown, LayerShown, OnResource, Says, Standing};
use super::explanation::{StatementShown, Verdict};
use crate::decide::{Decision, Truth};
use crate::language::Effect;

/// Statements that nearly fit, at most, in one layer; the JSON form has them all.
const NEAR: usize = 5;
/// Most characters of a layer's name that the others are put in line with; a name may be of any length.
const WIDEST: usize = 64;
/// Values of a condition, at most.
const VALUES: usize = 3;

/// The whole explanation, lines ended.
pub fn text(explanation: &Explanation) -> String {
    let mut out = String::new();
    let Explanation { principal, action, verdict, resources } = explanation;
    line(&mut out, 0, &headline(verdict));
    line(&mut out, 0, &format!("{} does {}", terminal(principal), terminal(action)));
    for resource in resources {
        on_resource(&mut out, resource, resources.len() > 1);
    }
    out
}

fn line(out: &mut String, indent: usize, text: &str) {
    let _ = writeln!(out, "{:indent$}{}", "", text.trim_end());
}

/// `explicit deny by SCP Default: …`
fn headline(verdict: &Verdict) -> String {
    let decision = words(verdict.decision);
    let mut text = match (&verdict.by, verdict.decision) {
        (Some(by), _) => format!("{decision} by {}", terminal(&by.to_string())),
        (None, Decision::Depends) => {
            let keys: Vec<_> = verdict.missing.iter().map(|key| terminal(key)).collect();
            if keys.is_empty() { decision.to_owned() } else { format!("{decision} on {}", keys.join(", ")) }
        }
        (None, _) => decision.to_owned(),
    };
    if verdict.approximate {
        text.push_str(" (perhaps: it could not be narrowed down)");
    }
    if verdict.assumed_same_account {
        text.push_str(" (supposing that the resource is in the principal's account)");
    }
    if verdict.unknown_action {
        text.push_str(" (of an action that AWS's reference does not have)");
    }
    text
}

/// A decision as people say it: `explicit deny`.
pub(crate) const fn words(decision: Decision) -> &'static str {
    match decision {
        Decision::ExplicitDeny => "explicit deny",
        Decision::ImplicitDeny => "implicit deny",
        Decision::Depends => "depends",
        Decision::Allow => "allow",
    }
}

fn on_resource(out: &mut String, on: &OnResource, several: bool) {
    let resource = terminal(&on.resource);
    let answer = if several { format!(": {}", headline(&on.verdict)) } else { String::new() };
    if several {
        out.push('\n');
    }
    line(out, 0, &format!("on {resource}{answer}"));
    line(out, 0, &format!("{}.", on.needs.as_str()));
    out.push('\n');
    let width = on.layers.iter().map(|layer| terminal(&layer.label).chars().count()).max().unwrap_or_default();
    let width = width.min(WIDEST);
    for layer in &on.layers {
        self::layer(out, layer, on.verdict.decision, width);
    }
}

fn layer(out: &mut String, layer: &LayerShown, decision: Decision, width: usize) {
    let label = terminal(&layer.label);
    let said = match layer.standing {
        Standing::RootUser | Standing::NoneOfItsOwn if layer.deny == Truth::False => layer.standing.as_str().to_owned(),
        Standing::Exempt(exempt) => format!("{}: {}", layer.says.as_str(), exempt.as_str()),
        _ => layer.says.as_str().to_owned(),
    };
    // The statement that settles what the layer says stands in its line.
    let settles = layer.statements.iter().find(|statement| match layer.says {
        Says::Denies => statement.effect == Effect::Deny && statement.holds == Truth::True,
        Says::Allows => statement.effect == Effect::Allow && statement.holds == Truth::True,
        _ => false,
    });
    let by = settles.map(|by| format!(": {}{}", citation(&by.cited), mark(by.decides))).unwrap_or_default();
    line(out, 2, &format!("{label:width$}  {said}{by}"));
    if let (Some(denial), Says::Denies) = (settles, layer.says) {
        conditions(out, 4, denial);
        return;
    }
    let mut near = 0;
    for statement in &layer.statements {
        let matters = match (statement.effect, statement.holds) {
            (Effect::Deny, Truth::False) => !decision.is_deny(),
            (Effect::Deny, _) => true,
            (Effect::Allow, Truth::True) => false,
            (Effect::Allow, Truth::Unknown) => layer.allow.any() != Truth::True,
            (Effect::Allow, Truth::False) => {
                layer.allow.any() != Truth::True && decision != Decision::ExplicitDeny && counts(layer)
            }
        };
        match statement.holds {
            _ if !matters => {}
            Truth::False => {
                near += 1;
                if near <= NEAR {
                    miss(out, statement);
                }
            }
            _ => whole(out, statement),
        }
    }
    if near > NEAR {
        line(out, 4, &format!("and {} more that do not fit", near - NEAR));
    }
}

fn counts(layer: &LayerShown) -> bool {
    layer.standing == Standing::Counts
}

const fn mark(decides: bool) -> &'static str {
    if decides { "  <- decides" } else { "" }
}

fn citation(cited: &Cited) -> String {
    terminal(&cited.to_string()).into_owned()
}

const fn does(effect: Effect, holds: Truth) -> &'static str {
    match (effect, holds) {
        (Effect::Deny, Truth::True) => "denies",
        (Effect::Deny, Truth::Unknown) => "may deny",
        (Effect::Deny, Truth::False) => "does not deny",
        (Effect::Allow, Truth::True) => "allows",
        (Effect::Allow, Truth::Unknown) => "may allow",
        (Effect::Allow, Truth::False) => "does not allow",
    }
}

/// A statement that bears on the decision, with its conditions.
fn whole(out: &mut String, statement: &StatementShown) {
    let does = does(statement.effect, statement.holds);
    line(out, 4, &format!("{does}: {}{}", citation(&statement.cited), mark(statement.decides)));
    if statement.resource == Truth::Unknown {
        line(out, 6, "whether it is about the resource is unknown");
    }
    if statement.principal == Some(Truth::Unknown) {
        line(out, 6, "whether it is about the principal is unknown");
    }
    conditions(out, 6, statement);
}

fn conditions(out: &mut String, indent: usize, statement: &StatementShown) {
    for shown in &statement.conditions {
        line(out, indent, &condition(shown));
    }
}

/// A statement that does not fit, and the first reason why.
fn miss(out: &mut String, statement: &StatementShown) {
    let why = if statement.resource == Truth::False {
        "it is not about the resource".to_owned()
    } else if statement.principal == Some(Truth::False) {
        "it is not about the principal".to_owned()
    } else {
        let failing = statement.conditions.iter().find(|condition| condition.holds == Truth::False);
        failing.map(condition).unwrap_or_default()
    };
    let does = does(statement.effect, statement.holds);
    line(out, 4, &format!("{does}: {}", citation(&statement.cited)));
    line(out, 6, &why);
}

/// `StringNotEquals aws:RequestedRegion [eu-west-1]: holds (us-east-1)`
fn condition(shown: &ConditionShown) -> String {
    let mut values: Vec<String> = shown.values.iter().take(VALUES).map(|value| terminal(value).into_owned()).collect();
    if shown.values.len() > VALUES {
        values.push(format!("{} more", shown.values.len() - VALUES));
    }
    let given = match &shown.given {
        GivenShown::Values(values) => terminal(&values.join(", ")).into_owned(),
        GivenShown::Absent => "absent".to_owned(),
        GivenShown::NotGiven => "not given".to_owned(),
    };
    let (operator, key) = (&shown.operator, terminal(&shown.key));
    format!("{operator} {key} [{}]: {} ({given})", values.join(", "), shown.holds.as_str())
}
