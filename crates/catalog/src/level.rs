//! Foundational requirements, security levels, and vectors of levels (62443-1-1, 62443-3-3 annex A).

use std::fmt;

/// One of the seven foundational requirements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Fr {
    /// FR 1, identification and authentication control.
    Iac,
    /// FR 2, use control.
    Uc,
    /// FR 3, system integrity.
    Si,
    /// FR 4, data confidentiality.
    Dc,
    /// FR 5, restricted data flow.
    Rdf,
    /// FR 6, timely response to events.
    Tre,
    /// FR 7, resource availability.
    Ra,
}

impl Fr {
    /// All seven, in order.
    pub const ALL: [Self; 7] = [Self::Iac, Self::Uc, Self::Si, Self::Dc, Self::Rdf, Self::Tre, Self::Ra];

    /// Its number, 1 to 7.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Iac => 1,
            Self::Uc => 2,
            Self::Si => 3,
            Self::Dc => 4,
            Self::Rdf => 5,
            Self::Tre => 6,
            Self::Ra => 7,
        }
    }

    /// The requirement of that number.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|fr| fr.number() == number)
    }

    /// Its abbreviation: `IAC`, `UC`, …
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Iac => "IAC",
            Self::Uc => "UC",
            Self::Si => "SI",
            Self::Dc => "DC",
            Self::Rdf => "RDF",
            Self::Tre => "TRE",
            Self::Ra => "RA",
        }
    }
}

impl fmt::Display for Fr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A security level, 0 to 4. Level 0 means that nothing is asked or reached; it is not "unknown".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SecurityLevel(u8);

impl SecurityLevel {
    /// Level `level`, or nothing above 4.
    #[must_use]
    pub const fn new(level: u8) -> Option<Self> {
        if level <= 4 { Some(Self(level)) } else { None }
    }

    /// The number.
    #[must_use]
    pub const fn number(self) -> u8 {
        self.0
    }
}

impl fmt::Display for SecurityLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SL {}", self.0)
    }
}

/// A level per foundational requirement, in the order IAC, UC, SI, DC, RDF, TRE, RA. `None`: none stated, or nothing applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct SlVector(pub [Option<SecurityLevel>; 7]);

impl SlVector {
    /// The same level for all seven.
    #[must_use]
    pub const fn all(level: SecurityLevel) -> Self {
        Self([Some(level); 7])
    }

    /// The level for one foundational requirement.
    #[must_use]
    pub fn level(&self, fr: Fr) -> Option<SecurityLevel> {
        self.0.get(usize::from(fr.number()) - 1).copied().flatten()
    }

    /// Is no level stated at all?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(Option::is_none)
    }

    /// The highest level stated.
    #[must_use]
    pub fn highest(&self) -> Option<SecurityLevel> {
        self.0.iter().flatten().max().copied()
    }
}

impl fmt::Display for SlVector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(")?;
        for (i, level) in self.0.iter().enumerate() {
            if i > 0 {
                f.write_str(" ")?;
            }
            match level {
                Some(level) => write!(f, "{}", level.number())?,
                None => f.write_str("–")?,
            }
        }
        f.write_str(")")
    }
}
