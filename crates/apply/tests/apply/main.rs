//! Plans run against a simulated service, in paused time.

mod breakable;
mod breaking;
mod cloud;
mod comparing;
mod crashes;
mod execution;
mod features;
mod found;
mod journals;
mod late;
mod locks;
mod organization;
mod rounds;
mod simulated;
#[path = "../../../baseline/src/tests/simulator/mod.rs"]
mod simulator;
mod wanted;

use dodai_apply::{Ended, Outcome};
use dodai_baseline::Change;
use simulated::{House, Simulated, plan};

fn ends(outcome: &Outcome) -> Vec<String> {
    outcome
        .changes
        .iter()
        .map(|(id, ended)| {
            let name = id.rsplit('/').next().unwrap();
            match ended {
                Ended::Done => format!("{name} done"),
                Ended::Failed(failed) => {
                    format!("{name} failed{}: {}", if failed.unclear { " unclear" } else { "" }, failed.why)
                }
                Ended::Refused(refusals) => {
                    format!("{name} refused: {}", refusals.iter().map(|why| why.flag).collect::<Vec<_>>().join(" "))
                }
                Ended::NotRun(why) | Ended::Withheld(why) | Ended::Stopped(why) => format!("{name}: {why}"),
            }
        })
        .collect()
}

/// Runs `changes` after `before` has arranged the service; how each ended must begin as expected.
async fn check(before: impl FnOnce(&Simulated), changes: Vec<Change>, expected: &[&str]) -> House {
    let house = House::new();
    before(&house.aws);
    let got = ends(&house.run(&plan(changes)).await);
    assert_eq!(got.len(), expected.len(), "{got:?}");
    for (got, expected) in got.iter().zip(expected) {
        assert!(got.starts_with(expected), "{got:?}, expected {expected:?}");
    }
    house
}
