//! `cargo xtask models [--check]`: compiles the API models that the program embeds out of one pinned release
//! of botocore: the services of `models/services.txt`, without their prose, and where they are offered. Beside them,
//! the service authorization reference that policies are read against.
//! `--check` writes nothing and fails when what is committed is not what would be written.

mod paginators;
mod partitions;
mod reference;
mod rules;
mod service;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use dodai_models::archive;
use serde_json::Value;
use sha2::{Digest, Sha256};

pub(crate) const VERSION: &str = "1.44.5";
/// Of `botocore-<version>-py3-none-any.whl`.
const SHA256: &str = "8f16a56d1dff125dd65322ae021efa7ba5195a6db5102b96862566055b748921";

/// Python: unpacks the wheel's data and licence into a directory, and the files in it that are compressed.
const UNPACK: &str = "
import gzip, os, sys, zipfile
wheel = zipfile.ZipFile(sys.argv[1])
for name in wheel.namelist():
    parts = name.split('/')
    kept = parts[:2] == ['botocore', 'data'] or parts[-1] in ('LICENSE.txt', 'NOTICE')
    if not kept or '..' in parts or parts[-1].startswith(('examples', 'waiters')):
        continue
    data = wheel.read(name)
    if name.endswith('.gz'):
        data = gzip.decompress(data)
        parts[-1] = parts[-1][:-3]
    os.makedirs(os.path.join(sys.argv[2], *parts[:-1]), exist_ok=True)
    with open(os.path.join(sys.argv[2], *parts), 'wb') as file:
        file.write(data)
";

pub(crate) fn run(args: &[String]) -> Result<(), String> {
    let check = match args.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] => false,
        ["--check"] => true,
        _ => return Err("usage: cargo xtask models [--check]".to_owned()),
    };
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().ok_or("the workspace has no root")?;
    let models = root.join("models");
    let target = root.join("target");
    let source = botocore(&target)?;
    let mut wanted = compile(&source, &read_text(&models.join("services.txt"))?)?;
    wanted.extend(reference::files(&target)?);
    if check { compare(&models, &wanted) } else { write(&models, &wanted) }
}

/// The files of `models/` that this writes, by name.
type Files = BTreeMap<String, Vec<u8>>;

fn compile(source: &Path, list: &str) -> Result<Files, String> {
    let data = source.join("botocore/data");
    let names = service_names(list)?;
    let mut files = Files::new();
    let mut prefixes = BTreeMap::new();
    for name in &names {
        let directory = latest_version(&data.join(name))?;
        let compiled = compile_service(name, &directory).map_err(|error| format!("{name}: {error}"))?;
        prefixes.insert(name.clone(), compiled.endpoint_prefix.clone());
        let packed = archive::pack(&compiled).map_err(|error| format!("{name}: {error}"))?;
        files.insert(format!("{name}.bin"), packed);
    }
    let partitions = partitions::text(
        &read_json(&data.join("partitions.json"))?,
        &read_json(&data.join("endpoints.json"))?,
        &prefixes,
    )?;
    files.insert("partitions.json".to_owned(), partitions.into_bytes());
    files.insert("index.rs".to_owned(), index(&names).into_bytes());
    let about = source.join(format!("botocore-{VERSION}.dist-info"));
    files.insert("LICENSE-APACHE".to_owned(), read_text(&about.join("LICENSE.txt"))?.into_bytes());
    files.insert("NOTICE".to_owned(), notice(&read_text(&about.join("NOTICE"))?).into_bytes());
    Ok(files)
}

fn compile_service(name: &str, directory: &Path) -> Result<dodai_models::Service, String> {
    let mut model = read_json(&directory.join("service-2.json"))?;
    let extras = directory.join("service-2.sdk-extras.json");
    if extras.exists() {
        merge(&mut model, corrections(read_json(&extras)?));
    }
    let mut compiled = service::compile(name, &model)?;
    let paginators = directory.join("paginators-1.json");
    let paginators = if paginators.exists() { read_json(&paginators)? } else { Value::Null };
    compiled.paginators = paginators::compile(&compiled, &paginators)?;
    compiled.endpoint_rules = rules::compile(&read_json(&directory.join("endpoint-rule-set-1.json"))?)?;
    Ok(compiled)
}

