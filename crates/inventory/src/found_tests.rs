//! What is kept in `fuzz/corpus`, and damaged copies of it, through the same functions as the fuzz targets.

#[path = "../../../fuzz/checks/mutate.rs"]
mod mutate;
#[path = "../../../fuzz/checks/table.rs"]
mod table;

#[path = "../../../fuzz/checks/sql.rs"]
mod sql;

#[test]
fn nothing_near_the_corpus_breaks_a_law() {
    mutate::rerun("sql", 100, sql::sql);
    mutate::rerun("table", 5, table::table);
}
