use chrono::{DateTime, NaiveDateTime, Utc};
use http::{HeaderMap, HeaderName};

/// Reads the time from a header like Date or Retry-After, in any of the three formats of RFC 9110. The day of the week
/// isn't checked.
pub(crate) fn header(headers: &HeaderMap, name: HeaderName) -> Option<DateTime<Utc>> {
    parse(headers.get(name)?.to_str().ok()?)
}

fn parse(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    let (_, rest) = text.split_once(' ')?;
    // `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT`, `Sun Nov  6 08:49:37 1994`
    ["%d %b %Y %H:%M:%S GMT", "%d-%b-%y %H:%M:%S GMT", "%b %e %H:%M:%S %Y"]
        .iter()
        .find_map(|form| NaiveDateTime::parse_from_str(rest.trim(), form).ok())
        .map(|time| time.and_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_three_forms() {
        for text in [
            "Sun, 06 Nov 1994 08:49:37 GMT",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
            "Fri, 06 Nov 1994 08:49:37 GMT",
            " Sun, 06 Nov 1994 08:49:37 GMT ",
        ] {
            assert_eq!(parse(text).map(|time| time.timestamp()), Some(784_111_777), "{text}");
        }
        for text in [
            "",
            "1",
            "Sun",
            "Sun, 06 Nov 1994 08:49:37",
            "Sun, 31 Feb 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 25:49:37 GMT",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
