//! A presigned link: a secret that is good for an hour.

use std::time::Duration;

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};

use crate::api::Api;
use crate::param::Secret;
use crate::time::Now;

/// How long a link is good if it doesn't say so: as in all examples.
const LIFE: Duration = Duration::from_secs(3600);
/// A link that is good for less than this isn't used any more.
const MARGIN: Duration = Duration::from_secs(300);

#[derive(Debug, Clone)]
pub(super) struct Link {
    url: Secret,
    received: Now,
    life: Duration,
}

impl Link {
    /// Takes a link that was received now.
    pub(super) fn new(url: Secret, api: &Api, now: Now) -> Self {
        let life = life(url.as_str(), api.server_time(now.utc));
        Self { url, received: now, life }
    }

    /// Takes a link of which it isn't known when it was made.
    pub(super) fn of_unknown_age(url: Secret) -> Self {
        Self { url, received: Now { utc: DateTime::<Utc>::MAX_UTC, elapsed: Duration::MAX }, life: Duration::MAX }
    }

    pub(super) fn as_str(&self) -> &str {
        self.url.as_str()
    }

    /// Whether it is too old to be used, or will be soon.
    pub(super) fn is_old(&self, now: Now) -> bool {
        let margin = MARGIN.min(self.life.checked_div(2).unwrap_or_default());
        self.life.saturating_sub(now.since(self.received)) < margin
    }

    /// Whether a text tells some of the link that makes it a secret, in whatever encoding: a value of its query, or a
    /// long piece of its path.
    pub(super) fn is_told_by(&self, text: &str) -> bool {
        let text = plain(text);
        let url = self.as_str();
        let (address, query) = url.split_once('?').unwrap_or((url, ""));
        let values = query.split('&').map(|item| item.split_once('=').map_or(item, |(_, value)| value));
        let pieces = address.split('/').skip(3).filter(|piece| piece.len() >= 8);
        values.filter(|value| value.len() >= 8).chain(pieces).any(|piece| text.contains(&plain(piece)))
    }
}

/// Without percent-encoding, however often it was encoded, and in small letters.
fn plain(text: &str) -> String {
    let mut text = text.to_owned();
    for _ in 0..4 {
        let decoded = percent_encoding::percent_decode_str(&text).decode_utf8_lossy().into_owned();
        if decoded == text {
            break;
        }
        text = decoded;
    }
    text.to_lowercase()
}

/// How long a link is still good, by what it says itself.
fn life(url: &str, server_time: DateTime<Utc>) -> Duration {
    let item = |name: &str| {
        let (_, query) = url.split_once('?')?;
        query.split('&').find_map(|item| item.split_once('=').filter(|(key, _)| key.eq_ignore_ascii_case(name)))
    };
    let whole = item("X-Amz-Expires").and_then(|(_, seconds)| seconds.parse::<u32>().ok());
    let Some(whole) = whole.filter(|seconds| *seconds > 0).map(|seconds| Duration::from_secs(seconds.into())) else {
        return LIFE;
    };
    let made = item("X-Amz-Date").and_then(|(_, date)| NaiveDateTime::parse_from_str(date, "%Y%m%dT%H%M%SZ").ok());
    let left = made
        .and_then(|made| made.and_utc().checked_add_signed(TimeDelta::from_std(whole).ok()?))
        .and_then(|end| end.signed_duration_since(server_time).to_std().ok());
    // What can't be true is the fault of a clock.
    left.filter(|left| *left <= whole && !left.is_zero()).unwrap_or(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_long_a_link_is_good() {
        let now = DateTime::from_timestamp(1_767_226_200, 0).unwrap_or_default();
        let of = |query: &str| life(&format!("https://h/o?{query}"), now).as_secs();
        assert_eq!(of("a=b"), 3600);
        assert_eq!(of("X-Amz-Expires=60"), 60);
        assert_eq!(of("X-Amz-Date=20260101T000000Z&X-Amz-Expires=3600"), 3000);
        for odd in ["X-Amz-Expires=0", "X-Amz-Expires=-1", "X-Amz-Expires=99999999999999999999", "X-Amz-Expires="] {
            assert_eq!(of(odd), 3600, "{odd}");
        }
        // Made in the future, or over already: a clock is wrong.
        for odd in ["20260101T000001Z", "20270101T000000Z", "00000101T000000Z", "20251231T000000Z", "x"] {
            assert!((3000..=3600).contains(&of(&format!("X-Amz-Date={odd}&X-Amz-Expires=3600"))), "{odd}");
        }
    }
}
