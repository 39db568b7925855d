#!/bin/sh
# Compares what is observed in the public captures with the reference, per aspect. Needs the shared data beside the
# project (or ZONEWRIGHT_SHARED) and python3. Further arguments go to agree.py, such as --verbose or --only modbus.
set -eu
cd "$(dirname "$0")/.."
shared="${ZONEWRIGHT_SHARED:-../shared}"
if [ ! -d "$shared/data/captures" ]; then
    echo "skipped: no shared data (set ZONEWRIGHT_SHARED)"
    exit 0
fi
protocols="modbus,s7comm,enip,cip,dnp3,iec104,opcua,dns,http,tls,ssh,telnet,snmp,ntp"
cargo build --quiet -p zonewright-traffic --example observe
target="${CARGO_TARGET_DIR:-target}"
python3 "$shared/tools/agree.py" --all "$target/debug/examples/observe {} --no-hash" \
    --protocols "$protocols" --errs tests/tshark-errs.csv "$@" "$shared/data/captures" "$shared/data/truth"
