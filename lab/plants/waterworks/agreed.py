"""What is agreed in the waterworks, conduits with their permits, and what its firewall passes beyond that."""

from plantlab.topology import Conduit, ExtraRule, Permit


def conduits():
    """What is agreed. TLS and SNMP are met at several ports, so their permits name the one that is meant."""
    ports = {"tls": (443,), "snmp": (161,)}
    agreed = agreements()
    for permit in (permit for conduit in agreed for permit in conduit.permits):
        permit.ports = permit.ports or ports.get(permit.protocol, ())
    return agreed


def agreements():
    """The conduits and their permits."""
    return [
        Conduit("C-SUP-CTL-A", "Supervisory to control A", ["Z-SUP", "Z-CTL-A"], 2, [
            Permit("P-SCADA-A", ["scada-1"], ["plcs-a"], "modbus", "Operate intake and filters", "operations",
                   classes=("discover", "read", "write")),
            Permit("P-HIST-A", ["hist-1"], ["plcs-a"], "modbus", "Record measurements of intake and filters", "operations",
                   classes=("read",), note="Reads only."),
            Permit("P-IO-A", ["scada-1"], ["rio-a1"], "enip", "Measurements of the filter inputs", "automation"),
            Permit("P-TIME-A", ["clocks-a"], ["sup-srv"], "ntp", "Time of day", "automation"),
            Permit("P-NAMES-A", ["hmi-a"], ["sup-srv"], "dns", "The panel finds its servers by name", "automation"),
            Permit("P-NMS-A", ["sup-srv"], ["sw-a"], "snmp", "Supervision of the switch, SNMPv3 only", "ot-security"),
        ]),
        Conduit("C-SUP-CTL-B", "Supervisory to control B", ["Z-SUP", "Z-CTL-B"], 2, [
            Permit("P-SCADA-B", ["scada-1"], ["plcs-b"], "s7comm", "Operate pumps and reservoir", "operations",
                   classes=("session", "read", "write")),
            Permit("P-HIST-B", ["hist-1"], ["plcs-b"], "s7comm", "Record measurements of the pumps", "operations",
                   classes=("session", "read")),
            Permit("P-RTU-B", ["scada-1"], ["rtu-b1"], "iec104", "Operate the high tank", "operations"),
            Permit("P-ENG-B", ["ews-1"], ["plcs-b"], "s7comm", "Engineering of the pump controllers", "automation",
                   expected="on-demand"),
            Permit("P-SWITCH-B", ["ews-1"], ["sw-b"], "ssh", "Administration of the switch", "ot-security",
                   expected="on-demand"),
            Permit("P-DRIVE-B", ["hist-1"], ["drive-b1"], "modbus", "Condition monitoring of the drive (pilot)", "automation",
                   classes=("read",)),
            Permit("P-TIME-B", ["clocks-b"], ["sup-srv"], "ntp", "Time of day", "automation"),
            Permit("P-NMS-B", ["sup-srv"], ["sw-b"], "snmp", "Supervision of the switch, SNMPv3 only", "ot-security"),
        ]),
        Conduit("C-SUP-SIS", "Supervisory to safety", ["Z-SUP", "Z-SIS"], 3, [
            Permit("P-SCADA-SIS", ["scada-1"], ["sis-1"], "modbus", "Show the state of the shutdown system", "process-safety",
                   classes=("read",), approved_by="process-safety", note="The control room sees; it never writes."),
            Permit("P-TIME-SIS", ["sis-1"], ["sup-srv"], "ntp", "Time of day of the trip log", "process-safety",
                   approved_by="process-safety"),
        ], monitoring="required", accountable="process-safety"),
        Conduit("C-SUP-DMZ", "Supervisory to DMZ", ["Z-SUP", "Z-DMZ"], 2, [
            Permit("P-REPLICA", ["hist-1"], ["dmz-hist"], "tls", "Push records to the replica", "operations"),
            Permit("P-PATCH", ["ews-1"], ["dmz-patch"], "tls", "Fetch tested patches", "ot-security", expected="daily"),
            Permit("P-JUMP", ["dmz-jump"], ["ews-1"], "ssh", "Supervised remote maintenance", "ot-security", expected="on-demand"),
            Permit("P-TAGS", ["dmz-hist"], ["scada-1"], "opcua", "Tag list and live values for the replica", "operations"),
        ], encryption="required"),
        Conduit("C-ENT-DMZ", "Enterprise to DMZ", ["Z-ENT", "Z-DMZ"], 2, [
            Permit("P-REPORTS", ["office"], ["dmz-hist"], "tls", "Reports for the offices", "operations"),
            Permit("P-ORDERS", ["ent-erp"], ["dmz-patch"], "tls", "Maintenance orders", "operations",
                   closed_by="blocked-orders"),
        ], authentication="required", encryption="required", monitoring="required"),
        Conduit("C-REM-DMZ", "Supplier to DMZ", ["Z-REM", "Z-DMZ"], 2, [
            Permit("P-SUPPLIER", ["sup-lap"], ["dmz-jump"], "ssh", "Remote maintenance, over the jump host only", "automation",
                   expected="on-demand"),
            Permit("P-COMMISSION", ["sup-lap"], ["dmz-patch"], "ssh", "File transfer during commissioning", "automation",
                   expected="on-demand", ended="2026-09-30", ended_by="expired-commissioning"),
        ], authentication="required", encryption="required", monitoring="required"),
        Conduit("C-SUP-WLA", "Supervisory to wireless", ["Z-SUP", "Z-WLA"], 2, [
            Permit("P-SENSORS", ["scada-1"], ["wgw-1"], "modbus", "Measurements of the wireless transmitters", "automation",
                   classes=("read",)),
            Permit("P-TABLET", ["tab-1"], ["scada-1"], "tls", "Walk-round screens", "operations"),
            Permit("P-NMS-W", ["sup-srv"], ["ap-1"], "snmp", "Supervision of the access point, SNMPv3 only", "ot-security"),
        ], monitoring="required"),
    ]


def rules():
    """What the firewall passes without anybody having asked, in order."""
    return [
        ExtraRule("Z-REM", "Z-CTL-B", ["sup-lap"], ["plc-b1"], (("tcp", 102),), "supplier, pump fault, remove after repair", "supplier-program"),
        ExtraRule("Z-SUP", "Z-CTL-B", ["ews-1"], ["sw-b"], (("tcp", 23),), "telnet for the old scripts", "telnet-switch"),
        ExtraRule("Z-ENT", "Z-CTL-A", ["ent-nms"], ["sw-a"], (("udp", 161),), "nms roll-out", "snmp-from-enterprise"),
        ExtraRule("Z-DMZ", "Z-SUP", [], [], (), "temporary, historian migration", "any-any"),
        ExtraRule("Z-CTL-B", "outside", ["plc-b1"], [], (("udp", 123),), "controller default ntp", "internet-time"),
        ExtraRule("Z-CTL-A", "Z-SIS", ["hmi-a"], ["sis-1"], (("tcp", 502),), "chlorine commissioning", "safety-write"),
    ]
