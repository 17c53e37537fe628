//! Uploads and downloads in one call each.

use std::io::{Read, Write};
use std::path::Path;

use koodrive_files::{CHUNK, InOrder, Options, Sink, Source, Spooled, StateFile, Stop, UploadTo, prepare};
use koodrive_proto::Error;
use koodrive_proto::flow::{Download, Downloaded, Record, Upload, Uploaded};

use crate::Client;
use crate::ends::Ends;
use crate::stream::Stream;

impl Client {
    /// Uploads a file.
    ///
    /// ```no_run
    /// # use koodrive_ureq::files::{Options, UploadTo};
    /// # fn example(drive: &koodrive_ureq::Client) -> Result<(), koodrive_proto::Error> {
    /// let to = UploadTo::new("IAADfsBFCO6WtAtuA9add2fea594e4e75b8feb8474ef236");
    /// let options = Options::new().state("film.mp4.koodrive-state");
    /// let uploaded = drive.upload_file("film.mp4", &to, &options)?;
    /// println!("{} is {}", uploaded.name, uploaded.file_id);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// [`Upload`] says what happens, and what the limits are: 5 GiB a part, 10,000 parts. It takes regular files only;
    /// for pipes there is [`upload_reader`](Self::upload_reader). A file that changes meanwhile is refused.
    ///
    /// After an error nothing has the name of the file: an upload that isn't complete isn't shown. With
    /// [`Options::state`], the same call with the same state goes on, and sends no part again that was finished;
    /// without it, the service is left to clean up.
    pub fn upload_file(&self, path: impl AsRef<Path>, to: &UploadTo, options: &Options) -> Result<Uploaded, Error> {
        let (uploaded, state) = self.upload_path(path.as_ref(), to, options)?;
        remove(state)?;
        Ok(uploaded)
    }

    /// Uploads a file, and returns its state, which is to be removed.
    pub(crate) fn upload_path(
        &self,
        path: &Path,
        to: &UploadTo,
        options: &Options,
    ) -> Result<(Uploaded, Option<StateFile>), Error> {
        let source = prepare::open(path)?;
        let upload = prepare::upload(&source, Some(path), to, options)?;
        self.upload(upload, &source, options)
    }

    /// Uploads what can be read by position: bytes in memory, a [`Locked`](koodrive_files::Locked) reader that can
    /// seek, a [`Source`] of your own. It has no name, so set [`UploadTo::name`]; all else is as with
    /// [`upload_file`](Self::upload_file).
    ///
    /// A source is read by several threads at a time. Without a [mark](Source::mark), an upload that is resumed trusts
    /// that the source is still the same; if it isn't, the service finds another SHA-256 in the end, and refuses.
    pub fn upload_source(&self, source: &dyn Source, to: &UploadTo, options: &Options) -> Result<Uploaded, Error> {
        let upload = prepare::upload(source, None, to, options)?;
        let (uploaded, state) = self.upload(upload, source, options)?;
        remove(state)?;
        Ok(uploaded)
    }

    /// Uploads what can be read only once, to its end: a pipe, a socket, what another program writes.
    ///
    /// ```no_run
    /// # use koodrive_ureq::files::{Options, UploadTo};
    /// # fn example(drive: &koodrive_ureq::Client, to: &UploadTo) -> Result<(), koodrive_proto::Error> {
    /// let uploaded = drive.upload_reader(std::io::stdin(), None, &to.clone().name("backup.tar"), &Options::new())?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// If its length is known, it is sent as it is read, and two parts of it are kept in memory: 8 MiB each unless
    /// [`UploadTo::part_size`] is set. Such an upload is never instant. A reader that has fewer or more bytes than
    /// announced is refused. Otherwise all of it is first written to a temporary file: see [`Options::spool`].
    ///
    /// It has no name, so set [`UploadTo::name`]. To resume, bring a reader that begins at the beginning: what was sent
    /// is read, and not sent again. A read that blocks can't be stopped.
    pub fn upload_reader(
        &self,
        reader: impl Read + Send,
        length: Option<u64>,
        to: &UploadTo,
        options: &Options,
    ) -> Result<Uploaded, Error> {
        let Some(length) = length else { return self.upload_source(&spool(reader, options)?, to, options) };
        let (mut upload, mut state) = prepare::upload_stream(length, to, options)?;
        let stream = Stream::new(reader, length);
        let forget = |upload: &Upload| stream.forget(upload.kept_from());
        let ends = Ends::source(&stream);
        let uploaded = self.transfer_with(&mut upload, ends, options, store(&mut state), forget)?;
        remove(state)?;
        Ok(uploaded)
    }

