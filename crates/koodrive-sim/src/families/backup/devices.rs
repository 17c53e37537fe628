//! The devices that are backed up, and what each of them backs up.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use crate::call::{self, Answer, Call};
use crate::reply::{Refusal, Reply};
use crate::store::{Row, Store};
use crate::times;

/// A device of a user, under its id.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Device {
    user_id: String,
    machine_code: String,
    name: Option<String>,
    os: Option<String>,
    created: DateTime<Utc>,
}

impl Row for Device {
    /// Devices are listed under their user.
    fn owner(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.user_id)
    }
}

/// From where and to where a device backs up, under its id.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Scope {
    device_id: String,
    /// What kind of data it is: 100 are folders, 101 is the album, 102 the address book.
    module: String,
    local_path: String,
    target_path: String,
    created: DateTime<Utc>,
}

impl Row for Scope {
    /// Scopes are listed under their device.
    fn owner(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.device_id)
    }
}

/// Registers a device. One that has the code already is the same device, with a new name.
pub(super) fn bind(call: &mut Call<'_>) -> Reply {
    let machine_code = call.required("machineCode");
    let (name, os) = (call.text("deviceName"), call.text("deviceOS"));
    let known = call.store.backup_devices.under(call.user_id).find(|(_, device)| device.machine_code == machine_code);
    let known = known.map(|(id, device)| (id.to_owned(), device.created));
    let (id, created) = known.unwrap_or_else(|| (call.store.next_id(), call.now));
    let device = Device { user_id: call.user_id.to_owned(), machine_code, name, os, created };
    let info = info(&id, &device);
    call.store.backup_devices.insert(id, device);
    Reply::data(info)
}

/// Lists the user's devices.
pub(super) fn list(call: &Call<'_>) -> Reply {
    let devices = call.store.backup_devices.under(call.user_id);
    Reply::data(devices.map(|(id, device)| info(id, device)).collect::<Vec<Json>>())
}

/// Finds the device that a call names, which has to be the user's.
pub(super) fn own<'a>(call: &'a Call<'_>) -> Result<(String, &'a Device), Refusal> {
    let id = call.required("deviceId");
    let device = call.store.backup_devices.get(&id).filter(|device| device.user_id == call.user_id);
    Ok((id, device.ok_or_else(|| Refusal::new("13000309", "there is no such device"))?))
}

/// What answers say of a device.
pub(super) fn info(id: &str, device: &Device) -> Json {
    let mut info = json!({
        "deviceId": id,
        "machineCode": device.machine_code,
        "createTime": times::millis(device.created),
    });
    for (name, value) in [("deviceName", &device.name), ("deviceOS", &device.os)] {
        if let Some(value) = value {
            info[name] = value.as_str().into();
        }
    }
    info
}

/// Removes a device and its scopes. Its backups stay.
pub(super) fn unbind(call: &mut Call<'_>) -> Answer {
    let (id, device) = own(call)?;
    let info = info(&id, device);
    remove(call.store, &id);
    Ok(Reply::data(info))
}

pub(super) fn remove(store: &mut Store, id: &str) {
    store.backup_devices.remove(id);
    store.backup_scopes.remove_under(id);
}

/// Adds what the device doesn't back up yet.
pub(super) fn add_scopes(call: &mut Call<'_>) -> Answer {
    let (device_id, _) = own(call)?;
    let module = call.required("moduleCode");
    for (at, scope) in call.objects("scopeList").iter().enumerate() {
        let path = |name: &str| scope.get(name).and_then(call::text).unwrap_or_default();
        let scope = Scope {
            device_id: device_id.clone(),
            module: module.clone(),
            local_path: path("localPath"),
            target_path: path("targetFolderPath"),
            created: call.now,
        };
        if scope.local_path.is_empty() && scope.target_path.is_empty() {
            return Err(Refusal::new("13000102", format!("scopeList[{at}]: no path")));
        }
        let is_same = |known: &Scope| Scope { created: known.created, ..scope.clone() } == *known;
        if !call.store.backup_scopes.under(&device_id).any(|(_, known)| is_same(known)) {
            let id = call.store.next_id();
            call.store.backup_scopes.insert(id, scope);
        }
    }
    Ok(Reply::default())
}

/// Lists what the device backs up of one kind of data.
pub(super) fn list_scopes(call: &Call<'_>) -> Answer {
    let (device_id, _) = own(call)?;
    let module = call.required("moduleCode");
    let scopes = call.store.backup_scopes.under(&device_id).filter(|(_, scope)| scope.module == module);
    let row = |(id, scope): (&str, &Scope)| {
        json!({
            "localPath": scope.local_path,
            "targetFolderPath": scope.target_path,
            "scopeId": id,
            "moduleCode": scope.module,
            "createTime": times::millis(scope.created),
        })
    };
    Ok(Reply::default().with("scopeList", scopes.map(row).collect::<Vec<Json>>()))
}

/// Removes scopes. By its type, the list of what failed is one object: the first one.
pub(super) fn delete_scopes(call: &mut Call<'_>) -> Answer {
    let (device_id, _) = own(call)?;
    let ids = call.texts("scopeIdList").unwrap_or_default();
    let is_own = |id: &String| call.store.backup_scopes.get(id).is_some_and(|scope| scope.device_id == device_id);
    let (removed, failed): (Vec<String>, Vec<String>) = ids.into_iter().partition(is_own);
    for id in &removed {
        call.store.backup_scopes.remove(id);
    }
    let mut reply = Reply::default().with("scopeIdList", removed);
    if let Some(id) = failed.into_iter().next() {
        let failure = json!({"scopeId": id, "errorCode": "13000309", "msg": "Resource not found."});
        reply = reply.with("failedScopeList", failure);
    }
    Ok(reply)
}
