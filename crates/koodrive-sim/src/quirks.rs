//! Quirks: in how many ways one answer may be written. The reasons stand at each of them.

use std::fmt;
use std::str::FromStr;

use bytes::Bytes;
use koodrive_proto::InvalidParam;
use koodrive_proto::http::Response;
use serde_json::{Map, Value as Json, json};

use crate::facts;
use crate::mix::mix;

/// Another way to write an answer that means the same.
///
/// The manuals contradict each other and their own examples, and what a service writes depends on its JSON library, so
/// a client has to bear all of these. koodrive-proto does; [its docs](koodrive_proto::wire::Cursor) say by which rules.
/// The code as a text, unknown members, and quirks of JSON itself occur in every answer, other quirks only in
/// successful ones. Nothing changes in members that no page shows, nor in those whose names are content (`properties`
/// of files): a client can only pass them on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Quirk {
    /// `code-as-text`: `code` is a text. The carrier manual types it as String, and its examples show a number.
    CodeAsText,
    /// `no-code`: a successful answer has neither `code` nor `msg`, as in one of six examples.
    NoCode,
    /// `msg`: another message of a success. The manuals show nine, from `success` to `操作成功。`.
    Msg,
    /// `numbers-as-texts`: some numbers are texts. Tables type them as String, beside examples that show numbers.
    NumbersAsTexts,
    /// `texts-as-numbers`: some texts that are whole numbers without leading zeros are numbers, for the same reason.
    TextsAsNumbers,
    /// `flags-as-texts`: some flags are texts. No example shows it, but texts stand in place of numbers elsewhere.
    FlagsAsTexts,
    /// `nulls`: some documented members that are absent are `null`. Examples leave them out, or name their types.
    Nulls,
    /// `one-for-list`: some lists that hold one object are this object, unless it is empty. Tables promise a list where
    /// the example shows an object (GetSpaceAllocation), and the other way round.
    OneForList,
    /// `object-for-empty-list`: some empty lists are `{}`, as libraries write that take a list for a map.
    ObjectForEmptyList,
    /// `no-data`: an empty list `data` is absent, as libraries write that leave out what is empty.
    NoData,
    /// `unknown-members`: some objects have members that no page shows. Examples have some that tables lack.
    UnknownMembers,
    /// `order`: members are in any order.
    Order,
    /// `white-space`: there is white space wherever JSON allows it.
    WhiteSpace,
    /// `byte-order-mark`: the answer begins with a byte order mark.
    ByteOrderMark,
}

impl Quirk {
    /// All quirks.
    pub const ALL: [Self; 14] = [
        Self::CodeAsText,
        Self::NoCode,
        Self::Msg,
        Self::NumbersAsTexts,
        Self::TextsAsNumbers,
        Self::FlagsAsTexts,
        Self::Nulls,
        Self::OneForList,
        Self::ObjectForEmptyList,
        Self::NoData,
        Self::UnknownMembers,
        Self::Order,
        Self::WhiteSpace,
        Self::ByteOrderMark,
    ];

    /// Returns the quirk's name, for example `code-as-text`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CodeAsText => "code-as-text",
            Self::NoCode => "no-code",
            Self::Msg => "msg",
            Self::NumbersAsTexts => "numbers-as-texts",
            Self::TextsAsNumbers => "texts-as-numbers",
            Self::FlagsAsTexts => "flags-as-texts",
            Self::Nulls => "nulls",
            Self::OneForList => "one-for-list",
            Self::ObjectForEmptyList => "object-for-empty-list",
            Self::NoData => "no-data",
            Self::UnknownMembers => "unknown-members",
            Self::Order => "order",
            Self::WhiteSpace => "white-space",
            Self::ByteOrderMark => "byte-order-mark",
        }
    }
}

impl fmt::Display for Quirk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A plan of which quirks occur in how many answers, for [`Simulator::quirks`](crate::Simulator::quirks).
///
/// Each quirk is drawn for itself, by the seed and the number of the request, so one answer may have several of them.
///
/// ```
/// use koodrive_sim::{Quirk, Quirks};
///
/// let quirks = Quirks::new(7).rate(Quirk::CodeAsText, 0.5).rate(Quirk::Nulls, 1.0);
/// assert_eq!("code-as-text=50%,nulls=100%,seed=7".parse(), Ok(quirks));
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Quirks {
    seed: u64,
    /// In the order of [`Quirk::ALL`].
    rates: [f64; Quirk::ALL.len()],
}

