//! A key's only policy is named `default`, and the name may be left out. Follows "GetKeyPolicy" and "PutKeyPolicy" of the
//! AWS Key Management Service API Reference; moto wants the name.

use serde_json::{Value, json};

use super::Answer;
use crate::call::Call;
use crate::pipeline::Testbed;

pub(crate) async fn answer(testbed: &Testbed, call: &Call) -> Answer {
    let unnamed = !call.params.contains_key("PolicyName");
    if !(unnamed && ["GetKeyPolicy", "PutKeyPolicy"].contains(&call.operation.as_str())) {
        return Ok(None);
    }
    let mut params = call.params.clone();
    params.insert("PolicyName".to_owned(), json!("default"));
    Ok(Some(testbed.moto.forward_with(call, Value::Object(params).to_string().into()).await?))
}
