//! ONC RPC, and the programs of it that are told apart, as data.

use crate::protocol::{Carrier, Class, Element, Function, Protection, Protocol, function};

/// The ports of the port mapper and of NFS.
pub(super) const PORTMAP_PORT: u16 = 111;
pub(super) const NFS_PORT: u16 = 2049;
/// Index of the element that counts programs; of a program: procedures.
pub(super) const PROGRAM: u8 = 0;
pub(super) const PROCEDURE: u8 = 0;
/// Numbers of programs.
pub(super) const PORTMAP_PROGRAM: u32 = 100_000;
pub(super) const NFS_PROGRAM: u32 = 100_003;
pub(super) const MOUNT_PROGRAM: u32 = 100_005;

/// ONC RPC.
pub static RPC: Protocol = Protocol {
    name: "rpc",
    title: "ONC remote procedure call",
    carriers: &[Carrier::Udp(PORTMAP_PORT), Carrier::Tcp(PORTMAP_PORT)],
    authentication: Protection::Sometimes,
    encryption: Protection::Sometimes,
    integrity: Protection::Sometimes,
    elements: &[Element { name: "program", functions: PROGRAMS, default_class: Class::Other }],
    documents: &["RFC 5531", "RFC 2203 (GSS-API)", "IANA registry of RPC program numbers"],
};

/// Programs (IANA). The name tells what is called; what a call does, its procedure.
const PROGRAMS: &[Function] = &[
    function(100_000, "port-mapper", Class::Discover),
    function(100_001, "remote-statistics", Class::Diagnose),
    function(100_002, "remote-users", Class::Diagnose),
    function(100_003, "nfs-program", Class::File),
    function(100_004, "yellow-pages", Class::Read),
    function(100_005, "mount-program", Class::File),
    function(100_008, "remote-wall", Class::Write),
    function(100_011, "remote-quota", Class::Read),
    function(100_021, "network-lock-manager", Class::File),
    function(100_024, "status-monitor", Class::Diagnose),
    function(100_227, "nfs-access-control", Class::File),
    function(395_183, "vxi-11-core", Class::Operate),
    function(395_184, "vxi-11-abort", Class::Operate),
    function(395_185, "vxi-11-interrupt", Class::Alarm),
];

/// The port mapper.
pub static PORTMAP: Protocol = Protocol {
    name: "portmap",
    title: "Port mapper of ONC RPC",
    carriers: &[],
    authentication: Protection::Never,
    encryption: Protection::Never,
    integrity: Protection::Never,
    elements: &[Element { name: "procedure", functions: PORTMAP_PROCEDURES, default_class: Class::Other }],
    documents: &["RFC 1833"],
};

/// Procedures (RFC 1833, 2.1 and 3.1): of version 2, and of 3 and 4 under the same numbers.
const PORTMAP_PROCEDURES: &[Function] = &[
    function(0, "null", Class::Session),
    function(1, "set", Class::Configure),
    function(2, "unset", Class::Configure),
    function(3, "get-port", Class::Discover),
    function(4, "dump", Class::Discover),
    function(5, "call-it", Class::Other),
    function(6, "get-time", Class::Time),
    function(7, "universal-to-transport-address", Class::Discover),
    function(8, "transport-to-universal-address", Class::Discover),
    function(9, "get-version-address", Class::Discover),
    function(10, "indirect", Class::Other),
    function(11, "get-address-list", Class::Discover),
    function(12, "get-statistics", Class::Diagnose),
];

/// The mount protocol.
pub static MOUNT: Protocol = Protocol {
    name: "mount",
    title: "Mount protocol of NFS",
    carriers: &[],
    authentication: Protection::Never,
    encryption: Protection::Never,
    integrity: Protection::Never,
    elements: &[Element { name: "procedure", functions: MOUNT_PROCEDURES, default_class: Class::Other }],
    documents: &["RFC 1813, appendix I"],
};

const MOUNT_PROCEDURES: &[Function] = &[
    function(0, "null", Class::Session),
    function(1, "mount", Class::File),
    function(2, "dump", Class::Discover),
    function(3, "unmount", Class::File),
    function(4, "unmount-all", Class::File),
    function(5, "export", Class::Discover),
];

/// NFS.
pub static NFS: Protocol = Protocol {
    name: "nfs",
    title: "Network file system",
    carriers: &[Carrier::Udp(NFS_PORT), Carrier::Tcp(NFS_PORT)],
    authentication: Protection::Sometimes,
    encryption: Protection::Sometimes,
    integrity: Protection::Sometimes,
    elements: &[
        Element { name: "procedure-2", functions: NFS_2, default_class: Class::File },
        Element { name: "procedure-3", functions: NFS_3, default_class: Class::File },
        Element { name: "procedure-4", functions: NFS_4, default_class: Class::File },
    ],
    documents: &["RFC 1094 (version 2)", "RFC 1813 (version 3)", "RFC 7530, RFC 8881 (version 4)"],
};

/// RFC 1094, 2.2.
const NFS_2: &[Function] = &[
    function(0, "null", Class::Session),
    function(1, "get-attributes", Class::Read),
    function(2, "set-attributes", Class::File),
    function(3, "root", Class::Read),
    function(4, "look-up", Class::Read),
    function(5, "read-link", Class::Read),
    function(6, "read", Class::File),
    function(7, "write-cache", Class::File),
    function(8, "write", Class::File),
    function(9, "create", Class::File),
    function(10, "remove", Class::File),
    function(11, "rename", Class::File),
    function(12, "link", Class::File),
    function(13, "symbolic-link", Class::File),
    function(14, "make-directory", Class::File),
    function(15, "remove-directory", Class::File),
    function(16, "read-directory", Class::Read),
    function(17, "file-system-statistics", Class::Read),
];

/// RFC 1813, 3.3.
const NFS_3: &[Function] = &[
    function(0, "null", Class::Session),
    function(1, "get-attributes", Class::Read),
    function(2, "set-attributes", Class::File),
    function(3, "look-up", Class::Read),
    function(4, "access", Class::Read),
    function(5, "read-link", Class::Read),
    function(6, "read", Class::File),
    function(7, "write", Class::File),
    function(8, "create", Class::File),
    function(9, "make-directory", Class::File),
    function(10, "symbolic-link", Class::File),
    function(11, "make-node", Class::File),
    function(12, "remove", Class::File),
    function(13, "remove-directory", Class::File),
    function(14, "rename", Class::File),
    function(15, "link", Class::File),
    function(16, "read-directory", Class::Read),
    function(17, "read-directory-plus", Class::Read),
    function(18, "file-system-statistics", Class::Read),
    function(19, "file-system-information", Class::Read),
    function(20, "path-configuration", Class::Read),
    function(21, "commit", Class::File),
];

/// RFC 7530, 16: operations lie within one procedure.
const NFS_4: &[Function] = &[function(0, "null", Class::Session), function(1, "compound", Class::File)];
