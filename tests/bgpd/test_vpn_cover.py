# SPDX-License-Identifier: GPL-2.0-or-later
"""What of ExpressRoute has a backup over the VPN, and what of the VPN is more
specific than ExpressRoute: counted, named, kept out, let in."""

import ipaddress
import json
import random
import re
import subprocess
import time

import pytest

import wire
from conftest import CE_CONF
from far import Speaker, wait
from gateways import Gateways, goes_via, paths
from test_faults import memory

GW0, GW1 = "172.31.0.2", "172.31.1.2"
ER1, ER2 = "172.16.1.2", "172.16.2.2"
Q, P1, P2 = "10.0.0.0/16", "10.0.1.0/24", "10.0.2.0/24"


def vpn(suppress=False, **kwargs):
    return wire.peering("vpn", circuit="hub", suppress=suppress, **kwargs)


def counts(edge, family="ipv4", **want):
    edge.erouted.until(lambda: {k: edge.erouted.vpn_rib(family).get(k) for k in want} == want,
                       15, want)


def named(edge, what, *more):
    ask = wire.ask_uncovered if what == "uncovered" else wire.ask_more_specific
    return [a["prefix"] for a in edge.erouted.ask(ask, *more)]


class Setup:
    """One circuit with an MSEE of our making on each link that has routes."""

    def __init__(self, edge, *routes, gateway=(), **kwargs):
        self.edge = edge
        edge.start()
        self.gateways = Gateways(edge, gateway, **kwargs)
        self.far = [Speaker(edge, n + 1, [(r, ()) for r in rs]) for n, rs in enumerate(routes)]
        self.links = [edge.session(n + 1) for n in range(len(routes))]

    def configure(self, *messages, sessions=None, links=None):
        self.edge.erouted.configure(
            *(self.links if links is None else links), wire.peering(), wire.backs(),
            *([self.gateways.session(0)] if sessions is None else sessions),
            *(messages or [vpn()]))

    def lose(self, n=1):
        """The link, at once: as a BFD that goes down."""
        self.edge.ce.ip("link set eth%d down" % n)

    def mend(self, n=1):
        self.edge.ce.ip("link set eth%d up" % n)

    def up(self, n=1, prefixes=1):
        self.edge.wait_up(wire.ROLES[n - 1], prefixes=prefixes)


def test_what_has_no_backup_is_counted_and_named(edge):
    s = Setup(edge, ["10.0.0.0/16", "10.1.0.0/16", "10.2.3.0/24"],
              ["10.0.0.0/16", "10.4.0.0/16"], gateway=["10.0.0.0/16", "10.2.0.0/16"])
    s.configure()
    s.up(1, 3)
    s.up(2, 2)
    # once, whatever the number of links; the same or what contains it is a backup
    counts(edge, expressroute=4, uncovered=2, more_specific=0, suppressed=0)
    assert edge.erouted.vpn_rib()["uncovered_prefixes"] == ["10.1.0.0/16", "10.4.0.0/16"]
    assert named(edge, "uncovered") == ["10.1.0.0/16", "10.4.0.0/16"]
    assert named(edge, "uncovered", "hub") == ["10.1.0.0/16", "10.4.0.0/16"]
    # as it changes
    s.far[0].withdraw("10.1.0.0/16")
    counts(edge, expressroute=3, uncovered=1)
    s.gateways.networks("10.2.0.0/16", no="no ")
    counts(edge, uncovered=2)
    assert named(edge, "uncovered", "hub") == ["10.2.3.0/24", "10.4.0.0/16"]
    s.gateways.networks("0.0.0.0/0")
    counts(edge, uncovered=0)
    s.gateways.shut(0)
    counts(edge, uncovered=3)
    assert not named(edge, "more specific")


def test_two_circuits_and_what_both_have(edge):
    edge.start()
    gateways = Gateways(edge, ["10.0.0.0/16"])
    Speaker(edge, 1, [("10.0.0.0/16", ()), ("10.1.0.0/16", ())])
    Speaker(edge, 2, [("10.1.0.0/16", ()), ("10.2.0.0/16", ())])
    links = [edge.session(1), edge.session(2, circuit="c2")]
    edge.erouted.configure(*links, gateways.session(0), wire.backs("c1"), wire.backs("c2"), vpn())
    counts(edge, expressroute=3, uncovered=2)
    # one of them is backed by somebody else, or no longer
    edge.erouted.configure(*links, gateways.session(0), wire.backs("c2"), vpn())
    counts(edge, expressroute=2, uncovered=2)
    edge.erouted.configure(links[0], gateways.session(0), wire.backs("c1"), wire.backs("c2"),
                           vpn())
    counts(edge, expressroute=2, uncovered=1)
    edge.erouted.configure(links[0], gateways.session(0), vpn())
    counts(edge, expressroute=0, uncovered=0)


