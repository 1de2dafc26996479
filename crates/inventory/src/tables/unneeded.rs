//! Which members of a listed row nobody needs: they are dropped page by page. A page of Security Hub's controls is
//! mostly descriptions and links, and a plan wants the ids and whether they are on.

use std::collections::BTreeSet;

use super::reference::{PARENT, Reference};
use super::table::{Column, Source, Table, Wanted};

impl Table {
    /// Members that are columns, but neither wanted nor named by a reference of the table.
    pub(crate) fn unneeded(&self, wanted: &Wanted) -> BTreeSet<&str> {
        let named = self.named();
        let (needed, others): (Vec<&Column>, Vec<&Column>) =
            self.columns.iter().partition(|column| wanted.includes(column));
        let needed: BTreeSet<&str> = needed.into_iter().filter_map(member).collect();
        let others = others.into_iter().filter_map(member);
        others.filter(|member| !needed.contains(member) && !named.contains(member)).collect()
    }

    /// Every column that a reference names, wherever it stands.
    fn named(&self) -> BTreeSet<&str> {
        let steps = self.list.iter();
        let set = steps.clone().flat_map(|step| step.set.iter().map(|(_, reference)| reference));
        let calls = self.calls.iter();
        let of_calls = calls.clone().flat_map(|call| call.region.iter().chain(call.when.iter().map(|(when, _)| when)));
        let of_joins = self.joins.iter().flat_map(|join| join.on.iter().map(|(ours, _)| ours));
        let own = self.arn.iter().chain(&self.key).chain(&self.region);
        let references = own.chain(set).chain(of_calls).chain(of_joins).flat_map(Reference::columns);
        let params = steps.map(|step| &step.request.with).chain(calls.map(|call| &call.request.with));
        let names = references.chain(params.flat_map(|params| params.columns())).map(|named| named.column.as_str());
        // A row of a tree is the parent of others.
        names.map(|name| name.strip_prefix(PARENT).and_then(|rest| rest.strip_prefix('.')).unwrap_or(name)).collect()
    }
}

/// The member of the listed row that a column is.
fn member(column: &Column) -> Option<&str> {
    match &column.source {
        Source::Row(member) => Some(member),
        Source::Cell | Source::Call(..) | Source::Join(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use dodai_models::Models;

    use crate::tables::Tables;

    #[test]
    fn what_is_wanted_or_named_is_kept() {
        let tables = Tables::read(Models::embedded(), []).unwrap();
        let check = |table: &str, wanted: &[&str], kept: &[&str], dropped: &[&str]| {
            let table = tables.table(table).unwrap();
            let wanted = table.want(wanted.iter().copied()).unwrap();
            let unneeded = table.unneeded(&wanted);
            for name in kept {
                assert!(!unneeded.contains(name), "{name} of {} is needed", table.name());
            }
            for name in dropped {
                assert!(unneeded.contains(name), "{name} of {} is not needed", table.name());
            }
        };
        check(
            "aws_securityhub_standards_control",
            &["ControlId"],
            &["ControlId", "StandardsControlArn"],
            &["Description", "RemediationUrl", "ControlStatus"],
        );
        // The ARN is made of the id, and the calls of the columns name it.
        check("aws_kms_key", &["policy"], &["KeyId", "KeyArn"], &[]);
    }
}
