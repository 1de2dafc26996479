//! What a trail records: management events, all of them. Data events that somebody added stay.
//!
//! AWS: "Logging management events" (a trail has basic or advanced selectors, never both; at most five basic ones).

use dodai_facts::{Failure, Row};
use serde_json::{Value, json};

use crate::{Change, View, row};

const MOST_SELECTORS: usize = 5;

/// Whether a trail records every management event; without selectors it does.
pub(super) fn records_all(trail: &Row) -> Result<bool, Failure> {
    let (basic, advanced) = selectors(trail)?;
    let complete = advanced.iter().any(is_all_management) || basic.iter().any(is_complete);
    Ok(complete || (basic.is_empty() && advanced.is_empty()))
}

/// A trail's basic and its advanced selectors.
fn selectors(trail: &Row) -> Result<(Vec<Value>, Vec<Value>), Failure> {
    let now = row::value(Some(trail), "event_selectors")?;
    let list = |name: &str| now.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
    Ok((list("EventSelectors"), list("AdvancedEventSelectors")))
}

/// Adds what makes the trail record all management events; `trail` is none for one that is only about to be made.
pub(super) fn compare(view: &View<'_>, change: Change, trail: Option<&Row>, name: &str) -> Result<Change, Failure> {
    let Some(trail) = trail else {
        // A new trail records all management events.
        return Ok(change.set("management events", Value::Null, json!("all")));
    };
    if records_all(trail)? {
        return Ok(change);
    }
    let (basic, advanced) = selectors(trail)?;
    let (before, member, selectors) = if advanced.is_empty() {
        (recorded(&basic), "EventSelectors", with_management(&basic))
    } else {
        let mut all = advanced;
        all.push(json!({
            "Name": "dodai management events",
            "FieldSelectors": [{ "Field": "eventCategory", "Equals": ["Management"] }],
        }));
        (json!("not all"), "AdvancedEventSelectors", all)
    };
    let params = json!({ "TrailName": name, member: selectors });
    let call = view.call("cloudtrail", "PutEventSelectors", params);
    Ok(change.set("management events", before, json!("all")).call(call))
}

fn has_management(selector: &Value) -> bool {
    // CloudTrail's default where the member is not given.
    selector.get("IncludeManagementEvents").and_then(Value::as_bool).unwrap_or(true)
}

fn excluded(selector: &Value) -> Vec<&str> {
    let sources = selector.get("ExcludeManagementEventSources").and_then(Value::as_array);
    sources.into_iter().flatten().filter_map(Value::as_str).collect()
}

fn is_complete(selector: &Value) -> bool {
    has_management(selector)
        && selector.get("ReadWriteType").is_none_or(|kind| *kind == json!("All"))
        && excluded(selector).is_empty()
}

/// What of management events the selectors record: `WriteOnly`, `All without kms.amazonaws.com`, `none`.
fn recorded(selectors: &[Value]) -> Value {
    let Some(selector) = selectors.iter().find(|selector| has_management(selector)) else { return json!("none") };
    let kind = selector.get("ReadWriteType").and_then(Value::as_str).unwrap_or("All");
    match excluded(selector).as_slice() {
        [] => json!(kind),
        sources => json!(format!("{kind} without {}", sources.join(", "))),
    }
}

/// One selector of all management events, and the others for their data events only.
fn with_management(selectors: &[Value]) -> Vec<Value> {
    let data = selectors.iter().filter(|selector| {
        selector.get("DataResources").and_then(Value::as_array).is_some_and(|list| !list.is_empty())
    });
    let mut all: Vec<Value> = data
        .map(|selector| {
            let mut selector = selector.clone();
            selector["IncludeManagementEvents"] = json!(false);
            if let Some(fields) = selector.as_object_mut() {
                fields.shift_remove("ExcludeManagementEventSources");
            }
            selector
        })
        .collect();
    let full = all.len() >= MOST_SELECTORS;
    match all.first_mut() {
        // No room for one more: the first takes the management events, and its data events are all recorded.
        Some(first) if full => {
            first["IncludeManagementEvents"] = json!(true);
            first["ReadWriteType"] = json!("All");
        }
        _ => all.insert(0, json!({ "ReadWriteType": "All", "IncludeManagementEvents": true, "DataResources": [] })),
    }
    all
}

fn is_all_management(selector: &Value) -> bool {
    let fields = selector.get("FieldSelectors").and_then(Value::as_array);
    fields.is_some_and(|fields| {
        fields.len() == 1
            && fields.iter().all(|field| {
                field.get("Field") == Some(&json!("eventCategory"))
                    && field.get("Equals") == Some(&json!(["Management"]))
            })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(selectors: &Value, recorded_before: &str, after: &Value) {
        let selectors = selectors.as_array().unwrap();
        assert_eq!(recorded(selectors), json!(recorded_before));
        assert_eq!(json!(with_management(selectors)), *after);
        assert!(with_management(selectors).iter().any(is_complete));
    }

    #[test]
    fn data_events_stay_as_they_are() {
        let all = json!({ "ReadWriteType": "All", "IncludeManagementEvents": true, "DataResources": [] });
        let data = json!([{ "Type": "AWS::S3::Object", "Values": ["arn:aws:s3"] }]);
        check(
            &json!([{ "ReadWriteType": "WriteOnly", "IncludeManagementEvents": true, "DataResources": data }]),
            "WriteOnly",
            &json!([all, { "ReadWriteType": "WriteOnly", "IncludeManagementEvents": false, "DataResources": data }]),
        );
        let kms = json!(["kms.amazonaws.com"]);
        check(
            &json!([{ "ReadWriteType": "All", "IncludeManagementEvents": true, "ExcludeManagementEventSources": kms }]),
            "All without kms.amazonaws.com",
            &json!([all]),
        );
        let one = json!({ "ReadWriteType": "ReadOnly", "IncludeManagementEvents": false, "DataResources": data });
        let first = json!({ "ReadWriteType": "All", "IncludeManagementEvents": true, "DataResources": data });
        check(&json!([one, one, one, one, one]), "none", &json!([first, one, one, one, one]));
    }
}
