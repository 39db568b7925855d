//! The rules over paths: what declared, configured and observed say against each other (DESIGN §5).

use super::Rule;
use zonewright_source::Severity;

/// Every rule over paths and what evidence shows of them.
pub(crate) static RULES: &[&Rule] = &[
    &UNDOCUMENTED,
    &UNDECLARED_BYPASS,
    &FUNCTION_NOT_PERMITTED,
    &WRONG_DIRECTION,
    &EXPIRED,
    &UNKNOWN_ENDPOINT,
    &BYPASS,
    &BLOCKED,
    &EXCESS,
    &POSSIBLY_OPEN,
    &IDLE,
    &UNMET_ENCRYPTION,
    &UNMET_AUTHENTICATION,
    &UNMET_MONITORING,
    &CLEAR_TEXT_CREDENTIALS,
    &FUNCTION_NOT_ENFORCED,
    &ENFORCEMENT_NOT_SHOWN,
    &PARTLY_OPEN,
    &UNDECLARED_ASSET,
];

pub(crate) static UNDOCUMENTED: Rule = Rule {
    code: "path/undocumented",
    title: "traffic between zones that no permit declares",
    severity: Severity::Error,
    requirements: &["SR 5.1", "SR 5.2"],
    finds: "A flow crosses from one zone to another, the enforcing device passes it (or no configuration says), and no conduit joins the zones or its permits name other protocols.",
    why: "What crosses a zone boundary without being declared is outside every risk assessment made over the zones (62443-3-3 SR 5.2).",
    mend: "find out who needs it; then declare a permit with purpose, owner and end date, or close it at the enforcing device",
    wrong_when: "An end belongs to another zone than the model says: mend the asset's addresses or the zone's networks.",
};

pub(crate) static UNDECLARED_BYPASS: Rule = Rule {
    code: "path/undeclared-bypass",
    title: "undeclared traffic that the enforcing device should have stopped",
    severity: Severity::Error,
    requirements: &["SR 5.1", "SR 5.2"],
    finds: "A flow crosses between zones, no permit declares it, and the enforcing device's configuration closes it.",
    why: "It was seen all the same: there is a way round the device, its configuration is not the one in force, or somebody is at work.",
    mend: "find the way it took (a second connection, a radio link, a changed ruleset); close it, and take the configuration anew",
    wrong_when: "The configuration is older or younger than the capture.",
};

pub(crate) static FUNCTION_NOT_PERMITTED: Rule = Rule {
    code: "path/function-not-permitted",
    title: "a permitted protocol used for a function that is not permitted",
    severity: Severity::Error,
    requirements: &["SR 2.1", "SR 5.2"],
    finds: "The protocol is permitted between the two ends, the function (a write, a program load, a stop) is not.",
    why: "A packet filter passes the whole protocol; who may read can then also write (62443-3-3 SR 2.1).",
    mend: "stop it at its source or with a device that knows functions; or permit the function if the process needs it",
    wrong_when: "The permit's list of classes forgot one that the process needs.",
};

pub(crate) static WRONG_DIRECTION: Rule = Rule {
    code: "path/wrong-direction",
    title: "a permitted protocol begun from the other end",
    severity: Severity::Warning,
    requirements: &["SR 5.2"],
    finds: "A permit allows the protocol, but with the other zone as the one that begins.",
    why: "Who begins is who can attack: a permit for the historian to read a controller does not let the controller into the historian.",
    mend: "find out why the other end begins; turn the permit round if that is right, else close it",
    wrong_when: "The capture began in the middle of the conversation and the ports misled: such guesses from order alone are not reported.",
};

pub(crate) static EXPIRED: Rule = Rule {
    code: "path/expired",
    title: "traffic under a permit that had ended",
    severity: Severity::Warning,
    requirements: &["SR 5.2 RE(1)", "SR 7.7"],
    finds: "The flow would be permitted, but was last seen after the permit's `until`.",
    why: "An end date that nobody enforces is no end date.",
    mend: "ask the permit's owner: extend `until`, or close the service at the enforcing device",
    wrong_when: "The capture's clock was wrong.",
};

