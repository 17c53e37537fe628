//! The devices that are backed up.

use crate::ops::backup::BackupDevice;
use crate::schema::Rule;
use crate::{operation, text};

operation! {
    /// Registers a device for backups. The answer has its id.
    ///
    /// The page doesn't say what happens to a device that is registered already.
    ///
    /// Source: bindDevice, carrier (2026-02-12); the bodies of the examples could not be read.
    ///
    /// ```
    /// # use koodrive_proto::ops::backup::BindBackupDevice;
    /// BindBackupDevice::new("20250911").device_name("Magic v3").device_os("android");
    /// ```
    POST "/koodrive/ose/v1/backup/device" BindBackupDevice = "bindDevice" -> BackupDevice as data;
    AppOrToken, Once, Carrier Full;
    body {
        /// The code that the device is known by.
        machine_code: MachineCode [1..=64] = "machineCode";
        /// The name of the device.
        device_name: DeviceName [1..=32] = "deviceName",
        /// The operating system of the device.
        device_os: DeviceOs [1..=32] = "deviceOS",
    }
}

text! {
    /// The code of a device: ASCII letters, digits and underscores.
    pub struct MachineCode: Rule::new("ASCII letters, digits and `_`", "20250911", |code| {
        only(code, |char| matches!(char, '_'))
    });
}

text! {
    /// The name of a device: ASCII letters, digits, hyphens, underscores and white space.
    ///
    /// The manual's pattern has `\s`, which is taken as blanks, tabs, line ends and form feeds.
    pub struct DeviceName: Rule::new("ASCII letters, digits, `-`, `_` and white space", "Magic v3", |name| {
        only(name, |char| matches!(char, '-' | '_') || is_white(char))
    });
}

text! {
    /// An operating system: ASCII letters, digits, underscores and white space, which [`DeviceName`] explains. A
    /// version number with a point doesn't fit.
    pub struct DeviceOs: Rule::new("ASCII letters, digits, `_` and white space", "android", |name| {
        only(name, |char| matches!(char, '_') || is_white(char))
    });
}

/// What `\s` means in most patterns, for ASCII: tab, line feed, vertical tab, form feed, carriage return and blank.
fn is_white(char: char) -> bool {
    matches!(char, '\t'..='\r' | ' ')
}

fn only(text: &str, others: fn(char) -> bool) -> Result<(), &'static str> {
    if text.chars().all(|char| char.is_ascii_alphanumeric() || others(char)) {
        Ok(())
    } else {
        Err("a text with another character")
    }
}

operation! {
    /// Lists the user's devices, all at once.
    ///
    /// Source: listBoundDevice, carrier (2026-02-12); the end of the example could not be read.
    ///
    /// ```
    /// # use koodrive_proto::ops::backup::ListBackupDevices;
    /// ListBackupDevices::new();
    /// ```
    GET "/koodrive/ose/v1/backup/device" ListBackupDevices = "listBoundDevice" -> Vec<BackupDevice> as data;
    AppOrToken, ReadOnly, Carrier Full;
}

operation! {
    /// Removes a device. The answer is the device as it was.
    ///
    /// The page doesn't say what happens to the device's scopes and backups.
    ///
    /// Source: unbindDevice, carrier (2026-02-03).
    ///
    /// ```
    /// # use koodrive_proto::ops::backup::UnbindBackupDevice;
    /// UnbindBackupDevice::new("1775406005920779393");
    /// ```
    DELETE "/koodrive/ose/v1/backup/device/{deviceId}" UnbindBackupDevice = "unbindDevice" -> BackupDevice as data;
    AppOrToken, Idempotent, Carrier Full;
    path {
        /// The id of the device, from the answer of bindDevice.
        device_id: String = "deviceId",
    }
}
