//! Where a control gives findings at all: the directory's accounts and Regions, what is switched off,
//! where a control is offered, who the delegated administrator is.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use dodai_facts::{self as facts, AccountId, Cell, Region};

use crate::Control;

/// What the directory says about where controls are judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    pub management: AccountId,
    pub home_region: Region,
    /// The directory's accounts, each with its active Regions.
    pub accounts: BTreeMap<AccountId, BTreeSet<Region>>,
    /// Controls that are off: everywhere (`Cell::Organization`), in an account, in a Region of an account.
    pub off: BTreeMap<Cell, BTreeSet<String>>,
    /// The delegated administrator of each service that has one, by the name that controls use (`guardduty`).
    pub administrators: BTreeMap<String, AccountId>,
}

/// Why a control gives no finding somewhere, in the order in which the reasons are tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum OutOfScope {
    /// The directory has the control off.
    Off,
    /// The control is offered in one other Region only.
    OtherRegion,
    /// Only the delegated administrator's account gets findings; what is found elsewhere counts there.
    NotAdministrator,
    /// A global resource, which is judged in the home Region.
    NotHome,
    /// The service is not offered, or the Region not enabled in the account.
    NotOffered,
    /// The account or the Region is not in the directory.
    OutsideDirectory,
}

impl OutOfScope {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Off => "the control is off here",
            Self::OtherRegion => "the control is judged in one other Region only",
            Self::NotAdministrator => "judged in the delegated administrator's account",
            Self::NotHome => "a global resource is judged in the home Region",
            Self::NotOffered => "the service is not offered here, or the Region is not enabled",
            Self::OutsideDirectory => "the account or the Region is not in the directory",
        }
    }
}

impl fmt::Display for OutOfScope {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

impl Scope {
    /// The directory's cells of a kind.
    pub fn cells(&self, scope: facts::Scope) -> Vec<Cell> {
        match scope {
            facts::Scope::Organization => vec![Cell::Organization],
            facts::Scope::Account => self.accounts.keys().cloned().map(Cell::Account).collect(),
            facts::Scope::Region => self
                .accounts
                .iter()
                .flat_map(|(account, regions)| regions.iter().map(|region| (account.clone(), region.clone())))
                .map(|(account, region)| Cell::Region(account, region))
                .collect(),
        }
    }

    /// Whether a control is off in an account's Region.
    pub fn is_off(&self, control: &str, account: &AccountId, region: &Region) -> bool {
        let cells = [Cell::Organization, Cell::Account(account.clone()), Cell::Region(account.clone(), region.clone())];
        cells.iter().filter_map(|cell| self.off.get(cell)).any(|controls| controls.contains(control))
    }

    /// Whether a control is off in every Region of every one of these accounts: its status is Disabled.
    pub fn is_disabled<'a>(&self, control: &str, accounts: impl IntoIterator<Item = &'a AccountId>) -> bool {
        let mut regions = accounts
            .into_iter()
            .filter_map(|account| self.accounts.get_key_value(account))
            .flat_map(|(account, regions)| regions.iter().map(move |region| (account, region)))
            .peekable();
        regions.peek().is_some() && regions.all(|(account, region)| self.is_off(control, account, region))
    }

