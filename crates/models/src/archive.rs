//! How a compiled model lies in a file: one byte of format number, then zstd over postcard.

use crate::model::{Service, ShapeKind};

/// Goes up when a type of `model` or `rules` changes, so that an old file is refused instead of misread.
const FORMAT: u8 = 1;

#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    #[error("the model is of format {found}, not {FORMAT}: compile the models again")]
    Format { found: u8 },
    #[error("the model is empty")]
    Empty,
    #[error("the model cannot be decompressed or compressed: {0}")]
    Compression(#[from] std::io::Error),
    #[error("the model cannot be decoded or encoded: {0}")]
    Encoding(#[from] postcard::Error),
    #[error("the model of `{service}` names shape {shape}, which it does not have")]
    Dangling { service: String, shape: u32 },
}

/// # Errors
/// When a shape id points nowhere.
pub fn pack(service: &Service) -> Result<Vec<u8>, ArchiveError> {
    check(service)?;
    let plain = postcard::to_allocvec(service)?;
    let mut packed = vec![FORMAT];
    packed.extend(zstd::bulk::compress(&plain, 22)?);
    Ok(packed)
}

/// # Errors
/// On another format, damaged bytes, or a shape id that points nowhere.
pub fn unpack(bytes: &[u8]) -> Result<Service, ArchiveError> {
    let (format, packed) = bytes.split_first().ok_or(ArchiveError::Empty)?;
    if *format != FORMAT {
        return Err(ArchiveError::Format { found: *format });
    }
    let service: Service = postcard::from_bytes(&zstd::decode_all(packed)?)?;
    check(&service)?;
    Ok(service)
}

/// INVARIANT: every shape id is in range. [`Service::shape`] relies on it.
fn check(service: &Service) -> Result<(), ArchiveError> {
    let operations = service.operations.values().flat_map(|operation| [operation.input, operation.output]).flatten();
    let shapes = service.shapes.iter().flat_map(|shape| match &shape.kind {
        ShapeKind::Structure(structure) => structure.members.iter().map(|member| member.shape).collect(),
        ShapeKind::List { member, .. } => vec![member.shape],
        ShapeKind::Map { key, value, .. } => vec![key.shape, value.shape],
        _ => Vec::new(),
    });
    match operations.chain(shapes).find(|id| *id as usize >= service.shapes.len()) {
        Some(shape) => Err(ArchiveError::Dangling { service: service.name.clone(), shape }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Models;

    #[test]
    fn a_packed_model_comes_back_the_same() {
        let service = Models::embedded().service("account").expect("embedded");
        assert_eq!(unpack(&pack(&service).expect("packs")).expect("unpacks"), *service);
    }

    #[test]
    fn what_is_not_a_model_is_refused() {
        let mut damaged = pack(&Models::embedded().service("account").expect("embedded")).expect("packs");
        damaged.truncate(damaged.len() / 2);
        for bytes in [&[][..], &[FORMAT], &[FORMAT + 1, 0], &damaged] {
            assert!(unpack(bytes).is_err(), "{} bytes", bytes.len());
        }
    }

    #[test]
    fn a_shape_id_that_points_nowhere_is_refused() {
        let mut service = (*Models::embedded().service("account").expect("embedded")).clone();
        service.shapes.truncate(1);
        assert!(matches!(pack(&service), Err(ArchiveError::Dangling { .. })));
    }
}
