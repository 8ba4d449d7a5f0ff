# SPDX-License-Identifier: GPL-2.0-or-later
"""The socket that bgpd's module connects to: who may, and what breaks."""

import os
import signal
import stat
import struct
import time

import pytest

from frrlab import (ADVERTISE, ASK, CONFIG_BEGIN, CONFIG_END, HEADER, HELLO, MARKER, PEERING, REFUSE,
                    SESSION, answer_end, circuit, CLEAR, FakeBgpd, Module, decode, frame, hello,
                    session_state, wait_for)


def bgpd(lab):
    return lab.show_json()["state"]["bgpd"]


def alive(lab):
    return lab.procs["erouted"].poll() is None and "ExpressRoute" in lab.show("show expressroute")


def test_the_socket_is_for_its_owner_only(lab):
    mode = os.stat(lab.run_dir + "/expressroute.sock").st_mode
    assert stat.S_IMODE(mode) == 0o600


def test_a_module_gets_the_whole_set_and_is_connected(configured):
    with FakeBgpd(configured) as module:
        assert module.next()[0] == HELLO
        seen = [module.next() for _ in range(6)]
        assert [kind for kind, _ in seen] == [CONFIG_BEGIN, SESSION, SESSION, PEERING,
                                             ADVERTISE, CONFIG_END]
        assert seen[1][1][:4] == ("ams-1", "private", "ipv4", "primary")
        assert bgpd(configured)["state"] == "synchronizing"
        module.synced(seen[0][1])
        wait_for("the answer", lambda: bgpd(configured)["state"] == "connected")
    wait_for("the end", lambda: bgpd(configured)["state"] == "absent")


def test_a_set_is_sent_again_only_when_it_differs(configured):
    with FakeBgpd(configured) as module:
        first = module.take_config()
        configured.configure("expressroute\ncircuit ams-1\ndescription only on paper\n")
        configured.configure(circuit("fra-1", net=101))
        second = module.take_config()
        assert second == first + 1
        assert {s[0] for s in module.sessions} == {"ams-1", "fra-1"}


def test_a_deleted_circuit_leaves_the_set(configured):
    with FakeBgpd(configured) as module:
        module.take_config()
        configured.configure("expressroute\nno circuit ams-1\n")
        module.take_config()
        assert module.sessions == []


def test_passwords_are_in_no_log_and_no_show(configured):
    configured.show("debug expressroute")
    with FakeBgpd(configured) as module:
        module.up()
        for command in ("show expressroute json", "show expressroute circuit ams-1 bgp-config",
                        "show expressroute circuit ams-1 detail"):
            assert "s3cret" not in configured.show(command)
    assert "password <hidden>" in configured.show("show expressroute circuit ams-1 bgp-config")
    assert "s3cret" not in configured.log("erouted")


@pytest.mark.parametrize("data, logged", [
    (b"GET / HTTP/1.1\r\n\r\n", "garbage"),
    (b"\x8e\x01\xf3\x5a" + b"\0" * 60, "garbage"),
    (HEADER.pack(MARKER, 0xFFFFFFFF), "impossible length"),
    (HEADER.pack(MARKER, 1 << 20) + b"x" * 4096, "impossible length"),
    (HEADER.pack(MARKER, 4), "impossible length"),
    (frame(b"\xff"), "process"),
    (frame(bytes([HELLO]) + b"\0\0"), "too short"),
    (frame(hello("x", "y") + b"tail"), "process"),
    (frame(session_state(("ams-1", "private", "ipv4", "primary"), "established")),
     "before HELLO"),
    (frame(bytes([CONFIG_BEGIN]) + struct.pack("!Q", 1)), "before HELLO"),
])
def test_garbage_closes_that_connection_and_nothing_else(configured, data, logged):
    with Module(configured) as module:
        module.sock.sendall(data)
        assert module.closed()
    assert alive(configured)
    log = configured.log("erouted")
    assert logged in log and "connection closed" in log
    with FakeBgpd(configured) as module:
        module.up()
        wait_for("a module that fits", lambda: bgpd(configured)["state"] == "connected")


