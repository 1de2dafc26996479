//! What was done to accounts once: the tag in AWS Organizations, remembered in the state. Asking costs a call for each
//! account, of which AWS allows ten a second, so only accounts without a sufficient record are asked, and those whose tags
//! the directory gives: one call tells both.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use dodai_api::Client;
use dodai_api::store::Store;
use dodai_baseline::{Context, ONBOARDING_TAG, Onboarding};
use dodai_facts::escape::terminal;
use dodai_facts::{AccountId, Cell, Fact, Failure, FailureKind, Profile};
use futures::StreamExt as _;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::failure::{Error, Result};

const PATH: &str = "onboarded.json";
const FORMAT: u32 = 1;

/// The tags that were seen, by account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Memory {
    format: u32,
    accounts: BTreeMap<AccountId, String>,
}

/// What an account shall have, cell by cell.
#[derive(Debug, Clone)]
pub struct Wanted {
    pub account: AccountId,
    pub profile: Profile,
    pub cells: Vec<Cell>,
    /// All of its tags.
    pub tags: bool,
}

/// What an account's tags say.
#[derive(Debug, Clone)]
pub struct Seen {
    pub onboarding: Fact<Onboarding>,
    /// Absent where nobody asked for them.
    pub tags: Fact<Tags>,
}

type Tags = BTreeMap<String, String>;

/// What is known of accounts' onboardings: asked one by one, while other accounts are read already.
#[derive(Debug)]
pub struct Onboardings {
    before: Memory,
    memory: Mutex<Memory>,
}

impl Onboardings {
    pub async fn open(store: &Store) -> Result<Self> {
        let before = remembered(store).await?;
        Ok(Self { memory: Mutex::new(before.clone()), before })
    }

    pub async fn of(&self, client: &Client, context: &Context, want: &Wanted) -> Seen {
        let known = self.memory().accounts.get(&want.account).and_then(|text| text.parse::<Onboarding>().ok());
        let known = known.filter(|onboarding| suffices(onboarding, want));
        if let Some(onboarding) = &known
            && !want.tags
        {
            return Seen { onboarding: Fact::Known(onboarding.clone()), tags: Fact::Absent };
        }
        let tags = ask(client, context, &want.account).await;
        let onboarding = match (known, &tags) {
            (_, Ok(tags)) => onboarding_of(&want.account, tags),
            (Some(known), Err(_)) => Fact::Known(known),
            (None, Err(failure)) => Fact::Unknown(failure.clone()),
        };
        let accounts = &mut self.memory().accounts;
        if let Fact::Known(onboarding) = &onboarding {
            accounts.insert(want.account.clone(), onboarding.to_string());
        } else {
            accounts.remove(&want.account);
        }
        let tags = if want.tags { tags.map_or_else(Fact::Unknown, Fact::Known) } else { Fact::Absent };
        Seen { onboarding, tags }
    }

    /// Remembers what was seen.
    pub async fn keep(&self, store: &Store) -> Result<()> {
        let memory = self.memory().clone();
        if memory == self.before {
            return Ok(());
        }
        let bytes = serde_json::to_vec(&memory).map_err(Error::from_display)?;
        // Reading goes on without a memory; it only costs the same calls again.
        if let Err(error) = store.write(PATH, bytes.into()).await {
            eprintln!("warning: {}", terminal(&error.to_string()));
        }
        Ok(())
    }

    /// Whole at every moment, so one that was left by a panic is as good. Never held across an await.
    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A record that covers every wanted cell cannot be outdated in a way that matters: cells are only ever added, and a
/// change of profile makes it insufficient.
fn suffices(onboarding: &Onboarding, want: &Wanted) -> bool {
    want.cells.iter().all(|cell| onboarding.covers(want.profile, cell))
}

async fn remembered(store: &Store) -> Result<Memory> {
    let empty = Memory { format: FORMAT, accounts: BTreeMap::new() };
    let Some(stored) = store.read(PATH).await.map_err(Error::from_display)? else { return Ok(empty) };
    // A memory of another form is no memory: AWS is asked.
    let memory = serde_json::from_slice::<Memory>(&stored.bytes).ok().filter(|memory| memory.format == FORMAT);
    Ok(memory.unwrap_or(empty))
}

async fn ask(client: &Client, context: &Context, account: &AccountId) -> std::result::Result<Tags, Failure> {
    let params = json!({ "ResourceId": account });
    let mut pages = std::pin::pin!(client.pages(
        &context.management,
        &context.home,
        "organizations",
        "ListTagsForResource",
        &params
    ));
    let mut tags = Tags::new();
    while let Some(page) = pages.next().await {
        for tag in page?.get("Tags").and_then(Value::as_array).into_iter().flatten() {
            let text = |name: &str| tag.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
            tags.insert(text("Key"), text("Value"));
        }
    }
    Ok(tags)
}

fn onboarding_of(account: &AccountId, tags: &Tags) -> Fact<Onboarding> {
    match tags.get(ONBOARDING_TAG) {
        Some(text) => text.parse().map_or_else(|error| unreadable(account, &error), Fact::Known),
        None => Fact::Absent,
    }
}

fn unreadable(account: &AccountId, error: &impl std::fmt::Display) -> Fact<Onboarding> {
    Fact::Unknown(Failure {
        kind: FailureKind::Invalid,
        service: "organizations".to_owned(),
        operation: "ListTagsForResource".to_owned(),
        account: Some(account.clone()),
        region: None,
        code: "UnreadableTag".to_owned(),
        message: format!("{error}: correct the tag, or remove it to onboard the account again"),
        request_id: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_suffices_while_it_covers_what_is_wanted() {
        let account: AccountId = "111122223333".parse().unwrap();
        let cell = |region: &str| Cell::Region(account.clone(), region.parse().unwrap());
        let onboarding: Onboarding = "secure global use1".parse().unwrap();
        let want =
            |profile, cells: &[Cell]| Wanted { account: account.clone(), profile, cells: cells.to_vec(), tags: false };
        let global = Cell::Account(account.clone());
        assert!(suffices(&onboarding, &want(Profile::Secure, &[global.clone(), cell("us-east-1")])));
        assert!(!suffices(&onboarding, &want(Profile::Secure, &[cell("us-west-2")])));
        assert!(!suffices(&onboarding, &want(Profile::Basic, &[global])));
    }
}
