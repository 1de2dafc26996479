//! Services whose resources an action can meet.
//!
//! They are those of *all* resource types of the action's service, not only of its own: what AWS's reference lacks of one
//! action it has of another. AWS: "Actions, resources, and condition keys for AWS services".

use std::collections::BTreeSet;

use super::Service;

/// Services of the resources that a service's actions can meet, and the service itself, in lower case. None where a
/// resource type is not described.
pub(crate) fn met(service: &Service) -> Option<BTreeSet<String>> {
    let mut services = BTreeSet::from([service.prefix.to_ascii_lowercase()]);
    let described = |name: &str| service.resource_type(name).is_some();
    if !service.actions.iter().flat_map(|action| &action.resources).all(|resource| described(&resource.name)) {
        return None;
    }
    for kind in &service.resource_types {
        if kind.arns.is_empty() {
            return None;
        }
        for arn in &kind.arns {
            // The placeholders of a documented pattern have no colons.
            services.insert(plain(arn.split(':').nth(2)?)?);
        }
    }
    Some(services)
}

/// The one service of the resources that an ARN in a policy names, in lower case.
pub(crate) fn named(arn: &str) -> Option<String> {
    let mut parts = arn.splitn(6, ':');
    let partition = (parts.next()? == "arn").then(|| parts.next())??;
    // A variable may have colons.
    let service = parts.next().filter(|_| !partition.contains('$'))?;
    (parts.count() == 3).then(|| plain(service))?
}

fn plain(service: &str) -> Option<String> {
    let good = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    (!service.is_empty() && service.bytes().all(good)).then(|| service.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::Reference;

    #[test]
    fn services_meet_what_their_resource_types_are_of() {
        let check = |service: &str, others: &[&str]| {
            let met = met(Reference::embedded().service(service).unwrap()).unwrap();
            let expected: BTreeSet<String> = others.iter().map(|other| (*other).to_owned()).collect();
            assert_eq!(met, expected, "{service}");
        };
        check("sqs", &["sqs"]);
        check("sts", &["iam", "sts"]);
    }

    #[test]
    fn an_arn_names_one_service_or_it_is_not_said() {
        let check = |arn: &str, expected: Option<&str>| assert_eq!(named(arn).as_deref(), expected, "{arn}");
        check("arn:aws:s3:::a:b:c", Some("s3"));
        check("arn:*:SQS:${aws:RequestedRegion}:*:a", Some("sqs"));
        for other in
            ["*", "s3", "arn:aws:s3:a", "arn:aws:*:::a", "arn:aws::::a", "arn:${a:b}:s3:::a", "arn:aws:${a}:::b"]
        {
            check(other, None);
        }
    }
}
