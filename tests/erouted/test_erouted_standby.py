# SPDX-License-Identifier: GPL-2.0-or-later
"""A circuit that stands by for a preferred one: could it take over?"""

import signal
import time

import pytest

import guide
from frrlab import PEERING, circuit, FakeBgpd, rib, session_state, wait_for
from test_erouted_metrics import free_port, get, listens, value

AMS, FRA = ("ams-1", "private", "ipv4"), ("fra-1", "private", "ipv4")
PREFERRED = "expressroute\n circuit ams-1\n  preference 100\nexit-expressroute"


@pytest.fixture
def two(configured):
    lab = configured
    lab.configure(PREFERRED)
    lab.configure(circuit("fra-1", 200))
    wait_for("the circuit", lambda: "fra-1" in lab.show("show expressroute"))
    return lab


def standby(lab, name="fra-1"):
    family = lab.show_json()["circuit"][name]["peering"]["private"]["state"]["family"]["ipv4"]
    return family.get("standby", {})


def screen(lab, command="show expressroute circuit fra-1"):
    return " ".join(lab.show(command).split())


def test_what_it_lacks_is_told(two):
    lab, port = two, free_port()
    lab.configure("expressroute\n metrics port %d\nexit-expressroute" % port)
    wait_for("the listener", listens(port))
    labels = {"circuit": "fra-1", "peering": "private", "family": "ipv4", "for": "ams-1"}
    with FakeBgpd(lab) as module:
        module.up()
        assert [value[3:] for kind, value in module.policy if kind == PEERING] == [
            ("", "", 4000, "", ""), ("", "", 4000, "", "ams-1")]
        shown = guide.block("configuration", "To know:").replace("amsterdam", "ams-1")
        module.send(rib(FRA, both=24, standby=(22, 2), missing=["10.1.0.0/16", "10.2.0.0/16"]))
        wait_for("the guide's screen", lambda: " ".join(shown.split()) in screen(lab))

        module.send(rib(FRA, both=5, standby=(3, 2), missing=["10.1.0.0/16", "10.2.0.0/16"]))
        wait_for("the comparison", lambda: standby(lab).get("offered") == 3)
        assert standby(lab) == {
            "for": "ams-1", "ready": False, "reason": "it lacks 2 of the 5 prefixes of ams-1",
            "offered": 3, "missing": 2, "missingPrefix": ["10.1.0.0/16", "10.2.0.0/16"],
            "carries": False}
        assert standby(lab, "ams-1") == {}
        assert ("stands by for ams-1, NOT READY: it lacks 2 of the 5 prefixes of ams-1: "
                "10.1.0.0/16, 10.2.0.0/16") in screen(lab)
        assert value(get(port)[2], "peering_standby_ready", **labels) == 0

        module.send(rib(FRA, both=5, standby=(5, 0)))
        wait_for("the comparison", lambda: standby(lab)["ready"])
        assert standby(lab) == {
            "for": "ams-1", "ready": True, "offered": 5, "missing": 0, "carries": False}
        assert "stands by" not in screen(lab)
        assert ("stands by for ams-1, ready: offers all of its 5 prefixes; has never been seen to "
                "carry in its place: 'expressroute drain circuit ams-1' tests it") in screen(
                    lab, "show expressroute circuit fra-1 detail")
        assert value(get(port)[2], "peering_standby_ready", **labels) == 1

        for role in ("primary", "secondary"):
            module.send(session_state(FRA + (role,), "active", last_reset="test", reset=1))
        wait_for("the loss", lambda: not standby(lab)["ready"])
        assert "NOT READY: no link of it is healthy" in screen(lab)


def test_when_it_has_carried_is_kept(two):
    lab = two
    with FakeBgpd(lab) as module:
        module.up()
        module.send(rib(FRA, both=5, standby=(5, 0)))
        wait_for("it to be ready", lambda: standby(lab).get("ready"))
        assert "lastCarried" not in standby(lab)
        for role in ("primary", "secondary"):
            module.send(session_state(AMS + (role,), "active", last_reset="test", reset=1))
        wait_for("it to carry", lambda: standby(lab)["carries"])
        assert "carries in its place now" in screen(lab, "show expressroute circuit fra-1 detail")
        for role in ("primary", "secondary"):
            module.send(session_state(AMS + (role,), "established", accepted=5, established=1))
        wait_for("the end of it", lambda: not standby(lab)["carries"])
        when = standby(lab)["lastCarried"]
        assert when.startswith(time.strftime("%Y-%m-%dT%H:", time.gmtime()))
        wait_for("the memory", lambda: '"carried"' in open(lab.lib_dir + "/erouted.json").read())
    lab.stop("erouted", signal.SIGKILL)
    lab.start("erouted")
    with FakeBgpd(lab) as again:
        again.up()
        wait_for("what it was", lambda: standby(lab).get("lastCarried") == when)
        assert standby(lab)["carries"] is False
        again.send(rib(FRA, both=5, standby=(5, 0)))
        wait_for("it to be ready", lambda: standby(lab)["ready"])
        assert "has last carried in its place" in screen(lab, "show expressroute circuit fra-1 detail")
