//! `cargo xtask lint`: the rules of the house that the compiler does not know. Each is a function from what there is to
//! what is wrong with it.

mod files;
mod licences;
mod packages;

use crate::workspace;

pub(crate) fn run() -> Result<(), String> {
    let root = workspace::root();
    let metadata = workspace::output(workspace::cargo().args(["metadata", "--format-version", "1", "--locked"]))?;
    let packages = packages::read(&metadata.stdout)?;
    let files = files::read(&root, &workspace::files(&root)?)?;
    let mut problems = Vec::new();
    for rule in [
        packages::arrows,
        packages::pure_crates_stay_pure,
        packages::one_crate_each_for_aws_and_sql,
        packages::no_typed_clients,
        licences::allowed,
    ] {
        problems.extend(rule(&packages));
    }
    for rule in
        [files::rooms_are_small, files::controls_have_cases, files::nothing_is_left_over, files::no_machine_paths]
    {
        problems.extend(rule(&files));
    }
    for problem in &problems {
        eprintln!("{problem}");
    }
    match problems.len() {
        0 => {
            println!("lint: {} packages and {} files keep to the rules", packages.len(), files.len());
            Ok(())
        }
        count => Err(format!("{count} breaches of the rules of the house (ARCHITECTURE.md)")),
    }
}
