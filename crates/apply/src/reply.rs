//! Reading a reply: the value at a path (`JMESPath`), and the pages of one listing as one reply.

use serde_json::{Map, Value};

/// The value at `path`, null where there is none.
pub(crate) fn at(path: &str, reply: &Value) -> Result<Value, String> {
    let wrong = |why: String| format!("the path `{path}` cannot be used: {why}");
    let expression = jmespath::compile(path).map_err(|why| wrong(why.to_string()))?;
    let found = expression.search(reply).map_err(|why| wrong(why.to_string()))?;
    serde_json::to_value(&*found).map_err(|why| wrong(why.to_string()))
}

/// What a reply says of why something failed, in AWS's words: its services name it in one of these ways.
pub(crate) fn reason(reply: &Value) -> Option<String> {
    const NAMES: [&str; 6] =
        ["FailureReason", "StatusReason", "FailureMessage", "StatusMessage", "StateReason", "ErrorMessage"];
    match reply {
        Value::Object(fields) => {
            let own = NAMES.iter().find_map(|name| fields.get(*name)?.as_str());
            own.map(str::to_owned).or_else(|| fields.values().find_map(reason))
        }
        Value::Array(items) => items.iter().find_map(reason),
        _ => None,
    }
}

/// Pages of one listing, joined: lists grow, everything else is as the last page says.
pub(crate) fn joined(pages: Vec<Value>) -> Value {
    pages.into_iter().fold(Value::Object(Map::new()), |whole, page| match (whole, page) {
        (Value::Object(mut whole), Value::Object(page)) => {
            for (name, value) in page {
                match (whole.get_mut(&name), value) {
                    (Some(Value::Array(items)), Value::Array(more)) => items.extend(more),
                    (_, value) => {
                        whole.insert(name, value);
                    }
                }
            }
            Value::Object(whole)
        }
        (_, page) => page,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn paths_are_followed() {
        let reply = json!({"Items": [{"Name": "a", "Id": 1}, {"Name": "b", "Id": 2}], "On": true});
        for (path, expected) in [
            ("On", json!(true)),
            ("Items[?Name=='b'].Id | [0]", json!(2)),
            ("Items[?Name=='c'] | [0]", Value::Null),
            ("Items[?Name=='a'] | [0].{Id: Id}", json!({"Id": 1})),
            ("None.At.All", Value::Null),
        ] {
            assert_eq!(at(path, &reply).unwrap(), expected, "{path}");
        }
        assert!(at("Items[", &reply).is_err());
    }

    #[test]
    fn reasons_are_found() {
        let reply = json!({"CreateAccountStatus": {"State": "FAILED", "FailureReason": "EMAIL_ALREADY_EXISTS"}});
        assert_eq!(reason(&reply).as_deref(), Some("EMAIL_ALREADY_EXISTS"));
        assert_eq!(reason(&json!({"State": "FAILED"})), None);
    }

    #[test]
    fn pages_are_joined() {
        let pages = vec![json!({"Items": [1], "Next": "a"}), json!({"Items": [2, 3]}), json!({"Other": true})];
        assert_eq!(joined(pages), json!({"Items": [1, 2, 3], "Next": "a", "Other": true}));
        assert_eq!(joined(vec![]), json!({}));
    }
}
