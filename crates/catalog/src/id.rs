//! Ids of requirements, typed: every spelling that a catalog uses, and no other.

use crate::Standard;
use std::fmt;
use std::str::FromStr;

/// The id of a requirement, as the catalogs print it: `SR 5.2 RE(1)`, `ZCR 3.1`, `CR 1.1`, `SP.01.01 BR`, `SM-1`.
///
/// Ids sort by family, then by number as a person counts: `SR 1.2` before `SR 1.10`, a requirement before its enhancements.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RequirementId {
    family: &'static str,
    style: Style,
    number: (u16, u16),
    enhancement: Option<u16>,
}

/// How a family writes its numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Style {
    /// `SR 1.1`, with enhancements `SR 1.1 RE(1)`.
    Dotted,
    /// `CCSC 1`.
    Counted,
    /// `SM-1`.
    Dashed,
    /// `PM-STATE-01`.
    Padded,
    /// `SP.01.01 BR`, with enhancements `SP.01.01 RE(1)`.
    Listed,
}

/// Every family of ids: its letters, how it writes numbers, whose it is. `SR` is two: `SR 1.1` is a system requirement
/// of 3-3, `SR-1` a practice of 4-1.
const FAMILIES: &[(&str, Style, Standard)] = &[
    ("SR", Style::Dotted, Standard::Iec62443_3_3),
    ("CR", Style::Dotted, Standard::Iec62443_4_2),
    ("SAR", Style::Dotted, Standard::Iec62443_4_2),
    ("EDR", Style::Dotted, Standard::Iec62443_4_2),
    ("HDR", Style::Dotted, Standard::Iec62443_4_2),
    ("NDR", Style::Dotted, Standard::Iec62443_4_2),
    ("CCSC", Style::Counted, Standard::Iec62443_4_2),
    ("ZCR", Style::Dotted, Standard::Iec62443_3_2),
    ("ORG", Style::Dotted, Standard::Iec62443_2_1),
    ("CM", Style::Dotted, Standard::Iec62443_2_1),
    ("NET", Style::Dotted, Standard::Iec62443_2_1),
    ("COMP", Style::Dotted, Standard::Iec62443_2_1),
    ("DATA", Style::Dotted, Standard::Iec62443_2_1),
    ("USER", Style::Dotted, Standard::Iec62443_2_1),
    ("EVENT", Style::Dotted, Standard::Iec62443_2_1),
    ("AVAIL", Style::Dotted, Standard::Iec62443_2_1),
    ("SP", Style::Listed, Standard::Iec62443_2_4),
    ("SM", Style::Dashed, Standard::Iec62443_4_1),
    ("SR", Style::Dashed, Standard::Iec62443_4_1),
    ("SD", Style::Dashed, Standard::Iec62443_4_1),
    ("SI", Style::Dashed, Standard::Iec62443_4_1),
    ("SVV", Style::Dashed, Standard::Iec62443_4_1),
    ("DM", Style::Dashed, Standard::Iec62443_4_1),
    ("SUM", Style::Dashed, Standard::Iec62443_4_1),
    ("SG", Style::Dashed, Standard::Iec62443_4_1),
    ("PM-STATE", Style::Padded, Standard::Iec62443_2_3),
    ("PM-AO", Style::Padded, Standard::Iec62443_2_3),
    ("PM-PS", Style::Padded, Standard::Iec62443_2_3),
    ("PM-VPC", Style::Padded, Standard::Iec62443_2_3),
    ("PM-FLOW", Style::Padded, Standard::Iec62443_2_3),
];

/// A text that is not the id of a requirement.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected a requirement id such as `SR 5.2 RE(1)`, found `{0}`")]
pub struct RequirementIdError(String);

impl RequirementId {
    /// System requirement `SR fr.n` of 62443-3-3.
    #[must_use]
    pub fn sr(fr: u16, n: u16) -> Self {
        Self { family: "SR", style: Style::Dotted, number: (fr, n), enhancement: None }
    }