/// What botocore corrects in the service's own model. Members that it adds are left out: its client takes them
/// (`SourceRegion`) and never sends them.
fn corrections(mut extras: Value) -> Value {
    let mut merge = extras.get_mut("merge").map_or_else(|| Value::Object(serde_json::Map::new()), Value::take);
    if let Some(shapes) = merge.get_mut("shapes").and_then(Value::as_object_mut) {
        shapes.retain(|_, shape| shape.get("members").is_none());
    }
    merge
}

/// Lays `extra` over `base`, object by object.
fn merge(base: &mut Value, extra: Value) {
    match (base, extra) {
        (Value::Object(base), Value::Object(extra)) => {
            for (key, value) in extra {
                merge(base.entry(key).or_insert(Value::Null), value);
            }
        }
        (base, extra) => *base = extra,
    }
}

fn service_names(list: &str) -> Result<Vec<String>, String> {
    let lines = list.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let mut names: Vec<String> = lines.map(ToOwned::to_owned).collect();
    names.sort();
    match names.windows(2).find(|pair| pair.first() == pair.last()).and_then(<[String]>::first) {
        Some(name) => Err(format!("models/services.txt names `{name}` twice")),
        None => Ok(names),
    }
}

/// Versions are dates: the last one by name is the newest.
fn latest_version(service: &Path) -> Result<PathBuf, String> {
    let mut versions = file_names(service).map_err(|error| format!("no such service: {error}"))?;
    versions.sort();
    versions.pop().map(|version| service.join(version)).ok_or_else(|| format!("{} is empty", service.display()))
}

fn index(names: &[String]) -> String {
    let mut text = "//! Every embedded model, sorted by name. Written by `cargo xtask models`.\n\n\
                    pub(super) static FILES: &[(&str, &[u8])] = &[\n"
        .to_owned();
    for name in names {
        let _ = writeln!(text, "    (\"{name}\", include_bytes!(\"{name}.bin\")),");
    }
    text.push_str("];\n");
    text
}

fn notice(botocore: &str) -> String {
    format!(
        "The files `*.bin`, but for `reference.bin`, and `partitions.json` of this directory are derived from the data\n\
         files of botocore {VERSION} (https://github.com/boto/botocore), licensed under the Apache License, Version 2.0:\n\
         see LICENSE-APACHE.\n\n\
         What was changed: the services of `services.txt` only; the newest API version of each; documentation,\n\
         examples, waiters, text patterns and shapes that no operation uses are left out; paginators are added\n\
         where token names leave no doubt; endpoint rule sets are parsed; the rest is put into a binary form.\n\
         `partitions.json` keeps the partitions, their Regions, and the Regions where each service is offered.\n\n\
         `reference.bin` is derived from the data files of {package} {reference}\n\
         (https://github.com/act-security-labs/iam-data), licensed under the MIT License: see LICENSE-MIT-iam-data.\n\
         What was changed: descriptions, categories and scenarios are left out; the rest is put into a binary form.\n\n\
         botocore's own notice:\n\n{botocore}",
        package = reference::PACKAGE,
        reference = reference::VERSION,
    )
}

/// The directory of the unpacked wheel, fetched where it is not there yet.
fn botocore(target: &Path) -> Result<PathBuf, String> {
    let directory = target.join("botocore");
    let wheel = directory.join(format!("botocore-{VERSION}-py3-none-any.whl"));
    let unpacked = directory.join(VERSION);
    fs::create_dir_all(&directory).map_err(|error| format!("{}: {error}", directory.display()))?;
    if !wheel.exists() {
        let mut pip = Command::new("python3");
        pip.args(["-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:", "--dest"]);
        finish(pip.arg(&directory).arg(format!("botocore=={VERSION}")))?;
    }
    check_sum(&wheel, SHA256)?;
    // Unpacked anew each time, so that a half-unpacked directory is never read.
    if unpacked.exists() {
        fs::remove_dir_all(&unpacked).map_err(|error| format!("{}: {error}", unpacked.display()))?;
    }
    finish(Command::new("python3").args(["-c", UNPACK]).arg(&wheel).arg(&unpacked))?;
    Ok(unpacked)
}

