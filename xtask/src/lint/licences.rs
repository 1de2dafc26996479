//! Which licences what we link may have. `cargo deny` would do this and more; it is a program of its own that every
//! machine and CI would have to install from the network first, and of its checks this is the one that needs no network.

use super::packages::Package;

/// Permissive licences, by their SPDX names.
const ALLOWED: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Unicode-DFS-2016",
    "Unlicense",
    "Zlib",
];

/// Every package's licence is permissive, or leaves the choice of one that is.
pub(super) fn allowed(packages: &[Package]) -> Vec<String> {
    let refused = packages.iter().filter(|package| !package.licence.as_deref().is_some_and(is_allowed));
    let problem = |package: &Package| {
        let licence = package.licence.as_deref().unwrap_or("no licence");
        format!("`{}` {} has {licence}, which xtask/src/lint/licences.rs does not allow", package.name, package.version)
    };
    refused.map(problem).collect()
}

/// Reads an SPDX expression: `(MIT OR Apache-2.0) AND Unicode-3.0`; `/` is an old way to write OR. What cannot be read
/// is not allowed.
fn is_allowed(expression: &str) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut rest = words.as_slice();
    any(&mut rest) == Some(true) && rest.is_empty()
}

/// `a OR b OR …`; OR binds less than AND. `None` where the expression is broken.
fn any(words: &mut &[&str]) -> Option<bool> {
    let mut allowed = all(words)?;
    while let Some((&"OR", rest)) = words.split_first() {
        *words = rest;
        allowed |= all(words)?;
    }
    Some(allowed)
}

fn all(words: &mut &[&str]) -> Option<bool> {
    let mut allowed = one(words)?;
    while let Some((&"AND", rest)) = words.split_first() {
        *words = rest;
        allowed &= one(words)?;
    }
    Some(allowed)
}

fn one(words: &mut &[&str]) -> Option<bool> {
    let (&word, rest) = words.split_first()?;
    *words = rest;
    match word {
        "(" => {
            let allowed = any(words)?;
            let (&close, rest) = words.split_first()?;
            *words = rest;
            (close == ")").then_some(allowed)
        }
        ")" | "OR" | "AND" | "WITH" => None,
        name => match words {
            ["WITH", exception, rest @ ..] => {
                let name = format!("{name} WITH {exception}");
                *words = rest;
                Some(ALLOWED.contains(&name.as_str()))
            }
            _ => Some(ALLOWED.contains(&name)),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(expression: &str, expected: bool) {
        assert_eq!(is_allowed(expression), expected, "{expression}");
    }

    #[test]
    fn expressions_are_read() {
        for good in [
            "MIT",
            "MIT/Apache-2.0",
            "GPL-3.0 OR MIT",
            "MIT OR Apache-2.0 OR LGPL-2.1-or-later",
            "(MIT OR Apache-2.0) AND Unicode-3.0",
            "Apache-2.0 WITH LLVM-exception OR GPL-3.0",
        ] {
            check(good, true);
        }
        for bad in [
            "",
            "GPL-3.0",
            "MIT AND GPL-3.0",
            "GPL-3.0 OR MIT AND AGPL-3.0",
            "MIT WITH LLVM-exception",
            "(MIT",
            "MIT)",
            "MIT OR",
            "MIT Apache-2.0",
        ] {
            check(bad, false);
        }
    }

    #[test]
    fn a_package_without_a_licence_is_refused() {
        let package = Package { name: "a".to_owned(), version: "1.0.0".to_owned(), ..Package::default() };
        let problem = "`a` 1.0.0 has no licence, which xtask/src/lint/licences.rs does not allow";
        assert_eq!(allowed(&[package]), [problem]);
    }
}
