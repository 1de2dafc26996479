//! Explaining a decision: layer by layer, which statements are about the action, what of them fits and what does not, and
//! what follows. The engine's own evaluation, shown; nothing is evaluated a second way here.

mod decider;
mod explanation;
mod layers;
mod text;
mod words;

use crate::decide::{Policies, Question, Request, Selection, decide};

pub use decider::{Cited, Decider, LevelNames};
pub use explanation::{
    Allowing, ConditionShown, Explanation, GivenShown, LayerShown, OnResource, Says, Standing, StatementShown, Verdict,
};
pub use text::text;

pub(crate) use text::words;

/// Explains the decision of one request. Levels of the organization are named as `names` has them.
pub fn explain(policies: &Policies, request: &Request, names: &LevelNames) -> Explanation {
    let selection = Selection::new(policies, &request.action);
    let question = Question { policies, selection: &selection, request };
    let on = request.resources.iter().map(|resource| layers::on_resource(&question, resource, names));
    Explanation {
        principal: words::principal(&request.who),
        action: words::action(&request.action),
        verdict: Verdict::new(decide(policies, request), policies, names),
        resources: on.collect(),
    }
}
