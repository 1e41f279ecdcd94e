//! What is told of pumps as things: firmware, calibration, hands, cases, ports.

use crate::report::words::{self, Words};
use pumplab_sim::record::{ImageFault, LabRecord};
use pumplab_sim::wire::Ip;
use pumplab_sim::wire::image::ImageKind;

fn image(kind: ImageKind, version: u32) -> String {
    match kind {
        ImageKind::Firmware => format!("firmware {version}"),
        ImageKind::Calibration => format!("calibration {version}"),
    }
}

fn source(words: &Words, from: Ip) -> String {
    if from == Ip::UNSPECIFIED {
        "its local port".to_owned()
    } else {
        words.ip(from)
    }
}

fn fault(why: ImageFault) -> &'static str {
    match why {
        ImageFault::Damaged => "its checksum is wrong",
        ImageFault::Unsigned => "it is not signed",
        ImageFault::BadSignature => "its signature does not verify",
    }
}

pub(super) fn images(words: &Words, what: &LabRecord) -> Option<String> {
    Some(match what {
        LabRecord::ImageRefused {
            kind,
            version,
            from,
            why,
            item,
        } => format!(
            "refused {} from {}: {} ({})",
            image(*kind, *version),
            source(words, *from),
            fault(*why),
            words.item(*item)
        ),
        LabRecord::ImageStored {
            kind,
            version,
            from,
        } => format!(
            "stored {} from {}",
            image(*kind, *version),
            source(words, *from)
        ),
        LabRecord::ImageInstalled {
            kind,
            version,
            genuine,
        } => {
            let whose = if *genuine {
                "its maker's"
            } else {
                "not its maker's"
            };
            format!("now runs {}, {whose}", image(*kind, *version))
        }
        LabRecord::FlowDiffers {
            drug,
            displayed_ml_per_h,
            delivered_ml_per_h,
            ..
        } => format!(
            "{drug} runs at {delivered_ml_per_h:.2} mL/h, the display says {displayed_ml_per_h:.2} mL/h"
        ),
        LabRecord::AlarmMuted { number, kind } => {
            format!("alarm {number} is kept silent: {}", words::plain(kind))
        }
        _ => return None,
    })
}

pub(super) fn hands(words: &Words, what: &LabRecord) -> Option<String> {
    Some(match what {
        LabRecord::Touched { by, what } => {
            format!("{} laid hands on it: {what}", words.node(*by))
        }
        LabRecord::OperatorAsked { by, item } => format!(
            "asked {} for an operator's code and got none ({})",
            words.node(*by),
            words.item(*item)
        ),
        LabRecord::OperatorLoggedIn { by } => {
            format!("{} logged in as operator", words.node(*by))
        }
        LabRecord::LockHolds { by, longer, item } => format!(
            "its lock holds {} up for {longer} ({})",
            words.node(*by),
            words.item(*item)
        ),
        LabRecord::CaseOpened { by } => format!("{} opened its case", words.node(*by)),
        LabRecord::CaseInterrupted { who, by, item } => {
            let why = item.map_or_else(String::new, |id| format!(" ({})", words.item(id)));
            format!(
                "{} came and sent {} away from its case{why}",
                words.node(*by),
                words.node(*who)
            )
        }
        LabRecord::FlashWritten { by } => {
            format!("{} wrote its flash memory", words.node(*by))
        }
        LabRecord::PortClosed { by, item } => format!(
            "its local port took nothing from {} ({})",
            words.node(*by),
            words.item(*item)
        ),
        LabRecord::Plugged { by } => {
            format!("{} brought something to its local port", words.node(*by))
        }
        LabRecord::Cabled { pump, on } => {
            let how = if *on { "connected to" } else { "taken off" };
            format!("is {how} {} by cable", words.node(*pump))
        }
        LabRecord::SettingsChanged { peer, server } => format!(
            "reports to {server} from now on, as {} set it",
            words.ip(*peer)
        ),
        _ => return None,
    })
}
