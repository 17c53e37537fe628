//! Why a signature is refused: the texts that were expected, and the mistake that leads to the one that was sent.
//!
//! The texts are those of the request as [`masked`] shows it. Of Authorization, nothing is quoted that this code
//! doesn't know.

mod mask;
mod mistakes;
mod ways;

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, Utc};
use koodrive_proto::auth::{CanonicalRequest, SCHEME, SignError};
use koodrive_proto::http::request;
use koodrive_proto::wire::XDate;
use serde_json::{Value as Json, json};

use crate::auth::text;
use crate::simulator::App;
use mask::masked;
pub(crate) use ways::OTHERS;
use ways::{Request, Ways, decode};

/// What is wrong with a signed request, as far as it can be told from outside.
#[derive(Debug)]
pub(crate) struct Explanation {
    /// Sentences, the most important one first.
    findings: Vec<String>,
    expected: Option<Texts>,
    /// What was evidently signed instead, where it is something else.
    signed: Option<Texts>,
}

/// The two texts of which a signature is made.
#[derive(Debug, PartialEq, Eq)]
struct Texts {
    canonical_request: String,
    string_to_sign: String,
}

/// Stands for the hash of a text of which something is hidden: it would tell whether a guess is right.
const HIDDEN: &str = "(the hash of the canonical request with its secrets)";

impl Texts {
    fn expected(canonical: &CanonicalRequest, is_masked: bool) -> Self {
        let string_to_sign = if is_masked { format!("{SCHEME}\n{HIDDEN}") } else { canonical.string_to_sign() };
        Self { canonical_request: canonical.to_string(), string_to_sign }
    }
}

impl Explanation {
    /// Only what was expected, with these signed headers.
    pub(crate) fn expected(parts: &request::Parts, signed: &str, body: &[u8]) -> Self {
        let names: Vec<&str> = signed.split(';').collect();
        let masked = masked(parts);
        let shown = masked.as_ref().unwrap_or(parts);
        let canonical = CanonicalRequest::new(&shown.method, &shown.uri, &shown.headers, &names, body);
        let expected = canonical.ok().map(|canonical| Texts::expected(&canonical, masked.is_some()));
        Self { findings: Vec::new(), expected, signed: None }
    }

    /// As a member of the answer.
    pub(crate) fn to_json(&self) -> Json {
        let texts = |texts: &Option<Texts>| {
            texts.as_ref().map(|Texts { canonical_request, string_to_sign }| {
                json!({"canonicalRequest": canonical_request, "stringToSign": string_to_sign})
            })
        };
        json!({"findings": self.findings, "expected": texts(&self.expected), "signed": texts(&self.signed)})
    }
}

/// As the program prints it.
impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.findings.iter().try_for_each(|finding| writeln!(f, "- {finding}"))?;
        let mut text = |title: &str, text: &str| {
            writeln!(f, "{title}:")?;
            // Nothing behind the indent of an empty line.
            text.split('\n').try_for_each(|line| writeln!(f, "{}", format!("    {line}").trim_end()))
        };
        if let Some(expected) = &self.expected {
            text("expected canonical request", &expected.canonical_request)?;
            text("expected string to sign", &expected.string_to_sign)?;
        }
        if let (Some(signed), Some(expected)) = (&self.signed, &self.expected) {
            if signed.canonical_request != expected.canonical_request {
                text("canonical request of the client, evidently", &signed.canonical_request)?;
            }
            text("string to sign of the client, evidently", &signed.string_to_sign)?;
        }
        Ok(())
    }
}

