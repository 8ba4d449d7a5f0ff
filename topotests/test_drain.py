# SPDX-License-Identifier: GPL-2.0-or-later
"""
Planned maintenance.  Microsoft prepends its AS eight times on one link, leaves
the session up, and discards what is still sent there: not a packet may be.
"""
import pytest

import er_doc
import er_lab
import scenery
from scenery import LINKS, wait_for

ROLES = list(LINKS)
MODES = ["active-active", "active-passive", "active-passive active secondary"]


@pytest.fixture(scope="module")
def lab(request):
    with er_lab.running(request, scenery.circuit_conf()) as lab:
        lab.settled()
        lab.notifications = er_lab.Notifications(lab.ce)
        yield lab
        lab.notifications.check()


def active_links(mode):
    """Where traffic goes while both links are healthy."""
    if mode == "active-active":
        return set(ROLES)
    return {"secondary"} if mode.endswith("secondary") else {"primary"}


def uses(lab, roles):
    wanted = {LINKS[role].msee for role in roles}
    return lab.nexthops(4) == wanted and lab.nexthops(6) == wanted


def twin(role):
    return ROLES[1 - ROLES.index(role)]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("role", ROLES)
def test_drain_and_undrain_lose_no_packet(lab, mode, role):
    lab.configure(f"expressroute\ncircuit amsterdam\nredundancy {mode}")
    lab.wait_redundant()
    wait_for(lambda: uses(lab, active_links(mode)), f"traffic on {active_links(mode)}")
    msee = lab.msees[role]
    before = lab.flaps()
    since = lab.notifications.mark()
    with lab.probe() as probe:
        assert scenery.drain(msee, lambda: uses(lab, {twin(role)})), "traffic stayed on the drained link"

        circuit = lab.wait_redundancy("degraded")
        for family in ("ipv4", "ipv6"):
            assert circuit.family(family)["drained"] is True
            assert circuit.session(role, family)["health"] == "drained"
            assert circuit.session(role, family)["state"] == "established"
            assert circuit.session(role, family)["drainedPrefixes"] == 1
            told = lab.notifications.wait("drain-start", since, family=family, link=role)
            assert told["drained-prefixes"] == 1

        scenery.undrain(msee)
        wait_for(lambda: uses(lab, active_links(mode)), "traffic to return")
        circuit = lab.wait_redundant()
        for family in ("ipv4", "ipv6"):
            assert circuit.family(family)["drained"] is False
            lab.notifications.wait("drain-stop", since, family=family, link=role)
    assert probe.report.lost == 0, probe.report
    assert probe.report.sent > 0
    assert lab.flaps() == before, "a session flapped"
    assert len(lab.notifications.select("drain-start", since)) == 2
    assert len(lab.notifications.select("drain-stop", since)) == 2


def test_the_guide_shows_this_history(lab):
    for command in er_doc.CLAIMED["history"]:
        er_doc.check(lab.ce, "monitoring", command)


def test_drain_is_logged_with_its_code(lab):
    assert lab.syslog("drain-start") and lab.syslog("drain-stop")


def test_passive_link_has_lower_local_preference(lab):
    lab.configure("expressroute\ncircuit amsterdam\nredundancy active-passive")

    def preferences():
        paths = lab.ce.show(f"show bgp ipv4 unicast {scenery.VNET_NET[4]} json")["paths"]
        return {path["peer"]["peerId"]: path["locPrf"] for path in paths}

    wait_for(
        lambda: preferences() == {LINKS["primary"].microsoft(4): 150, LINKS["secondary"].microsoft(4): 145},
        "the passive link's local-preference",
    )


def test_loss_of_the_link_that_is_not_drained_keeps_the_drained_one(lab):
    """A drained link is better than none: it may still forward."""
    lab.configure("expressroute\ncircuit amsterdam\nno redundancy")
    lab.settled()
    scenery.prepend(lab.msee1)
    wait_for(lambda: lab.uses_only("secondary"), "traffic to leave the drained link")
    lab.msee2.sh("ip link set ce down")
    try:
        wait_for(lambda: lab.uses_only("primary"), "traffic on the drained link")
        circuit = lab.wait_redundancy("degraded")
        assert circuit.session("primary")["state"] == "established"
    finally:
        lab.msee2.sh("ip link set ce up")
        scenery.prepend(lab.msee1, False)
    lab.clear()
    lab.settled()
