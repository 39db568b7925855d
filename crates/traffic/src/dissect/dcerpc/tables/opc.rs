//! Operations of OPC Classic: data access, alarms and events, historical data, over DCOM.
//!
//! The first three operations of a DCOM interface are those of IUnknown, which IRemUnknown carries; the others follow
//! in the order of the interface's definition.

use crate::protocol::{Class, Function, function};

/// IOPCServer (OPC Data Access 3.00, 4.3.3).
pub(super) const SERVER: &[Function] = &[
    function(3, "opc-server-add-group", Class::Session),
    function(4, "opc-server-get-error-string", Class::Read),
    function(5, "opc-server-get-group-by-name", Class::Session),
    function(6, "opc-server-get-status", Class::Diagnose),
    function(7, "opc-server-remove-group", Class::Session),
    function(8, "opc-server-create-group-enumerator", Class::Discover),
];

/// IOPCServerPublicGroups (OPC Data Access 2.05, 4.4.5).
pub(super) const PUBLIC_GROUPS: &[Function] = &[
    function(3, "opc-public-groups-get-by-name", Class::Session),
    function(4, "opc-public-groups-remove", Class::Configure),
];

/// IOPCBrowseServerAddressSpace (OPC Data Access 2.05, 4.4.4).
pub(super) const BROWSE_ADDRESS_SPACE: &[Function] = &[
    function(3, "opc-browse-query-organization", Class::Discover),
    function(4, "opc-browse-change-position", Class::Discover),
    function(5, "opc-browse-item-ids", Class::Discover),
    function(6, "opc-browse-get-item-id", Class::Discover),
    function(7, "opc-browse-access-paths", Class::Discover),
];

/// IOPCBrowse (OPC Data Access 3.00, 4.3.5).
pub(super) const BROWSE: &[Function] = &[
    function(3, "opc-browse-get-properties", Class::Read),
    function(4, "opc-browse-browse", Class::Discover),
];

/// IOPCItemProperties (OPC Data Access 2.05, 4.4.6).
pub(super) const ITEM_PROPERTIES: &[Function] = &[
    function(3, "opc-item-properties-query-available", Class::Discover),
    function(4, "opc-item-properties-get", Class::Read),
    function(5, "opc-item-properties-lookup-item-ids", Class::Discover),
];

/// IOPCItemIO (OPC Data Access 3.00, 4.3.6).
pub(super) const ITEM_IO: &[Function] =
    &[function(3, "opc-item-io-read", Class::Read), function(4, "opc-item-io-write", Class::Write)];

/// IOPCGroupStateMgt and IOPCGroupStateMgt2 (OPC Data Access 3.00, 4.4.3, 4.4.4).
pub(super) const GROUP_STATE: &[Function] = &[
    function(3, "opc-group-get-state", Class::Read),
    function(4, "opc-group-set-state", Class::Session),
    function(5, "opc-group-set-name", Class::Session),
    function(6, "opc-group-clone", Class::Session),
    function(7, "opc-group-set-keep-alive", Class::Session),
    function(8, "opc-group-get-keep-alive", Class::Read),
];

/// IOPCPublicGroupStateMgt (OPC Data Access 2.05, 4.5.3).
pub(super) const PUBLIC_GROUP_STATE: &[Function] = &[
    function(3, "opc-public-group-get-state", Class::Read),
    function(4, "opc-public-group-move-to-public", Class::Configure),
];

/// IOPCItemMgt (OPC Data Access 3.00, 4.4.2).
pub(super) const ITEM_MANAGEMENT: &[Function] = &[
    function(3, "opc-items-add", Class::Session),
    function(4, "opc-items-validate", Class::Discover),
    function(5, "opc-items-remove", Class::Session),
    function(6, "opc-items-set-active-state", Class::Session),
    function(7, "opc-items-set-client-handles", Class::Session),
    function(8, "opc-items-set-datatypes", Class::Session),
    function(9, "opc-items-create-enumerator", Class::Discover),
];

