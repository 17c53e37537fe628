//! Writes `docs/operations.md`, the table of all operations.

use std::collections::BTreeMap;
use std::fmt::Write;

use koodrive_proto::Meta;
use koodrive_proto::schema::{Auth, Facts, Field, Kind, Safety};
use koodrive_sim::facts;

use crate::declared::Declared;
use crate::table;

/// Where it is.
pub(crate) const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/operations.md");

/// Returns what the file should contain.
pub(crate) fn text(declared: &[Declared]) -> String {
    let mut modules: BTreeMap<&str, Vec<&Declared>> = BTreeMap::new();
    for op in declared {
        modules.entry(op.meta.module).or_default().push(op);
    }
    let mut text = format!(
        "\
# The operations

`cargo xtask table` writes this file from the declarations in `koodrive_proto::ops`. It has {} of the {} calls that the
manuals describe, by module.

- **Operation**: the name of the type. Below it is the manual's own name, if that is another one.
- **Safety**: whether a call may be sent twice. `ReadOnly` changes nothing, `Idempotent` has the same effect again, and
  `Once` is sent again only if the service can't have seen it.
- **Credentials**: `app` is a signature and `token` is an access token. `token alone` is sent without X-User-Id and X-Date.
- **Limits**: numbers by value, texts by characters, lists by entries. Listed values and the forms of texts are in the
  docs of the types.
- **Manuals**: which of the two describes the call, and whether its page could be read in full or in part.
- A *listing* is read page by page, with `flow::Pages`.
",
        declared.len(),
        facts::operations().len(),
    );
    for (module, operations) in modules {
        let _ = writeln!(text, "\n## {module}\n");
        text.push_str("| operation | method and path | safety | credentials | limits | manuals |\n");
        text.push_str("| --- | --- | --- | --- | --- | --- |\n");
        for op in operations {
            let cells = [name(op), call(op.meta), safety(op.meta), auth(op.meta), limits(op), manuals(op.meta)];
            let _ = writeln!(text, "| {} |", cells.map(|cell| cell.replace('|', "\\|")).join(" | "));
        }
    }
    text
}

fn name(op: &Declared) -> String {
    let others = op.meta.manual_names.iter().filter(|name| **name != op.meta.name);
    let listing = if op.paged { " (listing)" } else { "" };
    let name = format!("`{}`{listing}", op.meta.name);
    others.fold(name, |name, other| name + "<br>" + other)
}

fn call(meta: &Meta) -> String {
    format!("{} `{}`", meta.method, meta.path)
}

/// Returns what is said about sending a call twice.
pub(crate) fn safety(meta: &Meta) -> String {
    match meta.safety {
        Safety::ReadOnly => "ReadOnly",
        Safety::Idempotent => "Idempotent",
        Safety::Once => "Once",
    }
    .to_owned()
}

fn auth(meta: &Meta) -> String {
    match meta.auth {
        Auth::AppOrToken => "app, token",
        Auth::App => "app",
        Auth::Token => "token",
        Auth::TokenAlone => "token alone",
        _ => "none",
    }
    .to_owned()
}

fn limits(op: &Declared) -> String {
    let parameters = op.parameters();
    parameters.iter().filter_map(|(name, field)| limit(name, field)).collect::<Vec<_>>().join("<br>")
}

fn limit(name: &str, field: &Field) -> Option<String> {
    let limit = field.limit?;
    let unit = match field.kind {
        Kind::List(_) | Kind::Joined(..) if limit.max == 1 => " entry",
        Kind::List(_) | Kind::Joined(..) => " entries",
        Kind::Text | Kind::Rule(_) => " characters",
        _ => "",
    };
    let unit = if limit.unit.is_empty() { unit.to_owned() } else { format!(" {}", limit.unit) };
    let range = if limit.min == limit.max { limit.min.to_string() } else { format!("{} to {}", limit.min, limit.max) };
    Some(format!("`{name}` {range}{unit}"))
}

fn manuals(meta: &Meta) -> String {
    let facts = |facts| if facts == Facts::Full { "full" } else { "partial" };
    let manuals = meta.editions.iter().map(|(edition, read)| format!("{} {}", table::name(*edition), facts(*read)));
    manuals.collect::<Vec<_>>().join("<br>")
}
