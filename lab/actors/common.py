"""What every actor shares: its argument (one JSON object), its deadline and its own random numbers."""

import json
import random
import sys
import time

ARGUMENTS = json.loads(sys.argv[1]) if len(sys.argv) > 1 else {}
RANDOM = random.Random(f"{ARGUMENTS.get('seed', 1)}/{ARGUMENTS.get('name', '')}")
DEADLINE = time.monotonic() + float(ARGUMENTS.get("seconds", 3600))


def ticks(period):
    """Yields the number of each round, `period` seconds apart with a little jitter, until the deadline."""
    number = 0
    while time.monotonic() < DEADLINE:
        yield number
        number += 1
        pause = period * RANDOM.uniform(0.95, 1.05)
        time.sleep(max(0.0, min(pause, DEADLINE - time.monotonic())))


def times():
    """Rounds of an actor that acts every `period` seconds, or once where no period is given."""
    period = ARGUMENTS.get("period")
    return ticks(float(period)) if period else iter([0])
