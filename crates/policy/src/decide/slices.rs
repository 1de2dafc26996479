//! The values of a JSON object or list as slices of its text, unread: most of what stands in a request's line was seen
//! before, and is looked up by its text.
//!
//! Only brackets and texts are followed here. Whether a slice is JSON is for its reader to say.

/// Why a text cannot be cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum CutError {
    #[error("expected {0}")]
    Expected(&'static str),
    #[error("the text ends within a value")]
    CutOff,
}

/// The keys of an object, without their quotes, each with the slice of its value. `known` gives the length of the value of
/// a key that begins at a text, where it is known without following brackets.
pub(super) fn object<'t>(
    text: &'t str,
    mut known: impl FnMut(&'t str, &'t str) -> Option<usize>,
) -> Result<Vec<(&'t str, &'t str)>, CutError> {
    let mut entries = Vec::new();
    each(text, ('{', '}'), |rest| {
        let (key, rest) = value(rest)?;
        let key = key.strip_prefix('"').and_then(|key| key.strip_suffix('"')).ok_or(CutError::Expected("a key"))?;
        let rest = rest.trim_start().strip_prefix(':').ok_or(CutError::Expected("`:` after a key"))?;
        let rest = rest.trim_start();
        let (value, rest) = match known(key, rest).and_then(|length| rest.split_at_checked(length)) {
            Some(cut) => cut,
            None => value(rest)?,
        };
        entries.push((key, value));
        Ok(rest)
    })?;
    Ok(entries)
}

/// The slices of a list's values.
pub(super) fn list(text: &str) -> Result<Vec<&str>, CutError> {
    let mut values = Vec::new();
    each(text, ('[', ']'), |rest| {
        let (value, rest) = value(rest)?;
        values.push(value);
        Ok(rest)
    })?;
    Ok(values)
}

/// Calls `take` where each element begins; it gives back what follows the element.
fn each<'t>(
    text: &'t str,
    (open, close): (char, char),
    mut take: impl FnMut(&'t str) -> Result<&'t str, CutError>,
) -> Result<(), CutError> {
    let expected = if open == '{' { "an object" } else { "a list" };
    let mut rest = text.trim().strip_prefix(open).ok_or(CutError::Expected(expected))?.trim_start();
    if let Some(after) = rest.strip_prefix(close) {
        return end(after);
    }
    loop {
        rest = take(rest)?.trim_start();
        if let Some(after) = rest.strip_prefix(close) {
            return end(after);
        }
        rest = rest.strip_prefix(',').ok_or(CutError::Expected("`,` or the end"))?.trim_start();
    }
}

/// The length of the value at the start of `rest` if it is `seen`, a value that was cut out of an object before.
pub(super) fn again(rest: &str, seen: &str) -> Option<usize> {
    (seen.ends_with(['}', ']']) && rest.starts_with(seen)).then_some(seen.len())
}

fn end(after: &str) -> Result<(), CutError> {
    if after.trim().is_empty() { Ok(()) } else { Err(CutError::Expected("the end")) }
}

/// The value at the start of `text`, and what follows it.
fn value(text: &str) -> Result<(&str, &str), CutError> {
    let bytes = text.as_bytes();
    let mut depth = 0_u32;
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' => {
                at = string(bytes, at + 1)?;
                if depth == 0 {
                    return text.split_at_checked(at).ok_or(CutError::CutOff);
                }
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth <= 1 => {
                at += usize::from(depth == 1);
                break;
            }
            b'}' | b']' => depth -= 1,
            b',' | b':' if depth == 0 => break,
            _ => {}
        }
        at += 1;
    }
    let (value, rest) = text.split_at_checked(at).ok_or(CutError::CutOff)?;
    let value = value.trim_end();
    if value.is_empty() {
        return Err(CutError::Expected("a value"));
    }
    Ok((value, rest))
}

/// Where a text ends: after its closing quote.
fn string(bytes: &[u8], mut at: usize) -> Result<usize, CutError> {
    loop {
        match bytes.get(at) {
            Some(b'"') => return Ok(at + 1),
            Some(b'\\') => at += 2,
            Some(_) => at += 1,
            None => return Err(CutError::CutOff),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_cut_where_they_end() {
        let text = r#" {"a": [1, {"]": "}"}], "b" : "x\"y", "c":null ,"d":{} } "#;
        let expected = vec![("a", r#"[1, {"]": "}"}]"#), ("b", r#""x\"y""#), ("c", "null"), ("d", "{}")];
        assert_eq!(object(text, |_, _| None), Ok(expected));
        for seen in [r#"[1, {"]": "}"}]"#, r#"[1, {"]": "}"}], "b" : "x""#, "{}", "[1,", ""] {
            assert_eq!(object(text, |_, rest| again(rest, seen)), object(text, |_, _| None), "{seen}");
        }
        assert_eq!(list("[ ]"), Ok(vec![]));
        assert_eq!(list(r#"[[1],"[", 2]"#), Ok(vec!["[1]", r#""[""#, "2"]));
    }

    #[test]
    fn what_cannot_be_cut_is_told() {
        assert_eq!(object("[]", |_, _| None), Err(CutError::Expected("an object")));
        assert_eq!(object(r#"{"a" 1}"#, |_, _| None), Err(CutError::Expected("`:` after a key")));
        assert_eq!(object(r#"{"a": "x"#, |_, _| None), Err(CutError::CutOff));
        assert_eq!(object(r#"{"a": 1} x"#, |_, _| None), Err(CutError::Expected("the end")));
        assert_eq!(list("[1,]"), Err(CutError::Expected("a value")));
        assert_eq!(list("[1"), Err(CutError::Expected("`,` or the end")));
    }
}
