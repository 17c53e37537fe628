//! Files that go up to a simulator and come down again, over real sockets and through every transport.

mod contract;
mod faults;
mod folders;
mod kills;
mod links;
mod sizes;
mod trouble;

use std::marker::PhantomData;
use std::path::PathBuf;
use std::sync::Arc;

use koodrive_conformance::files::Files;
use koodrive_files::{Options, UploadTo};
use koodrive_proto::Call;
use koodrive_proto::flow::Download;
use koodrive_proto::ops::files::{FileArea, ListPersonalFiles};
use koodrive_proto::ops::spaces::{GetSpace, SpaceType};
use koodrive_proto::param::{FileId, SpaceId};
use koodrive_sim::{Entry, Server, Simulator};

use crate::common::{USER, api, simulator};

/// The size of all parts but the last; the service takes no smaller ones.
const PART: u64 = 5 * 1024 * 1024;

/// Bytes of which no two parts are the same.
fn content(length: u64, seed: u64) -> Vec<u8> {
    let mut state = seed;
    let mut word = || {
        // SplitMix64.
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb)
    };
    let mut bytes: Vec<u8> = (0..length.div_ceil(8)).flat_map(|_| word().to_le_bytes()).collect();
    bytes.truncate(usize::try_from(length).unwrap());
    bytes
}

/// A simulator, a transport, and a folder for files.
struct Place<T> {
    server: Server,
    drive: T,
    space: SpaceId,
    folder: tempfile::TempDir,
    transport: PhantomData<T>,
}

impl<T: Files> Place<T> {
    fn new() -> Self {
        Self::over(simulator())
    }

    fn over(simulator: Simulator) -> Self {
        let server = Server::start(simulator).unwrap();
        let drive = T::new(api(&server.endpoint()).random_seed(1));
        let space = space(&drive);
        Self { server, drive, space, folder: tempfile::tempdir().unwrap(), transport: PhantomData }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    fn to(&self) -> UploadTo {
        UploadTo::new(&self.space).part_size(PART)
    }

    fn download(&self, file: &FileId) -> Download {
        Download::new(&self.space, file).range_size(PART)
    }

    /// The id of the file of this name, which is there once.
    fn file_id(&self, name: &str) -> FileId {
        let list = ListPersonalFiles::new(FileArea::Space, &self.space, "root");
        let list = self.drive.run(Call::new(&list)).unwrap();
        let named: Vec<_> = list.files.iter().filter(|file| file.file_name.as_deref() == Some(name)).collect();
        assert_eq!(named.len(), 1, "{}: {name} in {:?}", T::NAME, list.files);
        named[0].id.clone().unwrap()
    }

    /// Asserts that a file of the drive has these bytes.
    fn assert_there(&self, name: &str, bytes: &[u8]) {
        let file = self.file_id(name);
        let (downloaded, there) = self.drive.download_stream(self.download(&file), &Options::new()).unwrap();
        assert_eq!(downloaded.length, bytes.len() as u64);
        assert!(there == bytes, "{}: {name} has other bytes", T::NAME);
    }

    /// How many times the object store has executed one of its operations.
    fn executed(&self, operation: &str) -> usize {
        executed(&self.server.ledger(), operation)
    }

    /// The names of the files in the folder, but for these.
    fn left_behind(&self, known: &[&str]) -> Vec<String> {
        let entries = std::fs::read_dir(self.folder.path()).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| !known.contains(&name.as_str())).collect()
    }
}

fn executed(entries: &[Entry], operation: &str) -> usize {
    let is_executed = |entry: &&Entry| {
        entry.operation == Some(operation)
            && entry.refused.is_none()
            && entry.fault.is_none_or(koodrive_sim::Fault::executes)
    };
    entries.iter().filter(is_executed).count()
}

fn space<T: Files>(drive: &T) -> SpaceId {
    drive.run(Call::new(&GetSpace::new(USER, SpaceType::Individual))).unwrap().container_id.unwrap()
}

/// Bytes as a source of any kind.
fn source(bytes: &[u8]) -> Arc<dyn koodrive_files::Source> {
    Arc::new(bytes.to_vec())
}
