//! The functions of endpoint rules (Smithy's "Rules engine standard library", and AWS's additions to it).
//! Values are JSON; null stands for "no value".

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::partitions;
use crate::rules::{Function, Step};

/// Applies a function; arguments of a wrong type or number give no value.
pub(crate) fn apply(function: &Function, arguments: &[Value]) -> Value {
    match (function, arguments) {
        (Function::IsSet, [value]) => json!(!value.is_null()),
        (Function::Not, [value]) => json!(!is_true(value)),
        (Function::BooleanEquals | Function::StringEquals, [left, right]) => json!(left == right),
        (Function::GetAttribute(steps), [value]) => get(value, steps),
        (Function::Substring, [Value::String(text), start, stop, reverse]) => {
            optional(substring(text, start, stop, is_true(reverse)))
        }
        (Function::UriEncode, [Value::String(text)]) => json!(uri_encode(text)),
        (Function::ParseUrl, [Value::String(url)]) => optional(parse_url(url)),
        (Function::IsValidHostLabel, [Value::String(text), dots]) => {
            json!(labels(text, is_true(dots)).is_some_and(|mut labels| labels.all(is_host_label)))
        }
        (Function::Partition, [Value::String(region)]) => partition(region),
        (Function::ParseArn, [Value::String(arn)]) => optional(parse_arn(arn)),
        (Function::IsVirtualHostableS3Bucket, [Value::String(bucket), dots]) => {
            json!(is_virtual_hostable(bucket, is_true(dots)))
        }
        (Function::Coalesce, values) => values.iter().find(|value| !value.is_null()).cloned().unwrap_or_default(),
        (Function::Split, [Value::String(text), Value::String(delimiter), limit]) => split(text, delimiter, limit),
        (Function::IfThenElse, [condition, yes, no]) => if is_true(condition) { yes } else { no }.clone(),
        _ => Value::Null,
    }
}

/// Neither missing nor false.
pub(crate) fn is_true(value: &Value) -> bool {
    !matches!(value, Value::Null | Value::Bool(false))
}

pub(crate) fn get(value: &Value, steps: &[Step]) -> Value {
    let found = steps.iter().try_fold(value, |here, step| match step {
        Step::Name(name) => here.get(name),
        Step::Index(index) => here.get(*index as usize),
    });
    found.cloned().unwrap_or_default()
}

fn optional(value: Option<Value>) -> Value {
    value.unwrap_or_default()
}

fn substring(text: &str, start: &Value, stop: &Value, reverse: bool) -> Option<Value> {
    let number = |value: &Value| value.as_u64().and_then(|number| usize::try_from(number).ok());
    let (start, stop) = (number(start)?, number(stop)?);
    if !text.is_ascii() || start >= stop || stop > text.len() {
        return None;
    }
    let range = if reverse { text.len() - stop..text.len() - start } else { start..stop };
    text.get(range).map(Value::from)
}

fn uri_encode(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

/// Scheme `http` or `https`, no query and no fragment.
fn parse_url(url: &str) -> Option<Value> {
    let (scheme, rest) = url.split_once("://")?;
    if !matches!(scheme, "http" | "https") || rest.contains(['?', '#']) {
        return None;
    }
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    if authority.is_empty() {
        return None;
    }
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.parse::<u16>().is_ok() => host,
        _ => authority,
    };
    let is_ip = is_ipv4(host) || (host.starts_with('[') && host.ends_with(']'));
    let normalized = format!("{}/", path.trim_end_matches('/'));
    Some(json!({
        "scheme": scheme,
        "authority": authority,
        "path": path,
        "normalizedPath": normalized,
        "isIp": is_ip,
    }))
}

fn is_ipv4(text: &str) -> bool {
    text.split('.').count() == 4 && text.split('.').all(|part| part.parse::<u8>().is_ok())
}

/// A label, or labels between dots where these are allowed.
fn labels(text: &str, dots: bool) -> Option<impl Iterator<Item = &str>> {
    (dots || !text.contains('.')).then(|| text.split('.'))
}

/// RFC 1123: letters, digits and inner hyphens, at most 63.
fn is_host_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && !label.starts_with('-')
        && !label.ends_with('-')
}

fn is_virtual_hostable(bucket: &str, dots: bool) -> bool {
    (3..=63).contains(&bucket.len())
        && !bucket.bytes().any(|byte| byte.is_ascii_uppercase())
        && !is_ipv4(bucket)
        && labels(bucket, dots).is_some_and(|mut labels| labels.all(is_host_label))
}

