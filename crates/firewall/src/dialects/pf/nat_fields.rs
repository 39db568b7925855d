//! The settings of translations: which are read, and which do not bear on what becomes of a packet.

/// The settings of a port forward that are read.
pub(super) const FORWARD_MODELED: [&str; 18] = [
    "source",
    "destination",
    "protocol",
    "target",
    "local-port",
    "interface",
    "descr",
    "associated-rule-id",
    "disabled",
    "nordr",
    "natreflection",
    "ipprotocol",
    "tag",
    "tagged",
    "log",
    "pass",
    "sequence",
    "enabled",
];

/// The settings of an outbound rule that are read.
pub(super) const SOURCE_MODELED: [&str; 20] = [
    "source",
    "destination",
    "protocol",
    "sourceport",
    "dstport",
    "target",
    "targetip",
    "targetip_subnet",
    "natport",
    "interface",
    "descr",
    "disabled",
    "nonat",
    "staticnatport",
    "ipprotocol",
    "tag",
    "tagged",
    "log",
    "sequence",
    "enabled",
];

/// The settings of an outbound rule in the newer format that are read.
pub(super) const NEWER_SOURCE_MODELED: [&str; 20] = [
    "enabled",
    "nonat",
    "sequence",
    "interface",
    "ipprotocol",
    "protocol",
    "source_net",
    "source_not",
    "source_port",
    "destination_net",
    "destination_not",
    "destination_port",
    "target",
    "target_port",
    "log",
    "tagged",
    "tag",
    "description",
    "staticnatport",
    "disabled",
];

/// The settings of a one-to-one translation that are read.
pub(super) const BINAT_MODELED: [&str; 17] = [
    "source",
    "destination",
    "external",
    "interface",
    "descr",
    "disabled",
    "natreflection",
    "ipprotocol",
    "nobinat",
    "type",
    "source_net",
    "source_not",
    "destination_net",
    "destination_not",
    "sequence",
    "enabled",
    "description",
];

/// The settings of a translation of prefixes that are read.
pub(super) const NPT_MODELED: [&str; 11] = [
    "source",
    "destination",
    "interface",
    "descr",
    "disabled",
    "source_net",
    "destination_net",
    "trackif",
    "sequence",
    "enabled",
    "description",
];

/// The settings of translations that do not bear on what becomes of a packet.
pub(super) const NAT_IGNORED: [&str; 12] = [
    "created",
    "updated",
    "poolopts",
    "poolopts_sourcehashkey",
    "source_hash_key",
    "nosync",
    "category",
    "categories",
    "id",
    "uuid",
    "log",
    "separator",
];
