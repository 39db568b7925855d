//! Ids of requirements, typed, and the titles of 62443-3-3.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

/// The id of a requirement, as the catalogs print it: `SR 5.2 RE(1)`, `ZCR 3.1`, `CR 1.1`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RequirementId {
    family: String,
    number: (u16, u16),
    enhancement: Option<u16>,
}

/// A text that is not the id of a requirement.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected a requirement id such as `SR 5.2 RE(1)`, found `{0}`")]
pub struct RequirementIdError(String);

impl RequirementId {
    /// System requirement `SR fr.n` of 62443-3-3.
    #[must_use]
    pub fn sr(fr: u16, n: u16) -> Self {
        Self { family: "SR".into(), number: (fr, n), enhancement: None }
    }

    /// Zone and conduit requirement `ZCR n.m` of 62443-3-2.
    #[must_use]
    pub fn zcr(n: u16, m: u16) -> Self {
        Self { family: "ZCR".into(), number: (n, m), enhancement: None }
    }

    /// The enhancement `n` of this requirement.
    #[must_use]
    pub fn re(mut self, n: u16) -> Self {
        self.enhancement = Some(n);
        self
    }

    /// The family: `SR`, `CR`, `ZCR`, …
    #[must_use]
    pub fn family(&self) -> &str {
        &self.family
    }
}

impl fmt::Display for RequirementId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}.{}", self.family, self.number.0, self.number.1)?;
        self.enhancement.map_or(Ok(()), |n| write!(f, " RE({n})"))
    }
}

impl FromStr for RequirementId {
    type Err = RequirementIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parse(text).ok_or_else(|| RequirementIdError(text.to_string()))
    }
}

fn parse(text: &str) -> Option<RequirementId> {
    let text = text.trim();
    let letters = text.find(|c: char| !c.is_ascii_alphabetic())?;
    let (family, rest) = text.split_at_checked(letters)?;
    if !matches!(family, "SR" | "CR" | "EDR" | "HDR" | "NDR" | "SAR" | "ZCR") {
        return None;
    }
    let rest = rest.trim_start();
    let (number, enhancement) = match rest.split_once("RE") {
        Some((number, re)) => {
            let re = re.trim().trim_start_matches('(').trim_end_matches(')').trim();
            (number, Some(re.parse().ok()?))
        }
        None => (rest, None),
    };
    let (major, minor) = number.trim().split_once('.')?;
    Some(RequirementId {
        family: family.to_string(),
        number: (major.parse().ok()?, minor.parse().ok()?),
        enhancement,
    })
}

const SYSTEM_REQUIREMENTS: &str = include_str!("../../../catalogs/iec62443-3-3.csv");

static TITLES: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
    let mut reader = csv::Reader::from_reader(SYSTEM_REQUIREMENTS.as_bytes());
    reader
        .records()
        .flatten()
        .filter_map(|row| Some((row.get(0)?.to_string(), row.get(4)?.to_string())))
        .collect()
});

/// The title, in our words, of a system requirement or enhancement of 62443-3-3.
#[must_use]
pub fn system_requirement_title(id: &RequirementId) -> Option<&'static str> {
    TITLES.get(&id.to_string()).map(String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_read_in_both_spellings_and_print_in_one() {
        for (text, printed) in [
            ("SR 5.2 RE(1)", "SR 5.2 RE(1)"),
            ("SR 5.2 RE 1", "SR 5.2 RE(1)"),
            ("ZCR 3.1", "ZCR 3.1"),
            ("SR1.13", "SR 1.13"),
        ] {
            assert_eq!(text.parse::<RequirementId>().unwrap().to_string(), printed);
        }
        for text in ["", "SR", "SR 5", "XX 1.1", "SR 5.2 RE(x)", "SR 5.2.3"] {
            assert!(text.parse::<RequirementId>().is_err(), "{text}");
        }
    }

    #[test]
    fn every_row_of_the_catalog_is_read_and_its_id_prints_as_it_stands() {
        assert_eq!(TITLES.len(), 100);
        for id in TITLES.keys() {
            assert_eq!(&id.parse::<RequirementId>().unwrap().to_string(), id);
        }
        assert!(system_requirement_title(&RequirementId::sr(5, 2)).is_some());
    }
}
