use std::fmt::{self, Display, Write};

/// A text from outside, as it is shown: on one line, and with an escape (`\u{202e}`) in place of every character that
/// isn't seen or changes how others are seen, so that a text can't look like another one.
///
/// Joiners (U+200C, U+200D) are left alone, since scripts and emoji need them.
pub(crate) struct Shown<'a>(pub(crate) &'a str);

impl Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|char| {
            if is_unseen(char) { Display::fmt(&char.escape_default(), f) } else { f.write_char(char) }
        })
    }
}

fn is_unseen(char: char) -> bool {
    char.is_control()
        || matches!(char,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{feff}'
            // Fillers, and signs of scripts that have no shape.
            | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{3164}' | '\u{ffa0}'
            // The separators of lines and paragraphs, and embeddings and overrides of the direction.
            | '\u{2028}'..='\u{202e}'
            // Invisible operators, isolates of the direction, and deprecated formats.
            | '\u{2060}'..='\u{206f}'
            // Annotations, formats of shorthand and music, tags, and variants that no text here needs.
            | '\u{fff9}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// A count with its unit: `1 entry`, `2 entries`.
pub(crate) fn counted(count: impl Copy + Display + PartialEq + From<u8>, one: &str, many: &str) -> String {
    let unit = if count == 1.into() { one } else { many };
    format!("{count} {unit}")
}