impl Quirks {
    /// Creates a plan without any quirks.
    pub const fn new(seed: u64) -> Self {
        Self { seed, rates: [0.0; Quirk::ALL.len()] }
    }

    /// Sets the share of answers that have a quirk, from 0.0 to 1.0, as far as there is something in them to which it
    /// applies.
    ///
    /// # Panics
    /// Panics if the share isn't from 0.0 to 1.0.
    #[must_use]
    pub fn rate(mut self, quirk: Quirk, share: f64) -> Self {
        assert!((0.0..=1.0).contains(&share), "a share of {share}: allowed are 0.0 to 1.0");
        self.set(quirk, share);
        self
    }

    /// Sets the share of all quirks.
    ///
    /// # Panics
    /// Panics if the share isn't from 0.0 to 1.0.
    #[must_use]
    pub fn all(self, share: f64) -> Self {
        Quirk::ALL.into_iter().fold(self, |quirks, quirk| quirks.rate(quirk, share))
    }

    fn set(&mut self, quirk: Quirk, share: f64) {
        for (other, rate) in Quirk::ALL.into_iter().zip(&mut self.rates) {
            if other == quirk {
                *rate = share;
            }
        }
    }

    /// Writes an answer in another way, as the simulator does with the answer to the request of this number: to test a
    /// parser without calls. What isn't a JSON object stays as it is.
    ///
    /// ```
    /// use koodrive_sim::{Quirk, Quirks};
    /// use koodrive_proto::http::Response;
    ///
    /// let answer = Response::new(r#"{"code":0,"msg":"success"}"#.into());
    /// let answer = Quirks::new(7).rate(Quirk::CodeAsText, 1.0).apply("UpdateSpace", 1, answer);
    /// assert_eq!(answer.body(), r#"{"code":"0","msg":"success"}"#);
    /// ```
    pub fn apply(&self, operation: &str, number: u64, mut response: Response<Bytes>) -> Response<Bytes> {
        let Ok(Json::Object(mut answer)) = serde_json::from_slice(response.body()) else { return response };
        if answer.values().any(has_huge_number) {
            return response;
        }
        let succeeds =
            response.status().is_success() && answer.get("code").is_none_or(|code| *code == 0 || *code == "0");
        let mut drawn = Draw::new(self.seed, number);
        let hits = self.rates.map(|rate| drawn.hits(rate));
        let hit = |quirk: Quirk| Quirk::ALL.into_iter().zip(hits).any(|(other, hit)| other == quirk && hit);
        if hit(Quirk::CodeAsText) {
            if let Some(code @ Json::Number(_)) = answer.get_mut("code") {
                *code = code.to_string().into();
            }
        }
        if succeeds {
            if hit(Quirk::Msg) && answer.contains_key("msg") {
                answer.insert("msg".to_owned(), MESSAGES[drawn.below(MESSAGES.len())].into());
            }
            if hit(Quirk::NoCode) {
                answer.retain(|name, _| !["code", "msg"].contains(&name.as_str()));
            }
            if hit(Quirk::NoData) && answer.get("data") == Some(&json!([])) {
                answer.remove("data");
            }
            let head: Map<String, Json> =
                ["code", "msg"].iter().filter_map(|name| answer.remove_entry(*name)).collect();
            let mut content = Json::Object(answer);
            if hit(Quirk::Nulls) {
                add_nulls(operation, &mut content, &mut drawn);
            }
            change(&mut content, &hit, &mut drawn);
            answer = head;
            if let Json::Object(content) = content {
                answer.extend(content);
            }
        }
        if hit(Quirk::UnknownMembers) {
            add_unknown(&mut answer, &mut drawn);
        }
        let mut text = String::new();
        if hit(Quirk::ByteOrderMark) {
            text.push('\u{feff}');
        }
        Writer { out: &mut text, spaces: hit(Quirk::WhiteSpace), order: hit(Quirk::Order), drawn: &mut drawn }
            .value(&Json::Object(answer));
        *response.body_mut() = text.into();
        response
    }
}

const MESSAGES: &[&str] =
    &["success", "success.", "Success", "Success.", "SUCCESS", "Successful", "Successful.", "OK", "成功", "操作成功。"];

/// The largest number up to which all integers are exact as floats, as JavaScript reads them.
const EXACT: u64 = 1 << 53;

