# SPDX-License-Identifier: GPL-2.0-or-later
"""A link that ends on a partner: what the module sees of the operator's iBGP neighbor."""

import json

import pytest

import wire
from conftest import CE_CONF
from test_site import tells

# as a router would tell of its link to Microsoft
PARTNER = """
router bgp 65001
 bgp router-id 172.16.2.2
 no bgp network import-check
 coalesce-time 0
 neighbor 172.16.2.1 remote-as internal
 neighbor 172.16.2.1 timers 1 3
 neighbor 172.16.2.1 timers connect 1
 neighbor 172.16.2.1 advertisement-interval 0
 address-family ipv4 unicast
  network 10.0.0.0/16 route-map PLAIN
  network 10.1.0.0/16 route-map PLAIN
  network 20.38.0.0/16 route-map TAGGED
  network 20.39.0.0/16 route-map PLAIN
  network 192.168.77.0/24
 exit-address-family
exit
route-map PLAIN permit 10
 set as-path prepend 12076
 set local-preference 150
exit
route-map TAGGED permit 10
 set as-path prepend 12076 8075
 set community 12076:51004
 set local-preference 150
exit
"""
IBGP = ("router bgp 65001", "neighbor 172.16.2.2 remote-as internal", "neighbor 172.16.2.2 timers 1 3",
        "neighbor 172.16.2.2 timers connect 1")


def partner(kind="private", **kwargs):
    return wire.session("secondary", "0.0.0.0", "172.16.2.2", peering=kind, mode="partner", neighbor_as=0, **kwargs)


@pytest.fixture
def pair(edge):
    edge.m2.stop("bgpd")
    edge.m2.start("bgpd", conf=PARTNER)
    edge.start()
    edge.ce.configure(*IBGP)
    return edge


def seen(edge, kind="private"):
    return edge.erouted.session("secondary", peering=kind)


def wait_accepted(edge, n, kind="private"):
    edge.erouted.until(lambda: seen(edge, kind).get("accepted") == n, 20, "%d of %s" % (n, kind))


SITES = wire.global_reach(wire.site("paris", 65020, prefixes=["10.0.0.0/15", "10.4.0.0/16"]),
                          wire.site("rome", 65030, prefixes=["10.30.0.0/16"]))


def behind(edge, ases):
    """The partner's plain routes come from behind these ASNs."""
    change(edge, "route-map PLAIN permit 10", "set as-path prepend " + ases)


def change(edge, *lines):
    edge.m2.configure(*lines)
    edge.m2.vty("bgpd", "clear bgp 172.16.2.1 soft out")


def test_routes_of_microsofts_are_counted_and_no_others(pair):
    pair.erouted.configure(pair.session(1), partner())
    # one may be of either peering, but only of private peering this partner ends a link
    wait_accepted(pair, 3)
    assert seen(pair)["state"] == "established" and not seen(pair)["all_paths"]
    assert (seen(pair)["drained_there"], seen(pair)["unclear"], seen(pair)["disagree"]) == (0, 0, 0)
    # and it counts as no prefix of our own link
    pair.wait_up("primary")
    assert pair.erouted.rib()["only_primary"] == 2 and pair.erouted.rib()["both"] == 0


def test_of_two_peerings_each_has_its_own(pair):
    pair.erouted.configure(pair.session(1), partner(), partner("microsoft"))
    wait_accepted(pair, 2)
    wait_accepted(pair, 1, "microsoft")
    assert seen(pair)["unclear"] == seen(pair, "microsoft")["unclear"] == 1
    # the other one is not watched any more
    pair.erouted.configure(pair.session(1), partner())
    wait_accepted(pair, 3)


def test_drain_is_eight_times_microsofts_as(pair):
    pair.erouted.configure(pair.session(1), partner())
    wait_accepted(pair, 3)
    change(pair, "route-map PLAIN permit 10", "set as-path prepend " + " ".join(["12076"] * 7))
    change(pair, "route-map PLAIN permit 10", "set local-preference 110")
    pair.erouted.until(lambda: seen(pair)["local_pref"] == 110)
    assert seen(pair)["drained_there"] == 0 and seen(pair)["disagree"] == 3
    change(pair, "route-map PLAIN permit 10", "set as-path prepend " + " ".join(["12076"] * 8))
    pair.erouted.until(lambda: seen(pair)["drained_there"] == 3)
    # a drained path has 110 with us, too
    assert seen(pair)["disagree"] == 0 and seen(pair)["accepted"] == 3


