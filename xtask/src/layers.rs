//! Checks that no top-level module of the core, called a room, needs one below it.
//!
//! Rust's own tokens are read, so that comments and texts don't count, however they are written. A path counts if it
//! leads to the root of the crate: by `crate`, `$crate`, or enough `super`s. A name that the root takes out of a room
//! counts for that room, and so does a macro. What would hide where a path leads is refused.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// The rooms from top to bottom. CONTRIBUTING.md describes them.
const ROOMS: &[&str] = &[
    "schema",
    "check",
    "wire",
    "param",
    "error",
    "time",
    "endpoint",
    "auth",
    "retry",
    "observer",
    "operation",
    "api",
    "declare",
    "ops",
    "transfer",
    "flow",
    "transport",
    "testing",
];

/// The file that is the root of the crate.
const ROOT: &str = "lib.rs";

/// For each room, the rooms that it needs, each with the file that first says so.
type Needs = BTreeMap<String, BTreeMap<String, String>>;

/// A file: its path below `src`, and its text.
type Source = (String, String);

/// Checks the core.
pub(crate) fn check(src: &Path) -> Result<(), String> {
    let mut sources = Vec::new();
    read(src, src, &mut sources).map_err(|error| format!("can't read {}: {error}", src.display()))?;
    let (needs, mut wrong) = needs(&sources);
    println!(
        "{} rooms in {} files; the largest strongly connected component has {}",
        needs.len(),
        sources.len(),
        largest_component(&needs)
    );
    wrong.extend(downwards(&needs));
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
}

fn read(src: &Path, folder: &Path, sources: &mut Vec<Source>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            read(src, &path, sources)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path.strip_prefix(src).unwrap_or(&path).display().to_string().replace('\\', "/");
            sources.push((name, fs::read_to_string(&path)?));
        }
    }
    sources.sort();
    Ok(())
}

/// The module that a file is: `["flow", "call"]`; the root is `[]`.
fn module(file: &str) -> Vec<String> {
    let name = file.strip_suffix(".rs").unwrap_or(file);
    let name = name.strip_suffix("/mod").unwrap_or(name);
    if file == ROOT { Vec::new() } else { name.split('/').map(str::to_owned).collect() }
}

/// What each room needs, and what hides it.
fn needs(sources: &[Source]) -> (Needs, Vec<String>) {
    let mut wrong = Vec::new();
    let mut files = Vec::new();
    for (file, text) in sources {
        let mut found = Found::default();
        match text.parse::<TokenStream>() {
            Ok(tokens) => found.read(tokens, &module(file)),
            Err(error) => wrong.push(format!("{file}: {error}")),
        }
        wrong.extend(found.hidden.iter().map(|what| format!("{file}: {what}")));
        files.push((file, found));
    }
    let owners = owners(&files);
    let mut needs = Needs::new();
    for (file, found) in files {
        let Some(room) = module(file).into_iter().next() else { continue };
        let needed = needs.entry(room.clone()).or_default();
        for name in found.paths {
            match owners.get(&name) {
                Some(owner) if *owner == room => {}
                Some(owner) => drop(needed.entry(owner.clone()).or_insert_with(|| file.clone())),
                None => wrong.push(format!("{file}: `crate::{name}` is in none of the rooms")),
            }
        }
    }
    (needs, wrong)
}

/// The room of each name that there is at the root, and `""` for what other crates have.
fn owners(files: &[(&String, Found)]) -> BTreeMap<String, String> {
    let mut owners: BTreeMap<String, String> =
        ROOMS.iter().map(|room| ((*room).to_owned(), (*room).to_owned())).collect();
    for (file, found) in files {
        if let Some(room) = module(file).first() {
            owners.entry(room.clone()).or_insert_with(|| room.clone());
            for name in &found.macros {
                owners.insert(format!("{name}!"), room.clone());
                // A module of that name comes first: `operation` is both.
                owners.entry(name.clone()).or_insert_with(|| room.clone());
            }
        }
    }
    // What the root takes out of its rooms, publicly or not, is there for everybody under this name.
    let uses: Vec<_> =
        files.iter().filter(|(file, _)| module(file).is_empty()).flat_map(|(_, found)| &found.uses).collect();
    // It may take a name out of another one, in any order: once for each is enough.
    for _ in &uses {
        for (path, name) in &uses {
            let owner = path.first().and_then(|first| owners.get(first)).cloned().unwrap_or_default();
            owners.insert(name.clone(), owner);
        }
    }
    owners
}

