//! Named variables in the parameters of services (ISO 9506-2, section 14), and what IEC 61850-8-1 makes of their names.
//!
//! A logical device is a domain; a name in it joins logical node, functional constraint, data object and attribute by `$`
//! (IEC 61850-8-1, section 7.3). Writing to one is what operates, sets and configures.

use crate::dissect::ber::{self, Elements};

/// Variables of one request that are looked at.
const VARIABLES_MAX: usize = 64;
/// Parts of one name.
const PARTS_MAX: usize = 16;

/// The name of a variable or of a list of them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Name<'a> {
    /// The domain it lives in; none if it is the device's own.
    pub(super) domain: Option<&'a [u8]>,
    /// What it is called there.
    pub(super) item: &'a [u8],
}

impl<'a> Name<'a> {
    /// The `ObjectName` in these octets.
    fn read(data: &'a [u8]) -> Option<Self> {
        let mut data = data;
        let element = ber::take(&mut data)?;
        match element.tag {
            0x80 | 0x82 => Some(Self { domain: None, item: element.content }),
            0xa1 => {
                let mut content = element.content;
                let domain = ber::expect(&mut content, 0x1a)?;
                let item = ber::expect(&mut content, 0x1a)?;
                Some(Self { domain: Some(domain), item })
            }
            _ => None,
        }
    }

    /// The parts of a name after IEC 61850-8-1.
    fn parts(&self) -> impl Iterator<Item = &'a [u8]> {
        self.item.split(|octet| *octet == b'$').take(PARTS_MAX)
    }

    /// The functional constraint, if the name has one.
    fn constraint(&self) -> Option<&'a [u8]> {
        self.parts().nth(1).filter(|part| part.len() == 2)
    }

    fn has_part(&self, wanted: &[u8]) -> bool {
        self.parts().skip(2).any(|part| part == wanted)
    }
}

/// The variables that a `VariableAccessSpecification` names: those of a list, or the list itself.
pub(super) fn accessed(specification: &[u8]) -> impl Iterator<Item = Name<'_>> {
    let mut rest = specification;
    let element = ber::take(&mut rest);
    let list = element.filter(|element| element.tag == 0xa0).map(|element| element.content);
    let named = element.filter(|element| element.tag == 0xa1).and_then(|element| Name::read(element.content));
    let variables = Elements(list.unwrap_or_default()).take(VARIABLES_MAX);
    // Each is a sequence of what it is (the choice "name" is 0) and perhaps which part of it.
    variables.filter_map(|variable| Name::read(ber::find(variable.content, 0xa0)?)).chain(named)
}

/// The variables that a read request names.
pub(super) fn read(request: &[u8]) -> impl Iterator<Item = Name<'_>> {
    accessed(ber::find(request, 0xa1).unwrap_or_default())
}

/// The object whose attributes are asked for; `service` tells how it is wrapped.
pub(super) fn described(service: u8, request: &[u8]) -> Option<Name<'_>> {
    match service {
        6 => Name::read(ber::find(request, 0xa0)?),
        _ => Name::read(request),
    }
}

/// What writing to a variable does, as the name of a function of the element `service`; the gravest of several.
pub(super) fn written<'a>(names: impl Iterator<Item = Name<'a>>) -> Option<&'static str> {
    names.filter_map(|name| WRITES.iter().position(|effect| effect.is_of(&name))).min().and_then(|at| {
        let effect = WRITES.get(at)?;
        Some(effect.function)
    })
}

/// What reading a variable does beyond reading: the object "select before operate" is selected by being read
/// (IEC 61850-7-2, section 20.5.2.2).
pub(super) fn selected<'a>(mut names: impl Iterator<Item = Name<'a>>) -> Option<&'static str> {
    names.any(|name| name.constraint() == Some(b"CO") && name.has_part(b"SBO")).then_some("select")
}

/// What a report is beyond values: how a command ended (IEC 61850-8-1, sections 20.7 and 20.8).
pub(super) fn reported<'a>(names: impl Iterator<Item = Name<'a>>) -> Option<&'static str> {
    names.take(2).find_map(|name| {
        if name.item == b"LastApplError" {
            return Some("last-application-error");
        }
        (name.constraint() == Some(b"CO") && name.has_part(b"Oper")).then_some("command-termination")
    })
}

