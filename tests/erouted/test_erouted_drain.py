# SPDX-License-Identifier: GPL-2.0-or-later
"""Drain by the operator: how it is asked for, told, kept."""

import json
import re
import signal
import time

import pytest

import guide
from frrlab import circuit, said, FakeBgpd, Frontend, session_state, wait_for
from test_erouted_metrics import free_port, get, listens, value

PEERING = ("ams-1", "private", "ipv4")
PRIMARY, SECONDARY = PEERING + ("primary",), PEERING + ("secondary",)
# ER_OWN_DRAIN_QUIET_MS, and a busy machine
SAFE_WITHIN = 30


def state(lab):
    return lab.show_json()["circuit"]["ams-1"]["state"]


def phase(lab, link="primary"):
    return state(lab).get("operatorDrain", {}).get(link, {}).get("phase", "none")


def up(lab, module):
    module.up()
    wait_for("redundancy", lambda: state(lab)["redundancy"] == "redundant")


def hears(frontend):
    """The next notification; the audit has a say of its own."""
    while True:
        name, leaves = frontend.notification()
        if name != "audit-change":
            return name, leaves


def taken(module, session=PRIMARY, drained=True):
    """The next set, which says so of the session."""
    generation = module.take_config()
    while module.drained[session] != drained:
        generation = module.take_config()
    module.synced(generation)


def moved(module, session=PRIMARY, best=0):
    module.send(session_state(session, "established", accepted=5, advertised=1, drained=True,
                              best=best))


def drained(lab, module):
    assert "tells when it is safe" in lab.show("expressroute drain circuit ams-1 link primary")
    taken(module)
    moved(module)
    wait_for("safe", lambda: phase(lab) == "safe", SAFE_WITHIN)


def test_a_drain_is_told_from_its_beginning_to_its_end(configured):
    lab = configured
    with FakeBgpd(lab) as module, Frontend(lab) as frontend:
        up(lab, module)
        frontend.subscribe()
        # the subscription reaches erouted before this does
        time.sleep(0.3)
        lab.show("expressroute drain circuit ams-1 link primary")
        taken(module)
        assert module.preference[PRIMARY] == 120 and module.preference[SECONDARY] == 150
        name, leaves = hears(frontend)
        assert name == "operator-drain-change"
        assert (leaves["circuit"], leaves["link"]) == ("ams-1", "primary")
        assert (leaves["previous"], leaves["phase"], leaves["forced"]) == ("none", "moving", False)
        name, leaves = hears(frontend)
        assert name == "redundancy-change" and leaves["redundancy"] == "degraded"
        assert leaves["reason"] == "primary: drained by operator"

        moved(module, best=3)
        wait_for("a number", lambda: state(lab)["operatorDrain"]["primary"]["prefixes"] == 3)
        assert "MOVING: bgpd still uses 3 paths over it" in " ".join(
            lab.show("show expressroute circuit ams-1").split())
        moved(module)
        assert hears(frontend)[1]["phase"] == "waiting"
        name, leaves = hears(frontend)
        assert (leaves["previous"], leaves["phase"]) == ("waiting", "safe")
        # both links are on "lo" here
        assert "another link runs over lo" in leaves["reason"] and "received-packets" not in leaves
        shown = " ".join(lab.show("show expressroute circuit ams-1").split())
        assert re.search(r"primary: drained by operator for \S+, SAFE to shut down", shown)
        assert state(lab)["reason"] == "private ipv4: primary: drained by operator"
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ",
                            state(lab)["operatorDrain"]["primary"]["since"])

        assert lab.show("expressroute undrain circuit ams-1") == ""
        taken(module, drained=False)
        assert module.preference[PRIMARY] == 150
        assert hears(frontend)[1]["phase"] == "none"
        assert hears(frontend)[1]["redundancy"] == "redundant"
        assert phase(lab) == "none"
    log = "\n".join(said(lab))
    assert "circuit ams-1 primary: drained by operator, safe to shut down" in log
    assert "circuit ams-1 primary: no longer drained by operator" in log
    assert not re.search(r"EC 1157627906\]", lab.log("erouted")), "a warning of no fault"
    entries = lab.show_json("show expressroute history json")["history"]
    drains = [(e["link"], e["state"]) for e in entries if e["aspect"] == "operator-drain"]
    assert drains == [("primary", s) for s in ("moving", "waiting", "safe", "ended")]
    assert "primary operator-drain safe, was waiting" in lab.show("show expressroute history")


def typed_and_said(block):
    """Of a block of the guide: the command, and the words that answer it."""
    command, _, answer = block.replace("amsterdam", "ams-1").partition("\n")
    return command.removeprefix("# "), answer.split()


