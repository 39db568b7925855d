"""A small waterworks: intake and treatment (control A), pumping and distribution (control B), chlorine safety system."""

from plantlab.topology import Actor, Asset, Conduit, Deviation, ExtraRule, Permit, Plant, Zone

HEADER = '''\
[plant]
id = "waterworks"
name = "Waterworks at the weir"
description = "Draws river water, treats it and pumps it to a town of 40,000. Two control cells, one chlorine safety system, one control room."
perimeter = "Everything behind fw-1 except the enterprise network and the supplier's remote access network; the site fence; the radio cell of ap-1."
currency = "EUR"
time_zone = "Europe/Berlin"
tolerable_risk = "moderate"
regulatory_context = ["NIS2 (drinking water)", "national drinking water ordinance"]

[[plant.role]]
id = "plant-manager"
name = "Plant manager"

[[plant.role]]
id = "ot-security"
name = "OT security officer"

[[plant.role]]
id = "operations"
name = "Head of operations"

[[plant.role]]
id = "automation"
name = "Automation lead"

[[plant.role]]
id = "process-safety"
name = "Process safety engineer"

[[plant.role]]
id = "enterprise-it"
name = "Enterprise IT"

[[plant.role]]
id = "service-partner"
name = "Maintenance service provider"

[[plant.essential_function]]
id = "supply"
name = "Supply of drinking water"
description = "Keep pressure in the network."
assets = ["plc-b1", "plc-b2", "rtu-b1", "drive-b1"]

[[plant.essential_function]]
id = "treatment"
name = "Treatment"
description = "Deliver water within the limits of the ordinance."
assets = ["plc-a1", "plc-a2", "rio-a1", "drive-a1"]

[[plant.essential_function]]
id = "chlorine-trip"
name = "Chlorine shutdown"
description = "Close the chlorine supply on leak or overdose."
assets = ["sis-1"]

[plant.risk_matrix]
likelihoods = ["remote", "unlikely", "possible", "likely"]
severities = ["minor", "serious", "major", "catastrophic"]
risks = ["low", "moderate", "high", "extreme"]
cells = [
  ["low", "low", "moderate", "moderate"],
  ["low", "moderate", "moderate", "high"],
  ["low", "moderate", "high", "extreme"],
  ["moderate", "high", "extreme", "extreme"],
]

[[plant.outage_window]]
id = "spring-2027"
name = "Spring maintenance"
start = 2027-04-12
end = 2027-04-16
'''

README = """\
# Waterworks at the weir

A small waterworks as an example: eight zones, about forty assets, one firewall. It draws river water and treats it (control A),
pumps it to a town (control B), and has a chlorine shutdown system (safety). Vendors and products are invented.

```
zonewright check  examples/waterworks --as-of 2026-11-26
zonewright verify examples/waterworks --as-of 2026-11-26
```

```
          Z-ENT      Z-REM     the internet
        enterprise  supplier        |
            |          |            |
   +--------+----------+------------+--------+
   |             fw-1 (nftables)             |
   +--+-------+--------+--------+-----+------+
      |       |        |        |     |      |
    Z-DMZ   Z-SUP   Z-CTL-A  Z-CTL-B  Z-SIS  Z-WLA
         supervisory  treat    pump  safety  wireless
```
"""

PRODUCTS = [
    {"id": "firewall", "supplier": "Norrholt Networks", "model": "Gate 8", "version": "12", "component_type": "network-device"},
    {"id": "switch", "supplier": "Norrholt Networks", "model": "NX-8i", "component_type": "network-device"},
    {"id": "scada", "supplier": "Weirtech", "model": "Overview", "version": "9.1", "component_type": "software-application"},
    {"id": "historian", "supplier": "Tellwright Instruments", "model": "Chronos", "version": "6.2", "component_type": "software-application"},
    {"id": "plc-m", "supplier": "Weirtech", "model": "M-340", "version": "3.20", "component_type": "embedded-device"},
    {"id": "plc-s", "supplier": "Kornbach Automation", "model": "S-315", "version": "3.3", "component_type": "embedded-device"},
    {"id": "drive", "supplier": "Weirtech", "model": "VX 75", "version": "2.8", "component_type": "embedded-device"},
]