/// The logical device in a report's identifier, which is the reference of its control block unless it was given another:
/// the first of the values of the list `RPT` (IEC 61850-8-1, section 17.2.1).
pub(super) fn reporting(report: &[u8]) -> Option<&[u8]> {
    accessed(report).next().filter(|name| name.domain.is_none() && name.item == b"RPT")?;
    let identifier = ber::find(ber::find(report, 0xa0)?, 0x8a)?;
    let at = identifier.iter().position(|octet| *octet == b'/')?;
    let (domain, reference) = identifier.split_at_checked(at)?;
    reference.contains(&b'$').then_some(domain)
}

/// The standard of substations.
pub(super) const IEC_61850: &str = "iec-61850";

/// Which standard's names these are.
pub(super) fn application(name: &Name<'_>) -> Option<&'static str> {
    if name.constraint().is_some_and(|part| CONSTRAINTS.contains(&part)) {
        return Some(IEC_61850);
    }
    // The list in which every report of IEC 61850 comes (IEC 61850-8-1, section 17.2).
    if name.domain.is_none() && name.item == b"RPT" {
        return Some(IEC_61850);
    }
    let of_tase2 =
        [&b"TASE2_Version"[..], b"Supported_Features", b"Bilateral_Table_ID", b"Next_DSTransfer_Set"];
    of_tase2.contains(&name.item).then_some("tase.2")
}

/// Functional constraints (IEC 61850-7-2, table 20, and those of control blocks, IEC 61850-8-1, section 7.3).
const CONSTRAINTS: &[&[u8]] = &[
    b"ST", b"MX", b"SP", b"SV", b"CF", b"DC", b"SG", b"SE", b"SR", b"OR", b"BL", b"EX", b"CO", b"RP", b"BR",
    b"LG", b"GO", b"GS", b"MS", b"US",
];

struct Effect {
    /// Functional constraints (IEC 61850-7-2, table 20).
    constraints: &'static [&'static [u8]],
    /// A part that the name has further on; empty for any.
    part: &'static [u8],
    function: &'static str,
}

impl Effect {
    fn is_of(&self, name: &Name<'_>) -> bool {
        name.constraint().is_some_and(|constraint| self.constraints.contains(&constraint))
            && (self.part.is_empty() || name.has_part(self.part))
    }
}

/// By gravity.
const WRITES: &[Effect] = &[
    Effect { constraints: &[b"CO"], part: b"Oper", function: "operate" },
    Effect { constraints: &[b"CO"], part: b"SBOw", function: "select-with-value" },
    Effect { constraints: &[b"CO"], part: b"Cancel", function: "cancel-control" },
    Effect { constraints: &[b"CO"], part: b"", function: "operate" },
    Effect { constraints: &[b"SG", b"SE", b"SP", b"CF", b"DC"], part: b"", function: "write-setting" },
    Effect {
        constraints: &[b"RP", b"BR", b"LG", b"GO", b"GS", b"MS", b"US"],
        part: b"",
        function: "write-control-block",
    },
    Effect { constraints: &[b"SV"], part: b"", function: "substitute" },
    Effect { constraints: &[b"BL"], part: b"", function: "block" },
];

#[cfg(test)]
mod tests {
    use super::*;

    fn named(item: &[u8]) -> Name<'_> {
        Name { domain: Some(b"LD0"), item }
    }

    #[test]
    fn the_gravest_write_counts() {
        let of = |items: &[&'static [u8]]| written(items.iter().map(|item| named(item)));
        assert_eq!(of(&[b"CSWI1$CO$Pos$Oper"]), Some("operate"));
        assert_eq!(of(&[b"CSWI1$CO$Pos$SBOw$ctlVal"]), Some("select-with-value"));
        assert_eq!(of(&[b"LLN0$BR$rcb1$RptEna", b"LLN0$SP$SGCB$ActSG"]), Some("write-setting"));
        assert_eq!(of(&[b"LLN0$ST$Beh$stVal", b"Feeder_1"]), None);
        assert_eq!(of(&[b""]), None);
    }

    #[test]
    fn names_tell_their_standard() {
        assert_eq!(application(&named(b"LLN0$ST$Beh")), Some("iec-61850"));
        assert_eq!(application(&named(b"TASE2_Version")), Some("tase.2"));
        assert_eq!(application(&named(b"RealStruct")), None);
    }
}
