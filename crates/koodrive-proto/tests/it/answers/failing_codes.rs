//! A code that fails is found in any answer, however broken: compared with a search that is slow and simple.

use koodrive_proto::ops::spaces::DeleteSpace;
use koodrive_proto::{ErrorKind, Operation};
use proptest::prelude::*;
use serde_json::Value as Json;

use super::properties::any_json;
use crate::common::answer;

proptest! {
    /// A code that fails is found wherever it stands, whatever stands around it, whatever is done to the answer.
    #[test]
    fn failing_codes_are_found(
        members in prop::collection::vec(any_member(), 0..6),
        swap in any::<(prop::sample::Index, prop::sample::Index)>(),
        cut in prop::option::of(any::<prop::sample::Index>()),
        flip in prop::option::of((any::<prop::sample::Index>(), 0..8u8)),
        succeeded: bool,
    ) {
        let mut members = members;
        if !members.is_empty() {
            let (a, b) = (swap.0.index(members.len()), swap.1.index(members.len()));
            members.swap(a, b);
        }
        let members: Vec<String> = members.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        let mut body = format!("{{{}}}", members.join(", ")).into_bytes();
        if let Some(cut) = cut {
            body.truncate(cut.index(body.len() + 1));
        }
        if let (Some((at, bit)), false) = (flip, body.is_empty()) {
            let at = at.index(body.len());
            body[at] ^= 1 << bit;
        }
        let status = if succeeded { 200 } else { 400 };
        let result = DeleteSpace::parse(&answer(status, body.clone()));
        let text = String::from_utf8_lossy(&body);
        match slow_code(&text) {
            Some(code) => {
                let error = result.expect_err(&text);
                prop_assert_eq!((error.kind(), error.code()), (ErrorKind::Api, Some(code.as_str())), "{}", text);
            }
            // Nothing is made up, but for what stands where the answer is broken.
            None if serde_json::from_str::<Json>(&text).is_ok() => {
                prop_assert_eq!(result.err().and_then(|error| error.code().map(str::to_owned)), None, "{}", text);
            }
            None => {}
        }
    }
}

/// A member of an envelope, as it is written.
fn any_member() -> impl Strategy<Value = (&'static str, String)> {
    let name = prop_oneof![
        4 => Just(r#""code""#),
        2 => Just(r#""error_code""#),
        1 => Just(r#""\u0063ode""#),
        2 => Just(r#""msg""#),
        2 => Just(r#""data""#),
    ];
    let value = prop_oneof![
        2 => Just("0".to_owned()),
        4 => (1..20_000_000i64).prop_map(|code| code.to_string()),
        1 => Just(r#""APIGW.0307""#.to_owned()),
        2 => prop::sample::select(vec![
            "null", "true", "{}", "[]", "\"\"", "\"0.0\"", "0.0", "1.5", "-1", "1e3", "NaN", "tru", "1e400", "'a'", "\"\\x\"",
            "\"\\ud83d\"", "\"a\nb\"", r#""\"code\": 1""#, r#"{"code": 2}"#, r#"[{"code": 3}, "code", 4]"#, "\" 0 \"", "\" 7 \"",
        ]).prop_map(str::to_owned),
        1 => any_json().prop_map(|json| json.to_string()),
    ];
    (name, value)
}

/// The first code that isn't 0, found character by character: `code` before `error_code`.
fn slow_code(text: &str) -> Option<String> {
    let text: Vec<char> = text.strip_prefix('\u{feff}').unwrap_or(text).trim_start().chars().collect();
    let mut found: [Option<String>; 2] = [None, None];
    let (mut at, mut depth) = (0, 0);
    while at < text.len() && text[0] == '{' {
        match text[at] {
            '{' | '[' => depth += 1,
            '}' | ']' => depth = i32::max(depth - 1, 1),
            '"' => {
                let Some((end, name)) = slow_text(&text, at) else { break };
                at = end;
                let blanks = |from: usize| text[from..].iter().take_while(|char| char.is_whitespace()).count();
                let colon = at + blanks(at);
                let slot = ["code", "error_code"].iter().position(|code| name.as_deref() == Some(*code));
                if let (Some(slot), 1, Some(':')) = (slot, depth, text.get(colon)) {
                    let value = colon + 1 + blanks(colon + 1);
                    let code = if text.get(value) == Some(&'"') {
                        // What is followed by a colon is a name: the value was left out.
                        let is_name = |end: usize| text.get(end + blanks(end)) == Some(&':');
                        slow_text(&text, value).filter(|(end, _)| !is_name(*end)).and_then(|(_, content)| content)
                    } else {
                        // What a number has run into doesn't matter.
                        let number_like = |char: &&char| "0123456789+-.eE".contains(**char);
                        let word: String = text[value..].iter().take_while(number_like).collect();
                        let number = |word: &str| serde_json::from_str::<serde_json::Number>(word).ok();
                        let is_number = serde_json::from_str::<serde::de::IgnoredAny>(&word).is_ok();
                        let digits =
                            word.char_indices().take_while(|(at, char)| char.is_ascii_digit() || *at == 0).count();
                        let cut = if is_number { "" } else { &word[..digits] };
                        number(&word).or_else(|| number(cut)).map(|number| match number.as_f64() {
                            Some(float) if number.is_f64() => float.to_string(),
                            _ => number.to_string(),
                        })
                    };
                    let code = code.map(|code| code.trim().to_owned());
                    let failing = code.filter(|code| !code.is_empty() && code.parse() != Ok(0.0));
                    found[slot] = found[slot].take().or(failing);
                }
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    let [code, error_code] = found;
    code.or(error_code)
}

/// Where the text that begins there with its quote ends, and what it says, if its escapes are right.
fn slow_text(text: &[char], from: usize) -> Option<(usize, Option<String>)> {
    let (mut at, mut units, mut right) = (from + 1, Vec::new(), true);
    loop {
        let char = *text.get(at)?;
        at += 1;
        if char == '"' {
            return Some((at, right.then(|| String::from_utf16_lossy(&units))));
        }
        if char != '\\' {
            units.extend_from_slice(char.encode_utf16(&mut [0; 2]));
            continue;
        }
        let escape = *text.get(at)?;
        at += 1;
        if let Some(which) = "\"\\/bfnrt".find(escape) {
            units.push(u16::from(b"\"\\/\x08\x0c\n\r\t"[which]));
            continue;
        }
        let digits: String = text.iter().skip(at).take(4).collect();
        let hex = escape == 'u' && digits.len() == 4 && digits.chars().all(|char| char.is_ascii_hexdigit());
        right &= hex;
        if hex {
            units.push(u16::from_str_radix(&digits, 16).unwrap());
            at += 4;
        }
    }
}
