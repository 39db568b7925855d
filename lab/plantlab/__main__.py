"""`make PLANT OUT`: builds the plant, lets it run, writes the workspace."""

import argparse
import importlib
import os
import shutil
import signal
import sys
import tempfile
from pathlib import Path

from . import choice, network, sanity, stage, truth, workspace

PLANTS = Path(__file__).resolve().parent.parent / "plants"
SECONDS_MIN = 70  # the last deviation begins at 54 s, and what is continuous must show within a minute


def main():
    options = arguments()
    for sign in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(sign, stopped)
    if os.geteuid() != 0 and not options.texts:
        sys.exit("lab/make: namespaces need root")
    plant = described(options)
    out = Path(options.out)
    evidence = out / "evidence"
    scratch = Path(tempfile.mkdtemp(prefix="zwlab-"))
    log = lambda line: print(line, file=sys.stderr, flush=True)
    if not options.texts:
        _held = network.lock()
        network.clear_dead()
    try:
        if options.texts:
            window = workspace.window(out)
        else:
            shutil.rmtree(evidence, ignore_errors=True)
            evidence.mkdir(parents=True)
            window = stage.play(plant, options.seed, options.deviations, evidence, scratch, log)
        workspace.write(plant, out, options.deviations, window)
        truth.write(plant, out, options.seed, options.deviations, window)
        wrong = sanity.complaints(plant, out, options.deviations)
    finally:
        if not options.texts:
            network.clear()
        if options.keep_logs:
            log(f"logs of the actors: {scratch}")
        else:
            shutil.rmtree(scratch, ignore_errors=True)
    for line in sanity.late(plant, out):
        log(f"the machine was busy: {line}")
    for line in wrong:
        log(f"not as described: {line}")
    log(f"written: {out} ({sum(f.stat().st_size for f in out.rglob('*') if f.is_file()) / 1e6:.1f} MB)")
    sys.exit(1 if wrong else 0)


def described(options):
    """The plant that is asked for."""
    name = options.plant.replace("-", "_")
    if not (PLANTS / name / "__init__.py").is_file():
        sys.exit(f"lab/make: there is no plant {options.plant}; there are {', '.join(plants())}")
    plant = importlib.import_module(f"plants.{name}").plant(options.seed, options.size)
    known = {deviation.id for deviation in plant.deviations}
    chosen = known if options.deviations is None else set(options.deviations)
    if chosen - known:
        sys.exit(f"lab/make: {options.plant} has no deviation {', '.join(sorted(chosen - known))}; it has {', '.join(sorted(known))}")
    choice.with_deviations(plant, chosen)
    options.deviations = bool(chosen)
    if chosen and chosen != known:  # what is stated is contradicted by the whole of them
        plant.statements, plant.misstatements = [], []
    plant.seconds = options.seconds or plant.seconds
    return plant


def plants():
    """The plants that are described."""
    return sorted(folder.parent.name for folder in PLANTS.glob("*/__init__.py"))


def stopped(sign, _frame):
    """Ends the run by way of its cleaning up, which no second signal may cut short."""
    for other in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(other, signal.SIG_IGN)
    sys.exit(128 + sign)


def arguments():
    """The command line."""
    parser = argparse.ArgumentParser(prog="lab/make", description="Builds a plant in network namespaces, lets it run, and writes it as a workspace.")
    parser.add_argument("plant", help=f"one of {', '.join(plants())}")
    parser.add_argument("out", help="folder of the workspace; its evidence is made anew")
    parser.add_argument("--seed", type=int, default=1, choices=range(1, 100), metavar="1..99", help="other addresses, zoning and process values")
    parser.add_argument("--size", default="medium", choices=["small", "medium", "large"], help="how many assets")
    parser.add_argument("--seconds", type=int, help=f"how long the captures run, {SECONDS_MIN} or more")
    parser.add_argument("--deviations", type=lambda words: words.split(","), metavar="A,B", help="plant only these deviations; all without this")
    parser.add_argument("--no-deviations", dest="deviations", action="store_const", const=[], help="plant none")
    parser.add_argument("--texts", action="store_true", help="only write the texts anew, from the captures that lie in the folder")
    parser.add_argument("--keep-logs", action="store_true", help="keep what the actors printed")
    options = parser.parse_args()
    if options.seconds is not None and options.seconds < SECONDS_MIN:
        parser.error(f"--seconds must be {SECONDS_MIN} or more")
    return options


main()
