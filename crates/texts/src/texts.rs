//! The sentences of one language, ready to be said.

use std::borrow::Cow;
use std::fmt;
use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};

use crate::languages::{ENGLISH, Language};

pub struct Texts {
    id: &'static str,
    bundle: FluentBundle<FluentResource>,
}

impl Texts {
    /// What is wrong in a file is left out: tests read every file strictly, and see what is said against it.
    pub(crate) fn new(language: &Language) -> Self {
        let mut bundle = FluentBundle::new_concurrent(language.id.parse().into_iter().collect());
        // The marks of isolation are made for text of two directions in a browser; a terminal shows them as noise, and we
        // escape what others wrote.
        bundle.set_use_isolating(false);
        for (_, text) in language.files {
            let read = FluentResource::try_new((*text).to_owned());
            bundle.add_resource_overriding(read.unwrap_or_else(|(sound, _)| sound));
        }
        Self { id: language.id, bundle }
    }

    /// English with every text that comes from its files between ⟦ and ⟧, for tests: what stands outside, no translation
    /// reaches.
    pub fn bracketed() -> &'static Self {
        static BRACKETED: LazyLock<Texts> = LazyLock::new(|| {
            let mut texts = Texts::new(&ENGLISH);
            texts.bundle.set_transform(Some(|text| Cow::Owned(format!("⟦{text}⟧"))));
            texts
        });
        &BRACKETED
    }

    /// A sentence that is not there is its id, a value that is not given its name: tests find every one that is said.
    pub fn say<const N: usize>(&self, id: &str, values: [(&'static str, FluentValue<'_>); N]) -> String {
        let Some(pattern) = self.bundle.get_message(id).and_then(|message| message.value()) else {
            return id.to_owned();
        };
        let values: FluentArgs<'_> = values.into_iter().collect();
        self.bundle.format_pattern(pattern, Some(&values), &mut Vec::new()).into_owned()
    }
}

/// The English words of a text that was said in brackets and that stand outside of them, without these names: words that
/// are in the code. Values with which a test can tell are in another alphabet.
pub fn untranslated(bracketed: &str, names: &[&str]) -> Vec<String> {
    let outside = bracketed.split('⟦').enumerate().map(|(place, part)| match part.split_once('⟧') {
        Some((_, after)) if place > 0 => after,
        _ => part,
    });
    let outside = outside.collect::<Vec<_>>().join(" ");
    let is_of_a_name = |letter: char| letter.is_alphanumeric() || letter == '-';
    let words = outside
        .split(|letter| !is_of_a_name(letter))
        .filter(|word| word.contains(|letter: char| letter.is_ascii_alphabetic()));
    words.filter(|word| !names.contains(word)).map(ToOwned::to_owned).collect()
}

impl fmt::Debug for Texts {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Texts").field("id", &self.id).finish_non_exhaustive()
    }
}
