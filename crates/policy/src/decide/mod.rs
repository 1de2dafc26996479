//! Deciding: one request against every policy that bears on it, with an answer that says what decided, and never a guess.

mod answer;
mod arn;
mod automaton;
mod candidates;
mod compile;
mod completions;
mod condition;
mod evaluate;
mod line_request;
mod lines;
mod principal;
mod request;
mod slices;
mod text;
mod truth;
mod values;
mod witness;

pub use answer::{Answer, By, Decision, Layer};
pub use compile::Policy;
pub use evaluate::{Judge, Policies, decide};
pub use lines::{Cache, MAX_LINE_BYTES, decide_line};
pub use request::{Asked, Given, MAX_REQUEST_BYTES, Request, RequestError};
pub use truth::Truth;
pub use witness::witnesses;
