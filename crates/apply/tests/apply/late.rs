//! Rows that are read as they were some time ago: AWS shows late what was just done.

use std::collections::VecDeque;
use std::time::Duration;

use dodai_facts::{Cell, Inventory, Listing};
use tokio::time::Instant;

use crate::simulator::Tables;

/// How late what is done in a table and cell is shown.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Late {
    Never,
    /// All of it alike.
    By(Duration),
    /// Each table and cell in its own way, at most this: decided by the seed.
    Apart(u64, Duration),
}

impl Late {
    fn of(self, table: &str, cell: &Cell) -> Duration {
        match self {
            Self::Never => Duration::ZERO,
            Self::By(time) => time,
            Self::Apart(seed, most) => {
                let name = format!("{table}/{cell}");
                let mixed =
                    name.bytes().fold(seed, |mixed, byte| (mixed ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3));
                most.mul_f64(f64::from(u32::try_from(mixed >> 40 & 3).unwrap()) / 3.0)
            }
        }
    }

    fn most(self) -> Duration {
        match self {
            Self::Never => Duration::ZERO,
            Self::By(most) | Self::Apart(_, most) => most,
        }
    }
}

/// The rows, and what they were before the latest changes.
#[derive(Debug)]
pub struct Rows {
    pub now: Inventory,
    late: Late,
    before: VecDeque<(Instant, String, Cell, Listing)>,
    /// Listings that were changed, ever.
    pub edits: usize,
}

impl Rows {
    pub fn new(now: Inventory, late: Late) -> Self {
        Self { now, late, before: VecDeque::new(), edits: 0 }
    }

    /// What a reader gets.
    pub fn shown(&self) -> Inventory {
        let mut shown = self.now.clone();
        // From the latest back: the earliest that is not shown yet says what is.
        for (when, table, cell, listing) in self.before.iter().rev() {
            if when.elapsed() < self.late.of(table, cell) {
                shown.insert(table, cell.clone(), listing.clone());
            }
        }
        shown
    }
}

impl Tables for Rows {
    fn listing(&self, table: &str, cell: &Cell) -> Option<&Listing> {
        self.now.get(table, cell)
    }

    fn replace(&mut self, table: &str, cell: &Cell, listing: Listing) {
        let before = self.now.get(table, cell).cloned().unwrap_or_default();
        if before != listing {
            self.edits += 1;
            while self.before.front().is_some_and(|(when, ..)| when.elapsed() > self.late.most()) {
                self.before.pop_front();
            }
            self.before.push_back((Instant::now(), table.to_owned(), cell.clone(), before));
            self.now.insert(table, cell.clone(), listing);
        } else if self.now.get(table, cell).is_none() {
            self.now.insert(table, cell.clone(), listing);
        }
    }
}
