//! Records of programs and of the mail that brings them.

use crate::fingerprint::Fingerprint;
use crate::spec::ItemId;
use pumplab_derive::RecordFamily;
use schemars::JsonSchema;
use serde::Serialize;

/// What happened with mail, attachments and programs.
#[derive(Clone, Debug, PartialEq, Serialize, Fingerprint, JsonSchema, RecordFamily)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
#[serde(rename_all = "kebab-case", tag = "record")]
pub enum ProgramRecord {
    /// This mail server took a letter.
    #[record(
        plain,
        says("took a letter for {to}{waits}", waits = if *waiting { "; it waits there" } else { "" })
    )]
    LetterTaken {
        /// Mailbox.
        to: String,
        /// Whether it waits until somebody asks for it.
        waiting: bool,
    },
    /// Letters that waited at this mail server were fetched.
    #[record(plain, says("letters for {to} were fetched"))]
    LettersFetched {
        /// Mailbox.
        to: String,
    },
    /// Somebody at this host has a letter with an attachment.
    #[record(
        refusal if !*opened,
        item = Some(*item),
        says("an attachment was {did} ({item})", did = if *opened { "opened" } else { "left alone" })
    )]
    Attachment {
        /// Whether it was opened.
        opened: bool,
        /// How readily this person opens attachments: the configuration item.
        item: ItemId,
    },
    /// A program began to run on this host.
    #[record(plain, says("runs the program {family}"))]
    ProgramStarted {
        /// What it is known by.
        family: String,
        /// Whose it is: ground truth.
        author: String,
    },
    /// A program did not run on this host.
    #[record(
        refusal,
        item = Some(*item),
        says(
            "{how} {family} ({item})",
            how = if *known {
                "quarantined the known program"
            } else {
                "did not run the unlisted program"
            },
        )
    )]
    ProgramBlocked {
        /// What it is known by.
        family: String,
        /// Whether a scanner knew it; otherwise it was not on the list of what may run.
        known: bool,
        /// The configuration item that decided.
        item: ItemId,
    },
}
