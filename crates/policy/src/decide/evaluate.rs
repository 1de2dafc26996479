//! The order of AWS's evaluation: any explicit deny wins; then every level of the organization must allow; then what
//! identity, resource, boundary and session policies say together.
//!
//! AWS: "Policy evaluation logic", "Policy evaluation for requests within a single account", "Cross-account policy
//! evaluation logic", "SCP evaluation", "RCP evaluation".

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use dodai_facts::AccountId;

use super::answer::{Answer, By, Decision, Layer};
use super::arn::Arn;
use super::compile::{Policy, Rule};
use super::completions;
use super::principal::{Identity, Namings, Who};
use super::reach::Needs;
use super::request::{Context, Keys, Request, Resource};
use super::truth::Truth;
use super::whoever;
use crate::language::Effect;
use crate::reference::Reference;

/// Every policy that bears on a request.
#[derive(Debug, Clone, Default)]
pub struct Policies {
    /// Of the principal.
    pub identity: Vec<Arc<Policy>>,
    /// Of the resource. None: it has none.
    pub resource: Option<Arc<Policy>>,
    pub boundary: Option<Arc<Policy>>,
    pub session: Vec<Arc<Policy>>,
    /// Of the VPC endpoint that the request comes through.
    pub endpoint: Option<Arc<Policy>>,
    /// Service control policies by level, the root's first, down to the principal's account. None: not in force.
    pub scps: Option<Vec<Vec<Arc<Policy>>>>,
    /// Resource control policies by level, down to the resource's account. None: not in force.
    pub rcps: Option<Vec<Vec<Arc<Policy>>>>,
    pub management_account: Option<AccountId>,
}

impl Policies {
    /// The layers that are there, in the order in which their answers are given.
    ///
    /// INVARIANT: a [`Selection`] has a slot for each of them, in this order.
    pub(crate) fn layers(&self) -> impl Iterator<Item = (Layer, &[Arc<Policy>])> {
        let scps = levels(self.scps.as_ref()).iter().enumerate();
        let rcps = levels(self.rcps.as_ref()).iter().enumerate();
        let scps = scps.map(|(level, policies)| (Layer::Scp(level), policies.as_slice()));
        let rcps = rcps.map(|(level, policies)| (Layer::Rcp(level), policies.as_slice()));
        let session = (!self.session.is_empty()).then_some((Layer::Session, self.session.as_slice()));
        scps.chain(rcps)
            .chain(one(Layer::Endpoint, self.endpoint.as_ref()))
            .chain([(Layer::Identity, self.identity.as_slice())])
            .chain(one(Layer::Boundary, self.boundary.as_ref()))
            .chain(session)
            .chain(one(Layer::Resource, self.resource.as_ref()))
    }

    /// The policies of a layer.
    pub fn layer(&self, layer: Layer) -> &[Arc<Policy>] {
        self.layers().find(|(there, _)| *there == layer).map_or(&[], |(_, policies)| policies)
    }

    /// The policy and the position of the statement that decided.
    pub fn decider(&self, by: By) -> Option<(&Policy, usize)> {
        let (policy, statement) = by.statement?;
        self.layer(by.layer).get(policy).map(|policy| (&**policy, statement))
    }
}

fn levels(levels: Option<&Vec<Vec<Arc<Policy>>>>) -> &[Vec<Arc<Policy>>] {
    levels.map_or(&[], Vec::as_slice)
}

fn one(layer: Layer, policy: Option<&Arc<Policy>>) -> Option<(Layer, &[Arc<Policy>])> {
    policy.map(|policy| (layer, std::slice::from_ref(policy)))
}

/// The statements that are about an action, layer by layer.
#[derive(Debug)]
pub(crate) struct Selection {
    pub(crate) slots: Box<[Slot]>,
    /// AWS's reference has the action.
    known: bool,
}

#[derive(Debug)]
pub(crate) struct Slot {
    pub(crate) layer: Layer,
    /// Positions of policy and statement.
    pub(crate) rules: Box<[(usize, usize)]>,
}

