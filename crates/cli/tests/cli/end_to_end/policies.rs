//! `dodai policy` where it asks AWS: the policies of queues and secrets, and the quotas of the organization.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::ACCOUNTS;
use super::world::{Ended, World};

#[test]
fn can_knows_the_policies_of_queues_and_secrets() {
    let world = World::new("two-accounts");
    assert_ne!(world.dodai(ACCOUNTS).code, 1);
    let (member, home) = (world.account("secure"), "ap-northeast-1");
    let outside = "arn:aws:iam::444455556666:role/Other";
    let document = |action: &str| {
        let statement = json!({"Effect": "Allow", "Principal": {"AWS": outside}, "Action": action, "Resource": "*"});
        json!({"Version": "2012-10-17", "Statement": statement}).to_string()
    };
    let queue = json!({"QueueName": "orders", "Attributes": {"Policy": document("sqs:SendMessage")}});
    world.call(&member, home, "sqs", "CreateQueue", &queue);
    let secret = json!({"Name": "db", "SecretString": "x"});
    let secret = world.call(&member, home, "secretsmanager", "CreateSecret", &secret)["ARN"].clone();
    let policy = json!({"SecretId": secret, "ResourcePolicy": document("secretsmanager:GetSecretValue")});
    world.call(&member, home, "secretsmanager", "PutResourcePolicy", &policy);

    let who = |action: &str, resource: &str| {
        let ask = ["policy", "can", "--quiet", "--format", "json", "--action", action, "--resource", resource];
        world.dodai(&ask)
    };
    let queue = format!("arn:aws:sqs:{home}:{member}:orders");
    for (action, resource) in
        [("sqs:SendMessage", queue.as_str()), ("secretsmanager:GetSecretValue", secret.as_str().unwrap())]
    {
        let told = who(action, resource);
        assert!(told.code == 0 && told.stdout.contains(outside), "{told}");
        let other = who(action, &resource.replace(":orders", ":bills").replace(":db-", ":bills-"));
        assert!(other.code == 3 && !other.stdout.contains(outside), "{other}");
    }
    // A queue whose attributes may not be read is there, and what its policy says is not known.
    world.fault(&json!({"kind": "deny", "account": member, "service": "sqs", "operation": "GetQueueAttributes"}));
    let denied = who("sqs:SendMessage", &queue);
    assert!(denied.code == 3 && denied.json()["unknown"].to_string().contains(&queue), "{denied}");
    assert!(denied.stdout.contains("AccessDenied"), "{denied}");
    assert_eq!(world.unimplemented(), Vec::<String>::new(), "the emulator had no answer to these");
}

#[test]
fn limits_are_the_organizations_own_where_they_can_be_read() {
    let world = World::new("two-accounts");
    let online = ["policy", "check", "--online", "--quiet", "--format", "json"];
    let read = world.dodai(&online);
    assert_eq!(read.code, 0, "{read}");
    let limits = |ended: &Ended| -> BTreeMap<String, String> {
        let told = |limit: &Value| {
            let text = |name: &str| limit[name].as_str().unwrap().to_owned();
            (text("kind"), format!("{} {} {}", limit["characters"], text("source"), text("because")))
        };
        ended.json()["limits"].as_array().unwrap().iter().map(told).collect()
    };
    let own = "10240 service-quotas organizations L-C48BCE79";
    assert_eq!(limits(&read)["service-control"], own, "{read}");

    world.fault(&json!({"kind": "deny", "service": "service-quotas", "operation": "GetServiceQuota"}));
    let denied = world.dodai(&online);
    assert_eq!(denied.code, 0, "{denied}");
    let told = &limits(&denied)["service-control"];
    assert!(told.starts_with("10240 published ") && told.contains("AccessDenied"), "{denied}");
}
