//! How a mistake in a declaration stops the compiler: with its name and what is wrong.

/// Stops the compiler unless `right`.
pub(crate) const fn ensure(right: bool, name: &str, problem: &str) {
    if !right {
        fail(name, problem);
    }
}

/// Stops the compiler with `name: problem`. The message is put together by hand, since const code can't format.
#[expect(clippy::panic, reason = "runs in the compiler only")]
pub(super) const fn fail(name: &str, problem: &str) -> ! {
    let mut message = [0; 512];
    let mut len = 0;
    append(&mut message, &mut len, name);
    append(&mut message, &mut len, ": ");
    append(&mut message, &mut len, problem);
    panic!("{}", text(message.split_at(len).0))
}

#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "runs in the compiler only")]
const fn append(message: &mut [u8], len: &mut usize, text: &str) {
    let mut i = 0;
    while i < text.len() && *len < message.len() {
        message[*len] = text.as_bytes()[i];
        *len += 1;
        i += 1;
    }
}

pub(super) const fn text(bytes: &[u8]) -> &str {
    match core::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(_) => "the declaration",
    }
}

#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "runs in the compiler only")]
pub(crate) const fn same_text(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let mut i = 0;
    while i < a.len() {
        if a[i] != b[i] {
            return false;
        }
        i += 1;
    }
    true
}
