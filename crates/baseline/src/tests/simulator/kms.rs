//! Keys and their aliases. A key is meant by its id or by its ARN.

use serde_json::{Value, json};

use super::values::{merge, tags};
use super::{Account, Answer, Refused, put};

const KEYS: &str = "aws_kms_key";
const ALIASES: &str = "aws_kms_alias";

impl Account<'_> {
    pub(super) fn kms(&mut self, params: &Value) -> Answer {
        if self.call.operation == "CreateKey" {
            return Ok(self.create_key(params));
        }
        let named = if self.call.operation.ends_with("Alias") { "TargetKeyId" } else { "KeyId" };
        let named = params[named].as_str().unwrap();
        let id = json!(named.rsplit('/').next().unwrap());
        let state =
            self.find(KEYS).iter().find(|key| key.values["KeyId"] == id).map(|key| key.values["KeyState"].clone());
        let state = state.unwrap_or_else(|| panic!("{}: there is no key {id}", self.call.name()));
        let is_dying = state == "PendingDeletion";
        let operation = self.call.operation.as_str();
        if is_dying != (operation == "CancelKeyDeletion") || operation == "EnableKeyRotation" && state != "Enabled" {
            return Err(Refused("KMSInvalidStateException"));
        }
        let alias = params["AliasName"].clone();
        let (column, value) = match operation {
            "CreateAlias" => {
                self.is_free(ALIASES, "AliasName", &alias, "AlreadyExistsException")?;
                self.add(ALIASES, "alias", &json!({ "AliasName": alias, "TargetKeyId": id }));
                return Ok(Value::Null);
            }
            "UpdateAlias" => {
                self.with(ALIASES, "AliasName", &alias, |alias| put(alias, "TargetKeyId", id));
                return Ok(Value::Null);
            }
            "TagResource" => {
                let more = tags(&params["Tags"]);
                self.with(KEYS, "KeyId", &id, |key| merge(key, "tags", &more));
                return Ok(Value::Null);
            }
            "CancelKeyDeletion" => ("KeyState", json!("Disabled")),
            "EnableKey" => ("KeyState", json!("Enabled")),
            "EnableKeyRotation" => ("rotation_enabled", json!(true)),
            "PutKeyPolicy" => ("policy", params["Policy"].clone()),
            _ => self.unknown(),
        };
        self.with(KEYS, "KeyId", &id, |key| put(key, column, value));
        Ok(Value::Null)
    }

    fn create_key(&mut self, params: &Value) -> Value {
        let id = format!("key-{}", self.find(KEYS).len() + 1);
        let arn = format!("arn:aws:kms:{}:{}:key/{id}", self.region(), self.call.account);
        let values = json!({
            "KeyId": id, "Arn": arn, "KeyState": "Enabled", "KeyManager": "CUSTOMER",
            "rotation_enabled": false, "policy": params["Policy"], "tags": tags(&params["Tags"]),
        });
        self.add(KEYS, &arn, &values);
        json!({ "KeyMetadata": { "KeyId": id, "Arn": arn } })
    }

    /// `GetResources`: keys by one tag, those too that are about to be deleted.
    pub(super) fn tagged(&mut self, params: &Value) -> Value {
        assert_eq!(
            (self.call.operation.as_str(), &params["ResourceTypeFilters"]),
            ("GetResources", &json!(["kms:key"]))
        );
        let (name, value) = (params["TagFilters"][0]["Key"].as_str().unwrap(), &params["TagFilters"][0]["Values"][0]);
        let found = self.find(KEYS).iter().filter(|key| key.values["tags"].get(name) == Some(value));
        let found: Vec<Value> = found.map(|key| json!({ "ResourceARN": key.values["Arn"] })).collect();
        json!({ "ResourceTagMappingList": found })
    }
}
