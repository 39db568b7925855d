"""What is agreed in the batch plant, conduits with their permits, and what its firewall passes beyond that."""

from plantlab.topology import Conduit, ExtraRule, Permit


def conduits():
    """What is agreed. TLS and SNMP are met at several ports, so their permits name the one that is meant."""
    ports = {"tls": (443,), "snmp": (161,)}
    agreed = process() + around()
    for permit in (permit for conduit in agreed for permit in conduit.permits):
        permit.ports = permit.ports or ports.get(permit.protocol, ())
    return agreed


def process():
    """Conduits between supervision and the process."""
    nms = "Supervision of the switches, SNMPv3 only"
    return [
        Conduit("C-SUP-U1", "Supervisory to unit 1", ["Z-SUP", "Z-U1"], 2, [
            Permit("P-BATCH-1", ["batch-1"], ["uc-1"], "modbus", "Load and run recipes of the reactor", "production",
                   classes=("discover", "read", "write")),
            Permit("P-HIST-1", ["hist-1"], ["uc-1"], "modbus", "Batch records of the reactor", "production", classes=("read",)),
            Permit("P-IO-1", ["batch-1"], ["rio-1"], "enip", "Measurements of the reactor jacket", "automation"),
            Permit("P-TIME-1", ["uc-1"], ["sup-srv"], "ntp", "Time of day", "automation"),
            Permit("P-NMS-1", ["sup-srv"], ["sw-u1"], "snmp", nms, "ot-security"),
        ]),
        Conduit("C-SUP-U2", "Supervisory to unit 2", ["Z-SUP", "Z-U2"], 2, [
            Permit("P-BATCH-2", ["batch-1"], ["uc-2"], "s7comm", "Batch records of the distillation", "production",
                   classes=("session", "read"), note="Reads only; recipes of unit 2 are loaded by the engineer."),
            Permit("P-OPS-2", ["hmi-1"], ["uc-2"], "s7comm", "Operate the distillation", "production", classes=("session", "read", "write")),
            Permit("P-ENG-2", ["ews-1"], ["uc-2"], "s7comm", "Engineering of the distillation controller", "automation", expected="on-demand"),
            Permit("P-DRIVE-2", ["hist-1"], ["drive-2"], "modbus", "Condition monitoring of the reflux pump (pilot)", "automation", classes=("read",)),
            Permit("P-TIME-2", ["clocks-2"], ["sup-srv"], "ntp", "Time of day", "automation"),
            Permit("P-NMS-2", ["sup-srv"], ["sw-u2"], "snmp", nms, "ot-security"),
        ]),
        Conduit("C-SUP-TNK", "Supervisory to tank farm", ["Z-SUP", "Z-TNK"], 2, [
            Permit("P-TANKS", ["batch-1"], ["rtu-t1"], "iec104", "Levels and transfers of the tank farm", "production"),
            Permit("P-TIME-T", ["rtu-t1"], ["sup-srv"], "ntp", "Time of day", "automation"),
        ]),
        Conduit("C-SUP-SIS", "Supervisory to safety", ["Z-SUP", "Z-SIS"], 3, [
            Permit("P-SHOW-SIS", ["hmi-1"], ["sis-1"], "modbus", "Show the state of the emergency shutdown", "process-safety",
                   classes=("read",), approved_by="process-safety", note="The control room sees; it never writes."),
            Permit("P-TIME-SIS", ["sis-1"], ["sup-srv"], "ntp", "Time of day of the trip log", "process-safety", approved_by="process-safety"),
        ], monitoring="required", accountable="process-safety"),
        Conduit("C-SUP-PKG", "Supervisory to packaging", ["Z-SUP", "Z-PKG"], 1, [
            Permit("P-PACK", ["batch-1"], ["packers"], "modbus", "Orders for the fillers", "packaging", classes=("read", "write")),
        ]),
        Conduit("C-SUP-UTL", "Supervisory to utilities", ["Z-SUP", "Z-UTL"], 2, [
            Permit("P-OPS-U", ["hmi-1"], ["ut-1"], "modbus", "Operate the cooling water", "production", classes=("read", "write")),
            Permit("P-NMS-U", ["sup-srv"], ["switches-u"], "snmp", nms, "ot-security"),
        ]),
        Conduit("C-U1-UTL", "Reactor to cooling water", ["Z-U1", "Z-UTL"], 2, [
            Permit("P-COOLING", ["uc-1"], ["ut-1"], "modbus", "The reactor asks for cooling", "automation", classes=("read", "write")),
        ]),
    ]


def around():
    """Conduits to the DMZ, to outside and to the radio cell."""
    return [
        Conduit("C-SUP-DMZ", "Supervisory to DMZ", ["Z-SUP", "Z-DMZ"], 2, [
            Permit("P-REPLICA", ["hist-1"], ["dmz-hist"], "tls", "Push batch records to the replica", "production"),
            Permit("P-JUMP", ["dmz-jump"], ["ews-1"], "ssh", "Supervised remote maintenance", "ot-security", expected="on-demand"),
            Permit("P-TAGS", ["dmz-hist"], ["batch-1"], "opcua", "Tag list and live values for the replica", "production"),
        ], encryption="required"),
        Conduit("C-ENT-DMZ", "Enterprise to DMZ", ["Z-ENT", "Z-DMZ"], 2, [
            Permit("P-REPORTS", ["office"], ["dmz-hist"], "tls", "Reports for the offices", "production"),
            Permit("P-QUALITY", ["ent-mes"], ["dmz-files"], "tls", "Quality records", "production", closed_by="blocked-quality"),
        ], authentication="required", encryption="required", monitoring="required"),
        Conduit("C-REM-DMZ", "Supplier to DMZ", ["Z-REM", "Z-DMZ"], 2, [
            Permit("P-SUPPLIER", ["sup-lap"], ["dmz-jump"], "ssh", "Remote maintenance, over the jump host only", "automation", expected="on-demand"),
            Permit("P-COMMISSION", ["sup-lap"], ["dmz-files"], "ssh", "File transfer during commissioning of unit 2", "automation",
                   expected="on-demand", ended="2026-10-15", ended_by="expired-commissioning"),
        ], authentication="required", encryption="required", monitoring="required"),
        Conduit("C-SUP-WLA", "Supervisory to wireless", ["Z-SUP", "Z-WLA"], 2, [
            Permit("P-SENSORS", ["batch-1"], ["wgw-1"], "modbus", "Measurements of the wireless transmitters", "automation", classes=("read",)),
            Permit("P-TABLET", ["tab-1"], ["batch-1"], "tls", "Walk-round screens", "production"),
            Permit("P-NMS-W", ["sup-srv"], ["ap-1"], "snmp", "Supervision of the access point, SNMPv3 only", "ot-security"),
        ], monitoring="required"),
    ]


def rules():
    """What the firewall passes without anybody having asked, in order."""
    return [
        ExtraRule("Z-SUP", "Z-SIS", ["ews-1"], ["sis-1"], (("tcp", 502),), "sis loop check, remove after turnaround", "safety-written"),
        ExtraRule("Z-PKG", "Z-SUP", [], [], (), "temporary, new filler", "any-any"),
        ExtraRule("Z-ENT", "Z-UTL", ["ent-pc-2"], ["ut-gw"], (("tcp", 80),), "chiller page for facility management", "chiller-page"),
        ExtraRule("Z-U1", "Z-SUP", ["stranger"], ["sup-srv"], (("udp", 123),), "clock of the new box", "stranger"),
        ExtraRule("Z-U1", "outside", ["uc-1"], [], (("udp", 53),), "controller default dns", "internet-names"),
    ]