def test_static_prefixes_without_any_session_are_a_backup(edge):
    s = Setup(edge, ["10.0.0.0/16", "10.1.0.0/16"])
    s.configure(vpn(), wire.static("10.0.0.0/15"), sessions=[])
    s.up(1, 2)
    counts(edge, expressroute=2, uncovered=0, more_specific=0)
    s.configure(vpn(), wire.static("10.1.0.0/16"), wire.static("10.0.7.0/24"), sessions=[])
    counts(edge, uncovered=1, more_specific=1, suppressed=0)
    edge.erouted.until(lambda: edge.erouted.statics == {
        ("hub", "10.0.0.0/15"): False, ("hub", "10.1.0.0/16"): False,
        ("hub", "10.0.7.0/24"): True})
    # erouted is told at once when it may go in, and when it may not
    edge.erouted.statics.clear()
    s.lose()
    edge.erouted.until(lambda: edge.erouted.statics == {("hub", "10.0.7.0/24"): False})
    counts(edge, expressroute=0)
    s.mend()
    edge.erouted.until(lambda: edge.erouted.statics == {("hub", "10.0.7.0/24"): True}, 30)
    s.configure(vpn(True), wire.static("10.0.7.0/24"), sessions=[])
    counts(edge, uncovered=2, more_specific=1, suppressed=1)
    # ExpressRoute has it itself
    s.far[0].announce("10.0.7.0/24")
    edge.erouted.until(lambda: edge.erouted.statics == {("hub", "10.0.7.0/24"): False})
    counts(edge, expressroute=3, uncovered=2, more_specific=0)
    # all is said again after erouted was away
    edge.erouted.hang_up()
    edge.erouted.accept()
    s.configure(vpn(True), wire.static("10.0.7.0/24"), sessions=[])
    assert edge.erouted.statics == {("hub", "10.0.7.0/24"): False}
    assert edge.erouted.vpn_rib()["uncovered"] == 2


def test_more_specifics_are_told_of_and_let_in_unless_suppressed(edge):
    s = Setup(edge, [Q], gateway=[P1, P2, "10.0.0.0/16", "10.7.0.0/16"])
    s.configure()
    s.up()
    s.gateways.wait_up(0, prefixes=4)
    counts(edge, more_specific=2, suppressed=0)
    assert edge.erouted.vpn_rib()["more_specific_prefixes"] == [P1, P2]
    answers = edge.erouted.ask(wire.ask_more_specific, "hub")
    assert [(a["prefix"], a["verdict"]) for a in answers] == [(P1, "pass"), (P2, "pass")]
    assert "within 10.0.0.0/16" in answers[0]["text"]
    goes_via(edge, P1, GW0)
    # suppressed: as bgpd had them it takes them away, and nothing else
    s.configure(vpn(True))
    counts(edge, more_specific=2, suppressed=2, expressroute=1, uncovered=0)
    goes_via(edge, P1, None)
    goes_via(edge, "10.7.0.0/16", GW0)
    assert {a["verdict"] for a in edge.erouted.ask(wire.ask_more_specific)} == {"refuse"}
    # and back
    s.configure(vpn())
    counts(edge, more_specific=2, suppressed=0)
    goes_via(edge, P1, GW0)


def refreshes(edge):
    known = json.loads(edge.ce.vty("bgpd", "show bgp neighbors %s json" % GW0))[GW0]
    return known["messageStats"]["routeRefreshSent"]


