//! Finds what nobody may see: passwords, tokens, codes that open something, presigned links. It goes by the names, by
//! what the facts say, and by what the examples look like.

use serde_json::Value as Json;

use crate::fact::{Member, Row};

/// Says why a parameter is a secret, if it is one.
pub(crate) fn parameter(row: &Row<'_>) -> Option<String> {
    let notes = row.notes();
    // A request's code opens something; an answer's code is its result.
    let code = last(row.name).eq_ignore_ascii_case("code").then(|| "its name".to_owned());
    code.or_else(|| why(row.name, &notes, &[]))
}

/// Says why a member of an answer is a secret, if it is one.
pub(crate) fn member(path: &str, member: &Member<'_>) -> Option<String> {
    why(path, &member.notes, &member.examples)
}

/// Returns the difference, if there is one.
pub(crate) fn mismatch(secret: Option<String>, declared: bool) -> Option<String> {
    match (secret, declared) {
        (Some(why), false) => Some(format!("not declared as a secret, and one by {why}")),
        (None, true) => Some("declared as a secret, and nothing documented makes it one".to_owned()),
        _ => None,
    }
}

fn last(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or_default().trim_end_matches("[]")
}

fn why(path: &str, notes: &[&str], examples: &[&str]) -> Option<String> {
    let name: String = last(path).chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    if by_name(&name) || is_link(&name) && !notes.iter().any(|note| is_public(note)) {
        return Some("its name".to_owned());
    }
    // The id of a token, its kind and its lifetime aren't secret.
    let about = ["id", "ids", "time", "at", "in", "type", "name", "count", "size", "status", "no", "num"];
    if !about.iter().any(|end| name.ends_with(end)) {
        if let Some(note) = notes.iter().find(|note| by_words(note)) {
            return Some(format!("what is said: `{note}`"));
        }
    }
    examples.iter().any(|example| by_shape(example)).then(|| "an example".to_owned())
}

/// Whether it is a secret by its name, which is in small letters.
fn by_name(name: &str) -> bool {
    const ENDS: [&str; 18] = [
        "token",
        "tokens",
        "password",
        "passwd",
        "pwd",
        "secret",
        "ticket",
        "sessionid",
        "credential",
        "credentials",
        "signature",
        "cookie",
        "captcha",
        "accesskey",
        "secretkey",
        "privatekey",
        "apikey",
        "otp",
    ];
    // The codes with these names open something; `moduleCode` and `resultCode` don't.
    const CODES: [&str; 14] = [
        "extract",
        "verify",
        "verification",
        "validation",
        "validate",
        "auth",
        "authorization",
        "access",
        "captcha",
        "sms",
        "login",
        "pass",
        "short",
        "invite",
    ];
    ENDS.iter().any(|end| name.ends_with(end))
        || name.strip_suffix("code").is_some_and(|rest| CODES.iter().any(|word| rest.ends_with(word)))
}

/// Whether it is a link by its name.
fn is_link(name: &str) -> bool {
    let link = ["url", "urls", "link", "links"].iter().any(|end| name.ends_with(end));
    let public = ["icon", "cover", "avatar", "logo", "sdk", "redirect", "callback", "host", "image"]
        .iter()
        .any(|word| name.contains(word));
    link && !public
}

fn is_public(note: &str) -> bool {
    ["icon", "picture", "of the SDK", "home page"].iter().any(|word| note.contains(word))
}

fn by_words(note: &str) -> bool {
    let note = note.to_ascii_lowercase();
    // What is said about another parameter or a rule doesn't count.
    let note = note.split(['(', ';']).next().unwrap_or_default().to_owned()
        + if note.contains("works once only") { " one-time" } else { "" };
    [
        "token",
        "password",
        "secret",
        "presigned",
        "pre-signed",
        "one-time",
        "ticket",
        "authorization code",
        "verification code",
        "access code",
        "check code",
        "extraction code",
        "proof of possession",
        "share link",
        "short link",
        "download link",
    ]
    .iter()
    .any(|words| note.contains(words))
}

/// Whether it is a secret by an example: a token with its prefix, a link with a signature, JSON with a secret in it.
fn by_shape(example: &str) -> bool {
    if ["Bearer ", "AT "].iter().any(|prefix| example.starts_with(prefix)) {
        return true;
    }
    if example.starts_with('{') {
        return serde_json::from_str::<Json>(example).is_ok_and(|json| has_secret(&json));
    }
    let query = example.split_once("://").and_then(|(_, rest)| rest.split_once('?')).map_or("", |(_, query)| query);
    query.split(['&', '#']).any(|item| {
        let name = item.split('=').next().unwrap_or_default().to_ascii_lowercase();
        let name: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
        ["code", "sign", "sig", "accesskeyid"].contains(&name.as_str()) || by_name(&name)
    })
}

fn has_secret(json: &Json) -> bool {
    match json {
        Json::Object(members) => members.iter().any(|(name, value)| {
            let name: String =
                name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
            by_name(&name) || has_secret(value)
        }),
        Json::Array(items) => items.iter().any(has_secret),
        Json::String(text) => by_shape(text),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_name_and_words() {
        for name in [
            "accessToken",
            "newPwd",
            "x-session-id",
            "extractCode",
            "uploadUrl",
            "downloads[].url",
            "downloadLinks",
            "kdstoken",
            "data.sdk_auth_code",
            "shortcode",
            "list[].names.verifyCode",
        ] {
            assert!(why(name, &[], &[]).is_some(), "{name}");
        }
        for name in [
            "userId",
            "fileName",
            "linkName",
            "moduleCode",
            "data.resultCode",
            "code",
            "iconUrl",
            "data.js_sdk_url",
            "cursor",
        ] {
            assert_eq!(why(name, &[], &[]), None, "{name}");
        }
        for note in
            ["check code of the short link", "OrgID authorization code", "presigned, use PUT", "works once only"]
        {
            assert!(why("value", &[note], &[]).is_some(), "{note}");
        }
        for (name, note) in [
            ("issuedAt", "when the token was issued"),
            ("value", "user id"),
            ("value", "kind (see password)"),
            ("url", "picture of the group"),
        ] {
            assert_eq!(why(name, &[note], &[]), None, "{note}");
        }
    }

    #[test]
    fn by_examples() {
        for example in [
            "Bearer 6ebb",
            "AT 3b91",
            r#"{"sdk_auth_code": "043", "source": "HUAWEI_ID"}"#,
            r#"{"a": [{"b": {"password": "x"}}]}"#,
            "https://obs.example/a?partNumber=1&X-Amz-Signature=7",
            "https://drive.example/a?sign=7",
            "https://drive.example/a?code=7",
        ] {
            assert!(why("config", &[], &[example]).is_some(), "{example}");
        }
        for example in [
            "https://id.example/authorize?response_type=code&client_id=7",
            "https://id.example/sdk.js",
            r#"{"source": 1}"#,
            "{",
            "AT",
        ] {
            assert_eq!(why("config", &[], &[example]), None, "{example}");
        }
    }

    #[test]
    fn either_way_is_a_difference() {
        assert_eq!(
            mismatch(Some("its name".to_owned()), false).unwrap(),
            "not declared as a secret, and one by its name"
        );
        assert!(mismatch(None, true).is_some() && mismatch(None, false).is_none());
        assert_eq!(mismatch(Some("its name".to_owned()), true), None);
    }
}
