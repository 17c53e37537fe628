//! Computes what an instant upload of a file needs, and the midstates for parts that are sent at the same time.

#![expect(clippy::disallowed_methods, clippy::disallowed_types, reason = "an example is a program")]

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use koodrive_proto::transfer::{Digest, Fingerprint, Fingerprinting, proof_range};
use lexopt::prelude::{Long, Short, Value, ValueExt};
use serde_json::json;

const USAGE: &str = "\
Computes the fingerprint of a file for KooDrive, as JSON: sha256, pre_hash, proof and hash_ctx.

usage: fingerprint --origin TEXT [--cut N]... FILE

  --origin TEXT  the value of X-User-Id if requests are signed, otherwise that of Authorization, as it is sent; or the
                 environment variable KOODRIVE_ORIGIN, which other users of the machine can't see
  --cut N        an offset, a multiple of 64 within the file, at which a part begins: adds the state of SHA-256 there";

type Result<T, E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("fingerprint: {error}\n\nTry --help.");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<()> {
    let (mut origin, mut cuts, mut path) = (std::env::var("KOODRIVE_ORIGIN").ok(), Vec::new(), None::<PathBuf>);
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("help") | Short('h') => return Ok(writeln!(io::stdout(), "{USAGE}")?),
            Long("origin") => origin = Some(parser.value()?.string()?),
            Long("cut") => cuts.push(parser.value()?.parse::<u64>()?),
            Value(file) if path.is_none() => path = Some(file.into()),
            _ => return Err(argument.unexpected().into()),
        }
    }
    let origin = origin.ok_or("--origin is missing")?;
    let path = path.ok_or("which file?")?;
    if let Some(cut) = cuts.iter().find(|cut| **cut % 64 != 0) {
        return Err(format!("--cut {cut} is no multiple of 64").into());
    }
    let in_file = |error| format!("{}: {error}", path.display());
    let mut file = File::open(&path).map_err(in_file)?;
    let fingerprint = fingerprint(&mut file, &cuts).map_err(in_file)?;
    if let Some(cut) = cuts.iter().find(|cut| **cut > fingerprint.length) {
        return Err(format!("--cut {cut} is behind the end of the file, which has {} bytes", fingerprint.length).into());
    }
    let proof = match proof_range(&origin, fingerprint.length) {
        None => None,
        Some(range) => {
            let mut bytes = vec![0; usize::try_from(range.end - range.start)?];
            file.seek(SeekFrom::Start(range.start)).map_err(in_file)?;
            file.read_exact(&mut bytes).map_err(in_file)?;
            let proof_code = Digest::of(&bytes).to_string();
            Some(json!({"start": range.start, "end": range.end, "proof_code": proof_code}))
        }
    };
    let hash_ctx: Vec<_> = fingerprint
        .midstates
        .iter()
        .map(|(offset, midstate)| json!({"part_offset": offset, "words": midstate.words()}))
        .collect();
    let result = json!({
        "sha256": fingerprint.sha256,
        "pre_hash": fingerprint.pre_hash,
        "proof": proof,
        "hash_ctx": hash_ctx,
    });
    let mut out = io::stdout().lock();
    serde_json::to_writer_pretty(&mut out, &result)?;
    Ok(out.write_all(b"\n")?)
}

/// One pass over the file.
fn fingerprint(file: &mut File, cuts: &[u64]) -> io::Result<Fingerprint> {
    let mut pass = Fingerprinting::new(cuts.iter().copied());
    let mut chunk = vec![0; 1024 * 1024];
    loop {
        match file.read(&mut chunk) {
            Ok(0) => return Ok(pass.finish()),
            Ok(read) => pass.feed(chunk.get(..read).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}
