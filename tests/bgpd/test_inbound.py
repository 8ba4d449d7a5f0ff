# SPDX-License-Identifier: GPL-2.0-or-later
"""What comes in: guards, route filters, regions, and what is counted of it."""

import json
import random
import struct
from collections import Counter

import pytest

import lab
import wire
from far import Speaker, wait
from test_outbound import received

EXCHANGE, SHAREPOINT, TEAMS = "12076:5010", "12076:5020", "12076:5030"
EUROPE, AMERICA = "12076:51001", "12076:51004"
MICROSOFT = dict(peering="microsoft")

# public space that nobody routes
NETS = ["198.18.%d.0/24" % i for i in range(10)]
BASIC = [(NETS[0], [EXCHANGE, EUROPE]), (NETS[1], [SHAREPOINT, EUROPE]), (NETS[2], [TEAMS]),
         (NETS[3], [EXCHANGE, SHAREPOINT]), (NETS[4], [])]


def accepted(edge, n=1, vrf="", family="ipv4"):
    routes = json.loads(edge.ce.vty("bgpd", "show bgp %s %s unicast json" % (vrf, family)))
    peers = ("172.16.%d.2" % n, "2001:db8:%d::2" % n)
    return {net for net, paths in routes.get("routes", {}).items()
            if any(p.get("peerId") in peers for p in paths)}


def lets_in(edge, nets, n=1, **kwargs):
    wait(lambda: accepted(edge, n, **kwargs) == set(nets),
         lambda: "%s instead of %s" % (accepted(edge, n, **kwargs), set(nets)))


def established(edge, *roles, **kwargs):
    for role in roles or ("primary",):
        edge.erouted.until(
            lambda: edge.erouted.session(role, **kwargs).get("state") == "established", 20,
            role + " up")


def refused(edge, peering="microsoft", **want):
    def probe():
        rib = edge.erouted.rib(peering=peering)
        return rib.get("refused_known") and {
            k: v for k, v in rib["refused"].items() if v} == {
                k.replace("_", "-"): v for k, v in want.items()}
    edge.erouted.until(probe, 15, "refused %s" % want)


def counts(edge, want, peering="microsoft"):
    edge.erouted.until(lambda: edge.erouted.count(peering=peering) == want, 15, "counts %s: %s" % (
        want, edge.erouted.count(peering=peering)))


def configure(edge, *allowed, sessions=None, name="f", kind="microsoft", more=()):
    edge.erouted.configure(
        *(sessions or [edge.session(1, peering=kind)]), wire.peering(kind, route_filter=name),
        *wire.route_filter("f", *allowed), *more)


def local_pref(edge, net, n=1):
    return edge.local_prefs(net).get("172.16.%d.2" % n)


def test_a_filter_lets_in_exactly_what_it_allows(edge):
    edge.start()
    Speaker(edge, 1, BASIC)
    configure(edge, EXCHANGE)
    lets_in(edge, [NETS[0], NETS[3]])
    refused(edge, filter=3)
    counts(edge, {EXCHANGE: (True, 2, 0), SHAREPOINT: (False, 1, 1), TEAMS: (False, 0, 1),
                  EUROPE: (False, 1, 1)})


def test_microsoft_peering_without_a_filter_lets_in_nothing(edge):
    edge.start()
    Speaker(edge, 1, BASIC)
    edge.erouted.configure(edge.session(1, **MICROSOFT))
    established(edge, **MICROSOFT)
    refused(edge, no_filter=5)
    assert accepted(edge) == set()
    # nor with one that has not come, or an empty one
    configure(edge, EXCHANGE, name="missing")
    refused(edge, filter=5)
    configure(edge)
    refused(edge, filter=5)
    assert accepted(edge) == set()
    configure(edge, EXCHANGE, SHAREPOINT, TEAMS)
    lets_in(edge, NETS[:4])
    refused(edge, filter=1)


def test_private_peering_without_a_filter_lets_in_all(edge):
    edge.start()
    Speaker(edge, 1, BASIC)
    edge.erouted.configure(edge.session(1), wire.peering())
    lets_in(edge, NETS[:5])
    edge.erouted.poll(2.5)
    # and bgpd does not keep what nobody needs
    assert not edge.erouted.rib()["refused_known"] and edge.erouted.count() == {}
    assert "inbound soft reconfiguration not enabled" in edge.ce.vty(
        "bgpd", "show bgp ipv4 unicast neighbors 172.16.1.2 received-routes").lower()


