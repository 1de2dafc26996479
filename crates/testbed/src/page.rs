//! Pages of a list: `MaxResults` items and a token for the rest, so that a client which forgets to page is found out.

use serde_json::{Map, Value};

use crate::reply::AwsError;

/// The page that the parameters `MaxResults` and `NextToken` (in either case) ask for, and the next one's token.
///
/// `largest` is also the size where none is asked for. Errors: `InvalidInputException` for a size out of range or a
/// token that was not given out.
pub(crate) fn page<T>(
    items: Vec<T>,
    params: &Map<String, Value>,
    largest: usize,
) -> Result<(Vec<T>, Option<String>), AwsError> {
    let invalid = |what: &str| AwsError::new(400, "InvalidInputException", format!("invalid value for `{what}`"));
    let size = match params.get("MaxResults").or(params.get("maxResults")) {
        None | Some(Value::Null) => largest,
        Some(value) => {
            let number = value.as_u64().or_else(|| value.as_str()?.parse().ok());
            let number = number.and_then(|number| usize::try_from(number).ok());
            number.filter(|number| (1..=largest).contains(number)).ok_or_else(|| invalid("MaxResults"))?
        }
    };
    let start = match params.get("NextToken").or(params.get("nextToken")).and_then(Value::as_str) {
        None => 0,
        Some(token) => {
            let number = token.strip_prefix("from-").and_then(|number| number.parse::<usize>().ok());
            number.filter(|start| *start < items.len()).ok_or_else(|| invalid("NextToken"))?
        }
    };
    let end = start + size;
    let token = (end < items.len()).then(|| format!("from-{end}"));
    Ok((items.into_iter().skip(start).take(size).collect(), token))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn pages_follow_each_other() {
        let check = |params: Value, expected: Result<(Vec<u8>, Option<&str>), &str>| {
            let params = params.as_object().cloned().unwrap_or_default();
            let found = page(vec![1, 2, 3], &params, 2);
            let expected = expected.map(|(items, token)| (items, token.map(str::to_owned)));
            assert_eq!(found.map_err(|error| error.code), expected.map_err(str::to_owned));
        };
        check(json!({}), Ok((vec![1, 2], Some("from-2"))));
        check(json!({"NextToken": "from-2"}), Ok((vec![3], None)));
        check(json!({"MaxResults": "1", "NextToken": "from-1"}), Ok((vec![2], Some("from-2"))));
        check(json!({"MaxResults": 3}), Err("InvalidInputException"));
        check(json!({"NextToken": "from-9"}), Err("InvalidInputException"));
    }
}
