//! What the code says and what the files have are the same: every id that stands in a `say!` under `crates/` is in every
//! language, takes the values that are given and no others, and nothing in the files is said nowhere.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use dodai_texts::LANGUAGES;
use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement};
use fluent_syntax::parser::parse;
use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// By id: the names of the values, once for each place that says it.
type Said = BTreeMap<String, Vec<BTreeSet<String>>>;

/// Adds what the code of a file says.
fn read_code(code: TokenStream, said: &mut Said) {
    let trees: Vec<TokenTree> = code.into_iter().collect();
    for (place, tree) in trees.iter().enumerate() {
        let TokenTree::Group(group) = tree else { continue };
        let is = |back: usize, word: &str| {
            place.checked_sub(back).and_then(|at| trees.get(at)).is_some_and(|tree| tree.to_string() == word)
        };
        if group.delimiter() == Delimiter::Parenthesis && is(1, "!") && is(2, "say") {
            let mut parts = vec![Vec::new()];
            for tree in group.stream() {
                match tree {
                    TokenTree::Punct(punct) if punct.as_char() == ',' => parts.push(Vec::new()),
                    tree => parts.last_mut().unwrap().push(tree.to_string()),
                }
            }
            let mut parts = parts.iter().filter_map(|part| part.first());
            let id = parts.next().unwrap().trim_matches('"').to_owned();
            said.entry(id).or_default().push(parts.cloned().collect());
        }
        read_code(group.stream(), said);
    }
}

/// The values that a pattern takes. What needs another message is refused: a translator reads each sentence by itself.
fn values(pattern: &Pattern<&str>, names: &mut BTreeSet<String>, problems: &mut Vec<String>) {
    for element in &pattern.elements {
        let PatternElement::Placeable { expression } = element else { continue };
        let inline = match expression {
            Expression::Inline(inline) => inline,
            Expression::Select { selector, variants } => {
                for variant in variants {
                    values(&variant.value, names, problems);
                }
                selector
            }
        };
        match inline {
            InlineExpression::VariableReference { id } => drop(names.insert(id.name.to_owned())),
            other => problems.push(format!("neither a value nor a choice by one: {other:?}")),
        }
    }
}

/// What is wrong between what is said and a language's files.
fn check(said: &Said, files: &[(&str, &str)]) -> Vec<String> {
    let mut problems = Vec::new();
    let mut there: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (file, text) in files {
        let resource = parse(*text).unwrap_or_else(|(sound, errors)| {
            problems.extend(errors.iter().map(|error| format!("{file}: {error}")));
            sound
        });
        for entry in &resource.body {
            let (id, pattern) = match entry {
                Entry::Message(message) => (message.id.name, message.value.as_ref()),
                Entry::Term(term) => (term.id.name, None),
                _ => continue,
            };
            let mut names = BTreeSet::new();
            match pattern {
                Some(pattern) => values(pattern, &mut names, &mut problems),
                None => problems.push(format!("{file}: `{id}` is no message with a text")),
            }
            if there.insert(id, names).is_some() {
                problems.push(format!("{file}: `{id}` is there twice"));
            }
        }
    }
    for (id, places) in said {
        match there.remove(id.as_str()) {
            None => problems.push(format!("`{id}` is said and not there")),
            Some(takes) => {
                let others = places.iter().filter(|given| **given != takes);
                problems.extend(others.map(|given| format!("`{id}` takes {takes:?} and is given {given:?}")));
            }
        }
    }
    problems.extend(there.keys().map(|id| format!("`{id}` is said nowhere")));
    problems
}

/// The sources of every crate but this one, whose examples are not said to anybody; nor are tests.
fn said() -> Said {
    let mut said = Said::new();
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let sources = fs::read_dir(crates).unwrap().map(|entry| entry.unwrap().path());
    let mut folders: Vec<_> =
        sources.filter(|path| path.file_name().unwrap() != "texts").map(|path| path.join("src")).collect();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && path.file_name().unwrap() != "tests" {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let code = fs::read_to_string(&path).unwrap();
                // Lexing a file takes longer than looking for a word.
                if code.contains("say!") {
                    read_code(code.parse().unwrap(), &mut said);
                }
            }
        }
    }
    said
}

#[test]
fn every_sentence_that_is_said_is_there_and_no_other() {
    let said = said();
    assert!(said.len() > 20, "only {} sentences are said", said.len());
    for language in LANGUAGES {
        assert_eq!(check(&said, language.files), [""; 0], "{}", language.id);
    }
}

/// A screen is a file: what it says begins with its name.
#[test]
fn a_sentence_stands_in_the_file_of_its_screen() {
    for language in LANGUAGES {
        for (path, text) in language.files {
            let screen = Path::new(path).file_stem().unwrap().to_str().unwrap();
            assert_eq!(*path, format!("{}/{screen}.ftl", language.id));
            for entry in parse(*text).unwrap().body {
                let Entry::Message(message) = entry else { continue };
                assert_eq!(message.id.name.split('-').next(), Some(screen), "{path}: {}", message.id.name);
            }
        }
    }
}

#[test]
fn what_is_amiss_is_found() {
    let code = r#"fn f() {
        // say!("not-code")
        let a = say!("a", x = g(1, 2), y = say!("inner", z = "say!(\"text\")"));
        dodai_texts::say!("b");
    }"#;
    let mut said = Said::new();
    read_code(code.parse().unwrap(), &mut said);
    let problems = |text: &str| check(&said, &[("a.ftl", text)]);
    let sound = "a = { $x -> [one] { $y } *[other] none }\ninner = { $z }\nb = text\n";
    let sound = &sound.replace(" [one]", "\n [one]").replace(" *[", "\n *[").replace(" none }", " none\n }");
    assert_eq!(problems(sound), [""; 0]);
    assert_eq!(problems(&sound.replace("b = text", "")), ["`b` is said and not there"]);
    assert_eq!(problems(&format!("{sound}c = text\n")), ["`c` is said nowhere"]);
    assert_eq!(problems(&format!("{sound}b = text\n")), ["a.ftl: `b` is there twice"]);
    assert_eq!(problems(&sound.replace("{ $z }", "z")), [r#"`inner` takes {} and is given {"z"}"#]);
    assert_eq!(problems(&sound.replace("{ $y }", "y")), [r#"`a` takes {"x"} and is given {"x", "y"}"#]);
    assert_eq!(problems(&sound.replace("b = text", "b = { $w }")), [r#"`b` takes {"w"} and is given {}"#]);
    assert_eq!(
        problems(&format!("{sound}-term = text\n")),
        ["a.ftl: `term` is no message with a text", "`term` is said nowhere"]
    );
    let broken = |text: &str| problems(&sound.replace("b = text", text)).concat();
    assert!(broken("b = { $").starts_with("a.ftl: "));
    assert!(broken("b = { inner }").starts_with("neither a value"));
}
