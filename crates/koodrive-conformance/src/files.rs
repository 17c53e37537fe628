//! What both transports do with files, for one script of tests.

use std::io::Cursor;
use std::path::Path;
use std::sync::Arc;

use koodrive_files::tree::{FolderFrom, FolderReport};
use koodrive_files::{Options, Sink, Source, UploadTo};
use koodrive_proto::Error;
use koodrive_proto::flow::{Download, Downloaded, Uploaded};

use crate::{Async, Blocking, Transport};

/// A transport that moves files.
pub trait Files: Transport {
    /// Uploads a file.
    fn upload_file(&self, path: &Path, to: &UploadTo, options: &Options) -> Result<Uploaded, Error>;

    /// Uploads a source.
    fn upload_source(&self, source: Arc<dyn Source>, to: &UploadTo, options: &Options) -> Result<Uploaded, Error>;

    /// Uploads bytes as a stream that can be read once, whose length is told or not.
    fn upload_stream(
        &self,
        bytes: Vec<u8>,
        length: Option<u64>,
        to: &UploadTo,
        options: &Options,
    ) -> Result<Uploaded, Error>;

    /// Uploads a folder.
    fn upload_folder(&self, path: &Path, to: &UploadTo, options: &Options) -> Result<FolderReport, Error>;

    /// Downloads a folder.
    fn download_folder(&self, from: &FolderFrom, target: &Path, options: &Options) -> Result<FolderReport, Error>;

    /// Downloads to a file.
    fn download_file(&self, download: Download, target: &Path, options: &Options) -> Result<Downloaded, Error>;

    /// Downloads to a sink.
    fn download_sink(&self, download: Download, sink: Arc<dyn Sink>, options: &Options) -> Result<Downloaded, Error>;

    /// Downloads to what can be written once, and returns that.
    fn download_stream(&self, download: Download, options: &Options) -> Result<(Downloaded, Vec<u8>), Error>;
}

impl Files for Blocking {
    fn upload_folder(&self, path: &Path, to: &UploadTo, options: &Options) -> Result<FolderReport, Error> {
        self.0.upload_folder(path, to, options)
    }

    fn download_folder(&self, from: &FolderFrom, target: &Path, options: &Options) -> Result<FolderReport, Error> {
        self.0.download_folder(from, target, options)
    }

    fn upload_file(&self, path: &Path, to: &UploadTo, options: &Options) -> Result<Uploaded, Error> {
        self.0.upload_file(path, to, options)
    }

    fn upload_source(&self, source: Arc<dyn Source>, to: &UploadTo, options: &Options) -> Result<Uploaded, Error> {
        self.0.upload_source(&source, to, options)
    }

    fn upload_stream(
        &self,
        bytes: Vec<u8>,
        length: Option<u64>,
        to: &UploadTo,
        options: &Options,
    ) -> Result<Uploaded, Error> {
        self.0.upload_reader(Cursor::new(bytes), length, to, options)
    }

    fn download_file(&self, download: Download, target: &Path, options: &Options) -> Result<Downloaded, Error> {
        self.0.download_file(download, target, options)
    }

    fn download_sink(&self, download: Download, sink: Arc<dyn Sink>, options: &Options) -> Result<Downloaded, Error> {
        self.0.download_sink(download, &sink, options)
    }

    fn download_stream(&self, download: Download, options: &Options) -> Result<(Downloaded, Vec<u8>), Error> {
        let mut bytes = Vec::new();
        let downloaded = self.0.download_writer(download, &mut bytes, options)?;
        Ok((downloaded, bytes))
    }
}

impl Files for Async {
    fn upload_folder(&self, path: &Path, to: &UploadTo, options: &Options) -> Result<FolderReport, Error> {
        self.runtime.block_on(self.client.upload_folder(path, to, options))
    }

    fn download_folder(&self, from: &FolderFrom, target: &Path, options: &Options) -> Result<FolderReport, Error> {
        self.runtime.block_on(self.client.download_folder(from, target, options))
    }

    fn upload_file(&self, path: &Path, to: &UploadTo, options: &Options) -> Result<Uploaded, Error> {
        self.runtime.block_on(self.client.upload_file(path, to, options))
    }

    fn upload_source(&self, source: Arc<dyn Source>, to: &UploadTo, options: &Options) -> Result<Uploaded, Error> {
        self.runtime.block_on(self.client.upload_source(source, to, options))
    }

    fn upload_stream(
        &self,
        bytes: Vec<u8>,
        length: Option<u64>,
        to: &UploadTo,
        options: &Options,
    ) -> Result<Uploaded, Error> {
        self.runtime.block_on(self.client.upload_reader(Cursor::new(bytes), length, to, options))
    }

    fn download_file(&self, download: Download, target: &Path, options: &Options) -> Result<Downloaded, Error> {
        self.runtime.block_on(self.client.download_file(download, target, options))
    }

    fn download_sink(&self, download: Download, sink: Arc<dyn Sink>, options: &Options) -> Result<Downloaded, Error> {
        self.runtime.block_on(self.client.download_sink(download, sink, options))
    }

    fn download_stream(&self, download: Download, options: &Options) -> Result<(Downloaded, Vec<u8>), Error> {
        let mut bytes = Vec::new();
        let downloaded = self.runtime.block_on(self.client.download_writer(download, &mut bytes, options))?;
        Ok((downloaded, bytes))
    }
}
