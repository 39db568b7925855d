"""The products of the batch plant, with what their suppliers answered: met, not met, and questions that nobody has answered."""


def product(id, supplier, model, version, component_type, met="", not_met="", **more):
    """A product; the numbers of component requirements that are met and not met."""
    answers = {f"CR {number}": status for words, status in ((met, "met"), (not_met, "not-met")) for number in words.split()}
    return {"id": id, "supplier": supplier, "model": model, "version": version, "component_type": component_type, **more, "capabilities": answers}


PRODUCTS = [
    product("firewall", "Osterlund Networks", "Weir 4", "7", "network-device", met="1.1 1.5 1.7 2.1 2.8 2.11 3.1 4.1 5.1 6.1 7.1 7.3", sl_c=2,
            certificate="Certificate of the supplier, 2025"),
    product("switch", "Osterlund Networks", "OX 8", "3", "network-device", met="1.1 1.5 2.1 2.8 7.3 7.7", not_met="1.9 2.12"),
    product("batch", "Bractwell Process", "Recipe", "5.0", "software-application", met="1.1 1.3 1.4 1.5 1.7 1.11 2.1 2.5 2.8 2.12 3.1 4.1 6.1 7.3"),
    product("historian", "Bractwell Process", "Ledger", "4.1", "software-application", met="1.1 1.5 2.1 2.8 4.1 7.3", not_met="2.12"),
    product("uc-m", "Ferrodyne Controls", "UC 40", "6.2", "embedded-device", met="2.11 3.6 7.3 7.4", not_met="1.1 1.2 1.5 2.1 2.8 3.1 4.1"),
    product("uc-s", "Lindqvist Automation", "L 315", "2.9", "embedded-device", met="2.11 3.6 7.3", not_met="1.2 1.5 2.8 4.1", end_of_support="2026-06-30"),
    product("sis", "Varde Safety", "Guard 3", "2.4", "embedded-device", met="2.11 3.4 3.6 3.7 7.3 7.4", not_met="1.2"),
]