/// IOPCSyncIO and IOPCSyncIO2 (OPC Data Access 3.00, 4.4.5, 4.4.6).
pub(super) const SYNC_IO: &[Function] = &[
    function(3, "opc-sync-read", Class::Read),
    function(4, "opc-sync-write", Class::Write),
    function(5, "opc-sync-read-max-age", Class::Read),
    function(6, "opc-sync-write-vqt", Class::Write),
];

/// IOPCAsyncIO (OPC Data Access 2.05, 4.5.8).
pub(super) const ASYNC_IO: &[Function] = &[
    function(3, "opc-async1-read", Class::Read),
    function(4, "opc-async1-write", Class::Write),
    function(5, "opc-async1-refresh", Class::Read),
    function(6, "opc-async1-cancel", Class::Session),
];

/// IOPCAsyncIO2 and IOPCAsyncIO3 (OPC Data Access 3.00, 4.4.7, 4.4.8).
pub(super) const ASYNC_IO2: &[Function] = &[
    function(3, "opc-async-read", Class::Read),
    function(4, "opc-async-write", Class::Write),
    function(5, "opc-async-refresh", Class::Read),
    function(6, "opc-async-cancel", Class::Session),
    function(7, "opc-async-set-enable", Class::Session),
    function(8, "opc-async-get-enable", Class::Read),
    function(9, "opc-async-read-max-age", Class::Read),
    function(10, "opc-async-write-vqt", Class::Write),
    function(11, "opc-async-refresh-max-age", Class::Read),
];

/// IOPCItemDeadbandMgt (OPC Data Access 3.00, 4.4.9).
pub(super) const DEADBAND: &[Function] = &[
    function(3, "opc-deadband-set", Class::Session),
    function(4, "opc-deadband-get", Class::Read),
    function(5, "opc-deadband-clear", Class::Session),
];

/// IOPCItemSamplingMgt (OPC Data Access 3.00, 4.4.10).
pub(super) const SAMPLING: &[Function] = &[
    function(3, "opc-sampling-set-rate", Class::Session),
    function(4, "opc-sampling-get-rate", Class::Read),
    function(5, "opc-sampling-clear-rate", Class::Session),
    function(6, "opc-sampling-set-buffer-enable", Class::Session),
    function(7, "opc-sampling-get-buffer-enable", Class::Read),
];

/// IOPCDataCallback (OPC Data Access 3.00, 4.5.1): the server calls the client.
pub(super) const DATA_CALLBACK: &[Function] = &[
    function(3, "opc-callback-data-change", Class::Read),
    function(4, "opc-callback-read-complete", Class::Read),
    function(5, "opc-callback-write-complete", Class::Read),
    function(6, "opc-callback-cancel-complete", Class::Session),
];

/// IOPCServerList and IOPCServerList2 (OPC Common 1.10, 6).
pub(super) const SERVER_LIST: &[Function] = &[
    function(3, "opc-server-list-enum-classes", Class::Discover),
    function(4, "opc-server-list-get-class-details", Class::Discover),
    function(5, "opc-server-list-class-id-from-prog-id", Class::Discover),
];

/// IOPCEnumGUID (OPC Common 1.10, 6).
pub(super) const ENUM_GUID: &[Function] = &[
    function(3, "opc-enum-guid-next", Class::Discover),
    function(4, "opc-enum-guid-skip", Class::Discover),
    function(5, "opc-enum-guid-reset", Class::Discover),
    function(6, "opc-enum-guid-clone", Class::Discover),
];

/// IOPCCommon (OPC Common 1.10, 4.1).
pub(super) const COMMON: &[Function] = &[
    function(3, "opc-common-set-locale-id", Class::Session),
    function(4, "opc-common-get-locale-id", Class::Read),
    function(5, "opc-common-query-available-locale-ids", Class::Read),
    function(6, "opc-common-get-error-string", Class::Read),
    function(7, "opc-common-set-client-name", Class::Session),
];

/// IOPCShutdown (OPC Common 1.10, 4.2): the server asks its client to go.
pub(super) const SHUTDOWN: &[Function] = &[function(3, "opc-shutdown-request", Class::Session)];

