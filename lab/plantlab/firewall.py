"""The ruleset of the plant's firewall: one rule for each permit and service, and the extra rules of the deviations. Where a conduit
asks for monitoring, its rules log new connections."""

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


def ruleset(plant, with_deviations):
    """The ruleset as text for `nft -f`."""
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
            if with_deviations and permit.closed_by:
                continue
            for from_zone, to_zone, sources, targets in zone_pairs(plant, permit):
                services = permit.services or SERVICES[permit.protocol]
                add(from_zone, to_zone, sources, targets, services, permit.id, conduit.monitoring == "required")
    if with_deviations:
        for rule in plant.rules:
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
    if plant.outside:
        lines += [
            "table ip nat {",
            "\tchain postrouting {",
            "\t\ttype nat hook postrouting priority srcnat; policy accept;",
            '\t\toifname "wan0" counter masquerade',
            "\t}",
            "}",
            "",
        ]
    return "\n".join(lines)
