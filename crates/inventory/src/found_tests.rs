//! What is kept in `fuzz/corpus`, and damaged copies of it, through the same functions as the fuzz targets.

#[path = "../../../fuzz/checks/mutate.rs"]
mod mutate;
#[path = "../../../fuzz/checks/table.rs"]
mod table;

#[path = "../../../fuzz/checks/sql.rs"]
mod sql;

use crate::sql::read;

/// What an accepted text is held against would find each of these, and none of them is accepted.
#[test]
fn whatever_else_than_one_select_is_refused() {
    for text in [
        "",
        ";",
        "-- select 1",
        "select 1; select 2",
        "select 1;;delete from t",
        "copy t to 'x.csv'",
        "copy (select 1) to 'x.csv'",
        "create table t as select 1",
        "create or replace table t as select 1",
        "create external table t stored as csv location '/etc/passwd'",
        "create function f() returns int return 1",
        "drop table t",
        "alter table t add column x int",
        "truncate table t",
        "insert into t values (1)",
        "update t set x = 1",
        "delete from t",
        "merge into t using u on t.x = u.x when matched then delete",
        "set x = 1",
        "reset x",
        "use other",
        "show tables",
        "describe t",
        "explain select 1",
        "explain analyze select 1",
        "explain analyze insert into t select 1",
        "prepare p as select 1",
        "execute p",
        "deallocate p",
        "begin",
        "commit",
        "call f()",
        "pragma x",
        "attach 'x' as y",
        "install httpfs",
        "load httpfs",
        "grant select on t to u",
        "vacuum t",
        "select * into t from u",
        "select x into t from u",
        "select 1 into \"t\"",
        "with a as (insert into t values (1) returning x) select * from a",
        "with a as (delete from t returning x) select * from a",
        "with a as (update t set x = 1 returning x) select * from a",
        "with a as materialized (insert into t values (1)) select 1",
        "with a as (select 1) insert into t select * from a",
        "with a (x) as (select 1), b as (select 2) delete from t",
        "with a as (select 1) update t set x = 1",
        "select 1 union all (insert into t values (1))",
        "(insert into t values (1))",
        "(delete from t)",
        "/* select */ drop table t",
        "'select'; drop table t",
    ] {
        assert!(sql::one_select(text).is_err(), "{text}");
        assert!(read(text).is_err(), "{text}");
    }
}

/// The other reading leaves alone what only looks like more.
#[test]
fn one_select_is_one_select() {
    for text in [
        "select 1",
        "  ((select 1)) ;;",
        "select 'a; drop table t' -- ; delete from t",
        "select /* ; /* insert into */ */ 1",
        "select \"into\", x as into from t",
        "select $$; drop table t$$, $a$ ' $a$, e'\\'; drop table t'",
        "with a (x) as (select 1), b as materialized (select ';') select * from a, b",
        "with a as (select 1) (select * from a)",
        "from t",
        "values (1)",
        "select delete from t",
    ] {
        assert_eq!(sql::one_select(text), Ok(()), "{text}");
    }
}

#[test]
fn nothing_near_the_corpus_breaks_a_law() {
    mutate::rerun("sql", 100, sql::sql);
    mutate::rerun("table", 5, table::table);
}