/// IOPCEventServer and IOPCEventServer2 (OPC Alarms and Events 1.10, 5.4).
pub(super) const EVENT_SERVER: &[Function] = &[
    function(3, "opc-events-get-status", Class::Diagnose),
    function(4, "opc-events-create-subscription", Class::Session),
    function(5, "opc-events-query-available-filters", Class::Discover),
    function(6, "opc-events-query-event-categories", Class::Discover),
    function(7, "opc-events-query-condition-names", Class::Discover),
    function(8, "opc-events-query-sub-condition-names", Class::Discover),
    function(9, "opc-events-query-source-conditions", Class::Discover),
    function(10, "opc-events-query-event-attributes", Class::Discover),
    function(11, "opc-events-translate-to-item-ids", Class::Discover),
    function(12, "opc-events-get-condition-state", Class::Read),
    function(13, "opc-events-enable-condition-by-area", Class::Configure),
    function(14, "opc-events-enable-condition-by-source", Class::Configure),
    function(15, "opc-events-disable-condition-by-area", Class::Configure),
    function(16, "opc-events-disable-condition-by-source", Class::Configure),
    function(17, "opc-events-acknowledge-condition", Class::Alarm),
    function(18, "opc-events-create-area-browser", Class::Discover),
    function(19, "opc-events-enable-condition-by-area2", Class::Configure),
    function(20, "opc-events-enable-condition-by-source2", Class::Configure),
    function(21, "opc-events-disable-condition-by-area2", Class::Configure),
    function(22, "opc-events-disable-condition-by-source2", Class::Configure),
    function(23, "opc-events-get-enable-state-by-area", Class::Read),
    function(24, "opc-events-get-enable-state-by-source", Class::Read),
];

/// IOPCEventSubscriptionMgt and IOPCEventSubscriptionMgt2 (OPC Alarms and Events 1.10, 5.5).
pub(super) const EVENT_SUBSCRIPTION: &[Function] = &[
    function(3, "opc-event-subscription-set-filter", Class::Session),
    function(4, "opc-event-subscription-get-filter", Class::Read),
    function(5, "opc-event-subscription-select-attributes", Class::Session),
    function(6, "opc-event-subscription-get-attributes", Class::Read),
    function(7, "opc-event-subscription-refresh", Class::Alarm),
    function(8, "opc-event-subscription-cancel-refresh", Class::Session),
    function(9, "opc-event-subscription-get-state", Class::Read),
    function(10, "opc-event-subscription-set-state", Class::Session),
    function(11, "opc-event-subscription-set-keep-alive", Class::Session),
    function(12, "opc-event-subscription-get-keep-alive", Class::Read),
];

/// IOPCEventAreaBrowser (OPC Alarms and Events 1.10, 5.6).
pub(super) const EVENT_AREA_BROWSER: &[Function] = &[
    function(3, "opc-event-areas-change-position", Class::Discover),
    function(4, "opc-event-areas-browse", Class::Discover),
    function(5, "opc-event-areas-get-area-name", Class::Discover),
    function(6, "opc-event-areas-get-source-name", Class::Discover),
];

/// IOPCEventSink (OPC Alarms and Events 1.10, 5.8): the server calls the client.
pub(super) const EVENT_SINK: &[Function] = &[function(3, "opc-event-sink-on-event", Class::Alarm)];

/// IOPCHDA_Server (OPC Historical Data Access 1.20, 4.4.2).
pub(super) const HISTORY_SERVER: &[Function] = &[
    function(3, "opc-history-get-item-attributes", Class::Discover),
    function(4, "opc-history-get-aggregates", Class::Discover),
    function(5, "opc-history-get-historian-status", Class::Diagnose),
    function(6, "opc-history-get-item-handles", Class::Session),
    function(7, "opc-history-release-item-handles", Class::Session),
    function(8, "opc-history-validate-item-ids", Class::Discover),
    function(9, "opc-history-create-browse", Class::Discover),
];

