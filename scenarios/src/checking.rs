//! Checks a text as a file of a kind: every kind of file is known here.

use crate::costs;
use crate::defence;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Source};
use crate::drug_library;
use crate::kind::Kind;
use crate::lab;
use crate::library::{Library, stem};
use crate::profile;
use crate::server_profile;
use crate::warn;

impl Library {
    /// Checks a text as a file of a kind.
    ///
    /// # Errors
    /// Where the text is wrong.
    pub fn check(&self, kind: Kind, file_name: &str, text: &str) -> Result<(), Diagnostics> {
        let source = Source::new(file_name, text);
        let name = stem(file_name);
        let told = Kind::told(text);
        if let Some(other) = told.first().filter(|_| !told.contains(&kind)) {
            // Everything else that could be said would be about a file that nobody meant to write.
            let message = format!("this is {}, not {}", other.a_file(), kind.a_file());
            let d = Diagnostic::at(Code::WrongKind, &source, 0..0, message);
            let hint = format!("it belongs into the folder `{}`", other.folder());
            return Err(d.label("another kind of file").hint(hint).into());
        }
        match kind {
            Kind::Lab => lab::parse(self, name, &source).map(drop),
            Kind::Defence => defence::parse(self, name, &source).map(drop),
            Kind::Profile if server_profile::is_server(&source) => {
                server_profile::parse(self, name, &source).map(drop)
            }
            Kind::Profile => profile::parse(self, name, &source).map(drop),
            Kind::DrugLibrary => drug_library::parse(self, &source).map(drop),
            Kind::Scenario => self.parse_scenario(file_name, text).map(drop),
            Kind::Costs => costs::parse(self, &source).map(drop),
        }
    }

    /// Checks a text as a lab, and warns of what can never work there: as the file says, and under each defence of the library.
    ///
    /// # Errors
    /// Where the text is wrong.
    pub fn check_lab(&self, file_name: &str, text: &str) -> Result<Diagnostics, Diagnostics> {
        let source = Source::new(file_name, text);
        let lab = lab::parse(self, stem(file_name), &source)?;
        Ok(warn::of_lab(self, &lab, &source))
    }
}
