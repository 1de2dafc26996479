//! Any AWS operation, in any account and Region of the organization: JSON in, JSON out, by the service's model. Who we
//! are there, how fast we may ask, what is worth asking again, and what a failure means. Exchanges can be recorded, and
//! answered from a recording.

mod aws;
mod classify;
mod client;
mod endpoints;
mod exchange;
mod offline;
mod pace;
mod prepare;
mod record;
mod retry;
mod sessions;
mod settings;
mod stats;
pub mod store;
mod transport;
mod wire;

#[cfg(test)]
extern crate self as dodai_api;
#[cfg(test)]
mod tests;

pub use aws::Aws;
pub use client::Client;
pub use endpoints::Endpoints;
pub use offline::read_reply;
pub use record::{Exchanges, Moment, Recorder, RecordingError, Replay, without_secrets};
pub use sessions::Identity;
pub use settings::{Deadlines, Settings};
pub use stats::Stats;