def test_suppressed_ones_come_in_when_expressroute_is_lost_and_go_when_it_is_back(edge):
    s = Setup(edge, [Q], [Q], gateway=[P1, P2])
    s.configure(vpn(True))
    s.up(1)
    s.up(2)
    counts(edge, suppressed=2)
    before = refreshes(edge)
    # one link is enough
    s.lose(1)
    edge.erouted.until(lambda: edge.erouted.session()["state"] != "established")
    edge.erouted.poll(0.5)
    goes_via(edge, P1, None)
    # erouted is away and back, with the same set
    edge.erouted.hang_up()
    edge.erouted.accept()
    s.configure(vpn(True))
    counts(edge, suppressed=2)
    s.lose(2)
    goes_via(edge, P1, GW0, 3)
    goes_via(edge, P2, GW0, 1)
    counts(edge, suppressed=0, more_specific=0, expressroute=0)
    s.mend(2)
    goes_via(edge, P1, None, 30)
    goes_via(edge, Q, ER2, 1)
    counts(edge, suppressed=2, more_specific=2)
    assert refreshes(edge) == before


def test_without_erouted_as_well(edge):
    s = Setup(edge, [Q], gateway=[P1])
    s.configure(vpn(True))
    s.up()
    counts(edge, suppressed=1)
    edge.erouted.close()
    edge.erouted = None
    s.lose()
    goes_via(edge, P1, GW0, 5)
    s.mend()
    goes_via(edge, P1, None, 30)


def test_a_bgpd_that_is_started_while_erouted_is_away_has_it_all(edge):
    s = Setup(edge, [Q], gateway=[P1])
    edge.erouted.configure(*s.links, s.gateways.session(0), wire.backs(), vpn(True),
                           wire.advertise("192.168.1.0/24"), wire.peering(yields_to="hub"))
    s.up()
    counts(edge, suppressed=1)
    edge.erouted.close()
    edge.erouted = None
    edge.ce.stop("bgpd", 9)
    edge.ce.start_edge(conf=CE_CONF)
    goes_via(edge, Q, ER1, 30)
    s.gateways.has("192.168.1.0/24")
    goes_via(edge, P1, None)
    s.lose()
    goes_via(edge, P1, GW0)


def test_what_covers_comes_goes_and_is_nested(edge):
    s = Setup(edge, [Q, "10.0.0.0/8"], gateway=[P1, "10.9.0.0/16"])
    s.configure(vpn(True))
    s.up(1, 2)
    counts(edge, suppressed=2)
    s.far[0].withdraw("10.0.0.0/8")
    goes_via(edge, "10.9.0.0/16", GW0)
    goes_via(edge, P1, None)
    s.far[0].withdraw(Q)
    goes_via(edge, P1, GW0)
    s.far[0].announce("0.0.0.0/0")
    goes_via(edge, P1, None)
    goes_via(edge, "10.9.0.0/16", None)
    counts(edge, suppressed=2)
    # ExpressRoute has it itself: then the VPN's is its backup
    s.far[0].announce(P1)
    goes_via(edge, P1, ER1)
    assert paths(edge, P1)[GW0] == (90, False)
    counts(edge, suppressed=1, more_specific=1)
    s.far[0].withdraw(P1)
    goes_via(edge, P1, None)
    counts(edge, suppressed=2, more_specific=2)


def test_a_withdraw_of_what_is_kept_out_is_noticed(edge):
    s = Setup(edge, [Q, "10.0.1.128/25"], gateway=[P1, P2])
    s.configure(vpn(True))
    s.up(1, 2)
    # kept out or not, it is a backup
    counts(edge, suppressed=2, uncovered=1)
    s.gateways.networks(P1, no="no ")
    counts(edge, suppressed=1, uncovered=2)
    s.lose()
    goes_via(edge, P2, GW0)
    assert paths(edge, P1) == {}


def test_a_gateway_that_is_lost_takes_along_what_was_kept_out(edge):
    s = Setup(edge, [Q], gateway=[P1, P2])
    s.configure(vpn(True), sessions=s.gateways.both())
    s.up()
    counts(edge, suppressed=2)
    s.gateways.shut(0)
    s.gateways.shut(1)
    counts(edge, suppressed=0, more_specific=0)
    s.gateways.router.ip("link set eth1 up")
    counts(edge, suppressed=2)
    s.lose()
    goes_via(edge, P1, GW1)


