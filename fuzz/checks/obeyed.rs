//! What a terminal would obey.

/// Whether a text has what a terminal would obey: control characters other than line ends and tabs, and those that turn
/// text around or hide it.
pub fn obeyed(text: &str) -> Option<char> {
    let hidden = |character: char| {
        matches!(u32::from(character),
            0xAD | 0x61C | 0x200B..=0x200F | 0x2028..=0x202E | 0x2060..=0x206F | 0x3164 | 0xFEFF | 0xE0000..=0xE007F)
    };
    text.chars().find(|character| (character.is_control() && !matches!(character, '\n' | '\t')) || hidden(*character))
}
