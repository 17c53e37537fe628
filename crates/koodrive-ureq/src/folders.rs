//! Folders in one call each.

use std::panic::resume_unwind;
use std::path::Path;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Instant;

use koodrive_files::tree::{
    DownloadPlan, FileMove, FileWork, FolderFrom, FolderReport, FolderState, Moved, Moves, Ticket, UploadPlan,
};
use koodrive_files::{INTERVAL, Options, Stop, UploadTo};
use koodrive_proto::{Error, Flow};

use crate::Client;
use crate::ends::{Context, Driven, Ends};
use crate::transfer::{Ending, start};

impl Client {
    /// Uploads a folder with all that is in it. It becomes a folder where `to` says, and is joined with one that is
    /// there.
    ///
    /// ```no_run
    /// # use koodrive_ureq::files::{Options, UploadTo};
    /// # fn example(drive: &koodrive_ureq::Client) -> Result<(), koodrive_proto::Error> {
    /// let to = UploadTo::new("IAADfsBFCO6WtAtuA9add2fea594e4e75b8feb8474ef236");
    /// let options = Options::new().state("photos.koodrive-state");
    /// let report = drive.upload_folder("photos", &to, &options)?;
    /// println!("{report}");
    /// report.check()?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// [`files::tree`](crate::files::tree) says what is moved and what isn't. All names are checked before anything is
    /// sent. [`Options::parallel`] small files move at a time, then one large file after the other; rate limit, stop
    /// and progress are those of all files together, and [`UploadTo::deadline`] that of each. Progress is told once the
    /// files move.
    ///
    /// A file that can't be moved doesn't end it: look at the [report](FolderReport), or
    /// [check](FolderReport::check) it. It ends with an error if the folder can't be read, its names are refused, or
    /// the folders can't be made; and when it is stopped, when its state can't be stored, and when the credentials are
    /// refused. Nothing runs on then, and the files that were finished stay where they are.
    ///
    /// With [`Options::state`], which is a directory, the same call goes on after whatever has ended it, and moves no
    /// file again that was finished and hasn't changed since. It is removed when all was moved, and stays if the report
    /// has something that wasn't. Without it, the same call finds the names of what was finished taken. A file of which
    /// it isn't known whether the service has begun it is among what failed, in each run again, until
    /// [`Upload::create_again`](koodrive_proto::flow::Upload::create_again) is set by [`UploadTo::with`].
    pub fn upload_folder(
        &self,
        path: impl AsRef<Path>,
        to: &UploadTo,
        options: &Options,
    ) -> Result<FolderReport, Error> {
        let plan = UploadPlan::new(path.as_ref(), to, options.state.as_deref())?;
        let open = |path| FolderState::upload(path, to, &plan.name, options.durable);
        let state = options.state.as_deref().map(open).transpose()?;
        let made = self.run_or_stop(&mut plan.make_folders(), options)?;
        self.move_files(Moves::upload(plan, made, state, options), options)
    }

    /// Downloads a folder with all that is in it. The target is the folder that gets that, and is made if it isn't
    /// there.
    ///
    /// ```no_run
    /// # use koodrive_ureq::files::{Options, tree::FolderFrom};
    /// # fn example(drive: &koodrive_ureq::Client) -> Result<(), koodrive_proto::Error> {
    /// let space = "IAADfsBFCO6WtAtuA9add2fea594e4e75b8feb8474ef236";
    /// let from = FolderFrom::new(space).folder("FkbdCAceMj89bprz5xLJASID1eaRqjlRP");
    /// let options = Options::new().state("photos.koodrive-state");
    /// let report = drive.download_folder(&from, "photos", &options)?;
    /// println!("{report}");
    /// report.check()?;
    /// # Ok(())
    /// # }
    /// ```
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
    pub fn download_folder(
        &self,
        from: &FolderFrom,
        target: impl AsRef<Path>,
        options: &Options,
    ) -> Result<FolderReport, Error> {
        let tree = self.run_or_stop(&mut from.list(), options)?;
        let (plan, report) = DownloadPlan::new(tree, target.as_ref(), from)?;
        let open = |path| FolderState::download(path, from, &plan, options.durable);
        let state = options.state.as_deref().map(open).transpose()?;
        self.move_files(Moves::download(plan, report, from, state, options), options)
    }

    fn run_or_stop<F: Flow>(&self, flow: &mut F, options: &Options) -> Result<F::Output, Error> {
        match self.drive(flow, &Context { stops: [options.stop.as_ref(), None], ..Context::new(Ends::none()) }) {
            Driven::Done(result) => result,
            Driven::Stopped { .. } => Err(Error::stopped()),
        }
    }

    /// Moves the files, each on a thread of its own, which has others for its parts.
    fn move_files(&self, mut moves: Moves, options: &Options) -> Result<FolderReport, Error> {
        let ended = moves.ended();
        thread::scope(|scope| {
            // Whatever ends this, a panic too: nobody is waited for longer than a chunk takes.
            let _ends = Ending(&ended);
            let (report, reports) = channel();
            let mut running = 0;
            loop {
                while let Some(file) = moves.next(running) {
                    match start(scope, &report, || self.move_file(file)) {
                        Ok(()) => running += 1,
                        Err(error) => moves.end(error),
                    }
                }
                if running == 0 {
                    return moves.finish(Instant::now());
                }
                moves.tell(Instant::now());
                let is_watched = moves.is_told() || options.stop.is_some();
                let done = if is_watched { reports.recv_timeout(INTERVAL).ok() } else { reports.recv().ok() };
                if options.stop.as_ref().is_some_and(Stop::is_stopped) {
                    moves.stop();
                }
                if let Some(done) = done {
                    running -= 1;
                    let (ticket, result) = done.unwrap_or_else(|panic| resume_unwind(panic));
                    moves.done(ticket, result);
                }
            }
        })
    }

    fn move_file(&self, file: FileMove) -> (Ticket, Result<Moved, Error>) {
        let FileMove { work, options, ticket, .. } = file;
        let result = match work {
            FileWork::Upload { source, to } => {
                self.upload_path(&source, &to, &options).map(|(uploaded, state)| Moved::uploaded(uploaded, state))
            }
            FileWork::Download { download, target } => self
                .download_path(*download, &target, &options)
                .map(|(downloaded, state)| Moved::downloaded(&downloaded, state)),
        };
        (ticket, result)
    }
}
