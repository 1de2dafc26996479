//! What the fuzz targets have found, and what reaches most of the code: the files of `fuzz/corpus`, through the same
//! functions.

use std::path::Path;

#[path = "../../../../fuzz/checks/mod.rs"]
mod checks;

fn check(target: &str, run: fn(&[u8])) {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(target);
    let mut files: Vec<_> = directory.read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty(), "{target}");
    for file in files {
        println!("{}", file.display());
        run(&std::fs::read(&file).unwrap());
    }
}

#[test]
fn nothing_in_the_corpus_breaks_a_law() {
    check("decide", checks::line);
    check("management", checks::management);
    check("matcher", checks::matcher);
    check("pack", checks::pack);
    check("parser", checks::parser);
    check("reference", checks::reference);
    check("structured", checks::structured);
}