/// IOPCHDA_Browser (OPC Historical Data Access 1.20, 4.4.3).
pub(super) const HISTORY_BROWSER: &[Function] = &[
    function(3, "opc-history-browse-get-enum", Class::Discover),
    function(4, "opc-history-browse-change-position", Class::Discover),
    function(5, "opc-history-browse-get-item-id", Class::Discover),
    function(6, "opc-history-browse-get-branch-position", Class::Discover),
];

/// IOPCHDA_SyncRead (OPC Historical Data Access 1.20, 4.4.4).
pub(super) const HISTORY_SYNC_READ: &[Function] = &[
    function(3, "opc-history-read-raw", Class::Read),
    function(4, "opc-history-read-processed", Class::Read),
    function(5, "opc-history-read-at-time", Class::Read),
    function(6, "opc-history-read-modified", Class::Read),
    function(7, "opc-history-read-attribute", Class::Read),
];

/// IOPCHDA_SyncUpdate (OPC Historical Data Access 1.20, 4.4.5).
pub(super) const HISTORY_SYNC_UPDATE: &[Function] = &[
    function(3, "opc-history-query-update-capabilities", Class::Discover),
    function(4, "opc-history-insert", Class::Write),
    function(5, "opc-history-replace", Class::Write),
    function(6, "opc-history-insert-replace", Class::Write),
    function(7, "opc-history-delete-raw", Class::Write),
    function(8, "opc-history-delete-at-time", Class::Write),
];

/// IOPCHDA_SyncAnnotations (OPC Historical Data Access 1.20, 4.4.6).
pub(super) const HISTORY_SYNC_ANNOTATIONS: &[Function] = &[
    function(3, "opc-history-query-annotation-capabilities", Class::Discover),
    function(4, "opc-history-read-annotations", Class::Read),
    function(5, "opc-history-insert-annotations", Class::Write),
];

/// IOPCHDA_AsyncRead (OPC Historical Data Access 1.20, 4.4.7).
pub(super) const HISTORY_ASYNC_READ: &[Function] = &[
    function(3, "opc-history-async-read-raw", Class::Read),
    function(4, "opc-history-async-advise-raw", Class::Read),
    function(5, "opc-history-async-read-processed", Class::Read),
    function(6, "opc-history-async-advise-processed", Class::Read),
    function(7, "opc-history-async-read-at-time", Class::Read),
    function(8, "opc-history-async-read-modified", Class::Read),
    function(9, "opc-history-async-read-attribute", Class::Read),
    function(10, "opc-history-async-read-cancel", Class::Session),
];

/// IOPCHDA_AsyncUpdate (OPC Historical Data Access 1.20, 4.4.8).
pub(super) const HISTORY_ASYNC_UPDATE: &[Function] = &[
    function(3, "opc-history-async-query-capabilities", Class::Discover),
    function(4, "opc-history-async-insert", Class::Write),
    function(5, "opc-history-async-replace", Class::Write),
    function(6, "opc-history-async-insert-replace", Class::Write),
    function(7, "opc-history-async-delete-raw", Class::Write),
    function(8, "opc-history-async-delete-at-time", Class::Write),
    function(9, "opc-history-async-update-cancel", Class::Session),
];

/// IOPCHDA_DataCallback (OPC Historical Data Access 1.20, 4.5): the server calls the client.
pub(super) const HISTORY_CALLBACK: &[Function] = &[
    function(3, "opc-history-callback-data-change", Class::Read),
    function(4, "opc-history-callback-read-complete", Class::Read),
    function(5, "opc-history-callback-read-modified-complete", Class::Read),
    function(6, "opc-history-callback-read-attribute-complete", Class::Read),
    function(7, "opc-history-callback-read-annotations", Class::Read),
    function(8, "opc-history-callback-insert-annotations", Class::Read),
    function(9, "opc-history-callback-playback", Class::Read),
    function(10, "opc-history-callback-update-complete", Class::Read),
    function(11, "opc-history-callback-cancel-complete", Class::Session),
];
