"""A controller that speaks S7 communication (snap7): data blocks 1 and 2 and the module identity of the library."""

import ctypes
import math
import time

import snap7
from snap7.type import SrvArea

from common import RANDOM

SIZE = 128
blocks = {number: (ctypes.c_uint8 * SIZE)() for number in (1, 2)}
server = snap7.server.Server(log=False)
for number, block in blocks.items():
    server.register_area(SrvArea.DB, number, block)
server.start(tcp_port=102)
phase = RANDOM.uniform(0, 6)
start = time.monotonic()
while True:
    swing = math.sin((time.monotonic() - start) / 7 + phase)
    for offset in range(0, 16, 2):
        value = int(600 + 30 * offset + 80 * swing)
        blocks[1][offset], blocks[1][offset + 1] = value >> 8, value & 0xFF
    time.sleep(0.25)
