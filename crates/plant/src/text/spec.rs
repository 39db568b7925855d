//! The specification of Workspace/1 as a table: every kind of record, every key, its type, meaning and clause.
//!
//! The rows stand in `kinds`; reader, CSV columns, JSON Schema, reference page, suggestions and writer all go by them.

/// The version of Workspace that this code writes. Older ones are read for ever.
pub const VERSION: u32 = 1;

/// A kind of record, or a part of one.
#[derive(Debug)]
pub struct Kind {
    /// Its name in headers: `zone` of `[[zone]]`.
    pub name: &'static str,
    /// Its header: `[[zone]]`, `[plant]`, `[[conduit.permit]]`.
    pub header: &'static str,
    /// What it is, in a sentence.
    pub doc: &'static str,
    /// The clause it comes from, if one.
    pub clause: &'static str,
    /// Whether it has an id.
    pub has_id: bool,
    /// Whether it has the common keys ([`COMMON`]).
    pub has_common: bool,
    /// Its own keys, in the order in which they are written.
    pub keys: &'static [Key],
}

/// A key of a kind of record.
#[derive(Debug)]
pub struct Key {
    /// The key.
    pub name: &'static str,
    /// What its value is.
    pub ty: Type,
    /// Must it be there?
    pub required: bool,
    /// Least and greatest number allowed.
    pub range: Option<(f64, f64)>,
    /// What it says, in a sentence.
    pub doc: &'static str,
    /// Why it matters: a clause or a rule.
    pub clause: &'static str,
    /// How a message ties the record to what the key refers to: `ends in`.
    pub verb: &'static str,
    /// The version of Workspace that brought it.
    pub since: u32,
}

/// The type of a value.
#[derive(Debug, Clone, Copy)]
pub enum Type {
    /// Any text.
    Text,
    /// The record's id.
    Id,
    /// `true` or `false`.
    Bool,
    /// A whole number from … to.
    Integer(i64, i64),
    /// A number.
    Number,
    /// A day.
    Date,
    /// A moment with its offset.
    Timestamp,
    /// One of these words, each with its meaning.
    Words(&'static [(&'static str, &'static str)]),
    /// The id of a record.
    Reference(Target),
    /// An IP address, with `@context` where it is not plant-wide.
    Address,
    /// A MAC address.
    Mac,
    /// A network in prefix notation, alone or as `{ network, vlan, context }`.
    ZoneNetwork,
    /// A port, or `"first-last"`.
    Ports,
    /// A target level.
    SlTarget,
    /// A vector of levels.
    SlVector,
    /// The id of a requirement.
    Requirement,
    /// Two numbers: low and high end.
    Range,
    /// A list; one item may stand without brackets.
    List(&'static Type),
    /// A table of free keys.
    Map(&'static Type, &'static Type),
    /// A part with keys of its own.
    Part(&'static Kind),
}

impl Type {
    /// Is it written as one value, so that it can stand in a cell of a CSV file?
    #[must_use]
    pub const fn is_scalar(&self) -> bool {
        !matches!(self, Self::List(_) | Self::Map(..) | Self::Part(_) | Self::Range)
    }
}

/// What a reference may point at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Target {
    /// An asset.
    Asset,
    /// A product.
    Product,
    /// A zone.
    Zone,
    /// A conduit.
    Conduit,
    /// A permit.
    Permit,
    /// A group.
    Group,
    /// A countermeasure.
    Countermeasure,
    /// A claim.
    Claim,
    /// Evidence.
    Evidence,
    /// A threat source.
    ThreatSource,
    /// A scenario.
    Scenario,
    /// A consequence.
    Consequence,
    /// A hazard.
    Hazard,
    /// A test.
    Test,
    /// An approval.
    Approval,
    /// A profile.
    Profile,
    /// A waiver.
    Waiver,
    /// A role of the plant.
    Role,
    /// An essential function of the plant.
    Function,
    /// An outage window of the plant.
    Outage,
    /// A zone, asset or group.
    Endpoint,
    /// `plant`, or a zone, conduit, asset, product or group.
    Subject,
}

impl Target {
    /// How a message names it.
    #[must_use]
    pub const fn describe(self) -> &'static str {
        match self {
            Self::Asset => "asset",
            Self::Product => "product",
            Self::Zone => "zone",
            Self::Conduit => "conduit",
            Self::Permit => "permit",
            Self::Group => "group",
            Self::Countermeasure => "countermeasure",
            Self::Claim => "claim",
            Self::Evidence => "evidence",
            Self::ThreatSource => "threat source",
            Self::Scenario => "scenario",
            Self::Consequence => "consequence",
            Self::Hazard => "hazard",
            Self::Test => "test",
            Self::Approval => "approval",
            Self::Profile => "profile",
            Self::Waiver => "waiver",
            Self::Role => "role",
            Self::Function => "essential function",
            Self::Outage => "outage window",
            Self::Endpoint => "zone, asset or group",
            Self::Subject => "zone, conduit, asset, product or group",
        }
    }

    /// The header under which such a record is added.
    #[must_use]
    pub const fn header(self) -> &'static str {
        match self {
            Self::Asset => "[[asset]]",
            Self::Product => "[[product]]",
            Self::Zone | Self::Endpoint | Self::Subject => "[[zone]]",
            Self::Conduit => "[[conduit]]",
            Self::Permit => "[[conduit.permit]]",
            Self::Group => "[[group]]",
            Self::Countermeasure => "[[countermeasure]]",
            Self::Claim => "[[claim]]",
            Self::Evidence => "[[evidence]]",
            Self::ThreatSource => "[[threat_source]]",
            Self::Scenario => "[[scenario]]",
            Self::Consequence => "[[consequence]]",
            Self::Hazard => "[[hazard]]",
            Self::Test => "[[test]]",
            Self::Approval => "[[approval]]",
            Self::Profile => "[[profile]]",
            Self::Waiver => "[[waiver]]",
            Self::Role => "[[plant.role]]",
            Self::Function => "[[plant.essential_function]]",
            Self::Outage => "[[plant.outage_window]]",
        }
    }