def test_a_change_touches_only_what_it_is_about(edge):
    edge.start()
    many = [("198.19.%d.0/24" % i, ["12076:%d" % (5100 + i % 50)]) for i in range(250)]
    Speaker(edge, 1, BASIC + many)
    configure(edge, EXCHANGE)
    lets_in(edge, [NETS[0], NETS[3]])
    refused(edge, filter=253)
    established(edge, **MICROSOFT)
    uptime = edge.erouted.session(**MICROSOFT)["established_wall"]

    def change(*allowed):
        before = edge.erouted.rib(**MICROSOFT)["reevaluated"]
        configure(edge, *allowed)
        edge.erouted.until(lambda: edge.erouted.rib(**MICROSOFT)["reevaluated"] != before)
        edge.erouted.poll(0.3)
        return edge.erouted.rib(**MICROSOFT)["reevaluated"] - before

    assert change(EXCHANGE, TEAMS) == 1
    lets_in(edge, [NETS[0], NETS[2], NETS[3]])
    assert change(EXCHANGE, TEAMS, "12076:5107") == 5
    lets_in(edge, [NETS[0], NETS[2], NETS[3]] + ["198.19.%d.0/24" % i for i in range(7, 250, 50)])
    assert change(TEAMS, "12076:5107") == 2
    lets_in(edge, [NETS[2]] + ["198.19.%d.0/24" % i for i in range(7, 250, 50)])
    # the same set once more is no change
    before = edge.erouted.rib(**MICROSOFT)["reevaluated"]
    configure(edge, "12076:5107", TEAMS)
    edge.erouted.poll(0.5)
    assert edge.erouted.rib(**MICROSOFT)["reevaluated"] == before
    refused(edge, filter=249)
    session = edge.erouted.session(**MICROSOFT)
    assert session["established_wall"] == uptime and session["state"] == "established"


def test_routes_come_change_and_go(edge):
    edge.start()
    far = Speaker(edge, 1, BASIC)
    configure(edge, EXCHANGE)
    lets_in(edge, [NETS[0], NETS[3]])
    far.announce(NETS[5], [EXCHANGE])
    far.announce(NETS[0], [TEAMS])
    far.withdraw(NETS[1])
    lets_in(edge, [NETS[3], NETS[5]])
    refused(edge, filter=3)
    counts(edge, {EXCHANGE: (True, 2, 0), SHAREPOINT: (False, 1, 0), TEAMS: (False, 0, 2)})


GUARDED = [
    # the rule, the path, the prefix
    ("first-as", "[ 64700 12076 ]", "198.18.100.0/24"),
    ("first-as", "[ 64700 ]", "198.18.101.0/24"),
    ("own-as", "[ 12076 65001 ]", "198.18.102.0/24"),
    ("reserved-as", "[ 12076 64500 ]", "198.18.103.0/24"),
    ("reserved-as", "[ 12076 65535 64700 ]", "198.18.104.0/24"),
    ("default-route", "[ 12076 ]", "0.0.0.0/0"),
    ("private-space", "[ 12076 ]", "10.1.0.0/16"),
    ("private-space", "[ 12076 ]", "192.0.0.0/7"),
    ("own-prefix", "[ 12076 ]", "203.0.113.0/24"),
    ("own-prefix", "[ 12076 ]", "203.0.113.128/25"),
]
HARMLESS = [
    ("198.18.200.0/24", "[ 12076 %s ]" % " ".join(["64700"] * 254)),
    ("198.18.201.0/24", "[ 12076 8075 ] ( 64701 64702 )"),
    ("198.18.202.0/24", "[ 12076 12076 64700 4200000000 ]"),
]


