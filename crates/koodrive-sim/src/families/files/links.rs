//! Links to the object storage, as the examples show them. Nothing is behind them.

use std::fmt::Write;

use chrono::{DateTime, Utc};

use crate::mix::mix;

/// Where the objects would be.
const STORAGE: &str = "https://objects.koodrive.example";

/// The link for the bytes of a part of an upload.
pub(crate) fn part(file_id: &str, upload_id: &str, number: u32, now: DateTime<Utc>) -> String {
    presigned(file_id, &format!("partNumber={number}&uploadId={upload_id}"), "content-length;host", now)
}

/// The link for the content of a file. The name is encoded twice, as in the example.
pub(crate) fn download(file_id: &str, name: &str, now: DateTime<Utc>) -> String {
    let disposition = format!("attachment; filename=\"{}\"", encode(name));
    let query = format!("response-content-disposition={}", encode(&disposition));
    presigned(file_id, &query, "host", now)
}

fn presigned(file_id: &str, query: &str, signed: &str, now: DateTime<Utc>) -> String {
    let object = digest(file_id);
    let (time, day) = (now.format("%Y%m%dT%H%M%SZ"), now.format("%Y%m%d"));
    let credential = encode(&format!("MKRISPBZAJWFHNBJ5WLB/{day}/region/s3/aws4_request"));
    let signed = encode(signed);
    let link = format!(
        "{STORAGE}/{object}?{query}&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date={time}&X-Amz-SignedHeaders={signed}\
         &X-Amz-Expires=3600&X-Amz-Credential={credential}"
    );
    let signature = digest(&link);
    format!("{link}&X-Amz-Signature={signature}{}", digest(&signature))
}

/// Turns a text into 32 digits, which nobody has to trust.
fn digest(text: &str) -> String {
    let fold = |start| text.bytes().fold(start, |hash, byte| mix(hash ^ u64::from(byte)));
    format!("{:016x}{:016x}", fold(1), fold(2))
}

/// Encodes a text for a query.
fn encode(text: &str) -> String {
    text.bytes().fold(String::with_capacity(text.len()), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a text doesn't fail.
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_in_the_examples() {
        let now = DateTime::from_timestamp(1_704_336_843, 0).unwrap();
        let link = download("F1", "发票1.pdf", now);
        let start = format!(
            "{STORAGE}/{}?response-content-disposition=attachment%3B%20filename%3D%22%25E5%258F%2591%25E7%25A5%25A81\
             .pdf%22&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date=20240104T025403Z&X-Amz-SignedHeaders=host\
             &X-Amz-Expires=3600&X-Amz-Credential=",
            digest("F1")
        );
        assert!(link.starts_with(&start), "{link}");
        assert_eq!(link.rsplit_once('=').unwrap().1.len(), 64);
        let link = part("F1", "0000018CD26464022026422966B8879A", 3, now);
        assert!(link.contains("?partNumber=3&uploadId=0000018CD26464022026422966B8879A&X-Amz-Algorithm="), "{link}");
        assert!(link.contains("&X-Amz-SignedHeaders=content-length%3Bhost&"), "{link}");
    }
}
