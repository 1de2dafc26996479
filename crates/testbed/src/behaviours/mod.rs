//! What the testbed does in place of moto, one behaviour a file. A service's `answer` says `None` to hand the call on.

pub(crate) mod access_analyzer;
pub(crate) mod account;
pub(crate) mod athena;
pub(crate) mod cloudtrail;
mod cloudtrail_delivery;
pub(crate) mod compute_optimizer;
pub(crate) mod config;
pub(crate) mod detective;
pub(crate) mod ec2;
pub(crate) mod guardduty;
pub(crate) mod iam;
pub(crate) mod kms;
pub(crate) mod logs;
pub(crate) mod organizations;
pub(crate) mod s3;
pub(crate) mod s3control;
pub(crate) mod security_hub;
pub(crate) mod service_quotas;
pub(crate) mod sts;
mod tags;

use crate::call::Call;
use crate::pipeline::Testbed;
use crate::reply::{AwsError, Reply};

/// What a behaviour says to a call: its own reply, or `None`: moto's.
pub(crate) type Answer = Result<Option<Reply>, AwsError>;

/// Answers a call, by a behaviour or by moto.
pub(crate) async fn answer(testbed: &Testbed, call: &Call) -> Result<Reply, AwsError> {
    let own = match call.service.as_str() {
        "accessanalyzer" => access_analyzer::answer(testbed, call)?,
        "account" => account::answer(testbed, call)?,
        "athena" => athena::answer(testbed, call).await?,
        "compute-optimizer" => compute_optimizer::answer(testbed, call)?,
        "detective" => detective::answer(testbed, call)?,
        "cloudtrail" => cloudtrail::answer(testbed, call).await?,
        "config" => config::answer(testbed, call).await?,
        "ec2" => ec2::answer(testbed, call),
        "guardduty" => guardduty::answer(testbed, call)?,
        "iam" => iam::answer(testbed, call).await?,
        "kms" => kms::answer(testbed, call).await?,
        "logs" => logs::answer(testbed, call).await?,
        "organizations" => organizations::answer(testbed, call).await?,
        "s3" => s3::answer(testbed, call).await?,
        "s3control" => s3control::answer(call)?,
        "securityhub" => security_hub::answer(testbed, call).await?,
        "service-quotas" => service_quotas::answer(call)?,
        "sts" => sts::answer(testbed, call).await?,
        _ => None,
    };
    match own {
        Some(reply) => Ok(reply),
        None => testbed.forward(call).await,
    }
}

#[cfg(test)]
pub(crate) mod tests {
    //! What the behaviours' tests share: a testbed without an upstream, and calls to it.

    use bytes::Bytes;
    use http::{HeaderMap, Method};
    use serde_json::Value;

    use super::answer;
    use crate::call::Call;
    use crate::moto::Moto;
    use crate::pipeline::Testbed;
    use crate::reply::Wire;
    use crate::{Options, Upstream};

    pub(crate) async fn testbed() -> Testbed {
        Testbed::new(Options::default(), Moto::start(&Upstream::Nowhere, false).await.unwrap(), None).unwrap()
    }

    /// A call of the management account in us-east-1.
    #[expect(clippy::needless_pass_by_value, reason = "the parameters are written in place")]
    pub(crate) fn call(service: &str, operation: &str, params: Value) -> Call {
        let wire = match service {
            "organizations" | "config" | "cloudtrail" | "athena" | "compute-optimizer" => Wire::Json,
            "ec2" => Wire::Ec2,
            "iam" | "sts" => Wire::Query,
            "s3" => Wire::S3,
            _ => Wire::RestJson,
        };
        Call {
            method: Method::POST,
            target: "/".to_owned(),
            headers: HeaderMap::new(),
            body: Bytes::new(),
            wire,
            account: "123456789012".parse().unwrap(),
            role: None,
            region: "us-east-1".parse().unwrap(),
            service: service.to_owned(),
            operation: operation.to_owned(),
            params: params.as_object().cloned().unwrap_or_default(),
        }
    }

    /// Calls and returns the reply's body, or `{"error": code}`.
    pub(crate) async fn ask(testbed: &Testbed, call: &Call) -> Value {
        match answer(testbed, call).await {
            Ok(reply) => serde_json::from_slice(&reply.body).unwrap_or_else(|_| Value::String(reply.text())),
            Err(error) => serde_json::json!({"error": error.code}),
        }
    }
}
