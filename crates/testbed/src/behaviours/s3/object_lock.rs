//! How long objects are locked by default: in days or in years, never both. Follows "DefaultRetention" of the Amazon
//! S3 API Reference; moto answers both, the one that was not set as 0.

use super::super::Answer;
use crate::call::Call;
use crate::pipeline::Testbed;
use crate::reply::Reply;

pub(super) async fn get(testbed: &Testbed, call: &Call) -> Answer {
    let reply = testbed.forward(call).await?;
    Ok(Some(if reply.is_success() { without_zero(reply) } else { reply }))
}

/// A retention is at least a day, so that 0 is never one that was set.
fn without_zero(reply: Reply) -> Reply {
    let body = reply.text().replace("<Days>0</Days>", "").replace("<Years>0</Years>", "");
    Reply { body: body.into(), ..reply }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_retention_that_was_set_is_answered() {
        let check = |body: &str, expected: &str| {
            assert_eq!(without_zero(Reply::xml(body)).text(), expected);
        };
        check("<Mode>COMPLIANCE</Mode><Days>0</Days><Years>1</Years>", "<Mode>COMPLIANCE</Mode><Years>1</Years>");
        check("<Mode>GOVERNANCE</Mode><Days>10</Days><Years>0</Years>", "<Mode>GOVERNANCE</Mode><Days>10</Days>");
    }
}