def test_the_guide_shows_what_is_answered(configured):
    lab = configured
    drain, answer = typed_and_said(
        guide.block("maintenance", "# expressroute drain circuit amsterdam link primary\nTraffic"))
    undrain, nothing = typed_and_said(guide.block("maintenance", "# expressroute undrain"))
    refused, refusal = typed_and_said(
        guide.block("maintenance", "# expressroute drain circuit amsterdam link primary\n%"))
    with FakeBgpd(lab) as module:
        up(lab, module)
        assert lab.show(drain).split() == answer
        taken(module)
        assert lab.show(undrain).split() == nothing
        taken(module, drained=False)
        module.send(session_state(SECONDARY, "active", last_reset="BFD down received", reset=1))
        wait_for("the loss", lambda: state(lab)["redundancy"] == "degraded")
        assert lab.show(refused).split() == refusal


def test_a_lost_session_of_a_drained_link_is_no_fault(configured):
    lab = configured
    with FakeBgpd(lab) as module:
        up(lab, module)
        drained(lab, module)
        module.send(session_state(PRIMARY, "idle", last_reset="Interface down", reset=1))
        wait_for("the loss", lambda: "lost, drained by operator: Interface down" in str(said(lab)))
        assert phase(lab) == "safe"
        assert "drained by operator, down" in lab.show("show expressroute circuit ams-1")
        assert not re.search(r"EC 115762790[569]\]", lab.log("erouted")), "an alarm"


def test_refusals_are_the_same_for_commands_and_rpc(configured):
    lab = configured
    assert lab.show("expressroute drain circuit paris") == (
        "% there is no circuit paris: 'show expressroute' has all\n")
    with FakeBgpd(lab) as module, Frontend(lab) as frontend:
        up(lab, module)
        assert "is not drained by operator" in lab.show(
            "expressroute undrain circuit ams-1 link secondary")
        module.send(session_state(SECONDARY, "active", last_reset="BFD down received", reset=1))
        wait_for("the loss", lambda: state(lab)["redundancy"] == "degraded")
        text = lab.show("expressroute drain circuit ams-1 link primary")
        assert text.startswith("% circuit ams-1: primary is the last that can carry private ipv4, "
                               "so only 'force' drains it: secondary is down: ")
        code, body = frontend.rpc("drain", circuit="ams-1", link="primary")
        assert code == Frontend.ERROR and text.strip("% \n").encode() in body
        code, body = frontend.rpc("drain", circuit="ams-1")
        assert code == Frontend.ERROR and b"both links are the last" in body
        assert phase(lab) == "none"
        code, _ = frontend.rpc("drain", circuit="ams-1", link="primary", force=True)
        assert code == Frontend.RPC_REPLY
        assert state(lab)["operatorDrain"]["primary"]["forced"] is True
        code, _ = frontend.rpc("undrain", circuit="ams-1", link="primary")
        assert code == Frontend.RPC_REPLY
        assert phase(lab) == "none"


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL], ids=["stopped", "killed"])
def test_a_drain_outlives_erouted(configured, how):
    lab = configured
    with FakeBgpd(lab) as module:
        up(lab, module)
        drained(lab, module)
        since = state(lab)["operatorDrain"]["primary"]["since"]
        lab.stop("erouted", how)
    before = said(lab)
    lab.start("erouted")
    with FakeBgpd(lab) as module:
        generation = module.take_config()
        assert module.drained == {PRIMARY: True, SECONDARY: False}
        assert phase(lab) == "moving", "nothing is known yet"
        module.established()
        moved(module)
        module.synced(generation)
        wait_for("what it was", lambda: phase(lab) == "safe")
        assert state(lab)["operatorDrain"]["primary"]["since"] == since
    assert said(lab) == before


def test_a_request_is_on_the_disk_before_it_is_answered(configured):
    lab = configured
    with FakeBgpd(lab) as module:
        up(lab, module)
        lab.show("expressroute drain circuit ams-1 link secondary")
        lab.stop("erouted", signal.SIGKILL)
    with open(lab.lib_dir + "/erouted.json") as file:
        drains = json.load(file)["operatorDrains"]
    assert [(d["circuit"], d["link"]) for d in drains] == [("ams-1", "secondary")]


def test_a_drain_ends_with_its_circuit(configured):
    lab = configured
    with FakeBgpd(lab) as module:
        up(lab, module)
        lab.show("expressroute drain circuit ams-1 link primary")
        taken(module)
        lab.remove("circuit[name='ams-1']")
        wait_for("its end", lambda: "ams-1" not in lab.show("show expressroute"))
        lab.configure(circuit())
        wait_for("its return", lambda: "ams-1" in lab.show("show expressroute"))
        taken(module, drained=False)
        assert phase(lab) == "none"


def test_it_is_a_metric(configured):
    lab, port = configured, free_port()
    lab.configure("expressroute\n metrics port %d\nexit-expressroute" % port)
    wait_for("the listener", listens(port))
    labels = {"circuit": "ams-1", "peering": "private", "family": "ipv4"}

    def metric(link, phase):
        return value(get(port)[2], "link_operator_drain", link=link, phase=phase, **labels)

    with FakeBgpd(lab) as module:
        up(lab, module)
        assert metric("primary", "none") == 1
        drained(lab, module)
        assert [metric("primary", p) for p in ("none", "moving", "waiting", "safe")] == [0, 0, 0, 1]
        assert metric("secondary", "none") == 1
