//! Which calls of a table leave the Region of the cell that they are made for.

use std::collections::BTreeSet;

use super::table::{Table, Wanted};

impl Table {
    /// Of [`Table::calls`], those that go where the row says: to a bucket's own Region, a trail's home Region.
    pub fn calls_elsewhere(&self, wanted: &Wanted) -> BTreeSet<String> {
        let (calls, _) = self.needed(wanted);
        let calls = calls.into_iter().filter_map(|call| self.calls.get(call));
        calls.filter(|call| call.region.is_some()).map(|call| call.request.name()).collect()
    }
}

#[cfg(test)]
mod tests {
    use dodai_models::Models;

    use super::super::{Tables, Wanted};

    #[test]
    fn what_is_asked_of_a_bucket_is_asked_in_its_region() {
        let tables = Tables::read(Models::embedded(), []).unwrap();
        let elsewhere = |table: &str| tables.get(table).unwrap().calls_elsewhere(&Wanted::All);
        let buckets = elsewhere("aws_s3_bucket");
        assert!(buckets.contains("s3.GetBucketPolicy") && !buckets.contains("s3.ListBuckets"), "{buckets:?}");
        assert!(elsewhere("aws_kms_key").is_empty());
    }
}