def test_an_operators_drain_is_told_by_its_preference_and_nothing_else_is(pair):
    pair.erouted.configure(pair.session(1), partner())
    wait_accepted(pair, 3)
    # plain FRR has what it likes
    change(pair, "route-map PLAIN permit 10", "set local-preference 119")
    pair.erouted.until(lambda: seen(pair)["local_pref"] == 119)
    assert (seen(pair)["own_drained_there"], seen(pair)["disagree"]) == (0, 3)
    change(pair, "route-map PLAIN permit 10", "set local-preference 120")
    pair.erouted.until(lambda: seen(pair)["own_drained_there"] == 3)
    assert (seen(pair)["accepted"], seen(pair)["drained_there"], seen(pair)["disagree"]) == (3, 0, 0)
    # and by Microsoft as well
    change(pair, "route-map PLAIN permit 10", "set as-path prepend " + " ".join(["12076"] * 8))
    pair.erouted.until(lambda: seen(pair)["drained_there"] == 3)
    assert seen(pair)["own_drained_there"] == 0, "105 is what both make of it"
    change(pair, "route-map PLAIN permit 10", "set local-preference 105")
    pair.erouted.until(lambda: seen(pair)["own_drained_there"] == 3)
    assert (seen(pair)["drained_there"], seen(pair)["disagree"]) == (3, 0)
    # it ends
    change(pair, "route-map PLAIN permit 10", "set as-path prepend 12076")
    change(pair, "route-map PLAIN permit 10", "set local-preference 150")
    pair.erouted.until(lambda: (seen(pair)["own_drained_there"], seen(pair)["drained_there"]) == (0, 0))
    assert seen(pair)["disagree"] == 0


def test_a_site_is_drained_by_a_preference_of_its_own(pair):
    change(pair, "route-map PLAIN permit 10", "set as-path prepend 12076 65020")
    pair.erouted.configure(pair.session(1), partner())
    wait_accepted(pair, 3)
    for preference, drained in ((100, 0), (98, 3), (94, 0), (92, 3), (120, 3), (150, 0)):
        change(pair, "route-map PLAIN permit 10", f"set local-preference {preference}")
        pair.erouted.until(lambda: seen(pair)["own_drained_there"] == drained, 10, f"{drained} at {preference}")


def test_another_preference_is_told_with_ours(pair):
    change(pair, "route-map PLAIN permit 10", "set local-preference 180")
    pair.erouted.configure(pair.session(1), partner())
    wait_accepted(pair, 3)
    assert (seen(pair)["disagree"], seen(pair)["local_pref"], seen(pair)["local_pref_ours"]) == (3, 180, 150)
    # our own has changed
    pair.erouted.configure(pair.session(1), partner(local_pref=180))
    pair.erouted.until(lambda: seen(pair)["disagree"] == 0)


def test_loss_is_told_at_once_and_nothing_of_before_is_left(pair):
    pair.erouted.configure(pair.session(1), partner())
    wait_accepted(pair, 3)
    pair.m2.procs["bgpd"].kill()
    pair.erouted.until(lambda: seen(pair)["state"] != "established")
    assert (seen(pair)["accepted"], seen(pair)["drained_there"]) == (0, 0)