/// What a file says.
#[derive(Default)]
struct Found {
    /// The first name of each path from the root.
    paths: BTreeSet<String>,
    /// Each thing that is used, by its path from the root, and under which name.
    uses: Vec<(Vec<String>, String)>,
    /// The macros that it exports.
    macros: Vec<String>,
    /// What hides where a path leads.
    hidden: Vec<String>,
}

impl Found {
    fn read(&mut self, tokens: TokenStream, module: &[String]) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        // The attributes of the item that comes next.
        let (mut at, mut exported, mut test) = (0, false, false);
        while let Some(token) = tokens.get(at) {
            let rest = &tokens[at + 1..];
            at += 1;
            match token {
                TokenTree::Punct(hash) if hash.as_char() == '#' => {
                    let inner = usize::from(rest.first().is_some_and(|token| is(token, "!")));
                    if let Some(TokenTree::Group(group)) = rest.get(inner) {
                        let written = group.to_string().replace([' ', '\n'], "");
                        self.attribute(group.stream(), &written, module);
                        exported |= written.contains("macro_export");
                        test |= written.starts_with("[cfg(test") || written.starts_with("[cfg(all(test,");
                        at += inner + 1;
                    }
                    continue;
                }
                // Where something is visible isn't what it needs.
                token if is(token, "pub") => {
                    at += usize::from(
                        matches!(rest.first(), Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis),
                    );
                    continue;
                }
                TokenTree::Group(group) => self.read(group.stream(), module),
                token if is(token, "mod") => {
                    if let [name, TokenTree::Group(body), ..] = rest {
                        if !test {
                            let inner = [module, &[plain(name)]].concat();
                            self.read(body.stream(), &inner);
                        }
                        at += 2;
                    }
                }
                token if is(token, "macro_rules") => {
                    if let [_, name, ..] = rest {
                        if exported {
                            self.macros.push(plain(name));
                        }
                        if module.is_empty() {
                            self.hidden.push("a macro in the root: what it leads to can't be told".to_owned());
                        }
                    }
                }
                // But not `impl Trait + use<'a>`.
                token if is(token, "use") && !rest.first().is_some_and(|token| is(token, "<")) => {
                    let end = rest.iter().position(|token| is(token, ";")).unwrap_or(rest.len());
                    self.take(&rest[..end], &[], module);
                    at += end;
                }
                token if is(token, "extern") && rest.get(1).is_some_and(|token| is(token, "self")) => {
                    self.hidden.push("extern crate self: its paths can't be told from others".to_owned());
                    at += 2;
                }
                TokenTree::Ident(_) if plain(token) == "include" => {
                    if let [bang, TokenTree::Group(_), ..] = rest {
                        if is(bang, "!") {
                            self.hidden.push("include!: what is in it isn't read".to_owned());
                        }
                    }
                }
                token
                    if ["crate", "super", "self"].iter().any(|name| is(token, name)) && !continues(&tokens, at - 1) =>
                {
                    let (path, length) = path(&tokens[at - 1..]);
                    if path == ["crate"] {
                        self.hidden.push("`crate` without a path: where it leads can't be told".to_owned());
                    }
                    if let Some(mut absolute) = absolute(&path, module) {
                        let called = tokens.get(at - 1 + length).is_some_and(|token| is(token, "!"));
                        if let ([name], true) = (&mut absolute[..], called) {
                            name.push('!');
                        }
                        self.add(&absolute);
                    }
                    at += length - 1;
                }
                _ => {}
            }
            (exported, test) = (false, false);
        }
    }

    /// Reads an attribute, and paths that it has as texts: `#[serde(with = "crate::…")]`.
    fn attribute(&mut self, tokens: TokenStream, text: &str, module: &[String]) {
        if text.starts_with("[doc") {
            return;
        }
        if text.contains("macro_use") || text.starts_with("[path=") || text.contains(",path=") {
            self.hidden.push(format!("#{text}: a path can't tell where it leads"));
        }
        for literal in text.split('"').skip(1).step_by(2).filter(|literal| literal.contains("crate::")) {
            if let Ok(tokens) = literal.parse() {
                self.read(tokens, module);
            }
        }
        self.read(tokens, module);
    }

    /// Takes the paths of a `use` apart; `before` is what the tree stands behind.
    fn take(&mut self, tree: &[TokenTree], before: &[String], module: &[String]) {
        for branch in split(tree) {
            let (path, length) = path(branch);
            let whole = [before, &path].concat();
            let rest = &branch[length..];
            if let [TokenTree::Group(inner), ..] = rest {
                let inner: Vec<TokenTree> = inner.stream().into_iter().collect();
                self.take(&inner, &whole, module);
                continue;
            }
            let star = rest.first().is_some_and(|token| is(token, "*"));
            let is_itself = whole.len() > 1 && whole.last().is_some_and(|last| last == "self");
            let whole = if is_itself { whole[..whole.len() - 1].to_vec() } else { whole };
            let name = match rest {
                [as_, name, ..] if is(as_, "as") => plain(name),
                _ => whole.last().cloned().unwrap_or_default(),
            };
            let absolute = match absolute(&whole, module) {
                // In the root, a room needs no `crate` before it.
                None if module.is_empty() => Some(whole),
                other => other,
            };
            let Some(absolute) = absolute else { continue };
            if absolute.is_empty() || star && module.is_empty() {
                self.hidden.push("a name for the whole crate, or all of a room's: paths can't be told".to_owned());
            } else {
                self.add(&absolute);
                self.uses.push((absolute, name));
            }
        }
    }

    fn add(&mut self, absolute: &[String]) {
        match absolute.first() {
            Some(name) if name.starts_with('$') => {
                self.hidden.push(format!("$crate::{name}: a path can't tell where it leads"));
            }
            Some(name) => drop(self.paths.insert(name.clone())),
            None => {}
        }
    }
}

