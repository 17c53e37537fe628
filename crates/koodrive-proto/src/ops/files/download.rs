//! Downloading files.

use crate::param::{FileId, Secret, SpaceId};
use crate::{answer, choices, operation};

operation! {
    /// Issues links for downloading up to 100 files of one space.
    ///
    /// A call may succeed although some files get no link: see [`batch_code`](DownloadUrls::batch_code), and the
    /// [`code`](DownloadUrl::code) of each file. Get the bytes from the links with GET, not from KooDrive; whoever has
    /// a link needs no credentials. The page doesn't say how long a link is valid. The file name in the links of the
    /// examples is percent-encoded twice.
    ///
    /// This is a POST that only reads. The header of the shared folder was seen only in the carrier manual.
    ///
    /// Source: getDownLoadUrl, carrier (2026-02-12) and enterprise (2025-12-12); the ends of the answer's examples
    /// could not be read.
    ///
    /// ```
    /// # use koodrive_proto::ops::files::GetDownloadUrls;
    /// let space = "IAADfsBFCO6WtAtuA9add2fea594e4e75b8feb8474ef236";
    /// GetDownloadUrls::new(space, ["Fn1bTLIOomJkTCAe9DEVBRY4U6IkuqkMZ"]);
    /// ```
    POST "/koodrive/ose/v1/files/download" GetDownloadUrls = "getDownLoadUrl" -> DownloadUrls;
    AppOrToken, ReadOnly, Carrier Partial, Enterprise Partial;
    header {;
        /// The shared folder to work in.
        share_folder_id: String = "x-hw-share-folder-id",
    }
    body {
        /// The id of the space that the files are in.
        container_id: SpaceId = "containerId",
        /// The ids of the files, 1 to 100 of them.
        file_ids: Vec<FileId> [1..=100] = "fileIds",
    }
}

answer! {
    /// The answer of [`GetDownloadUrls`]: a link for each file.
    DownloadUrls {
        /// Whether all files got a link.
        batch_code: Option<BatchResult>,
        /// The files, with their links.
        downloads: Vec<DownloadUrl>,
    }
}

choices! {
    /// How a request for several files ended. Unlike that of a `code`, its 0 isn't full success.
    pub enum BatchResult: number {
        /// Some files failed.
        PartlyFailed = 0,
        /// All files succeeded.
        Succeeded = 1,
        /// All files failed.
        Failed = 2,
    }
}

answer! {
    /// The link of a file, or why it has none.
    DownloadUrl {
        /// The id of the file.
        file_id: Option<FileId>,
        /// The name of the file.
        file_name: Option<String>,
        /// The link: a presigned link to the object storage.
        url: Option<Secret>,
        /// 0 if the file got a link, judging by the other codes. It is documented as a text.
        code: Option<i64>,
        /// What the code means.
        msg: Option<String>,
    }
}
