//! Files to work with: short ways to the calls that create them and look at them.

use koodrive_proto::bytes::Bytes;
use koodrive_proto::http::{Method, Request, Response, Uri};
use koodrive_proto::ops::files::{
    CompleteFile, CreateDirectory, CreateFile, FileArea, FileDetail, FileType, GetDownloadUrls, GetFile,
    ListPersonalFiles, NewPart, OnConflict, UploadPart,
};
use koodrive_proto::ops::spaces::{GetSpace, SpaceType};

use super::{ADMIN, Drive};

impl Drive {
    /// The id of a user's own space.
    pub(crate) fn space_of(&self, user: &str) -> String {
        self.ok(&GetSpace::new(user, SpaceType::Individual)).container_id.unwrap().to_string()
    }

    /// How many kilobytes of a user's own space are taken.
    pub(crate) fn used(&self, user: &str) -> i64 {
        self.ok(&GetSpace::new(user, SpaceType::Individual)).space_used.unwrap()
    }

    /// Uploads a file of so many kilobytes as a user.
    pub(crate) fn file(&self, user: &str, space: &str, folder: &str, name: &str, kilobytes: u64) -> String {
        let create = CreateFile::new(name, FileType::Miscellaneous, folder, kilobytes * 1024)
            .auto_rename(OnConflict::Refuse)
            .container_id(space);
        self.upload(user, create)
    }

    /// Uploads a file of zeros in one part, and returns its id.
    pub(crate) fn upload(&self, user: &str, create: CreateFile) -> String {
        let bytes = vec![0; usize::try_from(create.length).unwrap()];
        self.upload_bytes(user, create, &bytes)
    }

    /// Uploads a file of the first user in one part, and returns its id.
    pub(crate) fn put(&self, space: &str, folder: &str, name: &str, bytes: &[u8]) -> String {
        let create = CreateFile::new(name, FileType::Miscellaneous, folder, bytes.len() as u64);
        self.upload_bytes(ADMIN, create.auto_rename(OnConflict::Refuse).container_id(space), bytes)
    }

    fn upload_bytes(&self, user: &str, create: CreateFile, bytes: &[u8]) -> String {
        let created = self.call(user, &create.multi_parts([NewPart::new(1, bytes.len() as u64)])).unwrap();
        self.send_parts(&created.multi_parts, bytes);
        let id = created.file_id.unwrap();
        self.call(user, &CompleteFile::new(id.clone())).unwrap();
        id.to_string()
    }

    /// Sends the bytes of parts to their links.
    pub(crate) fn send_parts(&self, parts: &[UploadPart], mut bytes: &[u8]) {
        for part in parts {
            let (sent, rest) = bytes.split_at(usize::try_from(part.part_size.unwrap()).unwrap());
            let answer = self.to_link(&Method::PUT, part.upload_url.as_ref().unwrap().as_str(), &[], sent);
            assert_eq!(answer.status(), 200, "{answer:?}");
            bytes = rest;
        }
    }

    /// Sends a request to the object store.
    pub(crate) fn to_link(
        &self,
        method: &Method,
        link: &str,
        headers: &[(&str, &str)],
        bytes: &[u8],
    ) -> Response<Bytes> {
        let uri: Uri = link.parse().unwrap();
        let mut request = Request::builder().method(method).header("host", uri.authority().unwrap().as_str());
        if *method == Method::PUT {
            request = request.header("content-length", bytes.len());
        }
        let request = headers.iter().fold(request.uri(uri), |request, (name, value)| request.header(*name, *value));
        self.simulator.handle(request.body(Bytes::copy_from_slice(bytes)).unwrap(), self.now)
    }

    /// Reads what a link leads to.
    #[track_caller]
    pub(crate) fn read(&self, link: &str) -> Vec<u8> {
        let answer = self.to_link(&Method::GET, link, &[], b"");
        assert_eq!(answer.status(), 200, "{answer:?}");
        answer.into_body().into()
    }

    /// The link to a file of the first user.
    pub(crate) fn link(&self, space: &str, id: &str) -> String {
        let links = self.ok(&GetDownloadUrls::new(space, [id]));
        links.downloads[0].url.as_ref().unwrap().as_str().to_owned()
    }

    /// Creates a folder of the first user.
    pub(crate) fn folder(&self, space: &str, parent: &str, name: &str) -> String {
        let create = CreateDirectory::new(name, space).parent_folder([parent]);
        self.ok(&create).id.unwrap().to_string()
    }

    pub(crate) fn detail(&self, space: &str, id: &str) -> FileDetail {
        self.ok(&GetFile::new(id, space))
    }

    /// The names in a folder, in their order.
    pub(crate) fn names(&self, user: &str, space: &str, folder: &str) -> Vec<String> {
        self.listed(user, FileArea::Space, space, folder)
    }

    /// The names in the first user's recycle bin, in their order.
    pub(crate) fn bin(&self, space: &str) -> Vec<String> {
        self.listed(ADMIN, FileArea::RecycleBin, space, "root")
    }

    fn listed(&self, user: &str, area: FileArea, space: &str, folder: &str) -> Vec<String> {
        let files = self.call(user, &ListPersonalFiles::new(area, space, folder)).unwrap().files;
        let mut names: Vec<String> = files.into_iter().map(|file| file.file_name.unwrap()).collect();
        names.sort();
        names
    }
}