def test_what_is_no_partner_is_a_problem_with_a_remedy(pair):
    pair.erouted.configure(pair.session(1), partner())
    wait_accepted(pair, 3)
    for lines, problem in (
        (("no neighbor 172.16.2.2",), "no neighbor 172.16.2.2 under `router bgp`: configure the partner there"),
        (("neighbor 172.16.2.2 remote-as 65002",), "has remote-as 65002: a partner is an iBGP neighbor"),
    ):
        pair.ce.configure("router bgp 65001", *lines)
        pair.erouted.until(lambda: problem in seen(pair)["problem"], 10, problem)
        assert seen(pair)["state"] == "absent" and seen(pair)["accepted"] == 0
    pair.ce.configure("router bgp 65001", "no neighbor 172.16.2.2")
    pair.ce.configure(*IBGP, "address-family ipv4 unicast", "no neighbor 172.16.2.2 activate")
    pair.erouted.until(lambda: "is not activated for ipv4 unicast" in seen(pair)["problem"])
    pair.ce.configure("router bgp 65001", "address-family ipv4 unicast", "neighbor 172.16.2.2 activate")
    wait_accepted(pair, 3)
    pair.ce.configure("no router bgp 65001")
    pair.erouted.until(lambda: "no `router bgp`" in seen(pair)["problem"])
    pair.ce.configure(*CE_CONF.strip().splitlines())
    pair.ce.configure(*IBGP)
    wait_accepted(pair, 3)


def test_the_neighbor_is_left_as_it_is(pair):
    before = pair.ce.vty("bgpd", "show running-config")
    pair.erouted.configure(pair.session(1), partner())
    wait_accepted(pair, 3)
    assert pair.ce.vty("bgpd", "show running-config") == before
    # its routes, too: local-preference is the partner's
    assert pair.local_prefs("10.0.0.0/16")["172.16.2.2"] == 150
    pair.erouted.configure(pair.session(1))
    pair.erouted.until(lambda: pair.erouted.synced == pair.erouted.generation)
    assert pair.ce.vty("bgpd", "show running-config") == before


def test_without_erouted_the_next_bgpd_knows_its_partner(pair):
    pair.erouted.configure(pair.session(1), partner())
    wait_accepted(pair, 3)
    assert pair.ce.stop("bgpd") == 0
    pair.start()
    pair.ce.configure(*IBGP)
    pair.erouted.configure(pair.session(1), partner())
    wait_accepted(pair, 3)


#
# Several circuits over the same two routers
#
FIRST, SECOND = "65001:1", "65001:2"


def of_two_circuits(pair):
    return (pair.session(1, site_of_origin=FIRST), partner(site_of_origin=FIRST),
            partner(circuit="c2", site_of_origin=SECOND))


def wait_seen(edge, circuit="c1", **want):
    def found():
        facts = edge.erouted.session("secondary", circuit=circuit)
        return {name: facts.get(name) for name in want}

    edge.erouted.until(lambda: found() == want, 20, f"{want} of {circuit}")


def mark(pair, of, origin):
    """What the partner has of that route-map came over this circuit."""
    change(pair, f"route-map {of} permit 10", f"set extcommunity soo {origin}")


def test_each_circuit_has_the_routes_with_its_mark(pair):
    change(pair, "route-map TAGGED permit 10", "set community 12076:1")
    mark(pair, "PLAIN", FIRST)
    mark(pair, "TAGGED", SECOND)
    pair.erouted.configure(*of_two_circuits(pair))
    wait_seen(pair, accepted=3, unmarked=0)
    wait_seen(pair, "c2", accepted=1, unmarked=0)
    # a drain is of the circuit that has it
    change(pair, "route-map PLAIN permit 10", "set as-path prepend " + " ".join(["12076"] * 8))
    wait_seen(pair, drained_there=3)
    wait_seen(pair, "c2", drained_there=0)
    # and what is lost of one is not hidden by the other
    change(pair, "router bgp 65001", "address-family ipv4 unicast", "no network 20.38.0.0/16 route-map TAGGED")
    wait_seen(pair, "c2", accepted=0, unmarked=0)
    wait_seen(pair, accepted=3)


def test_a_partner_without_marks_is_told_of_until_it_has_them(pair):
    pair.erouted.configure(*of_two_circuits(pair))
    wait_seen(pair, accepted=0, unmarked=4)
    wait_seen(pair, "c2", accepted=0, unmarked=4)
    mark(pair, "PLAIN", FIRST)
    wait_seen(pair, accepted=3)
    mark(pair, "PLAIN", SECOND)
    wait_seen(pair, accepted=0, unmarked=1)
    # none is asked for any more
    pair.erouted.configure(pair.session(1), partner())
    wait_seen(pair, accepted=3, unmarked=0)


