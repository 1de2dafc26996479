//! The sentences of the screens, one file for each in `en/`, apart from the code that says them: a translation is files
//! beside these. They are written in Project Fluent's format ("Fluent Syntax Guide", projectfluent.org).
//!
//! `say!` is how a sentence comes to be said. Its values are put in as they are: whoever says makes them harmless for where
//! they go (`facts::escape`), here as anywhere. Pure.

mod languages;
mod texts;

use std::cell::Cell;
use std::sync::LazyLock;

pub use fluent_bundle::FluentValue as Value;
pub use languages::{LANGUAGES, Language};
pub use texts::{Texts, untranslated};

/// Read when the first sentence is said, so that a command that says none does not wait for it.
static ENGLISH: LazyLock<Texts> = LazyLock::new(|| Texts::new(&languages::ENGLISH));

thread_local! {
    static INSTEAD: Cell<Option<&'static Texts>> = const { Cell::new(None) };
}

/// A sentence in the language that is spoken: `say!("plan-nothing", organization = name)`.
///
/// The id and the names of the values are written out, so that a test can hold every sentence that is said against the
/// files. A value is a text or a count; only a count chooses among plural forms.
#[macro_export]
macro_rules! say {
    ($id:literal $(, $name:ident = $value:expr)* $(,)?) => {
        $crate::current().say($id, [$((::core::stringify!($name), $crate::Value::from($value))),*])
    };
}

/// The texts of the language that is spoken.
pub fn current() -> &'static Texts {
    INSTEAD.get().unwrap_or(&*ENGLISH)
}

/// Has other texts spoken in this thread while `run` runs.
pub fn instead<T>(texts: &'static Texts, run: impl FnOnce() -> T) -> T {
    struct Back(Option<&'static Texts>);
    impl Drop for Back {
        fn drop(&mut self) {
            INSTEAD.set(self.0);
        }
    }
    let _back = Back(INSTEAD.replace(Some(texts)));
    run()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLE: Language = Language {
        id: "en",
        files: &[(
            "sample.ftl",
            "files = { $count ->\n    [one] 1 file\n   *[other] { $count } files\n } of { $owner }\n\
             mixed = { $count ->\n    [one] one\n   *[other] many\n }\n",
        )],
    };

    fn sample() -> &'static Texts {
        static TEXTS: LazyLock<Texts> = LazyLock::new(|| Texts::new(&SAMPLE));
        &TEXTS
    }

    fn check(count: usize, owner: &str, expected: &str) {
        assert_eq!(instead(sample(), || say!("files", count = count, owner = owner)), expected);
    }

    #[test]
    fn numbers_choose_the_form_and_are_not_grouped() {
        check(1, "me", "1 file of me");
        check(0, "me", "0 files of me");
        check(1_234_567, "me", "1234567 files of me");
        assert_eq!(instead(sample(), || say!("mixed", count = "1")), "many");
    }

    #[test]
    fn values_are_not_read_as_sentences() {
        for hostile in
            ["{ $count }", "{ files }", "{ NUMBER($count) }", "\n.attr = x", "\"}", "-term", "\u{2068}a\u{2069}"]
        {
            check(2, hostile, &format!("2 files of {hostile}"));
        }
    }

    #[test]
    fn what_was_spoken_before_is_spoken_again() {
        let same = || std::ptr::eq(current(), sample());
        assert!(!same());
        assert!(instead(sample(), same));
        let broken = std::panic::catch_unwind(|| instead(sample(), || std::panic::resume_unwind(Box::new(()))));
        assert!(broken.is_err());
        assert!(!same());
    }

    #[test]
    fn words_outside_of_the_brackets_are_found() {
        let said = instead(Texts::bracketed(), || say!("plan-many", count = 9, names = say!("plan-value-on")));
        assert_eq!(said, "9⟦ in all: ⟧⟦on⟧⟦ …⟧");
        assert_eq!(untranslated(&format!("あ {said} us-east-1, 2:\n"), &["us-east-1"]), [""; 0]);
        assert_eq!(
            untranslated(&format!("left {said} us-east-1x あon"), &["us-east-1"]),
            ["left", "us-east-1x", "あon"]
        );
        assert_eq!(untranslated("no brackets⟧ at all", &[]), ["no", "brackets", "at", "all"]);
    }
}
