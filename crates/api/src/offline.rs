//! A reply that was had without the client, read as the client reads it: for whoever checks the reader.

use bytes::Bytes;
use dodai_models::Service;
use serde_json::Value;

use crate::wire::{Decoded, Reply, decode};

/// The operation's output, or what the reply says instead: AWS's error code and message, or why it is no reply of AWS.
/// Names of headers are in lower case.
pub fn read_reply(
    service: &Service,
    operation: &str,
    status: u16,
    headers: Vec<(String, String)>,
    body: Bytes,
) -> Result<Value, String> {
    let Some(model) = service.operation(operation) else { return Err(format!("there is no operation `{operation}`")) };
    match decode(service, operation, model, &Reply { status, headers, body }) {
        Decoded::Output(output) => Ok(output),
        Decoded::Error(error) => Err(format!("{}: {}", error.code, error.message)),
        Decoded::NotAws(why) => Err(why),
    }
}
