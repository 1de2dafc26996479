//! Files of the service authorization reference: a damaged one is refused, one that is read is written and read again as
//! the same.

use dodai_policy::reference::{pack, unpack};

/// The first byte says how the rest stands in a file: as it is, or as its head and one frame, compressed.
pub fn reference(bytes: &[u8]) {
    let Some((form, rest)) = bytes.split_first() else { return };
    let file = if *form < 64 {
        rest.to_vec()
    } else {
        let (head, frame) = rest.split_at(usize::from(*form).min(rest.len()));
        let compress = |part: &[u8]| zstd::bulk::compress(part, 1).expect("compressed");
        let head = compress(head);
        let length = u32::try_from(head.len()).expect("short").to_le_bytes();
        [&[1][..], &length, &head, &compress(frame)].concat()
    };
    let Ok(services) = unpack(&file) else { return };
    // What was read keeps what a file must: packing refuses nothing of it.
    let again = pack("2026-01-01", services.clone(), Vec::new()).expect("packed");
    assert_eq!(unpack(&again).expect("unpacked"), services);
}
