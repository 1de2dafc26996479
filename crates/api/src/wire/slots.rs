//! The members of structures that are being read: values are kept by place until a structure is over, and then become a
//! map of the right size, in the model's order. A reply that names its members in another order reads the same.

use dodai_models::{Member, Structure};
use serde_json::{Map, Value};

#[derive(Debug, Default)]
pub(super) struct Slots {
    /// Of all structures that are open, the innermost last.
    values: Vec<Option<Value>>,
    /// Stands in for a slot that there is none of.
    nowhere: Option<Value>,
}

/// Where the members of one structure stand.
#[derive(Debug, Clone, Copy)]
pub(super) struct Base(usize);

impl Slots {
    /// Room for the members of a structure within those that are open.
    pub(super) fn open(&mut self, structure: &Structure) -> Base {
        let base = self.values.len();
        self.values.resize_with(base + structure.members.len(), || None);
        Base(base)
    }

    /// The slot of the member at `index`.
    pub(super) fn slot(&mut self, Base(base): Base, index: usize) -> &mut Option<Value> {
        match self.values.get_mut(base + index) {
            Some(slot) => slot,
            // Of a place that the structure does not have nothing is kept.
            None => &mut self.nowhere,
        }
    }

    /// The structure's members, which end here.
    pub(super) fn close(&mut self, Base(base): Base, structure: &Structure) -> Map<String, Value> {
        let found = self.values.iter().skip(base).filter(|value| value.is_some()).count();
        let mut members = Map::with_capacity(found);
        for (member, value) in structure.members.iter().zip(self.values.drain(base..)) {
            if let Some(value) = value {
                members.insert(member.name.clone(), value);
            }
        }
        members
    }
}

/// The place of the member that `is` it, looked for from the one found before: services mostly keep to the model's order.
pub(super) fn place<E>(
    members: &[Member],
    before: usize,
    mut is: impl FnMut(&Member) -> Result<bool, E>,
) -> Result<Option<usize>, E> {
    for index in (before..members.len()).chain(0..before) {
        if let Some(member) = members.get(index)
            && is(member)?
        {
            return Ok(Some(index));
        }
    }
    Ok(None)
}
