use std::iter::once;

use unicode_properties::UnicodeEmoji;
use unicode_properties::emoji::{EmojiStatus, is_emoji_presentation_selector};

/// Returns whether a text has an emoji, for rules that forbid them.
///
/// The manuals don't say what counts as an emoji, so Unicode's definition is used: a character that is shown as an
/// emoji by itself (`Emoji_Presentation`), or any character that U+FE0F after it turns into one.
///
/// ```
/// use koodrive_proto::param::has_emoji;
///
/// assert!(has_emoji("A ⭐") && has_emoji("2\u{fe0f}\u{20e3}") && has_emoji("©\u{fe0f}"));
/// assert!(!has_emoji("© 2026, ♪ ✓"));
/// ```
pub fn has_emoji(text: &str) -> bool {
    let next = text.chars().skip(1).map(Some).chain(once(None));
    text.chars().zip(next).any(|(char, next)| match char.emoji_status() {
        EmojiStatus::EmojiPresentation
        | EmojiStatus::EmojiPresentationAndModifierBase
        | EmojiStatus::EmojiPresentationAndEmojiComponent
        | EmojiStatus::EmojiPresentationAndModifierAndEmojiComponent => true,
        _ => char.is_emoji_char() && next.is_some_and(is_emoji_presentation_selector),
    })
}
