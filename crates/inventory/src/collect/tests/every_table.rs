//! What must hold of every built-in table, on replies made from the models.

use super::*;

/// Long enough for every name and ARN that is asked for.
const TEXT: &str = "sample-0123456789abcdef";

/// A value of a shape with every member, one element in every list. All texts are the same, so that what must
/// match does.
fn sample(service: &Service, shape: ShapeId, above: &mut Vec<ShapeId>) -> Value {
    if above.contains(&shape) {
        return Value::Null;
    }
    above.push(shape);
    let value = match &service.shape(shape).kind {
        ShapeKind::Structure(structure) => structure
            .members
            .iter()
            .map(|member| {
                let value = match member.name.as_str() {
                    // What table files ask of a row before they make a call.
                    "SnapshotType" => json!("manual"),
                    "AwsManaged" => json!(false),
                    "BucketRegion" | "HomeRegion" => json!(REGION),
                    _ => sample(service, member.shape, above),
                };
                (member.name.clone(), value)
            })
            .collect(),
        ShapeKind::List { member, .. } => json!([sample(service, member.shape, above)]),
        ShapeKind::Map { value, .. } => json!({"key": sample(service, value.shape, above)}),
        ShapeKind::String { max, .. } => {
            let most = max.map_or(TEXT.len(), |max| TEXT.len().min(usize::try_from(max).unwrap()));
            json!(&TEXT[..most])
        }
        ShapeKind::Blob { .. } => json!(TEXT),
        ShapeKind::Integer { .. } | ShapeKind::Long { .. } => json!(1),
        ShapeKind::Float | ShapeKind::Double => json!(0.5),
        ShapeKind::Boolean => json!(true),
        ShapeKind::Timestamp { .. } => json!("2026-01-02T03:04:05Z"),
    };
    above.pop();
    value
}

pub(super) fn sample_reply(call: &str) -> Value {
    let (service, operation) = call.split_once('.').unwrap();
    let service = Models::embedded().service(service).unwrap();
    let output = service.operation(operation).unwrap().output.unwrap();
    sample(&service, output, &mut Vec::new())
}

pub(super) fn collected_tables() -> impl Iterator<Item = &'static Arc<Table>> {
    tables().iter().filter(|table| !table.is_given())
}

#[test]
fn every_table_reads_a_full_reply() {
    assert!(collected_tables().count() >= 30);
    for table in collected_tables() {
        let listing = listing(Script::new(|call, _, _| vec![Ok(sample_reply(call))]), table.name(), Wanted::All);
        assert_eq!(listing.failure, None, "{}", table.name());
        let [row] = listing.rows.as_slice() else { panic!("{}: {} rows", table.name(), listing.rows.len()) };
        assert!(row.failures.is_empty(), "{}: {:?}", table.name(), row.failures);
        for column in table.columns() {
            let value = row.values.get(column.name());
            let empty = matches!(column.name(), "arn" | "region") || column.source == Source::Cell;
            assert!(empty || value.is_some_and(|value| !value.is_null()), "{}.{}", table.name(), column.name());
        }
        let known: BTreeSet<&str> = table.columns().iter().map(Column::name).collect();
        assert!(row.values.keys().all(|column| known.contains(column.as_str())), "{}", table.name());
        assert_eq!(row.values["account_id"], json!(MANAGEMENT));
        assert_eq!(row.values["account_name"], json!("main"));
    }
}

#[test]
fn every_value_fits_its_column() {
    for table in collected_tables() {
        let listing = listing(Script::new(|call, _, _| vec![Ok(sample_reply(call))]), table.name(), Wanted::All);
        let cell = Cell::Account(management());
        let rows: Vec<_> = listing.rows.into_iter().map(|row| (cell.clone(), row)).collect();
        let (batches, gaps) = batches(&table.schema(Models::embedded()), &rows).unwrap();
        assert_eq!(gaps, [], "{}", table.name());
        let [batch] = batches.as_slice() else { panic!("{}: {} batches", table.name(), batches.len()) };
        for column in table.columns().iter().filter(|column| column.source != Source::Cell) {
            let values = batch.column_by_name(column.name()).unwrap();
            assert_eq!(values.null_count(), 0, "{}.{}", table.name(), column.name());
        }
    }
}

