//! Signs a request that flags describe, and shows every step: to compare with another implementation, or to find out
//! why a signature is refused. With `--batch`, signs a JSON array of requests.

#![expect(clippy::disallowed_methods, reason = "an example is a program: it may read clock and environment")]

use std::io::{self, Read, Write};
use std::process::ExitCode;

use koodrive_proto::auth::{CanonicalRequest, SIGNED_HEADERS, SigningKey};
use koodrive_proto::chrono::Utc;
use koodrive_proto::http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, header::HOST};
use koodrive_proto::wire::XDate;
use koodrive_proto::{Api, Credentials, Endpoint};
use lexopt::prelude::{Long, Short, ValueExt};
use serde_json::{Map, Value, json};

const USAGE: &str = "\
Signs a request for KooDrive, and shows the canonical request, the string to sign and the Authorization header.

usage: sign --url URL --user-id ID --app-id ID --app-secret SECRET [OPTIONS]
       sign --batch < requests.json

  --method METHOD           [GET]
  --url URL                 https://host/path?query, percent-encoded
  --user-id ID              X-User-Id
  --date DATE               X-Date, as 20240909T033325Z [now]
  --body TEXT               [empty]
  --body-file FILE          the body from a file
  --signed-headers NAMES    [host;x-date;x-user-id]
  --app-id ID
  --app-secret SECRET       or the environment variable KOODRIVE_APP_SECRET, which other users of the machine can't see
  --batch                   reads a JSON array of objects with method, url, x_user_id, x_date, signed_headers, body, app_id
                            and app_secret, and prints it with canonical_request, string_to_sign, signature and
                            authorization";

type Result<T, E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("sign: {error}\n\nTry --help.");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<()> {
    let mut request = json!({
        "method": "GET",
        "x_date": XDate::new(Utc::now())?.to_string(),
        "signed_headers": SIGNED_HEADERS,
        "body": "",
    });
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        let key = match argument {
            Long("batch") => return batch(),
            Long("help") | Short('h') => return Ok(writeln!(io::stdout(), "{USAGE}")?),
            Long("signed-headers") => {
                let names = parser.value()?.string()?;
                request["signed_headers"] = names.split(';').collect();
                continue;
            }
            Long("body-file") => {
                let file = parser.value()?;
                let bytes = std::fs::read(&file).map_err(|error| format!("{}: {error}", file.to_string_lossy()))?;
                request["body"] = String::from_utf8(bytes).map_err(|_| "the body is not UTF-8")?.into();
                continue;
            }
            Long("method") => "method",
            Long("url") => "url",
            Long("user-id") => "x_user_id",
            Long("date") => "x_date",
            Long("body") => "body",
            Long("app-id") => "app_id",
            Long("app-secret") => "app_secret",
            _ => return Err(argument.unexpected().into()),
        };
        request[key] = parser.value()?.string()?.into();
    }
    let signed = sign(request.as_object().ok_or("no request")?)?;
    let mut out = io::stdout().lock();
    writeln!(out, "--- canonical request\n{}", signed.canonical)?;
    writeln!(out, "--- string to sign\n{}", signed.canonical.string_to_sign())?;
    writeln!(out, "--- headers")?;
    for (name, value) in &signed.headers {
        writeln!(out, "{name}: {}", value.to_str()?)?;
    }
    Ok(writeln!(out, "authorization: {}", signed.authorization)?)
}

fn batch() -> Result<()> {
    let mut input = String::new();
    io::stdin().read_to_string(&mut input)?;
    let mut requests: Vec<Map<String, Value>> =
        serde_json::from_str(&input).map_err(|error| format!("no JSON array of requests: {error}"))?;
    for (number, request) in requests.iter_mut().enumerate() {
        let signed = sign(request).map_err(|error| format!("request {number}: {error}"))?;
        let results = [
            ("canonical_request", signed.canonical.to_string()),
            ("string_to_sign", signed.canonical.string_to_sign()),
            ("signature", signed.signature),
            ("authorization", signed.authorization),
        ];
        request.extend(results.map(|(name, value)| (name.to_owned(), value.into())));
    }
    let mut out = io::stdout().lock();
    serde_json::to_writer_pretty(&mut out, &requests)?;
    Ok(out.write_all(b"\n")?)
}

struct Signed {
    canonical: CanonicalRequest,
    headers: HeaderMap,
    signature: String,
    authorization: String,
}

fn sign(request: &Map<String, Value>) -> Result<Signed> {
    let environment = std::env::var("KOODRIVE_APP_SECRET").ok();
    let text = |name: &str| match (request.get(name), name) {
        (Some(Value::String(text)), _) => Ok(text.as_str()),
        (Some(_), _) => Err(format!("{name} must be a text")),
        (None, "body") => Ok(""),
        (None, "app_secret") => environment.as_deref().ok_or_else(|| "app_secret is missing".to_owned()),
        (None, _) => Err(format!("{name} is missing")),
    };
    let mut names: Vec<&str> = match request.get("signed_headers") {
        None => SIGNED_HEADERS.to_vec(),
        Some(Value::Array(names)) if names.iter().all(Value::is_string) => {
            names.iter().filter_map(Value::as_str).collect()
        }
        Some(_) => return Err("signed_headers must be a list of texts".into()),
    };
    names.sort_unstable();
    let url = text("url")?;
    if !url.bytes().all(|byte| byte.is_ascii_graphic()) || url.contains('#') {
        return Err("url must be percent-encoded, and have no fragment".into());
    }
    let uri: Uri = url.parse().map_err(|error| format!("url: {error}"))?;
    let endpoint = Endpoint::of(&uri)?;
    let (app_id, app_secret, user_id) = (text("app_id")?, text("app_secret")?, text("x_user_id")?);
    // `Api` checks whether these are allowed.
    Api::new(endpoint.to_string(), Credentials::app(app_id, app_secret, user_id))?;
    let date: XDate = text("x_date")?.parse()?;
    let mut headers = HeaderMap::new();
    headers.insert(HOST, HeaderValue::from_str(endpoint.host())?);
    headers.insert(HeaderName::from_static("x-date"), HeaderValue::from_str(&date.to_string())?);
    headers.insert(HeaderName::from_static("x-user-id"), HeaderValue::from_str(user_id)?);

    let method: Method = text("method")?.parse()?;
    if method.as_str() != method.as_str().to_ascii_uppercase() {
        return Err("the method is signed in capitals".into());
    }
    let canonical = CanonicalRequest::new(&method, &uri, &headers, &names, text("body")?.as_bytes())?;
    let key = SigningKey::new(app_secret).ok_or("app_secret is empty")?;
    Ok(Signed {
        signature: key.sign(&canonical),
        authorization: key.authorization(app_id, &canonical),
        canonical,
        headers,
    })
}
