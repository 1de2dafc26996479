//! `cargo xtask conformance [SERVICE …]`: what the API client sends and what it makes of replies, against botocore, for
//! every operation of every embedded model. The comparison is `xtask/conformance/run.py`; our side of it is an example
//! of `dodai-api`. Nothing is sent anywhere.

use std::process::Command;

use crate::python::Environment;
use crate::workspace::{self, cargo};

const SCRIPT: &str = "xtask/conformance/run.py";
const SERVICES: &str = "models/services.txt";

/// Of the services named, or of all.
pub(crate) fn run(services: &[&str]) -> Result<(), String> {
    // The emulator's packages have botocore, of the models' release.
    let python = Environment::emulator()?.program("python");
    workspace::run(cargo().args([
        "build",
        "--quiet",
        "--locked",
        "--package",
        "dodai-api",
        "--example",
        "conformance",
    ]))?;
    let program = workspace::target_directory()?.join("debug/examples/conformance");
    // Without byte code: nothing is written beside the scripts.
    let mut compare = Command::new(python);
    compare.current_dir(workspace::root()).args(["-B", SCRIPT]).arg(program).arg(SERVICES).args(services);
    workspace::run(&mut compare)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models;
    use crate::python::REQUIREMENTS;

    #[test]
    fn the_reference_is_of_the_models_release() {
        let pinned = workspace::read(&workspace::root().join(REQUIREMENTS)).unwrap();
        assert!(pinned.lines().any(|line| line == format!("botocore=={}", models::VERSION)));
    }
}
