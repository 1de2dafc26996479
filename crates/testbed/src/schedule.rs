//! Disturbances by a seeded schedule: a share of all calls is hit by some fault. Whether and which is decided by the call
//! itself and by how often that very call came before, never by the order in which calls arrive: two runs of the same
//! seed are disturbed in the same places, however their calls overlap.
//!
//! Two things that differ from run to run are left out of what decides: idempotency tokens, and the ids of accounts, for
//! which their e-mail addresses stand. Other ids that the emulator draws at random are not: calls that carry one may be
//! disturbed in one run and not in the next.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::time::Duration;

use dodai_models::Models;
use serde::Deserialize;

use crate::call::Call;
use crate::faults::{Fault, Kind};
use crate::reply::Wire;

/// A schedule, as `POST /testbed/disturb` takes it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Schedule {
    seed: u64,
    /// How many of a hundred calls are disturbed.
    percent: u8,
    /// What happens to them, and how often in comparison.
    kinds: BTreeMap<Kind, u32>,
    /// After so many disturbances without a pause the same call is let through once; null: never.
    in_a_row: Option<u32>,
    /// How long `hang` lasts.
    millis: u64,
}

impl Default for Schedule {
    /// Three of ten, by everything that asking again heals.
    fn default() -> Self {
        let kinds = [
            (Kind::Throttle, 3),
            (Kind::Http500, 1),
            (Kind::Http503, 1),
            (Kind::Reset, 1),
            (Kind::Lost, 1),
            (Kind::Hang, 1),
            (Kind::Truncate, 1),
        ];
        Self { seed: 0, percent: 30, kinds: BTreeMap::from(kinds), in_a_row: Some(3), millis: 200 }
    }
}

impl Schedule {
    /// Reads `{"seed": 7, "percent": 30}`; what is left out is as in the default. The error is for the person who wrote it.
    pub fn from_json(text: &[u8]) -> Result<Self, String> {
        let schedule: Self = serde_json::from_slice(text).map_err(|error| error.to_string())?;
        if schedule.percent > 100 {
            return Err(format!("`percent` is at most 100, not {}", schedule.percent));
        }
        if schedule.weight() == 0 {
            return Err("`kinds` names no kind with a weight".to_owned());
        }
        Ok(schedule)
    }

    fn weight(&self) -> u64 {
        self.kinds.values().copied().map(u64::from).sum()
    }

    /// What happens to the call of this fingerprint when it comes for the `time`th time, from 0.
    fn kind(&self, fingerprint: u64, time: u64) -> Option<Kind> {
        let drawn = mix(fingerprint ^ mix(time.wrapping_add(self.seed.rotate_left(32))));
        if drawn % 100 >= u64::from(self.percent) {
            return None;
        }
        let mut left = mix(drawn) % self.weight().max(1);
        for (kind, weight) in &self.kinds {
            let weight = u64::from(*weight);
            if left < weight {
                return Some(*kind);
            }
            left -= weight;
        }
        None
    }
}

/// How one call fared so far.
#[derive(Debug, Default)]
struct Heard {
    times: u64,
    in_a_row: u32,
}

/// The schedule in force, and the calls that it has seen.
#[derive(Debug, Default)]
pub(crate) struct Disturber {
    schedule: Option<Schedule>,
    heard: HashMap<u64, Heard>,
}

impl Disturber {
    /// Begins anew: calls that came before count no more.
    pub(crate) fn new(schedule: Option<Schedule>) -> Self {
        Self { schedule, heard: HashMap::new() }
    }

    /// Whether there is a schedule.
    pub(crate) fn is_on(&self) -> bool {
        self.schedule.is_some()
    }

    /// What the schedule has for this call. `names` gives accounts' ids the names that do not change from run to run.
    pub(crate) fn strike(&mut self, call: &Call, names: &HashMap<String, String>) -> Option<Fault> {
        let schedule = self.schedule.as_ref()?;
        let fingerprint = fingerprint(call, names);
        let heard = self.heard.entry(fingerprint).or_default();
        let kind = schedule.kind(fingerprint, heard.times);
        let kind = kind.filter(|_| schedule.in_a_row.is_none_or(|most| heard.in_a_row < most));
        heard.times += 1;
        heard.in_a_row = if kind.is_some() { heard.in_a_row.saturating_add(1) } else { 0 };
        kind.map(|kind| Fault::new(kind, call, Duration::from_millis(schedule.millis)))
    }
}

/// The same for the same call, from run to run and machine to machine.
fn fingerprint(call: &Call, names: &HashMap<String, String>) -> u64 {
    let model = Models::embedded().service(&call.service);
    let token = model.as_ref().and_then(|model| model.operation(&call.operation)?.idempotency_token.as_deref());
    let mut text = format!("{}\n{}\n{}\n{}\n", call.account, call.region, call.service, call.operation);
    let is_token = |name: &str| token.is_some_and(|token| name.eq_ignore_ascii_case(token));
    for (name, value) in call.params.iter().filter(|(name, _)| !is_token(name)) {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{name}={value}");
    }
    if matches!(call.wire, Wire::S3 | Wire::RestXml) {
        // XML is not among the parameters.
        text.push_str(&String::from_utf8_lossy(&call.body));
    }
    hash(&with_names(&text, names))
}

/// The text with a name in place of each account's id: twelve digits, no more.
fn with_names(text: &str, names: &HashMap<String, String>) -> String {
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(|letter: char| letter.is_ascii_digit()) {
        let (before, from) = rest.split_at(start);
        let (digits, after) = from.split_at(from.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(from.len()));
        result.push_str(before);
        result.push_str(names.get(digits).map_or(digits, String::as_str));
        rest = after;
    }
    result.push_str(rest);
    result
}

