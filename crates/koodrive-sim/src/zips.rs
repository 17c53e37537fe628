//! Zips: those that are downloaded are made here, and those that were uploaded are read.
//!
//! What is in an uploaded one isn't to be trusted, so it is looked at only within limits.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::rc::Rc;

use bytes::{Buf, Bytes};
use chrono::{DateTime, Datelike, NaiveDate, Timelike, Utc};
use koodrive_proto::Operation;
use koodrive_proto::ops::files::CreateDirectory;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use crate::storage::Object;

/// How many bytes are read to find out what is in a zip.
const MOST_READ: u64 = 4 << 20;

/// How many entries are read, with the folders that they are in.
const MOST: usize = 10_000;

/// How many bytes are read at a time.
const CHUNK: u64 = 16 << 10;

/// How many names a path may have: no drive has more levels.
const MOST_NAMES: usize = 31;

/// How many bytes are unpacked, while calls wait.
const MOST_BYTES: u64 = 256 << 20;

/// A file or folder in a zip.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// How many bytes a file has; `None` for a folder.
    pub(crate) size: Option<u64>,
    /// When it was changed, unless the zip doesn't say.
    pub(crate) changed: Option<DateTime<Utc>>,
    /// Its place in the zip, unless it is a folder that only its files name.
    place: Option<usize>,
}

/// A zip that can be read.
pub(crate) struct Zip {
    archive: ZipArchive<Reader>,
    /// What is in it, by the names on the way there, with slashes between them. Folders are before what is in them.
    pub(crate) entries: BTreeMap<String, Entry>,
    /// Whether a password is needed to unpack it.
    pub(crate) is_protected: bool,
}

impl Zip {
    /// Opens a zip. `None` is what can't be read as one, and the error says what no drive takes.
    pub(crate) fn open(object: Object) -> Result<Option<Self>, String> {
        let left = Rc::new(Cell::new(MOST_READ));
        let reader = Reader { object, at: 0, chunk: Bytes::new(), left: Rc::clone(&left) };
        let Ok(archive) = ZipArchive::new(reader) else { return Ok(None) };
        // What follows is bounded by what was found.
        left.set(u64::MAX);
        let mut zip = Self { archive, entries: BTreeMap::new(), is_protected: false };
        if zip.archive.len() > MOST {
            return Err(format!("the archive has {} entries, allowed: up to {MOST}", zip.archive.len()));
        }
        for place in 0..zip.archive.len() {
            let Ok(file) = zip.archive.by_index_raw(place) else { return Ok(None) };
            let names: Vec<&str> = file.name().split(['/', '\\']).filter(|name| !name.is_empty()).collect();
            if names.len() > MOST_NAMES || names.iter().any(|name| CreateDirectory::new(*name, "root").check().is_err())
            {
                return Err(format!("the archive has {:?}, which no drive can have", names.join("/")));
            }
            let size = (!file.is_dir()).then(|| file.size());
            let entry = Entry { size, changed: file.last_modified().and_then(time), place: Some(place) };
            zip.is_protected |= file.encrypted();
            add(&mut zip.entries, &names, entry)?;
        }
        let bytes = zip.entries.values().filter_map(|entry| entry.size).fold(0, u64::saturating_add);
        if bytes > MOST_BYTES {
            return Err(format!("the archive has {bytes} bytes of files, allowed: up to {MOST_BYTES}"));
        }
        Ok(Some(zip))
    }

    /// Unpacks a file. It has as many bytes as its entry says.
    pub(crate) fn unpack(&mut self, path: &str, out: &mut impl Write) -> io::Result<()> {
        let known = self.entries.get(path).and_then(|entry| entry.size.zip(entry.place));
        let (size, place) = known.ok_or(io::ErrorKind::NotFound)?;
        let mut file = self.archive.by_index(place)?.take(size.saturating_add(1));
        // Reading to the end checks the sum.
        if io::copy(&mut file, out)? == size { Ok(()) } else { Err(io::ErrorKind::InvalidData.into()) }
    }
}

