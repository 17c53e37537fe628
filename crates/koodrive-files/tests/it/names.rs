//! Names from the server: whatever they are, they become names of files in their folder.

use std::collections::BTreeSet;
use std::path::{Component, Path};

use koodrive_files::local_names;
use proptest::prelude::*;

/// Names, and pieces of them, that are something else on some system.
const BAD: [&str; 46] = [
    "",
    ".",
    "..",
    "...",
    " ",
    ". ",
    "/",
    "\\",
    "/etc/passwd",
    "\\\\host\\share",
    "C:",
    "C:\\a",
    "a:b",
    "a::$DATA",
    "\0",
    "a\0b",
    "\n",
    "\u{7f}",
    "\u{85}",
    "con",
    "CON",
    "Con.txt",
    "con .txt",
    "nul",
    "NUL.tar.gz",
    "aux",
    "prn",
    "COM1",
    "com¹",
    "LPT9.x",
    "conin$",
    "CONOUT$.txt",
    "clock$",
    "com0",
    "a.",
    "a ",
    "a. .",
    "~",
    "x.koodrive-part",
    ".koodrive-state",
    "x.KooDrive-Part",
    "x.koodrive-part.",
    "<",
    "a|b",
    "q?",
    "*\"",
];
/// Names that any system takes, some of them equal but for case.
const FINE: [&str; 22] = [
    "a",
    "A",
    "a (2)",
    "A (2)",
    "a.txt",
    "A.txt",
    "a (2).txt",
    ".txt",
    "..a",
    "a b",
    " a",
    "ß",
    "ẞ",
    "ss",
    "SS",
    "ς",
    "Σ",
    "K",
    "k",
    "%2E",
    "\u{e9}",
    "com10",
];

pub(crate) fn name() -> impl Strategy<Value = String> {
    let known = || prop_oneof![prop::sample::select(&BAD[..]), prop::sample::select(&FINE[..])].prop_map(str::to_owned);
    let long = ("[aAé. ~/]{0,3}", known(), 230..270_usize, known())
        .prop_map(|(begin, piece, len, end)| format!("{begin}{}{end}", piece.repeat(len / piece.len().max(1))));
    prop_oneof![
        8 => known(),
        4 => prop::collection::vec(known(), 0..4).prop_map(|pieces| pieces.concat()),
        2 => prop::collection::vec(any::<char>(), 0..80).prop_map(|chars| chars.into_iter().collect()),
        1 => long,
    ]
}

/// The rule of Windows, which is the strictest, in words of its own.
fn is_fine(name: &str) -> bool {
    let lower = name.to_lowercase();
    let stem = lower.split('.').next().unwrap().trim_end();
    let devices = ["con", "prn", "aux", "nul", "conin$", "conout$", "clock$"].map(str::to_owned);
    let ports = ["com", "lpt"].iter().flat_map(|port| "0123456789¹²³".chars().map(move |n| format!("{port}{n}")));
    !name.is_empty()
        && name.len() <= 255
        && !name.chars().any(|char| char.is_control() || "<>:\"/\\|?*".contains(char))
        && !name.ends_with([' ', '.'])
        && !devices.into_iter().chain(ports).any(|device| device == stem)
        && !lower.ends_with(".koodrive-part")
        && !lower.ends_with(".koodrive-state")
}

