# SPDX-License-Identifier: GPL-2.0-or-later
"""erouted gone, mad or of another version; bgpd ending; memory."""

import re
import struct

import pytest

import wire


def test_sessions_stay_when_erouted_goes(edge):
    edge.start()
    edge.bring_up(*edge.both(), wire.advertise("192.168.1.0/24"))
    edge.erouted.hang_up()
    edge.erouted.accept()
    edge.erouted.configure(*edge.both(), wire.advertise("192.168.1.0/24"))
    # everything is there at once: nothing was reset
    assert edge.erouted.session()["state"] == "established"
    assert edge.erouted.rib()["both"] == 2


def test_a_set_without_its_end_is_dropped(edge):
    edge.start()
    edge.bring_up()
    edge.erouted.send(wire.generation(wire.CONFIG_BEGIN, 77))
    edge.erouted.hang_up()
    edge.erouted.accept()
    edge.erouted.configure(*edge.both())
    assert edge.erouted.session()["state"] == "established"


GARBAGE = {
    "no marker": b"GET / HTTP/1.0\r\n\r\n",
    "4 GB": struct.pack("=II", wire.MARKER, 0xFFFFFFFF),
    "overlong": struct.pack("=II", wire.MARKER, 8 + 5000) + b"\1" * 5000,
    "empty": struct.pack("=II", wire.MARKER, 8),
    "unknown type": struct.pack("=II", wire.MARKER, 9) + b"\xff",
    "truncated": struct.pack("=II", wire.MARKER, 12) + b"\4\0\2c",
    "set not begun": struct.pack("=II", wire.MARKER, 17) + wire.generation(wire.CONFIG_END, 1),
    "a state": struct.pack("=II", wire.MARKER, 17) + wire.generation(wire.SYNCED, 1),
    "another protocol": struct.pack("=II", wire.MARKER, 8 + len(wire.hello(protocol=99)))
                        + wire.hello(protocol=99),
}


def test_garbage_closes_the_connection_and_nothing_else(edge):
    edge.start()
    edge.bring_up()
    for what, data in GARBAGE.items():
        edge.erouted.conn.sendall(data)
        for _ in range(100):
            if not edge.erouted.poll(0.02):
                break
        else:
            raise AssertionError("still connected after " + what)
        edge.erouted.accept()
    edge.erouted.configure(*edge.both())
    assert edge.erouted.session()["state"] == "established"


def test_a_session_twice_in_a_set_is_refused(edge):
    edge.start()
    edge.erouted.send(wire.hello(), wire.generation(wire.CONFIG_BEGIN, 1), edge.session(1),
                      edge.session(1), wire.generation(wire.CONFIG_END, 1))
    assert not edge.erouted.poll(1), "the module hangs up"


@pytest.mark.parametrize("origin", ["65001", "65001:x", "65001:1 65001:2"])
def test_a_session_with_a_malformed_site_of_origin_is_refused(edge, origin):
    edge.start()
    edge.erouted.send(wire.hello(), wire.generation(wire.CONFIG_BEGIN, 1),
                      edge.session(1, site_of_origin=origin), wire.generation(wire.CONFIG_END, 1))
    assert not edge.erouted.poll(1), "the module hangs up"


def test_a_stuck_erouted_does_not_fill_bgpds_memory(edge):
    edge.start()
    edge.erouted.configure(*edge.both())
    for i in range(3):
        edge.ce.vty("bgpd", "clear bgp *")
    edge.erouted.poll(0.5)
    assert edge.ce.procs["bgpd"].poll() is None


def test_another_frr_version_is_refused(edge):
    edge.start(module="pretend-frr-version=10.5.1")
    assert "10.5.1" in edge.erouted.hello["problem"]
    edge.erouted.send(wire.hello(), wire.generation(wire.CONFIG_BEGIN, 1), edge.session(1),
                      wire.generation(wire.CONFIG_END, 1))
    edge.erouted.poll(0.5)
    assert edge.erouted.synced is None
    assert "172.16.1.2" not in edge.ce.vty("bgpd", "show bgp summary")
    assert "The module does nothing" in edge.ce.log("bgpd")


def test_a_refused_module_tries_again_and_logs_it_once(edge):
    edge.start()
    for _ in range(2):
        edge.erouted.send(wire.refuse("another version"))
        edge.erouted.poll(0.1)
        edge.erouted.hang_up()
        edge.erouted.accept()
    assert edge.ce.log("bgpd").count("erouted refuses this module: another version") == 1
    edge.bring_up()


def memory(edge):
    text = edge.ce.vty("bgpd", "show memory")
    found = re.findall(r"^(ExpressRoute [^:]*[^ :]) *: +(\d+)", text, re.M)
    return {name: int(count) for name, count in found}


def test_no_router_bgp_frees_what_belongs_to_it(edge):
    edge.start()
    edge.bring_up()
    assert memory(edge).get("ExpressRoute presence table") == 1
    edge.ce.configure("no router bgp 65001")
    edge.erouted.until(lambda: edge.erouted.rib()["both"] == 0)
    assert not memory(edge).get("ExpressRoute presence table")
    edge.erouted.configure()
    assert not any(memory(edge).values()), memory(edge)


@pytest.mark.parametrize("when", ["idle", "up", "attached"])
def test_bgpd_ends_cleanly(edge, when):
    edge.start()
    if when == "up":
        edge.bring_up()
    if when == "attached":
        edge.ce.configure("route-map X permit 10")
        edge.ce.configure("router bgp 65001", "neighbor 172.16.1.2 remote-as 12076",
                          "address-family ipv4 unicast", "neighbor 172.16.1.2 route-map X in")
        edge.bring_up(edge.session(1, mode="attached"), edge.session(2))
    assert edge.ce.stop("bgpd") == 0
    assert "ExpressRoute" not in edge.ce.log("bgpd", "out"), "nothing leaks"
    edge.start()


def test_bgpd_killed_and_started(edge):
    edge.start()
    edge.bring_up()
    edge.ce.stop("bgpd", 9)
    edge.start()
    edge.bring_up()