/// Reads an object here and there, as zips are read.
struct Reader {
    object: Object,
    at: u64,
    /// What follows and was read already.
    chunk: Bytes,
    /// How many bytes may still be read.
    left: Rc<Cell<u64>>,
}

impl Read for Reader {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.chunk.is_empty() {
            self.chunk = self.object.clone().part(self.at, CHUNK).next()?;
            let left = self.left.get().checked_sub(self.chunk.len() as u64);
            self.left.set(left.ok_or(io::ErrorKind::QuotaExceeded)?);
        }
        let count = out.len().min(self.chunk.len());
        self.chunk.copy_to_slice(&mut out[..count]);
        self.at += count as u64;
        Ok(count)
    }
}

impl Seek for Reader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
            SeekFrom::End(by) => self.object.left().checked_add_signed(by),
        };
        let at = at.ok_or(io::ErrorKind::InvalidInput)?;
        if at != self.at {
            (self.at, self.chunk) = (at, Bytes::new());
        }
        Ok(at)
    }
}

/// Adds an entry under its names, with the folders that it is in.
fn add(entries: &mut BTreeMap<String, Entry>, names: &[&str], entry: Entry) -> Result<(), String> {
    for depth in 1..names.len() {
        let folder = Entry { size: None, changed: entry.changed, place: None };
        let above = entries.entry(names[..depth].join("/")).or_insert(folder);
        if above.size.is_some() {
            return Err(format!(
                "the archive has a file and a folder that are both called {}",
                names[..depth].join("/")
            ));
        }
    }
    let path = names.join("/");
    match entries.get(&path) {
        _ if path.is_empty() => return Ok(()),
        Some(known) if known.size.is_some() || entry.size.is_some() => {
            return Err(format!("the archive has {path} twice"));
        }
        _ => entries.insert(path, entry),
    };
    if entries.len() > MOST { Err(format!("the archive has more than {MOST} files and folders")) } else { Ok(()) }
}

/// Zips don't say in which zone their times are.
fn time(time: zip::DateTime) -> Option<DateTime<Utc>> {
    let date = NaiveDate::from_ymd_opt(time.year().into(), time.month().into(), time.day().into())?;
    Some(date.and_hms_opt(time.hour().into(), time.minute().into(), time.second().into())?.and_utc())
}

/// How many bytes a file or folder adds to a zip at most, or the end of the zip.
pub(crate) fn bytes(path: &str, size: u64) -> u64 {
    // Two headers with the name, and what follows the bytes, all of them for large files.
    256 + 2 * path.len() as u64 + size
}

/// A zip that is being made. What is in it isn't compressed.
pub(crate) struct Packing<W: Write>(ZipWriter<zip::write::StreamWriter<W>>);

impl<W: Write> Packing<W> {
    pub(crate) fn new(out: W) -> Self {
        Self(ZipWriter::new_stream(out))
    }

    pub(crate) fn folder(&mut self, path: &str, changed: DateTime<Utc>) -> io::Result<()> {
        // For folders, the crate announces sums behind the bytes and leaves them out, which unzip takes for a bomb.
        Ok(self.0.start_file(format!("{path}/"), options(changed).unix_permissions(0o755))?)
    }

    /// Adds a file, whose bytes are then written to what this returns.
    pub(crate) fn file(&mut self, path: &str, size: u64, changed: DateTime<Utc>) -> io::Result<&mut impl Write> {
        self.0.start_file(path, options(changed).large_file(size >= u32::MAX.into()))?;
        Ok(&mut self.0)
    }

    pub(crate) fn finish(self) -> io::Result<W> {
        Ok(self.0.finish()?.into_inner())
    }
}

