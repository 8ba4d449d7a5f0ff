# SPDX-License-Identifier: GPL-2.0-or-later
"""The last transitions: what is kept, for how long, and what a broken file costs."""

import json
import os
import signal
import stat
import time

import pytest

from frrlab import FakeBgpd, rib, session_state, wait_for

PEERING = ("ams-1", "private", "ipv4")
PRIMARY = PEERING + ("primary",)


def history(lab, name=""):
    return json.loads(lab.show("show expressroute history %s json" % name))["history"]


def history_file(lab):
    return lab.lib_dir + "/erouted-history.jsonl"


def lose_and_regain(lab, module, times=1):
    for _ in range(times):
        before = len(history(lab))
        module.send(session_state(PRIMARY, "active", bfd="down", last_reset="BFD down received",
                                  reset=int(time.time())))
        module.send(session_state(PRIMARY, "established", accepted=5,
                                  established=int(time.time())))
        wait_for("what happened", lambda: len(history(lab)) >= before + 4)


@pytest.fixture
def lived(configured):
    """A circuit that has lost its primary link and got it back."""
    with FakeBgpd(configured) as module:
        module.up()
        wait_for("redundancy", lambda: '"redundant"' in configured.show("show expressroute json"))
        lose_and_regain(configured, module)
        yield configured, module


def test_each_transition_has_its_object_state_reason_and_what_was_before(lived):
    lab, _ = lived
    lost, degraded, back, redundant = history(lab)[-4:]
    assert (lost["aspect"], lost["state"], lost["link"]) == ("session", "lost", "primary")
    assert lost["text"] == "BFD down received"
    assert (degraded["state"], degraded["before"]) == ("degraded", "redundant")
    assert "BFD down received" in degraded["text"]
    assert back["state"] == "established" and back["lasted"] >= 0
    assert redundant["before"] == "degraded" and redundant["lasted"] >= 0
    assert abs(redundant["at"] - time.time()) < 60
    screen = lab.show("show expressroute history")
    assert max(map(len, screen.splitlines())) <= 80
    words = " ".join(screen.split())
    assert "ams-1 private primary ipv4 session lost: BFD down received" in words
    assert "ams-1 private ipv4 redundancy redundant, was degraded for 00:00:0" in words


def test_maintenance_and_parity_are_told_with_their_numbers(lived):
    lab, module = lived
    module.send(rib(PEERING, both=5, drained=(5, 0)))
    wait_for("the drain", lambda: any(e["aspect"] == "drain" for e in history(lab)))
    drained = [e for e in history(lab) if e["aspect"] == "drain"][-1]
    assert (drained["state"], drained["link"]) == ("drained", "primary")
    assert drained["text"] == "by Microsoft (maintenance), 5 prefixes"
    module.send(rib(PEERING, both=5, only=(2, 0)))
    wait_for("lost parity", lambda: any(e["aspect"] == "parity" for e in history(lab)))
    assert [e["state"] for e in history(lab) if e["aspect"] == "drain"] == ["drained", "ended"]
    parity = [e for e in history(lab) if e["aspect"] == "parity"][-1]
    assert parity["state"] == "lost" and "received on primary only 2" in parity["text"]
    assert "link" not in parity


def test_one_objects_history_is_asked_for_by_name(lived):
    lab, _ = lived
    assert history(lab, "ams-1") == history(lab)
    assert history(lab, "nobody") == []
    assert lab.show("show expressroute history nobody").strip() == (
        "% There is nothing called 'nobody', now or in what is kept: "
        "'show expressroute history' has all")


def test_a_killed_erouted_remembers(lived):
    lab, _ = lived
    before = history(lab)
    lab.stop("erouted", signal.SIGKILL)
    lab.start("erouted")
    assert history(lab)[: len(before)] == before
    assert stat.S_IMODE(os.stat(history_file(lab)).st_mode) == 0o600


def test_a_line_that_is_broken_costs_that_line_only(lived):
    lab, _ = lived
    before = history(lab)
    lab.stop("erouted", signal.SIGKILL)
    with open(history_file(lab), "a", encoding="ascii") as file:
        file.write('{"at": 1, "aspect": "x"}\n[1]\nnull\n' + "x" * 9000 + "\n"
                   '{"at": 1, "aspect": "x", "state": "y", "circuit": null, "before": null}\n'
                   '{"at": 99999999999999999, "aspect": "x", "state": "y"}\n' + '{"at": 17')
    lab.start("erouted")
    assert history(lab)[: len(before)] == before
    assert "cannot be understood and left out" in lab.log("erouted")
    assert "x y" in lab.show("show expressroute history")
    with open(history_file(lab), encoding="ascii") as file:
        assert len([json.loads(line) for line in file]) >= len(before)


def test_the_file_does_not_grow_without_end(lived):
    """1,000 are kept, and the file has twice as many at most."""
    lab, module = lived
    lab.stop("erouted", signal.SIGKILL)
    with open(history_file(lab), encoding="ascii") as file:
        line = file.readline()
    with open(history_file(lab), "w", encoding="ascii") as file:
        file.writelines([line] * 1999)
    lab.start("erouted")
    assert len(history(lab)) == 1000
    with FakeBgpd(lab) as again:
        again.up()
        wait_for("redundancy", lambda: '"redundant"' in lab.show("show expressroute json"))
        lose_and_regain_beyond(lab, again)
    with open(history_file(lab), encoding="ascii") as file:
        assert len(file.readlines()) < 1100
    assert len(history(lab)) == 1000


def lose_and_regain_beyond(lab, module):
    """As lose_and_regain(), where the number of what is kept tells nothing."""
    newest = history(lab)[-1]
    module.send(session_state(PRIMARY, "active", bfd="down", last_reset="port down",
                              reset=int(time.time())))
    wait_for("the loss", lambda: history(lab)[-1] != newest and
             any(e.get("text") == "port down" for e in history(lab)[-4:]))
