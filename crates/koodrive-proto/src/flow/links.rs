use crate::error::Error;
use crate::operation::Operation;
use crate::ops::files::{DownloadUrl, DownloadUrls, GetDownloadUrls};
use crate::param::{FileId, Secret};
use http::{HeaderMap, StatusCode};

/// Returns the link of one file from an answer, or why there is none. Of several entries for a file, the first counts.
pub(crate) fn link_of(file: &FileId, answer: &DownloadUrls) -> Result<Secret, Error> {
    let entry = answer.downloads.iter().find(|entry| entry.file_id.as_ref() == Some(file));
    let url = entry.and_then(|entry| entry.url.as_ref()).filter(|url| !url.as_str().is_empty());
    let error = match (entry, url) {
        (Some(DownloadUrl { code: None | Some(0), .. }), Some(url)) => return Ok(url.clone()),
        (Some(DownloadUrl { code: Some(code), msg, .. }), _) if *code != 0 => {
            Error::api(StatusCode::OK, Some(code.to_string()), msg.clone())
        }
        _ => Error::decode(&format!("the answer has no link for the file {file}")),
    };
    // The answer itself stays out, since it has the links of other files.
    let error = error.with_response(StatusCode::OK, &HeaderMap::new(), &[]);
    Err(error.on(GetDownloadUrls::META).of_call(1, false, None))
}
