//! Forms that everyday operations do not show: there and back on an invented service.

use dodai_models::{
    Location, Member, Models, Operation, Protocol, Service, Shape, ShapeId, ShapeKind, Structure, TimestampFormat,
};
use serde_json::{Value, json};

use super::super::{Decoded, Reply, decode, encode};
use super::body_text;

/// A service with what no embedded service's everyday operations show at once.
fn invented(protocol: Protocol) -> Service {
    let mut service = (*Models::embedded().service("guardduty").unwrap()).clone();
    let member = |name: &str, shape: ShapeId, location: Location| Member {
        name: name.to_owned(),
        shape,
        location_name: None,
        query_name: None,
        location,
        flattened: false,
        xml_attribute: false,
        xml_namespace: None,
        xml_namespace_prefix: None,
        timestamp_format: None,
        json_value: false,
        idempotency_token: false,
        host_label: false,
        context_param: None,
        streaming: false,
    };
    let body = |name: &str, shape| member(name, shape, Location::Body);
    let text = ShapeKind::String { values: Vec::new(), min: None, max: None, json_value: false };
    let members = vec![
        Member { flattened: true, ..body("Flat", 3) },
        Member { flattened: true, location_name: Some("M".to_owned()), ..body("FlatMap", 4) },
        body("Nested", 0),
        body("Choice", 5),
        body("Free", 6),
        Member { timestamp_format: Some(TimestampFormat::Rfc822), ..body("When", 2) },
        body("Number", 7),
        body("Bytes", 8),
        Member { json_value: true, location_name: Some("x-json".to_owned()), ..member("Json", 1, Location::Header) },
        Member { location_name: Some("since".to_owned()), ..member("Since", 2, Location::Query) },
        Member { location_name: Some("x-list".to_owned()), ..member("Names", 3, Location::Header) },
    ];
    let structure = |members: Vec<Member>, union: bool, document: bool| {
        ShapeKind::Structure(Structure {
            members,
            required: Vec::new(),
            payload: None,
            union,
            document,
            event_stream: false,
        })
    };
    let kinds = vec![
        structure(members, false, false),
        text,
        ShapeKind::Timestamp { format: None },
        ShapeKind::List {
            member: Box::new(Member { location_name: None, ..body("", 1) }),
            flattened: false,
            min: None,
            max: None,
        },
        ShapeKind::Map { key: Box::new(body("", 1)), value: Box::new(body("", 7)), flattened: false },
        structure(vec![body("A", 1), body("B", 7)], true, false),
        structure(Vec::new(), false, true),
        ShapeKind::Double,
        ShapeKind::Blob { streaming: false },
    ];
    service.protocol = protocol;
    service.shapes = kinds.into_iter().map(|kind| Shape { name: "Shape".to_owned(), kind, sensitive: false }).collect();
    let operation = Operation {
        method: "POST".to_owned(),
        uri: "/".to_owned(),
        code: 200,
        input: Some(0),
        output: Some(0),
        result_wrapper: None,
        input_root: None,
        input_namespace: None,
        errors: Vec::new(),
        checksum_required: false,
        host_prefix: None,
        static_context: None,
        unsigned: false,
        idempotency_token: None,
    };
    service.operations = [("Try".to_owned(), operation)].into();
    service
}

fn check_there_and_back(protocol: Protocol, params: &Value, request: &str) {
    let service = invented(protocol);
    let operation = service.operation("Try").unwrap();
    let written = encode(&service, "Try", operation, params).unwrap();
    let headers: Vec<String> = written.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    assert_eq!(format!("{}\n{}\n{}", written.query, headers.join("\n"), body_text(&written.body)), request);
    if matches!(protocol, Protocol::AwsQuery | Protocol::Ec2Query) {
        return;
    }
    // What is sent comes back; query parameters do not.
    let reply = Reply { status: 200, headers: written.headers, body: written.body.into() };
    let mut expected = params.clone();
    expected.as_object_mut().unwrap().retain(|name, _| name != "Since");
    assert_eq!(decode(&service, "Try", operation, &reply), Decoded::Output(expected));
}

#[test]
fn rare_forms_go_there_and_back() {
    let bound = json!({
        "Flat": ["a", "b"], "FlatMap": {"k": 1.5}, "Nested": {"Number": 2.0, "Bytes": "AAE="}, "Choice": {"B": 3.0},
        "When": "2026-01-02T03:04:05Z", "Number": "NaN", "Json": "{\"a\":1}", "Since": "2026-01-02T03:04:05Z",
        "Names": ["x", "y,\"z\""],
    });
    check_there_and_back(
        Protocol::RestXml,
        &bound,
        "since=2026-01-02T03%3A04%3A05Z\nx-json: eyJhIjoxfQ==\nx-list: x,\"y,\\\"z\\\"\"\ncontent-type: application/xml\n\
         <Shape><Flat>a</Flat><Flat>b</Flat><M><key>k</key><value>1.5</value></M>\
         <Nested><Number>2.0</Number><Bytes>AAE=</Bytes></Nested><Choice><B>3.0</B></Choice>\
         <When>Fri, 02 Jan 2026 03:04:05 GMT</When><Number>NaN</Number></Shape>",
    );
    let mut free = bound.clone();
    free["Free"] = json!({"any": [1, null, "x"]});
    check_there_and_back(
        Protocol::RestJson1,
        &free,
        "since=2026-01-02T03%3A04%3A05Z\nx-json: eyJhIjoxfQ==\nx-list: x,\"y,\\\"z\\\"\"\ncontent-type: application/json\n\
         {\"Flat\":[\"a\",\"b\"],\"M\":{\"k\":1.5},\"Nested\":{\"Number\":2.0,\"Bytes\":\"AAE=\"},\"Choice\":{\"B\":3.0},\
         \"When\":\"Fri, 02 Jan 2026 03:04:05 GMT\",\"Number\":\"NaN\",\"Free\":{\"any\":[1,null,\"x\"]}}",
    );
    let form = json!({"Flat": ["a", "b"], "FlatMap": {"k": 1.5}, "Nested": {"Flat": ["c d"]}});
    let version = Models::embedded().service("guardduty").unwrap().api_version.clone();
    check_there_and_back(
        Protocol::AwsQuery,
        &form,
        &format!(
            "\ncontent-type: application/x-www-form-urlencoded; charset=utf-8\nAction=Try&Version={version}\
             &Flat.1=a&Flat.2=b&M.1.key=k&M.1.value=1.5&Nested.Flat.1=c%20d"
        ),
    );
}
