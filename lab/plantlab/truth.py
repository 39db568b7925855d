"""Writes truth.json, what verifying (`expected`) and assessing (`assess`) the plant must find, and the example's README with the same in words."""

import json
import subprocess

from .stage import filled


def write(plant, folder, seed, size, planted, window):
    """Both files."""
    seconds = (window[1] - window[0]).total_seconds()
    chosen = [d for d in plant.deviations if d.id in planted and seconds >= d.seconds_min]
    rows = [row(plant, folder, deviation) for deviation in chosen]
    misstated = [row(plant, folder, d) for d in plant.misstatements if d.id in planted]
    truth = {
        "format": "zonewright-lab-truth/1", "plant": plant.id, "seed": seed, "size": size, "as_of": plant.as_of,
        "deviations": bool(planted), "planted": sorted(planted), "expected": rows, "assess": misstated,
    }
    (folder / "truth.json").write_text(json.dumps(truth, indent=1, ensure_ascii=False) + "\n")
    (folder / "README.md").write_text(readme(plant, rows, misstated, window))


def row(plant, folder, deviation):
    """A planted deviation with the packets that show it."""
    shown = []
    for zone, expression, what in deviation.packets:
        capture = f"evidence/{zone.lower()}.pcap"
        shown.append({"file": capture, "packet": first(folder / capture, filled(plant, expression, {})), "what": what})
    head = {"planted": deviation.planted, "why": deviation.why}
    return {"id": deviation.id} | filled(plant, deviation.path, {}) | head | {
        "findings": [finding(words) for words in deviation.findings], "shown_by": shown,
    }


def finding(words):
    """A finding that verifying, checking or assessing must give."""
    rule, kind, subject, severity = words.split()
    return {"rule": rule, "subject": {"kind": kind, "id": subject}, "severity": severity}


def first(capture, expression):
    """Number of the first packet that a display filter of tshark selects."""
    words = ["tshark", "-n", "-r", str(capture), "-Y", expression, "-T", "fields", "-e", "frame.number"]
    found = subprocess.run(words, capture_output=True, text=True).stdout.split()
    if not found:
        raise RuntimeError(f"no packet shows `{expression}` in {capture}")
    return int(found[0])


def readme(plant, rows, misstated, window):
    """The example in words."""
    begin, end, _ = window
    lines = [plant.readme.strip(), "", "## What lies here", ""]
    lines += [
        "| file | what |", "| --- | --- |",
        "| `plant.toml`, `zones.toml`, `products.toml`, `conduits.toml`, `assets.csv` | the declared world |",
        *(["| `statements.toml` | what people state: claims and countermeasures |"] if plant.statements else []),
        "| `risk.toml` | what could happen, and what is done about it |",
        "| `evidence.toml` | where the evidence comes from, what it covers, its hashes |",
    ]
    listings = ", ".join(f"`evidence/{name}.nft`" for name in (plant.firewall, *(router.id for router, _ in plant.routers())))
    devices = "on the firewall" if not plant.routers() else "on the firewall and on the routers of the cells"
    lines += [
        f"| {listings} | the configured world: what `nft list ruleset` printed {devices} at the end |",
        "| `evidence/*.pcap` | the observed world: one capture at the mirror port of each captured zone |",
        "| `evidence/inventory.csv` | the same assets as another tool would export them, to try an import with |",
        "| `truth.json` | what verifying and assessing must find, for tests |", "",
        f"The captures cover {begin:%Y-%m-%d %H:%M:%S} to {end:%H:%M:%S} UTC, so a permit that is expected all the time and was "
        "not seen is idle, while for a daily one they are too short to tell. "
        f"Judge with `--as-of {plant.as_of}`, as the tests do.",
        "", f"Made by `lab/make {plant.id}`: real protocol stacks in network namespaces behind a real nftables firewall. "
        "Do not edit the files by hand; change the laboratory's description and make them anew.",
    ]
    if rows:
        lines += ["", "## What is wrong with it", "", "Planted, and nothing else:", ""]
        for number, row in enumerate(rows + misstated, 1):
            lines.append(f"{number}. **{row['id']}**. {row['planted']} {row['why']}")
            rules = ", ".join(f"`{found['rule']}` on {found['subject']['kind']} `{found['subject']['id']}`" for found in row["findings"])
            lines.append(f"   - found as {rules}" + (" by `assess`" if row in misstated else ""))
            for shown in row["shown_by"]:
                lines.append(f"   - {shown['what']}: `{shown['file']}` packet {shown['packet']}")
    return "\n".join(lines) + "\n"
