//! A control to start from: `controls/<service>/<id>.sql`, `<id>.cases.yaml` beside it, and its requirements in
//! `standards/`. What Security Hub says of the control (severity, where it is judged, which standards ask for it) is
//! taken from `standards/security-hub.csv`.

use std::fmt::Write as _;
use std::path::Path;

use crate::workspace::{read, write};

const NEXT: &str = "\
Next: read the control's page in the Security Hub User Guide; replace title, repair, documentation and query; give cases
for everything that decides. Then: cargo test -p dodai-controls, and cargo test -p dodai-cli for the cases.";

/// What to do with the files that were made for a control, and what judges it where no standard does.
pub(crate) fn next(id: &str, files: &[String]) -> String {
    if files.iter().any(|file| file.starts_with("standards/")) {
        return NEXT.to_owned();
    }
    format!("No standard here asks for {id}: `dodai assess --control {id}` judges it, and only that.\n\n{NEXT}")
}

/// A line of `standards/security-hub.csv`.
#[derive(Debug, Default)]
struct Known {
    severity: String,
    fsbp: bool,
    cis_5_0: Vec<String>,
    global: bool,
    only_region: String,
    delegated_admin: bool,
}

impl Known {
    /// Whether a standard here asks for it.
    fn is_asked_for(&self) -> bool {
        self.fsbp || !self.cis_5_0.is_empty()
    }
}

/// Writes the files of a control about a table; the first of its service that has tags where none is named.
pub(crate) fn scaffold(root: &Path, id: &str, table: Option<&str>) -> Result<Vec<String>, String> {
    let known = known(&read(&root.join("standards/security-hub.csv"))?, id)?;
    let service = service_of(id);
    let table = match table {
        Some(table) => table.to_owned(),
        None => first_table(root, &service)?,
    };
    let control = format!("controls/{service}/{id}.sql");
    if root.join(&control).exists() {
        return Err(format!("`{control}` is there already"));
    }
    let cases = format!("controls/{service}/{id}.cases.yaml");
    let mut files =
        vec![(control, query(id, &known, &table, &service)), (cases, sample_cases(&known, &table, &service))];
    if known.fsbp {
        let text = read(&root.join("standards/fsbp.yaml"))?;
        files.push(("standards/fsbp.yaml".to_owned(), with_requirement(&text, id, id)));
    }
    let mut cis = None;
    for requirement in &known.cis_5_0 {
        let text = cis.map_or_else(|| read(&root.join("standards/cis-5.0.yaml")), Ok)?;
        cis = Some(with_requirement(&text, &format!("'{requirement}'"), id));
    }
    files.extend(cis.map(|text| ("standards/cis-5.0.yaml".to_owned(), text)));
    for (path, text) in &files {
        write(&root.join(path), text)?;
    }
    Ok(files.into_iter().map(|(path, _)| path).collect())
}

/// `SNS.4` is of `sns`.
fn service_of(id: &str) -> String {
    id.split('.').next().unwrap_or(id).to_lowercase()
}

fn known(csv: &str, id: &str) -> Result<Known, String> {
    let lines: Vec<Vec<&str>> = csv.lines().skip(1).map(|line| line.split(',').collect()).collect();
    for line in &lines {
        let &[control, severity, fsbp, cis_5_0, global, only_region, delegated_admin] = line.as_slice() else {
            return Err("standards/security-hub.csv has another form".to_owned());
        };
        if control == id {
            return Ok(Known {
                severity: severity.to_owned(),
                fsbp: fsbp == "y",
                cis_5_0: cis_5_0.split_whitespace().map(ToOwned::to_owned).collect(),
                global: global == "y",
                only_region: only_region.to_owned(),
                delegated_admin: delegated_admin == "y",
            });
        }
    }
    let ids = lines.iter().filter_map(|line| line.first().copied());
    let near: Vec<&str> = ids.filter(|other| service_of(other) == service_of(id)).collect();
    let near =
        if near.is_empty() { "an id is like `S3.8`".to_owned() } else { format!("there are {}", near.join(", ")) };
    Err(format!("`{id}` is no control of Security Hub: {near}"))
}