    /// Downloads into a file.
    ///
    /// ```no_run
    /// # use koodrive_proto::flow::Download;
    /// # use koodrive_ureq::files::Options;
    /// # fn example(drive: &koodrive_ureq::Client) -> Result<(), koodrive_proto::Error> {
    /// let space = "IAADfsBFCO6WtAtuA9add2fea594e4e75b8feb8474ef236";
    /// let film = Download::new(space, "FkiferVNK5NwXck7XXBhPLIRhV1GayJPc");
    /// let options = Options::new().state("film.mp4.koodrive-state");
    /// let downloaded = drive.download_file(film, "film.mp4", &options)?;
    /// println!("{} bytes, SHA-256 {:?}", downloaded.length, downloaded.sha256);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// The bytes are written beside the target, to a file whose name ends in `.koodrive-part`, and get its name once
    /// they are complete and verified: see [`Download`] for how. A target that is there is replaced then, and not
    /// before. Its folder has to be there.
    ///
    /// After an error the target is what it was. With [`Options::state`], what was received is kept beside it, and the
    /// same call with the same state goes on; without it, nothing is left behind.
    pub fn download_file(
        &self,
        download: Download,
        target: impl AsRef<Path>,
        options: &Options,
    ) -> Result<Downloaded, Error> {
        let (downloaded, state) = self.download_path(download, target.as_ref(), options)?;
        remove(state)?;
        Ok(downloaded)
    }

    /// Downloads into a file, and returns its state, which is to be removed.
    pub(crate) fn download_path(
        &self,
        download: Download,
        target: &Path,
        options: &Options,
    ) -> Result<(Downloaded, Option<StateFile>), Error> {
        let prepare::ToFile { mut download, partial, mut state, is_there } =
            prepare::download_file(download, target, options)?;
        let downloaded = self.transfer(&mut download, Ends::sink(&*partial), options, store(&mut state))?;
        prepare::complete_file(&partial, is_there, downloaded.length, options.durable)?;
        Ok((downloaded, state))
    }

    /// Downloads into what can be written by position: [`Memory`](koodrive_files::Memory), a
    /// [`Locked`](koodrive_files::Locked) writer that can seek, a [`Sink`] of your own.
    ///
    /// Several threads write at a time, and what is there before this returns without an error is incomplete. To
    /// resume, bring the sink as it was left.
    pub fn download_sink(&self, download: Download, sink: &dyn Sink, options: &Options) -> Result<Downloaded, Error> {
        let (mut download, mut state) = prepare::download(download, sink, options)?;
        let downloaded = self.transfer(&mut download, Ends::sink(sink), options, store(&mut state))?;
        remove(state)?;
        Ok(downloaded)
    }

    /// Downloads into what can be written only once and in order: a pipe, a socket, a compressor. It is flushed at the
    /// end.
    ///
    /// One range is fetched after the other, whatever [`Options::parallel`] says. Since nothing can be taken back, what
    /// was written counts only if this returns without an error; and it can't be resumed, so [`Options::state`] is
    /// refused.
    pub fn download_writer(
        &self,
        download: Download,
        writer: impl Write + Send,
        options: &Options,
    ) -> Result<Downloaded, Error> {
        if options.state.is_some() {
            return Err(Error::local("a download into a writer can't be resumed, so it takes no state"));
        }
        let sink = InOrder::new(writer);
        let downloaded = self.download_sink(download, &sink, options)?;
        sink.into_inner().flush().map_err(|error| Error::local_io("what was received can't be written", error))?;
        Ok(downloaded)
    }

    fn upload(
        &self,
        (mut upload, mut state): (Upload, Option<StateFile>),
        source: &dyn Source,
        options: &Options,
    ) -> Result<(Uploaded, Option<StateFile>), Error> {
        let uploaded = self.transfer(&mut upload, Ends::source(source), options, store(&mut state))?;
        Ok((uploaded, state))
    }
}

/// Stores records in a state, if there is one.
fn store(state: &mut Option<StateFile>) -> impl FnMut(&[Record]) -> Result<(), Error> + '_ {
    |records| state.as_mut().map_or(Ok(()), |state| state.store(records))
}

fn remove(state: Option<StateFile>) -> Result<(), Error> {
    state.map_or(Ok(()), StateFile::remove)
}

/// Reads all of a stream whose length isn't known.
fn spool(mut reader: impl Read, options: &Options) -> Result<Spooled, Error> {
    let full = |error| {
        let what = "the stream can't be kept until its length is known; Options::spool has another folder for it";
        Error::local_io(what, error)
    };
    let mut spooling = options.spool.open();
    let mut buffer = vec![0; CHUNK];
    loop {
        if options.stop.as_ref().is_some_and(Stop::is_stopped) {
            return Err(Error::stopped());
        }
        match reader.read(&mut buffer) {
            Ok(0) => return spooling.finish().map_err(full),
            Ok(read) => spooling.write_all(&buffer[..read]).map_err(full)?,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(Error::local_io("the stream can't be read", error)),
        }
    }
}
