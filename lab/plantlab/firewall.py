"""The rulesets of the plant's firewall and of the routers of its machine cells: one rule for each permit and service, and the extra
rules of the deviations. Where a conduit asks for monitoring, its rules log new connections."""

from .topology import SERVICES


def interface(plant, zone):
    """The firewall's interface towards a zone."""
    return "wan0" if zone == "outside" else plant.zone(zone).bridge + "0"


def zone_pairs(plant, permit):
    """The (from zone, to zone) pairs of a permit with the assets at each end."""
    sources, targets = {}, {}
    for side, ends in ((sources, permit.from_), (targets, permit.to)):
        for asset in plant.members(ends):
            side.setdefault(plant.asset(asset).zone, []).append(asset)
    return [(a, b, sources[a], targets[b]) for a in sources for b in targets if a != b]


def in_cell(plant, zone):
    """Does a zone lie behind translation?"""
    return zone != "outside" and bool(plant.zone(zone).router)


def ruleset(plant, planted):
    """The firewall's ruleset as text for `nft -f`."""
    sets, chains = {}, {}

    def match(direction, assets, comment):
        if not assets:
            return []
        if len(assets) == 1:
            return [f"ip {direction} {plant.ip(assets[0])}"]
        members = tuple(sorted(plant.ip(asset) for asset in assets))
        name = next((group for group, g in plant.groups.items() if sorted(g) == sorted(assets)), None)
        name = (name or f"{comment}-{direction[0]}").lower().replace("-", "_")
        sets[name] = members
        return [f"ip {direction} @{name}"]

    def add(from_zone, to_zone, sources, targets, services, comment, logged=False):
        chain = chains.setdefault((from_zone, to_zone), [])
        ends = match("saddr", sources, comment) + match("daddr", targets, comment)
        for transport, port in services or ((None, None),):
            service = [f"{transport} dport {port}"] if transport else []
            log = [f'log prefix "{comment} "'] if logged else []
            chain.append(" ".join(ends + service + log + ["counter", "accept", f'comment "{comment}"']))

    for conduit in plant.conduits:
        for permit in conduit.permits:
            if permit.closed_by in planted:
                continue
            for from_zone, to_zone, sources, targets in zone_pairs(plant, permit):
                if in_cell(plant, from_zone) or in_cell(plant, to_zone):
                    continue
                services = permit.services or SERVICES[permit.protocol]
                add(from_zone, to_zone, sources, targets, services, permit.id, conduit.monitoring == "required")
    for rule in plant.rules:
        if rule.deviation in planted:
            add(rule.from_zone, rule.to_zone, rule.from_, rule.to, rule.services, rule.comment)
    return write(plant, sets, chains)


def write(plant, sets, chains):
    """The text."""
    lines = ["table inet plant {"]
    for name, members in sorted(sets.items()):
        lines += [f"\tset {name} {{", "\t\ttype ipv4_addr", f"\t\telements = {{ {', '.join(members)} }}", "\t}", ""]
    short = lambda zone: "outside" if zone == "outside" else plant.zone(zone).bridge
    lines += [
        "\tchain input {",
        "\t\ttype filter hook input priority filter; policy drop;",
        "\t\tct state established,related accept",
        '\t\tiifname "lo" accept',
        '\t\tlimit rate 5/second log prefix "fw-1 input drop " counter',
        "\t}",
        "",
        "\tchain forward {",
        "\t\ttype filter hook forward priority filter; policy drop;",
        "\t\tct state vmap { established : accept, related : accept, invalid : drop }",
    ]
    for from_zone, to_zone in chains:
        pair = f'iifname "{interface(plant, from_zone)}" oifname "{interface(plant, to_zone)}"'
        lines.append(f"\t\t{pair} jump {short(from_zone)}_to_{short(to_zone)}")
    lines += ['\t\tlimit rate 5/second log prefix "fw-1 forward drop " counter', "\t}"]
    for (from_zone, to_zone), rules in chains.items():
        lines += ["", f"\tchain {short(from_zone)}_to_{short(to_zone)} {{", *[f"\t\t{rule}" for rule in rules], "\t}"]
    lines += ["}", ""]
    return "\n".join(lines) + translation(plant)


def translation(plant):
    """The table that hides the plant from what lies beyond it; nothing where nothing lies there."""
    lines = [
        "table ip nat {",
        "\tchain postrouting {",
        "\t\ttype nat hook postrouting priority srcnat; policy accept;",
        '\t\toifname "wan0" counter masquerade',
        "\t}",
        "}",
        "",
    ]
    return "\n".join(lines) if plant.outside else ""


def cell_ruleset(plant, router, cell):
    """The ruleset of a machine cell's router: its outer address stands for what is behind it, and whoever comes out of the cell comes
    out with that address."""
    forwards, rules = [], []
    for (transport, port), behind in router.forwards:
        forwards.append(f'\t\tiifname "plant" ip daddr {plant.ip(router.id)} {transport} dport {port} counter dnat to {plant.ip(behind)}:{port}')
        callers = sorted(plant.ip(a) for a in callers_of(plant, router, (transport, port)))
        if callers:
            rules.append(
                f'\t\tiifname "plant" oifname "cell" ip saddr {{ {", ".join(callers)} }} ip daddr {plant.ip(behind)} '
                f'{transport} dport {port} counter accept comment "to {behind}"'
            )
    for conduit in plant.conduits:
        for permit in conduit.permits:
            for from_zone, to_zone, sources, targets in zone_pairs(plant, permit):
                for transport, port in permit.services or SERVICES[permit.protocol] if from_zone == cell.id else ():
                    ends = f'ip saddr {{ {", ".join(map(plant.ip, sources))} }} ip daddr {{ {", ".join(map(plant.ip, targets))} }}'
                    rules.append(f'\t\tiifname "cell" oifname "plant" {ends} {transport} dport {port} counter accept comment "{permit.id}"')
    lines = [
        "table inet cell {",
        "\tchain input {",
        "\t\ttype filter hook input priority filter; policy drop;",
        "\t\tct state established,related accept",
        "\t}",
        "",
        "\tchain forward {",
        "\t\ttype filter hook forward priority filter; policy drop;",
        "\t\tct state established,related accept",
        *rules,
        "\t}",
        "}",
        "table ip nat {",
        "\tchain prerouting {",
        "\t\ttype nat hook prerouting priority dstnat; policy accept;",
        *forwards,
        "\t}",
        "",
        "\tchain postrouting {",
        "\t\ttype nat hook postrouting priority srcnat; policy accept;",
        '\t\toifname "plant" counter masquerade',
        *(['\t\toifname "cell" counter masquerade'] if router.hides else []),
        "\t}",
        "}",
        "",
    ]
    return "\n".join(lines)


def callers_of(plant, router, service):
    """The assets that permits let call a service at the outer address of a router."""
    found = set()
    for permit in (permit for conduit in plant.conduits for permit in conduit.permits):
        if router.id in plant.members(permit.to) and service in (permit.services or SERVICES[permit.protocol]):
            found.update(plant.members(permit.from_))
    return found
