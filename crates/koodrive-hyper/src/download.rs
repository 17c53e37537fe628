//! Downloads in one call.

use std::path::Path;
use std::sync::Arc;

use koodrive_files::{InOrder, Options, Sink, StateFile, prepare};
use koodrive_proto::Error;
use koodrive_proto::flow::{Download, Downloaded};
use tokio::io::AsyncWrite;

use crate::Client;
use crate::driver::{Store, Way};
use crate::ends::{Lane, Output, Writer, blocking, or_stop};
use crate::upload::{owned, remove};

impl Client {
    /// Downloads into a file, in ranges at the same time.
    ///
    /// The bytes go to a file beside the target, whose name ends with `.koodrive-part`. Only when all of it is there
    /// and verified does that get the name of the target, which is replaced if it is there. With [`Options::durable`]
    /// it then survives a power cut. A few hundred KiB are in memory for each range under way.
    ///
    /// After an error, and if the future is dropped, nothing runs on but a chunk that is written at that moment, and
    /// the target is what it was. With [`Options::state`] what came is kept, and the same call goes on from there, but
    /// for the ranges under way: after a full disk, when there is room again. Without it, what came is removed. See
    /// [`Download`] for what happens, and for what is verified.
    ///
    /// It takes a tokio runtime, whose threads for what may block write the files.
    ///
    /// ```no_run
    /// use koodrive_hyper::files::Options;
    /// use koodrive_hyper::proto::flow::Download;
    ///
    /// # async fn example(drive: &koodrive_hyper::Client) -> Result<(), koodrive_hyper::proto::Error> {
    /// let space = "IAADfsBFCO6WtAtuA9add2fea594e4e75b8feb8474ef236";
    /// let download = Download::new(space, "FkiferVNK5NwXck7XXBhPLIRhV1GayJPc");
    /// let options = Options::new().state("film.mp4.koodrive-state");
    /// let downloaded = drive.download_file(download, "film.mp4", &options).await?;
    /// println!("{} bytes", downloaded.length);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn download_file(
        &self,
        download: Download,
        target: impl AsRef<Path>,
        options: &Options,
    ) -> Result<Downloaded, Error> {
        let (downloaded, state) = self.download_path(download, target.as_ref(), options).await?;
        remove(state).await?;
        Ok(downloaded)
    }

    /// Downloads into a file, and returns its state, which is to be removed.
    pub(crate) async fn download_path(
        &self,
        download: Download,
        target: &Path,
        options: &Options,
    ) -> Result<(Downloaded, Option<StateFile>), Error> {
        let (target, set) = (target.to_owned(), options.clone());
        let mut to = blocking(move || prepare::download_file(download, &target, &set)).await?;
        let store = Store::from(to.state.take());
        let state = store.file();
        let partial: Arc<dyn Sink> = to.partial.clone();
        let downloaded = self.receive(to.download, Output::Sink(partial), options, store).await?;
        let (is_there, length, durable) = (to.is_there, downloaded.length, options.durable);
        blocking(move || prepare::complete_file(&to.partial, is_there, length, durable)).await?;
        Ok((downloaded, owned(state)))
    }

    /// Downloads into a sink of your own, at any position. To keep the sink, pass a clone of its [`Arc`].
    ///
    /// What is in it before the download has ended with success is a part of the content, with gaps. With
    /// [`Options::state`], the same call goes on after an error or a drop, and expects in the sink what was there; the
    /// state is removed at the end. It takes a tokio runtime, whose threads for what may block write to the sink, and
    /// may finish a chunk after the future was dropped.
    pub async fn download_sink(
        &self,
        download: Download,
        sink: impl Sink + 'static,
        options: &Options,
    ) -> Result<Downloaded, Error> {
        let sink: Arc<dyn Sink> = Arc::new(sink);
        let (asked, set) = (Arc::clone(&sink), options.clone());
        let (download, state) = blocking(move || prepare::download(download, &*asked, &set)).await?;
        let store = Store::from(state);
        let state = store.file();
        let downloaded = self.receive(download, Output::Sink(sink), options, store).await?;
        remove(owned(state)).await?;
        Ok(downloaded)
    }

    /// Downloads into a writer, in order: one range after the other. It is flushed at the end.
    ///
    /// What was written can't be taken back: only a success says that it is all of the content, and right. If the file
    /// changes meanwhile, the download fails. It can't be resumed, since nothing tells what a writer has got:
    /// [`Options::state`] is refused.
    pub async fn download_writer(
        &self,
        download: Download,
        writer: impl AsyncWrite + Send + Unpin,
        options: &Options,
    ) -> Result<Downloaded, Error> {
        if options.state.is_some() {
            return Err(Error::local("a download into a writer can't be resumed, so it takes no state"));
        }
        let (download, _) = prepare::download(download, &InOrder::new(std::io::sink()), options)?;
        let writer = Writer::new(writer);
        let downloaded = self.receive(download, Output::Writer(&writer), options, Store::Nowhere).await?;
        let flush = async {
            writer.flush().await.map_err(|error| Error::local_io("what was received can't be written", error))
        };
        or_stop(options, flush).await?;
        Ok(downloaded)
    }

    async fn receive(
        &self,
        mut download: Download,
        output: Output<'_>,
        options: &Options,
        store: Store<'_>,
    ) -> Result<Downloaded, Error> {
        let lane = Lane { output, ..Lane::default() };
        self.drive(&mut download, Way { lane, stream: None }, options, store).await
    }
}
