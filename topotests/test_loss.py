# SPDX-License-Identifier: GPL-2.0-or-later
"""Links are lost and come back: what is lost with them, and what the operator is told."""
import pytest

import er_doc
import er_lab
import scenery
from scenery import LINKS, wait_for

# BFD 300x3, and the time bgpd and zebra take (frr-facts: about 75 ms), on a busy machine
LONGEST_GAP_MS = 2500


@pytest.fixture(scope="module")
def lab(request):
    with er_lab.running(request, scenery.circuit_conf()) as lab:
        lab.settled()
        lab.notifications = er_lab.Notifications(lab.ce)
        yield lab
        lab.notifications.check()


@pytest.fixture(autouse=True)
def quiet(lab):
    """Each test begins with a circuit that has not flapped."""
    lab.clear()
    lab.settled()


def test_silent_loss_of_one_link_is_told_by_bfd(lab):
    since = lab.notifications.mark()
    with lab.probe() as probe:
        scenery.cut(lab.msee1)
        circuit = lab.wait_redundancy("degraded")
        wait_for(lambda: lab.uses_only("secondary"), "traffic on the secondary link")
    assert circuit.family("ipv4")["reason"].startswith("primary")
    assert "BFD" in circuit.session("primary")["lastReset"]
    assert circuit.session("primary")["health"] == "down"
    assert circuit.session("secondary")["health"] == "up"
    assert 0 < max(gap.milliseconds for gap in probe.report.gaps) < LONGEST_GAP_MS, probe.report
    for family in ("ipv4", "ipv6"):
        told = lab.notifications.wait("redundancy-change", since, family=family)
        assert (told["previous"], told["redundancy"]) == ("redundant", "degraded")
        told = lab.notifications.wait("session-change", since, family=family, link="primary")
        assert told["established"] is False and "BFD" in told["reason"]
        assert told["neighbor-address"] == LINKS["primary"].microsoft(int(family[-1]))
    assert lab.syslog("redundancy-degraded") and lab.syslog("session-lost")

    since = lab.notifications.mark()
    with lab.probe() as probe:
        scenery.mend(lab.msee1)
        lab.settled()
    assert probe.report.lost == 0, probe.report
    for family in ("ipv4", "ipv6"):
        told = lab.notifications.wait("redundancy-change", since, family=family)
        assert (told["previous"], told["redundancy"]) == ("degraded", "redundant")
    assert lab.syslog("redundancy-restored") and lab.syslog("session-established")


def test_the_audit_fails_while_a_link_is_lost(lab):
    wait_for(lambda: lab.audit()["watched"], "the audit's first look", 30)
    before = lab.audit()
    assert before["rule"]["sessions"]["verdict"] == "pass", before
    assert before["rule"]["ERC-4"]["verdict"] == "pass", before

    since = lab.notifications.mark()
    scenery.cut(lab.msee1)
    try:
        told = lab.notifications.wait("audit-change", since, timeout=30, rule="sessions")
        er_doc.check(lab.ce, "audit", "show expressroute audit circuit amsterdam")
    finally:
        scenery.mend(lab.msee1)
    assert (told["previous"], told["verdict"]) == ("pass", "fail")
    assert "the session of primary is not established" in told["evidence"]
    assert told["score"] < before["score"]

    told = lab.notifications.wait("audit-change", since, timeout=60, rule="sessions", verdict="pass")
    assert (told["previous"], told["score"]) == ("fail", before["score"])
    assert lab.audit()["rule"]["sessions"]["verdict"] == "pass"


def test_silent_loss_of_both_links_is_down_and_recovers(lab):
    since = lab.notifications.mark()
    with lab.probe() as probe:
        scenery.cut(lab.msee1)
        scenery.cut(lab.msee2)
        lab.wait_redundancy("down")
        wait_for(lambda: not lab.nexthops(4) and not lab.nexthops(6), "the routes to go")
        scenery.mend(lab.msee1)
        scenery.mend(lab.msee2)
        lab.settled()
    assert probe.report.lost > 0
    for family in ("ipv4", "ipv6"):
        states = [n["redundancy"] for n in lab.notifications.select("redundancy-change", since, family=family)]
        assert "down" in states and states[-1] == "redundant"
    assert lab.syslog("redundancy-down")


def test_carrier_loss_names_the_interface(lab):
    lab.msee2.sh("ip link set ce down")
    try:
        circuit = lab.wait_redundancy("degraded")
        lab.wait_circuit(lambda c: "msee2 is down" in c.family("ipv4").get("reason", ""), "the interface to be named")
        assert circuit.session("primary")["health"] == "up"
    finally:
        lab.msee2.sh("ip link set ce up")
    lab.settled()


def is_quiet(circuit):
    """BFD is up as well: until then it may take the session down by itself."""
    session = circuit.session("primary")
    return session["state"] == "established" and session["bfd"] == "up"


def flap(lab, times):
    address = LINKS["primary"].customer(4)
    for _ in range(times):
        lab.wait_circuit(is_quiet, "the session to be quiet")
        since = lab.notifications.mark()
        lab.msee1.vtysh(f"clear bgp {address}")
        lab.notifications.wait("session-change", since, family="ipv4", link="primary", established=False)
        lab.notifications.wait("session-change", since, family="ipv4", link="primary", established=True)


def test_flapping_link_is_held_down_and_then_trusted_again(lab):
    since = lab.notifications.mark()
    flap(lab, 3)
    told = lab.notifications.wait("flapping-start", since, link="primary", family="ipv4")
    assert told["hold-down"] >= 10
    circuit = lab.wait_circuit(
        lambda c: c.session("primary")["health"] == "held" and c.family("ipv4")["flapping"],
        "the link to be held",
    )
    assert circuit.session("primary")["state"] == "established"
    # BFD, which comes up anew, may take the session down once more and double the hold
    assert circuit.session("primary")["flaps"] in (3, 4)
    assert 0 < circuit.session("primary")["holdDown"] <= 2 * told["hold-down"]
    assert circuit.family("ipv4")["redundancy"] == "degraded"
    assert circuit.family("ipv6")["redundancy"] == "redundant"
    assert lab.syslog("flapping-start")
    lab.notifications.wait("flapping-stop", since, timeout=2 * told["hold-down"] + 30, link="primary", family="ipv4")
    assert not lab.wait_redundant().family("ipv4")["flapping"]


def test_clear_ends_a_hold_down(lab):
    since = lab.notifications.mark()
    flap(lab, 3)
    lab.notifications.wait("flapping-start", since, link="primary", family="ipv4")
    lab.clear()
    circuit = lab.wait_redundant(timeout=3)
    assert circuit.session("primary")["flaps"] == 0
    assert lab.notifications.wait("flapping-stop", since, link="primary", family="ipv4", timeout=3)


def test_bfd_dead_session_up_again_without_double_notice(lab):
    """What all of the above has told is a consistent story."""
    lab.notifications.check()