SNMP_V3 = "-v3 -l authPriv -u nms -a SHA -A lab-auth-passphrase -x AES -X lab-priv-passphrase".split()
SSH = "ssh -4 -i {keys}/id -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o ConnectTimeout=5".split()
CURL = "curl -4 -s -k -m 8 -o /dev/null".split()


def zones(net):
    """The zones; the first octets of the plant's networks depend on the seed."""
    return [
        Zone("Z-ENT", "Enterprise network", "enterprise", "ent", f"{net}.10", inside=False, trusted=False, mirrored=False,
             accountable="enterprise-it", note="Outside the system under consideration."),
        Zone("Z-DMZ", "DMZ", "dmz", "dmz", f"{net}.20", sl_t=2, accountable="ot-security",
             physical_boundary="Rack 1 in the server room", consequences={"production": "low"}),
        Zone("Z-SUP", "Supervisory", "supervisory", "sup", f"{net}.30", sl_t=2, accountable="operations",
             physical_boundary="Control room and server room", consequences={"production": "high", "safety": "medium"}),
        Zone("Z-CTL-A", "Control A: intake and treatment", "control", "cta", f"{net}.41", sl_t=2, accountable="automation",
             physical_boundary="Treatment hall, locked cabinets", consequences={"production": "high", "environment": "medium"}),
        Zone("Z-CTL-B", "Control B: pumping and distribution", "control", "ctb", f"{net}.42", sl_t=2,
             accountable="automation", physical_boundary="Pump house", consequences={"production": "high"}),
        Zone("Z-SIS", "Safety: chlorine shutdown", "safety", "sis", f"{net}.50", sl_t=3, safety_related=True,
             accountable="process-safety", physical_boundary="Chlorine store, keyed cabinet", consequences={"safety": "high"}),
        Zone("Z-REM", "Supplier remote access", "remote-access", "rem", "172.20.60", inside=False, trusted=False,
             accountable="service-partner", note="Ends at the supplier's tunnel; outside the system under consideration."),
        Zone("Z-WLA", "Wireless", "wireless", "wla", f"{net}.70", sl_t=2, mirrored=False, accountable="automation",
             physical_boundary="Filter hall, radio cell of ap-1", consequences={"production": "low"}),
    ]


