//! Reads listed values in prose: `1 name; 2 size`, `0 = all, 1 = mine`, `personal, team`.

/// A value, and what is said about it.
pub(crate) type Value = (String, String);

/// Removes what is in parentheses.
pub(super) fn without_remarks(text: &str) -> String {
    let mut depth = 0_u32;
    let kept: String = text
        .chars()
        .filter(|char| match char {
            '(' => {
                depth += 1;
                false
            }
            ')' => {
                depth = depth.saturating_sub(1);
                false
            }
            _ => depth == 0,
        })
        .collect();
    // A removed remark leaves two blanks, or one before a comma.
    let kept: Vec<&str> = kept.split(' ').filter(|word| !word.is_empty()).collect();
    kept.join(" ").replace(" ,", ",").replace(" ;", ";")
}

/// Reads numbers with words, wherever an item may begin. Returns none if it isn't certain that the first item found is
/// the first one of the text.
pub(crate) fn numbered(text: &str) -> Vec<Value> {
    let starts: Vec<usize> = std::iter::once(0)
        .chain(text.match_indices([';', ',', '|', ':']).map(|(at, _)| at + 1))
        // A colon inside a time doesn't count.
        .filter(|start| !text[..*start].ends_with(':') || text[*start..].starts_with(' '))
        .filter(|start| item(&text[*start..]).is_some())
        .collect();
    let Some(first) = starts.first() else { return Vec::new() };
    let alone =
        |word: &str| !word.is_empty() && word.trim_end_matches([',', ';']).bytes().all(|byte| byte.is_ascii_digit());
    if text[..*first].split(' ').any(alone) {
        return Vec::new();
    }
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    let mut found: Vec<Value> = Vec::new();
    for (start, end) in starts.iter().zip(ends) {
        if let Some((value, words)) = item(&text[*start..end]) {
            let words = words.split([';', '|']).next().unwrap_or_default();
            let words = words.split(". ").next().unwrap_or_default().trim().trim_end_matches([',', ' ']);
            if found.iter().all(|(other, _)| other != value) {
                found.push((value.to_owned(), words.to_owned()));
            }
        }
    }
    found
}

/// Whether a clause is an item of such a list.
pub(super) fn is_item(clause: &str) -> bool {
    item(clause).is_some()
}

/// Reads the number that an item begins with, and its words. Returns `None` if the number counts something.
fn item(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start();
    let digits = text.strip_prefix('-').unwrap_or(text);
    let length = digits.find(|char: char| !char.is_ascii_digit()).unwrap_or(digits.len());
    if length == 0 || length > 9 {
        return None;
    }
    let (value, rest) = text.split_at(text.len() - digits.len() + length);
    let words = rest.trim_start();
    if words.is_empty() || words.starts_with([',', ';', '|']) {
        return Some((value, ""));
    }
    if let Some(words) = ["=", ":", "means "].iter().find_map(|sign| words.strip_prefix(sign)) {
        return Some((value, words.trim()));
    }
    let word = words.split(|char: char| !char.is_alphanumeric() && char != '-').next().unwrap_or_default();
    let starts = rest.starts_with(' ') && word.starts_with(char::is_alphabetic);
    (starts && !UNITS.contains(&word)).then_some((value, words))
}

const UNITS: &[&str] = &[
    "B",
    "KB",
    "MB",
    "GB",
    "TB",
    "KiB",
    "MiB",
    "GiB",
    "bit",
    "bits",
    "byte",
    "bytes",
    "character",
    "characters",
    "chars",
    "digit",
    "digits",
    "letters",
    "words",
    "pairs",
    "entries",
    "ids",
    "groups",
    "second",
    "seconds",
    "minute",
    "minutes",
    "hour",
    "hours",
    "day",
    "days",
    "month",
    "months",
    "year",
    "years",
    "page",
    "pages",
    "to",
    "or",
    "and",
    "per",
    "of",
];

/// Reads single words; returns also whether the list is incomplete.
pub(super) fn words(text: &str) -> Option<(Vec<Value>, bool)> {
    let separator = [';', '|'].into_iter().find(|separator| text.contains(*separator)).unwrap_or(',');
    let mut items: Vec<&str> = text.split(separator).map(str::trim).collect();
    let all = items.len();
    items.retain(|item| !["...", "…"].contains(item));
    let word = |item: &&str| {
        !item.is_empty()
            && (*item == "*" || item.starts_with(|char: char| char.is_ascii_alphabetic()))
            && item.chars().all(|char| char.is_ascii_alphanumeric() || "_*#".contains(char))
    };
    (!items.is_empty() && items.iter().all(word))
        .then(|| (items.iter().map(|item| ((*item).to_owned(), String::new())).collect(), items.len() < all))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(text: &str) -> String {
        let items = numbered(&without_remarks(text)).into_iter();
        items
            .map(|(value, words)| if words.is_empty() { value } else { format!("{value} ({words})") })
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn numbers_with_words() {
        for (text, expected) in [
            ("0 NEW, 1 EXECUTING, 2 SUCCESS, 3 FAILED", "0 (NEW) 1 (EXECUTING) 2 (SUCCESS) 3 (FAILED)"),
            ("job type: 1 = batch copy; 2 = batch delete", "1 (batch copy) 2 (batch delete)"),
            ("name clash: 2 = rename, a timestamp is added; 3 = refuse", "2 (rename, a timestamp is added) 3 (refuse)"),
            ("0 = all, 1 = mine; no default given", "0 (all) 1 (mine)"),
            ("0 = enabled, can sign in; 7 = frozen. Not seen", "0 (enabled, can sign in) 7 (frozen)"),
            ("1 collecting (system); 2 manual", "1 (collecting) 2 (manual)"),
            ("0 | 1 | 2", "0 1 2"),
            ("10,15, 20 as in the listing calls", "10 15 20 (as in the listing calls)"),
            ("000 sharing, 001 team", "000 (sharing) 001 (team)"),
            ("-1 anonymous, otherwise an id", "-1 (anonymous, otherwise an id)"),
        ] {
            assert_eq!(list(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_list() {
        for text in [
            "1-100",
            "[1,100]",
            "SHA-256 of the first 1 KB",
            "needed when type is 1, and 2 is given",
            "the other page lists 0 owner, 1 member",
            "58 characters",
            "2025-01-01T00:00:01.000Z",
            "4-digit area code",
            "at most 5 groups",
        ] {
            assert_eq!(list(text), "", "{text}");
        }
        assert_eq!(words("user id"), None);
        assert_eq!(words("small, large, ...").map(|(words, cut)| (words.len(), cut)), Some((2, true)));
    }
}
