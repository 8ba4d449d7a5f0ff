# SPDX-License-Identifier: GPL-2.0-or-later
"""Global Reach: whose a route is, what a site may send, and what is told of it."""

import json

import pytest

import lab
import wire
from far import Speaker, wait
from test_inbound import accepted, established, lets_in, refused
from test_outbound import received

# what Microsoft's routers send: 12076 more than once, Azure's own AS behind it, a site's last
VNET = ("10.1.0.0/16", [], "[ 12076 ]")
GATEWAY = ("10.2.0.0/16", [], "[ 12076 65515 ]")
PARIS = ("10.20.1.0/24", [], "[ 12076 12076 65020 ]")
PARIS_LONG = ("10.20.2.0/24", [], "[ 12076 12076 12076 65519 12076 64700 65020 ]")
ROME = ("10.30.1.0/24", [], "[ 12076 12076 65030 ]")

SITES = [wire.site("paris", 65020, prefixes=["10.20.0.0/16"]),
         wire.site("rome", 65030, prefixes=["10.30.0.0/16", "10.31.0.0/16"])]


def net(route):
    return route[0]


def nets(*routes):
    return [net(r) for r in routes]


def configure(edge, *sites, sessions=None, more=(), **kwargs):
    edge.erouted.configure(*(sessions or [edge.session(1)]), wire.peering(), *more,
                           *wire.global_reach(*(sites or SITES), **kwargs))


def tells(edge, name, seconds=15, **want):
    """of a site: whatever is not told to be something is 0 or nothing"""
    circuit, family = want.pop("circuit", "c1"), want.pop("family", "ipv4")
    every = dict(both=0, only_primary=0, only_secondary=0, prefix=0, limit=0, undeclared=0,
                 other=0, missing=0, overlaps=0)
    every.update(want)
    def probe():
        told = edge.erouted.site(name, family, circuit)
        return told and all(told[k] == v for k, v in every.items())
    edge.erouted.until(probe, seconds, "%s of %s: %s" % (
        want, name, edge.erouted.site(name, family, circuit)))
    return edge.erouted.site(name, family, circuit)


def local_prefs(edge, *routes):
    return [set(edge.local_prefs(net(r)).values()) for r in routes]


def test_a_route_is_of_whom_its_last_as_tells_however_often_12076_stands_in_it(edge):
    edge.start()
    Speaker(edge, 1, [VNET, GATEWAY, PARIS, PARIS_LONG, ROME])
    configure(edge)
    lets_in(edge, nets(VNET, GATEWAY, PARIS, PARIS_LONG, ROME))
    tells(edge, "paris", only_primary=2)
    told = tells(edge, "rome", only_primary=1, missing=1)
    assert told["missing_prefixes"] == ["10.31.0.0/16"]
    tells(edge, "")


def test_both_links_are_told_apart(edge):
    edge.start()
    one = Speaker(edge, 1, [VNET, PARIS, ROME])
    Speaker(edge, 2, [VNET, PARIS, PARIS_LONG])
    configure(edge, sessions=edge.both())
    lets_in(edge, nets(VNET, PARIS, ROME))
    lets_in(edge, nets(VNET, PARIS, PARIS_LONG), 2)
    tells(edge, "paris", both=1, only_secondary=1)
    tells(edge, "rome", only_primary=1, missing=1)
    one.announce(*PARIS_LONG)
    one.withdraw(net(ROME))
    tells(edge, "paris", both=2)
    tells(edge, "rome", missing=2)


