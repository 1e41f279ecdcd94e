//! Files to begin with: templates, and copies of what is built in.

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::embedded;
use crate::kind::Kind;
use crate::library::Library;
use crate::suggest;
use pumplab_sim::spec::{HostSpec, LabSpec, PumpSpec, ServiceKind};

/// The lab of a scenario to begin with.
const USUAL_LAB: &str = "ward";

impl Kind {
    /// Whether there is a template of this kind. Drug libraries come from a pharmacy and cost files from a measurement: a copy is a better beginning.
    #[must_use]
    pub const fn has_template(self) -> bool {
        !matches!(self, Self::DrugLibrary | Self::Costs)
    }

    /// A valid file to begin with, commented, with this name as its title; none where there is no template. A scenario takes place in the lab `ward`.
    #[must_use]
    pub fn template(self, name: &str) -> Option<String> {
        match self {
            Self::Scenario => Library::embedded().starter_scenario(name, USUAL_LAB).ok(),
            kind => Some(text(kind)?.replace("__NAME__", name)),
        }
    }
}

/// The template of a kind.
fn text(kind: Kind) -> Option<&'static str> {
    let path = match kind {
        Kind::Lab => "templates/lab.toml",
        Kind::Defence => "templates/defence.toml",
        Kind::Profile => "templates/profile.toml",
        Kind::Scenario => "templates/scenario.toml",
        Kind::DrugLibrary | Kind::Costs => return None,
    };
    let (_, text) = embedded::TEMPLATES.iter().find(|(p, _)| *p == path)?;
    Some(text)
}

impl Library {
    /// A scenario to begin with, in a lab of the library: its pump, zone and access point are the lab's.
    ///
    /// # Errors
    /// Where there is no such lab, its file is wrong, or it has no pump to attack.
    pub fn starter_scenario(&self, name: &str, lab: &str) -> Result<String, Diagnostics> {
        let spec = self.lab(lab)?.spec;
        let Some((pump, _)) = target(&spec) else {
            let message = format!("the lab `{lab}` has no pump, so nothing can be tried there");
            return Err(Diagnostic::bare(Code::Impossible, message).into());
        };
        let zone = foothold(&spec).unwrap_or(&pump.zone);
        let point = spec.access_points.last().map_or(&pump.name, |a| &a.name);
        let text = text(Kind::Scenario).unwrap_or_default();
        let filled = [
            ("__NAME__", name),
            ("__LAB__", lab),
            ("__PUMP__", &pump.name),
            ("__ZONE__", zone),
            ("__AP__", point),
        ];
        let fill = |text: String, (blank, with): (&str, &str)| text.replace(blank, with);
        Ok(filled.into_iter().fold(text.to_owned(), fill))
    }

    /// A file of the library, or of a built-in collection, as the beginning of one's own: its text with all comments, and where it comes from.
    ///
    /// # Errors
    /// Where there is no such file.
    pub fn copy_of(&self, kind: Kind, name: &str) -> Result<String, Diagnostics> {
        let noun = kind.noun();
        let own = self.text(kind, name).map(str::to_owned);
        let collected = || {
            let collections = Self::collections().filter_map(|c| Self::collection(c).ok());
            let mut texts = collections.filter_map(|c| c.text(kind, name).map(str::to_owned));
            texts.next()
        };
        match own.or_else(collected) {
            Some(text) => Ok(format!(
                "# Copied from the built-in {noun} `{name}`.\n{text}"
            )),
            None => {
                let mut known = self.names(kind);
                if kind == Kind::Scenario {
                    let collections = Self::collections().filter_map(|c| Self::collection(c).ok());
                    known.extend(collections.flat_map(|c| c.names(kind)));
                }
                let (code, listed) = kind.unknown();
                let list = || format!("`pumplab list {listed}` prints all of them");
                let hint = suggest::hint(name, &known).unwrap_or_else(list);
                let message = format!("there is no built-in {noun} `{name}`");
                Err(Diagnostic::bare(code, message).hint(hint).into())
            }
        }
    }
}

/// The pump that a scenario to begin with attacks: one that takes libraries from whoever connects, and idle if there is such a one.
fn target(lab: &LabSpec) -> Option<(&HostSpec, &PumpSpec)> {
    let takes = |h: &HostSpec| h.services.iter().any(|s| s.kind == ServiceKind::PumpPush);
    let rank = |(h, p): &(&HostSpec, &PumpSpec)| (takes(h), p.infusion.is_none());
    // Of several, the last.
    lab.pumps().max_by_key(rank)
}

/// The zone from which it is attacked: the offices, or else one inside the hospital that has no pumps in it.
fn foothold(lab: &LabSpec) -> Option<&String> {
    let with_pumps = |id: &str| lab.pumps().any(|(h, _)| h.zone == id);
    let inside = |z: &&pumplab_sim::spec::ZoneSpec| {
        !["core", "external"].contains(&z.id.as_str())
            && !with_pumps(&z.id)
            && lab.segment(&z.id).is_none()
    };
    let offices = lab.zone("business");
    offices
        .or_else(|| lab.zones.iter().rfind(inside))
        .map(|z| &z.id)
}
