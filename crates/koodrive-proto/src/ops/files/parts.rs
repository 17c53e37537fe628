//! The parts of an upload, and what has to fit between them: for a new file, for a new revision, and for further links.

use crate::check::InvalidParam;
use crate::param::Secret;
use crate::{answer, object};

object! {
    /// A part of an upload, in the request.
    NewPart = "MultiPartInfo" {
        /// The number of the part, from 1 on. The range is taken from the answer in the enterprise manual.
        part_number: u32 [1..=10_000] = "partNumber",
        /// The size of the part, at least 5 MiB and at most 5 GiB; the last part may be smaller.
        part_size: u64 [0..=5_368_709_120, "bytes"] = "partSize";
        /// How many bytes are before this part, for an upload of several parts at the same time.
        part_offset: u64 = "partOffset",
        /// The state of SHA-256 before this part, in eight words, for an upload of several parts at the same time.
        hash_ctx: Vec<u32> [8..=8] = "hashCtx",
        /// The id of the part's object.
        part_id: String = "partId",
    }
}

/// The smallest size of a part that isn't the last one.
pub(crate) const MIN_PART: u64 = 5 * 1024 * 1024;

/// The largest size of a part.
pub(crate) const MAX_PART: u64 = 5 * 1024 * 1024 * 1024;

/// How many parts a file has at most.
pub(crate) const MAX_PARTS: u32 = 10_000;

/// Checks what the limits can't express: only the last part of a file may be smaller than 5 MiB, and parts sent at the
/// same time have rules of their own.
///
/// The parts may be any of the file. Each number that is left out stands for a part of 5 MiB to 5 GiB. Where the
/// `length` of the file isn't known, the last one of these may always be the last one of the file.
pub(crate) fn fit(parts: &[NewPart], length: Option<u64>) -> Result<(), InvalidParam> {
    let at_once = parts.iter().any(|part| part.part_offset.is_some() || part.hash_ctx.is_some());
    let mut order: Vec<(usize, &NewPart)> = parts.iter().enumerate().collect();
    order.sort_by_key(|(_, part)| part.part_number);
    // How many bytes are before the next part, if it is the one with the next number.
    let (mut least, mut most, mut next_number) = (0_u64, 0_u64, 1_u32);
    for (position, (at, part)) in order.iter().enumerate() {
        let wrong = |name, got: String, allowed: &str| {
            Err(InvalidParam::new(format!("multiParts[{at}].{name}"), got, allowed.to_owned()))
        };
        let (number, size) = (part.part_number, part.part_size);
        if position > 0 && number < next_number {
            return wrong("partNumber", number.to_string(), "a number of its own");
        }
        let missing = u64::from(number.saturating_sub(next_number));
        least = least.saturating_add(missing.saturating_mul(MIN_PART));
        most = most.saturating_add(missing.saturating_mul(MAX_PART));
        if at_once {
            let Some(offset) = part.part_offset.filter(|offset| (least..=most).contains(offset) && offset % 64 == 0)
            else {
                let got = part.part_offset.map_or_else(|| "nothing".to_owned(), |offset| offset.to_string());
                let range = if least == most { String::new() } else { format!(" to {most}, a multiple of 64") };
                let allowed =
                    format!("{least}{range}: in each of parts with an offset or hashCtx, the bytes before it");
                return wrong("partOffset", got, &allowed);
            };
            if offset != 0 && part.hash_ctx.is_none() {
                let allowed = "the state of the hash, in all parts with an offset that isn't 0";
                return wrong("hashCtx", "nothing".to_owned(), allowed);
            }
            (least, most) = (offset, offset);
        }
        let ends_file = length.is_none_or(|length| most.saturating_add(size) >= length);
        let may_be_last = ends_file && position.saturating_add(1) == order.len();
        if !may_be_last && size < MIN_PART {
            let allowed = "5242880 to 5368709120 bytes; only the last part may be smaller";
            return wrong("partSize", size.to_string(), allowed);
        }
        if at_once && !may_be_last && size % 64 != 0 {
            let allowed = "a multiple of 64 bytes in all but the last of parts with an offset";
            return wrong("partSize", size.to_string(), allowed);
        }
        (least, most) = (least.saturating_add(size), most.saturating_add(size));
        next_number = number.saturating_add(1);
    }
    Ok(())
}

answer! {
    /// A part of an upload, in the answer.
    UploadPart {
        /// The number of the part, 1 to 10000.
        part_number: Option<i64>,
        /// The size of the part in bytes.
        part_size: Option<i64>,
        /// How many bytes are before this part, for an upload of several parts at the same time.
        part_offset: Option<i64>,
        /// The state of SHA-256 before this part, as it is in the request.
        hash_ctx: Vec<i64>,
        /// Where to send the bytes of the part, with PUT: a presigned link to the object storage.
        upload_url: Option<Secret>,
        /// The id of the part's object.
        part_id: Option<String>,
    }
}
