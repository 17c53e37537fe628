//! For `cargo xtask size`: reads an answer as that of each operation.

use koodrive_proto::Operation;
use koodrive_proto::check::FromParams;
use koodrive_proto::http::Response;
use koodrive_proto::ops::{Visitor, visit};

struct All(String, usize);

impl Visitor for All {
    fn operation<O: Operation + FromParams>(&mut self) {
        self.1 += usize::from(O::parse(&Response::new(&self.0)).is_ok());
    }
}

fn main() {
    let mut all = All(std::env::args().nth(1).unwrap_or_default(), 0);
    visit(&mut all);
    println!("{}", all.1);
}