pub(crate) static UNKNOWN_ENDPOINT: Rule = Rule {
    code: "path/unknown-endpoint",
    title: "traffic with an end that belongs to no zone",
    severity: Severity::Warning,
    requirements: &["SR 5.2", "SR 7.8"],
    finds: "One end of a flow is an address of no asset and in no zone's networks.",
    why: "It is a device nobody knows of, or a way out of the plant that nobody planned (62443-3-3 SR 7.8: a current list of components).",
    mend: "find the device: add it to its zone, or declare the outside as a zone with `inside = false`; or stop the traffic",
    wrong_when: "The address is translated on the way.",
};

pub(crate) static BYPASS: Rule = Rule {
    code: "path/bypass",
    title: "declared traffic that the enforcing device should have stopped",
    severity: Severity::Error,
    requirements: &["SR 5.2"],
    finds: "A permit declares the flow, the enforcing device's configuration closes it, and it was seen.",
    why: "There is a way round the device, or the configuration at hand is not the one in force; either way the boundary is not where it is thought to be.",
    mend: "find the way it took (a host in both zones is the usual one); route it through the device, and open it there",
    wrong_when: "The configuration is older or younger than the capture.",
};

pub(crate) static BLOCKED: Rule = Rule {
    code: "path/blocked",
    title: "a permit that the enforcing device closes",
    severity: Severity::Warning,
    requirements: &["SR 5.2"],
    finds: "A permit is declared, the enforcing device's configuration closes all of it, and it was not seen.",
    why: "The process will miss it, perhaps only when it is needed most.",
    mend: "open the service at the enforcing device, or remove the permit",
    wrong_when: "The configuration at hand is not the one in force.",
};

pub(crate) static EXCESS: Rule = Rule {
    code: "path/excess",
    title: "open without a reason",
    severity: Severity::Warning,
    requirements: &["SR 5.2 RE(1)", "SR 7.7"],
    finds: "The enforcing device passes something between two zones that no permit declares and no capture shows.",
    why: "Deny by default, allow by exception (62443-3-3 SR 5.2 RE(1)): what is open and not needed serves only an attacker.",
    mend: "narrow or remove the rule; `zonewright firewall explain` shows what else it passes",
    wrong_when: "The service is used more rarely than the captures show: then declare it.",
};

pub(crate) static POSSIBLY_OPEN: Rule = Rule {
    code: "path/possibly-open",
    title: "a part of the configuration that cannot be decided may pass undeclared traffic",
    severity: Severity::Note,
    requirements: &["SR 5.2"],
    finds: "A rule with conditions that the configuration text cannot decide (names, dynamic sets, times, rates, lines that were warned about) may pass something undeclared.",
    why: "Unknown is not closed.",
    mend: "read the rule; export the configuration with the sets and names it uses",
    wrong_when: "The condition never holds.",
};

pub(crate) static IDLE: Rule = Rule {
    code: "path/idle",
    title: "a permit that is open and was not seen in use",
    severity: Severity::Note,
    requirements: &["SR 7.7"],
    finds: "A permit is declared and open, a capture point lies on its path, its window is at least as long as the permit's expected rhythm, and nothing of it was seen.",
    why: "A candidate to remove: least functionality (62443-3-3 SR 7.7).",
    mend: "ask the permit's owner; remove the permit and its rule, or mend `expected`",
    wrong_when: "The process was down while the capture was taken.",
};

pub(crate) static UNMET_ENCRYPTION: Rule = Rule {
    code: "path/unmet-encryption",
    title: "a conduit asks for encryption and its traffic is in clear",
    severity: Severity::Warning,
    requirements: &["SR 4.1", "SR 3.1"],
    finds: "A permitted flow of a conduit with `encryption = \"required\"` was seen in clear text, or its protocol cannot encrypt.",
    why: "The conduit's requirement is not met on the wire.",
    mend: "switch on the protocol's security (OPC UA SignAndEncrypt, TLS), or carry it in a tunnel between the zones",
    wrong_when: "The capture point lies within the protected side of a tunnel.",
};

