//! The organization that is planned: made once in moto by a script, two plans of one of its accounts recorded (before
//! anything is done, and after everything is), and all its other accounts taken to be like that one.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use crate::emulator::{Emulator, request};
use crate::python::Environment;
use crate::stage::without_own_settings;
use crate::workspace::{self, read, write};

/// The recording of an organization in which nothing was done.
pub(super) const NOTHING: &str = "nothing.jsonl";
/// The recording after everything was done.
pub(super) const SETTLED: &str = "settled.jsonl";

const SCRIPT: &str = "xtask/bench/scale_organization.py";
const EXAMPLE: &str = "examples/starter";
const MANAGEMENT: &str = "management";

/// What [`make`] made.
#[derive(Debug)]
pub(super) struct Made {
    pub(super) directory: PathBuf,
    /// Account ids, and the account that each is like.
    pub(super) members: Value,
}

/// Makes it below `place`, or finds it there, made by the same programs.
pub(super) fn make(place: &Path, accounts: u32, dodai: &Path, testbed: &Path) -> Result<Made, String> {
    let directory = place.join("organization");
    let stamp = place.join("stamp");
    let wanted = stamp_of(accounts, &[dodai, testbed, &workspace::root().join(SCRIPT)])?;
    let members = place.join("members.json");
    if !read(&stamp).is_ok_and(|found| found == wanted) {
        workspace::remove(place)?;
        std::fs::create_dir_all(place).map_err(|error| format!("{}: {error}", place.display()))?;
        eprintln!("making an organization of {accounts} accounts in the emulator (once)");
        let ids = record(place, &directory, accounts, dodai, testbed)?;
        write(&members, &ids.to_string())?;
        write(&stamp, &wanted)?;
    }
    let members = serde_json::from_str(&read(&members)?).map_err(|error| format!("{}: {error}", members.display()))?;
    Ok(Made { directory, members })
}

/// Other programs may read other things, which were not recorded.
fn stamp_of(accounts: u32, files: &[&Path]) -> Result<String, String> {
    let mut hash = Sha256::new_with_prefix(accounts.to_be_bytes());
    for file in files {
        hash.update(std::fs::read(file).map_err(|error| format!("{}: {error}", file.display()))?);
    }
    Ok(hash.finalize().iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}")))
}

fn record(place: &Path, directory: &Path, accounts: u32, dodai: &Path, testbed: &Path) -> Result<Value, String> {
    let environment = Environment::emulator()?;
    let moto = environment.program("moto_server");
    let options = ["--moto", "", "--record", "--no-managed-policies", "--create-account-reads", "0"];
    let mut options: Vec<&OsStr> = options.iter().map(OsStr::new).collect();
    if let Some(program) = options.get_mut(1) {
        *program = moto.as_os_str();
    }
    let emulator = Emulator::start_with(testbed, &options, &place.join("emulator.log"))?;
    let mut script = Command::new(environment.program("python"));
    script.arg("-B").arg(workspace::root().join(SCRIPT)).arg(accounts.to_string()).arg(directory);
    script.arg(workspace::root().join(EXAMPLE));
    let made = workspace::output(without_own_settings(&mut script, &emulator.url))?;
    let ids: Map<String, Value> = serde_json::from_slice(&made.stdout).map_err(|error| format!("{SCRIPT}: {error}"))?;
    let (name, like) = ids.iter().next().ok_or("no accounts were made")?;

    // One member and the management account stand for all; the whole plan asks for the organization's policies besides.
    let parts = ["--account", name, "--account", MANAGEMENT];
    let organization = ["organization-units", "policy-types", "policies", "accounts", "policy-attachments"];
    let whole: Vec<&str> = organization.iter().flat_map(|feature| ["--feature", feature]).collect();
    let run = |verb: &[&str], selection: &[&str], code: i32| {
        let mut command = Command::new(dodai);
        // Patient: a recording is whole only if every call was answered, and the emulator may be slow.
        command.args(verb).args(selection).args(["--quiet", "--timeout", "120", "--retry-for", "300"]);
        command.current_dir(directory).stdout(std::process::Stdio::null());
        let status = without_own_settings(&mut command, &emulator.url).status();
        match status.map_err(|error| format!("{}: {error}", dodai.display()))?.code() {
            Some(found) if found == code => Ok(()),
            found => Err(format!("`dodai {}` ended with {found:?}, not {code}", verb.join(" "))),
        }
    };
    let keep = |file: &str| -> Result<(), String> {
        write(&place.join(file), &request(&emulator.url, "GET", "/testbed/recording", "")?)?;
        request(&emulator.url, "DELETE", "/testbed/recording", "").map(drop)
    };
    let apply = ["apply", "--yes", "--allow-guardrail", "--allow-irreversible"];
    request(&emulator.url, "DELETE", "/testbed/recording", "")?;
    run(&["plan"], &parts, 2)?;
    run(&["plan"], &whole, 2)?;
    keep(NOTHING)?;
    run(&apply, &whole, 0)?;
    run(&apply, &parts, 0)?;
    // Without what `apply` remembered, so that the accounts' tags are asked for and recorded.
    workspace::remove(&directory.join(".dodai"))?;
    request(&emulator.url, "DELETE", "/testbed/recording", "")?;
    run(&["plan"], &parts, 0)?;
    run(&["plan"], &whole, 0)?;
    keep(SETTLED)?;
    let members = ids.values().filter_map(Value::as_str).map(|id| (id.to_owned(), like.clone()));
    Ok(json!(members.collect::<Map<String, Value>>()))
}