def assets():
    """Everything that stands in the plant; what talks `lives`."""
    host, device, network, soft = "host-device", "embedded-device", "network-device", "software-application"
    weir, tell, north = "Weirtech", "Tellwright Instruments", "Norrholt Networks"
    rows = [
        # Enterprise
        Asset("ent-pc-1", "Office client 1", "workstation", host, "Z-ENT", 11, lives=True, owner="enterprise-it"),
        Asset("ent-pc-2", "Office client 2", "workstation", host, "Z-ENT", 12, lives=True, owner="enterprise-it"),
        Asset("ent-erp", "Orders and reports", "server", soft, "Z-ENT", 20, lives=True, owner="enterprise-it"),
        Asset("ent-nms", "Network management, enterprise", "server", host, "Z-ENT", 21, lives=True, owner="enterprise-it"),
        Asset("ent-dns", "Name server, enterprise", "server", host, "Z-ENT", 22, owner="enterprise-it"),
        Asset("ent-prn-1", "Office printer", "printer", device, "Z-ENT", 30, owner="enterprise-it"),
        Asset("sw-ent", "Switch, enterprise", "switch", network, "Z-ENT", None, vendor=north, model="NX-24", owner="enterprise-it"),
        # DMZ
        Asset("dmz-hist", "Historian replica", "historian", soft, "Z-DMZ", 10, product="historian", vendor=tell, model="Chronos R", version="6.2", lives=True),
        Asset("dmz-jump", "Jump host", "remote-access", host, "Z-DMZ", 11, lives=True),
        Asset("dmz-patch", "Patch and file server", "server", host, "Z-DMZ", 12, lives=True),
        Asset("dmz-ntp", "Time server, DMZ", "time-server", host, "Z-DMZ", 13, lives=True),
        Asset("sw-dmz", "Switch, DMZ", "switch", network, "Z-DMZ", None, vendor=north, model="NX-24"),
        # Supervisory
        Asset("fw-1", "Firewall", "firewall", network, "Z-SUP", 1, product="firewall", vendor=north, model="Gate 8", version="12", criticality="high"),
        Asset("scada-1", "SCADA server", "server", soft, "Z-SUP", 10, product="scada", vendor=weir, model="Overview", version="9.1", criticality="high", lives=True),
        Asset("hist-1", "Historian", "historian", soft, "Z-SUP", 11, product="historian", vendor=tell, model="Chronos", version="6.2", lives=True),
        Asset("sup-srv", "Time, name and management server", "server", host, "Z-SUP", 12, lives=True),
        Asset("hmi-1", "Operator station 1", "hmi", host, "Z-SUP", 21, vendor=weir, model="Overview Client", version="9.1", lives=True),
        Asset("hmi-2", "Operator station 2", "hmi", host, "Z-SUP", 22, vendor=weir, model="Overview Client", version="9.1", lives=True),
        Asset("ews-1", "Engineering workstation", "engineering-workstation", host, "Z-SUP", 23, lives=True, criticality="high"),
        Asset("ops-ws", "Maintenance workstation", "workstation", host, "Z-SUP", 24, lives=True, secret_leg=("Z-CTL-A", 99)),
        Asset("sup-prn-1", "Alarm printer", "printer", device, "Z-SUP", 30),
        Asset("sw-sup", "Switch, supervisory", "switch", network, "Z-SUP", None, vendor=north, model="NX-24"),
        # Control A
        Asset("plc-a1", "Intake controller", "plc", device, "Z-CTL-A", 11, product="plc-m", vendor=weir, model="M-340", version="3.20", criticality="high", lives=True),
        Asset("plc-a2", "Filter controller", "plc", device, "Z-CTL-A", 12, product="plc-m", vendor=weir, model="M-340", version="3.20", criticality="high", lives=True),
        Asset("rio-a1", "Remote input and output, filters", "remote-io", device, "Z-CTL-A", 13, vendor=tell, model="RIO 8E", version="1.4", lives=True),
        Asset("drive-a1", "Intake pump drive", "drive", device, "Z-CTL-A", 14, product="drive", vendor=weir, model="VX 75", version="2.8", lives=True),
        Asset("hmi-a", "Panel, treatment hall", "hmi", device, "Z-CTL-A", 15, vendor=weir, model="Panel 10", version="4.0", lives=True),
        Asset("sw-a", "Switch, control A", "switch", network, "Z-CTL-A", 2, product="switch", vendor=north, model="NX-8i", version="5.1", lives=True),
        # Control B
        Asset("plc-b1", "Pump controller", "plc", device, "Z-CTL-B", 11, product="plc-s", vendor="Kornbach Automation", model="S-315", version="3.3", criticality="high", lives=True),
        Asset("plc-b2", "Reservoir controller", "plc", device, "Z-CTL-B", 12, product="plc-s", vendor="Kornbach Automation", model="S-315", version="3.3", criticality="high", lives=True),
        Asset("rtu-b1", "Remote terminal unit, high tank", "rtu", device, "Z-CTL-B", 13, vendor=tell, model="RTU 4", version="2.0", lives=True),
        Asset("drive-b1", "Distribution pump drive", "drive", device, "Z-CTL-B", 14, product="drive", vendor=weir, model="VX 75", version="2.8", lives=True),
        Asset("hmi-b", "Panel, pump house", "hmi", device, "Z-CTL-B", 15, vendor="Kornbach Automation", model="TP 7", version="2.2", lives=True),
        Asset("sw-b", "Switch, control B", "switch", network, "Z-CTL-B", 2, product="switch", vendor=north, model="NX-8i", version="4.9", lives=True),
        # Safety
        Asset("sis-1", "Chlorine safety controller", "sis-logic-solver", device, "Z-SIS", 11, vendor="Havnar Safety", model="Trip 3", version="1.9", criticality="high", safety_related=True, lives=True, owner="process-safety"),
        Asset("sis-ews", "Safety engineering station", "engineering-workstation", host, "Z-SIS", 21, safety_related=True, lives=True, owner="process-safety"),
        Asset("sw-sis", "Switch, safety", "switch", network, "Z-SIS", None, vendor=north, model="NX-8i", version="5.1", safety_related=True, owner="process-safety"),
        # Supplier
        Asset("sup-gw", "Tunnel gateway of the supplier", "router", network, "Z-REM", 2, remote=True, owner="service-partner"),
        Asset("sup-lap", "Service laptop of the supplier", "laptop", host, "Z-REM", 50, remote=True, temporary=True, lives=True, owner="service-partner"),
        # Wireless
        Asset("ap-1", "Access point, filter hall", "access-point", network, "Z-WLA", 2, vendor=north, model="Air 2", version="7.0", wireless=True, lives=True),
        Asset("wgw-1", "Gateway of the wireless sensors", "gateway", network, "Z-WLA", 11, vendor=tell, model="WG 50", version="3.1", wireless=True, lives=True),
        Asset("tab-1", "Operator's tablet", "mobile", host, "Z-WLA", 21, wireless=True, lives=True),
        Asset("wtx-1", "Turbidity transmitter", "sensor", device, "Z-WLA", None, vendor=tell, model="TX-W", wireless=True),
        Asset("wtx-2", "Level transmitter, basin", "sensor", device, "Z-WLA", None, vendor=tell, model="TX-W", wireless=True),
    ]
    owners = {"Z-DMZ": "ot-security", "Z-SUP": "operations"}
    levels = {"Z-ENT": "4", "Z-DMZ": "3.5", "Z-SUP": "2", "Z-REM": "5"}
    for row in rows:
        row.owner = row.owner or owners.get(row.zone, "automation")
        row.purdue_level = levels.get(row.zone, "1")
    return rows


