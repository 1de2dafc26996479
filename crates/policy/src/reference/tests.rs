//! The embedded reference holds what AWS has, is found by every name that IAM takes, and a damaged file is refused.

use proptest::prelude::*;

use super::*;

static FILE: &[u8] = include_bytes!("../../../../models/reference.bin");

/// Opens and decodes everything.
fn read(file: Vec<u8>) -> Result<Vec<Service>, ReferenceError> {
    let reference = Reference::open(Cow::Owned(file))?;
    let entries = reference.head.services.iter().zip(&reference.frames);
    entries.map(|(entry, frame)| reference.decode(entry, frame)).collect()
}

/// A small reference: one service, and a key of an identity provider.
fn small() -> Vec<Service> {
    let key = |name: &str| ConditionKey {
        name: name.to_owned(),
        kind: KeyKind::String,
        multivalued: false,
        availability: Availability::Sometimes,
    };
    let resource = ActionResource { name: "role".to_owned(), required: true, keys: vec!["saml:aud".to_owned()] };
    let action = |name: &str| Action {
        name: name.to_owned(),
        access: Access::Write,
        resources: vec![resource.clone()],
        keys: vec!["sts:ExternalId".to_owned()],
        dependents: vec!["iam:PassRole".to_owned()],
    };
    let role = ResourceType {
        name: "role".to_owned(),
        arns: vec!["arn:${Partition}:iam::${Account}:role/${RoleNameWithPath}".to_owned()],
        keys: Vec::new(),
    };
    vec![Service::new(
        "sts".to_owned(),
        "AWS Security Token Service".to_owned(),
        vec![action("TagSession"), action("AssumeRole")],
        vec![role],
        vec![key("sts:ExternalId"), key("saml:aud"), key("aws:SourceIp")],
    )]
}

fn packed(services: Vec<Service>) -> Result<Vec<u8>, ReferenceError> {
    pack("2026-01-02", services, vec!["sts".to_owned(), "s3".to_owned()])
}

#[test]
fn all_of_it_is_there() {
    let services = read(FILE.to_vec()).expect("every service decodes");
    let actions: usize = services.iter().map(|service| service.actions.len()).sum();
    let keys: usize = services.iter().map(|service| service.keys.len()).sum();
    assert!(services.len() >= 400, "{} services", services.len());
    assert!(actions >= 20_000, "{actions} actions");
    assert!(keys >= 2_000, "{keys} keys");
    assert_eq!(Reference::embedded().matching("*").len(), actions);
    assert_eq!(Reference::embedded().names().count(), Reference::embedded().services().count());
    assert!(FILE.len() < 500_000, "{} bytes", FILE.len());
    for service in &services {
        assert_eq!(service.prefix, service.prefix.to_lowercase());
        assert!(!service.name.is_empty(), "{}", service.prefix);
    }
    for prefix in Reference::embedded().rcp_services() {
        assert!(Reference::embedded().service(prefix).is_some(), "{prefix}");
    }
    assert!(Reference::embedded().rcp_services().contains(&"s3".to_owned()));
    assert!(!Reference::embedded().rcp_services().contains(&"ec2".to_owned()));
    let date: jiff::civil::Date = Reference::embedded().date().parse().expect("a date");
    assert!(date.year() >= 2026);
}

#[test]
fn an_action_is_whole() {
    let (service, action) = Reference::embedded().action("S3:putobject").expect("known");
    assert_eq!((service.name.as_str(), action.name.as_str()), ("Amazon S3", "PutObject"));
    assert_eq!(action.access, Access::Write);
    let object = action.resources.iter().find(|resource| resource.name == "object").expect("known");
    let object = service.resource_type(&object.name).expect("defined");
    assert_eq!(object.arns, ["arn:${Partition}:s3:::${BucketName}/${ObjectName}"]);
    assert!(action.keys.iter().any(|key| key == "s3:x-amz-acl"));
}

#[test]
fn actions_are_matched_as_iam_does() {
    let check = |pattern: &str, expected: &[&str]| {
        let found = Reference::embedded().matching(pattern);
        let found: Vec<String> =
            found.iter().map(|(service, action)| format!("{}:{}", service.prefix, action.name)).collect();
        assert_eq!(found, expected, "{pattern}");
    };
    check("s3:GetObjectA*", &["s3:GetObjectAcl", "s3:GetObjectAnnotation", "s3:GetObjectAttributes"]);
    check("S3:getobject", &["s3:GetObject"]);
    check("sts:assumer??e", &["sts:AssumeRole"]);
    check("s3:NoSuch*", &[]);
    check("nosuch:*", &[]);
    check("s3", &[]);
    check("", &[]);
    let all = Reference::embedded().services().map(|service| service.actions.len()).sum::<usize>();
    assert_eq!(Reference::embedded().matching("**").len(), all);
    assert!(Reference::embedded().matching("*:tag*").len() > 100);
}