/// Whether there is an integer that has become a float because it has more than 64 bits.
fn has_huge_number(json: &Json) -> bool {
    match json {
        Json::Number(number) => number.is_f64() && number.as_f64().is_some_and(|number| number.abs() >= 9.2e18),
        Json::Array(items) => items.iter().any(has_huge_number),
        Json::Object(members) => members.values().any(has_huge_number),
        _ => false,
    }
}

/// Members that stay as they are: no page shows what is in them, or the names in them are content.
const OPAQUE: &[&str] = &["attachments", "downloadLinks", "info", "keychains", "properties", "scopeDir", "taskValue"];

/// Adds `null` in place of members that are documented and absent.
fn add_nulls(operation: &str, content: &mut Json, drawn: &mut Draw) {
    let responses = facts::operation(operation).and_then(|fact| fact["responses"].as_array());
    let fields =
        responses.into_iter().flatten().filter_map(|response| response["by_status"]["200"]["fields"].as_array());
    for path in fields.flatten().filter_map(|field| field["path"].as_str()) {
        let is_name = |char: char| char.is_ascii_alphanumeric() || "_.[]".contains(char);
        let is_opaque = path.split('.').any(|name| OPAQUE.contains(&name.trim_end_matches("[]")));
        if path.chars().all(is_name) && !is_opaque && !["code", "msg"].contains(&path) {
            add_null(content, path, drawn);
        }
    }
}

fn add_null(inside: &mut Json, path: &str, drawn: &mut Draw) {
    match inside {
        Json::Array(items) => items.iter_mut().for_each(|item| add_null(item, path, drawn)),
        Json::Object(members) => match path.split_once('.') {
            Some((name, rest)) => {
                if let Some(inner) = members.get_mut(name.trim_end_matches("[]")) {
                    add_null(inner, rest, drawn);
                }
            }
            None if !members.contains_key(path.trim_end_matches("[]")) && drawn.coin() => {
                members.insert(path.trim_end_matches("[]").to_owned(), Json::Null);
            }
            None => {}
        },
        _ => {}
    }
}

/// Changes values, at any depth.
fn change(json: &mut Json, hit: &impl Fn(Quirk) -> bool, drawn: &mut Draw) {
    match json {
        Json::Object(members) => {
            let members_to_change = members.iter_mut().filter(|(name, _)| !OPAQUE.contains(&name.as_str()));
            members_to_change.for_each(|(_, value)| change(value, hit, drawn));
            if hit(Quirk::UnknownMembers) && drawn.coin() {
                add_unknown(members, drawn);
            }
        }
        Json::Array(items) => {
            for item in items.iter_mut() {
                change(item, hit, drawn);
            }
            if items.is_empty() && hit(Quirk::ObjectForEmptyList) && drawn.coin() {
                *json = json!({});
            } else if let ([Json::Object(one)], true) = (&items[..], hit(Quirk::OneForList) && drawn.coin()) {
                // `{}` would be an empty list.
                if !one.is_empty() {
                    *json = Json::Object(one.clone());
                }
            }
        }
        Json::Number(number) if hit(Quirk::NumbersAsTexts) && drawn.coin() => *json = number.to_string().into(),
        Json::String(text) if hit(Quirk::TextsAsNumbers) && drawn.coin() => {
            // Other texts, such as 007 or +1, would not be the same again, and larger numbers would not be for a client
            // that reads them as floats.
            let number = text.parse::<i64>().ok().filter(|number| number.unsigned_abs() <= EXACT);
            if let Some(number) = number.filter(|number| number.to_string() == *text) {
                *json = number.into();
            }
        }
        Json::Bool(flag) if hit(Quirk::FlagsAsTexts) && drawn.coin() => *json = flag.to_string().into(),
        _ => {}
    }
}

fn add_unknown(members: &mut Map<String, Json>, drawn: &mut Draw) {
    let values = [json!(null), json!(1), json!("x"), json!(true), json!([[]]), json!({"code": 1, "data": []})];
    members.insert("notInAnyManual".to_owned(), values[drawn.below(values.len())].clone());
}

/// Writes JSON with white space, or in another order of members.
struct Writer<'a> {
    out: &'a mut String,
    spaces: bool,
    order: bool,
    drawn: &'a mut Draw,
}

