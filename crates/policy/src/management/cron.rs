//! Cron expressions of AWS Backup, which are those of EventBridge: six fields, one of the two for days a `?`.
//!
//! AWS: "Cron expressions reference" (Amazon EventBridge User Guide).

const MONTHS: &[&str] = &["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const DAYS: &[&str] = &["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/// One of the six, in their order.
struct Field {
    name: &'static str,
    least: u32,
    most: u32,
    /// Names of its values, from the least on.
    names: &'static [&'static str],
}

const fn field(name: &'static str, least: u32, most: u32, names: &'static [&'static str]) -> Field {
    Field { name, least, most, names }
}

const FIELDS: [Field; 6] = [
    field("minutes", 0, 59, &[]),
    field("hours", 0, 23, &[]),
    field(DAY_OF_MONTH, 1, 31, &[]),
    field("month", 1, 12, MONTHS),
    field(DAY_OF_WEEK, 1, 7, DAYS),
    field("year", 1970, 2199, &[]),
];
const DAY_OF_MONTH: &str = "day of month";
const DAY_OF_WEEK: &str = "day of week";

/// What is wrong with an expression, if anything.
pub(super) fn mistake(expression: &str) -> Option<String> {
    // AWS writes some examples without `cron( )`.
    let inside = expression.strip_prefix("cron(").map_or(Some(expression), |rest| rest.strip_suffix(')'));
    let Some(inside) = inside else { return Some("`)` is missing at its end".to_owned()) };
    let fields: Vec<&str> = inside.split_whitespace().collect();
    if fields.len() != FIELDS.len() {
        return Some(format!("it has {} fields, not 6", fields.len()));
    }
    for (field, text) in FIELDS.iter().zip(&fields) {
        if !field.takes(text) {
            return Some(format!("`{text}` is no {}", field.name));
        }
    }
    let days = FIELDS.iter().zip(&fields).filter(|(field, text)| field.is_of_days() && **text == "?").count();
    (days != 1).then(|| "one of day of month and day of week must be `?`, and only one".to_owned())
}

impl Field {
    fn is_of_days(&self) -> bool {
        matches!(self.name, DAY_OF_MONTH | DAY_OF_WEEK)
    }

    fn takes(&self, text: &str) -> bool {
        if text == "?" {
            return self.is_of_days();
        }
        text.split(',').all(|item| self.item(item))
    }

    /// `*`, `5`, `1-5`, each also with `/2`, and the signs of days: `L`, `3W`, `2#1`.
    fn item(&self, item: &str) -> bool {
        let (values, step) = item.split_once('/').map_or((item, None), |(values, step)| (values, Some(step)));
        if step.is_some_and(|step| !step.parse::<u32>().is_ok_and(|step| step > 0)) {
            return false;
        }
        let of_days = match self.name {
            DAY_OF_MONTH => {
                let before =
                    values.strip_prefix("L-").is_some_and(|days| days.parse::<u32>().is_ok_and(|days| days < 31));
                matches!(values, "L" | "LW") || before || values.strip_suffix('W').is_some_and(|day| self.value(day))
            }
            DAY_OF_WEEK => {
                let of_month =
                    |(day, week): (&str, &str)| self.value(day) && matches!(week, "1" | "2" | "3" | "4" | "5");
                values == "L"
                    || values.strip_suffix('L').is_some_and(|day| self.value(day))
                    || values.split_once('#').is_some_and(of_month)
            }
            _ => false,
        };
        let range = |(first, last): (&str, &str)| self.value(first) && self.value(last);
        of_days || values == "*" || self.value(values) || values.split_once('-').is_some_and(range)
    }

    fn value(&self, text: &str) -> bool {
        let number = text.bytes().all(|byte| byte.is_ascii_digit());
        number && text.parse::<u32>().is_ok_and(|value| (self.least..=self.most).contains(&value))
            || self.names.iter().any(|name| name.eq_ignore_ascii_case(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_of_the_guide_pass() {
        for right in [
            "cron(0 5 ? * * *)",
            "cron(0 10 * * ? *)",
            "15 * ? * * *",
            "cron(0 18 ? * MON-FRI *)",
            "cron(0/15 * * * ? *)",
            "cron(0/5 8-17 ? * MON-FRI *)",
            "cron(0 9 ? * 2#1 2026-2030)",
            "cron(0 0 L JAN,jul ? *)",
            "cron(0 0 3W 1/3 ? *)",
            "cron(0 0 ? * 6L *)",
        ] {
            assert_eq!(mistake(right), None, "{right}");
        }
    }

    #[test]
    fn what_is_wrong_is_told() {
        let check = |text: &str, expected: &str| assert_eq!(mistake(text).as_deref(), Some(expected), "{text}");
        check("cron(0 5 * * ?)", "it has 5 fields, not 6");
        check("cron(0 5 ? * * *", "`)` is missing at its end");
        check("cron(60 5 ? * * *)", "`60` is no minutes");
        check("cron(0 24 ? * * *)", "`24` is no hours");
        check("cron(0 5 0 * ? *)", "`0` is no day of month");
        check("cron(0 5 ? * MOO *)", "`MOO` is no day of week");
        check("cron(0/0 5 ? * * *)", "`0/0` is no minutes");
        check("cron(? 5 ? * * *)", "`?` is no minutes");
        check("cron(0 5 ? * * 1969)", "`1969` is no year");
        check("cron(0 5 * * * *)", "one of day of month and day of week must be `?`, and only one");
        check("cron(0 5 ? * ? *)", "one of day of month and day of week must be `?`, and only one");
        check("rate(1 day)", "it has 2 fields, not 6");
        check("", "it has 0 fields, not 6");
    }
}