def test_an_operators_map_has_the_first_word(edge):
    s = Setup(edge, [Q], gateway=[P1, P2])
    edge.ce.configure("ip prefix-list ONE permit " + P1)
    edge.ce.configure("route-map ONLY permit 10", "match ip address prefix-list ONE",
                      "set community 65001:7")
    s.configure(vpn(True), sessions=[s.gateways.session(0, map_in="ONLY")])
    s.up()
    counts(edge, suppressed=1)
    s.lose()
    goes_via(edge, P1, GW0)
    assert "65001:7" in edge.ce.vty("bgpd", "show bgp ipv4 unicast " + P1)
    assert paths(edge, P2) == {}
    counts(edge, suppressed=0)
    s.mend()
    counts(edge, suppressed=1)
    # what is refused for another reason is kept out no more
    edge.ce.configure("route-map ONLY deny 5")
    counts(edge, suppressed=0)
    edge.ce.configure("no route-map ONLY deny 5")
    counts(edge, suppressed=1)


@pytest.mark.parametrize("keeps", (True, False))
def test_attached(edge, keeps):
    """Where bgpd does not keep what it receives, the gateway is asked."""
    s = Setup(edge, [Q], gateway=[P1, P2])
    edge.ce.configure("router bgp 65001", "no bgp ebgp-requires-policy",
                      "neighbor %s remote-as 65515" % GW0, "address-family ipv4 unicast",
                      *(["neighbor %s soft-reconfiguration inbound" % GW0] if keeps else []))
    s.configure(vpn(True), sessions=[s.gateways.session(0, mode="attached")])
    s.up()
    s.gateways.wait_up(0)
    counts(edge, suppressed=2)
    before = refreshes(edge)
    goes_via(edge, P1, None)
    s.lose()
    goes_via(edge, P1, GW0)
    goes_via(edge, P2, GW0)
    assert (refreshes(edge) == before) == keeps
    s.mend()
    goes_via(edge, P1, None, 30)
    counts(edge, suppressed=2)


def test_ipv6(edge):
    edge.start()
    gateways = Gateways(edge, ["2001:db8:100:1::/64", "2001:db8:900::/48"])
    links = [wire.session("primary", "2001:db8:1::1", "2001:db8:1::2"),
             gateways.session(0, family="ipv6")]
    edge.erouted.configure(*links, wire.backs(), vpn(True, family="ipv6"),
                           wire.static("2001:db8:100:2::/64"))
    counts(edge, "ipv6", expressroute=1, uncovered=1, more_specific=2, suppressed=2, over_vpn=1)
    assert [a["prefix"] for a in edge.erouted.ask(wire.ask_more_specific, "hub", "ipv6")] == [
        "2001:db8:100:1::/64", "2001:db8:100:2::/64"]
    goes_via(edge, "2001:db8:100:1::/64", None)
    edge.ce.ip("link set eth1 down")
    goes_via(edge, "2001:db8:100:1::/64", "2001:db8:31::2")
    counts(edge, "ipv6", over_vpn=2)


def test_how_much_goes_over_the_vpn(edge):
    s = Setup(edge, ["10.%d.0.0/16" % i for i in range(4)],
              gateway=["10.%d.0.0/16" % i for i in range(6)])
    s.configure()
    s.up(1, 4)
    counts(edge, expressroute=4, uncovered=0, over_vpn=2)
    s.configure(sessions=[s.gateways.session(0, local_pref=5000)])
    counts(edge, over_vpn=6)
    s.configure()
    counts(edge, over_vpn=2)
    s.lose()
    counts(edge, over_vpn=6, expressroute=0)
    s.gateways.shut(0)
    counts(edge, over_vpn=0)


def test_to_explain_a_prefix_that_is_kept_out(edge):
    s = Setup(edge, [Q], gateway=[P1, Q])
    s.configure(vpn(True))
    s.up()
    counts(edge, suppressed=1)

    def of_gateway(net):
        return [(a["rule"], a["verdict"], a["text"]) for a in edge.erouted.ask(
            wire.ask_route, net) if a["session"] == ("hub", "vpn", "ipv4", "primary")
            and a["stage"] == "inbound"]

    assert of_gateway(P1)[-1] == ("more-specific", "refuse",
                                  "ExpressRoute carries 10.0.0.0/16: kept out until it does not")
    assert ("more-specific", "pass") in [a[:2] for a in of_gateway(Q)]
    s.configure()
    goes_via(edge, P1, GW0)
    assert ("more-specific", "info") in [a[:2] for a in of_gateway(P1)]