GROUPS = {
    "plcs-a": ["plc-a1", "plc-a2"],
    "plcs-b": ["plc-b1", "plc-b2"],
    "clocks-a": ["plc-a1", "plc-a2", "hmi-a"],
    "clocks-b": ["plc-b1", "plc-b2", "rtu-b1"],
    "office": ["ent-pc-1", "ent-pc-2"],
}


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
                   expected="on-demand", ended="2026-09-30"),
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


def actors():
    """Who talks, from when on. Servers first."""
    server = lambda asset, program, *ports, **arguments: Actor(asset, program, arguments, listens=ports)
    modbus, s7 = ("tcp", 502), ("tcp", 102)
    found = [server(a, "modbus_server", modbus) for a in ("plc-a1", "plc-a2", "drive-a1", "drive-b1", "sis-1", "wgw-1")]
    found += [server(a, "s7_server", s7) for a in ("plc-b1", "plc-b2")]
    found += [server(a, "snmp_agent", ("udp", 161)) for a in ("sw-a", "sw-b", "ap-1")]
    found += [server(a, "ssh_server", ("tcp", 22)) for a in ("dmz-jump", "dmz-patch", "ews-1", "sw-b")]
    found += [server(a, "web_server", ("tcp", 443)) for a in ("scada-1", "dmz-hist", "dmz-patch")]
    found += [server(a, "time_server", ("udp", 123)) for a in ("sup-srv", "dmz-ntp", "ntp.outside")]
    found += [
        server("rtu-b1", "iec104_server", ("tcp", 2404)),
        server("rio-a1", "enip_server", ("tcp", 44818)),
        server("scada-1", "opcua_server", ("tcp", 4840)),
        server("sup-srv", "name_server", ("udp", 53)),
        server("sw-b", "telnet_server", ("tcp", 23)),
    ]
    return found + clients() + deviating_actors()


