//! `endpoint-rule-set-1.json` to [`RuleSet`]. Whatever is not understood is refused here, so that nothing is
//! left to go wrong when an endpoint is resolved.

use std::collections::BTreeMap;

use dodai_models::rules::{
    AuthSchemeRule, Condition, DefaultValue, EndpointRule, Expression, Function, Parameter, Part, Rule, RuleSet, Step,
    Then,
};
use serde_json::Value;

pub(super) fn compile(source: &Value) -> Result<RuleSet, String> {
    if source.get("version").and_then(Value::as_str) != Some("1.0") {
        return Err(format!("endpoint rules of version {:?}", source.get("version")));
    }
    let parameters = source.get("parameters").and_then(Value::as_object).ok_or("no `parameters`")?;
    Ok(RuleSet {
        parameters: parameters
            .iter()
            .map(|(name, source)| Ok((name.clone(), parameter(source)?)))
            .collect::<Result<_, String>>()?,
        rules: rules(source)?,
    })
}

fn parameter(source: &Value) -> Result<Parameter, String> {
    Ok(Parameter {
        built_in: source.get("builtIn").and_then(Value::as_str).map(ToOwned::to_owned),
        required: source.get("required").and_then(Value::as_bool).unwrap_or(false),
        default: match source.get("default") {
            None => None,
            Some(Value::Bool(flag)) => Some(DefaultValue::Flag(*flag)),
            Some(Value::String(text)) => Some(DefaultValue::Text(text.clone())),
            Some(Value::Array(list)) => {
                Some(DefaultValue::List(list.iter().filter_map(Value::as_str).map(ToOwned::to_owned).collect()))
            }
            Some(other) => return Err(format!("a default of an unknown type: {other}")),
        },
    })
}

fn rules(source: &Value) -> Result<Vec<Rule>, String> {
    source.get("rules").and_then(Value::as_array).ok_or("no `rules`")?.iter().map(rule).collect()
}

fn rule(source: &Value) -> Result<Rule, String> {
    let conditions = source.get("conditions").and_then(Value::as_array).ok_or("a rule without `conditions`")?;
    Ok(Rule {
        conditions: conditions.iter().map(condition).collect::<Result<_, _>>()?,
        then: match source.get("type").and_then(Value::as_str) {
            Some("tree") => Then::Rules(rules(source)?),
            Some("error") => Then::Error(expression(source.get("error").ok_or("no `error`")?)?),
            Some("endpoint") => Then::Endpoint(Box::new(endpoint(source.get("endpoint").ok_or("no `endpoint`")?)?)),
            other => return Err(format!("a rule of unknown type {other:?}")),
        },
    })
}

fn condition(source: &Value) -> Result<Condition, String> {
    Ok(Condition {
        value: expression(source)?,
        assign: source.get("assign").and_then(Value::as_str).map(ToOwned::to_owned),
    })
}

fn endpoint(source: &Value) -> Result<EndpointRule, String> {
    let mut headers = BTreeMap::new();
    for (name, values) in source.get("headers").and_then(Value::as_object).into_iter().flatten() {
        headers.insert(name.clone(), list(values)?);
    }
    let schemes = source.get("properties").and_then(|properties| properties.get("authSchemes"));
    Ok(EndpointRule {
        url: expression(source.get("url").ok_or("an endpoint without `url`")?)?,
        headers,
        auth_schemes: schemes
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .map(auth_scheme)
            .collect::<Result<_, _>>()?,
    })
}

fn auth_scheme(source: &Value) -> Result<AuthSchemeRule, String> {
    Ok(AuthSchemeRule {
        name: source.get("name").and_then(Value::as_str).ok_or("an auth scheme without `name`")?.to_owned(),
        signing_name: source.get("signingName").map(expression).transpose()?,
        signing_region: source.get("signingRegion").map(expression).transpose()?,
        signing_region_set: source.get("signingRegionSet").map_or(Ok(Vec::new()), list)?,
        disable_double_encoding: source.get("disableDoubleEncoding").and_then(Value::as_bool).unwrap_or(false),
    })
}

fn list(source: &Value) -> Result<Vec<Expression>, String> {
    source.as_array().ok_or_else(|| format!("not a list: {source}"))?.iter().map(expression).collect()
}

fn expression(source: &Value) -> Result<Expression, String> {
    match source {
        Value::Bool(flag) => Ok(Expression::Flag(*flag)),
        Value::Number(number) => number.as_i64().map(Expression::Number).ok_or_else(|| format!("number {number}")),
        Value::String(text) => template(text).map(Expression::Template),
        Value::Array(_) => list(source).map(Expression::List),
        Value::Object(object) => match (object.get("ref"), object.get("fn")) {
            (Some(Value::String(name)), None) => Ok(Expression::Reference(name.clone())),
            (None, Some(Value::String(name))) => call(name, object.get("argv").ok_or("a call without `argv`")?),
            _ => Err(format!("neither reference nor call: {source}")),
        },
        Value::Null => Err("null".to_owned()),
    }
}

