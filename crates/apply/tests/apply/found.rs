//! What is kept in `fuzz/corpus`, and damaged copies of it, through the same functions as the fuzz targets.

#[path = "../../../../fuzz/checks/mutate.rs"]
mod mutate;
#[path = "../../../../fuzz/checks/plan_file.rs"]
mod plan_file;

#[test]
fn nothing_near_the_corpus_breaks_a_law() {
    mutate::rerun("plan_file", 100, plan_file::plan_file);
}
