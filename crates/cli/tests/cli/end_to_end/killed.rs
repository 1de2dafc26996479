//! Runs of `apply` that end badly: killed (SIGKILL) at exact points, asked to end, in each other's way, out of room for
//! their journal.

use std::time::Duration;

use serde_json::{Value, json};

use super::world::World;
use super::{ACCOUNTS, APPLY};

const KILLS: usize = 20;

/// The same points every time: a linear congruential generator (Knuth's MMIX).
struct Points(u64);

impl Points {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit
    }
}

/// Two accounts, one of them with a role of its own for AWS Config: Security Hub then has an automation rule for it, which
/// only `find` keeps from being made twice.
fn two_accounts() -> World {
    let world = World::new("two-accounts");
    let role = "profile: secure\nfeatures: {config: {role_arn: 'arn:aws:iam::<account>:role/own'}}";
    world.replace("accounts/secure.yaml", "profile: secure", role);
    world
}

/// One apply, killed again and again: each run gets a little further than the one before.
#[test]
fn killed_twenty_times_it_ends_where_an_undisturbed_run_does() {
    let undisturbed = two_accounts();
    assert_eq!(undisturbed.dodai(APPLY).code, 0);
    let calls = undisturbed.mutating_calls().len();
    let expected = undisturbed.end_state();
    let kinds: Vec<&str> = expected.as_array().unwrap().iter().map(|thing| thing["kind"].as_str().unwrap()).collect();
    assert!(kinds.contains(&"automation rule") && kinds.contains(&"aggregator"), "{kinds:?}");
    for thing in expected.as_array().unwrap() {
        assert_eq!(thing["n"], json!(1), "exists twice: {thing}");
    }
    drop(undisturbed);

    let mut world = two_accounts();
    let mut points = Points(2024);
    let (mut killed, mut kills) = (Vec::new(), 0);
    while kills < KILLS {
        let kind = if points.below(2) == 0 { "hang" } else { "hold" };
        let after = points.below(calls * 3 / 2 / KILLS);
        match world.dodai_waiting(APPLY, kind, after) {
            Ok(mut child) => {
                child.kill().unwrap();
                assert_eq!(child.wait().unwrap().code(), None, "the command ended by itself");
                world.remove_lock();
                killed.push((kind, after));
                kills += 1;
            }
            // Calls that run side by side take it further than was asked for: the rest of the kills strike another.
            Err(ended) => {
                assert_eq!(ended.code, 0, "{killed:?}: {ended}");
                is_whole(&world, &expected, &killed);
                (world, killed) = (two_accounts(), Vec::new());
            }
        }
    }
    let resumed = world.dodai(APPLY);
    assert_eq!(resumed.code, 0, "{killed:?}: {resumed}");
    is_whole(&world, &expected, &killed);
}

fn is_whole(world: &World, expected: &Value, killed: &[(&str, usize)]) {
    let again = world.dodai(&["plan", "--quiet"]);
    assert_eq!(again.code, 0, "{killed:?}: {again}");
    assert_eq!(world.end_state(), *expected, "{killed:?}");
}

#[test]
fn asked_twice_it_waits_for_nothing_however_soon_the_second_comes() {
    let world = World::new("two-accounts");
    let mut asked = world.dodai_waiting(ACCOUNTS, "hang", 0).unwrap();
    let signals = format!("kill -INT {0}; kill -TERM {0}", asked.id());
    assert!(std::process::Command::new("sh").args(["-c", &signals]).status().unwrap().success());
    assert_eq!(asked.wait().unwrap().code(), Some(130));
}

#[test]
fn one_writer_at_a_time_and_none_without_room_for_its_journal() {
    let world = World::new("two-accounts");
    let first = [ACCOUNTS, &["--lock-term", "15"]].concat();
    let mut first = world.dodai_waiting(&first, "hang", 1).unwrap();
    let refused = world.dodai(ACCOUNTS);
    assert_eq!(refused.code, 1, "{refused}");
    let holder = "another run holds the lock of this state: unknown@";
    assert!(refused.stderr.contains(holder), "{refused}");
    assert!(refused.stderr.contains(&format!("(process {}, run 20", first.id())), "{refused}");
    assert!(refused.stderr.contains("), since 20"), "{refused}");
    first.kill().unwrap();
    first.wait().unwrap();

    // Its lock is taken over once it has expired; the run that does finds no room for its journal.
    let cut_off = loop {
        let next = world.dodai_without_room(ACCOUNTS);
        if next.code != 1 || !next.stderr.contains("holds the lock") {
            break next;
        }
        std::thread::sleep(Duration::from_secs(1));
    };
    assert_eq!(cut_off.code, 3, "{cut_off}");
    assert!(cut_off.stderr.contains("took over the lock of unknown@"), "{cut_off}");
    assert!(cut_off.stdout.contains("Stopped: cannot append to `journal/20"), "{cut_off}");
    assert!(cut_off.stdout.contains("File too large") && cut_off.stdout.contains("`ulimit -f`"), "{cut_off}");
    assert!(cut_off.stdout.contains("run it again to go on"), "{cut_off}");

    // A snapshot that found no room is none.
    let query = ["query", "--quiet", "--save", "select Name from aws_organizations_account"];
    let kept = world.dodai_without_room(&query);
    assert_eq!(kept.code, 1, "{kept}");
    assert!(kept.stderr.contains("what was read could not be kept (run `20"), "{kept}");
    let latest = ["query", "--quiet", "--run", "latest", "select Name from aws_organizations_account"];
    let none = world.dodai(&latest);
    assert!(none.code == 1 && none.stderr.contains("no complete run"), "{none}");

    // Asked to end, it finishes what is in flight and gives its lock back: the next run does not wait for it.
    let mut asked = world.dodai_waiting(&[ACCOUNTS, &["--timeout", "2"]].concat(), "hold", 0).unwrap();
    let signal = std::process::Command::new("kill").args(["-TERM", &asked.id().to_string()]).status().unwrap();
    assert!(signal.success());
    assert_eq!(asked.wait().unwrap().code(), Some(3));

    let resumed = world.dodai(ACCOUNTS);
    assert_eq!(resumed.code, 0, "{resumed}");
    assert!(resumed.stderr.contains("its last, is cut off: the run broke off there"), "{resumed}");
    let kept = world.dodai(&query);
    assert_eq!((kept.code, kept.stdout.matches('\n').count() > 3), (0, true), "{kept}");
    let names = world.dodai(&["query", "--quiet", "--format", "json", "--run", "latest", query[3]]);
    assert_eq!(names.json().as_array().map(Vec::len), Some(3), "{names}");
    let units = world.dodai(&[
        "query",
        "--quiet",
        "--format",
        "json",
        "select Name, count(*) as n from aws_organizations_unit group by Name having count(*) > 1",
    ]);
    assert_eq!(units.json(), json!([]), "{units}");
}