def clients():
    """Normal operation."""
    poll = lambda asset, ip, **more: {"ip": "{" + ip + "}", **more}
    reads = [["holding", 0, 10]]
    operate = {"once": [["identify"]], "each": reads, "sometimes": [["set", 40, 50], ["coil", 1600, 1]]}
    found = [
        Actor("scada-1", "modbus_client", {"targets": [
            poll("scada-1", "plc-a1", **operate), poll("scada-1", "plc-a2", **operate),
            poll("scada-1", "sis-1", each=[["input", 0, 8]], period=2.0),
            poll("scada-1", "wgw-1", each=[["input", 0, 4]], period=3.0)]}, at=1),
        Actor("hist-1", "modbus_client", {"targets": [
            poll("hist-1", "plc-a1", each=reads, period=2.0), poll("hist-1", "plc-a2", each=reads, period=2.0)]}, at=2),
        Actor("hist-1", "modbus_client", {"targets": [poll("hist-1", "drive-b1", each=reads, period=5.0)]}, at=3, without="idle-drive"),
        Actor("plc-a1", "modbus_client", {"targets": [poll("plc-a1", "drive-a1", each=[["holding", 0, 4], ["set", 50, 400]])]}, at=1),
        Actor("plc-b1", "modbus_client", {"targets": [poll("plc-b1", "drive-b1", each=[["holding", 0, 4], ["set", 50, 400]])]}, at=1),
        Actor("hmi-a", "modbus_client", {"targets": [poll("hmi-a", "plc-a1", each=reads, sometimes=[["set", 60, 7]], period=2.0)]}, at=4),
        Actor("sis-ews", "modbus_client", {"targets": [poll("sis-ews", "sis-1", once=[["identify"]], each=reads, sometimes=[["set", 70, 3]], period=4.0)]}, at=5),
        Actor("scada-1", "s7_client", {"targets": [
            poll("scada-1", "plc-b1", each=[["read"]], sometimes=[["write"]]),
            poll("scada-1", "plc-b2", each=[["read"]], sometimes=[["write"]])]}, at=1),
        Actor("hist-1", "s7_client", {"targets": [
            poll("hist-1", "plc-b1", each=[["read"]], period=2.0), poll("hist-1", "plc-b2", each=[["read"]], period=2.0)]}, at=2),
        Actor("hmi-b", "s7_client", {"targets": [poll("hmi-b", "plc-b1", each=[["read"]], sometimes=[["write"]], period=2.0)]}, at=3),
        Actor("ews-1", "s7_client", {"targets": [poll("ews-1", "plc-b2", once=[["cpu"], ["blocks"], ["upload"]])]}, at=22),
        Actor("scada-1", "iec104_client", {"ip": "{rtu-b1}"}, at=1),
        Actor("scada-1", "enip_client", {"ip": "{rio-a1}", "period": 2.0}, at=1),
        Actor("hmi-1", "opcua_client", {"ip": "{scada-1}", "write": True, "period": 2.0}, at=2),
        Actor("hmi-2", "opcua_client", {"ip": "{scada-1}", "period": 3.0}, at=4),
        Actor("dmz-hist", "opcua_client", {"ip": "{scada-1}", "period": 4.0, "secure": True}, at=6, without="opcua-plain"),
        Actor("hmi-1", "command", {"period": 20, "commands": [["dig", "+short", "+tries=1", "@{sup-srv}", "scada-1.waterworks.lab"]]}, at=3),
        Actor("hmi-a", "command", {"period": 15, "commands": [["dig", "+short", "+tries=1", "@{sup-srv}", "sup-srv.waterworks.lab"]]}, at=3),
        Actor("hist-1", "command", {"period": 6, "commands": [[*CURL, "--data", "tags=RawFlow,Chlorine&values=10.3,0.41", "https://{dmz-hist}/ingest"]]}, at=4),
        Actor("ews-1", "command", {"commands": [[*CURL, "https://{dmz-patch}/index.txt"]]}, at=30),
        Actor("ent-pc-1", "command", {"period": 9, "commands": [[*CURL, "https://{dmz-hist}/report.html"]]}, at=5),
        Actor("ent-pc-2", "command", {"period": 14, "commands": [[*CURL, "https://{dmz-hist}/report.html"]]}, at=8),
        Actor("ent-erp", "command", {"period": 20, "commands": [[*CURL, "https://{dmz-patch}/orders"]]}, at=10, without="blocked-orders"),
        Actor("tab-1", "command", {"period": 10, "commands": [[*CURL, "https://{scada-1}/walk.html"]]}, at=6),
        Actor("sup-lap", "command", {"commands": [[*SSH, "root@{dmz-jump}", "session start"]]}, at=15),
        Actor("dmz-jump", "command", {"commands": [[*SSH, "root@{ews-1}", "show projects"]]}, at=18),
        Actor("ews-1", "command", {"commands": [[*SSH, "root@{sw-b}", "show ports"]]}, at=26),
        Actor("sup-lap", "command", {"commands": [[*SSH, "root@{dmz-patch}", "put report"]]}, at=40),
    ]
    snmp = lambda target, at: Actor("sup-srv", "command", {"period": 15, "commands": [
        ["snmpget", *SNMP_V3, "{" + target + "}", "1.3.6.1.2.1.1.1.0", "1.3.6.1.2.1.1.3.0"]]}, at=at)
    found += [snmp(target, at) for target, at in (("sw-a", 5), ("sw-b", 6), ("ap-1", 7))]
    time = lambda asset, server, **more: Actor(asset, "time_client", {"server": "{" + server + "}"}, at=2, **more)
    found += [time(asset, "sup-srv") for asset in ("plc-a1", "plc-a2", "hmi-a", "plc-b1", "plc-b2", "rtu-b1", "sis-1", "hmi-1", "scada-1")]
    return found + [time(asset, "dmz-ntp") for asset in ("dmz-hist", "dmz-jump")]


