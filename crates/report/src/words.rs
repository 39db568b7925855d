//! Words that text, pictures and pages share: how a name, a kind, a level or a count is said.

use zonewright_assess::verification::{Path, PathName};
use zonewright_plant::Plant;
use zonewright_plant::model::{AssetKind, Common, Medium, SlTarget, ZoneType};

/// The endpoint that belongs to no zone, as a verification writes it.
pub(crate) const UNKNOWN_ZONE: &str = "?";

/// How grave a name is, in five steps that a color and a line can carry beside the word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tone {
    /// Seen and in nobody's plan, or past the device that should stop it.
    Grave,
    /// Configured otherwise than declared, not in use.
    Attend,
    /// Declared and not used: ask.
    Ask,
    /// Nothing is known.
    Unknown,
    /// As planned.
    Fine,
}

impl Tone {
    /// Every tone, gravest first.
    pub const ALL: [Self; 5] = [Self::Grave, Self::Attend, Self::Ask, Self::Unknown, Self::Fine];

    /// The tone of a name.
    #[must_use]
    pub const fn of(name: PathName) -> Self {
        match name {
            PathName::UndeclaredBypass
            | PathName::Undocumented
            | PathName::UnknownEndpoint
            | PathName::Bypass => Self::Grave,
            PathName::Blocked | PathName::Excess => Self::Attend,
            PathName::Idle => Self::Ask,
            PathName::NotObserved => Self::Unknown,
            PathName::Conforming | PathName::WithinZone | PathName::Enforced => Self::Fine,
        }
    }

    /// Its class in style sheets.
    #[must_use]
    pub const fn class(self) -> &'static str {
        match self {
            Self::Grave => "grave",
            Self::Attend => "attend",
            Self::Ask => "ask",
            Self::Unknown => "unknown",
            Self::Fine => "fine",
        }
    }

    /// What it stands for, in words.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Grave => "in use against the plan",
            Self::Attend => "configured against the plan",
            Self::Ask => "planned, not used",
            Self::Unknown => "nothing known",
            Self::Fine => "as planned",
        }
    }
}

/// The place of a name in the order of gravity, 0 the gravest.
pub(crate) fn rank(name: PathName) -> usize {
    PathName::ALL.iter().position(|n| *n == name).unwrap_or(PathName::ALL.len())
}

/// `1 finding`, `2 findings`.
pub(crate) fn count(n: usize, one: &str, many: &str) -> String {
    format!("{} {}", thousands(n as u64), if n == 1 { one } else { many })
}

/// `41,203`.
pub(crate) fn thousands(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// `a`, `a and b`, `a, b and c`.
pub(crate) fn and_list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [head @ .., last] => format!("{} and {last}", head.join(", ")),
    }
}

/// The first letter in upper case and a full stop at the end.
pub(crate) fn sentence(text: &str) -> String {
    let text = text.trim();
    let mut chars = text.chars();
    let Some(first) = chars.next() else { return String::new() };
    let mut out: String = first.to_uppercase().chain(chars).collect();
    if !out.ends_with(['.', '!', '?', '…']) {
        out.push('.');
    }
    out
}

/// The name for people; the id where none is given.
pub(crate) fn name_of<'a>(common: &'a Common, id: &'a str) -> &'a str {
    common.name.as_deref().filter(|n| !n.trim().is_empty()).unwrap_or(id)
}

/// A zone's name by its id as a path carries it.
pub(crate) fn zone_name<'a>(plant: &'a Plant, id: &'a str) -> &'a str {
    if id == UNKNOWN_ZONE {
        return "an endpoint of no zone";
    }
    plant.zones.get(&id.into()).map_or(id, |zone| name_of(&zone.common, id))
}

/// What an asset is, as people write it.
pub(crate) fn asset_kind(kind: AssetKind) -> String {
    match kind {
        AssetKind::Plc | AssetKind::Rtu | AssetKind::Ied | AssetKind::Hmi => kind.as_str().to_uppercase(),
        AssetKind::DcsController => "DCS controller".into(),
        AssetKind::SisLogicSolver => "SIS logic solver".into(),
        AssetKind::RemoteIo => "remote I/O".into(),
        AssetKind::RemoteAccess => "remote access server".into(),
        kind => kind.as_str().replace('-', " "),
    }
}

/// What a zone is for, as people write it.
pub(crate) fn zone_type(zone_type: ZoneType) -> String {
    match zone_type {
        ZoneType::Dmz => "DMZ".into(),
        zone_type => zone_type.as_str().replace('-', " "),
    }
}

/// What carries a conduit, as people write it.
pub(crate) fn medium(medium: Medium) -> String {
    match medium {
        Medium::Ip => "IP".into(),
        medium => medium.as_str().replace('-', " "),
    }
}

/// A target level in one line.
pub(crate) fn sl_target(target: &SlTarget) -> String {
    match target {
        SlTarget::None => "not stated".into(),
        SlTarget::DeriveFromRisk => "derive from risk".into(),
        SlTarget::Stated(vector) => match vector.0 {
            [Some(first), rest @ ..] if rest.iter().all(|l| *l == Some(first)) => first.number().to_string(),
            _ => vector.to_string(),
        },
    }
}

/// Protocol and port of a path: `modbus 502`, `tcp 8080`.
pub(crate) fn service(path: &Path) -> String {
    match path.port.as_str() {
        "" => path.protocol.clone(),
        port => format!("{} {port}", path.protocol),
    }
}

/// The slug of a rule: what stands behind the slash.
pub(crate) fn slug(rule: &str) -> &str {
    rule.rsplit('/').next().unwrap_or(rule)
}

/// The name that a rule is called after, if it is called after one.
pub(crate) fn name_of_rule(rule: &str) -> Option<PathName> {
    PathName::ALL.into_iter().find(|name| name.as_str() == slug(rule))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_and_lists_read_as_english() {
        assert_eq!(count(1, "finding", "findings"), "1 finding");
        assert_eq!(count(41_203, "packet", "packets"), "41,203 packets");
        assert_eq!(and_list(&["a".into(), "b".into(), "c".into()]), "a, b and c");
        assert_eq!(sentence("open without a reason"), "Open without a reason.");
        assert_eq!(sentence(""), "");
    }
}
