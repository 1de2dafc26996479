//! Finding runs and opening them.

use std::collections::BTreeMap;

use datafusion::object_store::path::Path;
use datafusion::object_store::{ObjectStore, ObjectStoreExt};
use futures::StreamExt;

use super::manifest::FORMAT;
use super::{Manifest, Run, RunId, Shard, SnapshotError, SnapshotPlace};

/// A manifest of ten thousand accounts takes about 1 MB.
const MANIFEST_BYTES: u64 = 64 << 20;

#[derive(serde::Deserialize)]
struct Format {
    format: u32,
}

/// A run as listings show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunSummary {
    pub id: RunId,
    /// The shards whose manifest is there; none of a run that was never finished.
    pub shards: Vec<Shard>,
}

impl RunSummary {
    /// Whether every shard is there.
    pub fn is_complete(&self) -> bool {
        self.shards.first().is_some_and(|first| {
            usize::try_from(first.of()).is_ok_and(|of| of == self.shards.len())
                && self.shards.iter().all(|shard| shard.of() == first.of())
        })
    }
}

impl SnapshotPlace {
    /// All runs, also unfinished ones, in the order of time.
    pub async fn list(&self) -> Result<Vec<RunSummary>, SnapshotError> {
        let mut runs = Vec::new();
        for id in self.ids().await? {
            runs.push(self.summary(id).await?);
        }
        Ok(runs)
    }

    /// Opens the run that `name` is the id of or the beginning of the id of, or the `latest` complete one.
    /// A run that lacks shards opens; it says so ([`Run::missing_shards`]).
    pub async fn open(&self, name: &str) -> Result<Run, SnapshotError> {
        if name == "latest" {
            return self.open_latest().await;
        }
        let form = |character: char| character.is_ascii_hexdigit() || "-TZ".contains(character);
        if name.is_empty() || !name.chars().all(form) {
            return Err(SnapshotError::InvalidId(name.to_owned()));
        }
        let mut runs: Vec<RunId> = self.ids().await?.into_iter().filter(|id| id.as_str().starts_with(name)).collect();
        match (runs.pop(), runs.is_empty()) {
            (None, _) => Err(SnapshotError::NoRun(name.to_owned())),
            (Some(id), true) => self.read(self.summary(id).await?).await,
            (Some(last), false) => {
                runs.push(last);
                Err(SnapshotError::Ambiguous { given: name.to_owned(), runs })
            }
        }
    }

    async fn open_latest(&self) -> Result<Run, SnapshotError> {
        for id in self.ids().await?.into_iter().rev() {
            let summary = self.summary(id).await?;
            if summary.is_complete() {
                return self.read(summary).await;
            }
        }
        Err(SnapshotError::NoRuns)
    }

    async fn ids(&self) -> Result<Vec<RunId>, SnapshotError> {
        let listing = self.store().list_with_delimiter(Some(self.runs())).await?;
        let names = listing.common_prefixes.iter().filter_map(|path| path.parts().next_back()?.as_ref().parse().ok());
        let mut ids: Vec<RunId> = names.collect();
        ids.sort();
        Ok(ids)
    }

    async fn summary(&self, id: RunId) -> Result<RunSummary, SnapshotError> {
        let directory = self.runs().clone().join(id.as_str());
        let listing = self.store().list_with_delimiter(Some(&directory)).await?;
        let names = listing.objects.iter().filter_map(|object| Shard::of_manifest(object.location.filename()?));
        let mut shards: Vec<Shard> = names.collect();
        shards.sort();
        Ok(RunSummary { id, shards })
    }

    async fn read(&self, summary: RunSummary) -> Result<Run, SnapshotError> {
        let id = summary.id;
        let Some(first) = summary.shards.first().copied() else {
            return Err(SnapshotError::Unfinished { run: id });
        };
        let mut manifests: BTreeMap<Shard, Manifest> = BTreeMap::new();
        let paths: Vec<Path> = summary.shards.iter().map(|shard| self.path(&id, &shard.manifest_name())).collect();
        let mut texts = futures::stream::iter(paths).map(|path| self.manifest(path)).buffered(8);
        while let Some(manifest) = texts.next().await {
            let manifest = manifest?;
            let same = |first: &Manifest| first.tool == manifest.tool && first.models == manifest.models;
            let alike = manifests.values().next().is_none_or(same);
            if manifest.run != id || manifest.shard.of() != first.of() || !alike {
                return Err(SnapshotError::MixedShards { run: id });
            }
            manifests.insert(manifest.shard, manifest);
        }
        let missing = Shard::all(first.of()).filter(|shard| !manifests.contains_key(shard)).collect();
        Ok(Run::stored(self.clone(), id, manifests.into_values().collect(), missing))
    }

    async fn manifest(&self, path: Path) -> Result<Manifest, SnapshotError> {
        let wrong = |message: String| SnapshotError::Manifest { path: path.to_string(), message };
        let object = self.store().get(&path).await?;
        if object.meta.size > MANIFEST_BYTES {
            return Err(wrong(format!("is larger than {MANIFEST_BYTES} bytes")));
        }
        let text = object.bytes().await?;
        // The format is looked at first: a newer manifest need not have our fields.
        let format: Format = serde_json::from_slice(&text).map_err(|error| wrong(error.to_string()))?;
        if format.format > FORMAT {
            return Err(SnapshotError::Format { path: path.to_string(), found: format.format, known: FORMAT });
        }
        serde_json::from_slice(&text).map_err(|error| wrong(error.to_string()))
    }
}
