"""The products of the waterworks, with what their suppliers answered: met, not met, and questions that nobody has answered."""

ANSWERS = {
    "firewall": ("CR 1.1 CR 1.5 CR 2.1 CR 2.8 CR 2.11 CR 3.1 CR 4.1 CR 5.1 CR 6.1 CR 7.1 CR 7.3", "CR 2.12"),
    "switch": ("CR 1.1 CR 1.5 CR 2.1 CR 2.8 CR 7.3 CR 7.7", "CR 1.9 CR 3.4"),
    "scada": ("CR 1.1 CR 1.3 CR 1.4 CR 1.5 CR 1.7 CR 1.11 CR 2.1 CR 2.5 CR 2.8 CR 2.11 CR 3.1 CR 4.1 CR 4.3 CR 6.1 CR 7.3", ""),
    "historian": ("CR 1.1 CR 1.5 CR 2.1 CR 2.8 CR 2.11 CR 4.1 CR 7.3", "CR 2.12"),
    "plc-m": ("CR 2.11 CR 3.6 CR 7.3 CR 7.4", "CR 1.1 CR 1.2 CR 1.5 CR 2.1 CR 2.8 CR 3.1 CR 4.1"),
    "plc-s": ("CR 2.11 CR 3.6 CR 7.3 CR 7.4 CR 7.7", "CR 1.2 CR 1.5 CR 2.8 CR 4.1"),
}


def product(id, supplier, model, version, component_type, **more):
    """A product with the answers about it."""
    met, not_met = ANSWERS.get(id, ("", ""))
    answers = {requirement: status for words, status in ((met, "met"), (not_met, "not-met")) for requirement in requirements(words)}
    return {"id": id, "supplier": supplier, "model": model, "version": version, "component_type": component_type, **more, "capabilities": answers}


def requirements(words):
    """`CR 1.1 CR 1.5` taken apart."""
    parts = words.split()
    return [f"{kind} {number}" for kind, number in zip(parts[::2], parts[1::2])]


PRODUCTS = [
    product("firewall", "Norrholt Networks", "Gate 8", "12", "network-device"),
    product("switch", "Norrholt Networks", "NX-8i", "", "network-device"),
    product("scada", "Weirtech", "Overview", "9.1", "software-application", sl_c=2, certificate="Supplier's declaration of 2025"),
    product("historian", "Tellwright Instruments", "Chronos", "6.2", "software-application"),
    product("plc-m", "Weirtech", "M-340", "3.20", "embedded-device", end_of_support="2027-03-31"),
    product("plc-s", "Kornbach Automation", "S-315", "3.3", "embedded-device"),
    product("drive", "Weirtech", "VX 75", "2.8", "embedded-device"),
]
