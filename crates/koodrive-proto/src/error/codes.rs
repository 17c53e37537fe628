use crate::schema::Edition;

/// One of the error codes: `13000301` and the like are KooDrive's own, `APIGW.0303` and the like come from the gateway
/// in front of it.
///
/// The rows are taken from the manuals' error tables and from the gateway's pages. A code that isn't listed is an error
/// all the same.
///
/// ```
/// use koodrive_proto::error::Code;
///
/// let code = Code::find("13000301").unwrap();
/// assert_eq!(code.message, Some("Space not found."));
/// assert_eq!(code.advice, "check the space id and state");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Code {
    /// The code as the service answers it.
    pub code: &'static str,
    /// The HTTP status that comes with the code. KooDrive answers 400 to nearly everything, even if something is not
    /// found.
    pub status: Option<u16>,
    /// The service's own English message.
    pub message: Option<&'static str>,
    /// What the code means.
    pub meaning: &'static str,
    /// What to do about it.
    pub advice: &'static str,
    /// The manuals that list the code; none for the gateway's codes.
    pub editions: &'static [Edition],
    /// Whether the row was read on a page; otherwise the code or the status is general knowledge about the gateway.
    pub seen: bool,
}

impl Code {
    /// Returns the row of a code.
    pub fn find(code: &str) -> Option<&'static Self> {
        codes().iter().find(|row| row.code == code)
    }
}

/// Returns all known codes.
pub fn codes() -> &'static [Code] {
    CODES
}

const BOTH: &[Edition] = &[Edition::Carrier, Edition::Enterprise];
const ENTERPRISE: &[Edition] = &[Edition::Enterprise];
const GATEWAY: &[Edition] = &[];

const fn row(
    code: &'static str,
    status: Option<u16>,
    message: Option<&'static str>,
    meaning: &'static str,
    advice: &'static str,
    editions: &'static [Edition],
    seen: bool,
) -> Code {
    Code { code, status, message, meaning, advice, editions, seen }
}