#[test]
fn keys_are_found_wherever_they_are_defined() {
    let check = |key: &str, expected: Option<(&str, KeyKind, bool)>| {
        let found = Reference::embedded().key(key).map(|key| (key.name.as_str(), key.kind, key.multivalued));
        assert_eq!(found, expected, "{key}");
    };
    check("aws:PrincipalTag/Team", Some(("aws:PrincipalTag/${TagKey}", KeyKind::String, false)));
    check("AWS:SOURCEIP", Some(("aws:SourceIp", KeyKind::Ip, false)));
    check("aws:CalledVia", Some(("aws:CalledVia", KeyKind::String, true)));
    check("s3:existingobjecttag/Class", Some(("s3:ExistingObjectTag/<key>", KeyKind::String, false)));
    check("dynamodb:LeadingKeys", Some(("dynamodb:LeadingKeys", KeyKind::String, true)));
    check("saml:aud", Some(("saml:aud", KeyKind::String, false)));
    check(
        "token.actions.githubusercontent.com:repository",
        Some(("token.actions.githubusercontent.com:repository", KeyKind::String, false)),
    );
    check("aws:NoSuchKey", None);
    check("s3:", None);
    check("", None);
}

#[test]
fn a_packed_reference_comes_back_the_same() {
    let reference = Reference::open(Cow::Owned(packed(small()).expect("packs"))).expect("opens");
    assert_eq!(reference.date(), "2026-01-02");
    assert_eq!(reference.rcp_services(), ["s3", "sts"]);
    assert_eq!(reference.services().cloned().collect::<Vec<_>>(), small());
    // A key of another prefix is found without its service; a global one is not kept twice.
    assert_eq!(reference.others().iter().map(|key| key.name.as_str()).collect::<Vec<_>>(), ["saml:aud"]);
}

#[test]
fn what_cannot_be_looked_up_is_not_packed() {
    let check = |change: fn(&mut Service), expected: &str| {
        let mut services = small();
        services.iter_mut().for_each(change);
        assert_eq!(packed(services).expect_err("refused").to_string(), expected);
    };
    check(
        |service| service.keys.clear(),
        "the reference of `sts` names condition key `saml:aud`, which it does not define",
    );
    check(
        |service| service.resource_types.clear(),
        "the reference of `sts` names resource type `role`, which it does not define",
    );
    check(|service| service.actions.reverse(), "the reference of `sts` is not sorted, or names something twice");
    let mut twice = small();
    twice.extend(small());
    assert!(matches!(packed(twice), Err(ReferenceError::Unsorted { .. })));
}

#[test]
fn a_cut_off_file_is_refused() {
    let file = packed(small()).expect("packs");
    assert!(read(file.clone()).is_ok());
    for length in 0..file.len() {
        assert!(read(file[..length].to_vec()).is_err(), "{length} of {} bytes", file.len());
    }
    let mut longer = file.clone();
    longer.push(0);
    assert!(matches!(read(longer), Err(ReferenceError::Length)));
    let mut other = file;
    other[0] += 1;
    assert!(matches!(read(other), Err(ReferenceError::Format { .. })));
}

proptest! {
    #[test]
    fn a_damaged_file_is_refused_or_means_the_same(place in 0_usize..1_000, bit in 0_u32..8) {
        let mut file = packed(small()).expect("packs");
        let place = place % file.len();
        file[place] ^= 1 << bit;
        // A bit of zstd's frame header may mean nothing.
        if let Ok(services) = read(file) {
            prop_assert_eq!(services, small());
        }
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = read(bytes.clone());
        let mut file = vec![1];
        file.extend(bytes);
        let _ = read(file);
    }

    #[test]
    fn no_name_makes_a_look_up_panic(name in ".{0,40}") {
        let reference = Reference::embedded();
        let found = [
            reference.action(&name).is_some(),
            reference.key(&name).is_some(),
            reference.service(&name).is_some(),
            reference.sends(&name, &name) != Sends::Unknown,
        ];
        prop_assert_eq!(found[3] && !found[0], false);
    }
}
