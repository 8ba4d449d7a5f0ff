# SPDX-License-Identifier: GPL-2.0-or-later
"""Sessions that come up while zebra is away: bgpd does not know their interfaces then."""

import wire
from conftest import CE_CONF

# zebra is where bgpd has it from else
ROUTER_ID = "router bgp 65001\n bgp router-id 192.168.1.1\nexit\n"
IPV6 = {"keepalive": 3, "hold": 9}


def ipv6(edge):
    return edge.erouted.session(family="ipv6")


def come_up_without_zebra(edge):
    edge.ce.stop("zebra")
    edge.start(conf=CE_CONF + ROUTER_ID)
    edge.erouted.configure(edge.session(1), wire.session("primary", "2001:db8:1::1", "2001:db8:1::2", **IPV6))
    for family in ("ipv4", "ipv6"):
        edge.erouted.until(lambda: edge.erouted.session(family=family).get("state") == "established", 20, family)
    edge.erouted.until(lambda: "no peer interface information" in edge.ce.log("bgpd"), 10, "a refused link-local next hop")
    assert ipv6(edge)["accepted"] == 0


def test_their_routes_come_when_zebra_does(edge):
    """bgpd refuses a link-local next hop on no interface, and never asks for it again."""
    come_up_without_zebra(edge)
    since = {family: edge.erouted.session(family=family)["established_wall"] for family in ("ipv4", "ipv6")}
    edge.ce.start("zebra")
    edge.erouted.until(lambda: ipv6(edge).get("accepted") == 1, 20, "the routes that were refused")
    assert since == {family: edge.erouted.session(family=family)["established_wall"] for family in since}


def test_their_interface_is_watched_again(edge):
    """A link that goes down takes its session with it at once, and not when the hold time is over."""
    come_up_without_zebra(edge)
    edge.ce.start("zebra")
    edge.erouted.until(lambda: ipv6(edge).get("accepted") == 1, 20, "the interface to be known")
    edge.ce.ip("link set eth1 down")
    for family in ("ipv4", "ipv6"):
        edge.erouted.until(lambda: edge.erouted.session(family=family)["state"] != "established", 2, f"the loss of {family}")