    /// Component requirement `CR fr.n` of 62443-4-2.
    #[must_use]
    pub fn cr(fr: u16, n: u16) -> Self {
        Self { family: "CR", style: Style::Dotted, number: (fr, n), enhancement: None }
    }

    /// Zone and conduit requirement `ZCR n.m` of 62443-3-2.
    #[must_use]
    pub fn zcr(n: u16, m: u16) -> Self {
        Self { family: "ZCR", style: Style::Dotted, number: (n, m), enhancement: None }
    }

    /// The enhancement `n` of this requirement.
    #[must_use]
    pub fn re(mut self, n: u16) -> Self {
        self.enhancement = Some(n);
        self
    }

    /// The family: `SR`, `CR`, `ZCR`, `SP`, …
    #[must_use]
    pub fn family(&self) -> &str {
        self.family
    }

    /// The standard whose ids look like this.
    #[must_use]
    pub fn standard(&self) -> Standard {
        let found = FAMILIES.iter().find(|(name, style, _)| *name == self.family && *style == self.style);
        found.map_or(Standard::Iec62443_3_3, |(_, _, standard)| *standard)
    }

    /// The number of the enhancement, where it is one.
    #[must_use]
    pub fn enhancement(&self) -> Option<u16> {
        self.enhancement
    }

    /// The requirement that this is an enhancement of; itself where it is none.
    #[must_use]
    pub fn base(&self) -> Self {
        Self { enhancement: None, ..self.clone() }
    }

    /// How far two ids of one family are apart, for "did you mean".
    pub(crate) fn distance(&self, other: &Self) -> Option<(u16, u16, u16)> {
        (self.family == other.family && self.style == other.style).then(|| {
            let enhancement = |id: &Self| id.enhancement.unwrap_or(0);
            (
                self.number.0.abs_diff(other.number.0),
                self.number.1.abs_diff(other.number.1),
                enhancement(self).abs_diff(enhancement(other)),
            )
        })
    }
}

impl fmt::Display for RequirementId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (family, (a, b)) = (self.family, self.number);
        match self.style {
            Style::Dotted => write!(f, "{family} {a}.{b}")?,
            Style::Counted => write!(f, "{family} {a}")?,
            Style::Dashed => write!(f, "{family}-{a}")?,
            Style::Padded => write!(f, "{family}-{a:02}")?,
            Style::Listed => write!(f, "{family}.{a:02}.{b:02}")?,
        }
        match (self.enhancement, self.style) {
            (Some(n), _) => write!(f, " RE({n})"),
            (None, Style::Listed) => f.write_str(" BR"),
            (None, _) => Ok(()),
        }
    }
}

impl FromStr for RequirementId {
    type Err = RequirementIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        FAMILIES
            .iter()
            .find_map(|&(family, style, _)| {
                let (letters, rest) = text.split_at_checked(family.len())?;
                if !letters.eq_ignore_ascii_case(family) {
                    return None;
                }
                let (number, enhancement) = numbers(rest, style)?;
                Some(Self { family, style, number, enhancement })
            })
            .ok_or_else(|| RequirementIdError(text.to_string()))
    }
}

/// The number and the enhancement in what follows the letters of a family.
fn numbers(rest: &str, style: Style) -> Option<((u16, u16), Option<u16>)> {
    match style {
        Style::Dotted => {
            let (number, enhancement) = split_enhancement(rest)?;
            let (major, minor) = number.split_once('.')?;
            Some(((count(major)?, count(minor)?), enhancement))
        }
        Style::Listed => {
            let (number, enhancement) = split_enhancement(rest)?;
            let number = number.strip_prefix('.').unwrap_or(number);
            let (major, minor) = number.split_once('.')?;
            Some(((count(major)?, count(minor)?), enhancement))
        }
        Style::Counted => Some(((count(rest)?, 0), None)),
        Style::Dashed | Style::Padded => Some(((count(rest.strip_prefix('-')?)?, 0), None)),
    }
}

