//! What both transports do before and after a transfer. It reads and writes files, and so it blocks.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use koodrive_proto::Error;
use koodrive_proto::flow::{Download, Record, Transfer, Upload};
use koodrive_proto::transfer::{Digest, Hasher};

use crate::CHUNK;
use crate::options::{Options, UploadTo};
use crate::partial::{Partial, beside};
use crate::sink::Sink;
use crate::source::{FileSource, Source};
use crate::state::StateFile;

/// Begins or resumes the upload of a source, which is the file at a path or has no name of its own.
pub fn upload(
    source: &dyn Source,
    path: Option<&Path>,
    to: &UploadTo,
    options: &Options,
) -> Result<(Upload, Option<StateFile>), Error> {
    let name = to.name_of(path)?;
    apart(path, options)?;
    let unreadable = |error| Error::local_io("the source can't be read", error);
    let length = source.length().map_err(unreadable)?;
    let mark = source.mark().map_err(unreadable)?;
    resume(to.upload(&name, length, false).mark(&mark), &mark, options)
}

/// Begins or resumes the upload of a stream of so many bytes, which is read from its beginning again.
pub fn upload_stream(length: u64, to: &UploadTo, options: &Options) -> Result<(Upload, Option<StateFile>), Error> {
    // Nothing tells one stream from another, but the hash of all that it has.
    resume(to.upload(&to.name_of(None)?, length, true), "", options)
}

/// Opens the file at a path as a source.
pub fn open(path: &Path) -> Result<FileSource, Error> {
    FileSource::open(path).map_err(|error| Error::local_io(&format!("{} can't be read", path.display()), error))
}

fn resume(upload: Upload, mark: &str, options: &Options) -> Result<(Upload, Option<StateFile>), Error> {
    let Some(path) = &options.state else { return Ok((upload, None)) };
    let (mut state, records) = StateFile::open(path, options.durable)?;
    if records.is_empty() {
        return Ok((upload, Some(state)));
    }
    let upload = upload.resumed(records, mark).map_err(|error| elsewhere(path, error))?;
    if upload.records().is_empty() {
        state.clear()?;
    }
    Ok((upload, Some(state)))
}

/// Begins or resumes a download into a sink of the caller's.
pub fn download(
    download: Download,
    sink: &dyn Sink,
    options: &Options,
) -> Result<(Download, Option<StateFile>), Error> {
    let mut download = download.readable(sink.is_readable());
    if sink.is_in_order() {
        download = download.in_order();
    }
    let Some(path) = &options.state else { return Ok((download, None)) };
    let (mut state, records) = StateFile::open(path, options.durable)?;
    if !records.is_empty() {
        download = download.resumed(records).map_err(|error| elsewhere(path, error))?;
        if download.records().is_empty() {
            state.clear()?;
        }
    }
    Ok((download, Some(state)))
}

/// A download into a file.
#[derive(Debug)]
pub struct ToFile {
    /// What is to be run.
    pub download: Download,
    /// Where its bytes go.
    pub partial: Arc<Partial>,
    /// Where its state is stored.
    pub state: Option<StateFile>,
    /// Whether the target is complete, and only the state is still there.
    pub is_there: bool,
}

/// Begins or resumes a download into a file.
pub fn download_file(download: Download, target: &Path, options: &Options) -> Result<ToFile, Error> {
    apart(Some(target), options)?;
    let Some(path) = &options.state else {
        let mut partial = Partial::open(target)?;
        partial.renew()?;
        return Ok(ToFile { download, partial: Arc::new(partial), state: None, is_there: false });
    };
    let (mut state, records) = StateFile::open(path, options.durable)?;
    let received = Record::received(&records);
    let mut download = download;
    if !records.is_empty() {
        download = download.resumed(records).map_err(|error| elsewhere(path, error))?;
        if download.records().is_empty() {
            state.clear()?;
        }
    }
    let mut partial = Partial::open(target)?;
    // It may have got its name, and only the state wasn't removed any more.
    let is_there = !download.records().is_empty()
        && !partial.was_there()
        && received.is_some_and(|(length, sha256)| is_there(target, length, sha256));
    if !is_there {
        partial = partial.kept_with(&state);
        // Another download may have written there since: its state must not take these bytes for its own.
        if !download.is_in_sink(&partial.mark()?) {
            partial.renew()?;
        }
        download = download.sink_mark(partial.mark()?);
    }
    Ok(ToFile { download, partial: Arc::new(partial), state: Some(state), is_there })
}

/// Ends a download into a file, after a success: gives the file its name. Its state is removed afterwards.
pub fn complete_file(partial: &Partial, is_there: bool, length: u64, durable: bool) -> Result<(), Error> {
    if is_there { Ok(()) } else { partial.complete(length, durable) }
}

/// Returns the state of a download into a file if it says that all was received, and the file is just that: then it
/// has got its name, and only the state wasn't removed any more.
pub fn received(target: &Path, state: &Path) -> Option<StateFile> {
    if !state.is_file() {
        return None;
    }
    let (state, records) = StateFile::open(state, false).ok()?;
    let (length, sha256) = Record::received(&records)?;
    is_there(target, length, sha256).then_some(state)
}

/// Refuses a state that is the file itself, which it would be written over.
fn apart(file: Option<&Path>, options: &Options) -> Result<(), Error> {
    let (Some(file), Some(state)) = (file, &options.state) else { return Ok(()) };
    let state = place(state);
    let is_state = |path: PathBuf| place(&path).is_some_and(|path| Some(path) == state);
    if is_state(file.to_owned()) || beside(file).is_some_and(is_state) {
        return Err(Error::local(format!("{} can't be its own state; choose another file for it", file.display())));
    }
    Ok(())
}

/// Returns where a path leads, whether there is a file or not.
fn place(path: &Path) -> Option<PathBuf> {
    if let Ok(there) = path.canonicalize() {
        return Some(there);
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    Some(folder.canonicalize().ok()?.join(path.file_name()?))
}

/// Whether a file has this content.
fn is_there(path: &Path, length: u64, sha256: Digest) -> bool {
    let Ok(file) = FileSource::open(path) else { return false };
    if file.length().ok() != Some(length) {
        return false;
    }
    let (mut hasher, mut buffer) = (Hasher::new(), vec![0; CHUNK]);
    while let Ok(read @ 1..) = file.read_at(hasher.fed(), &mut buffer) {
        hasher.feed(&buffer[..read]);
    }
    hasher.fed() == length && hasher.finish() == sha256
}

/// Says which state it is that can't be resumed, and what to do.
fn elsewhere(path: &Path, error: Error) -> Error {
    Error::local_io(&format!("{} is left as it is; remove it to begin anew", path.display()), error)
}
