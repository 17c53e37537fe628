//! What the compiler says to mistakes in declarations: each is found where it is made, with words that help.

use std::process::{Command, Output};

/// Each mistake, and what the compiler says; what the declaration names is named there.
const MISTAKES: &[(&str, &str)] = &[
    (
        "template with another name",
        "owner: the path has a placeholder that is no path parameter: braces hold wire names",
    ),
    (
        "template without a parameter",
        "/a/{id}: the path must name each path parameter once, by its wire name in braces",
    ),
    ("template with a parameter twice", "id: the path names a parameter twice"),
    ("template with a query", "/a/{id}?b=1: the path has a ?, a # or a stray closing brace"),
    ("template with an open brace", "/a/{id: the path has an opening brace without a closing one"),
    ("template with half a segment", "/a/v{id}: a placeholder is a segment of its own: `/{name}/`"),
    ("template with no escape", "/a/%zz: the path has a % that begins no %XX"),
    ("template with another sign", "/a<b: the path has letters, digits, - . _ ~ and %XX for everything else"),
    ("template with dots", "/a/../b: the path has a segment `.` or `..`"),
    ("wire name twice", "x: two parameters of one place share this name: look at the `= \"wireName\"`s"),
    ("wire name of a fixed value twice", "mode: two parameters of one place share this name"),
    ("wire name twice in an object", "x: two parameters of one place share this name"),
    ("limit on a flag", "a: a limit on what has no measure: only numbers, texts and lists have one"),
    ("limit on an object", "part: a limit on what has no measure"),
    ("limit on a choice of texts", "level: a limit on what has no measure"),
    ("limit that allows nothing", "a: the limit allows nothing: write [smallest..=largest]"),
    ("default outside the limit", "a: the default is outside the limit"),
    ("default on an argument", "a: a default on an argument of `new`: it stands in braces"),
    ("default of another type", "level: the default is no value of this type"),
    ("default of another type on what is sent", "a: the default is no value of this type"),
    ("default beyond the type", "a: the default is no value of this type"),
    ("default that is none of the values", "grade: the default is none of the values in brackets"),
    ("default of another length", "a: the default is outside the limit"),
    ("default that no header can carry", "x-a: a header has visible ASCII characters, with blanks only between them"),
    (
        "fixed value that no header can carry",
        "x-a: a header has visible ASCII characters, with blanks only between them",
    ),
    ("fixed value that no path can carry", "id: a path parameter is never empty, `.` or `..`"),
    ("fixed value after the semicolon", "mode: a fixed value is always sent: it stands before the semicolon"),
    ("raw identifier without a wire name", "r#type: a raw identifier needs its wire name: `= \"type\"`"),
    ("wire name that is empty", "parameter: its name is empty"),
    ("choice that no header can carry", "x-a: a header has visible ASCII characters, with blanks only between them"),
    ("five arguments", "e: `new` has four arguments at most: what else is required stands in braces"),
    ("two flags side by side", "c: two flags next to each other are mixed up easily: they stand in braces"),
    ("two flags side by side in an object", "b: two flags next to each other are mixed up easily"),
    ("optional path parameter", "id: a path parameter is always required: it stands before the semicolon"),
    ("list in the path", "id: a path parameter is one segment, a header one line: no lists or objects"),
    ("object in the query", "a query has no objects"),
    ("unknown section", "`params` is no section: path, query, header or body"),
    ("unknown form of an answer", "an answer is `-> T as data`, `-> T` or `-> ()`"),
    ("unknown safety", "no variant or associated item named `Safe` found for enum `Safety`"),
    ("fixed value that is none", "mode: a fixed value is a number, a text, true or false, or `agent`"),
    ("type that is no parameter", "`f64` can't be a parameter"),
    ("limit outside of the type", "a: the limit is outside of what the type holds"),
    ("limit below nothing", "a: the limit is outside of what the type holds"),
    ("unit on a text", "a: a unit on what is no number: texts count characters, lists entries"),
    ("header with a blank", "x a: a header's name is letters, digits, - and _"),
    ("header of every request", "X-Date: a header that every request has of its own"),
    ("header without a name", "header: its name is empty: look at the `= \"wireName\"`s"),
    ("header with the type of the body", "Content-Type: the body has its own type"),
    ("header twice in capitals", "x-a: two parameters of one place share this name"),
    ("name of the agent in the query", "an agent's name is a header"),
    ("name of the agent in an object", "an agent's name is a header"),
    ("edition that is no manual of it", "a: `=> Edition` names one of several manuals of the operation"),
    ("edition that requires it alone", "a: `=> Edition` names one of several manuals of the operation"),
    ("edition that requires what all require", "a: `requires` on what every manual requires"),
    ("edition with another word", "`=> Edition` or `=> Edition requires`"),
    ("manual twice", "editions: a manual appears twice"),
    ("choice twice", "Another: two choices have the same value"),
    (
        "limit of another form",
        "a: a limit is `[smallest..=largest]`, with the unit of a number behind a comma, or `[1 | 2 | 4]`",
    ),
    ("value that the type doesn't list", "level: `[1 | 2]` names values that the type lists"),
    ("value that is named twice", "level: `[1 | 2]` names each value once"),
    ("limit of a member that isn't there", "size: the object has no such member"),
    ("limit of a member outside of its type", "partNumber: the limit is outside of what the type holds"),
    (
        "limit of a member beyond the object's own",
        "size: an operation can't allow more than the object's own limit does",
    ),
    (
        "values of a member beyond the object's own",
        "grade: an operation can't allow more than the object's own limit does",
    ),
    (
        "limit of a member that allows none of the object's own values",
        "grade: the limit allows none of the object's own values",
    ),
    ("limit of a member that excludes its default", "size: the object's own default isn't allowed"),
    ("limit of a member twice", "size: two limits for one member"),
    ("limit of members of a text", "a: limits of members on what is no object"),
    ("member that can't be missing", "`i64` can't be a member of an answer"),
    ("members of one name", "size: two members have this name"),
    ("quoted text", "`Quoted` is for numbers"),
    ("joined numbers with a minus", "`Joined`: the separator can be part of a number"),
    ("id of something else", "the trait `IntoParam<SpaceId>` is not implemented for `FileId`"),
];

fn compile(mistake: Option<&str>) -> Output {
    let mut command = Command::new(std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned()));
    command.args(["rustc", "--quiet", "--offline", "--package", "koodrive-conformance", "--example", "mistakes"]);
    if let Some(mistake) = mistake {
        command.args(["--", "--cfg", &format!("mistake={mistake:?}")]);
    }
    command.output().unwrap()
}

#[test]
fn mistakes_are_found_with_words_that_help() {
    let right = compile(None);
    assert!(right.status.success(), "{}", String::from_utf8_lossy(&right.stderr));
    for (mistake, words) in MISTAKES {
        let output = compile(Some(mistake));
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success(), "{mistake} compiles");
        assert!(said.contains(words) && said.contains("mistakes.rs:"), "{mistake}: expected `{words}`, got\n{said}");
    }
}

#[test]
fn every_mistake_is_tried() {
    let text = include_str!("../../examples/mistakes.rs");
    let written: Vec<&str> =
        text.lines().filter_map(|line| line.strip_prefix("#[cfg(mistake = \"")?.strip_suffix("\")]")).collect();
    assert_eq!(written, MISTAKES.iter().map(|(mistake, _)| *mistake).collect::<Vec<_>>());
}
