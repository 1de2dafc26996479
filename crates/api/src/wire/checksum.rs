//! Checksums of requests' bodies, for the operations of S3 and S3 Control that want one or are asked for one ("Checking
//! object integrity for data uploads in Amazon S3").

use aws_smithy_checksums::ChecksumAlgorithm;
use aws_smithy_types::base64;
use dodai_models::{Location, Operation, Service};
use serde_json::{Map, Value};

use super::value::{Mismatch, wire_name};
use super::{Request, structure};

/// The header of the parameter that names the algorithm.
const CHOICE: &str = "x-amz-sdk-checksum-algorithm";

/// Adds the checksum, unless the caller gives one. CRC32, which is S3's own choice, where the caller names none.
pub(super) fn add(
    service: &Service,
    operation: &Operation,
    params: &Map<String, Value>,
    request: &mut Request,
) -> Result<(), Mismatch> {
    let choice = structure(service, operation.input).and_then(|input| {
        input.members.iter().find(|member| member.location == Location::Header && wire_name(member) == CHOICE)
    });
    let chosen = choice.and_then(|member| params.get(&member.name)).and_then(Value::as_str);
    if !(operation.checksum_required || chosen.is_some()) || request.headers.iter().any(|(name, _)| is_given(name)) {
        return Ok(());
    }
    let name = chosen.unwrap_or("CRC32");
    let algorithm = match name {
        "CRC32" => ChecksumAlgorithm::Crc32,
        "CRC32C" => ChecksumAlgorithm::Crc32c,
        "CRC64NVME" => ChecksumAlgorithm::Crc64Nvme,
        "SHA1" => ChecksumAlgorithm::Sha1,
        "SHA256" => ChecksumAlgorithm::Sha256,
        other => {
            let message = format!("a checksum by `{other}` cannot be made here: take CRC32 or SHA256");
            return Err(Mismatch::new(message).under(choice.map_or(CHOICE, |member| &member.name)));
        }
    };
    let mut checksum = algorithm.into_impl();
    checksum.update(&request.body);
    request
        .headers
        .push((format!("x-amz-checksum-{}", name.to_ascii_lowercase()), base64::encode(checksum.finalize())));
    if choice.is_some() && chosen.is_none() {
        request.headers.push((CHOICE.to_owned(), name.to_owned()));
    }
    Ok(())
}

/// `x-amz-checksum-type` says of what a checksum is, not what it is.
fn is_given(header: &str) -> bool {
    let name = header.to_ascii_lowercase();
    name == "content-md5" || (name.starts_with("x-amz-checksum-") && name != "x-amz-checksum-type")
}

#[cfg(test)]
mod tests {
    use dodai_models::Models;
    use serde_json::json;

    use super::super::encode;

    fn check(operation: &str, mut params: serde_json::Value, expected: Result<&[&str], &str>) {
        params["Bucket"] = json!("logs");
        let s3 = Models::embedded().service("s3").unwrap();
        let written = encode(&s3, operation, s3.operation(operation).unwrap(), &params);
        let found = written.map_err(|mismatch| mismatch.to_string()).map(|request| {
            let of_checksums = request.headers.iter().filter(|(name, _)| name.contains("checksum"));
            of_checksums.map(|(name, value)| format!("{name}: {value}")).collect::<Vec<_>>()
        });
        let expected = expected.map(|lines| lines.iter().map(|&line| line.to_owned()).collect::<Vec<_>>());
        assert_eq!(found, expected.map_err(str::to_owned), "{params}");
    }

    #[test]
    fn the_checksum_is_the_one_that_is_asked_for() {
        let policy = |algorithm: &str| json!({"Policy": "123456789", "ChecksumAlgorithm": algorithm});
        let name = "PutBucketPolicy";
        // The check values of the algorithms' catalogue, for `123456789`.
        check(
            name,
            json!({"Policy": "123456789"}),
            Ok(&["x-amz-checksum-crc32: y/Q5Jg==", "x-amz-sdk-checksum-algorithm: CRC32"]),
        );
        check(name, policy("CRC32C"), Ok(&["x-amz-sdk-checksum-algorithm: CRC32C", "x-amz-checksum-crc32c: 4waSgw=="]));
        check(
            name,
            policy("CRC64NVME"),
            Ok(&["x-amz-sdk-checksum-algorithm: CRC64NVME", "x-amz-checksum-crc64nvme: rosUhgp5mIg="]),
        );
        check(
            name,
            policy("SHA1"),
            Ok(&["x-amz-sdk-checksum-algorithm: SHA1", "x-amz-checksum-sha1: 98O8HYCOBHMq32eZZczDTKeuNEE="]),
        );
        let refused = "`ChecksumAlgorithm`: a checksum by `XXHASH3` cannot be made here: take CRC32 or SHA256";
        check(name, policy("XXHASH3"), Err(refused));
    }

    #[test]
    fn a_checksum_of_the_callers_is_kept() {
        let params = json!({"Policy": "p", "ContentMD5": "1B2M2Y8AsgTpgAmY7PhCfg=="});
        check("PutBucketPolicy", params, Ok(&[]));
        check("GetBucketPolicy", json!({}), Ok(&[]));
        check("PutObject", json!({"Key": "k", "Body": ""}), Ok(&[]));
    }
}