    /// The code of a reference to none.
    #[must_use]
    pub const fn unknown_code(self) -> &'static str {
        match self {
            Self::Asset => "plant/unknown-asset",
            Self::Product => "plant/unknown-product",
            Self::Zone => "plant/unknown-zone",
            Self::Conduit => "plant/unknown-conduit",
            Self::Group => "plant/unknown-group",
            Self::Countermeasure => "plant/unknown-countermeasure",
            Self::Evidence => "plant/unknown-evidence",
            Self::ThreatSource => "plant/unknown-threat-source",
            Self::Consequence => "plant/unknown-consequence",
            Self::Role => "plant/unknown-role",
            Self::Function => "plant/unknown-function",
            Self::Endpoint => "plant/unknown-endpoint",
            _ => "plant/unknown-subject",
        }
    }

    /// The kinds that it may point at.
    #[must_use]
    pub fn kinds(self) -> Vec<Self> {
        match self {
            Self::Endpoint => vec![Self::Zone, Self::Asset, Self::Group],
            Self::Subject => vec![Self::Zone, Self::Conduit, Self::Asset, Self::Product, Self::Group],
            one => vec![one],
        }
    }
}

const fn common(name: &'static str, ty: Type, doc: &'static str) -> Key {
    Key { name, ty, required: false, range: None, doc, clause: "", verb: "names", since: 1 }
}

/// The key that names a record.
pub const ID: Key = Key {
    required: true,
    ..common(
        "id",
        Type::Id,
        "Short, stable name, unique among records of its kind: letters, digits, `-`, `_`, `.` and `+`.",
    )
};

/// Keys that every record has, written behind its id.
pub const COMMON: &[Key] = &[
    common("name", Type::Text, "Name for people; the id where none is given."),
    common("note", Type::Text, "A note."),
    common(
        "proposed",
        Type::Bool,
        "`true`: guessed by a machine and not yet accepted by a person; it never counts as declared. Remove the key to accept.",
    ),
    common("reason", Type::Text, "Why it was proposed."),
];

impl Kind {
    /// All its keys in the order in which they are written: `id`, the common ones, its own.
    pub fn all_keys(&'static self) -> impl Iterator<Item = &'static Key> {
        let id = self.has_id.then_some(&ID);
        let common = if self.has_common { COMMON } else { &[] };
        id.into_iter().chain(common).chain(self.keys)
    }

    /// The key of that name.
    #[must_use]
    pub fn key(&'static self, name: &str) -> Option<&'static Key> {
        self.all_keys().find(|key| key.name == name)
    }
}
