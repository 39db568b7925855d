//! Interfaces by their identifiers, with their operations.
//!
//! Identifiers and operations as the documents of `PROTOCOL` list them. An interface whose operations are not listed
//! is known by its name alone.

mod domain;
mod infrastructure;
mod opc;
mod windows;

use crate::protocol::{Class, Function};

/// An interface: what a client binds to before it calls operations by number.
#[derive(Debug)]
pub(super) struct Interface {
    /// Its identifier, as it is written.
    pub(super) uuid: u128,
    /// Its name.
    pub(super) name: &'static str,
    /// Its operations.
    pub(super) operations: &'static [Function],
}

const fn interface(uuid: u128, name: &'static str, operations: &'static [Function]) -> Interface {
    Interface { uuid, name, operations }
}

impl Interface {
    /// Name and class of an operation.
    pub(super) fn operation(&self, number: u16) -> (&'static str, Class) {
        let listed = self.operations.iter().find(|operation| operation.code == u32::from(number));
        listed.map_or((self.name, Class::Other), |operation| (operation.name, operation.class))
    }
}

/// Place of an interface in the list.
pub(super) type Index = u8;

/// The interface of an identifier.
pub(super) fn find(uuid: u128) -> Option<Index> {
    (0..=Index::MAX).zip(INTERFACES).find_map(|(index, known)| (known.uuid == uuid).then_some(index))
}

/// The interface at a place.
pub(super) fn at(index: Index) -> Option<&'static Interface> {
    INTERFACES.get(usize::from(index))
}

/// All operations of all interfaces.
pub(super) static OPERATIONS: [Function; count()] = all();

const fn count() -> usize {
    let (mut sum, mut rest) = (0, INTERFACES);
    while let [first, more @ ..] = rest {
        sum += first.operations.len();
        rest = more;
    }
    sum
}

#[expect(clippy::indexing_slicing, reason = "runs when this is compiled, over lists that stand here")]
const fn all() -> [Function; count()] {
    let mut all = [Function { code: 0, name: "", class: Class::Other }; count()];
    let (mut at, mut rest) = (0, INTERFACES);
    while let [first, more @ ..] = rest {
        let mut operation = 0;
        while operation < first.operations.len() {
            all[at] = first.operations[operation];
            (at, operation) = (at + 1, operation + 1);
        }
        rest = more;
    }
    all
}

