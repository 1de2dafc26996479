//! The languages that there are. English is whole; a test asks the same of any other.

/// A language and its files.
#[derive(Debug)]
pub struct Language {
    /// As BCP 47 writes it: `en`, `ja`. It decides which plural forms there are.
    pub id: &'static str,
    /// Name and text.
    pub files: &'static [(&'static str, &'static str)],
}

macro_rules! files {
    ($($path:literal),* $(,)?) => { &[$(($path, include_str!(concat!("../", $path)))),*] };
}

pub(crate) static ENGLISH: Language =
    Language { id: "en", files: files!["en/apply.ftl", "en/plan.ftl", "en/progress.ftl", "en/score.ftl"] };

pub static LANGUAGES: &[&Language] = &[&ENGLISH];
