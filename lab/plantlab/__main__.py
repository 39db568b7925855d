"""`lab/make PLANT OUT`: builds the plant, lets it run, writes the workspace."""

import argparse
import json
import os
import shutil
import signal
import sys
import tempfile
from pathlib import Path

from plants import PLANTS

from . import enforced, network, sanity, stage, truth, workspace
from .firewall import translation

SECONDS_MIN = 10
ENFORCED_ACTS_SECONDS_MAX = 15  # what the written rules stop is waited for no longer


def main():
    options = arguments()
    for sign in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(sign, stopped)
    if os.geteuid() != 0 and not options.texts:
        sys.exit("lab/make: namespaces need root")
    out = Path(options.out)
    written = json.loads((out / "truth.json").read_text()) if options.texts else {}
    seed, size = written.get("seed", options.seed), written.get("size", options.size)
    plant = PLANTS[options.plant](seed, size)
    plant.seconds = options.seconds or plant.seconds
    phases = wanted(plant, options, out, written)
    log = lambda line: print(f"{options.plant}/{size}/{seed}: {line}", file=sys.stderr, flush=True)
    windows = [workspace.window(out)] if options.texts else run(plant, options, phases, log)
    wrong = []
    for (planted, folder), window in zip(phases, windows, strict=True):
        workspace.write(plant, folder, planted, window)
        truth.write(plant, folder, seed, size, planted, window)
        wrong += sanity.complaints(plant, folder / "evidence", planted)
        if plant.seconds >= stage.WINDOW:  # long enough to be shown
            for line in sanity.late(plant, folder / "evidence"):
                log(f"the machine was busy: {line}")
        log(f"written: {folder} ({sum(f.stat().st_size for f in folder.rglob('*') if f.is_file()) / 1e6:.1f} MB)")
    for line in wrong:
        log(f"not as described: {line}")
    sys.exit(1 if wrong else 0)


def wanted(plant, options, out, written):
    """The windows that are wanted: (deviations planted, folder)."""
    all_of_them = {deviation.id for deviation in [*plant.deviations, *plant.misstatements]}
    if options.texts:
        return [(set(written["planted"]), out)]
    if options.deviations == "both":
        return [(set(), out / "clean"), (all_of_them, out / "deviating")]
    named = {"all": all_of_them, "none": set()}.get(options.deviations)
    named = set(options.deviations.split(",")) if named is None else named
    unknown = named - all_of_them
    if unknown:
        sys.exit(f"lab/make: no such deviation here: {', '.join(sorted(unknown))}; there are: {', '.join(sorted(all_of_them))}")
    # What is misstated of a deviation is so only if that is planted.
    idle = {d.id for d in plant.misstatements if d.needs and not set(d.needs) & named}
    return [(named - idle, out)]


def run(plant, options, phases, log):
    """Plays the phases and cleans up whatever happens."""
    scratch = Path(tempfile.mkdtemp(prefix="zwlab-"))
    network.clear()
    try:
        for _, folder in phases:
            shutil.rmtree(folder / "evidence", ignore_errors=True)
            (folder / "evidence").mkdir(parents=True)
        afterwards = lambda troupe, windows: enforce(plant, options, phases[-1], troupe, windows[-1], log)
        evidence = [(planted, folder / "evidence") for planted, folder in phases]
        return stage.play(plant, options.seed, evidence, scratch, log, afterwards if options.enforce else None)
    finally:
        network.clear()
        if options.keep_logs:
            log(f"logs of the actors: {scratch}")
        else:
            shutil.rmtree(scratch, ignore_errors=True)


def enforce(plant, options, phase, troupe, window, log):
    """One more window: what the last phase's workspace asks the firewall to pass, written by the program that is tested, is in force."""
    planted, folder = phase
    workspace.write(plant, folder, planted, window)
    written, said = enforced.writing(options.enforce, folder, plant.firewall, plant.as_of)
    out = Path(options.out) / "written"
    shutil.rmtree(out, ignore_errors=True)
    (out / "evidence").mkdir(parents=True)
    (out / "written.nft").write_text(written)
    (out / "said.txt").write_text(said)
    enforced.load(plant, written, translation(plant))
    log("what the conduits ask for is in force")
    missing = lambda *args: sorted(enforced.expected(plant, planted) - sanity.conversations(plant, args[1]))
    stage.window(plant, troupe, planted, out / "evidence", log, missing, ENFORCED_ACTS_SECONDS_MAX, clients_first=True)
    listing = (out / "evidence" / f"{plant.firewall}.nft").read_text()
    (out / "enforced.json").write_text(json.dumps(enforced.report(plant, out, planted, listing, plant.as_of), indent=1) + "\n")


def stopped(sign, _frame):
    """Ends the run by way of its cleaning up, which no second signal may cut short."""
    for other in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(other, signal.SIG_IGN)
    sys.exit(128 + sign)


def arguments():
    """The command line."""
    parser = argparse.ArgumentParser(prog="lab/make", description=__doc__)
    parser.add_argument("plant", choices=sorted(PLANTS), help="which plant")
    parser.add_argument("out", help="folder of the workspace; its evidence is made anew")
    parser.add_argument("--seed", type=int, default=1, choices=range(1, 1000), metavar="1..999", help="other addresses, other zoning, other process values")
    parser.add_argument("--size", default="medium", choices=["small", "medium", "large"])
    parser.add_argument("--seconds", type=int, help=f"how long the captures run at least, {SECONDS_MIN} or more; deviations that need longer are left out of the truth")
    parser.add_argument("--deviations", default="all", metavar="all|none|both|ID,…", help="which deviations are planted; `both` makes OUT/clean and OUT/deviating in one run")
    parser.add_argument("--no-deviations", dest="deviations", action="store_const", const="none", help="the same as --deviations none")
    parser.add_argument("--texts", action="store_true", help="only write the texts anew, from the captures that lie in the folder")
    parser.add_argument("--enforce", metavar="ZONEWRIGHT", help="the program: what it writes for the firewall is put in force in one more window, and OUT/written/enforced.json says what came of it")
    parser.add_argument("--keep-logs", action="store_true", help="keep what the actors printed")
    options = parser.parse_args()
    if options.seconds is not None and options.seconds < SECONDS_MIN:
        parser.error(f"--seconds must be {SECONDS_MIN} or more")
    return options


main()
