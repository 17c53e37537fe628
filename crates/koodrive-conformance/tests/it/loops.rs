//! Whatever a flow is part of, each transport has one loop that drives it.

use std::fs;
use std::path::Path;

#[test]
fn one_loop() {
    for transport in ["koodrive-ureq", "koodrive-hyper"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(transport).join("src");
        let sources = fs::read_dir(folder).unwrap().map(|entry| fs::read_to_string(entry.unwrap().path()).unwrap());
        let loops = sources.map(|source| source.matches(".resume(").count()).sum::<usize>();
        assert_eq!(loops, 1, "{transport}");
    }
}
