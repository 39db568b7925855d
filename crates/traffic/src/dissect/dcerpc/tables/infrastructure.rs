//! Operations of the endpoint mapper and of DCOM.

use crate::protocol::{Class, Function, function};

/// Where the server of an interface listens (C706, appendix O).
pub(super) const EPM: &[Function] = &[
    function(0, "epm-insert", Class::Configure),
    function(1, "epm-delete", Class::Configure),
    function(2, "epm-lookup", Class::Discover),
    function(3, "epm-map", Class::Discover),
    function(4, "epm-lookup-handle-free", Class::Session),
    function(5, "epm-inq-object", Class::Discover),
    function(6, "epm-mgmt-delete", Class::Configure),
];

/// Management of any server (C706, appendix Q).
pub(super) const MGMT: &[Function] = &[
    function(0, "mgmt-inq-if-ids", Class::Discover),
    function(1, "mgmt-inq-stats", Class::Diagnose),
    function(2, "mgmt-is-server-listening", Class::Diagnose),
    function(3, "mgmt-stop-server-listening", Class::Operate),
    function(4, "mgmt-inq-princ-name", Class::Discover),
];

/// IObjectExporter (MS-DCOM, 3.1.2.5.1).
pub(super) const OBJECT_EXPORTER: &[Function] = &[
    function(0, "object-exporter-resolve-oxid", Class::Session),
    function(1, "object-exporter-simple-ping", Class::Session),
    function(2, "object-exporter-complex-ping", Class::Session),
    function(3, "object-exporter-server-alive", Class::Diagnose),
    function(4, "object-exporter-resolve-oxid2", Class::Session),
    function(5, "object-exporter-server-alive2", Class::Diagnose),
];

/// IActivation (MS-DCOM, 3.1.2.5.2.1).
pub(super) const REMOTE_ACTIVATION: &[Function] = &[function(0, "remote-activation", Class::Session)];

/// IRemoteSCMActivator (MS-DCOM, 3.1.2.5.2.2).
pub(super) const SYSTEM_ACTIVATOR: &[Function] = &[
    function(0, "system-activator-query-interface", Class::Session),
    function(1, "system-activator-add-ref", Class::Session),
    function(2, "system-activator-release", Class::Session),
    function(3, "system-activator-remote-get-class-object", Class::Session),
    function(4, "system-activator-remote-create-instance", Class::Session),
];

/// IRemUnknown and IRemUnknown2 (MS-DCOM, 3.1.1.5.6, 3.1.1.5.7).
pub(super) const REM_UNKNOWN: &[Function] = &[
    function(0, "rem-unknown-query-interface", Class::Session),
    function(1, "rem-unknown-add-ref", Class::Session),
    function(2, "rem-unknown-release", Class::Session),
    function(3, "rem-unknown-rem-query-interface", Class::Session),
    function(4, "rem-unknown-rem-add-ref", Class::Session),
    function(5, "rem-unknown-rem-release", Class::Session),
    function(6, "rem-unknown-rem-query-interface2", Class::Session),
];