impl Selection {
    pub(crate) fn new(policies: &Policies, action: &str) -> Self {
        let slots = policies.layers().map(|(layer, policies)| {
            let of = |(at, policy): (usize, &'_ Arc<Policy>)| {
                let about = policy.rules.iter().enumerate().filter(|(_, rule)| rule.is_about(action));
                about.map(|(rule, _)| (at, rule)).collect::<Vec<_>>()
            };
            Slot { layer, rules: policies.iter().enumerate().flat_map(of).collect() }
        });
        Self { slots: slots.collect(), known: Reference::embedded().action(action).is_some() }
    }

    pub(super) fn rules<'p>(&self, policies: &'p Policies) -> impl Iterator<Item = &'p Rule> {
        let slots = self.slots.iter().zip(policies.layers());
        slots.flat_map(|(slot, (_, policies))| {
            slot.rules.iter().filter_map(|&(policy, rule)| policies.get(policy)?.rules.get(rule))
        })
    }

    /// The sessions of a role that statements name.
    fn sessions(&self, policies: &Policies, who: &Who<'_>) -> BTreeSet<Box<str>> {
        self.rules(policies).filter_map(|rule| rule.principals.as_ref()).flat_map(|named| named.sessions(who)).collect()
    }

    /// Statements and layers that it lists.
    fn size(&self) -> usize {
        self.slots.iter().map(|slot| slot.rules.len() + 1).sum()
    }
}

/// Policies with what was already found out about actions, for many requests.
#[derive(Debug)]
pub struct Judge {
    policies: Policies,
    selections: Vec<Selection>,
    /// By action, the place of its selection.
    places: HashMap<Box<str>, usize>,
    /// What all selections list.
    listed: usize,
}

/// Of actions and statements, what a judge remembers; hostile requests may name any number.
const REMEMBERED: usize = 500_000;

impl Judge {
    pub fn new(policies: Policies) -> Self {
        Self { policies, selections: Vec::new(), places: HashMap::new(), listed: 0 }
    }

    pub fn policies(&self) -> &Policies {
        &self.policies
    }

    pub fn decide(&mut self, request: &Request) -> Answer {
        if let Some(selection) = self.places.get(&request.action).and_then(|place| self.selections.get(*place)) {
            return decide_selected(&self.policies, selection, request);
        }
        let selection = Selection::new(&self.policies, &request.action);
        let answer = decide_selected(&self.policies, &selection, request);
        self.remember(&request.action, selection);
        answer
    }

    fn remember(&mut self, action: &str, selection: Selection) {
        // An action has a length too.
        let size = selection.size() + action.len();
        if self.listed.saturating_add(size) > REMEMBERED {
            self.forget();
        }
        if size <= REMEMBERED {
            self.listed += size;
            self.places.insert(action.into(), self.selections.len());
            self.selections.push(selection);
        }
    }

    fn forget(&mut self) {
        self.selections.clear();
        self.places.clear();
        self.listed = 0;
    }
}

/// Decides one request.
pub fn decide(policies: &Policies, request: &Request) -> Answer {
    decide_selected(policies, &Selection::new(policies, &request.action), request)
}

fn decide_selected(policies: &Policies, selection: &Selection, request: &Request) -> Answer {
    Answer { unknown_action: !selection.known, ..decide_for_whomever(policies, selection, request) }
}

fn decide_for_whomever(policies: &Policies, selection: &Selection, request: &Request) -> Answer {
    let answer = decide_as_asked(policies, selection, request);
    let whoever = request.who.whoever(&answer, request.keys.closed, || selection.sessions(policies, &request.who));
    let Some(whoever) = whoever else { return answer };
    let each = whoever.who.into_iter().map(|who| {
        let request = Request { who, ..request.clone() };
        decide_as_asked(policies, selection, &request)
    });
    whoever::together(each, whoever.key)
}

fn decide_as_asked(policies: &Policies, selection: &Selection, request: &Request) -> Answer {
    let question = Question { policies, selection, request };
    if question.needs_no_permission() {
        return answer(Decision::Allow, None);
    }
    let answer = question.answer(&request.keys);
    match answer.decision {
        Decision::Depends => completions::narrow(&question),
        Decision::ImplicitDeny => completions::settle(&question, answer),
        Decision::ExplicitDeny | Decision::Allow => answer,
    }
}