@pytest.mark.parametrize("origin", ["4200000000:7", "192.0.2.1:7", "65001:4200000000"])
def test_every_encoding_of_a_mark_is_understood(pair, origin):
    mark(pair, "PLAIN", "65001:9")
    pair.erouted.configure(pair.session(1), partner(site_of_origin=origin))
    wait_seen(pair, accepted=0, unmarked=1)
    mark(pair, "PLAIN", origin)
    wait_seen(pair, accepted=3)


def marks(edge, net="10.0.0.0/16"):
    """Extended communities of the path over our own link."""
    paths = json.loads(edge.ce.vty("bgpd", f"show bgp ipv4 unicast {net} json")).get("paths", [])
    return [sorted(path.get("extendedCommunity", {}).get("string", "").split())
            for path in paths if path["peer"]["peerId"] == "172.16.1.2"]


def test_what_microsoft_sends_is_marked_and_a_change_is_in_force_without_a_flap(pair):
    pair.erouted.configure(pair.session(1, site_of_origin=FIRST))
    pair.wait_up("primary")
    since = pair.erouted.session()["established_wall"]
    for origin, want in ((FIRST, [f"SoO:{FIRST}"]), (SECOND, [f"SoO:{SECOND}"]), ("", []), (FIRST, [f"SoO:{FIRST}"])):
        pair.erouted.configure(pair.session(1, site_of_origin=origin))
        pair.erouted.until(lambda: marks(pair) == [want], 10, f"{want}, not {marks(pair)}")
    assert pair.erouted.session()["established_wall"] == since
    assert pair.local_prefs("10.0.0.0/16")["172.16.1.2"] == 150


def test_a_mark_of_the_neighbors_is_replaced_and_all_else_is_kept(pair):
    pair.msee(pair.m1, "route-map OUT permit 20", "set extcommunity soo 65001:9", "set extcommunity rt 65001:5")
    pair.erouted.configure(pair.session(1, site_of_origin=FIRST))
    pair.wait_up("primary")
    pair.erouted.until(lambda: marks(pair) == [["RT:65001:5", f"SoO:{FIRST}"]], 10, f"one mark, not {marks(pair)}")


#
# Sites behind the partner's link
#


def test_a_sites_routes_are_counted_on_the_partners_link(pair):
    """10.0.0.0/16 and 10.1.0.0/16 are Paris'; our own link has them as a VNet's."""
    behind(pair, "12076 12076 65020")
    pair.erouted.configure(pair.session(1), partner(), wire.peering(), *SITES)
    told = tells(pair, "paris", only_secondary=2, missing=1, overlaps=2)
    assert told["missing_prefixes"] == ["10.4.0.0/16"]
    tells(pair, "rome", missing=1)
    # 20.39.0.0/16 it may not send: that is the partner's to refuse
    tells(pair, "")
    # and it is neither counted as refused nor by its communities
    assert not any(pair.erouted.rib()["refused"].values())
    # Azure's now
    behind(pair, "12076")
    tells(pair, "paris", missing=2, overlaps=2)


def test_both_links_of_a_site_are_told_apart_across_routers(pair):
    behind(pair, "12076 12076 65020")
    pair.m1.configure("route-map OUT permit 20", "set as-path prepend 65020")
    pair.erouted.configure(pair.session(1), partner(), wire.peering(), *SITES)
    tells(pair, "paris", both=2, missing=1)
    # lost there, and only there
    pair.m2.configure("router bgp 65001", "address-family ipv4 unicast", "no network 10.1.0.0/16")
    tells(pair, "paris", both=1, only_primary=1, missing=1)
    pair.m2.configure("router bgp 65001", "address-family ipv4 unicast", "network 10.1.0.0/16 route-map PLAIN")
    tells(pair, "paris", both=2, missing=1)
    # with the session all of it is
    pair.m2.procs["bgpd"].kill()
    tells(pair, "paris", only_primary=2, missing=1)