/// Whether a path goes on here, so that it began before: `a::self`.
fn continues(tokens: &[TokenTree], at: usize) -> bool {
    at >= 2 && is(&tokens[at - 1], ":") && is(&tokens[at - 2], ":")
}

/// A path at the beginning of these tokens, and how many of them it has.
fn path(tokens: &[TokenTree]) -> (Vec<String>, usize) {
    let (mut path, mut at) = (Vec::new(), 0);
    // `::a` is another crate's.
    while tokens.get(at).is_some_and(|token| is(token, ":")) {
        at += 1;
    }
    loop {
        match (tokens.get(at), tokens.get(at + 1)) {
            (Some(TokenTree::Ident(_)), _) => {
                path.push(plain(&tokens[at]));
                at += 1;
            }
            // `$crate` is this crate; any other name is whatever the macro gets.
            (Some(dollar), Some(name @ TokenTree::Ident(_))) if is(dollar, "$") => {
                path.push(if is(name, "crate") { "crate".to_owned() } else { format!("${}", plain(name)) });
                at += 2;
            }
            _ => break,
        }
        match (tokens.get(at), tokens.get(at + 1)) {
            (Some(a), Some(b)) if is(a, ":") && is(b, ":") => at += 2,
            _ => break,
        }
    }
    (path, at)
}

/// A path from the root of the crate; `None` if it doesn't lead there.
fn absolute(path: &[String], module: &[String]) -> Option<Vec<String>> {
    let mut base = match path.first().map(String::as_str) {
        Some("crate") => Vec::new(),
        Some("self") => module.to_vec(),
        Some("super") => module.get(..module.len().checked_sub(1)?)?.to_vec(),
        _ => return None,
    };
    let mut rest = &path[1..];
    while let [first, after @ ..] = rest {
        match first.as_str() {
            "super" => drop(base.pop()),
            "self" => {}
            _ => break,
        }
        rest = after;
    }
    base.extend(rest.iter().cloned());
    Some(base)
}

/// The branches of a tree of a `use`.
fn split(tree: &[TokenTree]) -> impl Iterator<Item = &[TokenTree]> {
    tree.split(|token| is(token, ",")).filter(|branch| !branch.is_empty())
}

fn is(token: &TokenTree, text: &str) -> bool {
    match token {
        TokenTree::Ident(ident) => *ident == text,
        TokenTree::Punct(punct) => text.len() == 1 && text.starts_with(punct.as_char()),
        _ => false,
    }
}

/// A name, without the mark of a raw identifier.
fn plain(token: &TokenTree) -> String {
    token.to_string().trim_start_matches("r#").to_owned()
}

