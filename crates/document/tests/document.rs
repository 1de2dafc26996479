//! Texts in, trees or mistakes out: what is accepted of YAML and JSON, what is said of the rest and where, and that
//! no text makes the readers panic.

use std::fmt::Write as _;

use dodai_document::{Node, Problems, json, yaml};
use proptest::prelude::*;
use serde_json::Value;

type Parse = fn(&str, &mut Problems<'_>) -> Option<Node>;

/// The document as JSON, or what is said of it: one mistake a line.
fn read(parse: Parse, text: &str) -> Result<Value, String> {
    let mut problems = Problems::of("x");
    match parse(text, &mut problems) {
        Some(node) if problems.list.is_empty() => Ok(node.to_json()),
        read => {
            assert!(!problems.list.is_empty(), "{read:?}: neither a document nor a mistake: {text:?}");
            Err(problems.list.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
        }
    }
}

/// The name of a case, its text, and what is said of it.
fn check(parse: Parse, cases: &[(&str, &str, &str)]) {
    for (name, text, expected) in cases {
        assert_eq!(read(parse, text).expect_err(name), *expected, "{name}");
    }
}

#[test]
fn wrong_yaml() {
    check(
        yaml::parse,
        &[
            ("duplicate key", "a: 1\nb: 2\na: 3\n", "x:3:1: the key `a` is here twice (first on line 1)"),
            ("tab", "a:\n\tb: c\n", "x:2:2: a tab is used for indentation (YAML is indented with spaces)"),
            (
                "second document",
                "a: b\n---\nc: d\n",
                "x:2:1: a second document begins here (one document a file: remove `---`)",
            ),
            ("tag", "a: !!str b\n", "x:1:4: the tag `!!str` is not accepted (write the value without a tag)"),
            ("directive", "%YAML 1.2\n---\na: b\n", "x:1:1: not valid YAML: YAML directives are disallowed"),
            (
                "merge key",
                "a: &a {b: c}\nd:\n  <<: *a\n",
                "x:3:3: the merge key `<<` is not accepted (write the entries out, or give them to a profile)",
            ),
            (
                "key that is no text",
                "{1: a, true: b, ~: c, [x]: d}\n",
                "x:1:2: a key must be a text, found `1` (put it in quotes)\n\
                 x:1:8: a key must be a text, found `true` (put it in quotes)\n\
                 x:1:17: a key must be a text, found nothing (put it in quotes)\n\
                 x:1:23: a key must be a text, found a list",
            ),
            (
                "leading zero",
                "id: 012345678901\n",
                "x:1:5: `012345678901` begins with a zero and has no quotes \
                 (quote it, or its zeros may be lost: \"012345678901\")",
            ),
            (
                "alias without anchor",
                "a: *b\n",
                "x:1:4: this alias names no anchor that stands before it (a text that begins with `*` stands in quotes)",
            ),
            ("alias inside of itself", "a: &a [*a]\n", "x:1:8: this alias stands inside of what it names"),
            (
                "no closing quote",
                "a: \"b\nc: d\n",
                "x:1:4: not valid YAML: unclosed quote (the text that begins here wants its closing quote)",
            ),
            (
                "colon in a text",
                "a: b\nc: d: e\n",
                "x:2:5: a second `: ` in one line, or a wrong indentation (put a text that has `: ` in it in quotes)",
            ),
            ("text that begins with @", "a: @b\n", "x:1:4: a text cannot begin with `@` (put it in quotes)"),
            (
                "indentation",
                "a: b\n  c: d\n",
                "x:2:4: a second `: ` in one line, or a wrong indentation (put a text that has `: ` in it in quotes)",
            ),
            ("not closed", "a: b\nc: {d: e\n", "x:2:4: not valid YAML: unclosed bracket '{'"),
            ("control character", "a: b\u{0}\nc: d\n", "x:1:5: not valid YAML: unexpected character `\\u{0}`"),
            (
                "columns count characters",
                "{日本語: 語, a: 1, a: 2}\n",
                "x:1:16: the key `a` is here twice (first on line 1)",
            ),
        ],
    );
}

#[test]
fn yaml_has_limits() {
    // Each level names the one before ten times: a terabyte when unfolded.
    let bomb = (1..12).fold("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned(), |mut text, level| {
        let alias = format!("*a{}", level - 1);
        writeln!(text, "a{level}: &a{level} [{}]", vec![alias; 10].join(", ")).unwrap();
        text
    });
    let long = format!("a: &a {}\nb: [{}]\n", "x".repeat(100_000), vec!["*a"; 1000].join(", "));
    let tower = (1..100).fold("a0: &a0 [x]\n".to_owned(), |mut text, level| {
        writeln!(text, "a{level}: &a{level} [*a{}]", level - 1).unwrap();
        text
    });
    let flow = format!("a: {}{}\n", "[".repeat(300), "]".repeat(300));
    let block: String = (0..100).map(|level| " ".repeat(level) + "a:\n").collect();
    let many = format!("a: [{}]\n", vec!["x"; 100_001].join(","));
    let large = |place: &str| {
        format!(
            "x:{place}: the document is too large (with aliases unfolded, at most 100000 values and 4194304 bytes of text)"
        )
    };
    let deep = |place: &str| format!("x:{place}: the document is nested too deeply (at most 64 levels)");
    check(
        yaml::parse,
        &[
            ("bomb", &bomb, &large("5:40")),
            ("bomb of long texts", &long, &large("2:161")),
            ("tower of aliases", &tower, &deep("64:12")),
            ("deep lists", &flow, &deep("1:69")),
            ("deep maps", &block, &deep("65:65")),
            ("too many values", &many, &large("1:199999")),
        ],
    );
}

#[test]
fn wrong_json() {
    let deep = format!("{}{}", "[".repeat(100), "]".repeat(100));
    let help = "(JSON has no comments; a policy with comments can be a .yaml file)";
    let slash = format!("x:2:3: not valid JSON: expected a key in double quotes, found `/` {help}");
    let hash = format!("x:1:7: not valid JSON: expected a value, found `#` {help}");
    check(
        json::parse,
        &[
            ("comment", "{\n  // why\n  \"a\": 1\n}", &slash),
            ("hash comment", "{\"a\": # why\n 1}", &hash),
            (
                "duplicate key",
                "{\n  \"a\": 1,\n  \"b\": [],\n  \"b\": [{}]\n}",
                "x:4:3: the key `b` is here twice (first on line 3)",
            ),
            (
                "trailing comma",
                "{\"a\": [1,]}",
                "x:1:10: not valid JSON: expected a value, found `]` (the comma before it is one too many)",
            ),
            (
                "single quotes",
                "{'a': 1}",
                "x:1:2: not valid JSON: expected a key in double quotes, found `'` (JSON has double quotes only)",
            ),
            ("not closed", "{\"a\": \"b", "x:1:7: not valid JSON: this text has no closing quote"),
            ("cut off", "{\"a\":", "x:1:6: not valid JSON: expected a value, found the end of the file"),
            (
                "bare word",
                "{\"a\": Deny}",
                "x:1:7: not valid JSON: `Deny` is not a value (a text stands in double quotes)",
            ),
            ("number", "{\"a\": 012}", "x:1:7: not valid JSON: `012` is not a value (a text stands in double quotes)"),
            ("escape", r#"{"a": "\x"}"#, "x:1:7: not valid JSON: `\"\\x\"` has a wrong escape or a control character"),
            ("more after the end", "{} {}", "x:1:4: not valid JSON: expected the end of the document, found `{`"),
            ("empty", "", "x:1:1: not valid JSON: expected a value, found the end of the file"),
            ("deep", &deep, "x:1:66: the document is nested too deeply (at most 64 levels)"),
        ],
    );
}

#[test]
fn what_is_written_differently_reads_the_same() {
    let plain = "a:\n  b: [c, 1]\nd: {}\n";
    let expected = serde_json::json!({"a": {"b": ["c", 1]}, "d": {}});
    for text in [
        plain.to_owned(),
        plain.replace('\n', "\r\n"),
        format!("\u{feff}{plain}"),
        format!("---\n{plain}"),
        format!("# why\n{plain}"),
        "a: {b: &list [c, 1]}\nd: {}\n".to_owned(),
        expected.to_string(),
        format!("{expected:#}"),
    ] {
        assert_eq!(read(yaml::parse, &text).as_ref(), Ok(&expected), "{text}");
    }
    let unfolded = serde_json::json!({"a": ["c", 1], "b": [["c", 1]]});
    assert_eq!(read(yaml::parse, "a: &a [c, 1]\nb: [*a]\n"), Ok(unfolded));
    assert_eq!(read(yaml::parse, "# nothing\n"), Ok(Value::Null));
    for text in [expected.to_string(), format!("\u{feff}{expected:#}\r\n")] {
        assert_eq!(read(json::parse, &text).as_ref(), Ok(&expected), "{text}");
    }
}

/// Text that comes near to what the readers look for.
fn near() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("a: &a [1]\n".to_owned()),
        Just("b: *a\n".to_owned()),
        Just("{\"a\": \"".to_owned()),
        "[ \t\n:{}\\[\\],&*!|>'\"#%@`~<\\\\/-]{1,4}",
        "[a-z0-9\u{85}\u{2028}\u{feff}\u{202e}é]{0,6}",
        any::<char>().prop_map(String::from),
    ];
    proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

fn document() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "\\PC{0,20}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map("[a-zA-Z]{1,8}", inner, 0..4)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

proptest! {
    /// Every text is read, or something is said of it.
    #[test]
    fn no_text_makes_them_panic(text in near()) {
        let _ = read(yaml::parse, &text);
        let _ = read(json::parse, &text);
    }

    /// Any JSON document reads the same as JSON and as YAML, however it is laid out.
    #[test]
    fn json_reads_the_same_as_yaml(document in document()) {
        for text in [document.to_string(), format!("{document:#}")] {
            prop_assert_eq!(read(json::parse, &text), Ok(document.clone()));
            prop_assert_eq!(read(yaml::parse, &text), Ok(document.clone()));
        }
    }
}
