//! SMB as data: version 1 (CIFS), and versions 2 and 3.

use crate::protocol::{Carrier, Class, Element, Function, Protection, Protocol, function};

/// Port of SMB over TCP.
pub(super) const PORT: u16 = 445;
/// Port of the NetBIOS session service (RFC 1002, 4.3).
pub(super) const SESSION_PORT: u16 = 139;
/// Port of the NetBIOS datagram service (RFC 1002, 4.4).
pub(super) const DATAGRAM_PORT: u16 = 138;

/// Index of the element that counts commands, of both versions.
pub(super) const COMMAND: u8 = 0;
/// Index of the element that counts messages whose commands are hidden.
pub(super) const HIDDEN: u8 = 1;
/// The one code of [`HIDDEN`].
pub(super) const ENCRYPTED: u32 = 0xfd;

/// SMB version 1.
pub(super) static SMB: Protocol = Protocol {
    name: "smb",
    title: "SMB version 1 (CIFS)",
    carriers: &[Carrier::Tcp(PORT), Carrier::Tcp(SESSION_PORT), Carrier::Udp(DATAGRAM_PORT)],
    authentication: Protection::Sometimes,
    encryption: Protection::Never,
    integrity: Protection::Sometimes,
    elements: &[Element { name: "command", functions: COMMANDS1, default_class: Class::Other }],
    documents: &[
        "Microsoft MS-CIFS (Common Internet File System), 2.2",
        "Microsoft MS-SMB (Server Message Block Protocol), 2.2",
        "RFC 1001 and RFC 1002 (NetBIOS over TCP/UDP), 4.3 and 4.4",
        "Microsoft MS-NLMP (NTLM), 2.2; MS-BRWS (Browser Protocol), 2.2",
    ],
};

/// SMB versions 2 and 3.
pub(super) static SMB2: Protocol = Protocol {
    name: "smb2",
    title: "SMB versions 2 and 3",
    carriers: &[Carrier::Tcp(PORT), Carrier::Tcp(SESSION_PORT)],
    authentication: Protection::Sometimes,
    encryption: Protection::Sometimes,
    integrity: Protection::Sometimes,
    elements: &[
        Element { name: "command", functions: COMMANDS2, default_class: Class::Other },
        Element { name: "transform", functions: TRANSFORMS, default_class: Class::Other },
    ],
    documents: &[
        "Microsoft MS-SMB2 (Server Message Block Protocol Versions 2 and 3), 2.2",
        "Microsoft MS-NLMP (NTLM), 2.2; MS-FSCC (File System Control Codes), 2.3",
    ],
};