/// The needs that point downwards, one line each.
fn downwards(needs: &Needs) -> Vec<String> {
    let place = |name: &str| ROOMS.iter().position(|room| *room == name);
    let mut wrong = Vec::new();
    for (room, needed) in needs {
        let Some(at) = place(room) else {
            wrong.push(format!("{room} is no room of the list in xtask/src/layers.rs"));
            continue;
        };
        for (name, file) in needed {
            if place(name).is_some_and(|below| below > at) {
                wrong.push(format!("{file}: `{room}` needs `{name}`, which stands below it"));
            }
        }
    }
    wrong
}

/// How many rooms need each other in a circle: the size of the largest strongly connected component.
fn largest_component(needs: &Needs) -> usize {
    let all: BTreeMap<&str, BTreeSet<&str>> = needs.keys().map(|room| (room.as_str(), reached(needs, room))).collect();
    let component = |room: &str, there: &BTreeSet<&str>| {
        1 + all.iter().filter(|(other, back)| **other != room && there.contains(*other) && back.contains(room)).count()
    };
    all.iter().map(|(room, there)| component(room, there)).max().unwrap_or(0)
}

/// All that a room needs, directly or not.
fn reached<'a>(needs: &'a Needs, room: &'a str) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::new();
    let mut next = vec![room];
    while let Some(room) = next.pop() {
        let needed = needs.get(room).into_iter().flat_map(BTreeMap::keys);
        next.extend(needed.map(String::as_str).filter(|name| reached.insert(*name)));
    }
    reached
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(files: &[(&str, &str)]) -> Vec<String> {
        let files: Vec<Source> = files.iter().map(|(file, text)| ((*file).to_owned(), (*text).to_owned())).collect();
        let (needs, mut wrong) = needs(&files);
        wrong.extend(downwards(&needs));
        wrong
    }

    const ROOT_TEXT: &str = "pub mod wire;\nmod error;\npub use error::{Error, codes};\nuse crate::error::BoxError as Any;\n\
        pub(crate) use self::error::Sent;\npub use error as failures;\nuse Error as Other;\npub use http;";

    #[test]
    fn an_import_of_what_stands_below_is_refused_with_both_names() {
        let expected = |file: &str| [format!("{file}: `wire` needs `error`, which stands below it")];
        for text in [
            "use crate::error::Error;",
            "use crate::{error::Error};",
            "use crate::{schema as s, error as e};",
            "use crate::{schema, Error};",
            "use crate::error::*;",
            "use crate :: r#error :: Error;",
            "use crate::{self::error::Error, schema::Field};",
            "fn f() -> crate::Error { x }",
            "fn f(x:crate::Any) {}",
            "type T = Vec<crate::Sent>;",
            "macro_rules! a { () => { $crate::error::codes() } }",
            "macro_rules! a { () => { $crate::codes() } }",
            "pub(crate) use crate::codes as others;",
            "const A: &str = \"//\"; use crate::error::Error;",
            "#[cfg(test)]\nmod tests { use crate::flow; }\nuse crate::error::Error;",
            "#[cfg(test)] use std::fmt; fn f() { crate::error::codes() }",
            "#[cfg(test)] mod tests {} mod inner { use crate::error; }",
            "fn f<'a>(a: &'a str) -> impl Sized + use<'a> { crate::codes() }",
            "use {crate::error::Error as Two};",
            "use {std::fmt, crate::{schema::Field, error::{Error}}};",
            "#[serde(with = \"crate::error::as_text\")] struct A;",
            "#[derive(crate::error::D)] struct A;",
            "use crate::failures;",
            "fn f(x: crate::Other) {}",
            "mod inner { use super::super::super::error; }",
            "mod inner { fn f() { self::super::super::super::error::codes() } }",
        ] {
            assert_eq!(wrong(&[("lib.rs", ROOT_TEXT), ("wire/tape.rs", text)]), expected("wire/tape.rs"), "{text}");
        }
        for (file, text) in [
            ("wire/mod.rs", "use super::error;"),
            ("wire/mod.rs", "use super::{schema, error::Error};"),
            ("wire.rs", "fn f() { super::error::codes() }"),
            ("wire/a/mod.rs", "use super::super::error;"),
            ("wire/a/b.rs", "use super::super::super::error;"),
        ] {
            assert_eq!(wrong(&[("lib.rs", ROOT_TEXT), (file, text)]), expected(file), "{text}");
        }
    }

    #[test]
    fn what_is_allowed_is_no_error() {
        for (file, text) in [
            (
                "wire/tape.rs",
                "//! See [`crate::error`].\nuse std::fmt; /* crate::error */ const A: &str = r#\"crate::error\"#;",
            ),
            (
                "wire/tape.rs",
                "pub(in crate::error) fn f() {}\nuse crate::schema::Field; use super::super::schema; use super::cursor;",
            ),
            ("wire/tape.rs", "#[cfg(test)]\n#[expect(unused)]\nmod tests { use crate::error::Error; }"),
            ("wire/tape.rs", "#[cfg(test)] pub(crate) mod tests { use crate::error::Error; }\nuse crate::http::Uri;"),
            (
                "wire/tape.rs",
                "fn f(include: u8) -> bool { include != 3 } #[path_like] struct A; fn g(&self) { self.error() }",
            ),
            (
                "wire/tape.rs",
                "use ::error::Error; use other::error; use self::error::Error; fn f() { a::crate_::error(); }",
            ),
            ("error/mod.rs", "use crate::wire::{hex, text}; use crate::{Error, codes};"),
        ] {
            assert_eq!(wrong(&[("lib.rs", ROOT_TEXT), (file, text)]), [""; 0], "{text}");
        }
    }

    #[test]
    fn what_hides_a_path_is_refused() {
        for text in [
            "use crate as root;",
            "use crate::{self as root};",
            "use crate::*;",
            "use super::super::*;",
            "extern crate self as root;",
            "#[path = \"../flow/mod.rs\"] mod other;",
            "#[macro_use] mod other;",
            "include!(\"other.rs\");",
            "r#include!(\"other.rs\");",
            "#[cfg_attr(all(), macro_use)] mod other;",
            "#[cfg_attr(all(), path = \"a.rs\")] mod other;",
            "m!(crate);",
            "use crate::prelude::Error;",
            "macro_rules! a { ($a:ident) => { use $crate::{$a::Error}; } }",
            "macro_rules! a { ($a:ident) => { $crate::$a } }",
        ] {
            assert_eq!(wrong(&[("lib.rs", ROOT_TEXT), ("wire/tape.rs", text)]).len(), 1, "{text}");
        }
        for text in [
            "pub use error::*;",
            "use crate::error::*;",
            "pub use self::error::*;",
            "pub use error::{*};",
            "pub use error::codes::{Error, *};",
            "macro_rules! any { () => {} }",
        ] {
            assert_eq!(wrong(&[("lib.rs", text)]).len(), 1, "{text}");
        }
    }

    #[test]
    fn a_macro_belongs_to_the_room_that_has_it() {
        for attributes in [
            "#[macro_export]",
            "#[macro_export]\n#[doc(hidden)]",
            "#[macro_export(local_inner_macros)]",
            "/// Docs.\n#[doc(hidden)] #[macro_export]",
        ] {
            let declared = format!("{attributes}\nmacro_rules! answer {{ () => {{}} }}");
            let found = wrong(&[("declare/mod.rs", &declared), ("param/text.rs", "crate::answer! { A {} }")]);
            assert_eq!(found, ["param/text.rs: `param` needs `declare`, which stands below it"], "{attributes}");
        }
        // Also where a module has the same name.
        let declared = "#[macro_export] macro_rules! operation { () => {} }";
        let found =
            wrong(&[("declare/mod.rs", declared), ("api/mod.rs", "use crate::operation::A; crate::operation! {}")]);
        assert_eq!(found, ["api/mod.rs: `api` needs `declare`, which stands below it"]);
    }

    #[test]
    fn a_circle_is_counted() {
        let files =
            [("wire.rs", "use crate::param;"), ("param.rs", "use crate::error;"), ("error.rs", "use crate::wire;")];
        let files: Vec<Source> = files.iter().map(|(file, text)| ((*file).to_owned(), (*text).to_owned())).collect();
        assert_eq!(largest_component(&needs(&files).0), 3);
    }

    #[test]
    fn a_room_has_to_be_on_the_list() {
        assert_eq!(wrong(&[("cellar.rs", "")]), ["cellar is no room of the list in xtask/src/layers.rs"]);
    }

    #[test]
    fn the_core_is_in_order() {
        check(&crate::root().join("crates/koodrive-proto/src")).unwrap();
    }
}
