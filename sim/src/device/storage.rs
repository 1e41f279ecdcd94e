//! Files and memory of a host.

use super::credentials::credentials;
use super::id;
use super::part::{BuildError, Part, Site, Sockets};
use crate::crypto::{Passphrase, Sealed};
use crate::event::NO_ITEM;
use crate::net::port::Disk;
use crate::proto::tls::Credentials;
use crate::spec::{FileContentSpec, FileSpec, HostSpec, ItemId, LinkSpec};
use crate::wire::file::{Content, File, FileInfo, PatientRecord};
use bevy_ecs::component::Component;
use std::sync::Arc;

/// Every host has files.
pub(super) const PART: Part = Part {
    on: |_, _| Some(Sockets::default()),
    build,
    wipe: |node| {
        if let Some(storage) = node.get_mut::<Storage>() {
            storage.wipe();
        }
    },
    ..Part::new(id::STORAGE)
};

fn build(site: &mut Site<'_>) -> Result<(), BuildError> {
    let host = site.host;
    let mut files: Vec<_> = host
        .files
        .iter()
        .map(|f| (f.id, file(&host.name, f)))
        .collect();
    files.extend(stored_identity(host));
    site.insert(Storage {
        files,
        free: host.storage_bytes,
        memory: host.memory_bytes,
        touched: false,
    });
    Ok(())
}

/// Files and free room of a host.
#[derive(Component, Clone, Debug)]
pub struct Storage {
    /// Files, with the item that put each there.
    pub files: Vec<(ItemId, File)>,
    /// Free storage in bytes.
    pub free: u64,
    /// Free memory in bytes.
    pub memory: u64,
    /// Whether files have changed since somebody last looked.
    pub touched: bool,
}

impl Storage {
    /// The file at a path.
    #[must_use]
    pub fn file(&self, path: &str) -> Option<&File> {
        self.files.iter().map(|(_, f)| f).find(|f| f.path == path)
    }

    /// Writes a file; whether there was room.
    pub(super) fn write(&mut self, file: File) -> bool {
        let existing = self.file(&file.path).map_or(0, |f| f.bytes);
        if file.bytes > self.free + existing {
            return false;
        }
        self.free = self.free + existing - file.bytes;
        self.files.retain(|(_, f)| f.path != file.path);
        self.files.push((NO_ITEM, file));
        self.touched = true;
        true
    }

    /// Everything goes: the host is set up anew.
    pub fn wipe(&mut self) {
        self.free += self.files.iter().map(|(_, f)| f.bytes).sum::<u64>();
        self.files.clear();
        self.touched = true;
    }

    /// Whether a file is encrypted.
    #[must_use]
    pub fn has_sealed(&self) -> bool {
        let sealed = |f: &File| matches!(f.content, Content::Sealed(_));
        self.files.iter().any(|(_, f)| sealed(f))
    }

    /// Whether files have changed since this was last asked.
    pub(super) fn take_touched(&mut self) -> bool {
        std::mem::take(&mut self.touched)
    }
}

impl Disk for Storage {
    fn list(&self) -> Vec<FileInfo> {
        let info = |f: &File| FileInfo {
            path: f.path.clone(),
            bytes: f.bytes,
        };
        self.files.iter().map(|(_, f)| info(f)).collect()
    }

    fn read(&self, path: &str) -> Option<File> {
        self.file(path).cloned()
    }

    fn write(&mut self, file: File) -> bool {
        Self::write(self, file)
    }

    fn remove(&mut self, path: &str) -> bool {
        let Some(i) = self.files.iter().position(|(_, f)| f.path == path) else {
            return false;
        };
        let (_, file) = self.files.remove(i);
        self.free += file.bytes;
        self.touched = true;
        true
    }
}

fn content(spec: &FileContentSpec) -> Content {
    match spec {
        FileContentSpec::Records { patients } => Content::Records(
            patients
                .iter()
                .map(|&patient| PatientRecord { patient })
                .collect(),
        ),
        FileContentSpec::NetworkKey { ssid, passphrase } => Content::NetworkKey {
            ssid: ssid.clone(),
            passphrase: Passphrase::of(passphrase),
        },
        FileContentSpec::Account { user, password } => Content::Account {
            user: user.clone(),
            password: Passphrase::of(password),
        },
        FileContentSpec::Data => Content::Data,
    }
}

fn file(host: &str, spec: &FileSpec) -> File {
    let plain = content(&spec.content);
    let content = if spec.encrypted {
        let key = Passphrase::of(host).key("storage");
        Content::Sealed(Box::new(Sealed::seal(
            &key,
            plain,
            u32::try_from(spec.bytes).unwrap_or(u32::MAX),
        )))
    } else {
        plain
    };
    File {
        path: spec.path.clone(),
        bytes: spec.bytes,
        content,
    }
}

/// The certificate and key that a device has in its memory when it is in somebody's hands.
fn stored_identity(host: &HostSpec) -> Option<(ItemId, File)> {
    let item = host.certificate.as_ref()?.id;
    let Credentials { chain, key, .. } = credentials(host, &Arc::default());
    let file = File {
        path: "/flash/identity".to_owned(),
        bytes: 2048,
        content: Content::Identity { chain, key: key? },
    };
    (host.link == LinkSpec::None).then_some((item, file))
}
