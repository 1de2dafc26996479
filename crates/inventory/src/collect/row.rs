//! One table in one cell: its list, then for each row the calls that the wanted columns need. A column
//! whose call failed has its failure in the row; the other columns stand.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use dodai_facts::{Failure, FailureKind, Listing, Region, Row};
use futures::future::join_all;
use futures::{StreamExt, stream};
use serde_json::{Map, Value};

use super::calls::{CellReader, Pages};
use crate::tables::{Absent, ColumnKind, Found, Join, Path, RowCall, Source, Table, Wanted};

/// Rows of one table whose calls are made at the same time.
const ROWS_AT_ONCE: usize = 8;

/// What a call for a row gave: its pages, or none where AWS says that there is nothing.
type Reply = Result<Option<Arc<Pages>>, Failure>;

/// The rows of a joined list by what they are matched by.
type Matches = Result<HashMap<String, Vec<Value>>, Failure>;

/// What the wanted columns of a table need.
struct Need<'a> {
    table: &'a Table,
    wanted: &'a Wanted,
    calls: BTreeSet<usize>,
    joins: BTreeMap<usize, Matches>,
    /// Members of the listed row that are one column each: they are moved there.
    once: BTreeSet<&'a str>,
}

/// Why a row is not there after all.
enum NoRow {
    /// It was deleted since it was listed.
    Gone,
    Failed(Failure),
}

impl CellReader {
    pub(crate) async fn read(&self, table: &Table, wanted: &Wanted) -> Listing {
        let listed = self.list(&table.list, &table.unneeded(wanted)).await;
        let mut listing = Listing { rows: Vec::with_capacity(listed.rows.len()), failure: listed.failure };
        let (calls, joins) = table.needed(wanted);
        let mut need = Need { table, wanted, calls, joins: BTreeMap::new(), once: once(table, wanted) };
        if !listed.rows.is_empty() {
            for number in joins {
                if let Some(join) = table.joins.get(number) {
                    need.joins.insert(number, self.join(join).await);
                }
            }
        }
        let need = &need;
        let mut rows = stream::iter(listed.rows).map(|base| self.row(need, base)).buffered(ROWS_AT_ONCE);
        let mut known: HashMap<String, usize> = HashMap::new();
        while let Some(row) = rows.next().await {
            let row = match row {
                Ok(row) => row,
                Err(NoRow::Gone) => continue,
                Err(NoRow::Failed(failure)) => {
                    listing.failure = listing.failure.or(Some(failure));
                    continue;
                }
            };
            // A page that shifts while it is read repeats a row; two different rows of one identity are an error.
            match known.get(&row.id).and_then(|first| listing.rows.get(*first)) {
                None => {
                    known.insert(row.id.clone(), listing.rows.len());
                    listing.rows.push(row);
                }
                Some(first) if *first == row => {}
                Some(_) => {
                    let request = table.list.last().map(|step| &step.request);
                    let message = format!("two different rows are both `{}`; the first is kept", row.id);
                    let failure =
                        request.map(|request| self.failure(request, FailureKind::Fault, "DuplicateRow", message));
                    listing.failure = listing.failure.or(failure);
                }
            }
        }
        listing
    }