/// The columns that are unknown when a call gives no answer; none where the list itself is.
fn columns_of(table: &Table, call: &str) -> Option<BTreeSet<String>> {
    if table.list.iter().any(|step| step.request.name() == call) {
        return None;
    }
    let mut failed: BTreeSet<usize> = BTreeSet::new();
    for (number, made) in table.calls.iter().enumerate() {
        if made.request.name() == call || made.after.iter().any(|earlier| failed.contains(earlier)) {
            failed.insert(number);
        }
    }
    let columns = table.columns.iter().filter(|column| match &column.source {
        Source::Call(number, _) => failed.contains(number),
        Source::Join(number) => table.joins[*number].list.iter().any(|step| step.request.name() == call),
        Source::Cell | Source::Row(_) => false,
    });
    Some(columns.map(|column| column.name.clone()).collect())
}

/// Every call of every table, failing in one way: the list is not complete, or exactly its columns are not
/// known.
fn check_gaps(why: impl Fn(&Table, &str) -> Vec<Failure>) {
    for table in collected_tables() {
        for failing in table.calls(&Wanted::All) {
            for failure in why(table, &failing) {
                let (bad, reason) = (failing.clone(), failure.clone());
                let aws = Script::new(move |call, _, _| {
                    vec![if call == bad { Err(reason.clone()) } else { Ok(sample_reply(call)) }]
                });
                let listing = listing(aws, table.name(), Wanted::All);
                let at = format!("{} without {failing}", table.name());
                match columns_of(table, &failing) {
                    None => assert_eq!(listing.failure, Some(failure), "{at}"),
                    Some(columns) => {
                        assert!(!columns.is_empty(), "{at}: the call gives no column");
                        assert_eq!(listing.failure, None, "{at}");
                        let [row] = listing.rows.as_slice() else { panic!("{at}: {listing:?}") };
                        let unknown: BTreeMap<String, Failure> =
                            columns.iter().map(|column| (column.clone(), failure.clone())).collect();
                        assert_eq!(row.failures, unknown, "{at}");
                        assert!(columns.iter().all(|column| !row.values.contains_key(column)), "{at}");
                    }
                }
            }
        }
    }
}

#[test]
fn every_denied_call_is_a_gap() {
    check_gaps(|_, call| vec![denied(call)]);
}

/// Every error that a table reads as "there is none", for a call.
fn absents<'a>(table: &'a Table, call: &str) -> Vec<&'a Absent> {
    let steps = table.list.iter().filter(|step| step.request.name() == call).flat_map(|step| &step.absent);
    let calls = table.calls.iter().filter(|made| made.request.name() == call);
    steps.chain(calls.flat_map(|made| made.absent.iter().chain(&made.gone))).collect()
}

#[test]
fn what_is_not_from_aws_never_reads_as_absent() {
    check_gaps(|table, call| {
        let reply = |absent: &&Absent, kind| {
            failure(call, kind, &absent.code, absent.says.as_deref().unwrap_or("<html>404</html>"))
        };
        let kinds = [FailureKind::Fault, FailureKind::Transport, FailureKind::Throttled];
        absents(table, call).iter().flat_map(|absent| kinds.map(|kind| reply(absent, kind))).collect()
    });
}

#[test]
fn a_code_with_other_words_is_a_gap() {
    check_gaps(|table, call| {
        let absents = absents(table, call).into_iter().filter(|absent| absent.says.is_some());
        absents.map(|absent| failure(call, FailureKind::Denied, &absent.code, "you may not do this")).collect()
    });
}

#[test]
fn absent_codes_are_absent_and_gone_rows_go() {
    let mut tried = 0;
    for table in collected_tables() {
        for failing in table.calls(&Wanted::All) {
            for absent in absents(table, &failing) {
                tried += 1;
                let says = absent.says.clone().unwrap_or_default();
                let reason = failure(&failing, FailureKind::Absent, &absent.code, &format!("it {says} here"));
                let bad = failing.clone();
                let aws = Script::new(move |call, _, _| {
                    vec![if call == bad { Err(reason.clone()) } else { Ok(sample_reply(call)) }]
                });
                let listing = listing(aws, table.name(), Wanted::All);
                let at = format!("{}: {failing} with {}", table.name(), absent.code);
                assert_eq!(listing.failure, None, "{at}");
                let gone = table.calls.iter().any(|call| call.request.name() == failing && call.gone.contains(absent));
                match columns_of(table, &failing) {
                    Some(columns) if !gone => {
                        let [row] = listing.rows.as_slice() else { panic!("{at}: {listing:?}") };
                        assert!(row.failures.is_empty(), "{at}");
                        let none = |value: &Value| value.is_null() || *value == json!({});
                        assert!(columns.iter().all(|column| none(&row.values[column])), "{at}");
                    }
                    _ => assert_eq!(listing.rows, [], "{at}"),
                }
            }
        }
    }
    assert!(tried > 40, "{tried}");
}
