//! What is kept in `fuzz/corpus`, and damaged copies of it, through the same functions as the fuzz targets.

#[path = "../../../../fuzz/checks/mutate.rs"]
mod mutate;
#[path = "../../../../fuzz/checks/replies.rs"]
mod replies;

#[test]
fn nothing_near_the_corpus_breaks_a_law() {
    mutate::rerun("replies", 100, replies::replies);
}