impl Writer<'_> {
    fn value(&mut self, json: &Json) {
        self.space();
        match json {
            Json::Object(members) => {
                let mut members: Vec<_> = members.iter().collect();
                if self.order {
                    // Fisher and Yates.
                    (1..members.len()).rev().for_each(|at| members.swap(at, self.drawn.below(at + 1)));
                }
                self.items('{', '}', &members, |writer, (name, value)| {
                    writer.value(&Json::from(name.as_str()));
                    writer.out.push(':');
                    writer.value(value);
                });
            }
            Json::Array(items) => self.items('[', ']', items, Self::value),
            json => self.out.push_str(&json.to_string()),
        }
        self.space();
    }

    fn items<T>(&mut self, begin: char, end: char, items: &[T], write: impl Fn(&mut Self, &T)) {
        self.out.push(begin);
        self.space();
        for (at, item) in items.iter().enumerate() {
            if at > 0 {
                self.out.push(',');
            }
            write(self, item);
        }
        self.out.push(end);
    }

    fn space(&mut self) {
        if self.spaces {
            self.out.push_str(["", " ", "\n", "\r\n", "\t", "   "][self.drawn.below(6)]);
        }
    }
}

/// A row of random numbers that belongs to one request.
struct Draw(u64);

impl Draw {
    fn new(seed: u64, number: u64) -> Self {
        Self(mix(mix(seed) ^ number))
    }

    fn next(&mut self) -> u32 {
        self.0 = mix(self.0);
        (self.0 >> 32) as u32
    }

    fn hits(&mut self, rate: f64) -> bool {
        f64::from(self.next()) < rate * (f64::from(u32::MAX) + 1.0)
    }

    fn coin(&mut self) -> bool {
        self.next() % 2 == 0
    }

    fn below(&mut self, end: usize) -> usize {
        self.next() as usize % end
    }
}

impl FromStr for Quirks {
    type Err = InvalidParam;

