//! Uploads in one call.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use koodrive_files::{CHUNK, Options, Source, StateFile, UploadTo, Window, prepare};
use koodrive_proto::flow::{Id, Next, Now, Progress, Record, Transfer, Upload, Uploaded, Worked};
use koodrive_proto::{Api, Error};
use tokio::io::AsyncRead;

use crate::Client;
use crate::driver::{Reader, Store, Stream, Way};
use crate::ends::{Lane, blocking, or_stop};

impl Client {
    /// Uploads a file, in parts at the same time: as a new file with the same name, or as `to` says.
    ///
    /// A few hundred KiB of it are in memory for each part under way. If the file changes meanwhile, the upload fails,
    /// and the service never gets a file with other content than was hashed.
    ///
    /// After an error, and if the future is dropped, nothing runs on. With [`Options::state`], the same call goes on
    /// from where it was: what was sent isn't sent again, but for the parts under way. Without it, it begins anew; the
    /// service forgets what was begun and isn't completed. See [`Upload`] for what happens, and for names that are
    /// taken.
    ///
    /// If the future is dropped, or the process killed, while the call that creates the file is under way, even if it
    /// still connects, the state doesn't know what came of it, and going on ends with an error of kind
    /// [`Unknown`](koodrive_proto::ErrorKind::Unknown). Where that matters, don't drop it, but use [`Options::stop`]:
    /// it waits for what came of that call.
    ///
    /// It takes a tokio runtime, whose threads for what may block read the file and write the state.
    ///
    /// ```no_run
    /// use koodrive_hyper::files::{Options, UploadTo};
    ///
    /// # async fn example(drive: &koodrive_hyper::Client) -> Result<(), koodrive_hyper::proto::Error> {
    /// let to = UploadTo::new("IAADfsBFCO6WtAtuA9add2fea594e4e75b8feb8474ef236");
    /// let options = Options::new().parallel(8).state("film.mp4.koodrive-state");
    /// let uploaded = drive.upload_file("film.mp4", &to, &options).await?;
    /// println!("{} is {}", uploaded.name, uploaded.file_id);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn upload_file(
        &self,
        path: impl AsRef<Path>,
        to: &UploadTo,
        options: &Options,
    ) -> Result<Uploaded, Error> {
        let (uploaded, state) = self.upload_path(path.as_ref(), to, options).await?;
        remove(state).await?;
        Ok(uploaded)
    }

    /// Uploads a file, and returns its state, which is to be removed.
    pub(crate) async fn upload_path(
        &self,
        path: &Path,
        to: &UploadTo,
        options: &Options,
    ) -> Result<(Uploaded, Option<StateFile>), Error> {
        let (path, to, set) = (path.to_owned(), to.clone(), options.clone());
        let prepared = blocking(move || {
            let source = prepare::open(&path)?;
            let (upload, state) = prepare::upload(&source, Some(&path), &to, &set)?;
            Ok((Arc::new(source) as Arc<dyn Source>, upload, state))
        });
        let (source, mut upload, state) = prepared.await?;
        self.send(&mut upload, Way::from(source), state, options).await
    }

    /// Uploads what can be read from any position: bytes in memory, or a [`Source`] of your own. The name is set in
    /// `to`.
    ///
    /// It is like [`upload_file`](Self::upload_file). To resume, the source must have the same content;
    /// [`Source::mark`] may say that it is another, and then all of it is hashed again. What is said there of a drop
    /// while the file is created holds here, too.
    pub async fn upload_source(
        &self,
        source: impl Source + 'static,
        to: &UploadTo,
        options: &Options,
    ) -> Result<Uploaded, Error> {
        let source: Arc<dyn Source> = Arc::new(source);
        let (read, to, set) = (Arc::clone(&source), to.clone(), options.clone());
        let (mut upload, state) = blocking(move || prepare::upload(&read, None, &to, &set)).await?;
        let (uploaded, state) = self.send(&mut upload, Way::from(source), state, options).await?;
        remove(state).await?;
        Ok(uploaded)
    }

    /// Uploads what can be read only once, to its end. The name is set in `to`.
    ///
    /// If its length is known, it is sent as it comes, and must end exactly there. One part and what is read ahead, of
    /// 8 MiB unless [`UploadTo::part_size`] says otherwise, are kept in memory, so that each can be sent again. If
    /// `length` is `None`, all of it goes through [`Options::spool`] first.
    ///
    /// To resume it with [`Options::state`] after an error or a drop, the reader has to begin with its first byte
    /// again: what was sent is passed over, and the service compares the hash of all of it in the end. What
    /// [`upload_file`](Self::upload_file) says of a drop while the file is created holds here, too.
    pub async fn upload_reader(
        &self,
        reader: impl AsyncRead + Send + Unpin,
        length: Option<u64>,
        to: &UploadTo,
        options: &Options,
    ) -> Result<Uploaded, Error> {
        let reader = Reader::new(reader);
        let Some(length) = length else {
            let spooled = spool(&reader, options).await?;
            return self.upload_source(spooled, to, options).await;
        };
        let (to, set) = (to.clone(), options.clone());
        let (upload, state) = blocking(move || prepare::upload_stream(length, &to, &set)).await?;
        let stream = Stream::new(reader, length);
        let window = Arc::clone(stream.window());
        let mut upload = Streamed { upload, window: Arc::clone(&window) };
        let lane = Lane { source: Some(window), ..Lane::default() };
        let way = Way { lane, stream: Some(&stream) };
        let (uploaded, state) = self.send(&mut upload, way, state, options).await?;
        remove(state).await?;
        Ok(uploaded)
    }

    async fn send<T: Transfer<Outcome = Uploaded> + Send>(
        &self,
        upload: &mut T,
        way: Way<'_>,
        state: Option<StateFile>,
        options: &Options,
    ) -> Result<(Uploaded, Option<StateFile>), Error> {
        let store = Store::from(state);
        let state = store.file();
        let uploaded = self.drive(upload, way, options, store).await?;
        Ok((uploaded, owned(state)))
    }
}

