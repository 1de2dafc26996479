//! `dodai policy`: the policy engine on the command line. One file per verb.

mod can;
mod check;
mod decide;
mod diff;
mod effective;
mod explain;
mod pack;
mod test;

use crate::args::Global;
use crate::args::policy::{PolicyArgs, PolicyCommand};
use crate::exit::Exit;
use crate::failure::Result;

pub async fn run(global: &Global, args: &PolicyArgs) -> Result<Exit> {
    match &args.command {
        PolicyCommand::Check(args) => Box::pin(check::run(global, args)).await,
        PolicyCommand::Test(args) => test::run(global, args),
        PolicyCommand::Explain(args) => explain::run(global, args),
        PolicyCommand::Can(args) => Box::pin(can::run(global, args)).await,
        PolicyCommand::Decide(args) => decide::run(args),
        PolicyCommand::Diff(args) => diff::run(args),
        PolicyCommand::Pack(args) => pack::run(args),
        PolicyCommand::Effective(args) => effective::run(global, args),
    }
}
