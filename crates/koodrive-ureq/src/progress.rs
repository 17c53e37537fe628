//! How far the answer on a connection got, judged by the bytes that come. What is no HTTP is left to ureq to refuse.

use std::mem;

/// How much of a line is kept: enough for what is looked for.
const LINE: usize = 256;

#[derive(Debug, Default)]
pub(crate) struct Progress {
    part: Part,
    /// What came of the current line.
    line: Vec<u8>,
    /// How many bytes came since the request, or since something of the body came.
    unused: usize,
    /// Whether something came behind the head.
    behind: bool,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// Before the status line.
    #[default]
    Start,
    Headers {
        /// Whether another head follows.
        interim: bool,
        chunked: bool,
    },
    /// A body that isn't chunked, or no body.
    Body,
    /// The size of a chunk, and its extensions.
    Size,
    /// So many more bytes of a chunk, the end of its line included.
    Chunk(usize),
    Trailers,
}

impl Progress {
    pub(crate) fn unused(&self) -> usize {
        self.unused
    }

    /// Whether the head is there.
    pub(crate) fn has_head(&self) -> bool {
        !matches!(self.part, Part::Start | Part::Headers { .. })
    }

    /// Whether something came behind the head.
    pub(crate) fn has_more(&self) -> bool {
        self.behind
    }

    pub(crate) fn read(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let had_head = self.has_head();
            self.behind |= had_head;
            match self.part {
                Part::Body => {
                    self.unused = 0;
                    return;
                }
                Part::Trailers => {
                    self.unused = self.unused.saturating_add(bytes.len());
                    return;
                }
                Part::Chunk(left) => {
                    let count = left.min(bytes.len());
                    self.part = if count == left { Part::Size } else { Part::Chunk(left - count) };
                    self.unused = 0;
                    bytes = &bytes[count..];
                }
                Part::Start | Part::Headers { .. } | Part::Size => {
                    let end = bytes.iter().position(|&byte| byte == b'\n');
                    let (line, rest) = bytes.split_at(end.map_or(bytes.len(), |end| end + 1));
                    let room = LINE - self.line.len();
                    self.line.extend_from_slice(&line[..line.len().min(room)]);
                    self.unused = self.unused.saturating_add(line.len());
                    if end.is_some() {
                        let line = mem::take(&mut self.line);
                        self.part = self.part.after(line.trim_ascii());
                        if self.has_head() && !had_head {
                            self.unused = 0;
                        }
                    }
                    bytes = rest;
                }
            }
        }
    }
}

impl Part {
    /// What comes after that line.
    fn after(self, line: &[u8]) -> Self {
        match self {
            Self::Start | Self::Headers { interim: true, .. } if line.is_empty() => Self::Start,
            Self::Start => {
                let status = line.strip_prefix(b"HTTP/1.").and_then(|rest| rest.get(2..5));
                let interim = status.is_some_and(|status| status[0] == b'1' && status != b"101");
                Self::Headers { interim, chunked: false }
            }
            Self::Headers { chunked, .. } if line.is_empty() => {
                if chunked {
                    Self::Size
                } else {
                    Self::Body
                }
            }
            Self::Headers { interim, chunked } => Self::Headers { interim, chunked: chunked || is_chunked(line) },
            Self::Size => {
                let size = line.split(|&byte| byte == b';').next().unwrap_or_default();
                let size = std::str::from_utf8(size).ok().and_then(|size| usize::from_str_radix(size.trim(), 16).ok());
                match size {
                    Some(0) => Self::Trailers,
                    Some(size) => Self::Chunk(size.saturating_add(2)),
                    None => Self::Body,
                }
            }
            other => other,
        }
    }
}

fn is_chunked(line: &[u8]) -> bool {
    let line = line.to_ascii_lowercase();
    let value = line.strip_prefix(b"transfer-encoding:");
    value.is_some_and(|value| value.windows(7).any(|word| word == b"chunked"))
}
