# SPDX-License-Identifier: GPL-2.0-or-later
"""An Azure VPN gateway with two instances, each at the end of a "tunnel" of its
own: what runs over it is plain, its BGP is what this is about."""

import json
import os

import lab
import wire
from far import wait

LOOPBACK = {"ipv4": "10.250.0.4", "ipv6": "2001:db8:250::4"}

CONF = """
router bgp 65515
 no bgp ebgp-requires-policy
 no bgp network import-check
 coalesce-time 0
 {neighbors}
 address-family ipv4 unicast
 {inactive}
 {networks}
 exit-address-family
 address-family ipv6 unicast
 {active}
 {networks6}
 exit-address-family
exit
"""
NEIGHBOR = """
 neighbor {a} remote-as {router_as}
 neighbor {a} timers 3 9
 neighbor {a} timers connect 1
 neighbor {a} advertisement-interval 0
"""


class Gateways:
    """edge.ce has eth3 to instance 0, eth4 to instance 1."""

    def __init__(self, edge, networks=(), router_as=65001, more=""):
        self.edge = edge
        self.router = lab.Router("ergw-%d" % os.getpid(), edge.tmp)
        edge.routers.append(self.router)
        for n in (0, 1):
            lab.link(edge.ce, "eth%d" % (3 + n), self.router, "eth%d" % n)
            lab.address(edge.ce, "eth%d" % (3 + n), "172.31.%d.1/30" % n,
                        "2001:db8:31:%d::1/126" % n)
            lab.address(self.router, "eth%d" % n, "172.31.%d.2/30" % n,
                        "2001:db8:31:%d::2/126" % n)
        lab.address(self.router, "lo", LOOPBACK["ipv4"] + "/32", LOOPBACK["ipv6"] + "/128")
        self.router.start("zebra")
        self.router.start("bfdd")
        v4 = ["172.31.%d.1" % n for n in (0, 1)]
        v6 = ["2001:db8:31:%d::1" % n for n in (0, 1)]
        self.router.start("bgpd", conf=CONF.format(
            neighbors="\n".join(NEIGHBOR.format(a=a, router_as=router_as)
                                for a in v4 + v6) + more,
            inactive="\n".join(" no neighbor %s activate" % a for a in v6),
            active="\n".join(" neighbor %s activate" % a for a in v6),
            networks="\n".join(" network %s" % p for p in networks if ":" not in p),
            networks6="\n".join(" network %s" % p for p in networks if ":" in p)))

    def session(self, n, family="ipv4", **kwargs):
        """The one with instance n."""
        where = "172.31.%d.%d" if family == "ipv4" else "2001:db8:31:%d::%d"
        for name, value in (("circuit", "hub"), ("peering", "vpn"), ("neighbor_as", 65515),
                            ("local_pref", 90), ("local_pref_drained", 90), ("keepalive", 3),
                            ("hold", 9), ("multihop", 1), ("local", where % (n, 1)),
                            ("neighbor", where % (n, 2))):
            kwargs.setdefault(name, value)
        return wire.session(wire.ROLES[n], **kwargs)

    def both(self, **kwargs):
        return self.session(0, **kwargs), self.session(1, **kwargs)

    def networks(self, *nets, no=""):
        for family in ("ipv4", "ipv6"):
            lines = ["%snetwork %s" % (no, n) for n in nets if (":" in n) == (family == "ipv6")]
            if lines:
                self.router.configure("router bgp 65515", "address-family %s unicast" % family,
                                      *lines)

    def received(self, n=0, family="ipv4"):
        """What instance n has from us, {prefix: AS path}"""
        a = ("172.31.%d.1" if family == "ipv4" else "2001:db8:31:%d::1") % n
        text = self.router.vty("bgpd", "show bgp %s unicast neighbors %s routes json" % (
            family, a))
        return {net: paths[0]["path"] for net, paths in json.loads(text)["routes"].items()}

    def has(self, *nets, n=0, family="ipv4"):
        wait(lambda: sorted(self.received(n, family)) == sorted(nets),
             lambda: "gateway %d has %s" % (n, self.received(n, family)), 20)

    def shut(self, n):
        self.router.ip("link set eth%d down" % n)

    def wait_up(self, *instances, prefixes=None, family="ipv4"):
        for n in instances or (0, 1):
            self.edge.erouted.until(
                lambda: self.facts(n, family).get("state") == "established"
                and prefixes in (None, self.facts(n, family)["accepted"]), 20,
                "gateway %d up" % n)

    def facts(self, n=0, family="ipv4"):
        return self.edge.erouted.session(wire.ROLES[n], family, "hub", "vpn")


def paths(edge, net, vrf=""):
    """{neighbor: (local-preference, is it best)}"""
    family = "ipv6" if ":" in net else "ipv4"
    known = json.loads(edge.ce.vty("bgpd", "show bgp %s %s unicast %s json" % (
        vrf, family, net))).get("paths", [])
    return {p["peer"]["peerId"]: (p.get("locPrf"), p.get("bestpath", {}).get("overall", False))
            for p in known}


def goes_via(edge, net, neighbor, seconds=15):
    """bgpd's best path for the very prefix; None: it has none"""
    def best():
        return [n for n, (_, is_best) in paths(edge, net).items() if is_best]
    wait(lambda: best() == ([neighbor] if neighbor else []),
         lambda: "%s: %s" % (net, paths(edge, net)), seconds)