def test_a_site_sends_its_own_prefixes_only(edge):
    edge.start()
    hijacks = [("10.1.7.0/24", [], "[ 12076 65020 ]"), ("10.30.9.0/24", [], "[ 12076 65020 ]"),
               ("10.0.0.0/8", [], "[ 12076 65030 ]"), ("0.0.0.0/0", [], "[ 12076 65030 ]")]
    far = Speaker(edge, 1, [VNET, PARIS, ROME] + hijacks)
    configure(edge)
    lets_in(edge, nets(VNET, PARIS, ROME))
    refused(edge, "private", site_prefix=4)
    told = tells(edge, "paris", only_primary=1, prefix=2)
    assert told["examples"] == [("10.1.7.0/24", 65020, "site-prefix"),
                                ("10.30.9.0/24", 65020, "site-prefix")]
    tells(edge, "rome", only_primary=1, prefix=2, missing=1)
    # allowed now, but for the default route
    configure(edge, wire.site("paris", 65020), wire.site("rome", 65030))
    lets_in(edge, nets(VNET, PARIS, ROME) + [h[0] for h in hijacks[:3]])
    tells(edge, "paris", only_primary=3)
    tells(edge, "rome", only_primary=2, prefix=1)
    assert edge.erouted.session()["state"] == "established"
    # and no longer
    configure(edge)
    lets_in(edge, nets(VNET, PARIS, ROME))
    far.withdraw("10.1.7.0/24")
    tells(edge, "paris", only_primary=1, prefix=1)


def test_azures_default_route_is_no_sites(edge):
    edge.start()
    Speaker(edge, 1, [("0.0.0.0/0", [], "[ 12076 ]"), PARIS])
    configure(edge)
    lets_in(edge, ["0.0.0.0/0", net(PARIS)])


def test_a_site_is_heard_on_its_circuits_only(edge):
    """Two circuits hear one site; the one on c2 may not be heard on c1."""
    edge.start()
    Speaker(edge, 1, [VNET, PARIS, ROME])
    Speaker(edge, 2, [VNET, PARIS, ROME])
    two = edge.session(2, circuit="c2")
    edge.erouted.configure(
        edge.session(1), two, wire.peering(), wire.peering(circuit="c2"), *wire.global_reach(
            SITES[0], wire.site("rome", 65030, prefixes=["10.30.0.0/16"], circuits=["c2"])))
    lets_in(edge, nets(VNET, PARIS))
    lets_in(edge, nets(VNET, PARIS, ROME), 2)
    tells(edge, "paris", only_primary=1)
    tells(edge, "paris", only_secondary=1, circuit="c2")
    tells(edge, "rome", prefix=1)
    tells(edge, "rome", only_secondary=1, circuit="c2")


def test_undeclared_sites_are_accepted_and_told_or_refused(edge):
    edge.start()
    Speaker(edge, 1, [VNET, PARIS, ROME])
    configure(edge, SITES[0])
    lets_in(edge, nets(VNET, PARIS, ROME))
    told = tells(edge, "", only_primary=1)
    assert told["examples"] == [(net(ROME), 65030, "none")]
    configure(edge, SITES[0], refuse=True)
    lets_in(edge, nets(VNET, PARIS))
    told = tells(edge, "", undeclared=1)
    assert told["examples"] == [(net(ROME), 65030, "undeclared-site")]
    refused(edge, "private", undeclared_site=1)
    # without any site at all, too
    edge.erouted.configure(edge.session(1), wire.peering(), *wire.global_reach(refuse=True))
    lets_in(edge, [net(VNET)])
    tells(edge, "", undeclared=2)
    # and with nothing of it any more, all is as it was
    edge.erouted.configure(edge.session(1), wire.peering())
    lets_in(edge, nets(VNET, PARIS, ROME))


