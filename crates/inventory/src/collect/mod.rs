//! One run over accounts and Regions: every wanted table of every cell, read and handed on cell by cell.
//! A cell that cannot be read gives its failure in place of its rows; nothing is left out.

mod calls;
mod list;
mod row;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use dodai_api::Aws;
use dodai_facts::{AccountId, Cell, Inventory, Listing, Region, Scope};
use futures::{StreamExt, stream};
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;

use crate::tables::{Table, Wanted};
use calls::CellReader;

/// Tables of one cell that are read at the same time.
const TABLES_AT_ONCE: usize = 6;

/// Listings that are read, or are read and not yet taken, at the same time in all cells: their rows are in memory.
const LISTINGS_AT_ONCE: usize = 128;

/// An account that exists, and where in it to look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    pub id: AccountId,
    pub name: String,
    pub regions: Vec<Region>,
}

/// What to read, and where.
#[derive(Debug, Clone)]
pub struct Collection {
    /// Tables of the organization are read in this account.
    pub management: AccountId,
    /// Tables of the organization and of an account are read from this Region.
    pub home: Region,
    pub accounts: Vec<Account>,
    pub tables: Vec<(Arc<Table>, Wanted)>,
    /// Cells that are read at the same time.
    pub concurrency: usize,
}

/// The rows of one table in one cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collected {
    pub table: String,
    pub cell: Cell,
    pub listing: Listing,
}

/// How far a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    pub cells_done: usize,
    pub cells: usize,
    /// Calls made so far, without retries.
    pub calls: usize,
}

/// The receiver of a run is gone: nobody wants the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("collection was stopped: nobody takes its results any more")]
pub struct Stopped;

/// The tables of one cell, with the columns that are wanted.
type Picked = Vec<(Arc<Table>, Wanted)>;

/// Where a cell's calls go, and what its rows are called.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) cell: Cell,
    pub(crate) account: AccountId,
    pub(crate) account_name: String,
    /// Where the calls go; the home Region for an account's and the organization's cell.
    pub(crate) region: Region,
    pub(crate) home: Region,
}

impl Collection {
    /// Every cell with the tables that are read in it, widest first.
    fn work(&self) -> Vec<(Place, Picked)> {
        let tables = |scope: Scope, account: &AccountId| -> Picked {
            let wanted = self.tables.iter().filter(|(table, _)| {
                table.scope() == scope && !table.is_given() && (!table.management_only() || *account == self.management)
            });
            wanted.cloned().collect()
        };
        let management = self.accounts.iter().find(|account| account.id == self.management);
        let place = |cell: Cell, account: &AccountId, name: &str, region: &Region| Place {
            cell,
            account: account.clone(),
            account_name: name.to_owned(),
            region: region.clone(),
            home: self.home.clone(),
        };
        let name = management.map(|account| account.name.as_str()).unwrap_or_default();
        let mut work = vec![(
            place(Cell::Organization, &self.management, name, &self.home),
            tables(Scope::Organization, &self.management),
        )];
        for account in &self.accounts {
            let cell = Cell::Account(account.id.clone());
            work.push((place(cell, &account.id, &account.name, &self.home), tables(Scope::Account, &account.id)));
        }
        for account in &self.accounts {
            for region in &account.regions {
                let cell = Cell::Region(account.id.clone(), region.clone());
                work.push((place(cell, &account.id, &account.name, region), tables(Scope::Region, &account.id)));
            }
        }
        work.retain(|(_, tables)| !tables.is_empty());
        work
    }
}

/// Reads everything, cell by cell, into `sink`. At most `concurrency` cells are read at once; in memory are 128 listings at
/// most, and those that the sink's channel takes. `progress` is told after every cell.
pub async fn collect(
    aws: Arc<dyn Aws>,
    collection: &Collection,
    sink: mpsc::Sender<Collected>,
    progress: impl Fn(Progress) + Send,
) -> Result<Progress, Stopped> {
    let work = collection.work();
    let calls = Arc::new(AtomicUsize::new(0));
    let room = Arc::new(Semaphore::new(LISTINGS_AT_ONCE));
    let mut now = Progress { cells: work.len(), ..Progress::default() };
    progress(now);
    let mut waiting = work.into_iter();
    let mut running = JoinSet::new();
    loop {
        while running.len() < collection.concurrency.max(1) {
            let Some((place, tables)) = waiting.next() else { break };
            running.spawn(read_cell(aws.clone(), place, tables, calls.clone(), room.clone(), sink.clone()));
        }
        match running.join_next().await {
            None => return Ok(now),
            Some(Ok(Ok(()))) => {
                now.cells_done += 1;
                now.calls = calls.load(Ordering::Relaxed);
                progress(now);
            }
            Some(Ok(Err(stopped))) => return Err(stopped),
            // A cell that panicked has no result: the run must not look whole.
            Some(Err(error)) => match error.try_into_panic() {
                Ok(panic) => resume_unwind(panic),
                Err(_) => return Err(Stopped),
            },
        }
    }
}

async fn read_cell(
    aws: Arc<dyn Aws>,
    place: Place,
    tables: Picked,
    calls: Arc<AtomicUsize>,
    room: Arc<Semaphore>,
    sink: mpsc::Sender<Collected>,
) -> Result<(), Stopped> {
    let reader = CellReader::new(aws, place, shared(&tables), calls);
    let (reader, room) = (&reader, &room);
    let mut listings = stream::iter(tables)
        .map(|(table, wanted)| async move {
            // Nobody closes it.
            let place = room.acquire().await.ok();
            let listing = match reader.not_offered(&table) {
                Some(failure) => Listing { rows: Vec::new(), failure: Some(failure) },
                None => reader.read(&table, &wanted).await,
            };
            (Collected { table: table.name().to_owned(), cell: reader.place.cell.clone(), listing }, place)
        })
        .buffer_unordered(TABLES_AT_ONCE);
    while let Some((collected, place)) = listings.next().await {
        sink.send(collected).await.map_err(|_| Stopped)?;
        drop(place);
    }
    Ok(())
}

/// The calls that several tables of a cell make, or one table more than once: their replies are kept while
/// the cell is read.
fn shared(tables: &[(Arc<Table>, Wanted)]) -> Vec<String> {
    let mut uses: BTreeMap<String, usize> = BTreeMap::new();
    for (table, wanted) in tables {
        for call in table.every_call(wanted) {
            *uses.entry(call).or_default() += 1;
        }
    }
    uses.into_iter().filter(|(_, uses)| *uses > 1).map(|(call, _)| call).collect()
}

/// Reads everything into one inventory: for runs that plan, not for those that only store.
pub async fn collect_into_inventory(
    aws: Arc<dyn Aws>,
    collection: &Collection,
    progress: impl Fn(Progress) + Send,
) -> Result<Inventory, Stopped> {
    let (sink, mut source) = mpsc::channel(64);
    let gather = async {
        let mut inventory = Inventory::default();
        while let Some(Collected { table, cell, listing }) = source.recv().await {
            inventory.insert(&table, cell, listing);
        }
        inventory
    };
    let (done, inventory) = futures::join!(collect(aws, collection, sink, progress), gather);
    done.map(|_| inventory)
}
