//! Kinds of threat: what scenarios are grouped and selected by. A label for people; the simulator never sees it.

use std::fmt;

macro_rules! kinds {
    ($( $variant:ident, $word:literal, $title:literal, $doc:literal; )*) => {
        /// A kind of threat, in the order in which lists and tables have them: attacks by the way in, then what happens
        /// without an attacker.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Threat {
            $( #[doc = $doc] $variant, )*
        }

        impl Threat {
            /// All kinds, in order.
            pub const ALL: &[Self] = &[$( Self::$variant, )*];
            /// Their words, in the same order.
            pub const WORDS: &[&str] = &[$( $word, )*];

            /// The word for it in files and in JSON.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $( Self::$variant => $word, )* }
            }

            /// What people call it.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self { $( Self::$variant => $title, )* }
            }

            /// What belongs to it.
            #[must_use]
            pub const fn doc(self) -> &'static str {
                match self { $( Self::$variant => $doc, )* }
            }
        }
    };
}

kinds! {
    Wireless, "wireless", "Wireless attacks",
        "Over the air: rogue access point (evil twin), eavesdropping, cracked or leaked Wi-Fi keys.";
    UnauthorisedDevice, "unauthorised-device", "Unauthorised devices",
        "A device that does not belong joins a network: rogue computers on a cable or on Wi-Fi, NAC bypass, MAC spoofing.";
    OnPath, "on-path", "On-path attacks and spoofing",
        "Between two ends or in place of one: ARP, DHCP and DNS spoofing, altered or replayed messages, false servers.";
    LateralMovement, "lateral-movement", "Scanning and lateral movement",
        "From one network or host to the next: port scans, firewall mistakes, pivoting.";
    DenialOfService, "denial-of-service", "Denial of service",
        "Availability: floods, deauthentication, jamming, DHCP starvation.";
    VulnerabilityExploit, "vulnerability-exploit", "Exploited vulnerabilities",
        "A vulnerability of a device or server is exploited: remote code execution, path traversal, authentication bypass.";
    DefaultCredentials, "default-credentials", "Default and hard-coded credentials",
        "Passwords and keys that every unit was shipped with.";
    StolenCredentials, "stolen-credentials", "Stolen credentials and vendor access",
        "Accounts of people in the wrong hands: stolen passwords, dormant accounts, misused vendor remote access.";
    Malware, "malware", "Phishing, malware and ransomware",
        "Programs that somebody made to run: phishing, ransomware, worms, spyware, infected service laptops.";
    FirmwareAndConfiguration, "firmware-and-configuration", "Tampered firmware, configuration and libraries",
        "What a pump runs and goes by is replaced over the network: firmware, calibration, settings, drug library.";
    PhysicalAccess, "physical-access", "Insiders and physical access",
        "A person at the device: insiders at the bedside, opened pumps, resold pumps.";
    Outage, "outage", "Outages and failures",
        "No attacker: servers, access points, addresses or power fail.";
    Certificates, "certificates", "Certificate expiry and revocation",
        "No attacker: expired and revoked certificates, wrong clocks, an unreachable certificate authority.";
    Operations, "operations", "Operations and use errors",
        "No attacker: changes, recalls, roaming, staffing, programming errors.";
}

impl Threat {
    /// The kind that has this word.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|t| t.word() == word)
    }
}

impl fmt::Display for Threat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_names_its_kind() {
        for (kind, word) in Threat::ALL.iter().zip(Threat::WORDS) {
            assert_eq!(kind.word(), *word);
            assert_eq!(Threat::named(word), Some(*kind));
        }
        assert!(Threat::ALL.is_sorted());
        assert_eq!(Threat::named("on path"), None);
    }
}