fn call(name: &str, arguments: &Value) -> Result<Expression, String> {
    if name == "getAttr" {
        let path = arguments.get(1).and_then(Value::as_str).ok_or("`getAttr` without a path")?;
        let of = expression(arguments.get(0).ok_or("`getAttr` of nothing")?)?;
        return Ok(Expression::Call(Function::GetAttribute(steps(path)?), vec![of]));
    }
    let (function, count) = match name {
        "isSet" => (Function::IsSet, 1),
        "not" => (Function::Not, 1),
        "booleanEquals" => (Function::BooleanEquals, 2),
        "stringEquals" => (Function::StringEquals, 2),
        "substring" => (Function::Substring, 4),
        "uriEncode" => (Function::UriEncode, 1),
        "parseURL" => (Function::ParseUrl, 1),
        "isValidHostLabel" => (Function::IsValidHostLabel, 2),
        "aws.partition" => (Function::Partition, 1),
        "aws.parseArn" => (Function::ParseArn, 1),
        "aws.isVirtualHostableS3Bucket" => (Function::IsVirtualHostableS3Bucket, 2),
        "coalesce" => (Function::Coalesce, 0),
        "split" => (Function::Split, 3),
        "ite" => (Function::IfThenElse, 3),
        other => return Err(format!("unknown function `{other}`")),
    };
    let arguments = list(arguments)?;
    if count != 0 && arguments.len() != count {
        return Err(format!("`{name}` takes {count} arguments, not {}", arguments.len()));
    }
    Ok(Expression::Call(function, arguments))
}

/// `https://{Bucket}.{url#authority}`; `{{` and `}}` are braces.
fn template(text: &str) -> Result<Vec<Part>, String> {
    let mut parts = Vec::new();
    let mut plain = String::new();
    let mut rest = text;
    while let Some(position) = rest.find(['{', '}']) {
        let (before, brace) = rest.split_at(position);
        plain.push_str(before);
        if let Some(after) = brace.strip_prefix("{{").or_else(|| brace.strip_prefix("}}")) {
            plain.push_str(&brace[..1]);
            rest = after;
            continue;
        }
        let inner = brace.strip_prefix('{').and_then(|inner| inner.split_once('}'));
        let (inner, after) = inner.ok_or_else(|| format!("unbalanced braces in `{text}`"))?;
        if !plain.is_empty() {
            parts.push(Part::Text(std::mem::take(&mut plain)));
        }
        let (name, path) = inner.split_once('#').map_or((inner, ""), |pair| pair);
        parts.push(Part::Value(name.to_owned(), if path.is_empty() { Vec::new() } else { steps(path)? }));
        rest = after;
    }
    plain.push_str(rest);
    if !plain.is_empty() || parts.is_empty() {
        parts.push(Part::Text(plain));
    }
    Ok(parts)
}

/// `resourceId[0]`, `authority`, `[1]`
fn steps(path: &str) -> Result<Vec<Step>, String> {
    let mut steps = Vec::new();
    for step in path.split('.') {
        let (name, index) = step.split_once('[').map_or((step, None), |(name, index)| (name, Some(index)));
        if !name.is_empty() {
            steps.push(Step::Name(name.to_owned()));
        }
        if let Some(index) = index {
            let number = index.strip_suffix(']').and_then(|number| number.parse().ok());
            steps.push(Step::Index(number.ok_or_else(|| format!("path `{path}`"))?));
        }
    }
    Ok(steps)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn plain(text: &str) -> Part {
        Part::Text(text.to_owned())
    }

    fn name(text: &str) -> Step {
        Step::Name(text.to_owned())
    }

    #[test]
    fn templates() {
        let bucket = Part::Value("Bucket".to_owned(), Vec::new());
        let host = Part::Value("url".to_owned(), vec![name("authority")]);
        assert_eq!(template("https://{Bucket}.{url#authority}"), Ok(vec![plain("https://"), bucket, plain("."), host]));
        assert_eq!(template("{{a}}"), Ok(vec![plain("{a}")]));
        assert_eq!(template(""), Ok(vec![plain("")]));
        assert!(template("{a").is_err());
        assert!(template("a}").is_err());
    }

    #[test]
    fn paths() {
        assert_eq!(steps("resourceId[2]"), Ok(vec![name("resourceId"), Step::Index(2)]));
        assert_eq!(steps("[0]"), Ok(vec![Step::Index(0)]));
        assert_eq!(steps("a.b"), Ok(vec![name("a"), name("b")]));
        assert!(steps("a[b]").is_err());
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        assert!(expression(&json!({"fn": "guess", "argv": []})).is_err_and(|error| error.contains("`guess`")));
        assert!(expression(&json!({"fn": "not", "argv": []})).is_err());
        assert!(expression(&json!({"fn": "isSet"})).is_err());
        assert!(rule(&json!({"conditions": [], "type": "coin"})).is_err());
        assert!(compile(&json!({"version": "2.0", "parameters": {}, "rules": []})).is_err());
    }
}
