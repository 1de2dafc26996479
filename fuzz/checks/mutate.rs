//! A target's corpus, run again: every file as it is, and with small damages that are the same in each run.

use std::path::Path;

/// Runs a check on every file of `fuzz/corpus/<target>`, and on `rounds` damaged copies of each. With `DODAI_FUZZ_ROUNDS` in
/// the environment, on so many.
pub fn rerun(target: &str, rounds: usize, run: impl Fn(&[u8])) {
    let rounds = std::env::var("DODAI_FUZZ_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(rounds);
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(target);
    let mut paths: Vec<_> = corpus.read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let files: Vec<Vec<u8>> = paths.iter().map(|path| std::fs::read(path).unwrap()).collect();
    assert!(!files.is_empty(), "{target}");
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    for (path, file) in paths.iter().zip(&files) {
        println!("{}", path.display());
        run(file);
        for round in 0..rounds {
            println!("  round {round}");
            run(&damaged(file, &files, &mut random));
        }
    }
}

/// Bytes that are replaced, taken out, doubled, or taken from another file.
fn damaged(file: &[u8], files: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    let mut bytes = file.to_vec();
    for _ in 0..=random.below(4) {
        let at = random.below(bytes.len() + 1);
        let end = (at + random.below(24)).min(bytes.len());
        match random.below(6) {
            0 if at < bytes.len() => bytes[at] = random.of(b"\"'\\{}[](),:;<>&|-#@*$`~!%=/?. \t\n\r\0azAZ09\x7f"),
            1 => drop(bytes.drain(at..end)),
            2 => {
                let part = bytes[at..end].to_vec();
                bytes.splice(end..end, part);
            }
            3 => bytes.insert(at, random.of(b"\"'\\{}[](),:;<>&|-#@*$`~!%=/?. \t\n\r\0")),
            4 => {
                let other = &files[random.below(files.len())];
                let from = random.below(other.len() + 1);
                let part = other[from..(from + random.below(64)).min(other.len())].to_vec();
                bytes.splice(at..at, part);
            }
            _ => {
                let text =
                    ["\u{202e}", "\u{1b}[2J", "\u{feff}", "99999999999999999999", "-0", "null", "\u{85}", "\u{1f980}"];
                bytes.splice(at..at, text[random.below(text.len())].bytes());
            }
        }
    }
    bytes
}

/// Xorshift: enough to choose, and the same everywhere.
struct Random(u64);

impl Random {
    fn below(&mut self, count: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(count.max(1)).unwrap()).unwrap()
    }

    fn of(&mut self, all: &[u8]) -> u8 {
        all[self.below(all.len())]
    }
}
