"""What stands in the batch plant: zones, assets, groups."""

from plantlab.topology import Asset, Zone

GROUPS = {
    "clocks-2": ["uc-2", "hmi-u2"],
    "packers": ["pk-1", "pk-2"],
    "switches-u": ["sw-ut1", "sw-ut2"],
    "office": ["ent-pc-1", "ent-pc-2"],
}


NETWORKS = {
    "Z-ENT": "10.120.10.0/24", "Z-DMZ": "10.120.20.0/24", "Z-SUP": "10.120.30.0/24", "Z-U1": "10.120.41.0/24",
    "Z-U2": "10.120.42.0/24", "Z-TNK": "10.120.43.0/24", "Z-SIS": "10.120.50.0/24", "Z-PKG": "10.120.60.0/24",
    "Z-UTL": "10.120.65.0/24", "Z-REM": "172.20.70.0/24", "Z-WLA": "10.120.70.0/24", "Z-LBL-1": "192.168.1.0/24",
    "Z-LBL-2": "192.168.1.0/24",
}

SMALL = {
    "ent-pc-1", "ent-pc-2", "dmz-hist", "dmz-jump", "dmz-files", "fw-1", "batch-1", "hist-1", "sup-srv", "hmi-1", "hmi-2", "ews-1", "qa-ws",
    "uc-1", "drive-1", "stranger", "uc-2", "drive-2", "sw-u2", "rtu-t1", "sis-1", "sis-ews", "pk-1", "pk-2", "ut-1", "ut-gw", "sup-lap",
}


def zones():
    """The zones."""
    return [
        Zone("Z-ENT", "Enterprise network", "enterprise", "ent", inside=False, trusted=False, mirrored=False,
             accountable="enterprise-it", note="Outside the system under consideration."),
        Zone("Z-DMZ", "DMZ", "dmz", "dmz", sl_t=2, accountable="ot-security",
             physical_boundary="Server room, rack 3", consequences={"production": "low"}),
        Zone("Z-SUP", "Supervisory and recipes", "supervisory", "sup", sl_t=2, accountable="production",
             physical_boundary="Control room and server room", consequences={"production": "high", "quality": "high"}),
        Zone("Z-U1", "Unit 1: reactor", "control", "un1", sl_t=2, accountable="automation",
             physical_boundary="Switch room 1, locked", consequences={"production": "high", "safety": "medium"}),
        Zone("Z-U2", "Unit 2: distillation", "control", "un2", sl_t=2, accountable="automation",
             physical_boundary="Switch room 2, locked", consequences={"production": "high"}),
        Zone("Z-TNK", "Tank farm", "control", "tnk", sl_t=2, accountable="automation",
             physical_boundary="Tank farm, fenced", consequences={"environment": "high"}),
        Zone("Z-SIS", "Safety: emergency shutdown", "safety", "sis", sl_t=3, safety_related=True,
             accountable="process-safety", physical_boundary="Safety cabinet, keyed", consequences={"safety": "high"}),
        Zone("Z-PKG", "Packaging cells", "control", "pkg", sl_t=1, accountable="packaging",
             physical_boundary="Packaging hall", consequences={"production": "medium"}),
        Zone("Z-UTL", "Utilities: cooling water and switches", "control", "utl", sl_t=2, accountable="automation",
             physical_boundary="Utilities building", consequences={"production": "high", "safety": "medium"}),
        Zone("Z-REM", "Supplier remote access", "remote-access", "rem", inside=False, trusted=False,
             accountable="service-partner", note="Ends at the supplier's tunnel; outside the system under consideration."),
        Zone("Z-WLA", "Wireless", "wireless", "wla", sl_t=2, mirrored=False, accountable="automation",
             physical_boundary="Tank farm, radio cell of ap-1", consequences={"production": "low"}),
    ]


