"""A remote terminal unit that speaks IEC 60870-5-104 (c104): four measurements, a position, a setpoint and a switch."""

import math
import time

import c104

from common import RANDOM

server = c104.Server(ip="0.0.0.0", port=2404)
station = server.add_station(common_address=47)
measurements = [station.add_point(io_address=100 + n, type=c104.Type.M_ME_NC_1, report_ms=2000) for n in range(4)]
position = station.add_point(io_address=200, type=c104.Type.M_SP_NA_1)
station.add_point(io_address=300, type=c104.Type.C_SE_NC_1)
station.add_point(io_address=400, type=c104.Type.C_SC_NA_1)
position.value = True
server.start()
phase = RANDOM.uniform(0, 6)
start = time.monotonic()
while True:
    swing = math.sin((time.monotonic() - start) / 11 + phase)
    for number, point in enumerate(measurements):
        point.value = 3.0 + number + 0.4 * swing
    time.sleep(0.5)
