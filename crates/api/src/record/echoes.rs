//! What was hidden in a request, in the words of its refusal: `Value 'hunter2' at 'masterUserPassword' failed to …`.

use super::marks::Marks;

/// What is shorter is more likely a word of the sentence.
const SHORTEST: usize = 5;

/// Bytes that are looked through, all secrets together.
const MOST: usize = 50_000_000;

/// `text` without any of `secrets`.
pub(super) fn removed(text: &str, secrets: &[String], marks: &Marks) -> String {
    let mut secrets: Vec<&String> = secrets.iter().filter(|secret| secret.len() >= SHORTEST).collect();
    // One may be a part of another.
    secrets.sort_by(|one, other| other.len().cmp(&one.len()).then_with(|| one.cmp(other)));
    secrets.dedup();
    secrets.truncate(MOST / (text.len() + 1));
    let mut clean = text.to_owned();
    for secret in secrets {
        if clean.contains(secret.as_str()) {
            clean = clean.replace(secret.as_str(), &marks.of(secret));
        }
    }
    clean
}