    /// Reads `NAME=VALUE,…`: a share such as `5%` for a quirk or for `all` of them, and `seed` as a whole number (0
    /// unless set). If a name has two values, the later one counts.
    fn from_str(spec: &str) -> Result<Self, InvalidParam> {
        let mut quirks = Self::new(0);
        for item in spec.split(',').map(str::trim) {
            let (name, value) = item.split_once('=').ok_or_else(|| {
                InvalidParam::new("quirk", format!("`{item}`"), "NAME=VALUE, with commas between them")
            })?;
            let wrong = |allowed: &'static str| InvalidParam::new(name.to_owned(), format!("`{value}`"), allowed);
            let share = || crate::faults::percent(value).ok_or_else(|| wrong("0% to 100%"));
            match (name, Quirk::ALL.into_iter().find(|quirk| quirk.as_str() == name)) {
                ("seed", _) => quirks.seed = value.parse().map_err(|_| wrong("a whole number"))?,
                ("all", _) => quirks = quirks.all(share()?),
                (_, Some(quirk)) => quirks.set(quirk, share()?),
                _ => {
                    let allowed = format!("{}, all, seed", Quirk::ALL.map(Quirk::as_str).join(", "));
                    return Err(InvalidParam::new("quirk", format!("`{name}`"), allowed));
                }
            }
        }
        Ok(quirks)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn specs() {
        let quirks = |spec: &str| spec.parse::<Quirks>().unwrap();
        assert_eq!(quirks("all=20%,seed=7"), Quirks::new(7).all(0.2));
        assert_eq!(quirks("all=20%, msg=0%"), Quirks::new(0).all(0.2).rate(Quirk::Msg, 0.0));
        for quirk in Quirk::ALL {
            assert_eq!(quirks(&format!("{quirk}=12.5%")), Quirks::new(0).rate(quirk, 0.125));
        }
        for (spec, message) in [
            ("", "quirk: got ``, allowed: NAME=VALUE, with commas between them"),
            ("all=20", "all: got `20`, allowed: 0% to 100%"),
            ("msg=101%", "msg: got `101%`, allowed: 0% to 100%"),
            ("seed=x", "seed: got `x`, allowed: a whole number"),
        ] {
            assert_eq!(spec.parse::<Quirks>().unwrap_err().to_string(), message);
        }
        let message = "Msg=5%".parse::<Quirks>().unwrap_err().to_string();
        assert!(message.starts_with("quirk: got `Msg`, allowed: code-as-text, ") && message.ends_with(", all, seed"));
    }

    /// What each of them makes of an answer, with some seed or other.
    #[test]
    fn each_of_them() {
        const ANSWER: &str =
            r#"{"code":0,"data":[{"a":[],"b":[{"c":1}],"d":"2","e":"02","f":true,"info":[1]}],"msg":"success"}"#;
        let written = |quirk: Quirk, answer: &str| {
            let apply = |seed| {
                let response = Response::new(Bytes::from(answer.to_owned()));
                let response = Quirks::new(seed).rate(quirk, 1.0).apply("ListJobs", 1, response);
                String::from_utf8(response.into_body().to_vec()).unwrap()
            };
            (0..100).map(apply).collect::<std::collections::BTreeSet<_>>()
        };
        for (quirk, from, to) in [
            (Quirk::CodeAsText, "\"code\":0", "\"code\":\"0\""),
            (Quirk::NoCode, ",\"msg\":\"success\"", ""),
            (Quirk::Msg, "success", "成功"),
            (Quirk::Msg, "success", "SUCCESS"),
            (Quirk::NumbersAsTexts, "1}", "\"1\"}"),
            (Quirk::TextsAsNumbers, "\"2\"", "2"),
            (Quirk::FlagsAsTexts, "true", "\"true\""),
            (Quirk::Nulls, "\"e\":\"02\",\"f\"", "\"e\":\"02\",\"endTime\":null,\"f\""),
            (Quirk::OneForList, "[{\"c\":1}]", "{\"c\":1}"),
            (Quirk::ObjectForEmptyList, "\"a\":[]", "\"a\":{}"),
            (Quirk::UnknownMembers, "\"c\":1", "\"c\":1,\"notInAnyManual\":\"x\""),
            (Quirk::Order, "\"a\":[],\"b\":[{\"c\":1}]", "\"b\":[{\"c\":1}],\"a\":[]"),
            (Quirk::WhiteSpace, "\"c\":1", "\"c\":\r\n1"),
            (Quirk::ByteOrderMark, "{\"code", "\u{feff}{\"code"),
        ] {
            let found = written(quirk, ANSWER);
            assert!(ANSWER.contains(from));
            let changed = |answer: &String| answer.contains(to) && (to.contains(from) || !answer.contains(from));
            assert!(found.iter().any(changed), "{quirk}: {found:?}");
            assert!(
                quirk == Quirk::WhiteSpace || found.iter().all(|answer| answer.contains("\"info\":[1]")),
                "{found:?}"
            );
            // Leading zeros would be lost.
            assert!(
                quirk == Quirk::WhiteSpace || found.iter().all(|answer| answer.contains("\"e\":\"02\"")),
                "{found:?}"
            );
        }
        let without = written(Quirk::NoData, r#"{"code":0,"data":[]}"#);
        assert_eq!(without.into_iter().collect::<Vec<_>>(), [r#"{"code":0}"#]);
        // A failure stays one, whatever its status.
        for failure in [r#"{"code":13000102}"#, r#"{"code":"13000102"}"#] {
            for quirk in [Quirk::NoCode, Quirk::Msg, Quirk::Nulls] {
                assert_eq!(written(quirk, failure).into_iter().collect::<Vec<_>>(), [failure]);
            }
        }
        for (text, is_changed) in [("9007199254740992", true), ("-9007199254740992", true), ("9007199254740993", false)]
        {
            let plain = format!(r#"{{"code":0,"data":"{text}"}}"#);
            let found = written(Quirk::TextsAsNumbers, &plain);
            assert_eq!(found.contains(&plain.replace(&format!("\"{text}\""), text)), is_changed, "{found:?}");
        }
        for huge in ["18446744073709551616", "-9223372036854775809", "123456789012345678901234567890"] {
            let plain = format!(r#"{{"data":[{{"size":{huge}}}]}}"#);
            assert!(Quirk::ALL.iter().all(|quirk| written(*quirk, &plain).into_iter().eq([plain.clone()])));
        }
        // What isn't JSON stays as it is.
        assert_eq!(written(Quirk::Order, "<html>").into_iter().collect::<Vec<_>>(), ["<html>"]);
    }

    #[test]
    #[should_panic(expected = "a share of 1.5: allowed are 0.0 to 1.0")]
    fn no_share() {
        let _ = Quirks::new(0).all(1.5);
    }
}
