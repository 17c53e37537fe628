//! Hashes, proof, plan and exact length, against an independent implementation and against sha2.

use std::process::Command;

use koodrive_proto::Operation;
use koodrive_proto::ops::files::{CreateFile, FileType, NewPart, OnConflict};
use koodrive_proto::transfer::{Digest, ExactLength, Fingerprinting, Hasher, Plan, WrongLength, proof_range};
use proptest::prelude::*;
use serde_json::{Value, json};
use sha2::Digest as _;

fn content(size: u64, seed: u64) -> Vec<u8> {
    (0..size).map(|at| u8::try_from((at * 31 + seed) % 251).unwrap()).collect()
}

/// The example writes what an independent implementation computed.
#[test]
fn vectors() {
    let vectors: Vec<Value> = serde_json::from_str(include_str!("../../facts/transfer.json")).unwrap();
    assert_eq!(vectors.len(), 5);
    for (number, vector) in vectors.iter().enumerate() {
        let bytes = content(vector["size"].as_u64().unwrap(), vector["seed"].as_u64().unwrap());
        let file = std::env::temp_dir().join(format!("koodrive-fingerprint-{}-{number}", std::process::id()));
        std::fs::write(&file, bytes).unwrap();
        let mut example = Command::new(env!("CARGO"));
        example.args(["run", "--quiet", "--example", "fingerprint", "--", "--origin"]);
        example.arg(vector["origin"].as_str().unwrap());
        for cut in vector["hash_ctx"].as_array().unwrap() {
            example.args(["--cut", &cut["part_offset"].to_string()]);
        }
        let output = example.arg(&file).output().unwrap();
        std::fs::remove_file(&file).unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let written: Value = serde_json::from_slice(&output.stdout).unwrap();
        let member = |name: &str| (name.to_owned(), vector[name].clone());
        let wanted: Value = ["sha256", "pre_hash", "proof", "hash_ctx"].map(member).into_iter().collect();
        assert_eq!(written, wanted);
    }
}

