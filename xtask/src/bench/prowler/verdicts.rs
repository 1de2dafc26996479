//! What each tool said, by control and place, so that the two can be laid side by side.

use std::collections::BTreeMap;

use serde_json::Value;

use super::checks::{Pair, Place, Verdict};

/// By control and place. A place of which nothing was said is not there.
pub(super) type Verdicts = BTreeMap<(String, String), Verdict>;

/// Of `dodai assess --format json`.
pub(super) fn of_dodai(assessment: &Value, checks: &[Pair]) -> Result<Verdicts, String> {
    let findings = assessment.get("findings").and_then(Value::as_array).ok_or("Dodai's report has no findings")?;
    let mut verdicts = Verdicts::new();
    for finding in findings {
        let text = |name: &str| finding.get(name).and_then(Value::as_str).unwrap_or_default();
        let verdict = Verdict::read(text("status")).ok_or("a finding of Dodai's has no status")?;
        // Of a Region in which nothing of the kind exists, Prowler says nothing.
        let of_cell = finding.pointer("/subject/cell").is_some();
        if verdict == Verdict::Nothing || of_cell && verdict == Verdict::Passed {
            continue;
        }
        for check in checks.iter().filter(|check| check.control == text("control")) {
            let place = if of_cell { format!("all in {}", text("region")) } else { text("resource").to_owned() };
            add(&mut verdicts, check, place, text("region"), verdict);
        }
    }
    Ok(verdicts)
}

/// Of `prowler aws --output-formats json-ocsf`.
pub(super) fn of_prowler(findings: &Value, checks: &[Pair]) -> Result<Verdicts, String> {
    let findings = findings.as_array().ok_or("Prowler's report is no list")?;
    let mut verdicts = Verdicts::new();
    for finding in findings {
        let text = |path: &str| finding.pointer(path).and_then(Value::as_str).unwrap_or_default();
        let verdict = Verdict::read(text("/status_code")).ok_or("a finding of Prowler's has no status")?;
        for check in checks.iter().filter(|check| check.check == text("/metadata/event_code")) {
            let place = text("/resources/0/uid").to_owned();
            add(&mut verdicts, check, place, text("/resources/0/region"), verdict);
        }
    }
    Ok(verdicts)
}

/// Of several verdicts about one place the worst counts.
fn add(verdicts: &mut Verdicts, check: &Pair, resource: String, region: &str, verdict: Verdict) {
    let place = match check.place {
        Place::Resource => resource,
        Place::Region => region.to_owned(),
        Place::Account => "the account".to_owned(),
    };
    let known = verdicts.entry((check.control.clone(), place)).or_insert(verdict);
    *known = verdict.min(*known);
}

/// How often a control said what: `38 PASSED, 4 FAILED`.
pub(super) fn tally(verdicts: &Verdicts, control: &str) -> String {
    let mut counts = BTreeMap::<Verdict, usize>::new();
    for ((_, _), verdict) in verdicts.iter().filter(|((of, _), _)| of == control) {
        *counts.entry(*verdict).or_default() += 1;
    }
    if counts.is_empty() {
        return Verdict::Nothing.name().to_owned();
    }
    counts.iter().map(|(verdict, count)| format!("{count} {}", verdict.name())).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(control: &str, place: Place) -> Pair {
        Pair { control: control.to_owned(), check: format!("check_{control}"), place, differs: Vec::new() }
    }

    fn found(verdicts: &Verdicts) -> Vec<(&str, &str, Verdict)> {
        verdicts.iter().map(|((control, place), verdict)| (control.as_str(), place.as_str(), *verdict)).collect()
    }

    #[test]
    fn verdicts_are_taken_by_place() {
        let checks = [check("A.1", Place::Resource), check("A.2", Place::Region), check("A.3", Place::Account)];
        let finding = |control: &str, region: &str, resource: &str, status: &str, subject: Value| json!({"control": control, "region": region, "resource": resource, "status": status, "subject": subject});
        let row = json!({"row": "r"});
        let cell = json!({"cell": {"account": "1"}});
        let assessment = json!({"findings": [
            finding("A.1", "eu-west-1", "arn:1", "PASSED", row.clone()),
            finding("A.1", "eu-west-1", "arn:2", "NOT_APPLICABLE", row.clone()),
            finding("A.1", "eu-west-2", "AWS::::Account:1", "PASSED", cell.clone()),
            finding("A.1", "eu-west-3", "AWS::::Account:1", "UNKNOWN", cell),
            finding("A.2", "eu-west-1", "AWS::::Account:1", "FAILED", row.clone()),
            finding("A.3", "eu-west-1", "AWS::::Account:1", "UNKNOWN", row.clone()),
            finding("B.1", "eu-west-1", "arn:1", "PASSED", row),
        ]});
        let ours = of_dodai(&assessment, &checks).unwrap();
        let expected = [
            ("A.1", "all in eu-west-3", Verdict::Unknown),
            ("A.1", "arn:1", Verdict::Passed),
            ("A.2", "eu-west-1", Verdict::Failed),
            ("A.3", "the account", Verdict::Unknown),
        ];
        assert_eq!(found(&ours), expected);
        assert_eq!(tally(&ours, "A.1"), "1 UNKNOWN, 1 PASSED");
        assert_eq!(tally(&ours, "B.1"), "nothing");

        let finding = |check: &str, region: &str, resource: &str, status: &str| {
            let resources = json!([{"uid": resource, "region": region}]);
            json!({"metadata": {"event_code": check}, "resources": resources, "status_code": status})
        };
        let findings = json!([
            finding("check_A.1", "eu-west-1", "arn:1", "FAIL"),
            finding("check_A.1", "eu-west-1", "arn:1", "PASS"),
            finding("check_A.2", "eu-west-1", "arn:1", "PASS"),
            finding("check_A.2", "eu-west-1", "arn:2", "MANUAL"),
            finding("check_B.1", "eu-west-1", "arn:2", "PASS"),
        ]);
        let theirs = of_prowler(&findings, &checks).unwrap();
        assert_eq!(found(&theirs), [("A.1", "arn:1", Verdict::Failed), ("A.2", "eu-west-1", Verdict::Unknown)]);
    }

    #[test]
    fn what_is_no_report_is_refused() {
        assert!(of_dodai(&json!({}), &[]).is_err());
        assert!(of_dodai(&json!({"findings": [{"status": "GOOD"}]}), &[]).is_err());
        assert!(of_prowler(&json!({}), &[]).is_err());
        assert!(of_prowler(&json!([{}]), &[]).is_err());
    }
}
