//! Records of firmware and calibration.

use super::{ImageFault, Names};
use crate::fingerprint::Fingerprint;
use crate::spec::ItemId;
use crate::wire::Ip;
use crate::wire::image::ImageKind;
use pumplab_derive::RecordFamily;
use schemars::JsonSchema;
use serde::Serialize;

/// What happened to firmware and calibration of a pump.
#[derive(Clone, Debug, PartialEq, Serialize, Fingerprint, JsonSchema, RecordFamily)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
#[serde(rename_all = "kebab-case", tag = "record")]
pub enum ImageRecord {
    /// A pump was offered firmware or calibration and did not store it.
    #[record(
        refusal,
        item = Some(*item),
        says("refused {kind} {version} from {source}: {why} ({item})", source = source(names, *from))
    )]
    ImageRefused {
        /// Kind.
        kind: ImageKind,
        /// Version claimed.
        version: u32,
        /// Who offered it; no address means the local port.
        from: Ip,
        /// Why.
        why: ImageFault,
        /// The check's configuration item.
        item: ItemId,
    },
    /// A pump stored firmware or calibration, to install it when idle.
    #[record(plain, says("stored {kind} {version} from {source}", source = source(names, *from)))]
    ImageStored {
        /// Kind.
        kind: ImageKind,
        /// Version claimed.
        version: u32,
        /// Who offered it; no address means the local port.
        from: Ip,
    },
    /// A pump runs other firmware or calibration from now on.
    #[record(
        plain,
        says(
            "now runs {kind} {version}, {whose}",
            whose = if *genuine { "its maker's" } else { "not its maker's" },
        )
    )]
    ImageInstalled {
        /// Kind.
        kind: ImageKind,
        /// Version claimed.
        version: u32,
        /// Whether its maker made it.
        genuine: bool,
    },
}

fn source(names: &dyn Names, from: Ip) -> String {
    if from == Ip::UNSPECIFIED {
        "its local port".to_owned()
    } else {
        names.ip(from)
    }
}
