//! Condition keys whose values follow from the request. Our engine fills them in; the other one does not, and is given
//! them, from this second reading of the same page.
//!
//! AWS: "AWS global condition context keys".

use serde_json::{Map, Value, json};

/// The keys of this kind, with the value that a request has; nothing where it has none.
pub(super) fn keys(case: &Value) -> [(&'static str, Option<String>); 7] {
    let request = |name: &str| case.pointer(&format!("/request/{name}")).and_then(Value::as_str).unwrap_or_default();
    let principal = request("principal");
    let parts: Vec<&str> = principal.splitn(6, ':').collect();
    let owned = |text: &str| Some(text.to_owned());
    let mut user = None;
    let (arn, kind) = match parts.as_slice() {
        [_, _, "iam", _, _, "root"] => (owned(principal), Some("Account")),
        [_, partition, "sts", _, account, name] if name.starts_with("assumed-role/") => {
            let role = name.split('/').nth(1).unwrap_or_default();
            // The generator's roles have no path, but for the one that a service has made.
            let linked = role.starts_with("AWSServiceRoleFor");
            let path = if linked { "aws-service-role/config.amazonaws.com/" } else { "" };
            (Some(format!("arn:{partition}:iam::{account}:role/{path}{role}")), Some("AssumedRole"))
        }
        [_, _, "sts", .., name] if name.starts_with("federated-user/") => (owned(principal), Some("FederatedUser")),
        [_, _, "iam", .., name] if name.starts_with("user/") => {
            user = name.rsplit('/').next().map(ToOwned::to_owned);
            (owned(principal), Some("User"))
        }
        [_, _, "iam", .., name] if name.starts_with("role/") => (owned(principal), Some("AssumedRole")),
        _ if principal == "*" => (None, Some("Anonymous")),
        _ => (None, None),
    };
    let account = match parts.as_slice() {
        [_, _, _, _, account, _] if arn.is_some() => owned(account),
        _ => (principal == "*").then(|| "anonymous".to_owned()),
    };
    let service = parts.len() == 1 && principal != "*";
    let signed = principal != "*" && !principal.contains("-provider/");
    [
        ("aws:PrincipalArn", arn),
        ("aws:PrincipalAccount", account),
        ("aws:PrincipalType", kind.map(ToOwned::to_owned)),
        ("aws:PrincipalIsAWSService", signed.then(|| service.to_string())),
        ("aws:PrincipalServiceName", service.then(|| principal.to_owned())),
        ("aws:username", user),
        ("aws:ResourceAccount", owned(request("resourceAccount"))),
    ]
}

/// The case as the other engine needs it: with these keys, without those that are given as absent, and without lists of
/// one value, in which it sees something else than in the value alone.
pub(super) fn filled(case: &Value) -> Value {
    let mut filled = case.clone();
    let derived = keys(case);
    if let Some(Value::Object(context)) = filled.pointer_mut("/request/context") {
        let mut all = Map::new();
        for (key, value) in std::mem::take(context).into_iter().filter(|(_, value)| !value.is_null()) {
            let one = value.as_array().filter(|values| values.len() == 1).and_then(|values| values.first()).cloned();
            all.insert(key, one.unwrap_or(value));
        }
        for (key, value) in derived {
            if let (Some(value), false) = (value, all.keys().any(|given| given.eq_ignore_ascii_case(key))) {
                all.insert(key.to_owned(), json!(value));
            }
        }
        *context = all;
    }
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_follow_from_who_asks() {
        let check = |principal: &str, expected: [Option<&str>; 6]| {
            let case = json!({"request": {"principal": principal, "resourceAccount": "111122223333"}});
            let found = keys(&case);
            for ((key, value), expected) in found.iter().zip(expected) {
                assert_eq!(value.as_deref(), expected, "{principal} {key}");
            }
        };
        let account = Some("111122223333");
        let user = "arn:aws:iam::111122223333:user/team/bob";
        check(user, [Some(user), account, Some("User"), Some("false"), None, Some("bob")]);
        let role = Some("arn:aws:iam::111122223333:role/app");
        let session = "arn:aws:sts::111122223333:assumed-role/app/one";
        check(session, [role, account, Some("AssumedRole"), Some("false"), None, None]);
        let service = "ec2.amazonaws.com";
        check(service, [None, None, None, Some("true"), Some(service), None]);
        check("*", [None, Some("anonymous"), Some("Anonymous"), None, None, None]);
    }

    #[test]
    fn what_is_given_stays() {
        let case = json!({"request": {"principal": "*", "context": {"AWS:principaltype": "x", "a": ["b"], "c": ["d", "e"], "f": null}}});
        let context = &filled(&case)["request"]["context"];
        assert_eq!(context["AWS:principaltype"], "x");
        assert_eq!(context.get("aws:PrincipalType"), None);
        assert_eq!(context.get("f"), None);
        assert_eq!((&context["a"], &context["c"]), (&json!("b"), &json!(["d", "e"])));
    }
}
