#!/usr/bin/env python3
"""Renders policies with Aerleon for every target that the cross-dialect test reads back.

    render.py DEFINITIONS OUT POLICY.yaml… [--random SEED COUNT]

Writes OUT/POLICY.FAMILY.TARGET for each, and OUT/refused, which says what Aerleon did not render, and why.
"""

import copy
import logging
import pathlib
import random
import sys

import yaml
from aerleon import api
from aerleon.lib import naming

# Of each family of addresses, the targets with their options.
TARGETS = {
    "inet": {
        "cisco": ("cisco", "plant extended"),
        "cisco-objects": ("cisco", "plant object-group"),
        "ciscoasa": ("ciscoasa", "plant"),
        "iptables": ("iptables", "FORWARD DROP"),
        "speedway": ("speedway", "FORWARD DROP"),
        "nftables": ("nftables", "inet forward"),
        "juniper": ("juniper", "plant inet"),
        "srx": ("srx", "from-zone inside to-zone outside inet"),
        "paloalto": ("paloalto", "from-zone inside to-zone outside inet"),
        "fortigate": ("fortigate", "from-zone inside to-zone outside inet"),
    },
    "inet6": {
        "cisco": ("cisco", "plant inet6"),
        "iptables": ("iptables", "FORWARD DROP inet6"),
        "speedway": ("speedway", "FORWARD DROP inet6"),
        "nftables": ("nftables", "inet6 forward"),
        "juniper": ("juniper", "plant inet6"),
        "srx": ("srx", "from-zone inside to-zone outside inet6"),
        "paloalto": ("paloalto", "from-zone inside to-zone outside inet6"),
        "fortigate": ("fortigate", "from-zone inside to-zone outside inet6"),
    },
    "mixed": {
        "cisco": ("cisco", "plant mixed"),
        "nftables": ("nftables", "mixed forward"),
        "srx": ("srx", "from-zone inside to-zone outside mixed"),
        "paloalto": ("paloalto", "from-zone inside to-zone outside mixed"),
        "fortigate": ("fortigate", "from-zone inside to-zone outside mixed"),
    },
}


def random_terms(rng, networks, services):
    """A policy of a few terms that every target can say."""
    terms = []
    for number in range(rng.randint(1, 6)):
        term = {"name": f"term-{number}", "action": rng.choice(["accept", "accept", "deny"])}
        if rng.random() < 0.8:
            term["source-address"] = rng.sample(networks, rng.randint(1, 2))
        if rng.random() < 0.8:
            term["destination-address"] = rng.sample(networks, rng.randint(1, 2))
        kind = rng.random()
        if kind < 0.75:
            protocol = rng.choice(["tcp", "udp"])
            term["protocol"] = protocol
            fitting = [name for name, protocols in services.items() if protocol in protocols]
            if rng.random() < 0.85:
                term["destination-port"] = rng.sample(fitting, min(len(fitting), rng.randint(1, 3)))
            if rng.random() < 0.2:
                term["source-port"] = rng.sample(fitting, 1)
        elif kind < 0.85:
            term["protocol"] = ["tcp", "udp"]
        if rng.random() < 0.2:
            term["logging"] = True
        terms.append(term)
    return terms


def listed(value):
    return [] if value is None else value if isinstance(value, list) else [value]


def versions(definitions, names):
    """Of which versions of IP names of networks have addresses."""
    found = set()
    for name in names:
        for value in definitions["networks"][name]["values"]:
            found.add("inet6" if ":" in value["address"] else "inet")
    return found


def features(terms, definitions):
    """What a policy makes use of, as far as the targets differ in it."""
    found = set()
    for term in terms:
        protocols = listed(term.get("protocol"))
        ports = term.get("destination-port") or term.get("source-port")
        if protocols and not ports and set(protocols) <= {"tcp", "udp"}:
            found.add("protocol-without-ports")
        if "icmp" in protocols:
            found.add("icmp")
        if term.get("source-port") and not term.get("destination-port"):
            found.add("source-port-alone")
        ends = {end: listed(term.get(end)) for end in ("source-address", "destination-address")}
        for end, other in (("source-address", "destination-address"), ("destination-address", "source-address")):
            opposite = versions(definitions, ends[other]) or {"inet", "inet6"}
            for name in ends[end]:
                own = versions(definitions, [name])
                found |= {f"name-without-{family}" for family in {"inet", "inet6"} - own}
                if not own & opposite:
                    found.add("name-without-counterpart")
        if "source-exclude" in term or "destination-exclude" in term:
            found.add("excluded")
        for option in listed(term.get("option")):
            found.add(f"option-{option}")
        for end in ("source-address", "destination-address"):
            if end in term:
                for family in {"inet", "inet6"} - versions(definitions, listed(term[end])):
                    found.add(f"no-address-{family}")
        ends = [versions(definitions, listed(term[end])) for end in ("source-address", "destination-address") if end in term]
        if len(ends) == 2 and not ends[0] & ends[1]:
            found.add("no-common-version")
    return found


def render(definitions, name, family, target, terms, out, refused):
    generator, options = TARGETS[family][target]
    policy = {
        "filename": name,
        "filters": [{"header": {"targets": {generator: options}}, "terms": copy.deepcopy(terms)}],
    }
    where = f"{name}.{family}.{target}"
    try:
        names = naming.Naming()
        names.ParseDefinitionsObject(copy.deepcopy(definitions), "")
        rendered = api.Generate([policy], names)
        text = "\n".join(rendered.values())
        if not text.strip():
            raise ValueError("nothing was rendered")
        (out / where).write_text(text)
    except BaseException as error:  # Aerleon also exits.
        refused.append(f"{where}: {type(error).__name__}: {' '.join(str(error).split())}")


def main(arguments):
    logging.disable(logging.CRITICAL)
    definitions = yaml.safe_load(pathlib.Path(arguments[0]).read_text())
    out = pathlib.Path(arguments[1])
    out.mkdir(parents=True, exist_ok=True)
    rest = arguments[2:]
    policies = {}
    if "--random" in rest:
        at = rest.index("--random")
        seed, count = int(rest[at + 1]), int(rest[at + 2])
        rest = rest[:at]
        networks = sorted(definitions["networks"])
        services = {
            name: {port["protocol"] for port in ports} for name, ports in sorted(definitions["services"].items())
        }
        for number in range(count):
            rng = random.Random(seed * 1_000_003 + number)
            policies[f"random-{seed}-{number}"] = random_terms(rng, networks, services)
    for path in rest:
        policies[pathlib.Path(path).stem] = yaml.safe_load(pathlib.Path(path).read_text())
    refused = []
    for name, terms in policies.items():
        (out / f"{name}.policy").write_text(yaml.safe_dump(terms, sort_keys=False))
        (out / f"{name}.features").write_text("".join(feature + "\n" for feature in sorted(features(terms, definitions))))
        for family, targets in TARGETS.items():
            for target in targets:
                render(definitions, name, family, target, terms, out, refused)
    (out / "refused").write_text("".join(line + "\n" for line in refused))


if __name__ == "__main__":
    main(sys.argv[1:])