def test_guards_of_microsoft_peering(edge):
    edge.start()
    edge.ce.configure("router bgp 65001", "no bgp reject-as-sets")
    Speaker(edge, 1, [(net, [EXCHANGE], path) for _, path, net in GUARDED]
            + [(net, [EXCHANGE], path) for net, path in HARMLESS])
    configure(edge, EXCHANGE, more=[wire.advertise("203.0.113.0/24", peering="microsoft")])
    lets_in(edge, [net for net, _ in HARMLESS])
    refused(edge, first_as=2, own_as=1, reserved_as=2, default_route=1, private_space=2,
            own_prefix=2)
    assert edge.erouted.session(**MICROSOFT)["state"] == "established"
    # what is no longer ours may come from there
    configure(edge, EXCHANGE, more=[wire.advertise("203.0.113.0/25", peering="microsoft")])
    lets_in(edge, [net for net, _ in HARMLESS] + ["203.0.113.0/24", "203.0.113.128/25"])
    refused(edge, first_as=2, own_as=1, reserved_as=2, default_route=1, private_space=2)


def test_guards_of_private_peering(edge):
    edge.start()
    Speaker(edge, 1, [("10.1.0.0/16", []), ("0.0.0.0/0", []), ("198.18.1.0/24", [], "[ 64700 ]"),
                      ("10.2.0.0/16", [], "[ 12076 64511 ]"), ("192.168.1.0/24", []),
                      ("192.168.2.128/25", [])])
    advertised = [wire.advertise("192.168.1.0/24"), wire.advertise("192.168.2.0/24")]
    edge.erouted.configure(edge.session(1), *advertised)
    lets_in(edge, ["10.1.0.0/16", "0.0.0.0/0", "192.168.2.128/25"])
    # nothing is kept here: Microsoft is asked for it again
    edge.erouted.configure(edge.session(1), advertised[1])
    lets_in(edge, ["10.1.0.0/16", "0.0.0.0/0", "192.168.2.128/25", "192.168.1.0/24"])
    edge.erouted.configure(edge.session(1), *advertised)
    lets_in(edge, ["10.1.0.0/16", "0.0.0.0/0", "192.168.2.128/25"])


def confederated(net, *segments):
    """announce: an AS path of any segments, [(type, ASes)]"""
    octets = b"".join(bytes([kind, len(ases)]) + struct.pack("!%dI" % len(ases), *ases)
                      for kind, *ases in segments)
    return "announce route %s next-hop 172.16.1.2 community [ %s ] attribute [ 0x02 0x40 0x%s ]" % (
        net, EXCHANGE, octets.hex())


@pytest.mark.parametrize("mode", ["managed", "attached"])
def test_a_confederations_segments_do_not_come_in(edge, mode):
    """Nobody may send them out of a confederation: bgpd takes such a route for withdrawn."""
    sequence, confed_sequence, confed_set = 2, 3, 4
    edge.start()
    if mode == "attached":
        edge.ce.configure("router bgp 65001", "no bgp ebgp-requires-policy",
                          "neighbor 172.16.1.2 remote-as 12076",
                          "no neighbor 172.16.1.2 enforce-first-as")
    far = Speaker(edge, 1, [(NETS[0], [EXCHANGE])])
    configure(edge, EXCHANGE, sessions=[edge.session(1, mode=mode, **MICROSOFT)])
    lets_in(edge, NETS[:1])
    far.say(confederated(NETS[1], (confed_sequence, 64700), (sequence, 12076)))
    far.say(confederated(NETS[2], (sequence, 12076), (confed_sequence, 64700)))
    far.say(confederated(NETS[3], (sequence, 12076), (confed_set, 64700, 64701)))
    # one that was good is good no more
    far.say(confederated(NETS[0], (confed_sequence, 12076)))
    far.say(confederated(NETS[4], (sequence, 12076, 64700)))
    lets_in(edge, NETS[4:5])
    assert "Malformed AS path from 172.16.1.2" in edge.ce.log("bgpd")
    neighbor = json.loads(edge.ce.vty("bgpd", "show bgp neighbors 172.16.1.2 json"))["172.16.1.2"]
    assert neighbor["bgpState"] == "Established" and not neighbor["connectionsDropped"]