def test_what_nothing_goes_to_yet_throws_nothing_out(edge):
    """ExpressRoute's path is there, and bgpd cannot use it."""
    s = Setup(edge, ["10.7.0.0/16"], gateway=[P1])
    s.configure(vpn(True))
    s.up()
    goes_via(edge, P1, GW0)
    s.far[0].say("announce route %s next-hop 192.0.2.1 as-path [ 12076 ]" % Q)
    s.up(prefixes=2)
    counts(edge, expressroute=2, more_specific=0)
    goes_via(edge, Q, None)
    goes_via(edge, P1, GW0)
    edge.ce.ip("addr add 192.0.2.2/24 dev eth1")
    goes_via(edge, Q, ER1)
    goes_via(edge, P1, None)
    counts(edge, suppressed=1)
    edge.ce.ip("addr del 192.0.2.2/24 dev eth1")
    goes_via(edge, P1, GW0)


class Fib:
    """The kernel's routes as they change, from `ip monitor`."""

    def __init__(self, edge, tmp):
        self.path = tmp + "/monitor"
        self.out = open(self.path, "wb")
        self.proc = subprocess.Popen(
            ["ip", "netns", "exec", edge.ce.name, "ip", "-4", "monitor", "route"],
            stdout=self.out, stdin=subprocess.DEVNULL)
        edge.ce.procs["monitor"] = self.proc
        self.start = self.routes(edge.ce.ip("-4 route show"))

    @staticmethod
    def routes(text):
        return [line.split()[0] for line in text.splitlines()
                if re.match(r"\d+\.\d+\.\d+\.\d+/\d+", line)]

    def stop(self):
        self.proc.terminate()
        self.proc.wait()
        self.out.close()

    def never_without(self, address):
        """Was there at all times a route to it?"""
        address = ipaddress.ip_address(address)
        there = {ipaddress.ip_network(n) for n in self.start}
        with open(self.path) as f:
            for line in f:
                deleted = line.startswith("Deleted ")
                nets = self.routes(line.replace("Deleted ", "", 1).replace("replace ", "", 1))
                for net in map(ipaddress.ip_network, nets):
                    (there.discard if deleted else there.add)(net)
                if not any(address in net for net in there):
                    return False
        return True


def test_on_return_traffic_is_never_without_a_route(edge):
    s = Setup(edge, [Q], gateway=[P1, P2])
    s.configure(vpn(True))
    s.up()
    counts(edge, suppressed=2)
    wait(lambda: Q in edge.ce.ip("-4 route show"), "installed")
    s.lose()
    goes_via(edge, P1, GW0)
    wait(lambda: P1 in edge.ce.ip("-4 route show") and P2 in edge.ce.ip("-4 route show"), "in")
    fib = Fib(edge, edge.tmp)
    s.mend()
    goes_via(edge, P1, None, 30)
    wait(lambda: P1 not in edge.ce.ip("-4 route show") and P2 not in edge.ce.ip("-4 route show"),
         "out")
    fib.stop()
    with open(fib.path) as f:
        assert "Deleted " + P1 in f.read()
    assert fib.never_without("10.0.1.1") and fib.never_without("10.0.2.1")


POOL = [ipaddress.ip_network(n) for n in (
    "0.0.0.0/0", "10.0.0.0/8", "10.0.0.0/15", "10.0.0.0/16", "10.1.0.0/16", "10.0.0.0/17",
    "10.0.128.0/17", "10.0.1.0/24", "10.0.1.0/25", "10.0.1.128/25", "10.0.200.0/24",
    "10.1.1.0/24", "10.1.1.1/32", "172.20.0.0/14", "172.20.1.0/24", "203.0.113.0/24")]