/// One request to one set of policies.
#[derive(Clone, Copy)]
pub(crate) struct Question<'q> {
    pub(crate) policies: &'q Policies,
    pub(crate) selection: &'q Selection,
    pub(crate) request: &'q Request<'q>,
}

/// What the statements of a layer say.
#[derive(Clone, Copy)]
pub(crate) struct Weighed {
    pub(crate) deny: Truth,
    pub(crate) denies: Option<By>,
    /// Under `direct` where the layer has no principals.
    pub(crate) allow: Namings,
    pub(crate) allows: Option<By>,
}

impl Question<'_> {
    /// The statements about the action that limit it on this resource.
    pub(super) fn rules(&self, resource: &Resource) -> impl Iterator<Item = (Layer, &Rule)> {
        let limited = self.limited(resource, &Arn::new(&resource.arn));
        let layers = self.selection.slots.iter().zip(self.policies.layers());
        let layers = layers.filter(move |(_, (layer, _))| limited.by(*layer));
        layers.flat_map(|(slot, (layer, policies))| {
            let of = move |&(policy, rule): &(usize, usize)| Some((layer, policies.get(policy)?.rules.get(rule)?));
            slot.rules.iter().filter_map(of)
        })
    }

    /// Some statement denies or not, as the unknown keys are.
    pub(super) fn may_deny(&self) -> bool {
        self.request.resources.iter().any(|resource| {
            let context = Context { keys: &self.request.keys, resource };
            let arn = Arn::new(&resource.arn);
            self.rules(resource)
                .filter(|(_, rule)| rule.effect == Effect::Deny)
                .any(|(layer, rule)| self.about(rule, layer).any().and(rule.holds(&arn, context)) == Truth::Unknown)
        })
    }

    /// The answer with these keys, as far as three-valued logic goes. It is right unless it is `Depends`, which may be
    /// narrowed down.
    pub(super) fn answer(&self, keys: &Keys) -> Answer {
        let mut worst: Option<Answer> = None;
        for resource in &self.request.resources {
            let answer = self.on(resource, keys);
            if worst.as_ref().is_none_or(|worst| answer.decision < worst.decision) {
                worst = Some(answer);
            }
        }
        worst.unwrap_or_else(|| answer(Decision::ImplicitDeny, None))
    }

    fn on(&self, resource: &Resource, keys: &Keys) -> Answer {
        let context = Context { keys, resource };
        let arn = Arn::new(&resource.arn);
        let limited = self.limited(resource, &arn);
        let mut denied = Truth::False;
        // What every layer of the organization, and the endpoint, lets through.
        let mut passed = Truth::True;
        let mut lacking: Option<Layer> = None;
        let mut allowed_by: Option<By> = None;
        let mut identity = Truth::False;
        let (mut boundary, mut session) = (Truth::True, Truth::True);
        let mut named = Namings::NONE;
        for (slot, (_, policies)) in self.selection.slots.iter().zip(self.policies.layers()) {
            if !limited.by(slot.layer) {
                continue;
            }
            let weighed = self.weigh(slot, policies, &arn, context);
            if weighed.deny == Truth::True {
                return Answer { assumed_same_account: false, ..answer(Decision::ExplicitDeny, weighed.denies) };
            }
            denied = denied.or(weighed.deny);
            match slot.layer {
                Layer::Scp(_) | Layer::Rcp(_) | Layer::Endpoint => {
                    passed = passed.and(weighed.allow.any());
                    if weighed.allow.any() == Truth::False && lacking.is_none() {
                        lacking = Some(slot.layer);
                    }
                }
                Layer::Identity => identity = weighed.allow.any(),
                Layer::Boundary => boundary = weighed.allow.any(),
                Layer::Session => session = weighed.allow.any(),
                Layer::Resource => named = weighed.allow,
            }
            if matches!(slot.layer, Layer::Identity | Layer::Resource) {
                allowed_by = allowed_by.or(weighed.allows);
            }
        }
        match self.request.who.identity {
            // The root user has no policies of its own and may do everything in its account.
            Identity::Root => (identity, boundary) = (Truth::True, Truth::True),
            // AWS: without session policies `GetFederationToken` gives no permissions, whatever its user has.
            Identity::FederatedUser(_) if self.policies.session.is_empty() => session = Truth::False,
            _ => {}
        }
        let limits = boundary.and(session);
        let own = identity.and(limits);
        let by_resource = named.direct.or(named.role.and(limits));
        let granted = match self.needs(resource, &arn) {
            Needs::Nobody => Truth::False,
            Needs::Nothing => Truth::True,
            Needs::Resource => named.any(),
            Needs::Both => own.and(named.any()),
            Needs::Either => by_resource.or(own),
            Needs::Trust => by_resource.or(own.and(named.account)),
        };
        let has_own = self.has_own();
        let allowed = passed.and(granted);
        let assumed_same_account = has_own && self.same_account(resource).is_none();
        let decided = match (denied, allowed) {
            (_, Truth::False) => {
                let lacks = || {
                    if self.is_refused() {
                        Layer::Identity
                    } else if !has_own || (named.any() == Truth::False && own == Truth::True) {
                        Layer::Resource
                    } else if identity == Truth::False {
                        Layer::Identity
                    } else if boundary == Truth::False {
                        Layer::Boundary
                    } else if session == Truth::False {
                        Layer::Session
                    } else {
                        Layer::Identity
                    }
                };
                let layer = lacking.unwrap_or_else(lacks);
                answer(Decision::ImplicitDeny, Some(By { layer, statement: None }))
            }
            (Truth::False, Truth::True) => answer(Decision::Allow, allowed_by),
            _ => answer(Decision::Depends, None),
        };
        Answer { assumed_same_account, ..decided }
    }

    pub(crate) fn weigh(&self, slot: &Slot, policies: &[Arc<Policy>], arn: &Arn<'_>, context: Context<'_>) -> Weighed {
        let mut weighed = Weighed { deny: Truth::False, denies: None, allow: Namings::NONE, allows: None };
        for &(policy, statement) in &slot.rules {
            let Some(rule) = policies.get(policy).and_then(|policy| policy.rules.get(statement)) else { continue };
            let by = By { layer: slot.layer, statement: Some((policy, statement)) };
            let about = self.about(rule, slot.layer);
            match rule.effect {
                Effect::Deny if weighed.deny != Truth::True && about.any() != Truth::False => {
                    let denies = about.any().and(rule.holds(arn, context));
                    weighed.deny = weighed.deny.or(denies);
                    if denies == Truth::True {
                        weighed.denies = Some(by);
                        return weighed;
                    }
                }
                Effect::Allow if about.any() != Truth::False && weighed.allow.direct != Truth::True => {
                    let holds = rule.holds(arn, context);
                    if holds == Truth::True && weighed.allows.is_none() {
                        weighed.allows = Some(by);
                    }
                    let allow = &mut weighed.allow;
                    allow.account = allow.account.or(about.account.and(holds));
                    allow.role = allow.role.or(about.role.and(holds));
                    allow.direct = allow.direct.or(about.direct.and(holds));
                }
                _ => {}
            }
        }
        weighed
    }

    fn is_bounded(&self) -> bool {
        let may_be = matches!(self.request.who.identity, Identity::User(_) | Identity::Role { .. });
        may_be && self.policies.boundary.is_some()
    }

    /// Whom a statement of this layer is about; identity, boundary, session and service control policies name nobody.
    pub(crate) fn about(&self, rule: &Rule, layer: Layer) -> Namings {
        match layer {
            // AWS: a deny with `NotPrincipal` spares nobody who has a permissions boundary.
            Layer::Resource if self.is_bounded() && rule.spares() => Namings { direct: Truth::True, ..Namings::NONE },
            Layer::Resource | Layer::Rcp(_) | Layer::Endpoint => {
                rule.about(&self.request.who, self.request.keys.closed)
            }
            _ => Namings { direct: Truth::True, ..Namings::NONE },
        }
    }
}

const fn answer(decision: Decision, by: Option<By>) -> Answer {
    Answer { decision, by, missing: Vec::new(), approximate: false, assumed_same_account: false, unknown_action: false }
}