fn options(changed: DateTime<Utc>) -> SimpleFileOptions {
    // The numbers of a date and a time fit.
    #[expect(clippy::cast_possible_truncation, reason = "the numbers of a date and a time are small")]
    let time = u16::try_from(changed.year()).ok().and_then(|year| {
        let (month, day) = (changed.month() as u8, changed.day() as u8);
        let (hour, minute, second) = (changed.hour() as u8, changed.minute() as u8, changed.second() as u8);
        zip::DateTime::from_date_and_time(year, month, day, hour, minute, second).ok()
    });
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    options.last_modified_time(time.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn open(bytes: Vec<u8>) -> Result<Option<Zip>, String> {
        Zip::open(Bytes::from(bytes).into())
    }

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_763_622_000, 0).unwrap()
    }

    #[test]
    fn what_is_packed_can_be_unpacked() {
        let mut packing = Packing::new(Vec::new());
        let files = [("b/c/d.txt", &b"inside"[..]), ("发票1.pdf", b""), ("a", b"top")];
        packing.folder("b", now()).unwrap();
        for (path, bytes) in files {
            packing.file(path, bytes.len() as u64, now()).unwrap().write_all(bytes).unwrap();
        }
        let bytes = packing.finish().unwrap();
        let most: u64 = files.iter().map(|(path, bytes)| super::bytes(path, bytes.len() as u64)).sum();
        assert!((bytes.len() as u64) < most + super::bytes("b", 0) + super::bytes("", 0));
        // The sums behind the bytes of each entry, which all of them announce.
        assert_eq!(bytes.windows(4).filter(|four| *four == b"PK\x07\x08").count(), files.len() + 1);
        let mut broken = bytes.clone();
        let at = broken.windows(6).position(|six| six == b"inside").unwrap();
        broken[at] ^= 1;
        assert!(open(broken).unwrap().unwrap().unpack("b/c/d.txt", &mut Vec::new()).is_err());
        let mut zip = open(bytes).unwrap().unwrap();
        let paths: Vec<_> = zip.entries.iter().map(|(path, entry)| (&**path, entry.size)).collect();
        let expected = [("a", Some(3)), ("b", None), ("b/c", None), ("b/c/d.txt", Some(6)), ("发票1.pdf", Some(0))];
        assert_eq!(paths, expected);
        assert!(zip.entries.values().all(|entry| entry.changed == Some(now())));
        for (path, bytes) in files {
            let mut out = Vec::new();
            zip.unpack(path, &mut out).unwrap();
            assert_eq!(out, bytes);
        }
        assert!(zip.unpack("b", &mut Vec::new()).is_err());
    }

    /// A zip with entries of nothing, deflated if they are large.
    fn zip(entries: &[(&str, u64)]) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for (path, size) in entries {
            writer.start_file(*path, SimpleFileOptions::default()).unwrap();
            io::copy(&mut io::repeat(0).take(*size), &mut writer).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    #[test]
    fn what_is_dangerous_or_odd_is_refused() {
        let deflated = zip(&[("zeros", 1 << 20)]);
        assert!(deflated.len() < 8192);
        let mut out = Vec::new();
        open(deflated.clone()).unwrap().unwrap().unpack("zeros", &mut out).unwrap();
        assert_eq!(out, vec![0; 1 << 20]);

        // It claims to have fewer bytes than it has, in the directory and in the header before it.
        let size = (1_u32 << 20).to_le_bytes();
        let mut liar = deflated.clone();
        for at in (0..liar.len() - 4).filter(|at| deflated[*at..at + 4] == size) {
            liar[at..at + 4].copy_from_slice(&7_u32.to_le_bytes());
        }
        let mut out = Vec::new();
        assert!(open(liar).unwrap().unwrap().unpack("zeros", &mut out).is_err());
        assert!(out.len() < 9, "{}", out.len());

        assert!(open(b"no zip".to_vec()).unwrap().is_none());
        for entries in [&[("../a", 1)][..], &[("a/../../b", 1)], &[("a:b", 1)], &[("a", 1), ("a/b", 1)]] {
            assert!(open(zip(entries)).is_err(), "{entries:?}");
        }
        let names: Vec<String> = (0..=MOST).map(|number| number.to_string()).collect();
        let many: Vec<_> = names.iter().map(|name| (&**name, 0)).collect();
        assert!(open(zip(&many[1..])).unwrap().is_some());
        assert!(open(zip(&many)).is_err());
        let deep = "a/".repeat(MOST_NAMES) + "b";
        assert!(open(zip(&[(&deep[2..], 0)])).is_ok());
        assert!(open(zip(&[(&deep, 0)])).is_err());
    }
}