/// Explains a refusal. The request is signed, or was meant to be, perhaps for one of some users.
pub(crate) fn explain(
    apps: &BTreeMap<String, App>,
    is_user: impl Fn(&str) -> bool,
    users: &[String],
    authorization: &str,
    parts: &request::Parts,
    body: &[u8],
    now: DateTime<Utc>,
) -> Explanation {
    let mut findings = Vec::new();
    let authorization = separated(authorization, &mut findings);
    let header = Header::read(&authorization, &mut findings);
    let signed = header.signed_headers(parts, &mut findings);
    let names: Vec<&str> = signed.iter().map(String::as_str).collect();
    let listed = header.signed.unwrap_or_default();
    let canonical = |parts| Request::new(parts, &names, listed, body);
    let masked = masked(parts);
    let requests = canonical(parts).and_then(|request| Ok((request, masked.as_ref().map(canonical).transpose()?)));
    let expected = match &requests {
        Ok((request, shown)) => Some(Texts::expected(&shown.as_ref().unwrap_or(request).canonical, shown.is_some())),
        Err(error) => {
            findings.push(format!("The canonical request can't be built: {}.", describe(error)));
            None
        }
    };
    let mut evident = None;
    let sent = header.signature.filter(|sent| !sent.is_empty()).map(decode);
    match (sent, header.app_id.filter(|id| apps.contains_key(*id)), &requests) {
        (Some(Err(seen)), ..) => findings.insert(0, format!("The signature {seen}.")),
        (Some(Ok((form, mac))), Some(app_id), Ok((request, shown))) => {
            let mut ways = Ways::new(request, shown.as_ref(), apps, app_id, users);
            let found = ways.find(&mac);
            let mut mistakes = found.as_ref().map(|found| found.mistakes.clone()).unwrap_or_default();
            mistakes.extend(form);
            let finding = if found.is_none() {
                let form = form.map(|form| format!(" As for its form: {form}.")).unwrap_or_default();
                (if ways.gave_up() { GAVE_UP } else { NOT_FOUND }).to_owned() + &form
            } else if mistakes.is_empty() {
                "The signature itself is right.".to_owned()
            } else {
                format!("The signature is the one that results if {}.", mistakes.join(", and if "))
            };
            findings.insert(0, finding);
            evident = found.map(|found| found.texts).filter(|texts| Some(texts) != expected.as_ref());
        }
        _ => {}
    }
    check_app(apps, header.app_id, &mut findings);
    check_user(parts, is_user, &mut findings);
    check_date(parts, now, &mut findings);
    Explanation { findings, expected, signed: evident }
}

const NOT_FOUND: &str = "The signature does not match, and no usual mistake leads to it: compare both texts with yours, \
    byte by byte. If they are the same, the AppSecret is another one.";

const GAVE_UP: &str = "The signature does not match. The request is too long to try all mistakes, and those that were \
    tried don't lead to it: compare both texts with yours, byte by byte, or sign a shorter request.";

fn check_app(apps: &BTreeMap<String, App>, app_id: Option<&str>, findings: &mut Vec<String>) {
    if app_id.is_some_and(|id| !apps.contains_key(id)) {
        let known: Vec<&str> = apps.keys().map(String::as_str).collect();
        let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
        findings.push(format!("The AppId is not known here; known: {known}."));
    }
}

fn check_user(parts: &request::Parts, is_user: impl Fn(&str) -> bool, findings: &mut Vec<String>) {
    match text(parts, "x-user-id") {
        None => findings.push("X-User-Id is missing.".to_owned()),
        Some(id) if !is_user(id) => findings.push(format!("X-User-Id is {id}, but there is no such user here.")),
        Some(_) => {}
    }
}

fn check_date(parts: &request::Parts, now: DateTime<Utc>, findings: &mut Vec<String>) {
    let Some(sent) = text(parts, "x-date") else {
        findings.push("X-Date is missing.".to_owned());
        return;
    };
    let checked = sent.parse::<XDate>().and_then(|date| date.check(now));
    if let Err(error) = checked {
        let clock = XDate::new(now).map(|now| now.to_string()).unwrap_or_default();
        findings.push(format!(
            "{error}. X-Date is {sent}, and the clock here says {clock}; it may be at most 15 minutes old, and not later \
             than the clock."
        ));
    }
}

/// The parts of Authorization, as far as they are there.
#[derive(Default)]
struct Header<'a> {
    app_id: Option<&'a str>,
    signed: Option<&'a str>,
    signature: Option<&'a str>,
}

