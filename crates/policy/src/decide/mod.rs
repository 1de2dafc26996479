//! Deciding: one request against every policy that bears on it, with an answer that says what decided, and never a guess.

mod answer;
mod arn;
mod automaton;
mod candidates;
pub(crate) mod classes;
mod compile;
mod completions;
mod condition;
mod evaluate;
mod forms;
mod keys;
mod line_request;
mod lines;
mod misplaced;
pub(crate) mod open;
mod principal;
mod reach;
mod request;
mod sets;
mod slices;
mod some_path;
mod text;
mod truth;
mod values;
mod whoever;
mod witness;

pub use answer::{Answer, By, Decision, Layer};
pub use compile::Policy;
pub use evaluate::{Judge, Policies, decide};
pub use lines::{Cache, MAX_LINE_BYTES, decide_line, try_decide_line};
pub use reach::{Exempt, Needs};
pub use request::{Asked, Given, MAX_REQUEST_BYTES, Request, RequestError};
pub use truth::Truth;
pub use witness::witnesses;

pub(crate) use arn::Arn;
pub(crate) use compile::Rule;
pub(crate) use condition::Test;
pub(crate) use evaluate::{Question, Selection, Slot};
pub(crate) use principal::{Identity, Who};
pub(crate) use request::{Context, Resource, State};
