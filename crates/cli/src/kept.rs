//! Assessments as they are kept beside the runs that they judged: JSON, compressed. Ten thousand accounts have millions of
//! findings, which say much the same.

use std::io::{BufReader, BufWriter, Read as _};

use dodai_api::store::Store;

use crate::assessment::Assessment;
use crate::before::Before;
use crate::failure::{Error, Result};

const FOLDER: &str = "assessments";
const SUFFIX: &str = ".json.zst";
/// As earlier versions kept them.
const PLAIN: &str = ".json";
/// The fastest that still finds what is repeated.
const LEVEL: i32 = 1;
/// Most bytes of one that is read: a file that unpacks to more is not ours.
const MOST_BYTES: u64 = 16 << 30;

/// The last assessment of the same part of the same organization before this one, compared with it.
pub async fn last(store: &Store, this: &Assessment) -> Result<Option<Before>> {
    let mut paths = store.list(FOLDER).await.map_err(Error::from_display)?;
    paths.sort();
    for path in paths.iter().rev() {
        let Some(stored) = store.read(path).await.map_err(Error::from_display)? else { continue };
        let plain = path.ends_with(PLAIN);
        let read = if plain { Before::read(stored.bytes.as_ref(), this).ok() } else { unpacked(&stored.bytes, this) };
        // One that another version wrote, or that was cut off, is no reason not to assess.
        if read.is_some() {
            return Ok(read);
        }
    }
    Ok(None)
}

pub async fn keep(store: &Store, assessment: &Assessment) -> Result<()> {
    let packed = packed(assessment).map_err(Error::from_display)?;
    let path = format!("{FOLDER}/{}{SUFFIX}", assessment.run);
    store.write(&path, packed.into()).await.map_err(Error::from_display)
}

/// Never whole in memory as JSON.
fn packed(assessment: &Assessment) -> std::io::Result<Vec<u8>> {
    let mut encoder = BufWriter::with_capacity(1 << 16, zstd::Encoder::new(Vec::new(), LEVEL)?);
    serde_json::to_writer(&mut encoder, assessment)?;
    encoder.into_inner().map_err(std::io::IntoInnerError::into_error)?.finish()
}

fn unpacked(bytes: &[u8], this: &Assessment) -> Option<Before> {
    let decoder = zstd::Decoder::new(bytes).ok()?;
    Before::read(BufReader::new(decoder.take(MOST_BYTES)), this).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assessment::sample;

    #[tokio::test]
    async fn the_last_of_the_same_part_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path().to_str().unwrap(), None).unwrap();
        let of = |run: &str, account: &str| {
            let mut assessment = sample();
            assessment.run = run.to_owned();
            assessment.selection.accounts = vec![account.to_owned()];
            assessment
        };
        for (run, account) in [("2026-01", "web"), ("2026-02", "web"), ("2026-03", "batch"), ("2026-05", "web")] {
            keep(&store, &of(run, account)).await.unwrap();
        }
        let whole = std::fs::read(folder.path().join("assessments/2026-05.json.zst")).unwrap();
        std::fs::write(folder.path().join("assessments/2026-04.json.zst"), &whole[..whole.len() / 2]).unwrap();
        let last_of = async |run: &str| last(&store, &of(run, "web")).await.unwrap().map(|found| found.run);
        assert_eq!(last_of("2026-05").await.as_deref(), Some("2026-02"));
        let plain = serde_json::to_vec(&of("2026-03", "web")).unwrap();
        std::fs::write(folder.path().join("assessments/2026-03b.json"), plain).unwrap();
        assert_eq!(last_of("2026-05").await.as_deref(), Some("2026-03"));
        assert_eq!(last_of("2026-01").await, None);
    }
}