def deviating_actors():
    """What the planted deviations add."""
    return [
        Actor("hist-1", "modbus_client", {"targets": [{"ip": "{plc-a2}", "once": [["holding", 40, 2], ["set-many", 40, 55]]}]}, at=33, deviation="historian-writes"),
        Actor("sup-lap", "s7_client", {"targets": [{"ip": "{plc-b1}", "once": [["download"], ["pause", 1], ["stop"], ["pause", 1], ["start"]]}]}, at=45, deviation="supplier-program"),
        Actor("ews-1", "telnet_client", {"ip": "{sw-b}", "user": "operator", "password": "west-pump-3"}, at=37, deviation="telnet-switch"),
        Actor("ent-nms", "command", {"period": 12, "commands": [["snmpget", "-v2c", "-c", "plant-ro", "{sw-a}", "1.3.6.1.2.1.1.1.0", "1.3.6.1.2.1.1.5.0"]]}, at=9, deviation="snmp-from-enterprise"),
        Actor("plc-b1", "time_client", {"server": "{ntp.outside}"}, at=2, deviation="internet-time"),
        Actor("hmi-a", "modbus_client", {"targets": [{"ip": "{sis-1}", "once": [["holding", 70, 2], ["set", 70, 1]]}]}, at=50, deviation="safety-write"),
        Actor("hmi-2", "modbus_client", {"targets": [{"ip": "{plc-a2}", "once": [["holding", 40, 2], ["set", 41, 20]]}]}, at=54, deviation="dual-homed"),
        Actor("dmz-hist", "opcua_client", {"ip": "{scada-1}", "period": 4.0}, at=6, deviation="opcua-plain"),
    ]


