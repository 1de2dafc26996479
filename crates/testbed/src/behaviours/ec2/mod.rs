//! EC2's settings of an account in a Region, which moto lacks.

mod account_settings;
mod ebs_default_key;
mod regions;

use crate::call::Call;
use crate::names::uuid;
use crate::pipeline::Testbed;
use crate::reply::Reply;
use crate::state::State;

pub(crate) use self::account_settings::Settings;

pub(crate) fn answer(testbed: &Testbed, call: &Call) -> Option<Reply> {
    let mut state = testbed.state();
    let content = match call.operation.as_str() {
        "GetEbsDefaultKmsKeyId" | "ModifyEbsDefaultKmsKeyId" | "ResetEbsDefaultKmsKeyId" => {
            ebs_default_key::answer(&mut state, call)
        }
        "DescribeRegions" => regions::answer(&state, call),
        _ => account_settings::answer(&mut state, call)?,
    };
    Some(reply(&mut state, call, &content))
}

/// The reply's XML around its content.
fn reply(state: &mut State, call: &Call, content: &str) -> Reply {
    let request = uuid(("request", state.seed()));
    let name = format!("{}Response", call.operation);
    Reply::xml(format!(
        "<{name} xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\"><requestId>{request}</requestId>{content}</{name}>"
    ))
}