    async fn row(&self, need: &Need<'_>, mut base: Map<String, Value>) -> Result<Row, NoRow> {
        let table = need.table;
        let listed = |name: &str| Ok(self.place_or(name, &base));
        let resolve = |reference: &crate::tables::Reference| reference.resolve(&listed).map_err(NoRow::Failed);
        let arn = table.arn.as_ref().map(resolve).transpose()?.unwrap_or(Value::Null);
        let region = match &table.region {
            Some(region) => resolve(region)?,
            None => self.place.cell.region().map_or(Value::Null, |region| region.as_str().into()),
        };
        let mut id = self.place.cell.to_string();
        if let Value::String(arn) = &arn {
            id = format!("{id}/{arn}");
        } else if !table.key.is_empty() || table.arn.is_some() {
            let keys = table.key.iter().map(resolve).collect::<Result<Vec<_>, _>>()?;
            if keys.is_empty() || keys.iter().any(Value::is_null) {
                return Err(NoRow::Failed(self.nameless(table.list.last())));
            }
            for key in keys {
                id.push('/');
                id.push_str(&key.as_str().map_or_else(|| key.to_string(), str::to_owned));
            }
        }

        let replies = self.calls(need, &base).await?;
        let mut row = Row { id, values: Map::new(), failures: BTreeMap::new() };
        for column in table.columns.iter().filter(|column| need.wanted.includes(column)) {
            let value = match &column.source {
                Source::Cell => match column.name.as_str() {
                    "arn" => Ok(arn.clone()),
                    "region" => Ok(region.clone()),
                    name => Ok(self.place_or(name, &base)),
                },
                Source::Row(name) if need.once.contains(name.as_str()) => Ok(base.remove(name).unwrap_or(Value::Null)),
                Source::Row(name) => Ok(base.get(name).cloned().unwrap_or(Value::Null)),
                Source::Call(number, path) => at(replies.get(number), path),
                Source::Join(number) => self.matching(need, *number, &base),
            };
            match value {
                Ok(mut value) => {
                    column.conceal.apply(&mut value);
                    if column.kind == ColumnKind::Tags {
                        value = tags(&value);
                    }
                    row.values.insert(column.name.clone(), value);
                }
                Err(failure) => {
                    row.failures.insert(column.name.clone(), failure);
                }
            }
        }
        Ok(row)
    }

    /// Makes the calls that are needed, those first that others wait for.
    async fn calls(&self, need: &Need<'_>, base: &Map<String, Value>) -> Result<BTreeMap<usize, Reply>, NoRow> {
        let mut replies: BTreeMap<usize, Reply> = BTreeMap::new();
        let mut waiting = need.calls.clone();
        while !waiting.is_empty() {
            let ready: Vec<(usize, &RowCall)> = waiting
                .iter()
                .filter_map(|number| Some((*number, need.table.calls.get(*number)?)))
                .filter(|(_, call)| call.after.iter().all(|earlier| replies.contains_key(earlier)))
                .collect();
            let numbers: Vec<usize> = ready.iter().map(|(number, _)| *number).collect();
            let done = join_all(ready.iter().map(|(_, call)| self.row_call(need.table, call, base, &replies))).await;
            for (number, reply) in numbers.iter().zip(done) {
                match reply {
                    Ok(reply) => replies.insert(*number, Ok(reply)),
                    Err(NoRow::Failed(failure)) => replies.insert(*number, Err(failure)),
                    Err(NoRow::Gone) => return Err(NoRow::Gone),
                };
                waiting.remove(number);
            }
            // Calls only wait for earlier ones, so some are always ready.
            if numbers.is_empty() {
                break;
            }
        }
        Ok(replies)
    }

    async fn row_call(
        &self,
        table: &Table,
        call: &RowCall,
        base: &Map<String, Value>,
        replies: &BTreeMap<usize, Reply>,
    ) -> Result<Option<Arc<Pages>>, NoRow> {
        let lookup = |name: &str| {
            let column = table.columns.iter().find(|column| column.name == name);
            match column.map(|column| &column.source) {
                Some(Source::Call(number, path)) if !base.contains_key(name) => at(replies.get(number), path),
                _ => Ok(self.place_or(name, base)),
            }
        };
        for (column, values) in &call.when {
            if !values.contains(&column.resolve(&lookup).map_err(NoRow::Failed)?) {
                return Ok(None);
            }
        }
        let missing =
            || NoRow::Failed(self.incomplete(&call.request, "the row has no value for a parameter".to_owned()));
        let params = match call.request.with.resolve(&lookup).map_err(NoRow::Failed)? {
            Some(Value::Object(params)) => params,
            None if call.optional => return Ok(None),
            _ => return Err(missing()),
        };
        let mut params = params;
        params.extend(call.request.fixed.clone());
        let region = match &call.region {
            None => None,
            Some(region) => {
                let region = region.resolve(&lookup).map_err(NoRow::Failed)?;
                Some(region.as_str().and_then(|code| code.parse::<Region>().ok()).ok_or_else(missing)?)
            }
        };
        let pages = self.pages(&call.request, Value::Object(params), region).await;
        match &pages.failure {
            None => match &call.must {
                Some(path) if !pages.pages.iter().any(|page| path.get(page) != Found::One(None)) => {
                    Err(NoRow::Failed(self.incomplete(&call.request, format!("the reply has no `{path}`"))))
                }
                _ => Ok(Some(pages)),
            },
            Some(failure) if Absent::covers(&call.gone, failure) => Err(NoRow::Gone),
            Some(failure) if pages.pages.is_empty() && Absent::covers(&call.absent, failure) => Ok(None),
            Some(failure) => Err(NoRow::Failed(failure.clone())),
        }
    }

