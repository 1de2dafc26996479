//! Queries that would take the process with them: each is refused, with words that say what to do, and soon.

use std::time::Duration;

use dodai_facts::Scope;

use super::{Engine, Limits};
use crate::snapshot::Run;
use crate::{ColumnType, TableSchema};

/// What a query answers, on a runtime as the command has one.
fn answer(sql: &str) -> String {
    let columns = [("x".to_owned(), ColumnType::Integer), ("y".to_owned(), ColumnType::Text)];
    let schema = TableSchema::new("t", Scope::Account, columns);
    let limits = Limits { time: Duration::from_mins(1), ..Limits::default() };
    let engine = Engine::new([schema], Run::empty(), jiff::Timestamp::UNIX_EPOCH, limits).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let found = runtime.block_on(async {
        engine.columns_used(sql).await?;
        engine.query(sql).await.map(|answer| answer.rows())
    });
    runtime.shutdown_background();
    found.map_or_else(|error| error.to_string(), |rows| format!("{rows} rows"))
}

/// The message has these words, and is no longer than a person reads.
#[track_caller]
fn check(sql: &str, words: &str) {
    let said = answer(sql);
    println!("{sql:.60}: {said}");
    assert!(said.contains(words), "{sql:.200}\n{said}");
    assert!(said.len() < 300, "{} bytes: {said}", said.len());
}

/// `before`, so many times `part`, and `after`.
fn many(before: &str, part: &str, times: usize, after: &str) -> String {
    format!("{before}{}{after}", part.repeat(times))
}

/// Each common table expression is made of the one before.
fn chain(levels: usize, first: &str, next: impl Fn(&str) -> String, last: &str) -> String {
    let next = |level: usize| format!(", a{level} as ({})", next(&format!("a{}", level - 1)));
    let all: String = (1..=levels).map(next).collect();
    format!("with a0 as ({first}){all} {}", last.replace("LAST", &format!("a{levels}")))
}

#[test]
fn what_is_deep_or_long_is_refused_before_it_takes_the_stack() {
    let (chained, deep) = ("more than 200 operators in one expression", "the query is nested too deeply");
    for (before, part, after, words) in [
        ("select ", "1+", "1", chained),
        ("select ", "not ", "true", chained),
        ("select ", "- ", "1", chained),
        ("select 1 where true", " and true", "", chained),
        ("select 1", " union select 1", "", chained),
        ("select x", "[1]", " from t", chained),
        ("select x", "::int", " from t", chained),
        ("select cast(1 as ", "array<", "int)", chained),
        ("select ", "(", "1", deep),
        ("select ", "[", "1", deep),
        ("select ", "abs(", "1", deep),
        ("select * from ", "(select * from ", "t", deep),
        ("", "with a as (", "select 1", deep),
        ("select ", "case when true then ", "1", deep),
        ("select x", ".a", " from t", deep),
        ("", "explain ", "select 1", "only a single SELECT is allowed here, not EXPLAIN"),
        ("select 1;", "explain ", "", "only a single SELECT is allowed here, not 2 statements"),
        ("", "x", "", "only a single SELECT is allowed here, not XXXXXXXX"),
    ] {
        check(&many(before, part, 90_000 / part.len(), after), words);
    }
}

/// The parser tries what it does not understand in more than one way: at this depth that must still end.
#[test]
fn what_is_not_closed_is_refused_soon() {
    for (before, part, times) in [
        ("select ", "case when true then ", 10),
        ("select ", "case ", 10),
        ("select ", "abs(", 49),
        ("select ", "(", 49),
        ("select ", "[", 49),
        ("select ", "{'a': ", 49),
        ("select ", "cast(", 49),
        ("select ", "exists(select ", 49),
        ("select ", "interval ", 10_000),
        ("select * from ", "(", 49),
        ("", "(", 49),
        ("select ", "x in (", 49),
    ] {
        check(&many(before, part, times, ""), "");
    }
}

#[test]
fn what_is_just_within_the_bounds_is_answered() {
    check(&many("select ", "x+", 200, "x from t"), "0 rows");
    check(&many("select x from t where ", "x=1 or ", 99, "x=1"), "0 rows");
    check(&many("select x from t", " union all select x from t", 63, ""), "0 rows");
    let list = (0..10_000).map(|number| number.to_string()).collect::<Vec<_>>().join(", ");
    check(&format!("select x from t where x in ({list})"), "0 rows");
    let tables = (0..126).map(|number| format!("t a{number}")).collect::<Vec<_>>().join(", ");
    check(&format!("select count(*) from t, {tables}"), "1 rows");
}

#[test]
fn what_grows_beyond_measure_is_refused_before_it_is_planned() {
    let (parts, copies) = ("more than 128 SELECTs and tables", "one column in more than 4096 times");
    let twice = |name: &str| format!("select p.x from {name} p, {name} q");
    check(&chain(30, "select x from t", twice, "select x from LAST"), parts);
    check(&chain(5, "select x from t", twice, "select x from LAST"), "0 rows");
    check(&many("select x from t", " union all select x from t", 64, ""), parts);
    let tables = (0..2_000).map(|number| format!("t a{number}")).collect::<Vec<_>>().join(", ");
    check(&format!("select count(*) from t, {tables}"), parts);

    let added = |name: &str| format!("select x + x as x from {name}");
    check(&chain(30, "select x from t", added, "select x from LAST where x > 5"), copies);
    check(&chain(8, "select x from t", added, "select x from LAST where x > 5"), "0 rows");
    let other_names = |name: &str| format!("select p.x + x as x from {name} p");
    check(&chain(30, "select x from t", other_names, "select x from LAST where x > 5"), copies);
    let longer = |name: &str| format!("select concat(y, y) as y from {name}");
    check(&chain(40, "select 'a text' as y", longer, "select y from LAST"), copies);
    // A subquery is no other than a common table expression.
    let within = (0..14).fold("select x from t".to_owned(), |from, _| format!("select x + x as x from ({from})"));
    check(&format!("{within} where x > 5"), copies);
}

#[test]
fn what_makes_much_of_little_is_not_there() {
    for call in [
        "repeat('x', 2000000000)",
        "lpad('a', 2000000000, 'b')",
        "rpad('a', 2000000000, 'b')",
        "array_repeat('x', 2000000000)",
        "list_repeat('x', 2000000000)",
        "array_resize([1], 2000000000, 2)",
        "list_resize([1], 2000000000, 2)",
        "range(1, 10000000000)",
        "unnest(generate_series(1, 10000000000))",
    ] {
        check(&format!("select {call}"), "invalid function");
    }
    check("select * from range(1, 10000000000)", "there is no table `range`");
    check("select * from read_csv('/etc/passwd')", "there is no table `read_csv`");
    check("select regexp_like('a', '(((a{1,100}){1,100}){1,100}){1,100}')", "did not compile");
    check("select regexp_replace(y, '(a*)*b', 'x') from t", "0 rows");
}