type Meaning = (&'static str, Class);
/// Reading and writing a named pipe moves calls, no file.
pub(super) const PIPE_READ: Meaning = ("pipe-read", Class::Session);
pub(super) const PIPE_WRITE: Meaning = ("pipe-write", Class::Session);
pub(super) const PIPE_TRANSCEIVE: Meaning = ("pipe-transceive", Class::Session);
const VALIDATE: Meaning = ("validate-negotiate", Class::Session);
const REFERRALS: Meaning = ("get-dfs-referrals", Class::Discover);
const INTERFACES: Meaning = ("query-network-interfaces", Class::Discover);
const COPY: Meaning = ("server-side-copy", Class::File);

/// What a control code asks for (MS-SMB2, 2.2.31; MS-FSCC, 2.3).
pub(super) const fn control(code: u32) -> Option<Meaning> {
    match code {
        0x0011_c017 | 0x0011_400c | 0x0011_0018 => Some(PIPE_TRANSCEIVE),
        0x0014_0204 => Some(VALIDATE),
        0x0006_0194 | 0x0006_01b0 => Some(REFERRALS),
        0x0014_01fc => Some(INTERFACES),
        0x0014_40f2 | 0x0014_80f2 | 0x0014_0078 => Some(COPY),
        _ => None,
    }
}

/// Commands of versions 2 and 3 (MS-SMB2, 2.2.1).
const COMMANDS2: &[Function] = &[
    function(0, "negotiate", Class::Session),
    function(1, "session-setup", Class::Authenticate),
    function(2, "logoff", Class::Session),
    function(3, "tree-connect", Class::Session),
    function(4, "tree-disconnect", Class::Session),
    function(5, "create", Class::File),
    function(6, "close", Class::File),
    function(7, "flush", Class::File),
    function(8, "read", Class::File),
    function(8, PIPE_READ.0, PIPE_READ.1),
    function(9, "write", Class::File),
    function(9, PIPE_WRITE.0, PIPE_WRITE.1),
    function(10, "lock", Class::File),
    function(11, "ioctl", Class::Other),
    function(11, PIPE_TRANSCEIVE.0, PIPE_TRANSCEIVE.1),
    function(11, VALIDATE.0, VALIDATE.1),
    function(11, REFERRALS.0, REFERRALS.1),
    function(11, INTERFACES.0, INTERFACES.1),
    function(11, COPY.0, COPY.1),
    function(12, "cancel", Class::Session),
    function(13, "echo", Class::Session),
    function(14, "query-directory", Class::File),
    function(15, "change-notify", Class::File),
    function(16, "query-info", Class::File),
    function(17, "set-info", Class::File),
    function(18, "oplock-break", Class::Session),
];

const TRANSFORMS: &[Function] = &[function(ENCRYPTED, "encrypted-message", Class::Other)];

/// A transaction of a mailslot: who is there, who is master browser (MS-BRWS, 2.2).
pub(super) const MAILSLOT: Meaning = ("mailslot", Class::Discover);

/// Commands of version 1 (MS-CIFS, 2.2.2.1).
const COMMANDS1: &[Function] = &[
    function(0x00, "create-directory", Class::File),
    function(0x01, "delete-directory", Class::File),
    function(0x02, "open", Class::File),
    function(0x03, "create", Class::File),
    function(0x04, "close", Class::File),
    function(0x05, "flush", Class::File),
    function(0x06, "delete", Class::File),
    function(0x07, "rename", Class::File),
    function(0x08, "query-information", Class::File),
    function(0x09, "set-information", Class::File),
    function(0x0a, "read", Class::File),
    function(0x0b, "write", Class::File),
    function(0x0c, "lock-byte-range", Class::File),
    function(0x0d, "unlock-byte-range", Class::File),
    function(0x0e, "create-temp", Class::File),
    function(0x0f, "create-new", Class::File),
    function(0x10, "check-directory", Class::File),
    function(0x11, "process-exit", Class::Session),
    function(0x12, "seek", Class::File),
    function(0x13, "lock-and-read", Class::File),
    function(0x14, "write-and-unlock", Class::File),
    function(0x1a, "read-raw", Class::File),
    function(0x1b, "read-mpx", Class::File),
    function(0x1c, "read-mpx-secondary", Class::File),
    function(0x1d, "write-raw", Class::File),
    function(0x1e, "write-mpx", Class::File),
    function(0x1f, "write-mpx-secondary", Class::File),
    function(0x20, "write-complete", Class::File),
    function(0x21, "query-server", Class::Read),
    function(0x22, "set-information2", Class::File),
    function(0x23, "query-information2", Class::File),
    function(0x24, "locking-andx", Class::File),
    function(0x25, "transaction", Class::Other),
    function(0x26, "transaction-secondary", Class::Other),
    function(0x27, "ioctl", Class::Other),
    function(0x28, "ioctl-secondary", Class::Other),
    function(0x29, "copy", Class::File),
    function(0x2a, "move", Class::File),
    function(0x2b, "echo", Class::Session),
    function(0x2c, "write-and-close", Class::File),
    function(0x2d, "open-andx", Class::File),
    function(0x2e, "read-andx", Class::File),
    function(0x2f, "write-andx", Class::File),
    function(0x30, "new-file-size", Class::File),
    function(0x31, "close-and-tree-disconnect", Class::File),
    function(0x32, "transaction2", Class::File),
    function(0x33, "transaction2-secondary", Class::File),
    function(0x34, "find-close2", Class::File),
    function(0x35, "find-notify-close", Class::File),
    function(0x70, "tree-connect", Class::Session),
    function(0x71, "tree-disconnect", Class::Session),
    function(0x72, "negotiate-protocol", Class::Session),
    function(0x73, "session-setup-andx", Class::Authenticate),
    function(0x74, "logoff-andx", Class::Session),
    function(0x75, "tree-connect-andx", Class::Session),
    function(0x80, "query-information-disk", Class::File),
    function(0x81, "search", Class::File),
    function(0x82, "find", Class::File),
    function(0x83, "find-unique", Class::File),
    function(0x84, "find-close", Class::File),
    function(0xa0, "nt-transact", Class::File),
    function(0xa1, "nt-transact-secondary", Class::File),
    function(0xa2, "nt-create-andx", Class::File),
    function(0xa4, "nt-cancel", Class::Session),
    function(0xa5, "nt-rename", Class::File),
    function(0xc0, "open-print-file", Class::File),
    function(0xc1, "write-print-file", Class::File),
    function(0xc2, "close-print-file", Class::File),
    function(0xc3, "get-print-queue", Class::File),
    function(0xd0, "send-single-block-message", Class::Other),
    function(0xd1, "send-broadcast-message", Class::Other),
    function(0xd2, "forward-user-name", Class::Other),
    function(0xd3, "cancel-forward", Class::Other),
    function(0xd4, "get-machine-name", Class::Other),
    function(0xd5, "send-start-of-multi-block-message", Class::Other),
    function(0xd6, "send-end-of-multi-block-message", Class::Other),
    function(0xd7, "send-text-of-multi-block-message", Class::Other),
    function(0xd8, "read-bulk", Class::Other),
    function(0xd9, "write-bulk", Class::Other),
    function(0xda, "write-bulk-data", Class::Other),
    // What the plain names hang on.
    function(0x25, MAILSLOT.0, MAILSLOT.1),
    function(0x25, PIPE_TRANSCEIVE.0, PIPE_TRANSCEIVE.1),
    function(0x2e, PIPE_READ.0, PIPE_READ.1),
    function(0x2f, PIPE_WRITE.0, PIPE_WRITE.1),
];
