//! Mistakes in declarations, one at a time: `tests/it/mistakes.rs` compiles this with `--cfg mistake="…"` and reads
//! what the compiler says. Without a mistake it compiles.

#![allow(missing_docs, unexpected_cfgs, reason = "a declaration for each mistake, which only the test turns on")]

use koodrive_proto::{answer, choices, object, operation};

fn main() {
    println!(
        "{:?} {:?}",
        Right::new("1", Measured::new().grade(Grade::Second), Part::new(1), Level::Low),
        Answer::default()
    );
}

operation! {
    /// Of each the right form.
    POST "/a/{id}" Right -> ();
    AppOrToken, Once, Carrier Full;
    path { id: String }
    query {; limit: u32 [1..=100] | 10 }
    header {; lock: String = "x-lock" }
    body { "mode" = "simple", sized: Measured ["size": 2..=4; "grade": 2;], part: Part ["partNumber": 2..=4], level: Level { exact: bool | false, deep: bool }; }
}

answer! {
    /// An answer.
    Answer { size: Option<i64>, names: Vec<String> = "nameList" }
}

object! {
    /// An object.
    Part { number: u32 [1..=5] = "partNumber" }
}

object! {
    /// An object with limits of its own.
    Measured {; size: u32 [1..=9] | 4, grade: Grade [1 | 2] }
}

choices! {
    /// A choice of numbers.
    pub enum Grade: number {
        /// The first.
        First = 1,
        /// The second.
        Second = 2,
        /// The third.
        Third = 3,
    }
}

choices! {
    /// A choice.
    pub enum Level: text {
        /// Low.
        Low = "low",
    }
}

#[cfg(mistake = "template with another name")]
operation! {
    GET "/a/{owner}" Wrong -> ();
    AppOrToken, ReadOnly, Carrier Full;
    path { owner_id: String = "ownerId" }
}

#[cfg(mistake = "template without a parameter")]
operation! {
    GET "/a/{id}" Wrong -> ();
    AppOrToken, ReadOnly, Carrier Full;
    path { id: String, other: String }
}

#[cfg(mistake = "template with a parameter twice")]
operation! {
    GET "/a/{id}/{id}" Wrong -> ();
    AppOrToken, ReadOnly, Carrier Full;
    path { id: String }
}

#[cfg(mistake = "template with a query")]
operation! {
    GET "/a/{id}?b=1" Wrong -> ();
    AppOrToken, ReadOnly, Carrier Full;
    path { id: String }
}

#[cfg(mistake = "template with an open brace")]
operation! {
    GET "/a/{id" Wrong -> ();
    AppOrToken, ReadOnly, Carrier Full;
    path { id: String }
}

#[cfg(mistake = "template with half a segment")]
operation! {
    POST "/a/v{id}" Wrong -> ();
    AppOrToken, Once, Carrier Full;
    path { id: String }
}

#[cfg(mistake = "template with no escape")]
operation! {
    POST "/a/%zz" Wrong -> ();
    AppOrToken, Once, Carrier Full;
}

#[cfg(mistake = "template with another sign")]
operation! {
    POST "/a<b" Wrong -> ();
    AppOrToken, Once, Carrier Full;
}

#[cfg(mistake = "template with dots")]
operation! {
    POST "/a/../b" Wrong -> ();
    AppOrToken, Once, Carrier Full;
}

#[cfg(mistake = "wire name twice")]
operation! {
    GET "/a" Wrong -> ();
    AppOrToken, ReadOnly, Carrier Full;
    query { a: String = "x"; b: String = "x" }
}

#[cfg(mistake = "wire name of a fixed value twice")]
operation! {
    POST "/a" Wrong -> ();
    AppOrToken, Once, Carrier Full;
    body { "mode" = 1, mode: String }
}

#[cfg(mistake = "wire name twice in an object")]
object! {
    /// An object.
    Wrong { a: String = "x"; b: String = "x" }
}

#[cfg(mistake = "limit on a flag")]
operation! {
    GET "/a" Wrong -> ();
    AppOrToken, ReadOnly, Carrier Full;
    query { a: bool [0..=1] }
}

