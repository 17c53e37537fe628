//! A renewal of the caller's own, by a request to another host.

use std::sync::{Arc, Mutex};

use koodrive_proto::auth::Renew;
use koodrive_proto::bytes::Bytes;
use koodrive_proto::chrono::{DateTime, TimeDelta, Utc};
use koodrive_proto::flow::{Attempt, Observer};
use koodrive_proto::ops::spaces::GetSpaceUsageOverview;
use koodrive_proto::schema::Target;
use koodrive_proto::testing::{Reply, World};
use koodrive_proto::{AccessToken, Credentials, Error, ErrorKind, Operation, Refresh, http};

use super::{api, overview, token};

/// A request of the caller's own, to another host.
#[derive(Clone, Default)]
struct Elsewhere(Arc<Mutex<Vec<String>>>);

impl Renew for Elsewhere {
    fn request(&self, token: &AccessToken, now: DateTime<Utc>) -> Result<http::Request<Bytes>, Error> {
        self.0.lock().unwrap().push(format!("{} {now}", token.as_str()));
        http::Request::post("https://id.example/token?x=y").body(Bytes::from_static(b"grant")).map_err(Error::build)
    }

    fn parse(&self, response: &http::Response<Bytes>, _: DateTime<Utc>) -> Result<Credentials, Error> {
        if !response.status().is_success() {
            return Err(Error::build(format!("the identity provider says {}", response.status())));
        }
        let token = String::from_utf8_lossy(response.body()).into_owned();
        Ok(Credentials::token(AccessToken::as_issued(token), "7").refresh(Refresh::by(self.clone())))
    }
}

#[test]
fn a_renewal_of_the_callers_own_goes_to_another_host() {
    let elsewhere = Elsewhere::default();
    let credentials = Credentials::token(AccessToken::as_issued("old"), "7").refresh(Refresh::by(elsewhere.clone()));
    let api = api(credentials);
    let mut world = World::new(|visit| match visit.target.name() {
        // Another host's clock tells nothing of KooDrive's.
        "token server" => Reply::ok("new").header("date", "Mon, 03 Nov 2025 01:00:00 GMT"),
        _ if token(visit) == "new" => Reply::ok(r#"{"data": {}}"#),
        _ => Reply::status(401, ""),
    });
    overview(&mut world, &api).unwrap();
    assert_eq!(api.clock_offset(), TimeDelta::zero());
    assert_eq!(*elsewhere.0.lock().unwrap(), ["old 2025-11-03 07:01:40.010 UTC"]);
    let request = &world.visits()[1].request;
    let headers: Vec<_> = request.headers().keys().map(http::HeaderName::as_str).collect();
    assert_eq!(headers, ["host", "content-length"], "none of ours goes to another host");
    assert_eq!(request.headers()["host"], "id.example");

    // Its refusal is the call's error, with what the caller's own parser said.
    api.set_credentials(Credentials::token(AccessToken::as_issued("old"), "7").refresh(Refresh::by(elsewhere)))
        .unwrap();
    let mut world = World::new(|_| Reply::status(401, "no"));
    let error = overview(&mut world, &api).unwrap_err();
    let expected = "GetSpaceUsageOverview: the token could not be renewed: token server: the identity provider says 401 Unauthorized";
    assert_eq!((error.to_string().as_str(), error.kind()), (expected, ErrorKind::Credentials));
}

/// Whoever issues the tokens is somebody else, also at KooDrive's own address: observers are told so, and its clock and
/// its refusals tell nothing of KooDrive's.
#[test]
fn a_renewal_of_the_callers_own_is_never_taken_for_a_call() {
    struct SameHost;
    impl Renew for SameHost {
        fn request(&self, _: &AccessToken, _: DateTime<Utc>) -> Result<http::Request<Bytes>, Error> {
            http::Request::post("https://h/token").header("x-date", "mine").body(Bytes::new()).map_err(Error::build)
        }
        fn parse(&self, response: &http::Response<Bytes>, _: DateTime<Utc>) -> Result<Credentials, Error> {
            let granted = response.status().is_success().then(|| AccessToken::as_issued("new"));
            Ok(Credentials::token(granted.ok_or_else(|| Error::build("no"))?, "7"))
        }
    }
    #[derive(Clone, Default)]
    struct Seen(Arc<Mutex<Vec<Target>>>);
    impl Observer for Seen {
        fn sending(&self, attempt: &Attempt) {
            self.0.lock().unwrap().push(attempt.target);
        }
    }
    let credentials = || Credentials::token(AccessToken::as_issued("old"), "7").refresh(Refresh::by(SameHost));
    let seen = Seen::default();
    let api = api(credentials()).observer(seen.clone());
    let date = "Mon, 03 Nov 2025 01:00:00 GMT";
    let mut world = World::new(move |visit| match visit.target {
        Target::Elsewhere(_) => Reply::ok("").header("date", date),
        Target::Service(_) if token(visit) == "new" => Reply::ok(r#"{"data": {}}"#),
        Target::Service(_) => Reply::status(401, ""),
    });
    overview(&mut world, &api).unwrap();
    let service = Target::from(GetSpaceUsageOverview::META);
    assert_eq!(*seen.0.lock().unwrap(), [service, Target::Elsewhere("token server"), service]);
    assert_eq!(api.clock_offset(), TimeDelta::zero());
    assert_eq!(world.visits()[1].request.headers()["x-date"], "mine");

    // A refusal with another date: nothing is dated anew, and nothing is sent a second time.
    api.set_credentials(credentials()).unwrap();
    let mut world = World::new(move |_| Reply::status(401, "").header("date", date));
    let error = overview(&mut world, &api.clock_correction(false)).unwrap_err();
    assert_eq!((error.kind(), world.visits().len()), (ErrorKind::Credentials, 2));
}

/// A request of the caller's own that is throttled is sent again, whatever the caller's parser makes of the answer; and
/// it is complete for every transport.
#[test]
fn a_renewal_of_the_callers_own_that_is_throttled_is_sent_again() {
    struct Empty;
    impl Renew for Empty {
        fn request(&self, _: &AccessToken, now: DateTime<Utc>) -> Result<http::Request<Bytes>, Error> {
            let request = http::Request::post("http://id.example:81/").header("now", now.to_rfc3339());
            request.body(Bytes::new()).map_err(Error::build)
        }
        fn parse(&self, response: &http::Response<Bytes>, _: DateTime<Utc>) -> Result<Credentials, Error> {
            let error = || Error::build("no token");
            let token = response.status().is_success().then(|| AccessToken::as_issued("new")).ok_or_else(error)?;
            Ok(Credentials::token(token, "7"))
        }
    }
    let api = api(Credentials::token(AccessToken::as_issued("old"), "7").refresh(Refresh::by(Empty)));
    api.set_clock_offset(TimeDelta::hours(1));
    let mut refreshes = 0;
    let mut world = World::new(move |visit| {
        refreshes += u32::from(visit.target.name() == "token server");
        match visit.target.name() {
            "token server" if refreshes == 1 => Reply::status(429, "").without_date(),
            "token server" => Reply::ok("").without_date(),
            _ if token(visit) == "new" => Reply::ok(r#"{"data": {}}"#).without_date(),
            _ => Reply::status(401, "").without_date(),
        }
    });
    overview(&mut world, &api).unwrap();
    let headers = world.visits()[1].request.headers();
    let headers: Vec<_> = headers.iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())).collect();
    assert_eq!(headers, ["now: 2025-11-03T08:01:40.010+00:00", "host: id.example:81", "content-length: 0"]);
}
