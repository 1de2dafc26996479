//! The `dodai` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    dodai_cli::main()
}
