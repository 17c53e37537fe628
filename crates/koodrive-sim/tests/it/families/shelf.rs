//! Files to work with: short ways to the calls that create them and look at them.

use koodrive_proto::ops::files::{
    CompleteFile, CreateDirectory, CreateFile, FileArea, FileDetail, FileType, GetFile, ListPersonalFiles, OnConflict,
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
        let id = self.call(user, &create).unwrap().file_id.unwrap().to_string();
        self.call(user, &CompleteFile::new(&*id)).unwrap();
        id
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
