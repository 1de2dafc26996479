//! A test's lists, multiplied out: its requests, one after the other, in the author's order.

use std::collections::BTreeMap;

use dodai_facts::AccountId;

use super::case::Case;
use super::file::{At, REGION, Test};
use super::organization::{NO_ID_YET, Organization};
use super::subject::ACCOUNT;
use super::who::Who;
use crate::decide::{Asked, Given};

/// Requests of one test, at most.
pub const MOST_CASES: usize = 250_000;

/// What a test is about: an account of the directory, or the account that stands for all where there is no directory.
#[derive(Debug, Clone, Copy)]
pub(super) struct Setting<'s> {
    pub(super) organization: Option<&'s Organization>,
    /// Position of the directory's account.
    pub(super) account: Option<usize>,
    /// What the resource's ARN and the test's keys do not say of its account is this account.
    pub(super) places_resource: bool,
}

/// One choice from each of a test's lists.
#[derive(Debug, Clone, Copy)]
pub(super) struct Choice<'t> {
    pub(super) who: &'t At<Who>,
    pub(super) does: &'t At<String>,
    pub(super) on: Option<&'t At<String>>,
    pub(super) region: Option<&'t At<String>>,
}

/// How many requests a test makes in each account.
pub(super) fn count(test: &Test) -> Option<usize> {
    let lists = [test.who.len(), test.does.len(), test.on.len().max(1), test.regions.len().max(1)];
    lists.into_iter().try_fold(1_usize, usize::checked_mul)
}

pub(super) fn choices(test: &Test) -> impl Iterator<Item = Choice<'_>> {
    let regions = || optional(&test.regions);
    let on = || optional(&test.on);
    test.who.iter().flat_map(move |who| {
        test.does.iter().flat_map(move |does| {
            on().flat_map(move |on| regions().map(move |region| Choice { who, does, on, region }))
        })
    })
}

/// Each of them; once none where there is none.
fn optional<T>(list: &[At<T>]) -> impl Iterator<Item = Option<&At<T>>> {
    list.iter().map(Some).chain(list.is_empty().then_some(None))
}

impl Choice<'_> {
    pub(super) fn case(&self, setting: Setting<'_>) -> Case {
        Case {
            account: setting.account().map(|account| account.name.clone()),
            who: self.who.written.clone(),
            does: self.does.written.clone(),
            on: self.on.map_or_else(|| "*".to_owned(), |on| on.written.clone()),
            region: self.region.map(|region| region.written.clone()),
        }
    }

    /// The request, and the positions of the directory's accounts that principal and resource are of.
    pub(super) fn asked(&self, test: &Test, setting: Setting<'_>) -> (Asked, Parties) {
        let mut context: BTreeMap<String, Given> =
            test.when.iter().map(|(key, given)| (key.clone(), given.value.clone())).collect();
        if let Some(region) = self.region {
            context.insert(REGION.to_owned(), Given::value(&*region.value));
        }
        let on = self.on.map_or("*", |on| on.value.as_str());
        let named = on.split(':').nth(4).filter(|account| account.parse::<AccountId>().is_ok());
        let given = test.given("aws:ResourceAccount");
        let elsewhere = setting.organization.is_some_and(|organization| {
            let of = test.given("aws:ResourceOrgID");
            of.is_some_and(|given| *given != Given::value(&*organization.id))
        });
        let places = named.is_none() && given.is_none() && !elsewhere && setting.places_resource;
        let id = setting.id();
        let parties = setting.parties(&self.who.value, named.or(text_of(given)), places);
        if let Some(organization) = setting.organization {
            for (key, party) in [("aws:PrincipalOrgID", parties.principal), ("aws:ResourceOrgID", parties.resource)] {
                if party.is_some() && test.given(key).is_none() {
                    context.insert(key.to_owned(), Given::value(&*organization.id));
                }
            }
        }
        let asked = Asked {
            principal: self.who.value.principal(setting.partition(), id),
            action: self.does.value.clone(),
            resources: vec![on.to_owned()],
            resource_account: places.then(|| id.to_owned()),
            context,
            ..Asked::default()
        };
        (asked, parties)
    }
}

/// Positions of accounts of the directory; None for what is of none of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Parties {
    pub(super) principal: Option<usize>,
    pub(super) resource: Option<usize>,
}

impl<'s> Setting<'s> {
    pub(super) fn account(&self) -> Option<&'s super::Account> {
        self.organization?.accounts.get(self.account?)
    }

    /// The id of the account that the test is about.
    fn id(&self) -> &'s str {
        match self.account() {
            Some(account) => account.id.as_ref().map_or(NO_ID_YET, AccountId::as_str),
            None => ACCOUNT,
        }
    }

    fn partition(&self) -> &'static str {
        self.organization.map_or("aws", |organization| organization.partition.as_str())
    }

    fn parties(&self, who: &Who, resource_account: Option<&str>, places_resource: bool) -> Parties {
        let of_id = |id: &str| if id == self.id() { self.account } else { self.organization?.account(id) };
        let principal = if who.is_of_account() { self.account } else { who.account().and_then(of_id) };
        let resource = match resource_account {
            Some(id) => of_id(id),
            None if places_resource => self.account,
            None => None,
        };
        Parties { principal, resource }
    }
}

impl Test {
    /// What the test gives of a condition key.
    pub(super) fn given(&self, key: &str) -> Option<&Given> {
        self.when.iter().find(|(known, _)| known.eq_ignore_ascii_case(key)).map(|(_, given)| &given.value)
    }
}

fn text_of(given: Option<&Given>) -> Option<&str> {
    match given {
        Some(Given::Values(values)) => values.first().map(String::as_str),
        _ => None,
    }
}
