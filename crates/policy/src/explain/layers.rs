//! The layers of one resource, as the engine weighs them.

use std::sync::Arc;

use super::decider::{Cited, LevelNames};
use super::explanation::{
    Allowing, ConditionShown, GivenShown, LayerShown, OnResource, Says, Standing, StatementShown, Verdict,
};
use crate::decide::{
    Arn, By, Context, Identity, Layer, Policies, Policy, Question, Resource, Rule, Slot, State, Test, Truth, decide,
};
use crate::language::{Condition, Statement};

/// One resource of a question.
#[derive(Clone, Copy)]
struct Scene<'s> {
    question: &'s Question<'s>,
    resource: &'s Resource<'s>,
    arn: Arn<'s>,
    context: Context<'s>,
    /// What decided on this resource.
    decided: Option<By>,
}

pub(super) fn on_resource(question: &Question<'_>, resource: &Resource, names: &LevelNames) -> OnResource {
    let policies: &Policies = question.policies;
    let answer = decide(policies, &question.request.on_one(resource));
    let arn = Arn::new(&resource.arn);
    let context = Context { keys: &question.request.keys, resource };
    let scene = Scene { question, resource, arn, context, decided: answer.by };
    let slots = question.selection.slots.iter().zip(policies.layers());
    OnResource {
        resource: resource.arn.to_string(),
        verdict: Verdict::new(answer, policies, names),
        needs: question.needs(resource, &arn),
        layers: slots.map(|(slot, (_, policies))| scene.layer(slot, policies, names)).collect(),
    }
}

impl Scene<'_> {
    fn layer(&self, slot: &Slot, policies: &[Arc<Policy>], names: &LevelNames) -> LayerShown {
        let standing = self.standing(slot.layer);
        let label = names.label(slot.layer);
        if let Standing::Exempt(_) = standing {
            let (deny, allow) = (Truth::False, Allowing::NONE);
            return LayerShown {
                layer: slot.layer,
                label,
                standing,
                says: Says::Nothing,
                deny,
                allow,
                statements: Vec::new(),
            };
        }
        let weighed = self.question.weigh(slot, policies, &self.arn, self.context);
        let allow = weighed.allow;
        let statements = slot.rules.iter().filter_map(|&(policy, at)| {
            let by = By { layer: slot.layer, statement: Some((policy, at)) };
            let policy = policies.get(policy)?;
            let (rule, statement) = (policy.rules.get(at)?, policy.document().statements.get(at)?);
            Some(self.statement(Cited::new(policy, at), rule, statement, by))
        });
        LayerShown {
            layer: slot.layer,
            label,
            standing,
            says: says(weighed.deny, allow.any()),
            deny: weighed.deny,
            allow: Allowing { account: allow.account, role: allow.role, direct: allow.direct },
            statements: statements.collect(),
        }
    }

    fn standing(&self, layer: Layer) -> Standing {
        if let Some(exempt) = self.question.limited(self.resource, &self.arn).exempt(layer) {
            return Standing::Exempt(exempt);
        }
        let is_root = self.question.request.who.identity == Identity::Root;
        match layer {
            Layer::Identity | Layer::Boundary if is_root => Standing::RootUser,
            Layer::Identity | Layer::Boundary | Layer::Session if !self.question.has_own() => Standing::NoneOfItsOwn,
            _ => Standing::Counts,
        }
    }

    fn statement(&self, cited: Cited, rule: &Rule, statement: &Statement, by: By) -> StatementShown {
        let about = self.question.about(rule, by.layer).any();
        let names_somebody = matches!(by.layer, Layer::Resource | Layer::Rcp(_) | Layer::Endpoint);
        let conditions = rule.tests.iter().zip(&statement.conditions);
        StatementShown {
            effect: rule.effect,
            cited,
            decides: self.decided == Some(by),
            resource: rule.is_on(&self.arn, self.context),
            principal: names_somebody.then_some(about),
            conditions: conditions.map(|(test, condition)| self.condition(test, condition)).collect(),
            holds: about.and(rule.holds(&self.arn, self.context)),
        }
    }

    fn condition(&self, test: &Test, condition: &Condition) -> ConditionShown {
        let given = match self.context.get(&test.key) {
            State::Known(values) => GivenShown::Values(values.iter().map(ToString::to_string).collect()),
            State::Absent => GivenShown::Absent,
            State::Unknown => GivenShown::NotGiven,
        };
        ConditionShown {
            operator: test.operator.to_string(),
            key: condition.key.value.clone(),
            values: condition.values.iter().map(|value| value.value.clone()).collect(),
            line: condition.place.line,
            column: condition.place.column,
            holds: test.holds(self.context),
            given,
        }
    }
}

/// What a layer says, of whether it denies and allows.
pub(super) fn says(deny: Truth, allow: Truth) -> Says {
    match (deny, allow) {
        (Truth::True, _) => Says::Denies,
        // What no statement allows is denied anyway.
        (_, Truth::False) => Says::LacksAllow,
        (Truth::Unknown, _) => Says::MayDeny,
        (Truth::False, Truth::Unknown) => Says::MayAllow,
        (Truth::False, Truth::True) => Says::Allows,
    }
}
