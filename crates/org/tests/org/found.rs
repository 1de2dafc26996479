//! What is kept in `fuzz/corpus`, and damaged copies of it, through the same functions as the fuzz targets.

#[path = "../../../../fuzz/checks/directory.rs"]
mod directory;
#[path = "../../../../fuzz/checks/mutate.rs"]
mod mutate;

#[test]
fn nothing_near_the_corpus_breaks_a_law() {
    mutate::rerun("directory", 100, directory::directory);
}
