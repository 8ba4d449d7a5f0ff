# SPDX-License-Identifier: GPL-2.0-or-later
"""The last transitions: what is kept, for how long, and what a broken file costs."""

import json
import os
import signal
import stat
import subprocess
import time

import pytest

from frrlab import FakeBgpd, circuit, rib, session_state, wait_for

PEERING = ("ams-1", "private", "ipv4")
PRIMARY = PEERING + ("primary",)

# core/limits.h
EACH, ALL = 500, 5000

# A wall clock that is as wrong as a file says.
CLOCK = r"""
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

time_t time(time_t *at)
{
	FILE *file = fopen(getenv("CLOCK_STEP"), "r");
	struct timespec now;
	long step = 0;

	clock_gettime(CLOCK_REALTIME, &now);
	if (file && fscanf(file, "%ld", &step) != 1)
		step = 0;
	if (file)
		fclose(file);
	if (at)
		*at = now.tv_sec + step;
	return now.tv_sec + step;
}
"""


def history(lab, name=""):
    return json.loads(lab.show("show expressroute history %s json" % name))["history"]


def history_file(lab):
    return lab.lib_dir + "/erouted-history.jsonl"


def lose_and_regain(lab, module, session=PRIMARY):
    before = len(history(lab))
    module.send(session_state(session, "active", bfd="down", last_reset="BFD down received",
                              reset=int(time.time())))
    module.send(session_state(session, "established", accepted=5,
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


def write_history(lab, lines):
    """As an earlier version wrote it: without durations."""
    with open(history_file(lab), "w", encoding="ascii") as file:
        for i, line in enumerate(lines):
            file.write(json.dumps({"at": 1700000000 + i, "aspect": "session", "state": "lost",
                                   **line}) + "\n")


def count_lines(lab):
    with open(history_file(lab), encoding="ascii") as file:
        return len(file.readlines())


def test_the_file_does_not_grow_without_end(lived):
    """It has twice as many lines at most as are kept of an object."""
    lab, _ = lived
    lab.stop("erouted", signal.SIGKILL)
    write_history(lab, [{"circuit": "ams-1"}] * 999)
    lab.start("erouted")
    assert len(history(lab)) == EACH
    with FakeBgpd(lab) as again:
        again.up()
        wait_for("redundancy", lambda: '"redundant"' in lab.show("show expressroute json"))
        lose_and_regain_beyond(lab, again)
    assert count_lines(lab) < EACH + 100
    assert len(history(lab)) == EACH


def test_a_link_that_flaps_pushes_out_no_other_circuits_history(lived):
    lab, module = lived
    lab.configure(circuit("ams-2", 101))
    second = ("ams-2",) + PRIMARY[1:]
    while second not in module.sessions:
        module.up()
    lose_and_regain(lab, module, second)
    other = history(lab, "ams-2")
    assert len(other) >= 4
    for i in range(2000):
        module.send(session_state(PRIMARY, "active", last_reset="loss %d" % i))
        module.send(session_state(PRIMARY, "established", accepted=5))
    wait_for("the last loss", lambda: "loss 1999" in {e.get("text") for e in
                                                      history(lab, "ams-1")[-20:]})
    assert len(history(lab, "ams-1")) == EACH
    assert history(lab, "ams-2")[:len(other)] == other
    assert count_lines(lab) <= 2 * len(history(lab)) + 1
    lab.stop("erouted", signal.SIGKILL)
    lab.start("erouted")
    assert history(lab, "ams-2")[:len(other)] == other
    assert len(history(lab, "ams-1")) == EACH


def test_all_together_are_bounded_and_who_has_the_most_gives(lab):
    lab.stop("erouted", signal.SIGKILL)
    quiet = [{"circuit": "quiet"}, {"vpnBackup": "quiet-vpn"},
             {"circuit": "busy-0", "name": "quiet-site"}]
    busy = [{"circuit": "busy-%d" % i} for i in range(12)]
    write_history(lab, quiet + busy * EACH)
    lab.start("erouted")
    assert len(history(lab)) == ALL
    assert [len(history(lab, name)) for name in ("quiet", "quiet-vpn", "quiet-site")] == [1, 1, 1]
    sizes = [sum("name" not in e for e in history(lab, entry["circuit"])) for entry in busy]
    assert max(sizes) - min(sizes) <= 1
    assert [e["at"] for e in history(lab)] == sorted(e["at"] for e in history(lab))


def test_durations_of_an_older_file_come_from_its_moments(lab):
    lab.stop("erouted", signal.SIGKILL)
    write_history(lab, [{"circuit": "a"}, {"circuit": "b"}, {"circuit": "a"},
                        {"circuit": "a", "at": 1600000000}, {"circuit": "a", "lasted": -1}])
    lab.start("erouted")
    assert [e.get("lasted") for e in history(lab)] == [None, None, 2, 0]
    assert "1 line cannot be understood" in lab.log("erouted")


def lose_and_regain_beyond(lab, module):
    """As lose_and_regain(), where the number of what is kept tells nothing."""
    newest = history(lab)[-1]
    module.send(session_state(PRIMARY, "active", bfd="down", last_reset="port down",
                              reset=int(time.time())))
    wait_for("the loss", lambda: history(lab)[-1] != newest and
             any(e.get("text") == "port down" for e in history(lab)[-4:]))


class Clock:
    """erouted's wall clock, to be set."""

    def __init__(self, lab, path):
        self.step_file = lab.run_dir + "/clock-step"
        (path / "clock.c").write_text(CLOCK, encoding="ascii")
        subprocess.run(["cc", "-shared", "-fPIC", "-o", path / "clock.so", path / "clock.c"],
                       check=True)
        lab.wrap["erouted"] = ["env", "LD_PRELOAD=%s" % (path / "clock.so"),
                               "CLOCK_STEP=" + self.step_file]

    def set(self, step):
        with open(self.step_file + ".new", "w", encoding="ascii") as file:
            file.write(str(step))
        os.chmod(self.step_file + ".new", 0o644)
        os.rename(self.step_file + ".new", self.step_file)


def test_a_step_of_the_wall_clock_makes_no_duration_wrong(bare, tmp_path):
    day = 86400
    clock = Clock(bare, tmp_path)
    bare.start("mgmtd")
    bare.start("erouted")
    bare.configure(circuit())
    with FakeBgpd(bare) as module:
        module.up()
        wait_for("redundancy", lambda: '"redundant"' in bare.show("show expressroute json"))
        lose_and_regain(bare, module)
        for step in (-day, 365 * day):
            known = len(history(bare))
            clock.set(step)
            lose_and_regain(bare, module)
            new = history(bare)[known:]
            assert all(abs(e["at"] - time.time() - step) < 60 for e in new)
            lasted = [e["lasted"] for e in new if "lasted" in e]
            assert lasted and 0 <= min(lasted) <= max(lasted) < 60
    known = len(history(bare))
    bare.stop("erouted")
    # over a restart there is no other clock: set back it tells nothing, which is 0
    clock.set(0)
    bare.start("erouted")
    with FakeBgpd(bare) as module:
        module.up()
        wait_for("redundancy", lambda: '"redundant"' in bare.show("show expressroute json"))
        lose_and_regain(bare, module)
    assert [e["lasted"] for e in history(bare)[known:]][:2] == [0, 0]
    assert all(0 <= e["lasted"] < 60 for e in history(bare)[known:] if "lasted" in e)
