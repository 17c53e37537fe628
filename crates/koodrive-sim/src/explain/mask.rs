use std::collections::BTreeSet;
use std::sync::LazyLock;

use koodrive_proto::http::{HeaderValue, request};
use koodrive_proto::ops;
use koodrive_proto::schema::Place;
use percent_encoding::percent_decode_str;

/// What stands for a secret. Nothing of it is encoded in a query.
const MASK: &str = "~secret~";

/// What names of parameters and headers have in them that are secret whatever the operation.
const SECRET: [&str; 6] = ["auth", "cookie", "passw", "secret", "session", "token"];

/// The names of all secret parameters, in small letters. What is secret for one operation isn't shown if it is sent
/// with another one.
static NAMES: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
    let fields = ops::ALL.iter().flat_map(|meta| meta.params);
    let secrets = fields.filter(|field| field.place != Place::Path && field.kind.is_secret());
    secrets.map(|field| field.name.to_ascii_lowercase()).collect()
});

/// Returns the request as it may be shown: [`MASK`] stands in place of each secret in its query and headers. There is
/// none if nothing is secret.
///
/// No operation that takes a signature has a secret in its path.
pub(super) fn masked(request: &request::Parts) -> Option<request::Parts> {
    let mut shown = request.clone();
    let mut hides = false;
    for (name, value) in &mut shown.headers {
        if is_secret(name.as_str()) && !value.is_empty() {
            *value = HeaderValue::from_static(MASK);
            hides |= name != "authorization";
        }
    }
    let query = request.uri.query().unwrap_or_default();
    let items = query.split('&').map(|item| match item.split_once('=') {
        Some((name, value)) if !value.is_empty() && is_secret(&percent_decode_str(name).decode_utf8_lossy()) => {
            format!("{name}={MASK}")
        }
        _ => item.to_owned(),
    });
    let masked = items.collect::<Vec<_>>().join("&");
    if masked != query {
        hides = true;
        // It has no other characters than before.
        shown.uri = format!("{}?{masked}", request.uri.path()).parse().unwrap_or_default();
    }
    hides.then_some(shown)
}

fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    NAMES.contains(&name) || SECRET.iter().any(|part| name.contains(part))
}
