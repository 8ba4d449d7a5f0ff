# SPDX-License-Identifier: GPL-2.0-or-later
"""
In whatever order the parts of an edge come up, the end is the same: two circuits, a VPN
backup of both, sites of Global Reach: er_reach.py, whole.
"""
import itertools
import json
import random
import re

import pytest
import scenery
from er_reach import LINKS, TUNNEL, circuit_conf, running
from scenery import wait_for

SEED = 5
DAEMONS = ("zebra", "bfdd", "bgpd", "erouted")
# the rest: of Microsoft's side, of the cables, of what is configured
PARTS = (*DAEMONS, "msees", "links", "gateway", "frankfurt")
ORDERS = random.Random(SEED).sample(sorted(itertools.permutations(PARTS)), 6)
FRANKFURT = "\n".join([
    "configure terminal", "expressroute", *circuit_conf("frankfurt"),
    "global-reach fra-paris", "circuit frankfurt", "remote-circuit paris-2", "site paris", "ipv4-subnet 172.31.0.16/29",
    "exit-global-reach", "vpn-backup azure", "circuit frankfurt",
])  # fmt: skip
NO_FRANKFURT = "\n".join([
    "configure terminal", "expressroute", "no global-reach fra-paris", "vpn-backup azure", "no circuit frankfurt",
    "exit-vpn-backup", "no circuit frankfurt",
])  # fmt: skip
# leaves that tell when, how long, how often, how much
MOVING = re.compile("since|uptime|established|last|availability|flaps|filtered|activations|(in|out)[A-Z]|share")


def still(document):
    """The same without what tells of time."""
    if isinstance(document, dict):
        return {key: still(value) for key, value in document.items() if not MOVING.match(key)}
    return [still(each) for each in document] if isinstance(document, list) else document


def seen(lab):
    return still(lab.ce.show("show expressroute json"))


def lines(document):
    return set(flat("", document))


def flat(path, document):
    if not isinstance(document, (dict, list)):
        return [f"{path}: {json.dumps(document)}"]
    entries = document.items() if isinstance(document, dict) else enumerate(document)
    return [line for key, value in entries for line in flat(f"{path}/{key}", value)]


def set_gateway(lab, up):
    no = "no " if up else ""
    lab.vnet.vtysh("\n".join(["configure terminal", "router bgp 65515"]
                             + [f"{no}neighbor {scenery.host(net, 1)} shutdown" for net in TUNNEL.values()]))


def bring_up(lab, part):
    if part in DAEMONS:
        lab.router.start(part)
        if part != "erouted":
            lab.ce.try_sh(f"vtysh -b -d {part}")
    elif part == "msees":
        for msee in sum(LINKS.values(), ()):
            lab.set_edge(msee, True)
    elif part == "links":
        for msee in sum(LINKS.values(), ()):
            lab.ce.sh(f"ip link set {msee} up")
    elif part == "gateway":
        set_gateway(lab, True)
    else:
        lab.ce.vtysh(FRANKFURT)


def take_down(lab):
    lab.ce.vtysh(NO_FRANKFURT)
    set_gateway(lab, False)
    for msee in sum(LINKS.values(), ()):
        lab.set_edge(msee, False)
        lab.ce.sh(f"ip link set {msee} down")
    for daemon in reversed(DAEMONS):
        lab.router.kill(daemon)


def settled(lab):
    for name in LINKS:
        lab.wait_redundancy("redundant", timeout=120, name=name)
    lab.wait_joints()


@pytest.fixture(scope="module")
def lab(request):
    with running(request, whole=True) as lab:
        settled(lab)
        wait_for(lambda: vpn_states(lab) == ["standby", "standby"], "the VPN to stand by", 60)
        lab.clear()
        wait_for(lambda: bfd_states(lab) == {"up"}, "BFD on every session", 60)
        # what the end is to be: the counts, which come when something has been counted, move no more
        last = {}

        def at_rest():
            before, last["seen"] = last.get("seen"), seen(lab)
            return before == last["seen"]

        wait_for(at_rest, "the counts", 60, 3)
        lab.end = last["seen"]
        yield lab


def bfd_states(lab):
    return {lab.circuit(name).session(role, family).get("bfd")
            for name in LINKS for role in scenery.LINKS for family in ("ipv4", "ipv6")}


def vpn_states(lab):
    backup = lab.expressroute().get("vpnBackup", {}).get("azure", {})
    return [family.get("state") for family in backup.get("state", {}).get("family", {}).values()]


@pytest.mark.parametrize("order", ORDERS, ids=[str(n) for n, _ in enumerate(ORDERS)])
def test_in_whatever_order_the_parts_come_up_the_end_is_the_same(lab, order):
    print(f"seed {SEED}: {', '.join(order)}")
    take_down(lab)
    for part in order:
        bring_up(lab, part)
    settled(lab)
    lab.clear()
    try:
        wait_for(lambda: seen(lab) == lab.end, "the same end", 60, 1)
    except TimeoutError:
        want, got = lines(lab.end), lines(seen(lab))
        pytest.fail("another end: " + "\n".join([*(f"- {each}" for each in sorted(want - got)),
                                                *(f"+ {each}" for each in sorted(got - want))]))
