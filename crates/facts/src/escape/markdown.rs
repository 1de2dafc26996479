//! Text in Markdown as GitHub reads it ("GitHub Flavored Markdown Spec"): nothing of it is a link, HTML or structure.

use super::terminal;

/// For Markdown, also inside a table cell or at the beginning of a list's entry: characters with a meaning are escaped. A
/// word that a reader would make a link of is code: GitHub looks for such words after it has read escapes and entities,
/// and in code it does not look.
pub fn markdown(text: &str) -> String {
    let text = terminal(text);
    let words: Vec<String> =
        text.split(' ').map(|word| if is_linked(word) { markdown_code(word) } else { escaped(word) }).collect();
    at_the_beginning(words.join(" "))
}

/// For Markdown as code: a run of backticks longer than any in the text around it.
pub fn markdown_code(text: &str) -> String {
    // In code nothing makes a backslash harmless, and one before a bar would end the cell of a table.
    let text = terminal(text).replace("\\|", "\\\\u{7c}").replace('|', "\\|");
    if text.is_empty() {
        // Two backticks with nothing in between would begin a code that ends somewhere later.
        return "` `".to_owned();
    }
    let longest = text.split(|character| character != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    // A space at both ends is taken off.
    let spaced = text.starts_with(' ') && text.ends_with(' ') && !text.trim_matches(' ').is_empty();
    if longest == 0 && !spaced { format!("{fence}{text}{fence}") } else { format!("{fence} {text} {fence}") }
}

fn escaped(word: &str) -> String {
    let mut safe = String::with_capacity(word.len() + 8);
    for character in word.chars() {
        match character {
            '\\' | '`' | '*' | '_' | '[' | ']' | '(' | ')' | '#' | '!' | '|' | '~' => safe.extend(['\\', character]),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            other => safe.push(other),
        }
    }
    safe
}

/// Whether GitHub makes something of a word: of an address of the web or of e-mail and a mention a link ("Autolinks
/// (extension)", "Basic writing and formatting syntax"), of the number of an issue or a pull request too ("Autolinked
/// references and URLs"), and of what stands between dollar signs a formula ("Writing mathematical expressions").
fn is_linked(word: &str) -> bool {
    let numbered = |sign: &str| {
        word.match_indices(sign).any(|(at, _)| {
            word.get(at + sign.len()..).is_some_and(|rest| rest.starts_with(|digit: char| digit.is_ascii_digit()))
        })
    };
    let has_host = word.as_bytes().windows(4).any(|four| four.eq_ignore_ascii_case(b"www."));
    word.contains("://") || word.contains(['@', '$']) || has_host || numbered("#") || numbered("GH-")
}

/// What begins a list or an indented code where it begins a line.
fn at_the_beginning(text: String) -> String {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    match text.split_at_checked(digits) {
        Some(("", rest)) => match rest.strip_prefix(' ') {
            Some(rest) => format!("&#32;{rest}"),
            None if rest.starts_with(['-', '+']) => format!("\\{rest}"),
            None => text,
        },
        Some((number, rest)) if rest.starts_with('.') => format!("{number}\\{rest}"),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::{markdown, markdown_code};

    #[test]
    fn text_is_shown_as_it_is() {
        let check = |text: &str, expected: &str| assert_eq!(markdown(text), expected);
        check("<b>|x|*", "&lt;b&gt;\\|x\\|\\*");
        check("deny `a_b` (all)", "deny \\`a\\_b\\` \\(all\\)");
        check("- a", "\\- a");
        check("1. a", "1\\. a");
        check("10 accounts", "10 accounts");
        check("    a", "&#32;   a");
        check("", "");
    }

    #[test]
    fn a_word_that_would_be_a_link_is_code() {
        let check = |text: &str, expected: &str| assert_eq!(markdown(text), expected);
        check("see https://example.com/a_b, or not", "see `https://example.com/a_b,` or not");
        check("the trail `https://example.com/`", "the trail `` `https://example.com/` ``");
        check("WWW.example.com", "`WWW.example.com`");
        check("a@example.com and @team", "`a@example.com` and `@team`");
        check("a|b@c", "`a\\|b@c`");
        check("policy #1 and GH-2 of a#b", "policy `#1` and `GH-2` of a\\#b");
        check("$(id)", "`$(id)`");
        check("arn:aws:s3:::b", "arn:aws:s3:::b");
    }

    #[test]
    fn code_ends_where_its_text_ends() {
        let check = |text: &str, expected: &str| assert_eq!(markdown_code(text), expected);
        check("a`b", "`` a`b ``");
        check("a``b`c", "``` a``b`c ```");
        check("a|b\\|c", "`a\\|b\\\\u{7c}c`");
        check(" a ", "`  a  `");
        check(" ", "` `");
        check("", "` `");
    }
}
