# SPDX-License-Identifier: GPL-2.0-or-later
"""
kill -9 of every process, alone and together, started again in any order:
everything is as before, and nobody flaps who was not killed.
"""
import pytest

import er_lab
import scenery
from scenery import LINKS, wait_for


@pytest.fixture(scope="module")
def lab(request):
    with er_lab.running(request, scenery.circuit_conf()) as lab:
        lab.settled()
        lab.notifications = er_lab.Notifications(lab.ce)
        yield lab
        lab.notifications.check()


@pytest.fixture(autouse=True)
def quiet(lab):
    lab.clear()
    lab.settled()
    lab.wait_connected()


def resynchronized(lab):
    """Everything is known again, everywhere."""
    lab.wait_connected()
    lab.wait_redundant(timeout=60)
    lab.settled()


def told(lab, since):
    return lab.notifications.all()[since:]


def logged(lab):
    """Every transition in erouted's log: also what was said before mgmtd could pass it on."""
    transitions = er_lab.CODES[: er_lab.CODES.index("bgpd-refused")]
    return [line for code in transitions for line in lab.syslog(code)]


def test_erouted_alone_changes_nothing(lab):
    flaps, since, before = lab.flaps(), lab.notifications.mark(), logged(lab)
    with lab.probe() as probe:
        lab.restart("erouted")
        resynchronized(lab)
    assert probe.report.lost == 0, probe.report
    assert lab.flaps() == flaps
    assert told(lab, since) == []
    assert logged(lab) == before


def test_restart_while_degraded_is_not_told_again(lab):
    """erouted remembers what it said last."""
    lab.configure("expressroute\ncircuit amsterdam\npeering private\nlink secondary\nshutdown")
    lab.wait_redundancy("degraded")
    since, before = lab.notifications.mark(), logged(lab)
    lab.restart("erouted")
    lab.wait_connected()
    lab.wait_redundancy("degraded")
    assert told(lab, since) == []
    assert logged(lab) == before
    lab.configure("expressroute\ncircuit amsterdam\npeering private\nlink secondary\nno shutdown")
    lab.notifications.wait("redundancy-change", since, family="ipv4", previous="degraded", redundancy="redundant")


def test_policy_holds_while_erouted_is_away(lab):
    """The drain is bgpd's module's own business, with what it was told last; it is told afterwards."""
    since = lab.notifications.mark()
    lab.router.kill("erouted")
    try:
        with lab.probe() as probe:
            assert scenery.drain(lab.msee1, lambda: lab.uses_only("secondary"))
    finally:
        lab.router.start("erouted")
    circuit = lab.wait_redundancy("degraded")
    assert circuit.family("ipv4")["drained"] is True
    assert probe.report.lost == 0, probe.report
    lab.notifications.wait("redundancy-change", since, family="ipv4", previous="redundant", redundancy="degraded")
    scenery.undrain(lab.msee1)
    resynchronized(lab)


def test_mgmtd_alone_changes_nothing(lab):
    flaps, since = lab.flaps(), lab.notifications.mark()
    before = er_lab.section(lab.ce.running_config())
    with lab.probe() as probe:
        lab.restart("mgmtd")
        wait_for(lambda: er_lab.section(lab.ce.running_config()) == before, "the configuration in mgmtd")
        resynchronized(lab)
    assert probe.report.lost == 0, probe.report
    assert lab.flaps() == flaps
    assert told(lab, since) == []
    lab.notifications.check()
    lab.notifications.restart()
    lab.configure("expressroute\ncircuit amsterdam\ndescription after mgmtd's restart")
    lab.configure("expressroute\ncircuit amsterdam\nno description")


def test_bgpd_alone_tells_once_what_it_lost(lab):
    since = lab.notifications.mark()
    lab.restart("bgpd")
    resynchronized(lab)
    lab.notifications.check()
    for family in ("ipv4", "ipv6"):
        states = [n["redundancy"] for n in lab.notifications.select("redundancy-change", since, family=family)]
        assert states[0] == "down" and states[-1] == "redundant"
        for role in LINKS:
            sessions = lab.notifications.select("session-change", since, family=family, link=role)
            assert [n["established"] for n in sessions] == [False, True]


def test_zebra_is_found_again(lab):
    """
    Stock FRR loses its sessions with zebra (bfdd ends them), and bgpd does not
    always tell a new zebra its routes, which is why watchfrr then restarts
    everything.  What is ours must know interfaces and next hops again.
    """
    lab.restart("zebra")
    lab.wait_connected()
    circuit = lab.wait_redundant(timeout=60)
    for role in LINKS:
        for family in ("ipv4", "ipv6"):
            assert circuit.session(role, family)["localAddressPresent"] is True
            assert circuit.session(role, family)["neighborReachable"] is True
    lab.restart("bgpd")
    resynchronized(lab)


def test_bfdd_alone_comes_back(lab):
    """Microsoft's side loses the BFD session, so a flap is bfdd's doing."""
    lab.restart("bfdd")
    lab.wait_circuit(
        lambda c: all(c.session(r, f)["bfd"] == "up" for r in LINKS for f in ("ipv4", "ipv6")), "BFD to be up", 40
    )
    resynchronized(lab)


COMBINATIONS = {
    "erouted-bgpd": (("erouted", "bgpd"), ("erouted", "bgpd")),
    "bgpd-erouted": (("erouted", "bgpd"), ("bgpd", "erouted")),
    "erouted-mgmtd": (("erouted", "mgmtd"), ("erouted", "mgmtd")),
    "mgmtd-erouted": (("erouted", "mgmtd"), ("mgmtd", "erouted")),
    "mgmtd-bgpd": (("mgmtd", "bgpd"), ("mgmtd", "bgpd")),
    "zebra-erouted-bgpd": (("zebra", "erouted", "bgpd"), ("erouted", "bgpd", "zebra")),
    "everything": (("bfdd", "erouted", "bgpd", "zebra", "mgmtd"), ("erouted", "bgpd", "bfdd", "zebra", "mgmtd")),
}


@pytest.mark.parametrize("case", COMBINATIONS)
def test_together(lab, case):
    killed, order = COMBINATIONS[case]
    flaps, since = lab.flaps(), lab.notifications.mark()
    lab.notifications.check()
    lab.restart(*killed, order=order)
    resynchronized(lab)
    if "mgmtd" in killed or {"erouted", "bgpd"} <= set(killed):
        # who listened is gone; or nobody was there to tell that the sessions were lost
        lab.notifications.restart()
        since = 0
    if "bgpd" not in killed:
        assert lab.flaps() == flaps, "a session flapped"
        assert told(lab, since) == []


def test_routes_of_both_links_after_all_that(lab):
    with lab.probe() as probe:
        before = {role: scenery.received_from_ce(msee) for role, msee in lab.msees.items()}
        wait_for(
            lambda: all(scenery.received_from_ce(m) > before[r] + 200 for r, m in lab.msees.items()),
            "packets on both links",
        )
    assert probe.report.lost == 0, probe.report
