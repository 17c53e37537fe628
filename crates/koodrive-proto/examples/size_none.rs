//! For `cargo xtask size`: the same as `size_all`, but without the types of the answers.

use std::hint::black_box;

use koodrive_proto::Operation;
use koodrive_proto::check::FromParams;
use koodrive_proto::http::Response;
use koodrive_proto::ops::spaces::UpdateSpace;
use koodrive_proto::ops::{Visitor, visit};

struct Without(String, usize);

impl Visitor for Without {
    fn operation<O: Operation + FromParams>(&mut self) {
        self.1 += black_box(O::META).params.len();
    }
}

fn main() {
    let mut without = Without(std::env::args().nth(1).unwrap_or_default(), 0);
    visit(&mut without);
    println!("{} {}", without.1, UpdateSpace::parse(&Response::new(&without.0)).is_ok());
}