const INTERFACES: &[Interface] = &[
    interface(0xe1af8308_5d1f_11c9_91a4_08002b14a0fa, "epm", infrastructure::EPM),
    interface(0xafa8bd80_7d8a_11c9_bef4_08002b102989, "mgmt", infrastructure::MGMT),
    interface(0x99fcfec4_5260_101b_bbcb_00aa0021347a, "object-exporter", infrastructure::OBJECT_EXPORTER),
    interface(0x4d9f4ab8_7d1c_11cf_861e_0020af6e7c57, "remote-activation", infrastructure::REMOTE_ACTIVATION),
    interface(0x000001a0_0000_0000_c000_000000000046, "system-activator", infrastructure::SYSTEM_ACTIVATOR),
    interface(0x00000131_0000_0000_c000_000000000046, "rem-unknown", infrastructure::REM_UNKNOWN),
    interface(0x00000143_0000_0000_c000_000000000046, "rem-unknown2", infrastructure::REM_UNKNOWN),
    interface(0x00000000_0000_0000_c000_000000000046, "unknown", &[]),
    interface(0x00020400_0000_0000_c000_000000000046, "dispatch", &[]),
    // OPC Data Access.
    interface(0x39c13a4d_011e_11d0_9675_0020afd8adb3, "opc-server", opc::SERVER),
    interface(0x39c13a4e_011e_11d0_9675_0020afd8adb3, "opc-server-public-groups", opc::PUBLIC_GROUPS),
    interface(0x39c13a4f_011e_11d0_9675_0020afd8adb3, "opc-browse-address-space", opc::BROWSE_ADDRESS_SPACE),
    interface(0x39c13a50_011e_11d0_9675_0020afd8adb3, "opc-group-state-mgt", opc::GROUP_STATE),
    interface(0x39c13a51_011e_11d0_9675_0020afd8adb3, "opc-public-group-state-mgt", opc::PUBLIC_GROUP_STATE),
    interface(0x39c13a52_011e_11d0_9675_0020afd8adb3, "opc-sync-io", opc::SYNC_IO),
    interface(0x39c13a53_011e_11d0_9675_0020afd8adb3, "opc-async-io", opc::ASYNC_IO),
    interface(0x39c13a54_011e_11d0_9675_0020afd8adb3, "opc-item-mgt", opc::ITEM_MANAGEMENT),
    interface(0x39c13a55_011e_11d0_9675_0020afd8adb3, "opc-enum-item-attributes", &[]),
    interface(0x39c13a70_011e_11d0_9675_0020afd8adb3, "opc-data-callback", opc::DATA_CALLBACK),
    interface(0x39c13a71_011e_11d0_9675_0020afd8adb3, "opc-async-io2", opc::ASYNC_IO2),
    interface(0x39c13a72_011e_11d0_9675_0020afd8adb3, "opc-item-properties", opc::ITEM_PROPERTIES),
    interface(0x39227004_a18f_4b57_8b0a_5235670f4468, "opc-browse", opc::BROWSE),
    interface(0x85c0b427_2893_4cbc_bd78_e5fc5146f08f, "opc-item-io", opc::ITEM_IO),
    interface(0x730f5f0f_55b1_4c81_9e18_ff8a0904e1fa, "opc-sync-io2", opc::SYNC_IO),
    interface(0x0967b97b_36ef_423e_b6f8_6bff1e40d39d, "opc-async-io3", opc::ASYNC_IO2),
    interface(0x8e368666_d72e_4f78_87ed_647611c61c9f, "opc-group-state-mgt2", opc::GROUP_STATE),
    interface(0x5946da93_8b39_4ec8_ab3d_aa73df5bc86f, "opc-item-deadband-mgt", opc::DEADBAND),
    interface(0x3e22d313_f08b_41a5_86c8_95e95cb49ffc, "opc-item-sampling-mgt", opc::SAMPLING),
    interface(0x13486d50_4821_11d2_a494_3cb306c10000, "opc-server-list", opc::SERVER_LIST),
    interface(0x9dd0b56c_ad9e_43ee_8305_487f3188bf7a, "opc-server-list2", opc::SERVER_LIST),
    interface(0x55c382c8_21c7_4e88_96c1_becfb1e3f483, "opc-enum-guid", opc::ENUM_GUID),
    interface(0xf31dfde2_07b6_11d2_b2d8_0060083ba1fb, "opc-common", opc::COMMON),
    interface(0xf31dfde1_07b6_11d2_b2d8_0060083ba1fb, "opc-shutdown", opc::SHUTDOWN),
    // OPC Alarms and Events.
    interface(0x65168851_5783_11d1_84a0_00608cb8a7e9, "opc-event-server", opc::EVENT_SERVER),
    interface(0x71bbe88e_9564_4bcd_bcfc_71c558d94f2d, "opc-event-server2", opc::EVENT_SERVER),
    interface(0x65168855_5783_11d1_84a0_00608cb8a7e9, "opc-event-subscription-mgt", opc::EVENT_SUBSCRIPTION),
    interface(0x94c955dc_3684_4ccb_afab_f898ce19aac3, "opc-event-subscription-mgt2", opc::EVENT_SUBSCRIPTION),
    interface(0x65168857_5783_11d1_84a0_00608cb8a7e9, "opc-event-area-browser", opc::EVENT_AREA_BROWSER),
    interface(0x6516885f_5783_11d1_84a0_00608cb8a7e9, "opc-event-sink", opc::EVENT_SINK),
    // OPC Historical Data Access.
    interface(0x1f1217b0_dee0_11d2_a5e5_000086339399, "opc-hda-server", opc::HISTORY_SERVER),
    interface(0x1f1217b1_dee0_11d2_a5e5_000086339399, "opc-hda-browser", opc::HISTORY_BROWSER),
    interface(0x1f1217b2_dee0_11d2_a5e5_000086339399, "opc-hda-sync-read", opc::HISTORY_SYNC_READ),
    interface(0x1f1217b3_dee0_11d2_a5e5_000086339399, "opc-hda-sync-update", opc::HISTORY_SYNC_UPDATE),
    interface(
        0x1f1217b4_dee0_11d2_a5e5_000086339399,
        "opc-hda-sync-annotations",
        opc::HISTORY_SYNC_ANNOTATIONS,
    ),
    interface(0x1f1217b5_dee0_11d2_a5e5_000086339399, "opc-hda-async-read", opc::HISTORY_ASYNC_READ),
    interface(0x1f1217b6_dee0_11d2_a5e5_000086339399, "opc-hda-async-update", opc::HISTORY_ASYNC_UPDATE),
    interface(0x1f1217b7_dee0_11d2_a5e5_000086339399, "opc-hda-async-annotations", &[]),
    interface(0x1f1217b8_dee0_11d2_a5e5_000086339399, "opc-hda-playback", &[]),
    interface(0x1f1217b9_dee0_11d2_a5e5_000086339399, "opc-hda-data-callback", opc::HISTORY_CALLBACK),
    // Windows.
    interface(0x367abb81_9844_35f1_ad32_98f038001003, "svcctl", windows::SVCCTL),
    interface(0x1ff70682_0a51_30e8_076d_740be8cee98b, "atsvc", windows::ATSVC),
    interface(0x86d35949_83c9_4044_b424_db363231fd0c, "task-scheduler", windows::TASK_SCHEDULER),
    interface(0x378e52b0_c0a9_11cf_822d_00aa0051e40f, "sasec", &[]),
    interface(0x338cd001_2244_31f1_aaaa_900038001003, "winreg", windows::WINREG),
    interface(0x894de0c0_0d55_11d3_a322_00c04fa321a1, "initshutdown", windows::INIT_SHUTDOWN),
    interface(0x82273fdc_e32a_18c3_3f78_827929dc23ea, "eventlog", windows::EVENTLOG),
    interface(0xf6beaff7_1e19_4fbb_9f8f_b89e2018337c, "eventlog6", &[]),
    interface(0x4b324fc8_1670_01d3_1278_5a47bf6ee188, "srvsvc", windows::SRVSVC),
    interface(0x6bffd098_a112_3610_9833_46c3f87e345a, "wkssvc", windows::WKSSVC),
    interface(0x12345678_1234_abcd_ef00_0123456789ab, "spoolss", &[]),
    interface(0x76f03f96_cdfd_44fc_a22c_64950a001209, "winspool", &[]),
    interface(0x9556dc99_828c_11cf_a37e_00aa003240c7, "wbem-services", &[]),
    interface(0xf309ad18_d86a_11d0_a075_00c04fb68820, "wbem-level1-login", &[]),
    interface(0x8fb6d884_2388_11d0_8c35_00c04fda2795, "w32time", &[]),
    interface(0x4fc742e0_4a10_11cf_8273_00aa004ae673, "netdfs", &[]),
    interface(0x5a7b91f8_ff00_11d0_a9b2_00c04fb6e6fc, "messenger", &[]),
    interface(0x8d9f4e40_a03d_11ce_8f69_08003e30051b, "plug-and-play", &[]),
    interface(0x2f5f6520_ca46_1067_b319_00dd010662da, "tapsrv", &[]),
    interface(0xfdb3a030_065f_11d1_bb9b_00a024ea5525, "message-queuing", &[]),
    // Accounts, domains and directories.
    interface(0x12345778_1234_abcd_ef00_0123456789ac, "samr", domain::SAMR),
    interface(0x12345778_1234_abcd_ef00_0123456789ab, "lsarpc", domain::LSARPC),
    interface(0x12345678_1234_abcd_ef00_01234567cffb, "netlogon", domain::NETLOGON),
    interface(0xe3514235_4b06_11d1_ab04_00c04fc2dcd2, "drsuapi", domain::DRSUAPI),
    interface(0x3919286a_b10c_11d0_9ba8_00c04fd92ef5, "dssetup", domain::DSSETUP),
    interface(0x50abc2a4_574d_40b3_9d66_ee4fd5fba076, "dnsserver", domain::DNSSERVER),
    interface(0xc681d488_d850_11d0_8c52_00c04fd90f7e, "efsrpc", domain::EFSRPC),
    interface(0x6bffd098_a112_3610_9833_012892020162, "browser", domain::BROWSER),
    interface(0xf5cc5a18_4264_101a_8c59_08002b2f8426, "nspi", &[]),
    interface(0xf5cc59b4_4264_101a_8c59_08002b2f8426, "frsrpc", &[]),
    interface(0x897e2e5f_93f3_4376_9c9c_fd2277495c27, "frstrans", &[]),
    interface(0x91ae6020_9e3c_11cf_8d7c_00aa00c091be, "certificate-enrollment", &[]),
    // PROFINET CBA.
    interface(0xcba00001_6c97_11d1_8271_00a02442df7d, "cba-physical-device", &[]),
    interface(0xcba00006_6c97_11d1_8271_00a02442df7d, "cba-physical-device2", &[]),
    interface(0xcba00002_6c97_11d1_8271_00a02442df7d, "cba-browse", &[]),
    interface(0xcba00007_6c97_11d1_8271_00a02442df7d, "cba-browse2", &[]),
    interface(0xcba00003_6c97_11d1_8271_00a02442df7d, "cba-persist", &[]),
    interface(0xcba00011_6c97_11d1_8271_00a02442df7d, "cba-logical-device", &[]),
    interface(0xcba00017_6c97_11d1_8271_00a02442df7d, "cba-logical-device2", &[]),
    interface(0xcba00012_6c97_11d1_8271_00a02442df7d, "cba-state", &[]),
    interface(0xcba00014_6c97_11d1_8271_00a02442df7d, "cba-time", &[]),
    interface(0xcba00051_6c97_11d1_8271_00a02442df7d, "cba-rt-auto", &[]),
    interface(0xcba00052_6c97_11d1_8271_00a02442df7d, "cba-rt-auto2", &[]),
    interface(0xcba00062_6c97_11d1_8271_00a02442df7d, "cba-system-properties", &[]),
    interface(0xcba00041_6c97_11d1_8271_00a02442df7d, "cba-connection-management", &[]),
    interface(0xcba00046_6c97_11d1_8271_00a02442df7d, "cba-connection-management2", &[]),
    interface(0xcba00042_6c97_11d1_8271_00a02442df7d, "cba-connection-callback", &[]),
    interface(0xcba00047_6c97_11d1_8271_00a02442df7d, "cba-connection-callback2", &[]),
    interface(0xcba00043_6c97_11d1_8271_00a02442df7d, "cba-connection-server", &[]),
    interface(0xcba00048_6c97_11d1_8271_00a02442df7d, "cba-connection-server2", &[]),
    interface(0xcba00045_6c97_11d1_8271_00a02442df7d, "cba-connection-server-srt", &[]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_told_apart_and_operations_found() {
        for (index, interface) in INTERFACES.iter().enumerate() {
            assert_eq!(find(interface.uuid).map(usize::from), Some(index), "{}", interface.name);
        }
        assert!(INTERFACES.len() < usize::from(Index::MAX));
        assert_eq!(OPERATIONS.len(), INTERFACES.iter().map(|known| known.operations.len()).sum::<usize>());
        let svcctl = find(0x367abb81_9844_35f1_ad32_98f038001003).and_then(at).unwrap();
        assert_eq!(svcctl.operation(12), ("svcctl-create-service-w", Class::Configure));
        assert_eq!(svcctl.operation(99), ("svcctl", Class::Other));
    }
}
