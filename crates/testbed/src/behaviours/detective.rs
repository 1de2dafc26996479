//! Detective's behavior graph, which moto lacks. Follows "CreateGraph", "ListGraphs" and "DeleteGraph" of the Amazon
//! Detective API Reference: an account administers one graph in a Region; creating it again answers the same one.

use serde_json::{Map, Value, json};

use super::Answer;
use crate::call::Call;
use crate::names::{hex_id, iso, now};
use crate::page::page;
use crate::pipeline::Testbed;
use crate::reply::{AwsError, Reply};
use crate::state::State;

/// The graph that an account administers in a Region.
#[derive(Debug, Clone)]
pub(crate) struct Graph {
    arn: String,
    created: i64,
    tags: Map<String, Value>,
}

pub(crate) fn answer(testbed: &Testbed, call: &Call) -> Answer {
    let mut state = testbed.state();
    let value = match call.operation.as_str() {
        "CreateGraph" => {
            let seed = state.seed();
            let graph = state.graphs.entry(call.place()).or_insert_with(|| {
                let (partition, region, account) =
                    (call.region.partition(), call.region.as_str(), call.account.as_str());
                let id = hex_id(("graph", seed));
                let arn = format!("arn:{}:detective:{region}:{account}:graph:{id}", partition.as_str());
                let tags = call.params.get("Tags").and_then(Value::as_object).cloned().unwrap_or_default();
                Graph { arn, created: now(), tags }
            });
            json!({"GraphArn": graph.arn})
        }
        "ListGraphs" => {
            let graphs = state.graphs.get(&call.place()).into_iter();
            let graphs = graphs.map(|graph| json!({"Arn": graph.arn, "CreatedTime": iso(graph.created)})).collect();
            let (graphs, token) = page(graphs, &call.params, 200)?;
            let mut value = json!({"GraphList": graphs});
            if let Some(token) = token {
                value["NextToken"] = json!(token);
            }
            value
        }
        "DeleteGraph" => {
            found(&mut state, call, call.required("GraphArn")?)?;
            state.graphs.remove(&call.place());
            json!({})
        }
        "ListTagsForResource" | "TagResource" | "UntagResource" => {
            let graph = found(&mut state, call, call.required("ResourceArn")?)?;
            super::tags::answer(call, &mut graph.tags, "Tags")
        }
        _ => return Ok(None),
    };
    Ok(Some(Reply::json(&value)))
}

fn found<'a>(state: &'a mut State, call: &Call, arn: &str) -> Result<&'a mut Graph, AwsError> {
    let graph = state.graphs.get_mut(&call.place()).filter(|graph| graph.arn == arn);
    graph.ok_or_else(|| AwsError::new(404, "ResourceNotFoundException", format!("no graph {arn}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::behaviours::tests::{ask, call, testbed};

    #[tokio::test]
    async fn there_is_one_graph_a_region() {
        let testbed = testbed().await;
        let create = call("detective", "CreateGraph", json!({"Tags": {"a": "b"}}));
        let arn = ask(&testbed, &create).await["GraphArn"].clone();
        assert_eq!(ask(&testbed, &create).await["GraphArn"], arn);
        let list = call("detective", "ListGraphs", json!({}));
        assert_eq!(ask(&testbed, &list).await["GraphList"][0]["Arn"], arn);
        let tags = call("detective", "ListTagsForResource", json!({"ResourceArn": arn}));
        assert_eq!(ask(&testbed, &tags).await, json!({"Tags": {"a": "b"}}));
        assert_eq!(ask(&testbed, &call("detective", "DeleteGraph", json!({"GraphArn": arn}))).await, json!({}));
        assert_eq!(ask(&testbed, &list).await, json!({"GraphList": []}));
        assert_eq!(ask(&testbed, &tags).await, json!({"error": "ResourceNotFoundException"}));
    }
}
