//! The standards and controls that Security Hub offers, from `data/security-hub-controls.tsv`. Standards' ARNs and which
//! of them are enabled by default follow "Standards reference for Security Hub CSPM" of the AWS Security Hub User Guide.

use std::sync::OnceLock;

use dodai_facts::Region;

/// A standard in a Region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Standard {
    pub(super) arn: String,
    /// What follows `subscription/` and `control/` in ARNs.
    pub(super) path: &'static str,
    pub(super) name: &'static str,
    /// Whether `EnableSecurityHub` enables it.
    pub(super) by_default: bool,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Fsbp,
    /// Index into [`Control::cis`].
    Cis(usize),
}

/// A control.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Control {
    /// `S3.8`
    pub(super) id: &'static str,
    pub(super) severity: &'static str,
    pub(super) title: &'static str,
    fsbp: bool,
    /// The requirement in CIS 1.2.0, 1.4.0, 3.0.0, 5.0.0; empty where it is not part.
    cis: [&'static str; 4],
    /// Empty: every Region.
    only_region: &'static str,
}

const STANDARDS: [(&str, &str, bool, Kind); 5] = [
    (
        "aws-foundational-security-best-practices/v/1.0.0",
        "AWS Foundational Security Best Practices v1.0.0",
        true,
        Kind::Fsbp,
    ),
    ("cis-aws-foundations-benchmark/v/1.2.0", "CIS AWS Foundations Benchmark v1.2.0", true, Kind::Cis(0)),
    ("cis-aws-foundations-benchmark/v/1.4.0", "CIS AWS Foundations Benchmark v1.4.0", false, Kind::Cis(1)),
    ("cis-aws-foundations-benchmark/v/3.0.0", "CIS AWS Foundations Benchmark v3.0.0", false, Kind::Cis(2)),
    ("cis-aws-foundations-benchmark/v/5.0.0", "CIS AWS Foundations Benchmark v5.0.0", false, Kind::Cis(3)),
];

/// The standards of a Region.
pub(super) fn standards(region: &Region) -> Vec<Standard> {
    let partition = region.partition();
    let standard = |&(path, name, by_default, kind): &(&'static str, &'static str, bool, Kind)| {
        // The oldest one is a rule set without a Region.
        let arn = match kind {
            Kind::Cis(0) => format!("arn:{}:securityhub:::ruleset/{path}", partition.as_str()),
            _ => format!("arn:{}:securityhub:{}::standards/{path}", partition.as_str(), region.as_str()),
        };
        Standard { arn, path, name, by_default, kind }
    };
    STANDARDS.iter().map(standard).collect()
}

/// The standard of an ARN in a Region.
pub(super) fn standard(region: &Region, arn: &str) -> Option<Standard> {
    standards(region).into_iter().find(|standard| standard.arn == arn)
}

/// All controls, in the file's order.
fn all() -> &'static [Control] {
    static ALL: OnceLock<Vec<Control>> = OnceLock::new();
    ALL.get_or_init(|| {
        let lines = include_str!("../../../data/security-hub-controls.tsv").lines();
        lines.filter(|line| !line.starts_with('#')).filter_map(control).collect()
    })
}

fn control(line: &'static str) -> Option<Control> {
    let mut fields = line.split('\t');
    Some(Control {
        id: fields.next()?,
        severity: fields.next()?,
        fsbp: fields.next()? == "y",
        cis: [fields.next()?, fields.next()?, fields.next()?, fields.next()?],
        only_region: fields.next()?,
        title: fields.next()?,
    })
}

/// The controls that are offered in a Region.
pub(super) fn controls(region: &Region) -> impl Iterator<Item = &'static Control> {
    all().iter().filter(move |control| control.only_region.is_empty() || control.only_region == region.as_str())
}

/// A control by its id or its ARN's end.
pub(super) fn by_id(region: &Region, id: &str) -> Option<&'static Control> {
    let id = id.rsplit('/').next().unwrap_or(id);
    controls(region).find(|control| control.id == id)
}

impl Standard {
    /// What the control is called in this standard (`KMS.2`, `2.1`); none where it is not part.
    pub(super) fn requirement(&self, control: &Control) -> Option<&'static str> {
        match self.kind {
            Kind::Fsbp => control.fsbp.then_some(control.id),
            Kind::Cis(version) => control.cis.get(version).copied().filter(|requirement| !requirement.is_empty()),
        }
    }

    pub(super) fn controls(&self, region: &Region) -> Vec<&'static Control> {
        controls(region).filter(|control| self.requirement(control).is_some()).collect()
    }
}

impl Control {
    pub(super) fn remediation_url(&self) -> String {
        format!("https://docs.aws.amazon.com/console/securityhub/{}/remediation", self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_read_whole() {
        let region: Region = "us-east-1".parse().unwrap();
        assert_eq!(all().len(), include_str!("../../../data/security-hub-controls.tsv").lines().count() - 2);
        assert!(all().iter().all(|control| ["LOW", "MEDIUM", "HIGH", "CRITICAL"].contains(&control.severity)));
        for standard in standards(&region) {
            assert!(standard.controls(&region).len() > 30, "{}", standard.arn);
        }
        assert_eq!(
            by_id(&region, "arn:aws:securityhub:us-east-1:1:security-control/KMS.2").map(|found| found.id),
            Some("KMS.2")
        );
        assert!(by_id(&region, "Nothing.1").is_none());
    }
}