/// `1.1 RE(1)`, `1.1 RE 1`, `.01.01 BR`: the number, and the enhancement if there is one.
fn split_enhancement(rest: &str) -> Option<(&str, Option<u16>)> {
    let end = rest.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(rest.len());
    let (number, tail) = rest.split_at_checked(end)?;
    let (number, tail) = (number.trim(), tail.trim());
    if tail.is_empty() || tail.eq_ignore_ascii_case("BR") {
        return Some((number, None));
    }
    let (letters, tail) = tail.split_at_checked(2)?;
    let tail = tail.trim();
    let inner = tail.strip_prefix('(').and_then(|tail| tail.strip_suffix(')')).unwrap_or(tail);
    letters.eq_ignore_ascii_case("RE").then_some(())?;
    Some((number, Some(count(inner)?)))
}

/// A number written in digits alone.
fn count(text: &str) -> Option<u16> {
    let text = text.trim();
    (!text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_read_in_many_spellings_and_print_in_one() {
        for (text, printed) in [
            ("SR 5.2 RE(1)", "SR 5.2 RE(1)"),
            ("SR 5.2 RE 1", "SR 5.2 RE(1)"),
            ("sr 5.2 re1", "SR 5.2 RE(1)"),
            ("ZCR 3.1", "ZCR 3.1"),
            ("SR1.13", "SR 1.13"),
            ("CCSC 1", "CCSC 1"),
            ("SP.01.02 BR", "SP.01.02 BR"),
            ("SP.01.02", "SP.01.02 BR"),
            ("SP 1.2 RE 3", "SP.01.02 RE(3)"),
            ("SM-13", "SM-13"),
            ("SR-1", "SR-1"),
            ("PM-STATE-01", "PM-STATE-01"),
            ("PM-VPC-00", "PM-VPC-00"),
            ("EVENT 1.9", "EVENT 1.9"),
        ] {
            assert_eq!(text.parse::<RequirementId>().unwrap().to_string(), printed);
        }
    }

    #[test]
    fn what_is_no_id_is_told() {
        for text in [
            "",
            "SR",
            "SR 5",
            "XX 1.1",
            "SR 5.2 RE(x)",
            "SR 5.2.3",
            "SR 5.2 RE",
            "SR +5.2",
            "SR 5.2 RE(1",
            "CCSC",
            "SM 1",
            "SR 1.1 XY 2",
            "SR 70000.1",
            "é",
            "SRé1.1",
            "SR 1.1 é",
        ] {
            assert!(text.parse::<RequirementId>().is_err(), "{text}");
        }
    }

    #[test]
    fn ids_sort_as_a_person_counts() {
        let mut ids: Vec<RequirementId> =
            ["SR 1.10", "SR 1.2", "SR 1.2 RE(10)", "SR 1.2 RE(9)", "SP.01.10 BR", "SP.01.02 RE(1)"]
                .iter()
                .map(|id| id.parse().unwrap())
                .collect();
        ids.sort();
        let sorted: Vec<String> = ids.iter().map(ToString::to_string).collect();
        assert_eq!(
            sorted,
            ["SP.01.02 RE(1)", "SP.01.10 BR", "SR 1.2", "SR 1.2 RE(9)", "SR 1.2 RE(10)", "SR 1.10"]
        );
    }

    #[test]
    fn a_family_tells_its_standard() {
        assert_eq!("SR 1.1".parse::<RequirementId>().unwrap().standard(), Standard::Iec62443_3_3);
        assert_eq!("SR-1".parse::<RequirementId>().unwrap().standard(), Standard::Iec62443_4_1);
        assert_eq!("SR 5.2 RE(1)".parse::<RequirementId>().unwrap().base(), RequirementId::sr(5, 2));
    }
}
