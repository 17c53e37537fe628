//! The lock that a device holds while it backs up.

use std::borrow::Cow;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::call::{Answer, Call};
use crate::mix::mix;
use crate::reply::{Refusal, Reply};
use crate::store::Row;
use crate::times;

/// How long a lock lives unless it is renewed.
const LIFE: TimeDelta = TimeDelta::minutes(10);

/// A lock for the backups of one kind of data of a user, under its id. It is still here after its life, until another
/// one is taken.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Lock {
    user_id: String,
    module: String,
    expires: DateTime<Utc>,
}

impl Row for Lock {
    /// Locks are listed under their user, at most one for each kind of data.
    fn owner(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.user_id)
    }
}

/// Takes the lock, unless somebody holds it: the call doesn't say for which device, so another device and the same one
/// are refused alike.
pub(super) fn take(call: &mut Call<'_>) -> Answer {
    let module = call.required("moduleCode");
    let last = call.store.backup_locks.under(call.user_id).find(|(_, lock)| lock.module == module);
    let last = last.map(|(id, lock)| (id.to_owned(), lock.expires));
    if let Some((id, expires)) = last {
        if call.now < expires {
            return Err(Refusal::new("13000102", format!("the lock is held until {}", times::millis(expires))));
        }
        call.store.backup_locks.remove(&id);
    }
    let seed = mix(call.store.next_id().parse().unwrap_or_default());
    let hex = format!("{:016x}{:016x}", mix(seed), mix(!seed));
    let parts = [0..8, 8..12, 12..16, 16..20, 20..32].map(|part| hex.get(part).unwrap_or_default());
    let id = format!("{}@{module}", parts.join("-"));
    let lock = Lock { user_id: call.user_id.to_owned(), module, expires: times::after(call.now, LIFE) };
    call.store.backup_locks.insert(&*id, lock);
    Ok(Reply::data(json!({"lockId": id})))
}

/// Finds the lock that a call names, which has to be the user's.
fn own<'a>(call: &'a Call<'_>) -> Result<(String, &'a Lock), Refusal> {
    let id = call.required("x-backup-lock-id");
    let lock = call.store.backup_locks.get(&id).filter(|lock| lock.user_id == call.user_id);
    Ok((id, lock.ok_or_else(|| Refusal::new("13000309", "there is no such lock"))?))
}

/// Gives a lock another life, from now on, or from the end of its last life, as the English page says.
pub(super) fn renew(call: &mut Call<'_>) -> Answer {
    let (id, lock) = own(call)?;
    let expires = times::after(lock.expires.min(call.now), LIFE);
    call.store.backup_locks.update(&id, |lock| lock.expires = expires);
    Ok(Reply::default())
}

pub(super) fn release(call: &mut Call<'_>) -> Answer {
    let (id, _) = own(call)?;
    call.store.backup_locks.remove(&id);
    Ok(Reply::default())
}

/// Refuses what writes to a backup without the lock for its kind of data.
pub(super) fn check(call: &Call<'_>, module: &str) -> Result<(), Refusal> {
    let (_, lock) = own(call)?;
    if lock.expires <= call.now {
        return Err(Refusal::new("13000309", format!("the lock expired at {}", times::millis(lock.expires))));
    }
    if lock.module == module { Ok(()) } else { Err(Refusal::new("13000102", "the lock is for another kind of data")) }
}