def test_garbage_from_a_module_that_had_fitted(configured):
    with FakeBgpd(configured) as module:
        module.up()
        module.sock.sendall(b"\0" * 64)
        assert module.closed()
    assert alive(configured)


def test_a_module_does_not_command_erouted(configured):
    with FakeBgpd(configured) as module:
        module.up()
        module.send(bytes([CLEAR]) + b"\0\0")
        assert module.closed()
    assert "only erouted sends" in configured.log("erouted")


def test_half_a_message_waits_for_its_rest(configured):
    with FakeBgpd(configured) as module:
        module.take_config()
        data = frame(session_state(("ams-1", "private", "ipv4", "primary"), "established",
                                   accepted=7))
        for byte in data:
            module.sock.sendall(bytes([byte]))
        module.synced(1)
        wait_for("the report", lambda: bgpd(configured)["state"] == "connected")
        link = configured.show_json()["circuit"]["ams-1"]["peering"]["private"]["link"]["primary"]
        assert link["state"]["session"]["ipv4"]["acceptedPrefixes"] == 7


def test_half_a_message_and_gone(configured):
    with FakeBgpd(configured) as module:
        module.take_config()
        module.sock.sendall(frame(b"x" * 100)[:50])
    wait_for("the end", lambda: bgpd(configured)["state"] == "absent")
    assert alive(configured)


def test_reports_of_unknown_circuits_are_ignored(configured):
    with FakeBgpd(configured) as module:
        module.up()
        module.send(session_state(("nobody", "microsoft", "ipv6", "secondary"), "established"))
        wait_for("nothing to happen", lambda: bgpd(configured)["state"] == "connected")
        assert list(configured.show_json()["circuit"]) == ["ams-1"]


@pytest.mark.parametrize("how, expected", [
    (dict(version="0.0.1"), "is of frr-expressroute 0.0.1"),
    (dict(frr="9.9"), "bgpd is of FRR 9.9"),
    (dict(protocol=77), "version 77 of our protocol"),
    (dict(problem="sizeof(struct peer) differs"), "sizeof(struct peer) differs"),
])
def test_a_module_that_does_not_match_is_refused_and_told_why(configured, how, expected):
    with FakeBgpd(configured, **how) as module:
        kind, problem = module.next()
        assert kind == REFUSE and expected in problem
        state = bgpd(configured)
        assert state["state"] == "refused" and expected in state["problem"]
        assert expected in configured.show("show expressroute")
        # it gets no configuration, and what it says counts for nothing
        module.send(session_state(("ams-1", "private", "ipv4", "primary"), "established"))
        assert alive(configured)
    assert expected in configured.log("erouted")
    with FakeBgpd(configured) as module:
        module.up()
        wait_for("a module that fits", lambda: bgpd(configured)["state"] == "connected")


def test_a_refusal_is_logged_once(configured):
    for _ in range(5):
        with FakeBgpd(configured, version="0.0.1") as module:
            module.next()
    assert configured.log("erouted").count("refused:") == 1


def test_a_second_bgpd_is_turned_away(configured):
    with FakeBgpd(configured) as first:
        first.up()
        with Module(configured) as second:
            kind, problem = decode(second.receive())
            assert kind == REFUSE and "already" in problem
            assert second.closed()
        wait_for("the first", lambda: bgpd(configured)["state"] == "connected")


def test_a_silent_stranger_makes_way(configured):
    with Module(configured) as stranger:
        # a part of a HELLO is none
        stranger.sock.sendall(frame(hello("x", "y"))[:20])
        with FakeBgpd(configured) as module:
            module.up()
            wait_for("the module", lambda: bgpd(configured)["state"] == "connected")
            assert stranger.closed()
            with Module(configured) as late:
                assert decode(late.receive())[0] == REFUSE and late.closed()
            assert bgpd(configured)["state"] == "connected"


