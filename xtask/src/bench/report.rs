//! What was measured: figures for the table, and notes below it.
//!
//! A bench that is a process of its own prints a figure as `what`, number and unit with tabs between them; every other
//! line is a note.

use std::fmt::Write as _;

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Figure {
    pub(super) what: String,
    pub(super) value: f64,
    /// `µs`, `a second`, `MB`: said after the number.
    pub(super) unit: String,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Report {
    pub(super) figures: Vec<Figure>,
    pub(super) notes: Vec<String>,
}

impl Report {
    /// Reads what a bench printed. One without figures has measured nothing.
    pub(super) fn read(printed: &str) -> Result<Self, String> {
        let mut report = Self::default();
        for line in printed.lines().filter(|line| !line.trim().is_empty()) {
            match line.split('\t').collect::<Vec<_>>().as_slice() {
                [what, value, unit] => {
                    let value = value.parse().map_err(|_| format!("the bench printed no number in `{line}`"))?;
                    report.figures.push(Figure { what: (*what).to_owned(), value, unit: (*unit).to_owned() });
                }
                _ => report.notes.push(line.to_owned()),
            }
        }
        if report.figures.is_empty() { Err("the bench printed no figure".to_owned()) } else { Ok(report) }
    }
}

/// All subjects' figures in one table, their notes below it.
pub(super) fn table(reports: &[(&str, Report)]) -> String {
    let figures = reports.iter().flat_map(|(name, report)| report.figures.iter().map(move |figure| (name, figure)));
    let rows: Vec<[String; 4]> = figures
        .map(|(name, figure)| [(*name).to_owned(), figure.what.clone(), shown(figure.value), figure.unit.clone()])
        .collect();
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max();
    let [names, whats, values] = [0, 1, 2].map(|column| width(column).unwrap_or_default());
    let mut text = String::new();
    // Writing to a text does not fail.
    for [name, what, value, unit] in &rows {
        let _ = writeln!(text, "{name:<names$}  {what:<whats$}  {value:>values$}  {unit}");
    }
    for (name, report) in reports.iter().filter(|(_, report)| !report.notes.is_empty()) {
        let _ = writeln!(text, "\n{name}: {}", report.notes.join("\n  "));
    }
    text
}

/// Three digits or more: `2,290,000`, `412`, `38.2`, `1.07`.
fn shown(value: f64) -> String {
    let decimals = match value.abs() {
        under if under < 9.995 => 2,
        under if under < 99.95 => 1,
        _ => 0,
    };
    let text = format!("{value:.decimals$}");
    if decimals > 0 {
        return text;
    }
    let mut grouped = String::new();
    let digits = text.trim_start_matches('-').len();
    for (at, letter) in text.chars().enumerate() {
        let left = text.len() - at;
        if left < digits && left % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(letter);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_has_three_digits_or_more() {
        let numbers = [2_290_123.4, 1_000.0, 412.3, 99.96, 38.24, 1.068, 0.0, -1_234.0, -123.0];
        assert_eq!(
            numbers.map(shown),
            ["2,290,123", "1,000", "412", "100", "38.2", "1.07", "0.00", "-1,234", "-123"].map(str::to_owned)
        );
    }

    #[test]
    fn a_bench_prints_figures_and_notes() {
        let report = Report::read("one\t1.5\tµs\n\ntime is the processor's\n").unwrap();
        let one = Figure { what: "one".to_owned(), value: 1.5, unit: "µs".to_owned() };
        assert_eq!(report, Report { figures: vec![one], notes: vec!["time is the processor's".to_owned()] });
        assert!(Report::read("nothing").is_err());
        assert!(Report::read("one\tmany\tµs").is_err());
    }

    #[test]
    fn subjects_share_one_table() {
        let reports = [
            ("policy", Report::read("lines of 6,900 bytes\t181000\ta second\nof 50: 34 allow").unwrap()),
            ("calls", Report::read("XML\t412\tµs").unwrap()),
        ];
        let expected = "\
policy  lines of 6,900 bytes  181,000  a second
calls   XML                       412  µs

policy: of 50: 34 allow
";
        assert_eq!(table(&reports), expected);
    }
}
