# SPDX-License-Identifier: GPL-2.0-or-later
"""
The DNS server of the VPN's scenery, asked by ce's C library, by a question of our
own, and by FRR's resolver (c-ares in libfrrcares): stock bgpd resolves the name of
a BMP station each time it connects to it.
"""
import ast
import re
import struct

import pytest

import er_lab
import names
import scenery
import vpn
from scenery import wait_for

# ours, and the one that bgpd resolves: c-ares keeps a "no such record" for an hour,
# whatever its TTL is, so that one never has addresses of the other family alone
NAME, STATION = "gateway", "station"
FIRST, SECOND = "203.0.113.130", "203.0.113.138"
FIRST6 = "2001:db8:f8::2"
PORT = 5000
BMP = f"""\
router bgp {scenery.CUSTOMER_AS}
 bmp targets lab
  bmp connect {STATION}.{names.ZONE} port {PORT} min-retry 100 max-retry 200
 exit
exit
"""
NOERROR, SERVFAIL, NXDOMAIN = 0, 2, 3
KINDS = {"A": 1, "AAAA": 28}


@pytest.fixture(scope="module")
def lab(request):
    with er_lab.running(
        request, ours=False, ce_conf=vpn.plain_ce(BMP), vpn="wireguard", options={"bgpd": " -M bmp"},
        before=lambda lab: lab.vpn.names.set(STATION, FIRST, ttl=1),
    ) as lab:  # fmt: skip
        lab.internet.sh(
            "nft -f - <<'END'\ntable inet stations {\n"
            + "".join(f"counter to-{n} {{}}\n" for n in (1, 2))
            + "chain seen { type filter hook forward priority 0;\n"
            + "".join(f"ip daddr {a} tcp dport {PORT} counter name to-{n}\n" for n, a in ((1, FIRST), (2, SECOND)))
            + "}\n}\nEND"
        )
        yield lab


@pytest.fixture(autouse=True)
def good(lab):
    lab.vpn.names.set(NAME, FIRST)
    lab.vpn.names.set(STATION, FIRST, ttl=1)
    yield
    lab.vpn.names.good()


def resolve(lab, name=f"{NAME}.{names.ZONE}"):
    """The addresses that ce's C library gives for the name."""
    _, out = lab.ce.try_sh(f"getent ahosts {name}")
    return {line.split()[0] for line in out.splitlines()}


ASK = """
import socket, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout({patience})
s.connect(({server!r}, 53))
begin = time.monotonic()
s.send(bytes.fromhex({question!r}))
try:
    print((s.recv(65535), time.monotonic() - begin))
except TimeoutError:
    print((None, time.monotonic() - begin))
"""


def ask(lab, record="A", patience=0.5):
    """(the answer's bytes or None, seconds until it came) for one question in one packet"""
    name = b"".join(bytes([len(part)]) + part.encode() for part in f"{NAME}.{names.ZONE}".split(".")) + b"\0"
    question = struct.pack("!6H", 7, 0, 1, 0, 0, 0) + name + struct.pack("!2H", KINDS[record], 1)
    script = ASK.format(server=names.SERVER[4], question=question.hex(), patience=patience)
    return ast.literal_eval(lab.ce.sh(f"python3 - <<'END'\n{script}\nEND"))


def rcode(answer):
    return answer[3] & 15


def ttl(answer):
    """Of the last record, which is one of four bytes."""
    return struct.unpack("!I", answer[-10:-6])[0]


def test_gateways_have_names(lab):
    for gateway in vpn.GATEWAYS.values():
        assert resolve(lab, gateway.dns_name) == {gateway.public(4), gateway.public(6)}


def test_records_change_with_their_ttl(lab):
    assert resolve(lab) == {FIRST}
    lab.vpn.names.set(NAME, SECOND, FIRST6, ttl=7)
    assert resolve(lab) == {SECOND, FIRST6}
    answer, _ = ask(lab)
    assert rcode(answer) == NOERROR and ttl(answer) == 7


@pytest.mark.parametrize("prefix", ["198.51.100.", "2001:db8:f9::"])
def test_fifty_addresses(lab, prefix):
    """The IPv6 ones do not fit into a packet: over TCP then."""
    many = {f"{prefix}{number}" for number in range(100, 150)}
    lab.vpn.names.set(NAME, *many)
    assert resolve(lab) == many


def test_removed_name(lab):
    lab.vpn.names.remove(NAME)
    assert resolve(lab) == set()
    assert rcode(ask(lab)[0]) == NXDOMAIN


def test_servfail(lab):
    lab.vpn.names.servfail()
    assert rcode(ask(lab)[0]) == SERVFAIL
    lab.vpn.names.good()
    assert resolve(lab) == {FIRST}


def test_garbage(lab):
    lab.vpn.names.garbage()
    answer, _ = ask(lab)
    assert answer[:2] == b"\0\7" and answer[2] == 255


def test_silence(lab):
    lab.vpn.names.silent()
    before = lab.vpn.names.asked()
    answer, _ = ask(lab)
    assert answer is None and lab.vpn.names.asked() > before


def test_late_answer(lab):
    lab.vpn.names.late(0.4)
    answer, seconds = ask(lab, patience=5)
    assert rcode(answer) == NOERROR and seconds >= 0.4


def tried(lab, number):
    """How often bgpd has tried the first or the second address."""
    return int(re.search(r"packets (\d+)", lab.internet.sh(f"nft list counter inet stations to-{number}"))[1])


def wait_tries(lab, number):
    before = tried(lab, number)
    wait_for(lambda: tried(lab, number) > before, f"bgpd to try address {number}")


def test_frrs_resolver_follows_a_change(lab):
    """When the old answer's TTL is over: c-ares keeps it as long."""
    wait_tries(lab, 1)
    lab.vpn.names.set(STATION, SECOND, ttl=1)
    wait_tries(lab, 2)


def break_it(lab, fault):
    if fault == "removed":
        lab.vpn.names.remove(STATION)
    else:
        getattr(lab.vpn.names, fault)()


@pytest.mark.parametrize(
    "fault, said", [("servfail", "DNS server returned general failure"), ("removed", "Domain name not found")]
)
def test_frrs_resolver_reports_a_failure(lab, fault, said):
    wait_tries(lab, 1)
    break_it(lab, fault)
    wait_for(lambda: said in lab.ce.sh("vtysh -c 'show bmp'"), f"bgpd to say: {said}")
    lab.vpn.names.set(STATION, FIRST, ttl=1)
    lab.vpn.names.good()
    wait_tries(lab, 1)
