# SPDX-License-Identifier: GPL-2.0-or-later
"""
The limit guard: 30 prefixes are to go out and 20 may.  The MSEEs do what
Microsoft does when more come: they drop the session, so that one which stays has
never seen the 21st, however short.
"""
import ipaddress
import itertools

import pytest

import er_lab
import scenery
from scenery import LINKS, wait_for

LIMIT = 20
PEERING = "expressroute\ncircuit amsterdam\npeering private\n"
NETS = {
    4: [f"10.100.{number}.0/24" for number in range(30)],
    6: [str(net) for net in itertools.islice(ipaddress.ip_network("2001:db8:100::/48").subnets(new_prefix=64), 30)],
}
ALL = {4: "10.100.0.0/16", 6: "2001:db8:100::/48"}


def prefix_list(family):
    ip = "ip" if family == 4 else "ipv6"
    return f"{ip} prefix-list OURS permit {ALL[family]} le {24 if family == 4 else 64}"


@pytest.fixture(scope="module")
def lab(request):
    circuit = scenery.circuit_conf(
        peering=[
            "advertise prefix-list OURS",
            "advertise ipv6 prefix-list OURS",
            f"advertise limit ipv4 {LIMIT}",
            f"advertise limit ipv6 {LIMIT}",
        ]
    )
    for net in scenery.ONPREM_NET.values():
        circuit = circuit.replace(f"   advertise {net}\n", "")
    bgp = scenery.ce_bgp(extra=["no bgp network import-check"])
    conf = scenery.frr_conf(
        "ce", scenery.ce_interfaces(), prefix_list(4), prefix_list(6), bgp, circuit
    )
    given = {role: {"limit": LIMIT} for role in LINKS}
    with er_lab.running(request, ce_conf=conf, msees=given) as lab:
        lab.wait_redundant(timeout=40)
        lab.notifications = er_lab.Notifications(lab.ce)
        lab.flaps_before = lab.flaps()
        yield lab
        lab.notifications.check()


def announce(lab, family, nets, no=""):
    lines = [f"router bgp {scenery.CUSTOMER_AS}", f"address-family ipv{family} unicast"]
    lab.configure("\n".join(lines + [f"{no} network {net}".strip() for net in nets]))


def out(lab, role, family):
    return set(er_lab.heard(getattr(lab, LINKS[role].msee), LINKS[role].customer(family)))


def goes_out(lab, family, nets):
    for role in LINKS:
        wait_for(
            lambda: out(lab, role, family) == set(nets),
            f"what is to go out on {role}: {sorted(nets)}",
            20,
        )


def held(lab):
    """Prefixes that `show expressroute held-prefixes` names."""
    answer = lab.ce.show("show expressroute held-prefixes circuit amsterdam json")
    return {entry["prefix"] for entry in answer.get("heldPrefix", [])}


def advertised(lab, family):
    return lab.circuit().family(f"ipv{family}").get("advertised", {})


@pytest.fixture(autouse=True)
def never_dropped(lab):
    yield
    assert lab.flaps() == lab.flaps_before, "a session was lost"


@pytest.mark.parametrize("family", [4, 6])
def test_limit_is_told_on_the_way_there(lab, family):
    since = lab.notifications.mark()
    assert advertised(lab, family) == {"count": 1, "limit": LIMIT, "level": "ok", "held": 0}
    announce(lab, family, NETS[family][:16])
    goes_out(lab, family, NETS[family][:16])
    lab.notifications.wait("limit-warning", since, family=f"ipv{family}", level="warning", direction="advertised")
    announce(lab, family, NETS[family][:19])
    lab.notifications.wait("limit-warning", since, family=f"ipv{family}", level="critical", direction="advertised")
    for code in ("limit-warning", "limit-critical"):
        wait_for(lambda: [line for line in lab.syslog(code) if f"ipv{family}" in line.lower()], f"{code} in the log")


@pytest.mark.parametrize("family", [4, 6])
def test_no_more_than_the_limit_goes_out(lab, family):
    since = lab.notifications.mark()
    announce(lab, family, NETS[family])
    goes_out(lab, family, NETS[family][:LIMIT])
    wait_for(lambda: set(NETS[family][LIMIT:]) <= held(lab), "the held ones to be named")
    told = lab.notifications.wait("limit-warning", since, family=f"ipv{family}", level="full")
    assert set(told.get("held-prefix", [])) <= set(NETS[family][LIMIT:])
    lab.wait_circuit(lambda c: c.family(f"ipv{family}")["advertised"].get("held") == 10, "the count of the held ones")
    state = advertised(lab, family)
    assert (state["count"], state["limit"], state["level"]) == (LIMIT, LIMIT, "full")
    wait_for(lambda: [line for line in lab.syslog("limit-full") if f"ipv{family}" in line.lower()], "the log")
    limits = lab.ce.show("show expressroute limits json")["circuit"]["amsterdam"]["private"][f"ipv{family}"]
    assert limits["advertised"] == {"count": LIMIT, "limit": LIMIT, "level": "full", "held": 10}


@pytest.mark.parametrize("family", [4, 6])
def test_held_prefix_is_explained(lab, family):
    steps = [s for s in lab.explain(NETS[family][-1]) if s["stage"] == "outbound" and s["verdict"] == "refuse"]
    assert {step["rule"] for step in steps} == {"limit"}
    assert {step["link"] for step in steps} == set(LINKS)


@pytest.mark.parametrize("family", [4, 6])
def test_priority_wins(lab, family):
    """A prefix that must go out takes the place of the one that came last."""
    last = NETS[family][-1]
    lab.configure(f"{PEERING}advertise priority {last} 200")
    goes_out(lab, family, [*NETS[family][: LIMIT - 1], last])
    lab.configure(f"{PEERING}no advertise priority {last}")
    lab.wait_circuit(lambda c: c.family(f"ipv{family}")["advertised"]["count"] == LIMIT, "the limit, and no more")


@pytest.mark.parametrize("family", [4, 6])
def test_room_is_refilled(lab, family):
    before = out(lab, "primary", family)
    gone = NETS[family][0]
    announce(lab, family, [gone], "no")
    for role in LINKS:
        wait_for(lambda: len(out(lab, role, family) - before) == 1, f"the next one on {role}")
        assert len(out(lab, role, family)) == LIMIT and gone not in out(lab, role, family)
    assert out(lab, "primary", family) == out(lab, "secondary", family)
    announce(lab, family, [gone])
    wait_for(lambda: gone in held(lab), "the one that comes last to be held")


@pytest.mark.parametrize("family", [4, 6])
def test_limit_that_changes(lab, family):
    lab.configure(f"{PEERING}advertise limit ipv{family} 5")
    for role in LINKS:
        wait_for(lambda: len(out(lab, role, family)) == 5, f"five of them on {role}")
    lab.configure(f"{PEERING}advertise limit ipv{family} {LIMIT}")
    for role in LINKS:
        wait_for(lambda: len(out(lab, role, family)) == LIMIT, f"twenty of them on {role}")


@pytest.mark.parametrize("family", [4, 6])
def test_nothing_is_held_when_there_is_room(lab, family):
    since = lab.notifications.mark()
    announce(lab, family, NETS[family][10:], "no")
    goes_out(lab, family, NETS[family][:10])
    wait_for(lambda: not held(lab) & set(NETS[family]), "nothing to be held")
    lab.notifications.wait("limit-warning", since, family=f"ipv{family}", level="ok", previous="full")
