//! A standard: which of its requirements is answered by which controls. The only place that says so.

use std::collections::BTreeSet;

use dodai_facts::{Partition, Problem, Region};
use serde::{Deserialize, Serialize};

use crate::control::nearest;

/// A standard file may be this large, in bytes.
const MOST_BYTES: usize = 1_000_000;

/// A standard, as far as our controls answer it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Standard {
    /// `fsbp`: the name that the directory uses; the file's own.
    pub id: String,
    pub title: String,
    /// With `{partition}` and `{region}` in place of these.
    pub arn: String,
    pub requirements: Vec<Requirement>,
}

/// One requirement, by the standard's own number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Requirement {
    pub id: String,
    pub controls: Vec<String>,
}

impl Standard {
    /// Reads a standard file. `controls` are the ids that there are.
    pub fn parse(file: &str, text: &str, controls: &BTreeSet<&str>) -> Result<Self, Vec<Problem>> {
        let problem = |line: usize, column: usize, message: String, help: Option<String>| Problem {
            file: file.to_owned(),
            line,
            column,
            message,
            help,
        };
        if text.len() > MOST_BYTES {
            let message = format!("a standard file has at most {MOST_BYTES} bytes, not {}", text.len());
            return Err(vec![problem(0, 0, message, None)]);
        }
        let standard: Self = serde_saphyr::from_str(text).map_err(|error| {
            let (line, column, message) = crate::case::place(&error);
            vec![problem(line, column, message, None)]
        })?;
        let mut problems = Vec::new();
        let mut seen = BTreeSet::new();
        let known: Vec<&str> = controls.iter().copied().collect();
        for requirement in &standard.requirements {
            if !seen.insert(requirement.id.as_str()) {
                problems.push(problem(0, 0, format!("requirement `{}` is given twice", requirement.id), None));
            }
            if requirement.controls.is_empty() {
                problems.push(problem(0, 0, format!("requirement `{}` names no control", requirement.id), None));
            }
            for id in requirement.controls.iter().filter(|id| !controls.contains(id.as_str())) {
                let message = format!("requirement `{}` names `{id}`, which is no control", requirement.id);
                problems.push(problem(0, 0, message, Some(nearest(id, &known))));
            }
        }
        if problems.is_empty() { Ok(standard) } else { Err(problems) }
    }

    /// Every control that answers a requirement, once.
    pub fn controls(&self) -> BTreeSet<&str> {
        self.requirements.iter().flat_map(|requirement| requirement.controls.iter().map(String::as_str)).collect()
    }

    /// The requirements that a control answers.
    pub fn requirements_of<'a>(&'a self, control: &'a str) -> impl Iterator<Item = &'a str> {
        let answers = move |requirement: &&Requirement| requirement.controls.iter().any(|id| id == control);
        self.requirements.iter().filter(answers).map(|requirement| requirement.id.as_str())
    }

    /// The standard's ARN in a Region.
    pub fn arn_in(&self, partition: Partition, region: &Region) -> String {
        self.arn.replace("{partition}", partition.as_str()).replace("{region}", region.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
id: x
title: X
arn: arn:{partition}:securityhub:{region}::standards/x/v/1.0.0
requirements:
  - {id: '1.1', controls: [A.1, A.2]}
  - {id: '1.2', controls: [A.1]}
";

    fn parse(text: &str) -> Result<Standard, Vec<String>> {
        Standard::parse("x.yaml", text, &["A.1", "A.2"].into())
            .map_err(|problems| problems.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn a_standard_is_read() {
        let standard = parse(TEXT).unwrap();
        assert_eq!(standard.controls().into_iter().collect::<Vec<_>>(), ["A.1", "A.2"]);
        assert_eq!(standard.requirements_of("A.1").collect::<Vec<_>>(), ["1.1", "1.2"]);
        let region: Region = "cn-north-1".parse().unwrap();
        let arn = standard.arn_in(region.partition(), &region);
        assert_eq!(arn, "arn:aws-cn:securityhub:cn-north-1::standards/x/v/1.0.0");
    }

    #[test]
    fn mistakes_are_told() {
        for (from, to, expected) in [
            ("[A.1]", "[A.11]", "x.yaml: requirement `1.2` names `A.11`, which is no control (did you mean `A.1`?)"),
            ("[A.1]", "[]", "x.yaml: requirement `1.2` names no control"),
            ("'1.2'", "'1.1'", "x.yaml: requirement `1.1` is given twice"),
            ("title: X", "titel: X", "x.yaml:2:1: unknown field `titel`"),
            ("title: X", "title: [", "x.yaml:"),
        ] {
            assert!(TEXT.contains(from), "{from}");
            let problems = parse(&TEXT.replacen(from, to, 1)).unwrap_err();
            assert!(problems[0].starts_with(expected), "{problems:?}");
        }
    }
}