/// Takes back a state that nobody stores to any more.
pub(crate) fn owned(state: Option<Arc<Mutex<StateFile>>>) -> Option<StateFile> {
    Some(Arc::into_inner(state?)?.into_inner().unwrap_or_else(PoisonError::into_inner))
}

/// Removes a state.
pub(crate) async fn remove(state: Option<StateFile>) -> Result<(), Error> {
    match state {
        Some(state) => blocking(|| state.remove()).await,
        None => Ok(()),
    }
}

/// Takes all of a reader, until the transfer is stopped.
async fn spool<R: AsyncRead + Send + Unpin>(
    reader: &Reader<R>,
    options: &Options,
) -> Result<impl Source + 'static, Error> {
    let mut spooling = options.spool.open();
    let mut buffer = vec![0; CHUNK];
    loop {
        let unread = |error| Error::local_io("the stream can't be read", error);
        let fill = async { reader.fill(&mut buffer).await.map_err(unread) };
        let read = or_stop(options, fill).await?;
        let failed = |error| Error::local_io("what the stream has can't be written to a temporary file", error);
        if read == 0 {
            return blocking(move || spooling.finish().map_err(failed)).await;
        }
        (spooling, buffer) = blocking(move || {
            std::io::Write::write_all(&mut spooling, &buffer[..read]).map_err(failed)?;
            Ok((spooling, buffer))
        })
        .await?;
    }
}

/// The upload of a stream, of which is forgotten what was sent.
struct Streamed {
    upload: Upload,
    window: Arc<Window>,
}

impl Transfer for Streamed {
    type Outcome = Uploaded;

    fn next(&mut self, api: &Api, now: Now) -> Next<Uploaded> {
        self.upload.next(api, now)
    }

    fn done(&mut self, work: Id, result: Result<Worked, Error>) {
        self.upload.done(work, result);
        self.window.forget(self.upload.kept_from());
    }

    fn records(&self) -> &[Record] {
        self.upload.records()
    }

    fn progress(&self) -> Progress {
        self.upload.progress()
    }
}