def test_ten_thousand_prefixes_of_an_undeclared_site_stay_bounded(edge):
    edge.start()
    many = [("10.%d.%d.0/24" % (100 + i // 250, i % 250), [], "[ 12076 65099 ]")
            for i in range(10000)]
    Speaker(edge, 1, [VNET, PARIS] + many)
    configure(edge, refuse=True)
    told = tells(edge, "", 60, undeclared=10000)
    assert len(told["examples"]) == 8
    lets_in(edge, nets(VNET, PARIS))
    of_it = [m for m in edge.erouted.log if m[1] == wire.SITE_STATE]
    assert len(of_it) < 100
    assert edge.erouted.session()["state"] == "established"


def test_a_sites_preference_against_the_private_wan(edge):
    edge.start()
    Speaker(edge, 1, [VNET, PARIS, ROME, ("10.40.0.0/24", [], "[ 12076 65040 ]")])
    one = edge.session(1, local_pref=150)
    def sites(a, b):
        return [wire.site("paris", 65020, preference=a), wire.site("rome", 65030, preference=b)]
    configure(edge, *sites("equal", "backup"), sessions=[one])
    lets_in(edge, [net(VNET), net(PARIS), net(ROME), "10.40.0.0/24"])
    assert local_prefs(edge, VNET, PARIS, ROME, ("10.40.0.0/24",)) == [{150}, {100}, {95}, {150}]
    configure(edge, *sites("prefer", "equal"), sessions=[one])
    wait(lambda: local_prefs(edge, PARIS, ROME) == [{150}, {100}], "the new preferences")
    # the passive link is the last choice of both
    configure(edge, *sites("equal", "backup"), sessions=[edge.session(1, passive_cost=5)])
    wait(lambda: local_prefs(edge, PARIS, ROME) == [{99}, {94}], "the passive link's")
    # and what its operator drains is behind that, above a VPN
    configure(edge, *sites("equal", "backup"), sessions=[edge.session(1, drained=True)])
    wait(lambda: local_prefs(edge, PARIS, ROME) == [{98}, {93}], "the drained link's")


def test_a_drained_link_of_a_site_loses_by_its_path(edge):
    """However it is preferred, the twin that is not drained is used."""
    edge.start()
    Speaker(edge, 1, [("10.20.1.0/24", [], "[ %s 65020 ]" % " ".join(["12076"] * 10))])
    Speaker(edge, 2, [PARIS])
    configure(edge, wire.site("paris", 65020, preference="equal"), sessions=edge.both())
    lets_in(edge, [net(PARIS)])
    lets_in(edge, [net(PARIS)], 2)
    def best():
        routes = json.loads(edge.ce.vty("bgpd", "show bgp ipv4 unicast 10.20.1.0/24 json"))
        return [p["peer"]["peerId"] for p in routes["paths"] if p.get("bestpath", {}).get("overall")]
    wait(lambda: best() == ["172.16.2.2"], lambda: best())
    assert set(edge.local_prefs(net(PARIS)).values()) == {100}


SAME = [("10.50.1.0/24", [], "[ 12076 12076 65001 ]"), ("10.50.2.0/24", [], "[ 12076 65001 65001 ]"),
        ("10.51.0.0/24", [], "[ 12076 65001 ]"), ("10.50.3.0/24", [], "[ 12076 65001 65020 ]")]
TWIN = wire.site("twin", prefixes=["10.50.0.0/16"], same_as=True)


def allows_own_as(edge, n=1):
    neighbor = json.loads(edge.ce.vty("bgpd", "show bgp neighbors 172.16.%d.2 json" % n))
    return "allowAsInCount" in json.dumps(neighbor)


def test_our_own_as_comes_in_for_a_site_that_has_it_and_for_its_prefixes_only(edge):
    edge.start()
    Speaker(edge, 1, [VNET] + SAME)
    configure(edge)
    lets_in(edge, [net(VNET)])
    refused(edge, "private", own_as=4)
    assert not allows_own_as(edge)
    uptime = edge.erouted.session()["established_wall"]
    configure(edge, *SITES, TWIN)
    lets_in(edge, [net(VNET), net(SAME[0]), net(SAME[1]), net(SAME[3])])
    assert allows_own_as(edge)
    tells(edge, "twin", only_primary=3)
    refused(edge, "private", own_as=1)
    # in no running-config, and without a flap
    assert "allowas" not in edge.ce.vty("bgpd", "show running-config")
    configure(edge)
    lets_in(edge, [net(VNET)])
    wait(lambda: not allows_own_as(edge), "allowas-in is gone")
    refused(edge, "private", own_as=4)
    assert edge.erouted.session()["established_wall"] == uptime


def test_own_as_is_not_allowed_where_the_site_is_not_heard(edge):
    edge.start()
    Speaker(edge, 1, [VNET] + SAME)
    configure(edge, wire.site("twin", prefixes=["10.50.0.0/16"], same_as=True, circuits=["c2"]))
    lets_in(edge, [net(VNET)])
    assert not allows_own_as(edge)


def test_a_local_as_of_the_circuit_is_our_own_as(edge):
    edge.start()
    Speaker(edge, 1, [VNET] + [(a, b, c.replace("65001", "65077")) for a, b, c in SAME],
            router_as=65077)
    one = edge.session(1, router_as=65077)
    configure(edge, TWIN, sessions=[one])
    lets_in(edge, [net(VNET), net(SAME[0]), net(SAME[1]), net(SAME[3])])
    refused(edge, "private", own_as=1)


def test_our_own_prefix_that_comes_back_is_refused_whosever_the_path_is(edge):
    edge.start()
    Speaker(edge, 1, [VNET, ("192.168.1.0/24", [], "[ 12076 65020 ]"),
                      ("192.168.2.0/24", [], "[ 12076 65001 ]")])
    configure(edge, wire.site("paris", 65020),
              wire.site("twin", prefixes=["192.168.0.0/16"], same_as=True),
              more=[wire.advertise("192.168.1.0/24"), wire.advertise("192.168.2.0/24")])
    lets_in(edge, [net(VNET)])
    refused(edge, "private", own_prefix=2)
    tells(edge, "paris", other=1)


def test_what_comes_from_a_site_is_never_offered_to_microsoft(edge):
    """Neither to the other MSEE nor to another circuit, not even with as-override."""
    edge.start(conf="""
router bgp 65001
 no bgp ebgp-requires-policy
 no bgp network import-check
 neighbor 172.16.2.2 remote-as 12076
 address-family ipv4 unicast
  neighbor 172.16.2.2 as-override
  network 192.168.1.0/24
 exit-address-family
exit
""")
    Speaker(edge, 1, [VNET, PARIS, ROME])
    edge.erouted.configure(
        edge.session(1), edge.session(2, circuit="c2", mode="attached"), wire.peering(),
        wire.peering(circuit="c2"), wire.advertise("192.168.1.0/24"),
        *wire.global_reach(*SITES))
    lets_in(edge, nets(VNET, PARIS, ROME))
    wait(lambda: "192.168.1.0/24" in received(edge.m2), "what is ours")
    assert set(received(edge.m2)) == {"192.168.1.0/24"}


def test_a_maximum_lets_in_so_many_and_more_when_some_go(edge):
    edge.start()
    many = [("10.20.%d.0/24" % i, [], "[ 12076 65020 ]") for i in range(10)]
    far = Speaker(edge, 1, [VNET] + many)
    Speaker(edge, 2, [VNET] + many[::-1])
    limited = wire.site("paris", 65020, prefixes=["10.20.0.0/16"], maximum=6)
    configure(edge, limited, sessions=edge.both())
    wait(lambda: len(accepted(edge)) == 7 and accepted(edge) == accepted(edge, 2),
         lambda: "%s %s" % (accepted(edge), accepted(edge, 2)))
    tells(edge, "paris", both=6, limit=4)
    refused(edge, "private", site_limit=4)
    there = sorted(accepted(edge) - {net(VNET)})
    # on one link only: it is there still, and others must wait
    far.withdraw(there[0])
    tells(edge, "paris", both=5, only_secondary=1, limit=4)
    far.announce(there[0], [], "[ 12076 65020 ]")
    tells(edge, "paris", both=6, limit=4)
    configure(edge, wire.site("paris", 65020, prefixes=["10.20.0.0/16"], maximum=8),
              sessions=edge.both())
    tells(edge, "paris", both=8, limit=2)
    assert set(there) < accepted(edge)
    configure(edge, wire.site("paris", 65020, prefixes=["10.20.0.0/16"], maximum=3),
              sessions=edge.both())
    tells(edge, "paris", both=3, limit=7)


def test_what_goes_gives_room_to_what_had_none(edge):
    edge.start()
    many = ["10.20.%d.0/24" % i for i in range(6)]
    far = Speaker(edge, 1, [VNET] + [(n, [], "[ 12076 65020 ]") for n in many])
    configure(edge, wire.site("paris", 65020, maximum=4))
    tells(edge, "paris", only_primary=4, limit=2)
    for gone in sorted(accepted(edge) - {net(VNET)})[:2]:
        many.remove(gone)
        far.withdraw(gone)
    lets_in(edge, many + [net(VNET)])
    tells(edge, "paris", only_primary=4)


def test_vnets_that_overlap_with_a_site_or_a_joint_are_told(edge):
    edge.start()
    Speaker(edge, 1, [VNET, PARIS, ("10.20.64.0/18", [], "[ 12076 65515 ]"),
                      ("0.0.0.0/0", [], "[ 12076 ]"), ("172.31.0.0/24", [], "[ 12076 ]")])
    configure(edge, joints=["172.31.0.8/29", "172.31.9.0/29"])
    told = tells(edge, "paris", only_primary=1, overlaps=1)
    assert told["overlap_prefixes"] == ["10.20.64.0/18"]
    told = tells(edge, "", overlaps=1)
    assert told["overlap_prefixes"] == ["172.31.0.0/24"]


def test_sites_of_ipv6(edge):
    edge.start()
    Speaker(edge, 1, [("2001:db8:100::/48", [], "[ 12076 ]"),
                      ("2001:db8:2000::/48", [], "[ 12076 12076 65020 ]"),
                      ("2001:db8:3000::/48", [], "[ 12076 65020 ]"), PARIS])
    six = wire.session("primary", "2001:db8:1::1", "2001:db8:1::2", keepalive=3, hold=9)
    edge.erouted.configure(
        edge.session(1), six, wire.peering(), wire.peering(family="ipv6"), *wire.global_reach(
            wire.site("paris", 65020, prefixes=["10.20.0.0/16", "2001:db8:2000::/40"])))
    lets_in(edge, ["2001:db8:100::/48", "2001:db8:2000::/48"], family="ipv6")
    tells(edge, "paris", family="ipv6", only_primary=1, prefix=1)
    tells(edge, "paris", only_primary=1)


def test_sites_that_share_an_as_are_told_apart_by_their_prefixes(edge):
    edge.start()
    Speaker(edge, 1, [(n, [], "[ 12076 65020 ]") for n in (
        "10.20.1.0/24", "10.21.1.0/24", "10.22.1.0/24")])
    configure(edge, wire.site("one", 65020, prefixes=["10.20.0.0/16"]),
              wire.site("two", 65020, prefixes=["10.21.0.0/16"]))
    tells(edge, "one", only_primary=1, prefix=1)
    tells(edge, "two", only_primary=1)


def test_a_route_changes_its_owner(edge):
    edge.start()
    far = Speaker(edge, 1, [PARIS])
    configure(edge, wire.site("paris", 65020), wire.site("rome", 65030))
    tells(edge, "paris", only_primary=1)
    far.announce(net(PARIS), [], "[ 12076 65030 ]")
    tells(edge, "rome", only_primary=1)
    tells(edge, "paris")
    far.announce(net(PARIS), [], "[ 12076 ]")
    tells(edge, "rome")
    lets_in(edge, [net(PARIS)])


def test_sites_hold_while_erouted_is_away(edge):
    """From the set that is kept for the next bgpd."""
    edge.start()
    Speaker(edge, 1, [VNET, PARIS, ("10.66.0.0/16", [], "[ 12076 65020 ]")] + SAME)
    configure(edge, *SITES, TWIN, refuse=True)
    want = [net(VNET), net(PARIS), net(SAME[0]), net(SAME[1]), net(SAME[3])]
    lets_in(edge, want)
    edge.erouted.hang_up()
    edge.erouted.close()
    edge.ce.stop("bgpd", 9)
    edge.ce.start_edge(conf="router bgp 65001\nexit\n")
    lets_in(edge, want)
    edge.erouted = wire.Erouted(edge.ce.run + "/expressroute.sock")
    edge.erouted.accept()
    configure(edge, *SITES, TWIN, refuse=True)
    tells(edge, "twin", only_primary=3)
    tells(edge, "paris", only_primary=1, prefix=1)


def test_it_is_explained_whose_a_route_is(edge):
    edge.start()
    Speaker(edge, 1, [VNET, PARIS, ("10.66.0.0/16", [], "[ 12076 65020 ]"), ROME, SAME[0],
                      ("10.30.9.0/24", [], "[ 12076 65020 ]")])
    configure(edge, wire.site("paris", 65020, prefixes=["10.20.0.0/16"], preference="backup",
                              maximum=5), TWIN, refuse=True)
    tells(edge, "", undeclared=1)
    def steps(prefix):
        return {(s["rule"], s["verdict"]): s["text"]
                for s in edge.erouted.ask(wire.ask_route, prefix) if s["session"]}
    s = steps(net(PARIS))
    assert "site paris, within its prefix 10.20.0.0/16" in s["site-prefix", "pass"]
    assert "at most 5" in s["site-limit", "pass"]
    assert "local-preference 95: site paris is backup" in s["site-preference", "info"]
    assert ("undeclared-site", "pass") not in s
    assert "within none of its prefixes" in steps("10.66.0.0/16")["site-prefix", "refuse"]
    assert "AS 65030 is no site's" in steps(net(ROME))["undeclared-site", "refuse"]
    s = steps(net(SAME[0]))
    assert "as a site's that has the same" in s["own-as", "pass"]
    assert "site twin" in s["site-prefix", "pass"]
    assert "Azure's own" in steps(net(VNET))["site-prefix", "pass"]


def test_an_attached_neighbor_is_told_what_it_lacks(edge):
    edge.start()
    edge.ce.configure("router bgp 65001", "no bgp ebgp-requires-policy",
                      "neighbor 172.16.1.2 remote-as 12076")
    Speaker(edge, 1, [VNET, PARIS, ROME] + SAME)
    one = edge.session(1, mode="attached")
    configure(edge, SITES[0], TWIN, sessions=[one], refuse=True)
    edge.erouted.until(lambda: "allowas-in 10" in edge.erouted.session().get("problem", ""), 10,
                       "a problem")
    lets_in(edge, nets(VNET, PARIS))
    edge.ce.configure("router bgp 65001", "address-family ipv4 unicast",
                      "neighbor 172.16.1.2 allowas-in 10")
    configure(edge, SITES[0], TWIN, sessions=[one], refuse=True)
    lets_in(edge, [net(VNET), net(PARIS), net(SAME[0]), net(SAME[1]), net(SAME[3])])
    edge.erouted.until(lambda: not edge.erouted.session()["problem"], 10, "no problem")


def test_a_set_that_names_no_site_of_its_own_is_refused(edge):
    edge.start()
    edge.erouted.configure(edge.session(1))
    paris = wire.site("paris", 65020)
    for bad in ([paris[0]], wire.global_reach(paris)[:1] + [paris[1]],
                wire.global_reach(paris, paris),
                wire.global_reach(paris) + [paris[0]],
                wire.global_reach(paris) + [wire.site("rome", 65030)[0]]):
        edge.erouted.send(wire.hello(), wire.generation(wire.CONFIG_BEGIN, 9), *bad)
        assert not edge.erouted.poll(5), "the module takes it"
        edge.erouted.accept()
    configure(edge)