def assets():
    """Everything that stands in the plant; what talks `lives`."""
    host, device, network, soft = "host-device", "embedded-device", "network-device", "software-application"
    bract, ferro, oster = "Bractwell Process", "Ferrodyne Controls", "Osterlund Networks"
    rows = [
        # Enterprise
        Asset("ent-pc-1", "Office client 1", "workstation", host, "Z-ENT", 11, lives=True, owner="enterprise-it"),
        Asset("ent-pc-2", "Office client 2", "workstation", host, "Z-ENT", 12, lives=True, owner="enterprise-it"),
        Asset("ent-mes", "Orders and quality records", "server", soft, "Z-ENT", 20, lives=True, owner="enterprise-it"),
        Asset("sw-ent", "Switch, enterprise", "switch", network, "Z-ENT", None, vendor=oster, model="OX 24", owner="enterprise-it"),
        # DMZ
        Asset("dmz-hist", "Historian replica", "historian", soft, "Z-DMZ", 10, product="historian", vendor=bract, model="Ledger", version="4.1", lives=True),
        Asset("dmz-jump", "Jump host", "remote-access", host, "Z-DMZ", 11, lives=True),
        Asset("dmz-files", "File server", "server", host, "Z-DMZ", 12, lives=True),
        Asset("sw-dmz", "Switch, DMZ", "switch", network, "Z-DMZ", None, vendor=oster, model="OX 24"),
        # Supervisory
        Asset("fw-1", "Firewall", "firewall", network, "Z-SUP", 1, product="firewall", vendor=oster, model="Weir 4", version="7", criticality="high"),
        Asset("batch-1", "Batch and recipe server", "server", soft, "Z-SUP", 10, product="batch", vendor=bract, model="Recipe", version="5.0", criticality="high", lives=True),
        Asset("hist-1", "Historian", "historian", soft, "Z-SUP", 11, product="historian", vendor=bract, model="Ledger", version="4.1", lives=True),
        Asset("sup-srv", "Time and management server", "server", host, "Z-SUP", 12, lives=True),
        Asset("hmi-1", "Operator station 1", "hmi", host, "Z-SUP", 21, vendor=bract, model="Recipe View", version="5.0", lives=True),
        Asset("hmi-2", "Operator station 2", "hmi", host, "Z-SUP", 22, vendor=bract, model="Recipe View", version="5.0", lives=True),
        Asset("ews-1", "Engineering workstation", "engineering-workstation", host, "Z-SUP", 23, lives=True, criticality="high"),
        Asset("qa-ws", "Quality workstation", "workstation", host, "Z-SUP", 24, lives=True, secret_leg=("Z-PKG", 99)),
        Asset("sw-sup", "Switch, supervisory", "switch", network, "Z-SUP", None, vendor=oster, model="OX 24"),
        # Unit 1
        Asset("uc-1", "Reactor controller", "plc", device, "Z-U1", 11, product="uc-m", vendor=ferro, model="UC 40", version="6.2", criticality="high", lives=True),
        Asset("drive-1", "Agitator drive", "drive", device, "Z-U1", 12, vendor=ferro, model="FD 30", version="1.7", lives=True),
        Asset("rio-1", "Remote input and output, reactor", "remote-io", device, "Z-U1", 13, vendor=ferro, model="IO 8", version="2.2", lives=True),
        Asset("sw-u1", "Switch, unit 1", "switch", network, "Z-U1", 2, product="switch", vendor=oster, model="OX 8", version="3.3", lives=True),
        Asset("stranger", "", "other", host, "Z-U1", 40, lives=True, undeclared_by="stranger"),
        # Unit 2
        Asset("uc-2", "Distillation controller", "plc", device, "Z-U2", 11, product="uc-s", vendor="Lindqvist Automation", model="L 315", version="2.9", criticality="high", lives=True),
        Asset("drive-2", "Reflux pump drive", "drive", device, "Z-U2", 12, vendor=ferro, model="FD 30", version="1.7", lives=True),
        Asset("hmi-u2", "Panel, distillation", "hmi", device, "Z-U2", 15, vendor="Lindqvist Automation", model="LP 10", version="1.1", lives=True),
        Asset("sw-u2", "Switch, unit 2", "switch", network, "Z-U2", 2, product="switch", vendor=oster, model="OX 8", version="3.3", lives=True),
        # Tank farm
        Asset("rtu-t1", "Remote terminal unit, tank farm", "rtu", device, "Z-TNK", 11, vendor=ferro, model="RTU 10", version="3.0", lives=True),
        Asset("lt-t1", "Level transmitter, tank 1", "sensor", device, "Z-TNK", None, vendor=bract, model="LT 2"),
        Asset("lt-t2", "Level transmitter, tank 2", "sensor", device, "Z-TNK", None, vendor=bract, model="LT 2"),
        # Safety
        Asset("sis-1", "Emergency shutdown controller", "sis-logic-solver", device, "Z-SIS", 11, product="sis", vendor="Varde Safety", model="Guard 3", version="2.4", criticality="high", safety_related=True, lives=True, owner="process-safety"),
        Asset("sis-ews", "Safety engineering station", "engineering-workstation", host, "Z-SIS", 21, safety_related=True, lives=True, owner="process-safety"),
        # Packaging
        Asset("pk-1", "Filler, cell 1", "plc", device, "Z-PKG", 11, vendor=ferro, model="UC 10", version="1.5", lives=True),
        Asset("pk-2", "Filler, cell 2", "plc", device, "Z-PKG", 12, vendor=ferro, model="UC 10", version="1.5", lives=True),
        Asset("pk-hmi", "Panel, packaging", "hmi", device, "Z-PKG", 15, vendor=ferro, model="FP 7", version="1.0", lives=True),
        # Utilities
        Asset("ut-1", "Cooling water controller", "plc", device, "Z-UTL", 11, product="uc-m", vendor=ferro, model="UC 40", version="6.2", criticality="high", lives=True),
        Asset("ut-gw", "Chiller gateway", "gateway", device, "Z-UTL", 12, vendor="Kaldera Chillers", model="Link 2", version="1.3", lives=True),
        Asset("sw-ut1", "Switch 1, utilities", "switch", network, "Z-UTL", 2, product="switch", vendor=oster, model="OX 8", version="3.3", lives=True),
        Asset("sw-ut2", "Switch 2, utilities", "switch", network, "Z-UTL", 3, product="switch", vendor=oster, model="OX 8", version="3.1", lives=True),
        # Supplier
        Asset("sup-lap", "Service laptop of the supplier", "laptop", host, "Z-REM", 50, remote=True, temporary=True, lives=True, owner="service-partner"),
        # Wireless
        Asset("ap-1", "Access point, tank farm", "access-point", network, "Z-WLA", 2, vendor=oster, model="OA 1", version="2.0", wireless=True, lives=True),
        Asset("wgw-1", "Gateway of the wireless sensors", "gateway", network, "Z-WLA", 11, vendor=bract, model="WG 1", version="1.8", wireless=True, lives=True),
        Asset("tab-1", "Operator's tablet", "mobile", host, "Z-WLA", 21, wireless=True, lives=True),
    ]
    owners = {"Z-DMZ": "ot-security", "Z-SUP": "production", "Z-PKG": "packaging"}
    levels = {"Z-ENT": "4", "Z-DMZ": "3.5", "Z-SUP": "2", "Z-REM": "5"}
    for row in rows:
        row.owner = row.owner or owners.get(row.zone, "automation")
        row.purdue_level = levels.get(row.zone, "1")
    return rows
