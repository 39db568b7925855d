"""What stands in the waterworks: zones, assets, groups."""

from plantlab.topology import Asset, Zone

GROUPS = {
    "plcs-a": ["plc-a1", "plc-a2"],
    "plcs-b": ["plc-b1", "plc-b2"],
    "clocks-a": ["plc-a1", "plc-a2", "hmi-a"],
    "clocks-b": ["plc-b1", "plc-b2", "rtu-b1"],
    "office": ["ent-pc-1", "ent-pc-2"],
}


SMALL = {
    "ent-pc-1", "ent-erp", "ent-nms", "dmz-hist", "dmz-jump", "dmz-patch", "fw-1", "scada-1", "hist-1", "sup-srv", "hmi-2", "ews-1", "ops-ws",
    "plc-a1", "plc-a2", "hmi-a", "sw-a", "plc-b1", "rtu-b1", "sw-b", "sis-1", "sis-ews", "sup-lap",
}

NETWORKS = {
    "Z-ENT": "10.20.10.0/24", "Z-DMZ": "10.20.20.0/24", "Z-SUP": "10.20.30.0/24", "Z-CTL-A": "10.20.41.0/24", "Z-CTL-B": "10.20.42.0/24",
    "Z-SIS": "10.20.50.0/24", "Z-REM": "172.20.60.0/24", "Z-WLA": "10.20.70.0/24",
}


def zones():
    """The zones."""
    return [
        Zone("Z-ENT", "Enterprise network", "enterprise", "ent", inside=False, trusted=False, mirrored=False,
             accountable="enterprise-it", note="Outside the system under consideration."),
        Zone("Z-DMZ", "DMZ", "dmz", "dmz", sl_t=2, accountable="ot-security",
             physical_boundary="Rack 1 in the server room", consequences={"production": "low"}),
        Zone("Z-SUP", "Supervisory", "supervisory", "sup", sl_t=2, accountable="operations",
             physical_boundary="Control room and server room", consequences={"production": "high", "safety": "medium"}),
        Zone("Z-CTL-A", "Control A: intake and treatment", "control", "cta", sl_t=2, accountable="automation",
             physical_boundary="Treatment hall, locked cabinets", consequences={"production": "high", "environment": "medium"}),
        Zone("Z-CTL-B", "Control B: pumping and distribution", "control", "ctb", sl_t=2,
             accountable="automation", physical_boundary="Pump house", consequences={"production": "high"}),
        Zone("Z-SIS", "Safety: chlorine shutdown", "safety", "sis", sl_t=3, safety_related=True,
             accountable="process-safety", physical_boundary="Chlorine store, keyed cabinet", consequences={"safety": "high"}),
        Zone("Z-REM", "Supplier remote access", "remote-access", "rem", inside=False, trusted=False,
             accountable="service-partner", note="Ends at the supplier's tunnel; outside the system under consideration."),
        Zone("Z-WLA", "Wireless", "wireless", "wla", sl_t=2, mirrored=False, accountable="automation",
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
