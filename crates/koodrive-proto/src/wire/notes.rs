//! What in an answer wasn't as documented: where it is, what was expected and what kind of value was found, but never
//! the value.

use std::fmt::{self, Write};

use crate::check::Shown;
use crate::wire::tape::{Node, Tape};

/// The values of an answer that didn't fit their documented type, and were left out of what was read.
///
/// Nearly every answer has none. Each note is a difference between the service and its manual, and worth reporting as
/// an issue. Texts in which something couldn't be read are noted as well, but they aren't left out: U+FFFD stands in
/// place of it. (In an answer that isn't UTF-8, every text that contains U+FFFD is noted.)
///
/// ```
/// use koodrive_proto::ops::files::ListPersonalFiles;
/// use koodrive_proto::{Operation, WithHead, http};
///
/// let answer = http::Response::new(r#"{"files": [{"id": "1"}, {"id": "2", "size": "many"}]}"#);
/// let answer = WithHead::<ListPersonalFiles>::parse(&answer)?;
/// assert_eq!(answer.output.files[1].size, None);
/// assert_eq!(answer.notes.paths(), ["files[1].size: expected a number, got a text"]);
/// # Ok::<(), koodrive_proto::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Notes {
    paths: Vec<String>,
    count: usize,
}

impl Notes {
    /// The largest number of notes that are kept individually.
    pub const LIMIT: usize = 1000;

    /// Returns where each value is and what was expected there, in the order of the answer, for the first
    /// [`LIMIT`](Self::LIMIT) of them. The texts contain names of members, but neither values nor the keys of maps.
    pub fn paths(&self) -> &[String] {
        &self.paths
    }

    /// Returns how many notes there are, including those beyond [`LIMIT`](Self::LIMIT).
    pub fn count(&self) -> usize {
        self.count
    }

    /// Returns whether everything was as documented.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }
}

/// What a type expects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Want {
    Text,
    Number,
    Whole,
    InRange,
    Flag,
    List,
    Object,
    OneObject,
    /// A text without U+FFFD in place of what can't be read.
    Readable,
    /// What some other type expects.
    Other,
}

/// A value that wasn't as documented.
#[derive(Debug, Clone, Copy)]
pub(super) struct Note {
    pub(super) at: usize,
    pub(super) want: Want,
    got: &'static str,
    /// Whether the value is somewhere below that place, under names that are content.
    pub(super) below: bool,
}

impl Note {
    pub(super) fn new(tape: &Tape<'_>, at: usize, want: Want) -> Self {
        let got = match tape.nodes.get(at) {
            None | Some(Node::Null) => "nothing",
            Some(Node::Bool(_)) => "true or false",
            _ if want == Want::Whole => "a fraction",
            _ if want == Want::InRange => "one beyond it",
            Some(Node::Int(_) | Node::UInt(_) | Node::Float(_)) => "a number",
            Some(Node::Text(_) | Node::Owned(_)) => "a text",
            Some(Node::List { .. }) if want == Want::OneObject => "a list of several",
            Some(Node::List { .. }) => "a list",
            Some(Node::Object { .. }) => "an object",
        };
        Self { at, want, got, below: false }
    }

    /// The same note, placed below `at`.
    pub(super) fn below(self, at: usize) -> Self {
        Self { at, below: true, ..self }
    }
}

/// Says what was wanted and what was there.
impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let want = match self.want {
            Want::Text => "a text",
            Want::Number => "a number",
            Want::Whole => "a whole number",
            Want::InRange => "a number in the range of its type",
            Want::Flag => "true or false",
            Want::List => "a list",
            Want::Object | Want::OneObject => "an object",
            Want::Readable => return f.write_str("has characters that can't be read"),
            Want::Other => return write!(f, "{} does not fit its type", self.got),
        };
        write!(f, "expected {want}, got {}", self.got)
    }
}

impl Tape<'_> {
    /// Returns everything that was noted.
    pub(crate) fn notes(&self) -> Notes {
        let mut notes = self.notes.borrow().clone();
        notes.sort_by_key(|note| note.at);
        let places: Vec<usize> = notes.iter().map(|note| note.at).collect();
        let paths = self.paths(&places).into_iter().zip(&notes);
        Notes { paths: paths.map(|(path, note)| placed(path, note.below, note)).collect(), count: self.noted.get() }
    }

    /// A problem, with its path before it.
    pub(super) fn problem_at(&self, at: usize, below: bool, problem: &dyn fmt::Display) -> String {
        placed(self.paths(&[at]).pop().unwrap_or_default(), below, problem)
    }

    /// The paths of nodes (`data.list[2].size`), which are given in the order of the tape; walks over it once.
    fn paths(&self, places: &[usize]) -> Vec<String> {
        struct Container<'t> {
            end: usize,
            is_list: bool,
            /// How many of its entries have been visited.
            count: usize,
            name: &'t str,
        }
        let mut paths = Vec::with_capacity(places.len());
        let mut places = places.iter().peekable();
        let mut way: Vec<Container<'_>> = Vec::new();
        let mut is_name = false;
        for (at, node) in self.nodes.iter().enumerate() {
            if places.peek().is_none() {
                break;
            }
            while way.last().is_some_and(|container| container.end <= at) {
                way.pop();
            }
            if let Some(container) = way.last_mut() {
                container.count = container.count.saturating_add(1);
                is_name = !container.is_list && !is_name;
                if is_name {
                    container.name = self.text(at).unwrap_or_default();
                    continue;
                }
            }
            // No place can have been passed over, since notes are never about names.
            while places.next_if(|place| **place <= at).is_some() {
                let mut path = String::new();
                for container in &way {
                    if container.is_list {
                        let _ = write!(path, "[{}]", container.count.saturating_sub(1));
                    } else {
                        path.push_str(if path.is_empty() { "" } else { "." });
                        path.push_str(container.name);
                    }
                }
                paths.push(path);
            }
            if let Node::List { end } | Node::Object { end } = node {
                way.push(Container { end: *end, is_list: matches!(node, Node::List { .. }), count: 0, name: "" });
            }
        }
        paths
    }
}

fn placed(mut path: String, below: bool, problem: &dyn fmt::Display) -> String {
    path.push_str(if below { ".*" } else { "" });
    let problem = problem.to_string();
    // The problem may begin with the rest of the path.
    path.push_str(if path.is_empty() || problem.starts_with(['.', '[']) { "" } else { ": " });
    path.push_str(&problem);
    Shown(path.strip_prefix('.').unwrap_or(&path)).to_string()
}
