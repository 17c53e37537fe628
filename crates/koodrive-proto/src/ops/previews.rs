//! Previews and thumbnails of files.
//!
//! | operation | what it does |
//! | --- | --- |
//! | [`GetFilePreviewUrl`] | issues a link for looking at a file |
//! | [`GetShareFilePreviewUrl`] | issues a link for looking at a file of a share |
//! | [`CreateThumbnailTask`] | has the thumbnail of a document made |
//! | [`CreateVideoThumbnailTask`] | has the thumbnail of a video made |
//!
//! ```
//! use koodrive_proto::ops::previews::{CreateThumbnailTask, GetFilePreviewUrl};
//!
//! let (file, space) = ("FkiferVNK5NwXck7XXBhPLIRhV1GayJPc", "IAAAKIRZGifzJgncA1605122035640590977");
//! // In the enterprise edition: once the thumbnail is made, listings have links to it, by our reading.
//! CreateThumbnailTask::new(file, space, "1605107117323346560");
//! // In the carrier edition: a link to open in a browser.
//! GetFilePreviewUrl::new(file);
//! ```
//!
//! Error codes of this family, judging by their texts: 13000301 (no such space), 13000302 and 13000411 (the file is not
//! in that space), 13000306 (the file is in the recycle bin), 13000309 (no such file), 13000406 (not for folders).

use crate::param::{FileId, Secret, SpaceId, UserId};
use crate::{answer, operation};

operation! {
    /// Issues a link for looking at a file in a browser.
    ///
    /// The page doesn't say how long the link is valid.
    ///
    /// Source: GetFilePreviewUrl, carrier (2026-02-03); the example of the answer could not be read.
    ///
    /// ```
    /// # use koodrive_proto::ops::previews::GetFilePreviewUrl;
    /// GetFilePreviewUrl::new("Fk__xUmqLFEABKbZAiqlHvYUoxViDiWNA");
    /// ```
    GET "/koodrive/ose/v1/files/preview/{fileId}/link" GetFilePreviewUrl -> PreviewLink;
    AppOrToken, ReadOnly, Carrier Full;
    path {
        /// The id of the file.
        file_id: FileId = "fileId",
    }
    header {;
        /// The short link of the share. Needed for a file that somebody else has shared.
        share_short_url: Secret = "X-Share-Shorturl",
        /// The shared folder that the file is in. Needed for a file of a shared folder.
        share_folder_id: String = "X-Hw-Share-Folder-Id",
    }
}

operation! {
    /// Issues a link for looking at a file of a public share in a browser.
    ///
    /// The request needs no credentials: the page lists neither Authorization nor X-User-Id nor X-Date. But it needs
    /// the name of the operator's agent, which [`Api::agent_name`](crate::Api::agent_name) sets. It isn't sent again
    /// when its answer was lost, since shares count their views, and the page doesn't say whether this is one.
    ///
    /// According to this page, `kds_token` comes from the call that reads the details of the share; according to other
    /// pages, it comes from the check of the access code. The example sends neither `file_id` nor `kds_token`, though
    /// both are required. The link in the example is valid for 3600 seconds.
    ///
    /// Source: GetShareFilePreviewUrl, carrier (2026-02-12); the end of the example of the answer could not be read,
    /// nor whether the name of the agent is required.
    ///
    /// ```
    /// # use koodrive_proto::ops::previews::GetShareFilePreviewUrl;
    /// GetShareFilePreviewUrl::new("2dert45454", "Fk__xUmqLFEABKbZAiqlHvYUoxViDiWNA", "561bd7f1a8301f11ee46f");
    /// ```
    GET "/koodrive/ose/v1/files/preview/share/{shortcode}" GetShareFilePreviewUrl -> PreviewLink;
    None, Once, Carrier Full;
    path {
        /// The short code of the share.
        short_code: Secret = "shortcode",
    }
    query {
        /// The id of the file.
        file_id: FileId = "fileId",
        /// The token that the service issues to those who may open the share.
        kds_token: Secret = "kdstoken";
        /// The id of the folder that the file is in.
        parent_folder: FileId = "parentFolder",
    }
    header {
        "X-Hw-Agentname" = agent,
    }
}

operation! {
    /// Has the thumbnail of a document made.
    ///
    /// The answer has no id of a task. Our reading is that the listings with a parameter `usage` have a link to the
    /// thumbnail once it is made.
    ///
    /// Source: createThumbnailTask, enterprise (2026-03-18); the example of the answer could not be read.
    ///
    /// ```
    /// # use koodrive_proto::ops::previews::CreateThumbnailTask;
    /// let space = "IAAAKIRZGifzJgncA1605122035640590977";
    /// CreateThumbnailTask::new("FkiferVNK5NwXck7XXBhPLIRhV1GayJPc", space, "1605107117323346560");
    /// ```
    POST "/koodrive/ose/v1/document/thumbnail" CreateThumbnailTask = "createThumbnailTask" -> ();
    AppOrToken, Once, Enterprise Partial;
    header {;
        /// The shared folder to work in.
        share_folder_id: String = "x-hw-share-folder-id",
    }
    body {
        /// The id of the document.
        file_id: FileId = "fileId",
        /// The id of the space that it is in.
        container_id: SpaceId = "containerId",
        /// The id of the user. The page doesn't say which user.
        user_id: UserId = "userId",
    }
}

operation! {
    /// Has the thumbnail of a video made.
    ///
    /// The answer has no id of a task. Our reading is that the listings with a parameter `usage` have a link to the
    /// thumbnail once it is made.
    ///
    /// Source: createVideoThumbnailTask, enterprise (undated); the example of the answer could not be read.
    ///
    /// ```
    /// # use koodrive_proto::ops::previews::CreateVideoThumbnailTask;
    /// let space = "IAAAKIRZGifzJgncA1605122035640590977";
    /// CreateVideoThumbnailTask::new("FkiferVNK5NwXck7XXBhPLIRhV1GayJPc", space, "1605107117323346560");
    /// ```
    POST "/koodrive/ose/v1/video/thumbnail" CreateVideoThumbnailTask = "createVideoThumbnailTask" -> ();
    AppOrToken, Once, Enterprise Partial;
    header {;
        /// The shared folder to work in.
        share_folder_id: String = "x-hw-share-folder-id",
    }
    body {
        /// The id of the video.
        file_id: FileId = "fileId",
        /// The id of the space that it is in.
        container_id: SpaceId = "containerId",
        /// The id of the user. The page doesn't say which user.
        user_id: UserId = "userId",
    }
}

answer! {
    /// A link for looking at a file.
    PreviewLink {
        /// The link, which needs no credentials: whoever has it may look at the file.
        link: Option<Secret>,
    }
}
