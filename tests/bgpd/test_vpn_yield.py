# SPDX-License-Identifier: GPL-2.0-or-later
"""Circuits that advertise nothing while a VPN carries what Microsoft sends."""

import json
import time

import pytest

import wire
from gateways import Gateways
from test_outbound import advertises, received

OWN = ["192.168.1.0/24", "192.168.2.0/24"]
# core/limits.h: ER_VPN_SETTLE_MS
SETTLE_S = 5


def configure(edge, gateways, yields_to, *more, limit=0, sessions=None, **kwargs):
    edge.erouted.configure(*edge.both(**kwargs), wire.peering(yields_to=yields_to, limit=limit),
                           wire.backs(), *[wire.advertise(n) for n in OWN],
                           *(gateways.both() if sessions is None else sessions), *more)


@pytest.fixture
def hub(edge):
    edge.start()
    gateways = Gateways(edge, ["10.0.0.0/16"])
    configure(edge, gateways, "")
    edge.wait_up()
    gateways.wait_up()
    gateways.has(*OWN)
    gateways.has(*OWN, n=1)
    advertises(edge, OWN)
    return gateways


def test_a_circuit_yields_and_stops_to(edge, hub):
    edge.erouted.poll(SETTLE_S)
    began = time.monotonic()
    configure(edge, hub, "hub")
    advertises(edge, [])
    assert time.monotonic() - began < SETTLE_S, "the gateways have long been established"
    hub.has(*OWN)
    # to explain it
    steps = [(a["rule"], a["verdict"], a["text"]) for a in edge.erouted.ask(
        wire.ask_route, OWN[0]) if a["stage"] == "outbound" and a["session"][0] == "c1"]
    assert [s[:2] for s in steps] == [("not-advertised", "pass"), ("switched", "refuse")] * 2
    assert "VPN backup hub" in steps[1][2]
    # what is new stays away as well
    edge.ce.configure("router bgp 65001", "address-family ipv4 unicast",
                      "no network " + OWN[1])
    hub.has(OWN[0])
    edge.ce.configure("router bgp 65001", "address-family ipv4 unicast", "network " + OWN[1])
    hub.has(*OWN)
    advertises(edge, [])
    configure(edge, hub, "")
    advertises(edge, OWN)
    assert edge.erouted.session()["state"] == "established"


def test_when_the_last_gateway_is_lost_circuits_advertise_without_erouted(edge, hub):
    configure(edge, hub, "hub")
    advertises(edge, [])
    # one is left: nothing may happen
    hub.shut(0)
    edge.erouted.until(lambda: hub.facts(0)["state"] != "established")
    edge.erouted.poll(1)
    assert not received(edge.m1) and not received(edge.m2)
    edge.erouted.close()
    edge.erouted = None
    hub.shut(1)
    advertises(edge, OWN)
    # it is back, and is given time to learn what we advertise
    hub.router.ip("link set eth1 up")
    hub.has(*OWN, n=1)
    advertises(edge, [])
    up = json.loads(edge.ce.vty("bgpd", "show bgp neighbors 172.31.1.2 json"))["172.31.1.2"]
    assert up["bgpTimerUpMsec"] >= (SETTLE_S - 1) * 1000


def test_no_gateway_established_is_no_reason_to_yield(edge, hub):
    configure(edge, hub, "hub", sessions=[])
    edge.erouted.poll(1)
    advertises(edge, OWN)
    # one of another backup, or of the other family only
    configure(edge, hub, "hub", sessions=[*hub.both(family="ipv6"),
                                          *hub.both(circuit="other")])
    hub.wait_up(family="ipv6")
    edge.erouted.poll(SETTLE_S + 1)
    advertises(edge, OWN)


def test_a_neighbor_that_is_deleted_is_a_gateway_lost(edge, hub):
    configure(edge, hub, "hub", sessions=[hub.session(0)])
    advertises(edge, [])
    configure(edge, hub, "hub", sessions=[])
    advertises(edge, OWN)


def test_what_has_room_at_the_limit_keeps_it(edge, hub):
    edge.ce.configure("router bgp 65001", "address-family ipv4 unicast",
                      "no network " + OWN[1])
    more = [wire.advertise("192.168.3.0/24")]
    configure(edge, hub, "", *more, limit=2)
    advertises(edge, [OWN[0], "192.168.3.0/24"])
    edge.ce.configure("router bgp 65001", "address-family ipv4 unicast", "network " + OWN[1])
    edge.erouted.until(lambda: edge.erouted.rib()["held"] == 1)
    configure(edge, hub, "hub", *more, limit=2)
    advertises(edge, [])
    edge.erouted.poll(2.5)
    assert edge.erouted.rib()["held_prefixes"] == [OWN[1]]
    configure(edge, hub, "", *more, limit=2)
    advertises(edge, [OWN[0], "192.168.3.0/24"])


def test_an_attached_circuit_yields_too(edge):
    edge.start()
    # no transit: what comes over the VPN is none of everything
    gateways = Gateways(edge, ["10.9.0.0/16"])
    edge.ce.configure("route-map ALL permit 10")
    edge.ce.configure("router bgp 65001", *[
        "neighbor 172.16.%d.2 remote-as 12076" % n for n in (1, 2)],
        "address-family ipv4 unicast", *[
            "neighbor 172.16.%d.2 route-map ALL out" % n for n in (1, 2)])
    everything = ["192.168.1.0/24", "192.168.2.0/24", "192.168.3.0/24"]
    for yields_to, nets in (("", everything), ("hub", []), ("", everything)):
        edge.erouted.configure(*edge.both(mode="attached"), wire.peering(yields_to=yields_to),
                               wire.backs(), *gateways.both())
        gateways.wait_up(prefixes=1)
        advertises(edge, nets)
        gateways.has(*everything)