#[cfg(mistake = "limit on an object")]
operation! {
    POST "/a" Wrong -> ();
    AppOrToken, Once, Carrier Full;
    body { part: Part [1..=2] }
}

#[cfg(mistake = "limit on a choice of texts")]
operation! {
    POST "/a" Wrong -> ();
    AppOrToken, Once, Carrier Full;
    body { level: Level [0..=1] }
}

#[cfg(mistake = "limit that allows nothing")]
operation! {
    GET "/a" Wrong -> ();
    AppOrToken, ReadOnly, Carrier Full;
    query { a: u32 [2..=1] }
}

#[cfg(mistake = "default outside the limit")]
operation! {
    GET "/a" Wrong -> ();
    AppOrToken, ReadOnly, Carrier Full;
    query {; a: u32 [1..=100] | 0 }
}

#[cfg(mistake = "default on an argument")]
operation! {
    GET "/a" Wrong -> ();
    AppOrToken, ReadOnly, Carrier Full;
    query { a: u32 | 1 }
}

#[cfg(mistake = "default of another type")]
operation! {
    GET "/a" Wrong -> ();
    AppOrToken, ReadOnly, Carrier Full;
    query {; level: Level | "high" }
}

#[cfg(mistake = "default of another type on what is sent")]
operation! {
    POST "/a" Wrong -> ();
    AppOrToken, Once, Carrier Full;
    body { { a: bool | 1 } }
}

#[cfg(mistake = "default beyond the type")]
operation! {
    POST "/a" Wrong -> ();
    AppOrToken, Once, Carrier Full;
    body { { a: u32 | -1 } }
}

#[cfg(mistake = "default that is none of the values")]
operation! {
    POST "/a" Wrong -> ();
    AppOrToken, Once, Carrier Full;
    body {; grade: Grade [1 | 2] | 3 }
}

#[cfg(mistake = "default of another length")]
operation! {
    POST "/a" Wrong -> ();
    AppOrToken, Once, Carrier Full;
    body { { a: String [5..=10] | "abc" } }
}

#[cfg(mistake = "default that no header can carry")]
operation! {
    POST "/a" Wrong -> ();
    AppOrToken, Once, Carrier Full;
    header { { a: String | "" = "x-a" } }
}

#[cfg(mistake = "fixed value that no header can carry")]
operation! {
    POST "/a" Wrong -> ();
    AppOrToken, Once, Carrier Full;
    header { "x-a" = "x\ny", }
}

#[cfg(mistake = "fixed value that no path can carry")]
operation! {
    POST "/a/{id}" Wrong -> ();
    AppOrToken, Once, Carrier Full;
    path { "id" = "..", }
}

#[cfg(mistake = "fixed value after the semicolon")]
operation! {
    POST "/a" Wrong -> ();
    AppOrToken, Once, Carrier Full;
    body {; "mode" = "simple", }
}