    /// The Region in which a control gives its finding about something, or why it gives none. `region` is
    /// none for what exists once per account. Who the administrator is comes later: what is found in
    /// other accounts counts in the administrator's.
    pub(crate) fn place(
        &self,
        control: &Control,
        account: &AccountId,
        region: Option<&Region>,
    ) -> Result<Region, OutOfScope> {
        let single = control.only_region.as_ref().unwrap_or(&self.home_region);
        let place = region.unwrap_or(single);
        if self.is_off(&control.id, account, place) {
            return Err(OutOfScope::Off);
        }
        if control.only_region.as_ref().is_some_and(|only| only != place) {
            return Err(OutOfScope::OtherRegion);
        }
        if control.global && control.only_region.is_none() && *place != self.home_region {
            return Err(OutOfScope::NotHome);
        }
        match self.accounts.get(account) {
            Some(regions) if regions.contains(place) => Ok(place.clone()),
            _ => Err(OutOfScope::OutsideDirectory),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope() -> Scope {
        let regions = |names: &[&str]| names.iter().map(|name| name.parse().unwrap()).collect();
        Scope {
            management: "111122223333".parse().unwrap(),
            home_region: "ap-northeast-1".parse().unwrap(),
            accounts: [
                ("111122223333".parse().unwrap(), regions(&["ap-northeast-1", "us-east-1"])),
                ("444455556666".parse().unwrap(), regions(&["ap-northeast-1"])),
            ]
            .into(),
            off: [
                ("organization", "A.1"),
                ("444455556666", "A.2"),
                ("111122223333/us-east-1", "A.3"),
                ("111122223333/ap-northeast-1", "A.4"),
            ]
            .into_iter()
            .map(|(cell, control)| (cell.parse().unwrap(), [control.to_owned()].into()))
            .collect(),
            administrators: BTreeMap::new(),
        }
    }

    #[test]
    fn place_tries_the_reasons_in_order() {
        use OutOfScope::{NotHome, Off, OtherRegion, OutsideDirectory};
        for (id, notes, account, region, expected) in [
            ("A.9", "", "111122223333", Some("us-east-1"), Ok("us-east-1")),
            ("A.9", "", "111122223333", None, Ok("ap-northeast-1")),
            ("A.9", "", "111122223333", Some("eu-west-1"), Err(OutsideDirectory)),
            ("A.9", "", "444455556666", Some("us-east-1"), Err(OutsideDirectory)),
            ("A.9", "", "777788889999", None, Err(OutsideDirectory)),
            ("A.9", "-- global: true\n", "111122223333", Some("us-east-1"), Err(NotHome)),
            ("A.9", "-- global: true\n", "111122223333", None, Ok("ap-northeast-1")),
            ("A.9", "-- only_region: us-east-1\n", "111122223333", None, Ok("us-east-1")),
            ("A.9", "-- only_region: us-east-1\n-- global: true\n", "111122223333", None, Ok("us-east-1")),
            ("A.9", "-- only_region: us-east-1\n", "111122223333", Some("ap-northeast-1"), Err(OtherRegion)),
            ("A.9", "-- only_region: us-east-1\n", "444455556666", None, Err(OutsideDirectory)),
            ("A.1", "-- only_region: us-east-1\n", "444455556666", Some("eu-west-1"), Err(Off)),
            ("A.2", "", "444455556666", None, Err(Off)),
            ("A.2", "", "111122223333", None, Ok("ap-northeast-1")),
            ("A.3", "", "111122223333", Some("us-east-1"), Err(Off)),
            ("A.3", "", "111122223333", None, Ok("ap-northeast-1")),
            ("A.4", "", "111122223333", None, Err(Off)),
        ] {
            let text = format!("-- id: {id}\n-- title: t\n-- severity: LOW\n-- of: t\n-- repair: r\n{notes}select 1");
            let control = Control::parse("x", &text).unwrap();
            let region = region.map(|region| region.parse().unwrap());
            let place = scope().place(&control, &account.parse().unwrap(), region.as_ref());
            assert_eq!(place.as_ref().map(Region::as_str).map_err(|reason| *reason), expected, "{id} {notes}{account}");
        }
    }

    #[test]
    fn disabled_means_off_in_every_cell() {
        let accounts: Vec<AccountId> = scope().accounts.keys().cloned().collect();
        for (control, count, expected) in [("A.1", 2, true), ("A.2", 2, false), ("A.3", 1, false), ("A.9", 2, false)] {
            assert_eq!(scope().is_disabled(control, &accounts[..count]), expected, "{control}");
        }
        assert!(scope().is_disabled("A.2", &accounts[1..]));
        assert!(!scope().is_disabled("A.1", []), "nothing is said about no account");
    }
}