    async fn join(&self, join: &Join) -> Matches {
        let listed = self.list(&join.list, &BTreeSet::new()).await;
        // Of a list that is not whole nobody can say that a row is not in it.
        if let Some(failure) = listed.failure {
            return Err(failure);
        }
        let mut matches: HashMap<String, Vec<Value>> = HashMap::new();
        for row in listed.rows {
            let lookup = |name: &str| Ok(self.place_or(name, &row));
            let key = join.on.iter().map(|(_, theirs)| theirs.resolve(&lookup)).collect::<Result<Vec<_>, _>>()?;
            let taken = match &join.take {
                Some(take) => take.resolve(&lookup)?,
                None => Value::Object(row.clone()),
            };
            if !key.iter().any(Value::is_null) {
                matches.entry(Value::Array(key).to_string()).or_default().push(taken);
            }
        }
        Ok(matches)
    }

    fn matching(&self, need: &Need<'_>, number: usize, base: &Map<String, Value>) -> Result<Value, Failure> {
        let (Some(join), Some(matches)) = (need.table.joins.get(number), need.joins.get(&number)) else {
            return Ok(Value::Null);
        };
        let matches = matches.as_ref().map_err(Clone::clone)?;
        let lookup = |name: &str| Ok(self.place_or(name, base));
        let key = join.on.iter().map(|(ours, _)| ours.resolve(&lookup)).collect::<Result<Vec<_>, _>>()?;
        let found = matches.get(&Value::Array(key).to_string()).map(Vec::as_slice).unwrap_or_default();
        Ok(if join.many { found.to_vec().into() } else { found.first().cloned().unwrap_or(Value::Null) })
    }
}

/// The members of a listed row that one wanted column is made of and nothing else.
fn once<'a>(table: &'a Table, wanted: &Wanted) -> BTreeSet<&'a str> {
    let mut uses: BTreeMap<&str, usize> = BTreeMap::new();
    for column in table.columns.iter().filter(|column| wanted.includes(column)) {
        match &column.source {
            Source::Row(name) => *uses.entry(name).or_default() += 1,
            // Matched by the row as it was listed.
            Source::Join(_) => return BTreeSet::new(),
            Source::Cell | Source::Call(..) => {}
        }
    }
    uses.into_iter().filter(|(_, uses)| *uses == 1).map(|(name, _)| name).collect()
}

/// What stands at a path of a reply: a list is joined over all pages, anything else is the first page's
/// that has it.
fn at(reply: Option<&Reply>, path: &Path) -> Result<Value, Failure> {
    let pages = match reply {
        Some(Ok(Some(pages))) => pages,
        Some(Err(failure)) => return Err(failure.clone()),
        Some(Ok(None)) | None => return Ok(Value::Null),
    };
    let mut list: Option<Vec<Value>> = None;
    for page in &pages.pages {
        match path.get(page) {
            Found::One(None) => {}
            Found::One(Some(Value::Array(items))) => list.get_or_insert_default().extend(items.iter().cloned()),
            Found::Many(items) => list.get_or_insert_default().extend(items.into_iter().cloned()),
            Found::One(Some(value)) => return Ok(value.clone()),
        }
    }
    Ok(list.map_or(Value::Null, Value::Array))
}

/// Tags as a map from text to text, from the forms in which AWS gives them.
fn tags(value: &Value) -> Value {
    let text = |value: &Value| Value::String(value.as_str().unwrap_or_default().to_owned());
    match value {
        Value::Object(tags) => tags.iter().map(|(key, value)| (key.clone(), text(value))).collect(),
        Value::Array(tags) => {
            let pairs = tags.iter().filter_map(|tag| {
                let member = |names: [&str; 3]| names.iter().find_map(|name| tag.get(name));
                let key = member(["Key", "key", "TagKey"])?.as_str()?.to_owned();
                Some((key, member(["Value", "value", "TagValue"]).map_or_else(|| "".into(), text)))
            });
            Value::Object(pairs.collect())
        }
        // Read, and none there.
        _ => Value::Object(Map::new()),
    }
}