#[cfg(mistake = "raw identifier without a wire name")]
operation! {
    POST "/a" Wrong -> ();
    AppOrToken, Once, Carrier Full;
    body { r#type: u32 }
}

#[cfg(mistake = "wire name that is empty")]
operation! {
    POST "/a" Wrong -> ();
    AppOrToken, Once, Carrier Full;
    body { a: String = "" }
}

#[cfg(mistake = "choice that no header can carry")]
operation! {
    POST "/a" Wrong -> ();
    AppOrToken, Once, Carrier Full;
    header { a: Odd = "x-a" }
}

choices! {
    /// A choice.
    pub enum Odd: text {
        /// Odd.
        Odd = "größe",
    }
}

#[cfg(mistake = "five arguments")]
operation! {
    POST "/a" Wrong -> ();
    AppOrToken, Once, Carrier Full;
    body { a: String, b: String, c: String, d: String, e: String }
}

#[cfg(mistake = "two flags side by side")]
operation! {
    POST "/a" Wrong -> ();
    AppOrToken, Once, Carrier Full;
    body { a: u32, b: bool, c: bool }
}

#[cfg(mistake = "two flags side by side in an object")]
object! {
    /// An object.
    Wrong { a: bool, b: bool }
}

#[cfg(mistake = "optional path parameter")]
operation! {
    GET "/a/{id}" Wrong -> ();
    AppOrToken, ReadOnly, Carrier Full;
    path {; id: String }
}

#[cfg(mistake = "list in the path")]
operation! {
    GET "/a/{id}" Wrong -> ();
    AppOrToken, ReadOnly, Carrier Full;
    path { id: Vec<String> }
}

#[cfg(mistake = "object in the query")]
operation! {
    GET "/a" Wrong -> ();
    AppOrToken, ReadOnly, Carrier Full;
    query { part: Part }
}

#[cfg(mistake = "unknown section")]
operation! {
    GET "/a" Wrong -> ();
    AppOrToken, ReadOnly, Carrier Full;
    params { a: String }
}

#[cfg(mistake = "unknown form of an answer")]
operation! {
    GET "/a" Wrong -> String as content;
    AppOrToken, ReadOnly, Carrier Full;
}

#[cfg(mistake = "unknown safety")]
operation! {
    GET "/a" Wrong -> ();
    AppOrToken, Safe, Carrier Full;
}

#[cfg(mistake = "fixed value that is none")]
operation! {
    POST "/a" Wrong -> ();
    AppOrToken, Once, Carrier Full;
    body { "mode" = simple, }
}

#[cfg(mistake = "type that is no parameter")]
operation! {
    GET "/a" Wrong -> ();
    AppOrToken, ReadOnly, Carrier Full;
    query { a: f64 }
}

#[cfg(mistake = "limit outside of the type")]
operation! {
    GET "/a" Wrong -> ();
    AppOrToken, ReadOnly, Carrier Full;
    query { a: u32 [1..=5_000_000_000] }
}

#[cfg(mistake = "limit below nothing")]
operation! {
    GET "/a" Wrong -> ();
    AppOrToken, ReadOnly, Carrier Full;
    query { a: String [-3..=5] }
}

#[cfg(mistake = "unit on a text")]
operation! {
    GET "/a" Wrong -> ();
    AppOrToken, ReadOnly, Carrier Full;
    query { a: String [1..=5, "bytes"] }
}

#[cfg(mistake = "header with a blank")]
operation! {
    GET "/a" Wrong -> ();
    AppOrToken, ReadOnly, Carrier Full;
    header { a: String = "x a" }
}

#[cfg(mistake = "header of every request")]
operation! {
    GET "/a" Wrong -> ();
    AppOrToken, ReadOnly, Carrier Full;
    header { date: String = "X-Date" }
}

#[cfg(mistake = "header without a name")]
operation! {
    POST "/a" Wrong -> ();
    AppOrToken, Once, Carrier Full;
    header { a: String = "" }
}

#[cfg(mistake = "header with the type of the body")]
operation! {
    POST "/a" Wrong -> ();
    AppOrToken, Once, Carrier Full;
    header { a: String = "Content-Type" }
}

#[cfg(mistake = "header twice in capitals")]
operation! {
    GET "/a" Wrong -> ();
    AppOrToken, ReadOnly, Carrier Full;
    header { a: String = "x-a", b: String = "X-A" }
}

#[cfg(mistake = "name of the agent in the query")]
operation! {
    GET "/a" Wrong -> ();
    AppOrToken, ReadOnly, Carrier Full;
    query { "agent" = agent, }
}

#[cfg(mistake = "name of the agent in an object")]
object! {
    /// An object.
    Wrong { "agent" = agent, }
}

#[cfg(mistake = "edition that is no manual of it")]
operation! {
    GET "/a" Wrong -> ();
    AppOrToken, ReadOnly, Carrier Full;
    query { a: String => Enterprise }
}

#[cfg(mistake = "edition that requires it alone")]
operation! {
    POST "/a" Wrong -> ();
    AppOrToken, Once, Carrier Full;
    body { ; a: String => Carrier requires }
}

#[cfg(mistake = "edition that requires what all require")]
operation! {
    POST "/a" Wrong -> ();
    AppOrToken, Once, Carrier Full, Enterprise Full;
    body { a: String => Carrier requires }
}

#[cfg(mistake = "edition with another word")]
operation! {
    POST "/a" Wrong -> ();
    AppOrToken, Once, Carrier Full, Enterprise Full;
    body { ; a: String => Carrier lists }
}

#[cfg(mistake = "manual twice")]
operation! {
    POST "/a" Wrong -> ();
    AppOrToken, Once, Carrier Full, Carrier Full;
}

#[cfg(mistake = "choice twice")]
choices! {
    /// A choice.
    pub enum Wrong: number {
        /// One.
        One = 1,
        /// Another.
        Another = 1,
    }
}

#[cfg(mistake = "limit of another form")]
operation! {
    GET "/a" Wrong -> ();
    AppOrToken, ReadOnly, Carrier Full;
    query { a: u32 [1..5] }
}

#[cfg(mistake = "value that the type doesn't list")]
operation! {
    POST "/a" Wrong -> ();
    AppOrToken, Once, Carrier Full;
    body { level: Level ["low" | "high"] }
}

#[cfg(mistake = "value that is named twice")]
operation! {
    POST "/a" Wrong -> ();
    AppOrToken, Once, Carrier Full;
    body { level: Level ["low" | "low"] }
}

#[cfg(mistake = "limit of a member that isn't there")]
operation! {
    POST "/a" Wrong -> ();
    AppOrToken, Once, Carrier Full;
    body { part: Part ["size": 1..=2] }
}

#[cfg(mistake = "limit of a member outside of its type")]
operation! {
    POST "/a" Wrong -> ();
    AppOrToken, Once, Carrier Full;
    body { part: Vec<Part> ["partNumber": -1..=2] }
}

#[cfg(mistake = "limit of a member beyond the object's own")]
operation! {
    POST "/a" Wrong -> ();
    AppOrToken, Once, Carrier Full;
    body { sized: Measured ["size": 1..=10] }
}

#[cfg(mistake = "values of a member beyond the object's own")]
operation! {
    POST "/a" Wrong -> ();
    AppOrToken, Once, Carrier Full;
    body { sized: Measured ["grade": 1 | 3] }
}

#[cfg(mistake = "limit of a member that allows none of the object's own values")]
operation! {
    POST "/a" Wrong -> ();
    AppOrToken, Once, Carrier Full;
    body { sized: Measured ["grade": 3..=3] }
}

#[cfg(mistake = "limit of a member that excludes its default")]
operation! {
    POST "/a" Wrong -> ();
    AppOrToken, Once, Carrier Full;
    body { sized: Measured ["size": 5..=9] }
}

#[cfg(mistake = "limit of a member twice")]
operation! {
    POST "/a" Wrong -> ();
    AppOrToken, Once, Carrier Full;
    body { sized: Measured ["size": 1..=5; "size": 1..=6] }
}

#[cfg(mistake = "limit of members of a text")]
operation! {
    POST "/a" Wrong -> ();
    AppOrToken, Once, Carrier Full;
    body { a: String ["size": 1..=2] }
}

#[cfg(mistake = "member that can't be missing")]
answer! {
    /// An answer.
    Wrong { size: i64 }
}

#[cfg(mistake = "members of one name")]
answer! {
    /// An answer.
    Wrong { size: Option<i64>, other: Option<i64> = "otherSize" | "size" }
}

#[cfg(mistake = "quoted text")]
operation! {
    POST "/a" Wrong -> ();
    AppOrToken, Once, Carrier Full;
    body { size: koodrive_proto::param::Quoted<String> }
}

#[cfg(mistake = "joined numbers with a minus")]
operation! {
    POST "/a" Wrong -> ();
    AppOrToken, Once, Carrier Full;
    query { a: koodrive_proto::param::Joined<i32, '-'> }
}

#[cfg(mistake = "id of something else")]
fn wrong(file: koodrive_proto::FileId) {
    use koodrive_proto::ops::spaces::{DeleteSpace, SpaceType};
    DeleteSpace::new("1", SpaceType::Individual).container_id(file);
}
