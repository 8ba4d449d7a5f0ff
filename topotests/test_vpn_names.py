# SPDX-License-Identifier: GPL-2.0-or-later
"""
The DNS server of the VPN's scenery, asked by FRR's own resolver (c-ares in
libfrrcares): stock bgpd resolves the name of a BMP station each time it connects.
"""
import ipaddress
import json
import socket
import struct

import pytest

import er_lab
import names
import scenery
import vpn
from scenery import wait_for

NAME = "station"
FIRST, SECOND = "203.0.113.130", "203.0.113.138"
BMP = f"""\
router bgp {scenery.CUSTOMER_AS}
 bmp targets lab
  bmp connect {NAME}.{names.ZONE} port 5000 min-retry 100 max-retry 200
 exit
exit
"""


@pytest.fixture(scope="module")
def lab(request):
    conf = vpn.plain_ce(BMP)
    options = {"bgpd": " -M bmp"}
    with er_lab.running(
        request, ours=False, ce_conf=conf, vpn="wireguard", options=options,
        before=lambda lab: lab.vpn.names.set(NAME, FIRST),
    ) as lab:  # fmt: skip
        yield lab


@pytest.fixture(autouse=True)
def good(lab):
    lab.vpn.names.good()
    lab.vpn.names.set(NAME, FIRST)
    yield
    lab.vpn.names.good()


def tries(lab):
    """What bgpd has last tried to connect to, as it says."""
    return json.dumps(lab.ce.sh("vtysh -c 'show bmp'"))


def asked(lab, record="A", name=NAME):
    """(error, [(address, TTL)]) of our own question over UDP from ce; None: no answer that is one"""
    kind = {"A": 1, "AAAA": 28}[record]
    question = b"".join(bytes([len(part)]) + part.encode() for part in f"{name}.{names.ZONE}".split(".")) + b"\0"
    question += struct.pack("!HH", kind, 1)
    script = (
        "import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.settimeout(1);"
        f" s.sendto(bytes.fromhex('{(struct.pack('!6H', 7, 0, 1, 0, 0, 0) + question).hex()}'), ('{names.SERVER[4]}', 53));"
        " print(s.recv(65535).hex())"
    )
    status, out = lab.ce.try_sh(f'python3 -c "{script}"')
    if status:
        return None
    answer = bytes.fromhex(out.strip())
    return answer, question


def test_it(lab):
    import time
    time.sleep(2)
    print(lab.ce.sh("cat /etc/resolv.conf; getent ahosts station.vpn.example; vtysh -c 'show bmp'"))
    print(lab.ce.sh("tail -n 20 bgpd.log"))
    print(asked(lab))
    print(lab.vpn.names.asked())
    assert 0
