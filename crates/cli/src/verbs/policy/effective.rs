//! `dodai policy effective`: what the management policies above an account come to. Needs no AWS.

use dodai_org::Directory;
use dodai_policy::PolicyType;
use dodai_policy::management::{Effective, is_management};
use serde_json::json;

use crate::args::Global;
use crate::args::policy::{EffectiveArgs, Format};
use crate::exit::Exit;
use crate::failure::{Error, Result};
use crate::print::print;

pub fn run(global: &Global, args: &EffectiveArgs) -> Result<Exit> {
    let management = || PolicyType::ALL.iter().filter(|kind| is_management(kind));
    let Some(kind) = management().find(|kind| kind.folder == args.kind) else {
        return Err(Error::unknown("type of management policy", &args.kind, management().map(|kind| kind.folder)));
    };
    let directory = crate::load(global)?.directory;
    let effective = of_account(&directory, &args.account, kind)?;
    match args.format {
        Format::Json => {
            let ignored: Vec<_> = effective
                .ignored
                .iter()
                .map(|ignored| {
                    json!({
                        "policy": ignored.policy, "level": ignored.level, "pointer": ignored.pointer,
                        "why": ignored.why.to_string(),
                    })
                })
                .collect();
            let shown = json!({
                "document": effective.document, "origins": effective.origins, "ignored": ignored,
                "missing": effective.missing, "notes": effective.notes,
            });
            print(&format!("{shown:#}\n"))?;
        }
        Format::Text => print(&effective.text())?,
    }
    Ok(Exit::Done)
}

fn of_account(directory: &Directory, name: &str, kind: &'static PolicyType) -> Result<Effective> {
    let Some(account) = directory.account(name) else {
        let names = directory.accounts.iter().map(|account| account.name.as_str());
        return Err(Error::unknown("account", name, names));
    };
    Ok(dodai_org::testing::merged(directory, account, kind))
}
