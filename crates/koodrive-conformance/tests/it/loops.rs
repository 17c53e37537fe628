//! The loop that drives flows is one text in both transports, but for `async`, `.await` and how to sleep.

fn drives(source: &str) -> String {
    let begin = source.find("fn run<F: Flow + ?Sized>").unwrap();
    let end = begin + source[begin..].find("\n    }\n").unwrap();
    let sleep =
        source[begin..end].find("thread::sleep(time)").map_or("self.timer.sleep(time)", |_| "thread::sleep(time)");
    source[begin..end].replace(".await", "").replace(sleep, "sleep(time)")
}

#[test]
fn one_loop() {
    let blocking = drives(include_str!("../../../koodrive-ureq/src/lib.rs"));
    let asynchronous = drives(include_str!("../../../koodrive-hyper/src/lib.rs"));
    assert_eq!(blocking, asynchronous);
    assert!(blocking.lines().count() < 20 && blocking.contains("Step::Done(result) => return result"));
}