def test_a_router_within_a_confederation(edge):
    """To Microsoft its AS is that of the confederation."""
    edge.start(conf="""
router bgp 65100
 no bgp network import-check
 bgp confederation identifier 65001
 bgp confederation peers 65101
 address-family ipv4 unicast
  network 192.168.1.0/24
 exit-address-family
exit
""")
    Speaker(edge, 1, [("10.1.0.0/16", []), ("10.2.0.0/16", [], "[ 12076 65001 ]")])
    edge.erouted.configure(edge.session(1, router_as=0), edge.session(2, router_as=0, prepend=2),
                           wire.advertise("192.168.1.0/24"))
    established(edge, "primary", "secondary")
    lets_in(edge, ["10.1.0.0/16"])
    wait(lambda: received(edge.m2) == {"192.168.1.0/24": "65001 65001 65001"}, "the path that goes out")


def test_strange_communities(edge):
    edge.start()
    hundred = ["12076:%d" % (20000 + i) for i in range(100)]
    Speaker(edge, 1, [
        (NETS[0], hundred), (NETS[1], hundred[:99]), (NETS[2], []),
        (NETS[3], [], "[ 12076 ]", "large-community [ 12076:0:5010 ]"),
        (NETS[4], [], "[ 12076 ]", "extended-community [ target:12076:5010 ]"),
        (NETS[5], ["no-export"]), (NETS[6], [EXCHANGE], "[ 12076 ]",
                                   "large-community [ 12076:0:1 ]")])
    configure(edge, EXCHANGE, hundred[99], "12076:0")
    lets_in(edge, [NETS[0], NETS[6]])
    refused(edge, filter=5)
    counted = edge.erouted.count(**MICROSOFT)
    assert counted[hundred[0]] == (False, 1, 1) and counted[hundred[99]] == (True, 1, 0)
    assert len(counted) == 102