/// Puts `,` between the parts of Authorization.
fn separated(authorization: &str, findings: &mut Vec<String>) -> String {
    let mut separated = authorization.to_owned();
    for name in PARTS {
        let right = format!(",{name}=");
        separated = separated.replace(&format!("; {name}="), &right).replace(&format!(";{name}="), &right);
    }
    if separated != authorization {
        findings.push(format!("Authorization has `;` between its parts; they are joined by `,`, as in {FORM}."));
    }
    separated
}

impl<'a> Header<'a> {
    fn read(authorization: &'a str, findings: &mut Vec<String>) -> Self {
        let (scheme, rest) = authorization.split_once(' ').unwrap_or((authorization, ""));
        if scheme != SCHEME {
            let known = ["Bearer", "SDK-HMAC-SHA256", "AWS4-HMAC-SHA256", "Hmac-Sha256"];
            let known = known.into_iter().find(|known| known.eq_ignore_ascii_case(scheme));
            let scheme = known.map_or("another word", |_| scheme);
            findings.push(format!("Authorization begins with {scheme}, but the scheme is {SCHEME}, in capitals."));
        }
        let (mut header, mut quoted) = (Self::default(), false);
        for part in rest.split(',') {
            let (name, value) = part.trim().split_once('=').unwrap_or_else(|| (part.trim(), ""));
            let known = PARTS.into_iter().find(|known| known.eq_ignore_ascii_case(name)).unwrap_or(name);
            if known != name {
                findings.push(format!("Authorization has a part `{name}`, which is written `{known}`."));
            }
            quoted |= value.starts_with('"');
            let value = value.trim_matches('"');
            match known {
                "AppId" => header.app_id = Some(value),
                "SignedHeaders" => header.signed = Some(value),
                "Signature" => header.signature = Some(value),
                "Access" | "Credential" => {
                    findings.push(format!("Authorization has a part `{name}`, as for another service."));
                }
                _ => findings.push("Authorization has a part that isn't known.".to_owned()),
            }
        }
        if quoted {
            findings.push(format!("Authorization has quotes around its values; they have none, as in {FORM}."));
        }
        for (name, value) in
            [("AppId", header.app_id), ("SignedHeaders", header.signed), ("Signature", header.signature)]
        {
            if value.is_none_or(str::is_empty) {
                findings.push(format!("Authorization lacks {name}=, as in {FORM}."));
            }
        }
        header
    }

    /// The headers that are signed, in the form that the list should have.
    fn signed_headers(&self, parts: &request::Parts, findings: &mut Vec<String>) -> Vec<String> {
        let given = self.signed.unwrap_or_default();
        let mut names: Vec<String> = given.split([';', ',', ' ']).map(str::to_ascii_lowercase).collect();
        names.extend(["x-date", "x-user-id"].map(str::to_owned));
        names.retain(|name| !name.is_empty() && name != "authorization");
        names.sort_unstable();
        names.dedup();
        if !given.is_empty() && given != names.join(";") {
            let shown: Vec<&str> = names
                .iter()
                .map(|name| if is_known(parts, name) { name } else { "(a header that wasn't sent)" })
                .collect();
            findings.push(format!(
                "In SignedHeaders, the names have to be in lower case, sorted, each once, joined by `;`, with x-date and \
                 x-user-id and without authorization: {}.",
                shown.join(";")
            ));
        }
        names
    }
}

/// Whether a name is one of a header, and not something secret that was put in its place.
fn is_known(parts: &request::Parts, name: &str) -> bool {
    USUAL.contains(&name) || parts.headers.contains_key(name)
}

/// Headers that may be listed without being sent.
const USUAL: [&str; 7] = ["accept", "content-length", "content-type", "host", "user-agent", "x-date", "x-user-id"];

/// Says what is wrong without repeating what may be a secret.
pub(crate) fn describe(error: &SignError) -> String {
    match error {
        SignError::Missing(name) if !USUAL.contains(&name.as_str()) => {
            "a header is to be signed and is missing".to_owned()
        }
        error => error.to_string(),
    }
}

const PARTS: [&str; 3] = ["AppId", "SignedHeaders", "Signature"];

const FORM: &str = "HMAC-SHA256 AppId=ID,SignedHeaders=host;x-date;x-user-id,Signature=64_HEX_DIGITS";
