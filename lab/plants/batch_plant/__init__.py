"""A chemical batch plant: reactor and distillation, tank farm, emergency shutdown, packaging, utilities."""

import sys
from pathlib import Path

from plantlab.topology import Plant

from .agreed import conduits, rules
from .deviations import deviations
from .products import PRODUCTS
from .standing import GROUPS, assets, zones
from .stated import misstatements, statements
from .talking import actors


def plant(seed, size):
    """The plant of a seed. It has one size."""
    if size != "medium":
        sys.exit("lab/make: the batch plant has one size, medium")
    net = f"10.{119 + seed}"
    return Plant(
        id="batch-plant", name="Batch plant at the quay", as_of="2026-11-26", zones=zones(net), assets=assets(), conduits=conduits(),
        groups=GROUPS, rules=rules(), actors=actors(), deviations=deviations(), texts={"plant.toml": text("plant.toml"), "risk.toml": text("risk.toml")},
        readme=text("README.head.md"), products=PRODUCTS, statements=statements(), misstatements=misstatements(),
        secret_routes=[("hmi-2", "pk-2", "declared"), ("pk-2", "hmi-2", "secret")], outside="203.0.113", outside_hosts=[("dns.outside", 53)],
        legs_by="dual-homed", command="lab/make batch-plant",
    )


def text(name):
    """A text that lies beside this file and is the same for every seed."""
    return (Path(__file__).parent / name).read_text()
