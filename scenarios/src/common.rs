//! Keys that several kinds of file have.

use crate::diagnostic::WARNINGS;
use crate::shape::{Field, Kind, may, need};

/// Every file has a title.
pub(crate) const TITLE: Field = need("title", Kind::Text, "What it is, one line.");
/// And may say more.
pub(crate) const SUMMARY: Field = may("summary", Kind::Text, "What it is for, a paragraph.");

static WARNING_CODES: Kind = Kind::Word(WARNINGS);

/// Labs and scenarios may mean what others do by mistake.
pub(crate) const ACCEPTED: Field = may(
    "accept_warnings",
    Kind::List(&WARNING_CODES),
    "Codes of warnings about this file that are meant and not told, such as `PL0806`.",
);