def row(from_zone, to_zone, from_, to, protocol, port, name, declared, functions=(), unmet=()):
    """A row of the verification, by the words of its interface."""
    return {"zone_from": from_zone, "zone_to": to_zone, "from": from_, "to": to, "protocol": protocol, "port": port,
            "functions": list(functions), "name": name, "declared": declared, "unmet": list(unmet)}


def deviations():
    """The planted deviations, with what each must give."""
    return [
        Deviation("historian-writes", "The historian writes two registers of the filter controller.",
                  "P-HIST-A lets it read; a packet filter cannot see the difference.",
                  row("Z-SUP", "Z-CTL-A", "hist-1", "plc-a2", "modbus", "502", "undocumented", "function-not-permitted", ["write-multiple-registers"]),
                  ["path/function-not-permitted path Z-SUP>Z-CTL-A error"],
                  [("Z-CTL-A", "modbus.func_code == 16 && ip.src == {hist-1}", "Write Multiple Registers from the historian")]),
        Deviation("supplier-program", "The supplier's laptop asks the pump controller for a program download, stops and starts it.",
                  "No conduit joins the supplier's zone and control B; a rule of the firewall was left behind.",
                  row("Z-REM", "Z-CTL-B", "sup-lap", "plc-b1", "s7comm", "102", "undocumented", "no-conduit"),
                  ["path/undocumented path Z-REM>Z-CTL-B error"],
                  [("Z-CTL-B", "s7comm.param.func == 0x1a && ip.src == {sup-lap}", "Request download"),
                   ("Z-CTL-B", "s7comm.param.func == 0x29 && ip.src == {sup-lap}", "PLC Stop")]),
        Deviation("telnet-switch", "The engineering workstation logs in to the switch of control B by Telnet, password in clear.",
                  "SSH is permitted, Telnet is not; the firewall passes it.",
                  row("Z-SUP", "Z-CTL-B", "ews-1", "sw-b", "telnet", "23", "undocumented", "protocol-not-permitted"),
                  ["path/undocumented path Z-SUP>Z-CTL-B error", "path/clear-text-credentials path Z-SUP>Z-CTL-B warning"],
                  [("Z-CTL-B", "telnet && ip.src == {sw-b} && telnet.data contains \"assword\"", "Telnet asks for the password"),
                   ("Z-CTL-B", "telnet.data contains \"west-pump-3\"", "the password in clear")]),
        Deviation("snmp-from-enterprise", "Enterprise network management asks the switch of control A by SNMPv2c.",
                  "No conduit joins enterprise and control A; the community is in clear.",
                  row("Z-ENT", "Z-CTL-A", "ent-nms", "sw-a", "snmp", "161", "undocumented", "no-conduit"),
                  ["path/undocumented path Z-ENT>Z-CTL-A error", "path/clear-text-credentials path Z-ENT>Z-CTL-A warning"],
                  [("Z-CTL-A", "snmp.version == 1 && ip.src == {ent-nms}", "SNMPv2c get with the community in clear")]),
        Deviation("any-any", "The firewall passes everything from the DMZ to the supervisory zone.",
                  "A migration rule that nobody removed; P-JUMP and P-TAGS have rules of their own.",
                  row("Z-DMZ", "Z-SUP", "any", "any", "any", "", "excess", "protocol-not-permitted"),
                  ["path/excess path Z-DMZ>Z-SUP warning"]),
        Deviation("internet-time", "The pump controller asks a time server on the internet, besides its own.",
                  "The address belongs to no zone; the firewall lets it out.",
                  row("Z-CTL-B", "?", "plc-b1", "{ntp.outside}", "ntp", "123", "unknown-endpoint", "unknown-endpoint"),
                  ["path/unknown-endpoint path Z-CTL-B>? warning"],
                  [("Z-CTL-B", "ntp && ip.src == {plc-b1} && ip.dst == {ntp.outside}", "NTP client to an address outside")]),
        Deviation("idle-drive", "Condition monitoring of the distribution drive is permitted and open, and nobody does it any more.",
                  "P-DRIVE-B is expected all the time; both of its zones were captured.",
                  row("Z-SUP", "Z-CTL-B", "hist-1", "drive-b1", "modbus", "502", "idle", "permitted"),
                  ["path/idle permit P-DRIVE-B note"]),
        Deviation("blocked-orders", "Maintenance orders are permitted, and the firewall does not pass them.",
                  "P-ORDERS has no rule; the connector of the orders system was switched off after it failed.",
                  row("Z-ENT", "Z-DMZ", "ent-erp", "dmz-patch", "tls", "443", "blocked", "permitted"),
                  ["path/blocked permit P-ORDERS warning"]),
        Deviation("safety-write", "The panel of the treatment hall writes a register of the chlorine safety controller.",
                  "No conduit joins control A and safety; a rule of commissioning was left behind.",
                  row("Z-CTL-A", "Z-SIS", "hmi-a", "sis-1", "modbus", "502", "undocumented", "no-conduit"),
                  ["path/undocumented path Z-CTL-A>Z-SIS error"],
                  [("Z-SIS", "modbus.func_code == 6 && ip.src == {hmi-a}", "Write Single Register from the panel")]),
        Deviation("dual-homed", "An operator station writes to the filter controller through the maintenance workstation, which has a leg in both zones and forwards.",
                  "The firewall is closed for it and never saw it; nobody declared the second leg.",
                  row("Z-SUP", "Z-CTL-A", "hmi-2", "plc-a2", "modbus", "502", "undeclared-bypass", "protocol-not-permitted"),
                  ["path/undeclared-bypass path Z-SUP>Z-CTL-A error"],
                  [("Z-CTL-A", "modbus.func_code == 6 && ip.src == {hmi-2}", "Write Single Register round the firewall")]),
        Deviation("expired-commissioning", "The supplier still uses the file transfer that was agreed for commissioning.",
                  "P-COMMISSION ended on 2026-09-30; the firewall still passes it.",
                  row("Z-REM", "Z-DMZ", "sup-lap", "dmz-patch", "ssh", "22", "undocumented", "expired"),
                  ["path/expired path Z-REM>Z-DMZ warning", "permit/expired permit P-COMMISSION warning"],
                  [("Z-DMZ", "ssh && ip.src == {sup-lap} && ip.dst == {dmz-patch}", "SSH after the permit's last day")]),
        Deviation("opcua-plain", "The historian replica reads the SCADA server over OPC UA without security.",
                  "C-SUP-DMZ requires encryption.",
                  row("Z-DMZ", "Z-SUP", "dmz-hist", "scada-1", "opcua", "4840", "conforming", "permitted", unmet=["encryption"]),
                  ["path/unmet-encryption conduit C-SUP-DMZ warning"],
                  [("Z-DMZ", "opcua.security.spu contains \"None\" && ip.src == {dmz-hist}", "OpenSecureChannel with security policy None")]),
    ]


def plant(seed, size):
    """The plant of a seed. Only one size exists yet."""
    net = f"10.{19 + seed}"
    return Plant(
        id="waterworks", name="Waterworks at the weir", as_of="2026-11-26", zones=zones(net), assets=assets(),
        conduits=conduits(), groups=GROUPS, rules=rules(), actors=actors(), deviations=deviations(), header=HEADER,
        readme=README, products=PRODUCTS, secret_routes=[("hmi-2", "plc-a2", "declared"), ("plc-a2", "hmi-2", "secret")],
        outside="203.0.113", outside_hosts=[("ntp.outside", 123)],
    )