/// The first table of a service that has tags, which the sample asks for.
fn first_table(root: &Path, service: &str) -> Result<String, String> {
    let path = format!("tables/{service}.yaml");
    let text = read(&root.join(&path)).unwrap_or_default();
    first_with_tags(&text).map(ToOwned::to_owned).ok_or_else(|| {
        format!(
            "no table of `{path}` has tags, which the sample asks for: name the table that the control is about \
             (`cargo xtask new table` makes one)"
        )
    })
}

fn first_with_tags(text: &str) -> Option<&str> {
    let mut table = None;
    for line in text.lines() {
        if let Some(name) = line.strip_suffix(':').filter(|name| name.starts_with("aws_")) {
            table = Some(name);
        } else if line.trim_start().starts_with("tags:") && table.is_some() {
            return table;
        }
    }
    None
}

fn query(id: &str, known: &Known, table: &str, service: &str) -> String {
    let mut text =
        format!("-- id: {id}\n-- title: Resources have an owner\n-- severity: {}\n-- of: {table}\n", known.severity);
    if known.only_region.is_empty() && known.global {
        text.push_str("-- global: true\n");
    }
    if !known.only_region.is_empty() {
        let _ = writeln!(text, "-- only_region: {}", known.only_region);
    }
    if known.delegated_admin {
        let _ = writeln!(text, "-- delegated_admin: {service}");
    }
    let _ = write!(
        text,
        "-- repair: tag the resource with the name of the team that owns it\n--\n\
         -- A sample to start from: a resource passes when its tag Owner says something.\n\
         select\n  _id,\n  coalesce(tags['Owner'], '') <> '' as passed,\n  'the tag Owner is missing' as reason\nfrom {table}\n"
    );
    text
}

fn sample_cases(known: &Known, table: &str, service: &str) -> String {
    // Every row in the one Region where the control is judged, and in the account that it is judged for.
    let region = if known.only_region.is_empty() { String::new() } else { format!(", region: {}", known.only_region) };
    let administrators = if known.delegated_admin {
        format!("    administrators: {{{service}: '111122223333'}}\n")
    } else {
        String::new()
    };
    format!(
        "cases:\n  - name: with an owner, with an empty one, without\n{administrators}    rows:\n      {table}:\n\
         \x20       - {{_id: with, tags: {{Owner: platform}}{region}}}\n\
         \x20       - {{_id: empty, tags: {{Owner: ''}}{region}}}\n\
         \x20       - {{_id: without{region}}}\n\
         \x20   expect:\n      with: PASSED\n      empty: FAILED\n      without: {{status: FAILED, because: Owner is missing}}\n\
         \x20 - name: tags that were not read\n{administrators}    rows: {{{table}: [{{_id: a{region}}}]}}\n\
         \x20   gaps: [{{table: {table}, row: a, column: tags}}]\n    expect: {{a: UNKNOWN}}\n"
    )
}

/// Adds a control to a requirement of a standard, or the requirement where it is not there yet: in the order of numbers
/// among those that begin like it, else at the end.
fn with_requirement(text: &str, requirement: &str, control: &str) -> String {
    let start = format!("  - {{id: {requirement}, controls: [");
    if let Some(line) = text.lines().find(|line| line.starts_with(&start)) {
        return text.replacen(line, &line.replacen("]}", &format!(", {control}]}}"), 1), 1);
    }
    let lines: Vec<&str> = text.lines().collect();
    let group = format!("  - {{id: {}", requirement.split_inclusive('.').next().unwrap_or(requirement));
    let is_later = |line: &&str| line.starts_with(&group) && numbers(line) > numbers(&start);
    let last = || lines.iter().rposition(|line| line.starts_with(&group)).map(|last| last + 1);
    let place = lines.iter().position(is_later).or_else(last).unwrap_or(lines.len());
    let (before, after) = lines.split_at_checked(place).unwrap_or((&lines, &[]));
    let new = format!("{start}{control}]}}");
    [before, &[new.as_str()], after].concat().join("\n") + "\n"
}

/// The numbers of a requirement's line, up to its controls.
fn numbers(line: &str) -> Vec<u32> {
    let id = line.split(',').next().unwrap_or(line);
    id.split(|it: char| !it.is_ascii_digit()).filter_map(|number| number.parse().ok()).collect()
}