/// FNV-1a of 64 bits (IETF draft "The FNV Non-Cryptographic Hash Algorithm"), which no release of a library changes.
fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// The finalizer of MurmurHash3: each bit of the number changes each bit of the result half of the time.
fn mix(number: u64) -> u64 {
    let number = (number ^ (number >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    let number = (number ^ (number >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    number ^ (number >> 33)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::behaviours::tests::call;

    #[expect(clippy::needless_pass_by_value, reason = "the schedules are written in place")]
    fn disturber(schedule: Value) -> Disturber {
        Disturber::new(Some(Schedule::from_json(schedule.to_string().as_bytes()).unwrap()))
    }

    /// What happens to the calls, one after the other.
    fn strikes(disturber: &mut Disturber, calls: impl IntoIterator<Item = Call>) -> Vec<Option<Kind>> {
        let names = HashMap::new();
        calls.into_iter().map(|call| disturber.strike(&call, &names).map(|fault| fault.kind)).collect()
    }

    fn detector(number: u64) -> Call {
        call("guardduty", "GetDetector", json!({"DetectorId": number.to_string()}))
    }

    #[test]
    fn a_share_of_calls_is_disturbed_by_kinds_as_often_as_they_weigh() {
        let mut disturber = disturber(json!({"percent": 30, "seed": 7, "kinds": {"lost": 3, "reset": 1}}));
        let found = strikes(&mut disturber, (0..10_000).map(detector));
        let count = |kind| found.iter().filter(|found| **found == Some(kind)).count();
        let (lost, reset) = (count(Kind::Lost), count(Kind::Reset));
        assert!((2_150..2_350).contains(&lost) && (700..800).contains(&reset), "{lost} {reset}");
    }

    #[test]
    fn the_order_of_arrival_decides_nothing_and_the_seed_all() {
        let of = |seed: u64, numbers: &[u64]| {
            let mut disturber = disturber(json!({"seed": seed}));
            let found = strikes(&mut disturber, numbers.iter().copied().map(detector));
            let mut each: BTreeMap<u64, Vec<Option<Kind>>> = BTreeMap::new();
            for (number, found) in numbers.iter().zip(found) {
                each.entry(*number).or_default().push(found);
            }
            each
        };
        let forwards: Vec<u64> = (0..300).map(|index| index % 60).collect();
        let backwards: Vec<u64> = forwards.iter().rev().copied().collect();
        let apart: Vec<u64> = (0..300).map(|index| index / 5).collect();
        assert_eq!(of(1, &forwards), of(1, &backwards));
        assert_eq!(of(1, &forwards), of(1, &apart));
        assert_ne!(of(1, &forwards), of(2, &forwards));
    }

    #[test]
    fn the_same_call_is_let_through_after_some_disturbances() {
        let check = |in_a_row: Value, expected: &[bool]| {
            let mut disturber = disturber(json!({"percent": 100, "in_a_row": in_a_row}));
            let found = strikes(&mut disturber, expected.iter().map(|_| detector(1)));
            assert_eq!(found.iter().map(Option::is_some).collect::<Vec<_>>(), expected, "{in_a_row}");
        };
        check(json!(2), &[true, true, false, true, true, false]);
        check(json!(0), &[false, false]);
        check(Value::Null, &[true; 50]);
    }

    #[test]
    fn tokens_and_accounts_ids_make_no_other_call() {
        let names = |id: &str| HashMap::from([(id.to_owned(), "a@example.com".to_owned())]);
        let create = |token: &str, id: &str| {
            let params = json!({"clientToken": token, "tags": {"owner": format!("arn:aws:iam::{id}:root")}});
            fingerprint(&call("guardduty", "CreateDetector", params), &names(id))
        };
        assert_eq!(create("x", "111122223333"), create("y", "444455556666"));
        let other = call("guardduty", "CreateDetector", json!({"clientToken": "x", "tags": {"owner": "1"}}));
        assert_ne!(create("x", "111122223333"), fingerprint(&other, &HashMap::new()));
        assert_eq!(with_names("1111222233334 a111122223333", &names("111122223333")), "1111222233334 aa@example.com");
        // What an S3 call puts is part of it.
        let mut put = call("s3", "PutBucketTagging", json!({"Bucket": "b"}));
        let empty = fingerprint(&put, &HashMap::new());
        put.body = "<Tagging/>".into();
        assert_ne!(fingerprint(&put, &HashMap::new()), empty);
    }

    #[test]
    fn the_same_seed_means_the_same_on_every_machine() {
        assert_eq!(hash("foobar"), 0x8594_4171_f739_67e8, "the test vector of FNV-1a");
        let found = strikes(&mut disturber(json!({"seed": 7})), (0..12).map(detector));
        let struck: Vec<usize> = (0..12).filter(|index| found[*index].is_some()).collect();
        assert_eq!(struck, [1, 2, 7, 10]);
    }

    #[test]
    fn a_misspelt_schedule_is_refused() {
        for (text, part) in [
            (r#"{"share": 30}"#, "unknown field `share`"),
            (r#"{"percent": 101}"#, "at most 100"),
            (r#"{"kinds": {}}"#, "no kind"),
            (r#"{"kinds": {"explode": 1}}"#, "explode"),
        ] {
            let problem = Schedule::from_json(text.as_bytes()).unwrap_err();
            assert!(problem.contains(part), "{text}: {problem}");
        }
    }
}