/// An unknown Region counts as one of `aws`, as the SDKs have it.
fn partition(region: &str) -> Value {
    match partitions::partition_of(region).or_else(|| partitions::partition("aws")) {
        Some(partition) => json!({
            "name": partition.id,
            "dnsSuffix": partition.dns_suffix,
            "dualStackDnsSuffix": partition.dual_stack_dns_suffix,
            "supportsFIPS": partition.supports_fips,
            "supportsDualStack": partition.supports_dual_stack,
            "implicitGlobalRegion": partition.global_region,
        }),
        None => Value::Null,
    }
}

fn parse_arn(arn: &str) -> Option<Value> {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let ["arn", partition, service, region, account, resource] = parts.as_slice() else { return None };
    if [partition, service, resource].iter().any(|part| part.is_empty()) {
        return None;
    }
    let resource: Vec<&str> = resource.split([':', '/']).collect();
    Some(json!({
        "partition": partition,
        "service": service,
        "region": region,
        "accountId": account,
        "resourceId": resource,
    }))
}

/// At most `limit` parts, all of them for 0; an empty delimiter gives no value.
fn split(text: &str, delimiter: &str, limit: &Value) -> Value {
    let parts: Vec<&str> = match (delimiter.is_empty(), limit.as_u64().map(usize::try_from)) {
        (false, Some(Ok(0))) => text.split(delimiter).collect(),
        (false, Some(Ok(limit))) => text.splitn(limit, delimiter).collect(),
        _ => return Value::Null,
    };
    json!(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::needless_pass_by_value, reason = "the cases read better without references")]
    fn check(function: Function, arguments: Value, expected: Value) {
        let list = arguments.as_array().expect("a list").clone();
        assert_eq!(apply(&function, &list), expected, "{function:?} {arguments}");
    }

    #[test]
    fn text() {
        check(Function::Substring, json!(["abcdef", 0, 2, false]), json!("ab"));
        check(Function::Substring, json!(["abcdef", 0, 2, true]), json!("ef"));
        check(Function::Substring, json!(["abcdef", 1, 3, true]), json!("de"));
        check(Function::Substring, json!(["abc", 0, 4, false]), Value::Null);
        check(Function::Substring, json!(["abc", 2, 2, false]), Value::Null);
        check(Function::Substring, json!(["äbc", 0, 2, false]), Value::Null);
        check(Function::UriEncode, json!(["a b/ä~"]), json!("a%20b%2F%C3%A4~"));
        check(Function::Split, json!(["a--b--c", "--", 0]), json!(["a", "b", "c"]));
        check(Function::Split, json!(["a--b--c", "--", 2]), json!(["a", "b--c"]));
        check(Function::Split, json!(["", "--", 0]), json!([""]));
        check(Function::Coalesce, json!([null, "b", "c"]), json!("b"));
        check(Function::IfThenElse, json!([false, "b", "c"]), json!("c"));
    }

    #[test]
    fn names() {
        for (label, dots, expected) in
            [("a-1", false, true), ("a.b", false, false), ("a.b", true, true), ("-a", false, false), ("", true, false)]
        {
            check(Function::IsValidHostLabel, json!([label, dots]), json!(expected));
        }
        for (bucket, dots, expected) in [
            ("my-bucket", false, true),
            ("my.bucket", false, false),
            ("my.bucket", true, true),
            ("MyBucket", false, false),
            ("ab", false, false),
            ("192.168.1.1", true, false),
            ("a..b", true, false),
            ("under_score", false, false),
        ] {
            check(Function::IsVirtualHostableS3Bucket, json!([bucket, dots]), json!(expected));
        }
    }

    #[test]
    fn urls() {
        let url =
            json!({"scheme": "http", "authority": "[::1]:80", "path": "/a", "normalizedPath": "/a/", "isIp": true});
        check(Function::ParseUrl, json!(["http://[::1]:80/a"]), url);
        let url = json!({"scheme": "https", "authority": "a.b", "path": "", "normalizedPath": "/", "isIp": false});
        check(Function::ParseUrl, json!(["https://a.b"]), url);
        for wrong in ["https://a.b?c", "ftp://a", "https://", "a"] {
            check(Function::ParseUrl, json!([wrong]), Value::Null);
        }
    }

    #[test]
    fn arns() {
        let arn = json!({"partition": "aws", "service": "s3", "region": "r", "accountId": "1", "resourceId": ["a", "b", "c"]});
        check(Function::ParseArn, json!(["arn:aws:s3:r:1:a/b:c"]), arn);
        for wrong in ["arn:aws:s3", "arn:aws:s3:::", "x:aws:s3:r:1:a"] {
            check(Function::ParseArn, json!([wrong]), Value::Null);
        }
    }

    #[test]
    fn wrong_types_give_no_value() {
        check(Function::ParseArn, json!([null]), Value::Null);
        check(Function::Substring, json!([1, 2]), Value::Null);
    }
}
