# SPDX-License-Identifier: GPL-2.0-or-later
"""Strangers on the socket between erouted and bgpd's module."""
import contextlib
import os
import socket
import struct

import pytest

import er_lab
import scenery
from scenery import wait_for

MARKER = b"\x01###"
SOCKET = "/var/run/frr/expressroute.sock"


def frame(body, length=None):
    return MARKER + struct.pack("=I", len(body) + 8 if length is None else length) + body


GARBAGE = {
    "random": os.urandom(600),
    "zeros": bytes(600),
    "http": b"GET / HTTP/1.0\r\n\r\n",
    "protobuf-frame": b"\x00###" + struct.pack("=I", 12) + b"abcd",
    "length-0": frame(b"", 0),
    "length-of-less-than-a-header": frame(b"", 7),
    "empty-message": frame(b""),
    "length-4-GB": frame(b"x" * 100, 0xFFFFFFFF),
    "one-byte-too-long": frame(b"x" * 4097),
    "oversized": frame(b"x" * 200000),
    "unknown-type": frame(struct.pack("=I", 999) + b"x" * 40),
    "random-message": frame(os.urandom(400)),
    "message-cut-short": frame(b"x" * 100, 300),
    "many-small-ones": b"".join(frame(bytes([n % 11])) for n in range(2000)),
}


@pytest.fixture(scope="module")
def lab(request):
    with er_lab.running(request, scenery.circuit_conf()) as lab:
        lab.settled()
        yield lab


@contextlib.contextmanager
def connected(lab):
    """From outside, through the router's own view of the file system (/var/run is a link)."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
        sock.settimeout(10)
        sock.connect(f"/proc/{lab.router.pid}/root{os.path.realpath(SOCKET)}")
        yield sock


def talk(lab, data):
    """Send, close our half, and read until the other side closes."""
    answer = b""
    with connected(lab) as sock:
        try:
            sock.sendall(data)
            sock.shutdown(socket.SHUT_WR)
            while True:
                got = sock.recv(4096)
                if not got:
                    break
                answer += got
        except (BrokenPipeError, ConnectionResetError):
            pass
    return answer


def test_socket_is_only_for_frr(lab):
    mode = lab.ce.sh(f"stat -c '%a %U' {SOCKET}").split()
    assert mode == ["600", "frr"]
    status, out = lab.ce.try_sh(
        "setpriv --reuid=nobody --regid=nogroup --clear-groups socat -u /dev/null UNIX-CONNECT:" + SOCKET
    )
    assert status != 0 and "Permission denied" in out


@pytest.mark.parametrize("case", GARBAGE)
def test_garbage_beside_the_module_disturbs_nobody(lab, case):
    pid, flaps = lab.router.pid_of("erouted"), lab.flaps()
    talk(lab, GARBAGE[case])
    assert lab.bgpd["state"] == "connected"
    assert lab.router.pid_of("erouted") == pid
    assert lab.flaps() == flaps


@pytest.fixture
def without_bgpd(lab):
    """bgpd is away: a stranger's connection is the only one."""
    lab.router.kill("bgpd")
    wait_for(lambda: lab.bgpd.get("state") == "absent", "the module to be missed")
    yield
    lab.router.start("bgpd")
    lab.ce.sh("vtysh -b -d bgpd")


def test_garbage_in_the_place_of_the_module_costs_only_the_connection(lab, without_bgpd):
    pid = lab.router.pid_of("erouted")
    for case, data in GARBAGE.items():
        before = len(lab.syslog("channel-protocol"))
        talk(lab, data)
        if case != "message-cut-short":
            wait_for(lambda: len(lab.syslog("channel-protocol")) > before, f"{case} to be logged")
        assert lab.router.pid_of("erouted") == pid, case
        wait_for(lambda: lab.bgpd.get("state") == "absent", f"{case} to be gone")


def test_module_connects_after_strangers(lab):
    lab.wait_redundant(timeout=40)
    lab.wait_connected()


def test_silent_stranger_does_not_keep_the_module_out(lab):
    lab.router.kill("bgpd")
    wait_for(lambda: lab.bgpd.get("state") == "absent", "the module to be missed")
    with connected(lab):
        lab.router.start("bgpd")
        lab.ce.sh("vtysh -b -d bgpd")
        lab.wait_redundant(timeout=40)
        lab.wait_connected()