class World:
    """What everybody announces, and what must come of it."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.links, self.gateway, self.static = [set(), set()], set(), set()
        self.suppress = self.backs = True

    def change(self, s):
        what = self.random.choice("llllggggsub")
        net = self.random.choice(POOL)
        if what == "l":
            n = self.random.randrange(2)
            (s.far[n].withdraw if net in self.links[n] else s.far[n].announce)(str(net))
            self.links[n] ^= {net}
        elif what == "g":
            s.gateways.networks(str(net), no="no " if net in self.gateway else "")
            self.gateway ^= {net}
        elif what == "s":
            self.static ^= {net}
        elif what == "u":
            self.suppress = not self.suppress
        else:
            self.backs = not self.backs
        if what in "sub":
            s.edge.erouted.configure(*s.links, s.gateways.session(0), wire.peering(),
                                     vpn(self.suppress), *([wire.backs()] if self.backs else []),
                                     *[wire.static(str(n)) for n in self.static])

    def expressroute(self):
        return self.links[0] | self.links[1] if self.backs else set()

    def more_specific(self):
        there = self.expressroute()
        return {v for v in self.gateway | self.static if v not in there and
                any(q != v and v.subnet_of(q) for q in there)}

    def counts(self):
        there, over = self.expressroute(), self.gateway | self.static
        return {"expressroute": len(there), "more_specific": len(self.more_specific()),
                "suppressed": len(self.more_specific()) if self.suppress else 0,
                "uncovered": sum(not any(q.subnet_of(v) for v in over) for q in there)}

    def let_in(self):
        out = self.more_specific() if self.suppress else set()
        return sorted(str(n) for n in self.gateway - out)


@pytest.mark.parametrize("seed", range(3))
def test_whatever_happens_the_end_is_right(edge, seed):
    world = World(seed)
    s = Setup(edge, [], [])
    s.configure(vpn(True))
    s.up(1, 0)
    s.up(2, 0)
    s.gateways.wait_up(0, prefixes=0)
    for _ in range(6):
        for _ in range(15):
            world.change(s)
        counts(edge, **world.counts())
        wait(lambda: sorted(n for n, v in known(edge).items() if GW0 in v) == world.let_in(),
             lambda: (known(edge), world.let_in(), world.links))
        edge.erouted.until(lambda: {n for n in world.static if edge.erouted.statics.get(
            ("hub", str(n)))} == world.more_specific() & world.static)
        assert edge.erouted.session()["state"] == "established"
        assert s.gateways.facts()["state"] == "established"


def known(edge):
    """{prefix: neighbors that it has come from}"""
    routes = json.loads(edge.ce.vty("bgpd", "show bgp ipv4 unicast json"))["routes"]
    return {net: [p["peerId"] for p in ps] for net, ps in routes.items()}


def test_nothing_is_left_when_a_backup_is_gone(edge):
    s = Setup(edge, [Q], gateway=[P1, P2])
    messages = [vpn(True), wire.static(P1), wire.static("10.0.9.0/24"),
                wire.peering(yields_to="hub")]
    edge.erouted.configure(*s.links, *s.gateways.both(), wire.backs(), *messages)
    s.up()
    counts(edge, suppressed=3)
    edge.ce.configure("no router bgp 65001")
    counts(edge, expressroute=0, more_specific=0)
    edge.ce.configure("router bgp 65001")
    counts(edge, suppressed=3)
    edge.erouted.configure()
    assert not any(memory(edge).values()), memory(edge)
    # nor when bgpd ends with all of it
    edge.erouted.configure(*s.links, *s.gateways.both(), wire.backs(), *messages)
    counts(edge, suppressed=3)
    assert edge.ce.stop("bgpd") == 0
    assert "ExpressRoute" not in edge.ce.log("bgpd", "out"), "nothing leaks"


def test_ten_thousand_prefixes_and_a_link_that_flaps(edge):
    outer = ["10.%d.0.0/16" % i for i in range(40)]
    inner = ["10.%d.%d.0/24" % (i, j) for i in range(40) for j in range(250)]
    s = Setup(edge, outer, gateway=inner)
    s.configure(vpn(True))
    s.up(1, 40)
    edge.erouted.until(lambda: edge.erouted.vpn_rib().get("suppressed") == 10000, 60)
    for _ in range(2):
        began = time.monotonic()
        s.lose()
        edge.erouted.until(lambda: edge.erouted.vpn_rib()["over_vpn"] == 10000, 10)
        took = time.monotonic() - began
        print("10,000 prefixes are in %.0f ms after the link was lost" % (took * 1000))
        s.mend()
        edge.erouted.until(lambda: edge.erouted.session()["state"] == "established", 30)
        edge.erouted.until(lambda: edge.erouted.vpn_rib()["suppressed"] == 10000, 10)
        counts(edge, over_vpn=0, expressroute=40, uncovered=40)
    # faster than anybody can follow
    for _ in range(5):
        s.lose()
        edge.erouted.poll(0.05)
        s.mend()
        edge.erouted.poll(0.05)
    edge.erouted.until(lambda: edge.erouted.session()["state"] == "established", 90)
    counts(edge, suppressed=10000, over_vpn=0, more_specific=10000)
    s.lose()
    counts(edge, suppressed=0, over_vpn=10000)
