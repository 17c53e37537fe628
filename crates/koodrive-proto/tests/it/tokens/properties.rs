//! What holds for flows that are driven in any order.

use std::time::Duration;

use koodrive_proto::bytes::Bytes;
use koodrive_proto::flow::{Cause, Event, Failure, Reached};
use koodrive_proto::ops::spaces::GetSpaceUsageOverview;
use koodrive_proto::{Call, Flow, http};
use proptest::prelude::*;

use super::{MINUTE, Service, answer, api, overview, session};

#[derive(Debug, Clone)]
enum Act {
    Resume(usize, u8),
    Drop(usize),
    Pass(u64),
    Push,
}

fn any_act() -> impl Strategy<Value = Act> {
    prop_oneof![
        6 => (0..4usize, any::<u8>()).prop_map(|(flow, event)| Act::Resume(flow, event)),
        1 => (0..4usize).prop_map(Act::Drop),
        1 => (0..40_000u64).prop_map(Act::Pass),
        1 => Just(Act::Push),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    /// Flows that are driven in any order, dropped and forgotten: no panic, and afterwards a call still works.
    #[test]
    fn nothing_gets_stuck(acts in prop::collection::vec(any_act(), 1..60)) {
        let (service, api) = (Service::expired(), api(session("Bearer 0")));
        let op = GetSpaceUsageOverview::new();
        let mut world = service.world();
        let mut flows: Vec<Call<'_, _>> = (0..4).map(|_| Call::new(&op)).collect();
        for act in acts {
            match act {
                Act::Resume(flow, event) => {
                    let event = match event % 6 {
                        0 => Event::Start,
                        1 => Event::Elapsed,
                        2 => Event::Response(http::Response::new(Bytes::from_static(br#"{"accessToken": "Bearer z"}"#))),
                        3 => Event::Failed(Failure::new(Reached::Maybe, Cause::Timeout, "cut")),
                        _ => answer(401, ""),
                    };
                    let _ = flows[flow].resume(&api, world.now(), event);
                }
                Act::Drop(flow) => flows[flow] = Call::new(&op),
                Act::Pass(millis) => world.pass(Duration::from_millis(millis)),
                Act::Push => api.set_credentials(session("Bearer 0")).unwrap(),
            }
        }
        let begun = world.now().elapsed;
        // The others are kept and driven no more.
        prop_assert!(overview(&mut world, &api).is_ok());
        prop_assert!(world.now().elapsed < begun + MINUTE);
    }
}