pub(crate) static UNMET_AUTHENTICATION: Rule = Rule {
    code: "path/unmet-authentication",
    title: "a conduit asks for authentication and its traffic has none",
    severity: Severity::Warning,
    requirements: &["SR 1.2", "SR 1.13"],
    finds: "A permitted flow of a conduit with `authentication = \"required\"` was seen without, or its protocol has none.",
    why: "The conduit's requirement is not met on the wire.",
    mend: "switch on the protocol's authentication, or carry it in an authenticated tunnel",
    wrong_when: "The peers are authenticated by a tunnel that the capture point lies within.",
};

pub(crate) static UNMET_MONITORING: Rule = Rule {
    code: "path/unmet-monitoring",
    title: "a conduit asks for monitoring and its enforcing device does not log",
    severity: Severity::Warning,
    requirements: &["SR 6.2", "SR 1.13"],
    finds: "New connections of a permitted flow of a conduit with `monitoring = \"required\"` meet no rule that logs.",
    why: "What is not recorded cannot be noticed.",
    mend: "log new connections in the rule that passes them",
    wrong_when: "The connections are recorded elsewhere (a network monitor on a mirror port): then say so in the conduit's note and waive.",
};

pub(crate) static CLEAR_TEXT_CREDENTIALS: Rule = Rule {
    code: "path/clear-text-credentials",
    title: "a secret goes over the wire in clear text",
    severity: Severity::Warning,
    requirements: &["SR 1.5", "SR 4.1"],
    finds: "A flow carries a password, community or the like in clear text.",
    why: "Whoever listens has it (62443-3-3 SR 1.5: authenticators are protected in transit).",
    mend: "use the protected form of the protocol (SSH, HTTPS, SNMPv3), and change the secret",
    wrong_when: "The secret is published on purpose (a read-only community named `public` is not: it opens the device to everyone).",
};

pub(crate) static FUNCTION_NOT_ENFORCED: Rule = Rule {
    code: "conduit/function-not-enforced",
    title: "a conduit's permits name functions that its enforcing device cannot tell apart",
    severity: Severity::Note,
    requirements: &["SR 5.2", "SR 2.1"],
    finds: "A conduit permits some functions of a protocol only, and the enforcing device is a packet filter: it passes or closes the whole service.",
    why: "The restriction holds only as long as the peers keep to it.",
    mend: "add a device or rules that know the protocol's functions; observe the conduit until then",
    wrong_when: "Another device on the way inspects the protocol: name it in `enforced_by` with its configuration.",
};

pub(crate) static ENFORCEMENT_NOT_SHOWN: Rule = Rule {
    code: "conduit/enforcement-not-shown",
    title: "no configuration covers a conduit",
    severity: Severity::Note,
    requirements: &["SR 5.2"],
    finds: "No configuration among the evidence is of a device with interfaces facing the zones that the conduit joins.",
    why: "What is enforced there is unknown, neither good nor bad.",
    mend: "export the enforcing device's configuration and add it as evidence, saying which interface faces which zone",
    wrong_when: "The conduit has no device by intention.",
};

pub(crate) static PARTLY_OPEN: Rule = Rule {
    code: "path/partly-open",
    title: "a permit that the enforcing device opens in part",
    severity: Severity::Note,
    requirements: &["SR 5.2"],
    finds: "Of the ends, protocols or ports that a permit names, the enforcing device passes some and closes others.",
    why: "The permit says more than is needed, or the device less.",
    mend: "narrow the permit to what is open, or open what is missing",
    wrong_when: "The permit names a whole zone for brevity.",
};

pub(crate) static UNDECLARED_ASSET: Rule = Rule {
    code: "asset/undeclared",
    title: "a device that no asset stands for",
    severity: Severity::Warning,
    requirements: &["SR 7.8"],
    finds: "A capture shows a device that sends in a zone inside the system under consideration, with an address that no asset has: also one that talks within its zone only. Assets that wait for review count as records.",
    why: "A device that is in no inventory is in no risk assessment, gets no updates, and is missed by nobody when it is gone or when it is new (62443-3-3 SR 7.8).",
    mend: "find it; then write it into the inventory with its addresses, or take it away. `zonewright propose` writes the record",
    wrong_when: "It is a device of the inventory under an address that its record lacks: add the address. Legs of routers and firewalls are left alone where the record of one lists no MAC address.",
};