def test_a_refused_module_makes_way(configured):
    with FakeBgpd(configured, version="0.0.1") as refused:
        assert refused.next()[0] == REFUSE
        with FakeBgpd(configured) as module:
            module.up()
            wait_for("the module", lambda: bgpd(configured)["state"] == "connected")


def test_a_refused_module_is_told_once(configured):
    with FakeBgpd(configured, version="0.0.1") as module:
        assert module.next()[0] == REFUSE
        module.send(hello("0.0.1", "9.9"))
        with pytest.raises((EOFError, ConnectionError)):
            module.next()
    assert alive(configured)


def test_a_successor_is_taken_at_once(configured):
    first = FakeBgpd(configured)
    first.up()
    first.sock.close()
    with FakeBgpd(configured) as second:
        second.up()
        wait_for("the second", lambda: bgpd(configured)["state"] == "connected")


def test_a_module_that_never_reads_does_no_harm(configured):
    with FakeBgpd(configured) as module:
        module.up()

        def rss():
            with open("/proc/%d/status" % configured.procs["erouted"].pid) as f:
                return int(f.read().split("VmRSS:")[1].split()[0])
        before = rss()
        with configured.vty("erouted") as vty:
            vty.run("enable")
            for _ in range(30000):
                vty.run("clear expressroute counters")
        assert alive(configured)
        # 30,000 messages would be 10 times as much, were they queued
        assert "does not read" in configured.log("erouted")
        assert rss() < before + 32 * 1024


def answer_until(lab, module, seconds):
    """Answer what is asked, and nothing else."""
    end = time.monotonic() + seconds
    asked = 0
    module.sock.settimeout(0.1)
    while time.monotonic() < end:
        try:
            kind, value = module.next()
        except TimeoutError:
            continue
        if kind == ASK:
            assert value[0] == 0
            asked += 1
            module.send(answer_end(0, "no such circuit"))
        assert bgpd(lab)["state"] == "connected"
    return asked


@pytest.fixture
def impatient(lab):
    lab.stop("erouted")
    lab.start("erouted", "--bgpd-timeout", "1")
    lab.configure(circuit())
    wait_for("the circuit", lambda: "ams-1" in lab.show("show expressroute"))
    return lab


def test_a_bgpd_that_hangs_is_taken_for_lost(impatient):
    lab = impatient

    def redundancy():
        return lab.show_json()["circuit"]["ams-1"]["state"]["redundancy"]
    with FakeBgpd(lab) as module:
        module.up()
        wait_for("redundancy", lambda: redundancy() == "redundant")
        # one that has nothing to tell, but answers, lives
        assert answer_until(lab, module, 3) >= 3
        wait_for("the loss", lambda: bgpd(lab)["state"] == "absent", 3)
        assert "does not answer" in bgpd(lab)["problem"]
        assert "bgpd does not answer" in " ".join(lab.show("show expressroute").split())
        wait_for("it to be told", lambda: redundancy() == "down")
        # it goes on: its module sees the end, and comes back
        module.sock.settimeout(20)
        assert module.closed()
    assert lab.log("erouted").count("has not answered for 1 s") == 1
    with FakeBgpd(lab) as module:
        module.up()
        wait_for("redundancy", lambda: redundancy() == "redundant")
        assert "problem" not in bgpd(lab)


def test_what_erouted_slept_through_is_not_bgpds_silence(impatient):
    lab = impatient
    with FakeBgpd(lab) as module:
        module.up()
        wait_for("the module", lambda: bgpd(lab)["state"] == "connected")
        lab.procs["erouted"].send_signal(signal.SIGSTOP)
        time.sleep(2.5)
        lab.procs["erouted"].send_signal(signal.SIGCONT)
        assert answer_until(lab, module, 1)
        assert "has not answered" not in lab.log("erouted")
