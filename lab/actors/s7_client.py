"""A client of S7 communication (snap7): polls controllers, engineers them where it is told to."""

import threading
import time

import snap7
from snap7.type import Block

from common import ARGUMENTS, DEADLINE, RANDOM


def act(client, action):
    """One action; a controller that refuses is part of the game."""
    verb = action[0]
    try:
        if verb == "read":
            client.db_read(1, 0, 16)
        elif verb == "write":
            client.db_write(2, 4, bytearray([0, RANDOM.randint(40, 60)]))
        elif verb == "cpu":
            client.get_cpu_info()
        elif verb == "state":
            client.get_cpu_state()
        elif verb == "blocks":
            client.list_blocks()
        elif verb == "upload":
            client.full_upload(Block.OB, 1)
        elif verb == "download":
            client.download(bytearray(block_image()), 10)
        elif verb == "stop":
            client.plc_stop()
        elif verb == "start":
            client.plc_hot_start()
        elif verb == "pause":
            time.sleep(action[1])
    except Exception as refusal:
        print(f"{verb}: {refusal}", flush=True)


def block_image():
    """A data block of 92 bytes with the header that the library checks before it asks the controller for a download."""
    length = 92
    image = bytearray(length)
    image[0:2] = b"\x70\x70"
    image[3], image[4], image[5] = 0x01, 0x01, 0x0A
    image[6:8] = (10).to_bytes(2, "big")
    image[8:12] = length.to_bytes(4, "big")
    image[34:36] = (20).to_bytes(2, "big")
    return image


def talk(target):
    """One connection: `once` at its beginning, `each` every round, `sometimes` every eighth."""
    client = snap7.client.Client()
    client.connect(target["ip"], 0, 1)
    for action in target.get("once", []):
        act(client, action)
    number = 0
    while target.get("each") and time.monotonic() < DEADLINE:
        for action in target["each"] + (target.get("sometimes", []) if number % 8 == 4 else []):
            act(client, action)
        number += 1
        time.sleep(target.get("period", 1.0) * RANDOM.uniform(0.95, 1.05))
    client.disconnect()


threads = [threading.Thread(target=talk, args=(target,)) for target in ARGUMENTS["targets"]]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