/// A control that is not there yet, whose service has tables: one that a standard asks for, or one that none does.
pub(crate) fn candidate(root: &Path, asked_for: bool) -> Result<String, String> {
    let csv = read(&root.join("standards/security-hub.csv"))?;
    let ids = csv.lines().skip(1).filter_map(|line| line.split(',').next());
    let is_new = |id: &&str| !root.join(format!("controls/{}/{id}.sql", service_of(id))).exists();
    let fits = |id: &&str| known(&csv, id).is_ok_and(|known| known.is_asked_for() == asked_for);
    let found = ids.filter(is_new).filter(fits).find(|id| first_table(root, &service_of(id)).is_ok());
    found.map(ToOwned::to_owned).ok_or_else(|| "every control of every service is there: congratulations".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requirements_are_added_in_their_place() {
        let check = |requirement: &str, control: &str, expected: &str| {
            let text = "requirements:\n  - {id: S3.2, controls: [S3.2]}\n  - {id: S3.13, controls: [S3.13]}\n  \
                        - {id: '1.2', controls: [SNS.1]}\n  - {id: '1.3.1', controls: [SNS.1]}\n";
            let added = with_requirement(text, requirement, control);
            assert!(added.contains(expected) && added.ends_with("}\n"), "{added}");
        };
        check("S3.1", "S3.1", "requirements:\n  - {id: S3.1, controls: [S3.1]}\n  - {id: S3.2, ");
        check("S3.9", "S3.9", "[S3.2]}\n  - {id: S3.9, controls: [S3.9]}\n  - {id: S3.13, ");
        check("S3.20", "S3.20", "[S3.13]}\n  - {id: S3.20, controls: [S3.20]}\n  - {id: '1.2', ");
        check("S3.2", "S3.9", "  - {id: S3.2, controls: [S3.2, S3.9]}\n  - {id: S3.13, ");
        check("'1.3'", "IAM.1", "[SNS.1]}\n  - {id: '1.3', controls: [IAM.1]}\n  - {id: '1.3.1', ");
        check("'2.1'", "IAM.1", "{id: '1.3.1', controls: [SNS.1]}\n  - {id: '2.1', controls: [IAM.1]}\n");
    }

    #[test]
    fn the_sample_is_about_a_table_with_tags() {
        let text = "# tags: here\naws_a_b:\n  key: [Name]\n\naws_a_c:\n  add:\n    tags:\n      call: a.B\n";
        assert_eq!(first_with_tags(text), Some("aws_a_c"));
        assert_eq!(first_with_tags("tags: Tags\naws_a_b:\n  key: [Name]\n"), None);
    }

    #[test]
    fn what_security_hub_does_not_know_is_refused() {
        let csv = "control,severity,fsbp,cis_5_0,global,only_region,delegated_admin\nS3.1,MEDIUM,y,2.1.4,n,,n\n";
        assert_eq!(known(csv, "S3.99").unwrap_err(), "`S3.99` is no control of Security Hub: there are S3.1");
        assert_eq!(known(csv, "s3").unwrap_err(), "`s3` is no control of Security Hub: there are S3.1");
        assert_eq!(known(csv, "X.1").unwrap_err(), "`X.1` is no control of Security Hub: an id is like `S3.8`");
        let found = known(csv, "S3.1").unwrap();
        assert!(found.fsbp && found.cis_5_0 == ["2.1.4"] && found.severity == "MEDIUM");
    }

    #[test]
    fn a_control_says_where_it_is_judged() {
        let known = Known { global: true, ..Known::default() };
        assert!(query("A.1", &known, "t", "a").contains("\n-- global: true\n"));
        let known =
            Known { global: true, only_region: "us-east-1".to_owned(), delegated_admin: true, ..Known::default() };
        let text = query("A.1", &known, "t", "a");
        assert!(
            text.contains("\n-- only_region: us-east-1\n-- delegated_admin: a\n") && !text.contains("global"),
            "{text}"
        );
        let cases = sample_cases(&known, "t", "a");
        assert!(
            cases.contains("region: us-east-1") && cases.contains("administrators: {a: '111122223333'}"),
            "{cases}"
        );
    }
}