fn names(entries: &[(String, String)]) -> Vec<String> {
    let entries: Vec<(&str, &str)> = entries.iter().map(|(id, name)| (id.as_str(), name.as_str())).collect();
    local_names(&entries).into_iter().map(|named| named.name).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn each_is_a_name_of_its_own(
        given in prop::collection::vec(name(), 0..30),
        moved in prop::collection::vec(any::<prop::sample::Index>(), 0..30),
    ) {
        let mut entries: Vec<(String, String)> =
            given.into_iter().enumerate().map(|(at, name)| (format!("F{at}"), name)).collect();
        let named = names(&entries);
        prop_assert_eq!(named.len(), entries.len());
        for name in &named {
            prop_assert!(is_fine(name), "{:?}", name);
            let components: Vec<Component<'_>> = Path::new(name).components().collect();
            prop_assert_eq!(components, [Component::Normal(name.as_ref())]);
        }
        // No two are equal, by whichever case a system compares them.
        for fold in [str::to_lowercase, str::to_uppercase, |name: &str| name.to_owned()] {
            let folded: BTreeSet<String> = named.iter().map(|name| fold(name)).collect();
            prop_assert_eq!(folded.len(), named.len(), "{:?}", &named);
        }
        // What was fine stays, unless another one that was fine equals it.
        let equal = |a: &str, b: &str| {
            a.to_lowercase().to_uppercase() == b.to_lowercase().to_uppercase()
                || a.to_uppercase().to_lowercase() == b.to_uppercase().to_lowercase()
        };
        for (at, (_, given)) in entries.iter().enumerate() {
            let has_equal = || entries.iter().enumerate().any(|(other, (_, name))| other != at && equal(name, given));
            prop_assert!(named[at] == *given || !is_fine(given) || has_equal(), "{:?} is {:?}", given, &named[at]);
        }
        let flags: Vec<bool> = {
            let entries: Vec<(&str, &str)> = entries.iter().map(|(id, name)| (id.as_str(), name.as_str())).collect();
            local_names(&entries).iter().map(|named| named.is_renamed).collect()
        };
        let changed: Vec<bool> = entries.iter().zip(&named).map(|((_, given), name)| given != name).collect();
        prop_assert_eq!(flags, changed);

        // In any order of the entries.
        let before: BTreeSet<(String, String)> =
            entries.iter().zip(&named).map(|((id, _), name)| (id.clone(), name.clone())).collect();
        for (at, index) in moved.iter().enumerate() {
            if at < entries.len() {
                let other = index.index(entries.len());
                entries.swap(at, other);
            }
        }
        let named = names(&entries);
        let after: BTreeSet<(String, String)> = entries.into_iter().map(|(id, _)| id).zip(named).collect();
        prop_assert_eq!(before, after);
    }
}

#[test]
fn by_the_table() {
    let long = "é".repeat(200);
    let table = [
        ("a/b\\c", "a%2Fb%5Cc"),
        ("C:", "C%3A"),
        ("nul\0", "nul%00"),
        ("\u{85}", "%C2%85"),
        (".", "%2E"),
        ("..", "%2E%2E"),
        ("a. .", "a%2E%20%2E"),
        ("", "_"),
        ("Con .tar.gz", "_Con .tar.gz"),
        ("LPT¹", "_LPT¹"),
        ("x.KOODRIVE-PART", "x.KOODRIVE-PART_"),
        (".hidden", ".hidden"),
    ];
    for (given, expected) in table {
        assert_eq!(names(&[("F1".into(), given.into())]), [expected], "{given:?}");
    }
    let shortened = format!("{}~.txt", "é".repeat(125));
    assert_eq!(names(&[("F1".into(), format!("{long}.txt"))]), [shortened]);
    // A name that is fine keeps it, also against one that was numbered to it, and one with a lower id that became it.
    let given = ["A", "a", "A (2)", "a%2Fb", "a/b"].map(str::to_owned);
    let entries: Vec<(String, String)> =
        ["F5", "F1", "F3", "F9", "F0"].map(str::to_owned).into_iter().zip(given).collect();
    assert_eq!(names(&entries), ["A (3)", "a", "A (2)", "a%2Fb", "a%2Fb (2)"]);
}

/// All that any character's cases lead to is the same name.
#[test]
fn case_is_compared_for_every_character() {
    for char in ('\0'..=char::MAX).filter(|char| !char.is_control()) {
        let given = char.to_string();
        for other in [given.to_uppercase(), given.to_lowercase(), given.to_uppercase().to_lowercase()] {
            if other != given {
                let [first, second] =
                    &names(&[("F1".into(), format!("{given}.x")), ("F2".into(), format!("{other}.x"))])[..]
                else {
                    unreachable!()
                };
                assert_eq!(*first, format!("{given}.x"));
                assert_eq!(*second, format!("{other} (2).x"));
            }
        }
    }
}
