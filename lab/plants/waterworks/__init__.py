"""A small waterworks: intake and treatment (control A), pumping and distribution (control B), chlorine safety system."""

from pathlib import Path

from plantlab.topology import Plant

from .agreed import conduits, rules
from .deviations import deviations
from .products import PRODUCTS
from .standing import GROUPS, assets, zones
from .stated import misstatements, statements
from .talking import actors
from .variants import varied


def plant(seed, size):
    """The plant of a seed and size; seed 1 in medium is the committed example."""
    net = f"10.{19 + seed}"
    stated = (seed, size) == (1, "medium")  # what is stated names zones and assets as they are in the example
    plain = Plant(
        id="waterworks", name="Waterworks at the weir", as_of="2026-11-26", zones=zones(net), assets=assets(),
        conduits=conduits(), groups=GROUPS, rules=rules(), actors=actors(), deviations=deviations(), texts={"plant.toml": text("plant.toml"), "risk.toml": text("risk.toml")},
        readme=text("README.head.md"), products=PRODUCTS, statements=statements() if stated else [], misstatements=misstatements() if stated else [],
        secret_routes=[("hmi-2", "plc-a2", "declared"), ("plc-a2", "hmi-2", "secret")],
        outside="203.0.113", outside_hosts=[("ntp.outside", 123)], legs_by="dual-homed",
    )
    return varied(plain, seed, size)


def text(name):
    """A text that lies beside this file and is the same for every seed."""
    return (Path(__file__).parent / name).read_text()