proptest! {
    /// However it is cut into chunks, and wherever it is resumed.
    #[test]
    fn sha256(bytes in prop::collection::vec(any::<u8>(), 0..600), chunk in 1..200_usize, resumed in 0..10_usize) {
        let mut hasher = Hasher::new();
        for (at, chunk) in bytes.chunks(chunk).enumerate() {
            hasher.feed(chunk);
            if let Some(midstate) = hasher.midstate().filter(|_| at == resumed) {
                hasher = Hasher::resume(hasher.fed(), midstate).unwrap();
            }
        }
        let digest = hasher.finish();
        prop_assert_eq!(&digest.as_bytes()[..], &sha2::Sha256::digest(&bytes)[..]);
        prop_assert_eq!(digest.to_string().to_uppercase().parse::<Digest>().unwrap(), digest);
    }

    /// The midstate at each cut leads to the hash of the whole, and the beginning has its own.
    #[test]
    fn one_pass(
        length in 0..3000_u64,
        cuts in prop::collection::vec(0..50_u64, 0..6),
        odd in 0..3000_u64,
        chunk in 1..1000_usize,
    ) {
        let bytes = content(length, 3);
        let mut pass = Fingerprinting::new(cuts.iter().map(|cut| cut * 64).chain([odd | 1]));
        bytes.chunks(chunk).for_each(|chunk| pass.feed(chunk));
        let print = pass.finish();
        prop_assert_eq!(print.length, length);
        prop_assert_eq!(print.sha256, Digest::of(&bytes));
        prop_assert_eq!(print.pre_hash, Digest::of(&bytes[..bytes.len().min(1024)]));
        let mut wanted: Vec<u64> = cuts.iter().map(|cut| cut * 64).filter(|cut| *cut > 0 && *cut <= length).collect();
        wanted.sort_unstable();
        wanted.dedup();
        prop_assert_eq!(print.midstates.iter().map(|(at, _)| *at).collect::<Vec<_>>(), wanted);
        for (at, midstate) in print.midstates {
            let mut rest = Hasher::resume(at, midstate).unwrap();
            rest.feed(&bytes[usize::try_from(at).unwrap()..]);
            prop_assert_eq!(rest.finish(), print.sha256);
        }
    }

    /// The proof is of up to 8 bytes inside the file, wherever that is.
    #[test]
    fn proofs(origin in ".{0,40}", length in any::<u64>()) {
        match proof_range(&origin, length) {
            None => prop_assert_eq!(length, 0),
            Some(range) => {
                prop_assert!(range.start < range.end && range.end <= length);
                prop_assert!(range.end - range.start == 8 || range.end == length);
            }
        }
    }

    /// All lengths: the parts cover the file, and the service takes them.
    #[test]
    fn plans(
        length in prop_oneof![0..=Plan::MAX_LENGTH, 0..30_000_000_u64, edges()],
        size in prop::option::of(prop_oneof![5_242_880..=5_368_709_120_u64, edges(), any::<u64>()]),
    ) {
        let allowed = |size: u64| {
            (5_242_880..=5_368_709_120).contains(&size) && size % 64 == 0 && length.div_ceil(size) <= 10_000
        };
        match Plan::new(length, size) {
            Err(error) => {
                let names_length = error.to_string().contains("length");
                prop_assert_eq!(names_length, length > Plan::MAX_LENGTH);
                prop_assert!(names_length || size.is_some_and(|size| !allowed(size)), "{}", error);
            }
            Ok(plan) => {
                prop_assert!(allowed(plan.part_size()) && size.is_none_or(|size| size == plan.part_size()));
                prop_assert!(plan.part(0).is_none() && plan.part(plan.count() + 1).is_none());
                let (mut end, mut count) = (0, 0);
                for part in plan.parts() {
                    count += 1;
                    prop_assert_eq!((part.number, part.offset), (count, end));
                    prop_assert!(part.len == plan.part_size() || count == plan.count() && part.len < plan.part_size());
                    prop_assert!(part.len > 0 || length == 0);
                    end += part.len;
                }
                prop_assert_eq!((end, count), (length, plan.count()));
                if count < 200 {
                    let parts = plan.parts().map(|part| {
                        NewPart::new(part.number, part.len).part_offset(part.offset).hash_ctx([7; 8])
                    });
                    let parts: Vec<_> = parts.collect();
                    let create = CreateFile::new("name", FileType::Miscellaneous, "root", length)
                        .auto_rename(OnConflict::Rename)
                        .container_id("S")
                        .multi_parts(parts);
                    prop_assert!(create.check().is_ok(), "{:?}", create.check());
                }
            }
        }
    }

    /// Exactly so many bytes, in any chunks.
    #[test]
    fn exact(expected in 0..100_u64, chunks in prop::collection::vec(0..40_usize, 0..6)) {
        let mut exact = ExactLength::new(expected);
        let mut fed = 0;
        for chunk in chunks {
            let more = u64::try_from(chunk).unwrap();
            if fed + more > expected {
                prop_assert_eq!(exact.feed(&vec![0; chunk]), Err(WrongLength::Long { expected }));
                break;
            }
            prop_assert_eq!(exact.feed(&vec![0; chunk]), Ok(()));
            fed += more;
        }
        prop_assert_eq!((exact.fed(), exact.left()), (fed, expected - fed));
        let short = WrongLength::Short { got: fed, expected };
        prop_assert_eq!(exact.finish(), if fed < expected { Err(short) } else { Ok(()) });
    }
}

/// Numbers around which something changes.
fn edges() -> impl Strategy<Value = u64> {
    let near = [0, 64, 5_242_880, 16_777_216, 167_772_160_000, 5_368_709_120, Plan::MAX_LENGTH, 1 << 63];
    (prop::sample::select(near.to_vec()), 0..130_u64).prop_map(|(near, by)| near.saturating_add(by).saturating_sub(65))
}

/// A larger file needs larger parts, and the error of a size that is too small says which.
#[test]
fn parts_of_large_files() {
    let plan = Plan::new(Plan::MAX_LENGTH, None).unwrap();
    assert_eq!((plan.part_size(), plan.count()), (21 << 20, 9753));
    let error = Plan::new(Plan::MAX_LENGTH, Some(5 << 20)).unwrap_err().to_string();
    assert!(error.contains("21474880 to 5368709120 bytes, a multiple of 64, since there are at most 10000"), "{error}");
    assert!(Plan::new(Plan::MAX_LENGTH, Some(21_474_880)).is_ok());
    assert_eq!(json!(Digest::of(b"")), json!("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
}