#[rustfmt::skip]
const CODES: &[Code] = &[
    row("13000101", None, Some("Bad Request"), "malformed request", "check the input parameters", ENTERPRISE, true),
    row("13000102", Some(400), Some("Verify parameters failed."), "a parameter failed validation", "fix the parameters, do not retry unchanged", BOTH, true),
    row("13000201", Some(500), Some("Call internal server failed. Please try again later."), "a server-side internal call failed", "retry after a pause; if it repeats, contact support", ENTERPRISE, true),
    row("13000301", Some(400), Some("Space not found."), "the space does not exist or is in an abnormal state", "check the space id and state", BOTH, true),
    row("13000302", Some(400), Some("File is not in the specified space."), "the file does not belong to the given space", "check which space holds the file", BOTH, true),
    row("13000303", Some(400), Some("This operation cannot be performed because the file is not in the recycle bin."), "operation needs the file to be in the recycle bin", "move the file to the recycle bin first", BOTH, true),
    row("13000304", Some(400), Some("Target directory is abnormal."), "the target directory is in a bad state", "retry once; if it repeats, contact support", BOTH, true),
    row("13000305", Some(400), Some("Target directory is in the recycle bin."), "the target directory was recycled", "restore the directory", BOTH, true),
    row("13000306", Some(400), Some("File is in the recycle bin."), "the file to act on was recycled", "restore the file", BOTH, true),
    row("13000307", Some(400), Some("Nested directories."), "source and target directories contain each other", "retry once; if it repeats, contact support", BOTH, true),
    row("13000308", Some(400), Some("File metadata error."), "file metadata is wrong", "retry once; if it repeats, contact support", BOTH, true),
    row("13000309", Some(400), Some("Resource not found."), "the resource does not exist", "retry once; if it repeats, contact support", BOTH, true),
    row("13000310", Some(400), Some("Max. levels exceeded."), "directory depth limit exceeded", "use one level less", BOTH, true),
    row("13000311", Some(400), Some("Insufficient space."), "space quota exhausted", "ask the administrator for more capacity", BOTH, true),
    row("13000312", Some(400), Some("File already in the target folder."), "the file already is in the target folder", "nothing to do", BOTH, true),
    row("13000401", Some(400), Some("Upload task not found."), "no such upload task", "older table: create the upload task again; newer: retry once; if it repeats, contact support", BOTH, true),
    row("13000402", Some(400), Some("File upload incomplete."), "integrity check of the uploaded file failed", "older table: upload the complete file; newer: retry once; if it repeats, contact support", BOTH, true),
    row("13000403", Some(400), Some("Change file status failed."), "changing the file's state failed", "older table: call the API again; newer: retry once; if it repeats, contact support", BOTH, true),
    row("13000404", Some(400), Some("Parent directory is in the recycle bin."), "the upload's parent directory was recycled", "restore the directory", BOTH, true),
    row("13000405", Some(400), Some("Duplicate file name."), "a file of that name exists already", "choose another name", BOTH, true),
    row("13000406", Some(400), Some("This operation cannot be performed on the folder."), "operation is not allowed on folders", "check whether the id is a folder", BOTH, true),
    row("13000407", Some(400), Some("File download address not found."), "no download address for the file", "retry once; if it repeats, contact support", ENTERPRISE, true),
    row("13000408", Some(400), Some("Download file failed."), "download failed", "retry once; if it repeats, contact support", ENTERPRISE, true),
    row("13000409", Some(400), None, "upload failed", "retry once; if it repeats, contact support", ENTERPRISE, true),
    row("13000410", Some(400), None, "the current user may not act on the space", "check the user's permissions", ENTERPRISE, true),
    row("13000411", Some(400), None, "the file is not in that space", "check which space holds the file", ENTERPRISE, true),
    row("13000412", Some(400), None, "the space is not activated", "activate the space", ENTERPRISE, true),
    row("13000413", Some(400), Some("Unsupported operation type: {0}"), "search type not supported", "use a supported search type", ENTERPRISE, true),
    row("13000414", Some(400), Some("Search type cannot be blank."), "search type missing", "give a search type", ENTERPRISE, true),
    row("13000415", Some(400), Some("Space does not match the team."), "space and team do not belong together", "check the space and the team", ENTERPRISE, true),
    row("13000417", Some(400), Some("File name: Max. 250 characters."), "file name longer than 250 characters", "shorten the name", ENTERPRISE, true),
    row("13000419", Some(400), Some("The fileName can not contain '<>|:\\\"*?/\\\\', cannot ..."), "file name holds a forbidden character (< > | : \" * ? / \\) or is '.' or '..'", "rename", ENTERPRISE, true),
    row("APIGW.0101", Some(404), Some("The API does not exist or has not been published in the environment."), "no such API on this host/path/method", "check host, method and path", GATEWAY, true),
    row("APIGW.0103", Some(404), Some("The backend does not exist."), "backend not found", "contact support", GATEWAY, true),
    row("APIGW.0104", Some(400), Some("The plug-ins do not exist."), "gateway misconfiguration", "contact support", GATEWAY, true),
    row("APIGW.0105", Some(400), Some("The backend configurations do not exist."), "gateway misconfiguration", "contact support", GATEWAY, true),
    row("APIGW.0106", Some(400), Some("Orchestration error."), "parameter orchestration failed", "check parameters", GATEWAY, true),
    row("APIGW.0201", Some(400), Some("API request error."), "invalid request; with HTTP 413 the body is too large, with 502 or 504 the backend failed", "look at the HTTP status", GATEWAY, false),
    row("APIGW.0301", Some(401), Some("Incorrect IAM authentication information"), "the token could not be parsed, or the signature is wrong", "check AppId, AppSecret and user id, or get a new token", GATEWAY, false),
    row("APIGW.0302", Some(403), None, "IAM user not allowed to call the API", "check permissions", GATEWAY, false),
    row("APIGW.0303", Some(401), Some("Incorrect app authentication information"), "the app's signature was not accepted", "check AppId, AppSecret and user id first; the clock, which is off in the documented sample, is corrected by itself", GATEWAY, false),
    row("APIGW.0305", Some(401), None, "incorrect authentication information", "check AppId, AppSecret and user id, or get a new token", GATEWAY, false),
    row("APIGW.0306", Some(403), None, "API access denied", "contact support", GATEWAY, false),
    row("APIGW.0307", Some(401), None, "token needs to be renewed", "get a new token", GATEWAY, false),
    row("APIGW.0308", Some(429), Some("The throttling threshold has been reached ..."), "flow control limit exceeded", "wait, then send fewer calls", GATEWAY, true),
];
