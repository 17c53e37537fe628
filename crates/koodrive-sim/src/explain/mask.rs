use koodrive_proto::http::request;
use koodrive_proto::schema::Place;
use koodrive_proto::{Meta, ops};
use percent_encoding::percent_decode_str;

/// What stands for a secret.
const MASK: &str = "(secret)";

/// Shorter ones would be found everywhere, and what is that short is no secret.
const SHORTEST: usize = 6;

/// How many items of a query are looked at; no call has as many.
const MOST: usize = 100;

/// Headers that are secret whatever the operation.
const HEADERS: &[&str] = &["cookie", "proxy-authorization", "x-auth-token", "x-session-id"];

/// Hides the secrets of applications, and the secret parameters of a request, in whatever form a text has them.
pub(crate) struct Mask {
    secrets: Vec<String>,
    /// The names of secret parameters in the query and in headers, in small letters.
    names: Vec<String>,
}

impl Mask {
    pub(crate) fn new<'a>(app_secrets: impl Iterator<Item = &'a str>, meta: &Meta, parts: &request::Parts) -> Self {
        let trimmed = app_secrets.map(str::trim).filter(|secret| secret.len() >= SHORTEST);
        let mut secrets: Vec<String> = trimmed.map(str::to_owned).collect();
        let mut names: Vec<String> = HEADERS.iter().map(|name| (*name).to_owned()).collect();
        // What is secret for one operation isn't shown if it is sent with another one.
        let fields = ops::ALL.iter().flat_map(|meta| meta.params).filter(|field| field.kind.is_secret());
        names.extend(fields.filter(|field| field.place != Place::Path).map(|field| field.name.to_ascii_lowercase()));
        names.sort_unstable();
        names.dedup();
        for field in meta.params.iter().filter(|field| field.place == Place::Path && field.kind.is_secret()) {
            let parameter = format!("{{{}}}", field.name);
            let segments = parts.uri.path().split('/').zip(meta.path.split('/'));
            secrets.extend(segments.filter(|(_, name)| *name == parameter).map(|(given, _)| given.to_owned()));
        }
        // Values end where they end in the request, even if they have an & once they are decoded.
        for item in parts.uri.query().unwrap_or_default().split('&').take(MOST) {
            if let Some((name, value)) = item.split_once('=') {
                let name = percent_decode_str(name).decode_utf8_lossy().to_ascii_lowercase();
                if names.contains(&name) {
                    secrets.push(value.to_owned());
                }
            }
        }
        for name in &names {
            let values = parts.headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
            secrets.extend(values.map(|value| value.trim().to_owned()));
        }
        let decoded: Vec<String> =
            secrets.iter().map(|secret| percent_decode_str(secret).decode_utf8_lossy().into_owned()).collect();
        secrets.extend(decoded);
        secrets.retain(|secret| secret.len() >= SHORTEST);
        // What holds another one is hidden as a whole.
        secrets.sort_unstable_by_key(|secret| std::cmp::Reverse(secret.len()));
        secrets.dedup();
        Self { secrets, names }
    }

    pub(crate) fn apply(&self, text: &mut String) {
        for secret in &self.secrets {
            hide(text, secret, |rest| rest.get(..secret.len()).map(|_| (0, secret.len())));
        }
        for name in &self.names {
            hide(text, name, |rest| {
                let rest = rest.get(name.len()..)?;
                let end = match rest.chars().next()? {
                    '=' => rest.find(['&', '\n', '/'])?,
                    ':' => rest.find([';', '\n'])?,
                    _ => return None,
                };
                Some((name.len() + 1, name.len() + end))
            });
        }
    }
}

/// Hides a part of what begins with `what`, in large or small letters, wherever that stands.
fn hide(text: &mut String, what: &str, part: impl Fn(&str) -> Option<(usize, usize)>) {
    let small = text.to_ascii_lowercase();
    let (mut shown, mut copied) = (String::new(), 0);
    for (at, _) in small.match_indices(&what.to_ascii_lowercase()) {
        let hidden = text.get(at..).and_then(&part).filter(|(begin, end)| begin < end && copied <= at + begin);
        if let Some((begin, end)) = hidden {
            shown.push_str(text.get(copied..at + begin).unwrap_or_default());
            shown.push_str(MASK);
            copied = at + end;
        }
    }
    if copied > 0 {
        shown.push_str(text.get(copied..).unwrap_or_default());
        *text = shown;
    }
}