/// Refuses a download that is not the pinned one.
fn check_sum(path: &Path, wanted: &str) -> Result<(), String> {
    let bytes = fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let found = Sha256::digest(&bytes).iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"));
    if found == wanted {
        return Ok(());
    }
    Err(format!("{} has SHA-256 {found}, not {wanted}: remove it and try again", path.display()))
}

fn finish(command: &mut Command) -> Result<(), String> {
    let program = command.get_program().to_string_lossy().into_owned();
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("`{program}` ended with {status}")),
        Err(error) => Err(format!("`{program}` cannot be started: {error}")),
    }
}

fn write(models: &Path, wanted: &Files) -> Result<(), String> {
    for stale in stale(models, wanted)? {
        fs::remove_file(models.join(&stale)).map_err(|error| format!("{stale}: {error}"))?;
    }
    for (name, bytes) in wanted {
        let path = models.join(name);
        if fs::read(&path).ok().as_ref() != Some(bytes) {
            fs::write(&path, bytes).map_err(|error| format!("{}: {error}", path.display()))?;
        }
    }
    let size: usize = wanted.values().map(Vec::len).sum();
    println!("models: {} files, {} KB", wanted.len(), size / 1024);
    Ok(())
}

fn compare(models: &Path, wanted: &Files) -> Result<(), String> {
    let mut different = stale(models, wanted)?;
    different.extend(
        wanted
            .iter()
            .filter(|(name, bytes)| fs::read(models.join(name)).ok().as_ref() != Some(bytes))
            .map(|(name, _)| name.clone()),
    );
    if different.is_empty() {
        return Ok(());
    }
    Err(format!("models/ is not what `cargo xtask models` writes: {}", different.join(", ")))
}

/// Models of services that are no longer listed.
fn stale(models: &Path, wanted: &Files) -> Result<Vec<String>, String> {
    let is_model = |name: &String| Path::new(name).extension().is_some_and(|extension| extension == "bin");
    Ok(file_names(models)?.into_iter().filter(|name| is_model(name) && !wanted.contains_key(name)).collect())
}

fn file_names(directory: &Path) -> Result<Vec<String>, String> {
    let names = fs::read_dir(directory)
        .and_then(|entries| entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect());
    names.map_err(|error: std::io::Error| format!("{}: {error}", directory.display()))
}

fn read_text(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

fn read_json(path: &Path) -> Result<Value, String> {
    serde_json::from_str(&read_text(path)?).map_err(|error| format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn services_are_listed_once() {
        assert_eq!(service_names("# a\nsts\n\niam\n"), Ok(vec!["iam".to_owned(), "sts".to_owned()]));
        assert!(service_names("iam\nsts\niam\n").is_err_and(|error| error.contains("`iam` twice")));
    }

    #[test]
    fn extras_are_laid_over_the_model() {
        let mut model = json!({"shapes": {"A": {"type": "string"}, "B": {"type": "long"}}});
        let extra = json!({"A": {"type": "timestamp"}, "C": {"members": {"SourceRegion": {}}}});
        merge(&mut model, corrections(json!({"version": 1.0, "merge": {"shapes": extra}})));
        assert_eq!(model, json!({"shapes": {"A": {"type": "timestamp"}, "B": {"type": "long"}}}));
    }

    #[test]
    fn a_stale_model_is_found() {
        let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models");
        let all: Files = file_names(&models).expect("readable").into_iter().map(|name| (name, Vec::new())).collect();
        assert_eq!(stale(&models, &all), Ok(Vec::new()));
        let without: Files = all.into_iter().filter(|(name, _)| name != "sts.bin").collect();
        assert_eq!(stale(&models, &without), Ok(vec!["sts.bin".to_owned()]));
    }
}
