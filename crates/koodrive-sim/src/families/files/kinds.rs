//! The kind and media type that the name of a file says.

pub(crate) const FOLDER_MIME: &str = "application/vnd.huawei-apps.folder";

/// Ends of names, with fileType and media type.
const KINDS: &[(&str, &str, &str)] = &[
    ("bmp", "15", "image/bmp"),
    ("gif", "15", "image/gif"),
    ("heic", "15", "image/heic"),
    ("jpeg", "15", "image/jpeg"),
    ("jpg", "15", "image/jpeg"),
    ("png", "15", "image/png"),
    ("webp", "15", "image/webp"),
    ("avi", "20", "video/x-msvideo"),
    ("mkv", "20", "video/x-matroska"),
    ("mov", "20", "video/quicktime"),
    ("mp4", "20", "video/mp4"),
    ("doc", "26", "application/msword"),
    ("docx", "26", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ("xls", "27", "application/vnd.ms-excel"),
    ("xlsx", "27", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ("ppt", "28", "application/vnd.ms-powerpoint"),
    ("pptx", "28", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
    ("aac", "30", "audio/aac"),
    ("flac", "30", "audio/flac"),
    ("mp3", "30", "audio/mpeg"),
    ("wav", "30", "audio/wav"),
    ("7z", "35", "application/x-7z-compressed"),
    ("gz", "35", "application/gzip"),
    ("rar", "35", "application/vnd.rar"),
    ("tar", "35", "application/x-tar"),
    ("zip", "35", "application/zip"),
    ("apk", "40", "application/vnd.android.package-archive"),
    ("exe", "40", "application/vnd.microsoft.portable-executable"),
    ("pdf", "45", "application/pdf"),
    ("txt", "45", "text/plain"),
];

/// Returns fileType and media type.
pub(crate) fn of(name: &str) -> (&'static str, &'static str) {
    let suffix = name.rsplit_once('.').map_or("", |(_, suffix)| suffix);
    let known = KINDS.iter().find(|(end, ..)| end.eq_ignore_ascii_case(suffix));
    known.map_or(("45", "application/octet-stream"), |(_, kind, mime_type)| (*kind, *mime_type))
}
