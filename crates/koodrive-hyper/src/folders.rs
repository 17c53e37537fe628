//! Folders in one call each.

use std::future::{Future, poll_fn};
use std::path::Path;
use std::pin::Pin;
use std::task::Poll;

use koodrive_files::tree::{
    DownloadPlan, FileMove, FileWork, FolderFrom, FolderReport, FolderState, Moved, Moves, Ticket, UploadPlan,
};
use koodrive_files::{INTERVAL, Options, Stop, UploadTo};
use koodrive_proto::Error;

use crate::Client;
use crate::ends::{blocking, or_stop};

impl Client {
    /// Uploads a folder with all that is in it. It becomes a folder where `to` says, and is joined with one that is
    /// there.
    ///
    /// [`files::tree`](crate::files::tree) says what is moved and what isn't. All names are checked before anything is
    /// sent. [`Options::parallel`] small files move at a time, then one large file after the other; rate limit, stop
    /// and progress are those of all files together, and [`UploadTo::deadline`] that of each. Progress is told once the
    /// files move.
    ///
    /// A file that can't be moved doesn't end it: look at the [report](FolderReport), or
    /// [check](FolderReport::check) it. It ends with an error if the folder can't be read, its names are refused, or
    /// the folders can't be made; and when it is stopped, when its state can't be stored, and when the credentials are
    /// refused. The same as for [`upload_file`](Self::upload_file), nothing runs on then, nor if the future is dropped;
    /// the files that were finished stay where they are.
    ///
    /// With [`Options::state`], which is a directory, the same call goes on after whatever has ended it, and moves no
    /// file again that was finished and hasn't changed since. It is removed when all was moved, and stays if the report
    /// has something that wasn't. Without it, the same call finds the names of what was finished taken. A file of which
    /// it isn't known whether the service has begun it is among what failed, in each run again, until
    /// [`Upload::create_again`](koodrive_proto::flow::Upload::create_again) is set by [`UploadTo::with`]. A drop of the
    /// future can leave such files, even if it still connects for them; [`Options::stop`] waits for what came of those
    /// calls.
    ///
    /// ```no_run
    /// use koodrive_hyper::files::{Options, UploadTo};
    ///
    /// # async fn example(drive: &koodrive_hyper::Client) -> Result<(), koodrive_hyper::proto::Error> {
    /// let to = UploadTo::new("IAADfsBFCO6WtAtuA9add2fea594e4e75b8feb8474ef236");
    /// let options = Options::new().state("photos.koodrive-state");
    /// let report = drive.upload_folder("photos", &to, &options).await?;
    /// println!("{report}");
    /// report.check()?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn upload_folder(
        &self,
        path: impl AsRef<Path>,
        to: &UploadTo,
        options: &Options,
    ) -> Result<FolderReport, Error> {
        let (path, to, set) = (path.as_ref().to_owned(), to.clone(), options.clone());
        let prepared = blocking(move || {
            let plan = UploadPlan::new(&path, &to, set.state.as_deref())?;
            let open = |path| FolderState::upload(path, &to, &plan.name, set.durable);
            let state = set.state.as_deref().map(open).transpose()?;
            Ok((plan, state))
        });
        let (plan, state) = prepared.await?;
        let made = or_stop(options, self.run(&mut plan.make_folders())).await?;
        self.move_files(Moves::upload(plan, made, state, options), options).await
    }

    /// Downloads a folder with all that is in it. The target is the folder that gets that, and is made if it isn't
    /// there.
    ///
    /// [`files::tree`](crate::files::tree) says what is moved and what isn't, and
    /// [`local_names`](crate::files::local_names) which names files get: none is outside of the target. Each file is
    /// written beside its place, and gets its name when it is complete; one that is there stays, unless
    /// [`FolderFrom::existing`] says otherwise.
    ///
    /// All else is as with [`upload_folder`](Self::upload_folder): what moves at a time, the report, the errors that
    /// end it, and the state to go on from, which can't be in the target. It ends with an error also if the folder
    /// can't be listed, or the target can't be made. Without a state nothing of an unfinished file stays, and the same
    /// call finds those that were finished in the way.
    ///
    /// ```no_run
    /// use koodrive_hyper::files::{Options, tree::FolderFrom};
    ///
    /// # async fn example(drive: &koodrive_hyper::Client) -> Result<(), koodrive_hyper::proto::Error> {
    /// let space = "IAADfsBFCO6WtAtuA9add2fea594e4e75b8feb8474ef236";
    /// let from = FolderFrom::new(space).folder("FkbdCAceMj89bprz5xLJASID1eaRqjlRP");
    /// let options = Options::new().state("photos.koodrive-state");
    /// let report = drive.download_folder(&from, "photos", &options).await?;
    /// println!("{report}");
    /// report.check()?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn download_folder(
        &self,
        from: &FolderFrom,
        target: impl AsRef<Path>,
        options: &Options,
    ) -> Result<FolderReport, Error> {
        let (target, set) = (target.as_ref().to_owned(), options.clone());
        let tree = or_stop(options, self.run(&mut from.list())).await?;
        let from = from.clone();
        let prepared = blocking(move || {
            let (plan, report) = DownloadPlan::new(tree, &target, &from)?;
            let open = |path| FolderState::download(path, &from, &plan, set.durable);
            let state = set.state.as_deref().map(open).transpose()?;
            Ok(Moves::download(plan, report, &from, state, &set))
        });
        self.move_files(prepared.await?, options).await
    }

    /// Moves the files, each as a future of its own within this one.
    async fn move_files(&self, mut moves: Moves, options: &Options) -> Result<FolderReport, Error> {
        let mut running = Vec::new();
        loop {
            loop {
                let count = running.len();
                let file;
                (file, moves) = blocking(move || Ok((moves.next(count), moves))).await?;
                let Some(file) = file else { break };
                running.push(Box::pin(self.move_file(file)));
            }
            if running.is_empty() {
                let now = self.timer.now();
                return blocking(move || moves.finish(now)).await;
            }
            moves.tell(self.timer.now());
            let mut stopped = options.stop.as_ref().filter(|_| !moves.ended().is_stopped()).map(Stop::stopped);
            let mut tick = moves.is_told().then(|| self.timer.sleep(INTERVAL));
            let (done, is_stopped) = poll_fn(|cx| {
                let mut done = Vec::new();
                running.retain_mut(|file| match file.as_mut().poll(cx) {
                    Poll::Ready(result) => {
                        done.push(result);
                        false
                    }
                    Poll::Pending => true,
                });
                let is_told = tick.as_mut().is_some_and(|tick| tick.as_mut().poll(cx).is_ready());
                let is_stopped = stopped.as_mut().is_some_and(|stopped| Pin::new(stopped).poll(cx).is_ready());
                if is_told || is_stopped || !done.is_empty() { Poll::Ready((done, is_stopped)) } else { Poll::Pending }
            })
            .await;
            if is_stopped {
                moves.stop();
            }
            if !done.is_empty() {
                moves = blocking(move || {
                    for (ticket, result) in done {
                        moves.done(ticket, result);
                    }
                    Ok(moves)
                })
                .await?;
            }
        }
    }

    async fn move_file(&self, file: FileMove) -> (Ticket, Result<Moved, Error>) {
        let FileMove { work, options, ticket, .. } = file;
        let result = match work {
            FileWork::Upload { source, to } => {
                let uploaded = self.upload_path(&source, &to, &options).await;
                uploaded.map(|(uploaded, state)| Moved::uploaded(uploaded, state))
            }
            FileWork::Download { download, target } => {
                let downloaded = self.download_path(*download, &target, &options).await;
                downloaded.map(|(downloaded, state)| Moved::downloaded(&downloaded, state))
            }
        };
        (ticket, result)
    }
}