def test_a_filter_of_ten_thousand_entries(edge):
    edge.start()
    Speaker(edge, 1, BASIC)
    many = ["%d:%d" % (12076 + i // 60000, i % 60000) for i in range(10000)]
    configure(edge, *many)
    lets_in(edge, NETS[:4])
    before = edge.erouted.rib(**MICROSOFT)["reevaluated"]
    configure(edge, *[c for c in many if c != TEAMS])
    lets_in(edge, [NETS[0], NETS[1], NETS[3]])
    edge.erouted.until(lambda: edge.erouted.rib(**MICROSOFT)["reevaluated"] == before + 1)


def test_both_links_and_both_families(edge):
    edge.start()
    six = [("2001:db8:%d00::/40" % i, [EXCHANGE] if i < 3 else [TEAMS]) for i in range(1, 5)]
    Speaker(edge, 1, BASIC + six + [(NETS[6], [EXCHANGE])])
    Speaker(edge, 2, BASIC + six + [(NETS[7], [TEAMS])])
    sessions = [wire.session(("primary", "secondary")[n - 1], a % (n, 1), a % (n, 2), keepalive=3,
                             hold=9, peering="microsoft")
                for n in (1, 2) for a in ("172.16.%d.%d", "2001:db8:%d::%d")]
    edge.erouted.configure(*sessions, wire.peering("microsoft", route_filter="f"),
                           wire.peering("microsoft", "ipv6", route_filter="g"),
                           *wire.route_filter("f", EXCHANGE), *wire.route_filter("g", TEAMS))
    lets_in(edge, [NETS[0], NETS[3], NETS[6]])
    lets_in(edge, [NETS[0], NETS[3]], 2)
    for n in (1, 2):
        lets_in(edge, ["2001:db8:300::/40", "2001:db8:400::/40"], n, family="ipv6")
    # a prefix that comes over both links counts once
    refused(edge, filter=4)
    counts(edge, {EXCHANGE: (True, 3, 0), SHAREPOINT: (False, 1, 1), TEAMS: (False, 0, 2),
                  EUROPE: (False, 1, 1)})
    edge.erouted.until(lambda: edge.erouted.count("ipv6", peering="microsoft") == {
        TEAMS: (True, 2, 0), EXCHANGE: (False, 0, 2)})


class Model:
    """What is received over two links, and what must be counted of it."""

    def __init__(self, edge, nets, services):
        self.rng = random.Random(1)
        self.nets, self.services = nets, services
        self.links = [{net: self.some() for net in self.rng.sample(nets, len(nets) * 4 // 5)}
                      for _ in (1, 2)]
        self.fars = [Speaker(edge, n, self.links[n - 1].items()) for n in (1, 2)]
        self.allowed = set(services[::2])

    def some(self):
        return self.rng.sample(self.services, self.rng.randint(1, 3))

    def stir(self, n):
        """Routes come, change and go."""
        for net in self.rng.sample(self.nets, n):
            link = self.rng.randrange(2)
            if net in self.links[link] and self.rng.random() < 0.4:
                del self.links[link][net]
                self.fars[link].withdraw(net)
            else:
                self.links[link][net] = self.some()
                self.fars[link].announce(net, self.links[link][net])

    def toggle(self):
        self.allowed ^= set(self.rng.sample(self.services, 2))

    def refused(self):
        return len({net for link in self.links for net in link}
                   - {net for link in self.links for net, its in link.items()
                      if self.allowed & set(its)})

    def counts(self):
        carry, accept = Counter(), Counter()
        for net in self.nets:
            its = [set(link.get(net, ())) for link in self.links]
            carry.update(its[0] | its[1])
            accept.update(set().union(*(i for i in its if i & self.allowed)))
        return {c: (c in self.allowed, accept[c], carry[c] - accept[c]) for c in carry}


def test_counts_stay_exact(edge):
    """When nothing but the filter changes, and when anything does while it is applied."""
    edge.start()
    model = Model(edge, ["198.18.%d.%d/28" % (i // 16, i % 16 * 16) for i in range(3000)],
                  ["12076:%d" % (5100 + i) for i in range(12)])
    sessions = [edge.session(n, **MICROSOFT) for n in (1, 2)]

    def change():
        model.toggle()
        configure(edge, *model.allowed, sessions=sessions)

    def exact():
        counts(edge, model.counts())
        refused(edge, filter=model.refused())

    configure(edge, *model.allowed, sessions=sessions)
    # ExaBGP takes its time for thousands of routes
    edge.erouted.until(lambda: all(edge.erouted.session(role, **MICROSOFT).get("state") == "established"
                                   for role in ("primary", "secondary")), 90, "the sessions")
    exact()
    for _ in range(3):
        change()
        exact()
        # updates while the table is walked, and another change before that is done
        model.stir(15)
        change()
        model.stir(15)
        change()
        model.stir(15)
        exact()


def network(edge, net, no=""):
    edge.ce.configure("router bgp 65001", "no bgp network import-check",
                      "address-family ipv4 unicast", "%snetwork %s" % (no, net))


def advertised(edge, n, **kwargs):
    edge.erouted.until(lambda: edge.erouted.session(**kwargs).get("advertised") == n, 15)


def test_what_a_prefix_list_advertises_does_not_come_back(edge):
    edge.start()
    network(edge, NETS[0])
    edge.ce.configure("ip prefix-list PUBLIC permit " + NETS[0])
    far = Speaker(edge, 1, [(NETS[1], [EXCHANGE])])
    edge.erouted.configure(edge.session(1, **MICROSOFT), *wire.route_filter("f", EXCHANGE),
                           wire.peering("microsoft", route_filter="f", advertise_list="PUBLIC",
                                        limit=200))
    lets_in(edge, NETS[1:2])
    advertised(edge, 1, **MICROSOFT)
    within = NETS[0].replace(".0/24", ".128/25")
    far.announce(NETS[0], [EXCHANGE])
    far.announce(within, [EXCHANGE])
    far.announce(NETS[2], [EXCHANGE])
    lets_in(edge, NETS[1:3])
    refused(edge, own_prefix=2)
    steps = edge.erouted.ask(wire.ask_route, within)
    assert ("own-prefix", "refuse") in [(s["rule"], s["verdict"]) for s in steps]
    # when it is no longer ours, it may come
    network(edge, NETS[0], "no ")
    lets_in(edge, [*NETS[:3], within])
    refused(edge)


def test_what_came_in_before_it_was_ours_goes(edge):
    edge.start()
    edge.ce.configure("ip prefix-list PUBLIC permit " + NETS[0])
    within = NETS[0].replace(".0/24", ".128/25")
    Speaker(edge, 1, [(net, [EXCHANGE]) for net in (NETS[0], within, NETS[1])])
    edge.erouted.configure(edge.session(1, **MICROSOFT), *wire.route_filter("f", EXCHANGE),
                           wire.peering("microsoft", route_filter="f", advertise_list="PUBLIC",
                                        limit=200))
    lets_in(edge, [NETS[0], within, NETS[1]])
    network(edge, NETS[0])
    lets_in(edge, NETS[1:2])
    refused(edge, own_prefix=2)


def test_what_an_attached_neighbor_sent_before_it_was_ours_goes(edge):
    """Without soft-reconfiguration, Microsoft is asked for its routes again."""
    edge.start()
    edge.ce.configure("router bgp 65001", "no bgp ebgp-requires-policy",
                      "neighbor 172.16.1.2 remote-as 12076")
    Speaker(edge, 1, [(net, []) for net in NETS[:2]])
    edge.erouted.configure(edge.session(1, mode="attached"), wire.peering(limit=200))
    edge.erouted.until(lambda: edge.erouted.session().get("accepted") == 2, 15)
    network(edge, NETS[0])
    edge.erouted.until(lambda: edge.erouted.session().get("accepted") == 1, 15)
    assert set(edge.local_prefs(NETS[1])) == {"172.16.1.2"}
    network(edge, NETS[0], "no ")
    edge.erouted.until(lambda: edge.erouted.session().get("accepted") == 2, 15)


def test_what_an_operators_neighbor_advertises_does_not_come_back(edge):
    edge.start()
    network(edge, NETS[0])
    far = Speaker(edge, 1, [(NETS[1], [])])
    edge.ce.configure("router bgp 65001", "no bgp ebgp-requires-policy",
                      "neighbor 172.16.1.2 remote-as 12076")
    edge.erouted.configure(edge.session(1, mode="attached"), wire.peering(limit=200))
    lets_in(edge, NETS[1:2])
    # and what the edge's configuration has
    advertised(edge, 4)
    within = NETS[0].replace(".0/24", ".128/25")
    for net in (NETS[0], within):
        far.announce(net)
    # a VNet may lie within a site's aggregate
    lets_in(edge, [NETS[1], within])
    # nothing that was refused is stored: the neighbor is asked
    network(edge, NETS[0], "no ")
    lets_in(edge, [*NETS[:2], within])


def test_the_highest_region_decides(edge):
    edge.start()
    far = Speaker(edge, 1, [(NETS[0], [EXCHANGE, EUROPE]), (NETS[1], [EXCHANGE, AMERICA, EUROPE]),
                            (NETS[2], [EXCHANGE]), (NETS[3], [EXCHANGE, AMERICA])])
    Speaker(edge, 2, [(NETS[1], [EXCHANGE, AMERICA, EUROPE])])

    def regions(europe, america):
        return [wire.region(EUROPE, europe, "microsoft"),
                wire.region(AMERICA, america, "microsoft")]

    def prefs(*want):
        wait(lambda: [local_pref(edge, net) for net in NETS[:4]] == list(want),
             lambda: [local_pref(edge, net) for net in NETS[:4]])

    sessions = (edge.session(1, local_pref=170, **MICROSOFT),
                edge.session(2, local_pref=165, passive_cost=5, **MICROSOFT))
    configure(edge, EXCHANGE, sessions=sessions, more=regions(4020, 4010))
    lets_in(edge, NETS[:4])
    prefs(4020, 4010, 170, 4010)
    wait(lambda: local_pref(edge, NETS[1], 2) == 4005, "passive link")

    # another order touches what carries it, and resets nothing
    before = edge.erouted.rib(**MICROSOFT)["reevaluated"]
    configure(edge, EXCHANGE, sessions=sessions, more=regions(4020, 4030))
    prefs(4020, 4030, 170, 4030)
    edge.erouted.poll(0.3)
    assert edge.erouted.rib(**MICROSOFT)["reevaluated"] == before + 3
    # a circuit that the deciding target does not name has its own preference
    configure(edge, EXCHANGE, sessions=sessions, more=regions(4020, 0))
    prefs(4020, 170, 170, 170)
    # drained is drained
    far.announce(NETS[0], [EXCHANGE, EUROPE], "[ %s ]" % " ".join(["12076"] * 9))
    prefs(110, 170, 170, 170)
    configure(edge, EXCHANGE, sessions=sessions)
    prefs(110, 170, 170, 170)
    wait(lambda: local_pref(edge, NETS[1], 2) == 165, "passive link")


def test_regions_without_a_filter_on_private_peering(edge):
    edge.start()
    Speaker(edge, 1, BASIC)
    Speaker(edge, 2, BASIC)
    edge.erouted.configure(*edge.both())
    lets_in(edge, NETS[:5])
    edge.erouted.configure(*edge.both(), wire.region(EUROPE, 4010))
    wait(lambda: [local_pref(edge, net) for net in NETS[:5]] == [4010, 4010, 150, 150, 150],
         "prefs")
    assert edge.erouted.session()["state"] == "established"
    edge.erouted.configure(*edge.both())
    wait(lambda: [local_pref(edge, net) for net in NETS[:5]] == [150] * 5, "prefs")


def test_what_its_operator_drains_is_the_last_choice_that_is_healthy(edge):
    edge.start()
    far = Speaker(edge, 1, BASIC)
    other = Speaker(edge, 2, BASIC)
    region = wire.region(EUROPE, 4010)
    edge.erouted.configure(*edge.both(), region)
    established(edge, "primary", "secondary")
    wait(lambda: [local_pref(edge, net) for net in NETS[:3]] == [4010, 4010, 150], "regions")
    assert edge.erouted.session()["drained"] is False

    drained = edge.session(1, local_pref=120, local_pref_drained=105, drained=True, prepend=8)
    edge.erouted.configure(drained, edge.session(2), region)
    wait(lambda: [local_pref(edge, net) for net in NETS[:5]] == [120] * 5, "prefs, region or not")
    wait(lambda: local_pref(edge, NETS[0], 2) == 4010, "its twin as before")
    edge.erouted.until(lambda: edge.erouted.session()["drained"] and
                       edge.erouted.session()["best"] == 0, 10, "all have moved")
    assert edge.erouted.session()["state"] == "established"
    # what nothing else carries stays
    other.withdraw(NETS[2])
    edge.erouted.until(lambda: edge.erouted.session()["best"] == 1, 10, "one is back")
    # drained by both
    far.announce(NETS[0], [EXCHANGE, EUROPE], "[ %s ]" % " ".join(["12076"] * 9))
    wait(lambda: local_pref(edge, NETS[0]) == 105, "by Microsoft, too")

    edge.erouted.configure(*edge.both(), region)
    wait(lambda: [local_pref(edge, net) for net in NETS[:3]] == [110, 4010, 150], "undrained")
    edge.erouted.until(lambda: not edge.erouted.session()["drained"], 10, "undrained")


def test_a_filter_for_a_private_peering_comes_and_goes(edge):
    edge.start()
    far = Speaker(edge, 1, BASIC)
    edge.erouted.configure(edge.session(1))
    lets_in(edge, NETS[:5])
    established(edge)
    uptime = edge.erouted.session()["established_wall"]
    configure(edge, EXCHANGE, kind="private")
    # withdrawn while it has not yet come again
    far.withdraw(NETS[3])
    lets_in(edge, [NETS[0]])
    refused(edge, "private", filter=3)
    configure(edge, EXCHANGE, TEAMS, kind="private")
    lets_in(edge, [NETS[0], NETS[2]])
    edge.erouted.configure(edge.session(1))
    lets_in(edge, [NETS[0], NETS[1], NETS[2], NETS[4]])
    edge.erouted.until(lambda: not edge.erouted.rib()["refused_known"] and
                       edge.erouted.count() == {})
    wait(lambda: "inbound soft reconfiguration not enabled" in edge.ce.vty(
        "bgpd", "show bgp ipv4 unicast neighbors 172.16.1.2 received-routes").lower(), "kept")
    assert edge.erouted.session()["established_wall"] == uptime


@pytest.mark.parametrize("keeps", (True, False))
def test_attached(edge, keeps):
    """With soft-reconfiguration inbound, and without: then by route refresh."""
    edge.start()
    Speaker(edge, 1, BASIC)
    edge.ce.configure("route-map THEIRS permit 10", "set community 65001:1")
    edge.ce.configure("router bgp 65001", "neighbor 172.16.1.2 remote-as 12076",
                      "address-family ipv4 unicast", "neighbor 172.16.1.2 route-map THEIRS in",
                      *(["neighbor 172.16.1.2 soft-reconfiguration inbound"] if keeps else []))
    session = [edge.session(1, mode="attached", **MICROSOFT)]
    configure(edge, EXCHANGE, sessions=session)
    # the filter sees what Microsoft sent, not what the operator makes of it
    lets_in(edge, [NETS[0], NETS[3]])
    established(edge, **MICROSOFT)
    uptime = edge.erouted.session(**MICROSOFT)["established_wall"]
    configure(edge, EXCHANGE, TEAMS, sessions=session)
    lets_in(edge, [NETS[0], NETS[2], NETS[3]])
    configure(edge, TEAMS, sessions=session)
    lets_in(edge, [NETS[2]])
    if keeps:
        refused(edge, filter=4)
        assert edge.erouted.rib(**MICROSOFT)["reevaluated"] == 3
        counts(edge, {EXCHANGE: (False, 0, 2), SHAREPOINT: (False, 0, 2), TEAMS: (True, 1, 0),
                      EUROPE: (False, 0, 2)})
    else:
        edge.erouted.poll(2.5)
        assert not edge.erouted.rib(**MICROSOFT)["refused_known"]
    # the operator's own map, removed
    edge.ce.configure("router bgp 65001", "address-family ipv4 unicast",
                      "no neighbor 172.16.1.2 route-map THEIRS in")
    edge.erouted.poll(0.5)
    lets_in(edge, [NETS[2]])
    assert edge.erouted.session(**MICROSOFT)["established_wall"] == uptime
    running = edge.ce.vty("bgpd", "show running-config")
    assert ("soft-reconfiguration inbound" in running) == keeps


def test_the_operators_route_map_of_a_managed_session(edge):
    edge.start()
    Speaker(edge, 1, BASIC)
    edge.ce.configure("ip prefix-list SOME permit " + NETS[0])
    edge.ce.configure("route-map OWN permit 10", "match ip address prefix-list SOME",
                      "set community 65001:1 additive", "set local-preference 7")

    def session(name):
        return [edge.session(1, map_in=name, **MICROSOFT)]

    configure(edge, EXCHANGE, sessions=session("OWN"))
    lets_in(edge, [NETS[0]])
    assert local_pref(edge, NETS[0]) == 150
    refused(edge, filter=3, operator=1)
    # edited, missing, made, no longer wanted
    edge.ce.configure("no route-map OWN permit 10")
    lets_in(edge, [])
    refused(edge, filter=3, operator=2)
    edge.ce.configure("route-map OWN permit 20")
    lets_in(edge, [NETS[0], NETS[3]])
    configure(edge, EXCHANGE, sessions=session("MISSING"))
    lets_in(edge, [])
    configure(edge, EXCHANGE)
    lets_in(edge, [NETS[0], NETS[3]])
    refused(edge, filter=3)
    assert "OWN in" not in edge.ce.vty("bgpd", "show running-config")


def test_in_a_vrf(edge):
    edge.start(conf="")
    lab.vrf(edge.ce, "red")
    edge.ce.ip("link set eth1 master red")
    edge.ce.configure("router bgp 65001 vrf red")
    Speaker(edge, 1, BASIC)
    session = [edge.session(1, vrf="red", **MICROSOFT)]
    configure(edge, EXCHANGE, sessions=session)
    lets_in(edge, [NETS[0], NETS[3]], vrf="vrf red")
    configure(edge, EXCHANGE, TEAMS, sessions=session)
    lets_in(edge, [NETS[0], NETS[2], NETS[3]], vrf="vrf red")


def test_the_session_is_lost_and_comes_back(edge):
    edge.start()
    Speaker(edge, 1, BASIC)
    configure(edge, EXCHANGE)
    lets_in(edge, [NETS[0], NETS[3]])
    refused(edge, filter=3)
    edge.m1.ip("link set eth0 down")
    edge.ce.vty("bgpd", "clear bgp 172.16.1.2")
    edge.erouted.until(lambda: not edge.erouted.rib(**MICROSOFT)["refused_known"] and
                       edge.erouted.count(**MICROSOFT) == {})
    configure(edge, TEAMS)
    edge.m1.ip("link set eth0 up")
    lets_in(edge, [NETS[2]])
    refused(edge, filter=4)
