//! How names from the server become names of local files.

use std::collections::{HashMap, HashSet};
use std::fmt::Write;

use crate::partial;

/// How many bytes a name may have: what the usual file systems take. It is never more in UTF-16, which Windows counts.
const LONGEST: usize = 255;
/// How many bytes an end like `.txt` may have that is kept when a name is shortened.
const LONGEST_END: usize = 32;
/// The names of devices on Windows, which no file can have, with any end.
const DEVICES: [&str; 7] = ["con", "prn", "aux", "nul", "conin$", "conout$", "clock$"];
/// What the files of a transfer end with.
const OURS: [&str; 2] = [partial::SUFFIX, ".koodrive-state"];

/// The name that an entry gets in its local folder.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LocalName {
    /// The name: one component of a path, and another one for each entry of the folder.
    pub name: String,
    /// Whether it isn't the name that the server gave.
    pub is_renamed: bool,
}

/// Turns the names in one folder of the server, each with its id, into names of local files, in the same order.
///
/// The rule is the same on all systems, so that a tree that was downloaded on Linux can be copied to Windows. No name
/// is refused; what can't be a name of a file is changed, in this order:
///
/// | name | what it becomes | example |
/// | --- | --- | --- |
/// | `/ \ < > : " \| ? *`, NUL and other control characters | `%` and their code, byte by byte | `a/b` is `a%2Fb` |
/// | dots and spaces at the end, so also `.` and `..` | the same | `..` is `%2E%2E` |
/// | empty | `_` | |
/// | a device of Windows (CON, NUL, COM1, LPT¹ ...), with any end | `_` before it | `nul.txt` is `_nul.txt` |
/// | the end of our own files: `.koodrive-part`, `.koodrive-state` | `_` behind it | `a.koodrive-part_` |
/// | longer than 255 bytes | shortened, with `~` there; an end of up to 32 bytes stays | `aaaa~.txt` |
/// | equal to another one in the folder, but for case | numbered | `a (2).txt` |
///
/// So `..`, absolute paths, drives (`C:`) and streams (`a:b`) are names like any other, and no name leaves its folder.
/// A `%` itself isn't changed.
///
/// Of names that are equal, one that needn't be changed goes first, then the one with the lower id: the order of the
/// entries doesn't matter, and the same folder always gets the same names. In a folder that has changed, numbers may
/// be others.
///
/// Case is compared by Unicode's mappings, which includes what Windows and macOS take for equal. Not compared are forms
/// of Unicode normalization: a precomposed `é` and an `e` with an accent are two names here and on most systems, but
/// one on macOS. Nor are the short names (`PROGRA~1`) that Windows may give to files by itself. There, the second of
/// them is found in the way.
///
/// ```
/// use koodrive_files::local_names;
///
/// let names = local_names(&[("F1", "plan.pdf"), ("F2", "Plan.pdf"), ("F3", "../etc")]);
/// assert_eq!(names[0].name, "plan.pdf");
/// assert_eq!(names[1].name, "Plan (2).pdf");
/// assert_eq!((names[2].name.as_str(), names[2].is_renamed), ("..%2Fetc", true));
/// ```
pub fn local_names(entries: &[(&str, &str)]) -> Vec<LocalName> {
    let mut names: Vec<LocalName> = entries
        .iter()
        .map(|(_, name)| {
            let safe = safe(name);
            LocalName { is_renamed: safe != *name, name: safe }
        })
        .collect();
    let mut order: Vec<usize> = (0..names.len()).collect();
    order.sort_by_key(|at| (names[*at].is_renamed, entries[*at]));
    let mut taken = HashSet::new();
    order.retain(|at| !taken.insert(folded(&names[*at].name)));
    // What is left has a name that is taken.
    let mut numbers: HashMap<String, u64> = HashMap::new();
    for at in order {
        let number = numbers.entry(folded(&names[at].name)).or_insert(1);
        let name = loop {
            *number += 1;
            let name = with_mark(&names[at].name, &format!(" ({number})"));
            if taken.insert(folded(&name)) {
                break name;
            }
        };
        names[at] = LocalName { name, is_renamed: true };
    }
    names
}

/// Changes a name to one that a file can have on all systems.
fn safe(name: &str) -> String {
    let end = name.trim_end_matches(['.', ' ']).len();
    let mut safe = String::with_capacity(name.len());
    for (at, char) in name.char_indices() {
        if at >= end || char.is_control() || r#"/\<>:"|?*"#.contains(char) {
            for byte in char.encode_utf8(&mut [0; 4]).bytes() {
                let _ = write!(safe, "%{byte:02X}");
            }
        } else {
            safe.push(char);
        }
    }
    if safe.is_empty() || is_device(&safe) {
        safe.insert(0, '_');
    }
    if is_ours(&safe) {
        safe.push('_');
    }
    if safe.len() > LONGEST { with_mark(&safe, "~") } else { safe }
}

/// Whether Windows takes it for a device, whatever it ends with.
fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end_matches(' ').to_ascii_lowercase();
    let port = stem.strip_prefix("com").or_else(|| stem.strip_prefix("lpt"));
    let mut number = port.unwrap_or_default().chars();
    let is_port = matches!((number.next(), number.next()), (Some('0'..='9' | '¹' | '²' | '³'), None));
    is_port || DEVICES.contains(&stem.as_str())
}

/// Whether a transfer's own files end so.
pub(crate) fn is_ours(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    OURS.iter().any(|end| name.ends_with(end))
}

/// Puts a mark before the end of a name, like `.txt`, and shortens what is before it as far as needed.
fn with_mark(name: &str, mark: &str) -> String {
    let end = name.rfind('.').filter(|at| *at > 0 && name.len() - at <= LONGEST_END).unwrap_or(name.len());
    let (stem, end) = name.split_at(end);
    let mut most = stem.len().min(LONGEST - mark.len() - end.len());
    while !stem.is_char_boundary(most) {
        most -= 1;
    }
    format!("{}{mark}{end}", &stem[..most])
}

/// What is the same for names that are equal but for case: the upper case of the lower case of the upper case, since
/// one mapping alone leaves some letters apart.
fn folded(name: &str) -> String {
    let upper = name.chars().flat_map(char::to_uppercase);
    upper.flat_map(char::to_lowercase).flat_map(char::to_uppercase).collect()
}