def test_of_two_peerings_a_site_is_of_the_private_one(pair):
    """20.38.0.0/16 is of Microsoft peering, 20.39.0.0/16 may be."""
    behind(pair, "12076 12076 65020")
    anywhere = wire.global_reach(wire.site("paris", 65020), wire.site("eight", 8075))
    pair.erouted.configure(pair.session(1), partner(), wire.peering(), *anywhere)
    tells(pair, "paris", only_secondary=3)
    tells(pair, "eight")
    pair.erouted.configure(pair.session(1), partner(), partner("microsoft"), wire.peering(), *anywhere)
    tells(pair, "paris", only_secondary=2)


def test_a_maximum_is_of_what_comes_over_our_own_link(pair):
    behind(pair, "12076 12076 65020")
    pair.m1.configure("route-map OUT permit 20", "set as-path prepend 65020")
    pair.erouted.configure(pair.session(1), partner(), wire.peering(),
                           *wire.global_reach(wire.site("paris", 65020, prefixes=["10.0.0.0/15"], maximum=1)))
    tells(pair, "paris", both=1, only_secondary=1, limit=1)


def test_a_site_is_counted_while_our_own_link_is_shut_down(pair):
    behind(pair, "12076 12076 65020")
    pair.erouted.configure(partner(), wire.peering(), *SITES)
    tells(pair, "paris", only_secondary=2, missing=1)
    pair.ce.configure("no router bgp 65001")
    tells(pair, "paris", missing=2)


def test_a_sites_ipv6_is_counted_on_the_partners_link(pair):
    pair.m2.configure(
        "router bgp 65001", "no bgp default ipv4-unicast", "neighbor 172.16.2.1 capability extended-nexthop",
        "address-family ipv6 unicast", "network 2001:db8:20::/48 route-map PLAIN", "neighbor 172.16.2.1 activate",
        "exit-address-family", "exit", "route-map PLAIN permit 10", "set ipv6 next-hop global 2001:db8:2::2")
    behind(pair, "12076 12076 65020")
    pair.ce.configure("router bgp 65001", "address-family ipv6 unicast", "neighbor 172.16.2.2 activate")
    six = wire.session("primary", "2001:db8:1::1", "2001:db8:1::2", keepalive=3, hold=9)
    there = wire.session("secondary", "0.0.0.0", "172.16.2.2", mode="partner", neighbor_as=0, family="ipv6")
    pair.erouted.configure(six, there, wire.peering(family="ipv6"),
                           *wire.global_reach(wire.site("paris", 65020, prefixes=["2001:db8:20::/44"])))
    tells(pair, "paris", family="ipv6", only_secondary=1)


def test_a_site_with_our_own_as_is_seen_when_the_operator_lets_it_in(pair):
    behind(pair, "12076 12076 65001")
    pair.m1.configure("route-map OUT permit 20", "set as-path prepend 65001")
    twin = wire.global_reach(wire.site("twin", prefixes=["10.0.0.0/15"], same_as=True))
    pair.erouted.configure(pair.session(1), partner(), wire.peering(), *twin)
    tells(pair, "twin", only_primary=2)
    pair.ce.configure("router bgp 65001", "address-family ipv4 unicast", "neighbor 172.16.2.2 allowas-in 10")
    tells(pair, "twin", both=2)


def test_a_site_behind_another_circuit_is_not_seen_on_this_one(pair):
    behind(pair, "12076 12076 65020")
    pair.erouted.configure(*of_two_circuits(pair), wire.peering(), wire.peering(circuit="c2"), *SITES)
    tells(pair, "paris", missing=2, overlaps=2)
    mark(pair, "PLAIN", SECOND)
    tells(pair, "paris", circuit="c2", only_secondary=2, missing=1)
    tells(pair, "paris", missing=2, overlaps=2)
    mark(pair, "PLAIN", FIRST)
    tells(pair, "paris", only_secondary=2, missing=1, overlaps=2)
    tells(pair, "paris", circuit="c2", missing=2)
