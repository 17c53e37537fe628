//! Reads faults from a text: `reset-after=5%,slow=10%,slow-by=250ms,seed=7`.

use std::str::FromStr;
use std::time::Duration;

use koodrive_proto::InvalidParam;

use super::{Fault, Faults};

impl FromStr for Faults {
    type Err = InvalidParam;

    /// Reads `NAME=VALUE,…`: a share such as `5%` for a fault or for `all` of them; `slow-by` and `retry-after` such as
    /// `250ms` or `2s`; `seed` as a whole number (0 unless set). `FAULT@OPERATION` is a fault of one operation, see
    /// [`rate_of`](Faults::rate_of). If a name has two values, the later one counts.
    fn from_str(spec: &str) -> Result<Self, InvalidParam> {
        let mut faults = Self::new(0);
        for item in spec.split(',').map(str::trim) {
            let (name, value) = item.split_once('=').ok_or_else(|| {
                InvalidParam::new("fault", format!("`{item}`"), "NAME=VALUE, with commas between them")
            })?;
            match name {
                "seed" => faults.seed = read(name, value, "a whole number", |value| value.parse().ok())?,
                "slow-by" => faults.slow_by = read(name, value, TIME, time)?,
                "retry-after" => faults.retry_after = read(name, value, TIME, time)?,
                "all" => faults.set_all(read(name, value, PERCENT, percent)?),
                name => {
                    let (name, operation) = name.split_once('@').map_or((name, None), |(name, own)| (name, Some(own)));
                    let known = Fault::ALL.into_iter().find(|fault| fault.as_str() == name);
                    let fault = known.ok_or_else(|| {
                        let names = Fault::ALL.map(Fault::as_str).join(", ");
                        let allowed = format!("{names}, all, slow-by, retry-after, seed");
                        InvalidParam::new("fault", format!("`{name}`"), allowed)
                    })?;
                    let share = read(name, value, PERCENT, percent)?;
                    match operation {
                        None => faults.set(fault, share),
                        Some(operation) if fault != Fault::Refuse && faults.set_of(operation, fault, share) => {}
                        Some(operation) => {
                            let allowed = "a fault other than refuse, and an operation of KooDrive or PutPart, GetObject, \
                                           HeadObject";
                            return Err(InvalidParam::new("fault", format!("`{name}@{operation}`"), allowed));
                        }
                    }
                }
            }
        }
        if let Some(sum) = faults.too_many() {
            let sum = (sum * 100_000.0).round() / 1000.0;
            return Err(InvalidParam::new("fault", format!("{sum}% together"), "at most 100% for all faults together"));
        }
        Ok(faults)
    }
}

const TIME: &str = "whole milliseconds or seconds, as 250ms or 2s";
const PERCENT: &str = "0% to 100%";

fn read<T>(name: &str, value: &str, allowed: &'static str, read: fn(&str) -> Option<T>) -> Result<T, InvalidParam> {
    read(value).ok_or_else(|| InvalidParam::new(name.to_owned(), format!("`{value}`"), allowed))
}

pub(crate) fn percent(value: &str) -> Option<f64> {
    let percent: f64 = value.strip_suffix('%')?.parse().ok()?;
    (0.0..=100.0).contains(&percent).then_some(percent / 100.0)
}

fn time(value: &str) -> Option<Duration> {
    match value.strip_suffix("ms") {
        Some(value) => value.parse().ok().map(Duration::from_millis),
        None => value.strip_suffix('s')?.parse().ok().map(Duration::from_secs),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(spec: &str) -> Faults {
        spec.parse().unwrap()
    }

    #[test]
    fn specs() {
        let second = Duration::from_secs(1);
        assert_eq!(faults("all=30%,seed=7"), Faults::new(7).all(0.3));
        assert_eq!(
            faults("reset-after=5%, throttle=10% ,slow-by=250ms,retry-after=0s,seed=18446744073709551615"),
            Faults::new(u64::MAX)
                .rate(Fault::ResetAfter, 0.05)
                .rate(Fault::Throttle, 0.1)
                .slow_by(second / 4)
                .retry_after(Duration::ZERO),
        );
        for fault in Fault::ALL {
            assert_eq!(faults(&format!("{fault}=12.5%")), Faults::new(0).rate(fault, 0.125));
        }
        let own = Faults::new(0).rate(Fault::Slow, 0.1).rate_of("PutPart", Fault::Throttle, 0.5);
        let own = own.rate_of("CreateFile", Fault::ResetAfter, 1.0);
        assert_eq!(faults("reset-after@CreateFile=100%,throttle@PutPart=50%,slow=10%"), own);
        assert!("slow@None=1%".parse::<Faults>().is_err());
        // Later ones count, and only all of it has to fit.
        assert_eq!(faults("slow=60%,all=90%,slow=0%"), Faults::new(0).all(0.9).rate(Fault::Slow, 0.0));
        assert_eq!(faults("all=100%"), Faults::new(0).all(1.0));

        for (spec, message) in [
            ("", "fault: got ``, allowed: NAME=VALUE, with commas between them"),
            ("all", "fault: got `all`, allowed: NAME=VALUE, with commas between them"),
            ("all=30", "all: got `30`, allowed: 0% to 100%"),
            ("all=101%", "all: got `101%`, allowed: 0% to 100%"),
            ("slow=-1%", "slow: got `-1%`, allowed: 0% to 100%"),
            ("slow=NaN%", "slow: got `NaN%`, allowed: 0% to 100%"),
            ("slow-by=5", "slow-by: got `5`, allowed: whole milliseconds or seconds, as 250ms or 2s"),
            ("retry-after=1.5s", "retry-after: got `1.5s`, allowed: whole milliseconds or seconds, as 250ms or 2s"),
            ("seed=x", "seed: got `x`, allowed: a whole number"),
            (
                "slow@PutPart=60%,garbage@PutPart=50%",
                "fault: got 110% together, allowed: at most 100% for all faults together",
            ),
            (
                "refuse@PutPart=1%",
                "fault: got `refuse@PutPart`, allowed: a fault other than refuse, and an operation of KooDrive or PutPart, \
                 GetObject, HeadObject",
            ),
            ("slow=60%,garbage=50%", "fault: got 110% together, allowed: at most 100% for all faults together"),
            (
                "Slow=5%",
                "fault: got `Slow`, allowed: refuse, reset-before, reset-after, throttle, unavailable, slow, truncate, \
                 wrong-length, garbage, gateway-timeout, all, slow-by, retry-after, seed",
            ),
        ] {
            assert_eq!(spec.parse::<Faults>().unwrap_err().to_string(), message);
        }
    }
}
