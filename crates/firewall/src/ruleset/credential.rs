//! Where a configuration keeps secrets, and how. Never the secrets.

use zonewright_source::TextPlace;

/// A place at which a configuration keeps a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    /// Where it stands.
    pub place: TextPlace,
    /// What it is for, in words that do not tell it: `password of user admin`, `SNMP community`, `pre-shared key`.
    pub what: String,
    /// How it is kept.
    pub keeping: Keeping,
}

/// How a configuration keeps a secret. Ordered: what is worse comes later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Keeping {
    /// As a salted hash that is costly to try (scrypt, bcrypt, PBKDF2, SHA-512 crypt).
    Hashed,
    /// As a hash that is cheap to try (MD5, unsalted SHA, NT hash).
    WeaklyHashed,
    /// Encrypted so that whoever has the file has the secret (Cisco type 7, Junos $9$, FortiOS ENC with the built-in key).
    Reversible,
    /// In clear text.
    Clear,
    /// In clear text or known otherwise to be one that a maker or a guide gives out (`public`, `admin`, `cisco`).
    WellKnown,
    /// Not at all: access without a secret.
    Empty,
}

impl Keeping {
    /// One word for listings, as in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Hashed => "hashed",
            Self::WeaklyHashed => "weakly-hashed",
            Self::Reversible => "reversible",
            Self::Clear => "clear",
            Self::WellKnown => "well-known",
            Self::Empty => "empty",
        }
    }
}
