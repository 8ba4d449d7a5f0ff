# SPDX-License-Identifier: GPL-2.0-or-later
"""VPN gateways beside a circuit: sessions, what comes in, what goes out."""

import json

import pytest

import lab
import wire
from far import Speaker, wait
from gateways import LOOPBACK, Gateways, goes_via, paths
from test_outbound import advertises

OWN = ["192.168.1.0/24", "192.168.2.0/24"]
GW0, GW1 = "172.31.0.2", "172.31.1.2"
HUB = ("10.0.0.0/16", "10.9.0.0/16")


def circuit(edge, *nets, **spec):
    """A circuit that backs nothing itself; hub backs it."""
    return [*edge.both(), wire.peering(**spec), *[wire.advertise(n) for n in nets],
            wire.backs()]


def test_managed_gateways_come_up_below_expressroute_and_leave_no_trace(edge):
    edge.start()
    gateways = Gateways(edge, HUB)
    edge.erouted.configure(*circuit(edge, *OWN), *gateways.both(bfd=(300, 300, 3)),
                           wire.peering("vpn", circuit="hub"))
    edge.wait_up()
    gateways.wait_up(prefixes=2)
    edge.erouted.until(lambda: gateways.facts()["bfd"] != "disabled")
    running = edge.ce.vty("bgpd", "show running-config")
    assert "172.31." not in running and "172.16." not in running
    assert "gateway 0 hub vpn-b" in edge.ce.vty("bgpd", "show bgp summary wide")
    # the same prefix: every path of ExpressRoute before every one of the VPN
    wait(lambda: len(paths(edge, "10.0.0.0/16")) == 4, lambda: paths(edge, "10.0.0.0/16"))
    assert {n: p for n, (p, _) in paths(edge, "10.0.0.0/16").items()} == {
        "172.16.1.2": 150, "172.16.2.2": 150, GW0: 90, GW1: 90}
    edge.prepend(edge.m1, 8)
    edge.prepend(edge.m2, 8)
    edge.erouted.until(lambda: edge.erouted.rib()["drained_primary"] == 2)
    edge.erouted.until(lambda: edge.erouted.rib()["drained_secondary"] == 2)
    wait(lambda: paths(edge, "10.0.0.0/16")["172.16.1.2"][0] == 110,
         lambda: paths(edge, "10.0.0.0/16"))
    assert paths(edge, "10.0.0.0/16")[GW0] == (90, False)
    # no RIB of a circuit, no counts by community of what is none
    assert ("hub", "vpn", "ipv4") not in edge.erouted.ribs
    assert ("hub", "vpn", "ipv4") not in edge.erouted.counts


def test_failover_is_bgps_own_without_erouted(edge):
    edge.start()
    gateways = Gateways(edge, HUB)
    edge.erouted.configure(*circuit(edge, *OWN), *gateways.both())
    edge.wait_up()
    gateways.wait_up(prefixes=2)
    edge.erouted.close()
    edge.erouted = None
    edge.m1.ip("link set eth0 down")
    edge.m2.ip("link set eth0 down")
    wait(lambda: any(paths(edge, "10.0.0.0/16").get(g, (0, 0))[1] for g in (GW0, GW1)),
         lambda: paths(edge, "10.0.0.0/16"), 20)
    edge.m1.ip("link set eth0 up")
    goes_via(edge, "10.0.0.0/16", "172.16.1.2", 30)


def test_ipv6(edge):
    edge.start()
    gateways = Gateways(edge, ["2001:db8:100::/48", "2001:db8:900::/48"])
    edge.ce.configure("router bgp 65001", "address-family ipv6 unicast",
                      "network 2001:db8:a::/48", "network 2001:db8:b::/48")
    edge.erouted.configure(
        wire.session("primary", "2001:db8:1::1", "2001:db8:1::2"),
        wire.peering(family="ipv6"), wire.advertise("2001:db8:a::/48"), wire.backs(),
        *gateways.both(family="ipv6"))
    gateways.wait_up(prefixes=2, family="ipv6")
    edge.erouted.until(lambda: edge.erouted.session(family="ipv6").get("accepted") == 1)
    assert {n: p for n, (p, _) in paths(edge, "2001:db8:100::/48").items()} == {
        "2001:db8:1::2": 150, "2001:db8:31::2": 90, "2001:db8:31:1::2": 90}
    gateways.has("2001:db8:a::/48", family="ipv6")


def test_a_neighbor_behind_the_tunnel_needs_multihop(edge):
    edge.start()
    gateways = Gateways(edge, HUB, more="""
 neighbor 172.31.0.1 ebgp-multihop 2
 neighbor 172.31.0.1 update-source %s
""" % LOOPBACK["ipv4"])
    edge.ce.ip("route add %s/32 via 172.31.0.2" % LOOPBACK["ipv4"])

    def configure(multihop, local="0.0.0.0"):
        edge.erouted.configure(gateways.session(0, neighbor=LOOPBACK["ipv4"], local=local,
                                                multihop=multihop))

    configure(2)
    gateways.wait_up(0, prefixes=2)
    text = edge.ce.vty("bgpd", "show bgp neighbors " + LOOPBACK["ipv4"])
    assert "up to 2 hops away" in text and "Local host: 172.31.0.1" in text
    assert "Update source is" not in text
    # leave the choice to bgpd, or make it; another TTL
    configure(3, "172.31.0.1")
    edge.erouted.until(lambda: gateways.facts()["state"] != "established")
    gateways.wait_up(0, prefixes=2)
    text = edge.ce.vty("bgpd", "show bgp neighbors " + LOOPBACK["ipv4"])
    assert "up to 3 hops away" in text and "Update source is 172.31.0.1" in text
    configure(1)
    edge.erouted.until(lambda: gateways.facts()["state"] != "established")
    gateways.wait_up(0, prefixes=2)
    text = edge.ce.vty("bgpd", "show bgp neighbors " + LOOPBACK["ipv4"])
    assert "up to 1 hops away" in text and "Update source is" not in text


def test_attached_gateways_are_the_operators(edge):
    edge.start()
    gateways = Gateways(edge, HUB)
    edge.ce.configure("route-map VPN permit 10", "set local-preference 300",
                      "set community 65001:7")
    edge.ce.configure("router bgp 65001", "neighbor %s remote-as 65515" % GW0,
                      "address-family ipv4 unicast", "neighbor %s route-map VPN in" % GW0)
    before = edge.ce.vty("bgpd", "show running-config")
    edge.erouted.configure(*circuit(edge, *OWN), *gateways.both(mode="attached"))
    edge.wait_up()
    gateways.wait_up(0, prefixes=2)
    # the operator's map is asked, the local-preference is the backup's
    wait(lambda: paths(edge, "10.9.0.0/16").get(GW0) == (90, True),
         lambda: paths(edge, "10.9.0.0/16"))
    assert "65001:7" in edge.ce.vty("bgpd", "show bgp ipv4 unicast 10.9.0.0/16")
    assert edge.ce.vty("bgpd", "show running-config") == before
    gateways.has(*OWN)
    assert "no neighbor %s" % GW1 in gateways.facts(1)["problem"]
    # somebody else's AS
    edge.ce.configure("router bgp 65001", "neighbor %s remote-as 65516" % GW1)
    edge.erouted.until(lambda: "the gateway's is 65515" in gateways.facts(1)["problem"])
    # let go
    edge.erouted.configure(*circuit(edge, *OWN))
    wait(lambda: paths(edge, "10.9.0.0/16").get(GW0) == (300, True),
         lambda: paths(edge, "10.9.0.0/16"))


def test_guards_of_a_gateway(edge):
    edge.start()
    gateways = Gateways(edge, [*HUB, *OWN, "192.168.9.0/24", "10.7.0.0/16", "10.8.0.0/16"])
    gateways.router.configure("ip prefix-list LOOP permit 10.7.0.0/16")
    gateways.router.configure("ip prefix-list DOC permit 10.8.0.0/16")
    gateways.router.configure("route-map OUT permit 10", "match ip address prefix-list LOOP",
                              "set as-path prepend 65001")
    gateways.router.configure("route-map OUT permit 20", "match ip address prefix-list DOC",
                              "set as-path prepend 64500")
    gateways.router.configure("route-map OUT permit 30")
    gateways.router.configure("router bgp 65515", "address-family ipv4 unicast",
                              "neighbor 172.31.0.1 route-map OUT out")
    edge.erouted.configure(*circuit(edge, OWN[0]), gateways.session(0),
                           wire.advertise("192.168.9.0/24", "hub", "vpn"))
    edge.wait_up()
    # refused: what the circuit advertises, what it itself does, own AS, reserved AS
    wanted = {*HUB, OWN[1]}
    gateways.wait_up(0, prefixes=len(wanted))
    for net in wanted:
        assert GW0 in paths(edge, net)
    # another set: what was ours may come in, what is ours now goes
    edge.erouted.configure(*circuit(edge, OWN[1]), gateways.session(0))
    wait(lambda: GW0 in paths(edge, OWN[0]) and GW0 in paths(edge, "192.168.9.0/24") and
         GW0 not in paths(edge, OWN[1]), lambda: paths(edge, OWN[1]))


def test_a_documentation_as_may_be_the_gateways_own(edge):
    edge.start()
    gateways = Gateways(edge, HUB)
    gateways.router.configure(
        "router bgp 65515", "neighbor 172.31.0.1 local-as 64500 no-prepend replace-as")
    edge.erouted.configure(gateways.session(0, neighbor_as=64500))
    gateways.wait_up(0, prefixes=2)


def test_what_the_circuits_advertise_goes_over_the_vpn_and_no_more(edge):
    edge.start()
    gateways = Gateways(edge, HUB)
    base = [*edge.both(), *gateways.both(), wire.backs()]
    edge.ce.configure("router bgp 65001", "address-family ipv4 unicast",
                      "network 192.168.1.128/25", "network 192.168.4.0/24")

    def configure(*more, **spec):
        edge.erouted.configure(*base, wire.peering(), wire.peering("vpn", circuit="hub", **spec),
                               wire.advertise("192.168.1.0/24"), *more)

    configure()
    edge.wait_up()
    gateways.wait_up()
    gateways.has("192.168.1.0/24")
    gateways.has("192.168.1.0/24", n=1)
    assert gateways.received()["192.168.1.0/24"] == "65001"
    # its own, more specifics, and back
    configure(wire.advertise("192.168.3.0/24", "hub", "vpn"))
    gateways.has("192.168.1.0/24", "192.168.3.0/24")
    advertises(edge, ["192.168.1.0/24"])
    configure(more_specifics=True)
    gateways.has("192.168.1.0/24", "192.168.1.128/25")
    configure(wire.advertise("192.168.2.0/24"))
    gateways.has("192.168.1.0/24", "192.168.2.0/24")
    # whether or not ExpressRoute is up
    edge.m1.ip("link set eth0 down")
    edge.m2.ip("link set eth0 down")
    edge.erouted.until(lambda: edge.erouted.session("secondary")["state"] != "established", 20)
    gateways.has("192.168.1.0/24", "192.168.2.0/24")
    # nor whether the circuit has any session at all
    edge.erouted.configure(*gateways.both(), wire.backs(), wire.peering(),
                           wire.advertise("192.168.2.0/24"))
    gateways.has("192.168.2.0/24")
    # it backs nothing any more
    edge.erouted.configure(*gateways.both(), wire.peering(), wire.advertise("192.168.2.0/24"))
    gateways.has()


def test_a_circuit_goes_from_one_backup_to_another_in_one_set(edge):
    edge.start()
    gateways = Gateways(edge, HUB)
    base = [*edge.both(), *gateways.both(), wire.peering(), wire.advertise("192.168.1.0/24"),
            wire.peering("vpn", circuit="zulu")]
    edge.erouted.configure(*base, wire.backs(vpn="zulu"))
    edge.wait_up()
    gateways.wait_up()
    gateways.has()
    edge.erouted.configure(*base, wire.backs())
    gateways.has("192.168.1.0/24")
    edge.erouted.configure(*base, wire.backs(vpn="zulu"))
    gateways.has()


def test_expressroute_and_vpn_are_no_transit(edge):
    """Whatever the sets say: even what the backup was told to advertise."""
    edge.start()
    gateways = Gateways(edge, HUB)
    nets = ["10.0.0.0/16", "10.1.0.0/16", "10.9.0.0/16"]
    edge.erouted.configure(*circuit(edge, *OWN, "10.9.0.0/16"), *gateways.both(),
                           *[wire.advertise(n, "hub", "vpn") for n in nets[:2]])
    edge.wait_up()
    gateways.wait_up()
    gateways.has(*OWN)
    advertises(edge, OWN)


def test_a_circuits_prefix_list_and_maps_decide_for_its_vpn_as_well(edge):
    edge.start()
    gateways = Gateways(edge, HUB)
    edge.ce.configure("ip prefix-list OURS permit 192.168.0.0/16 le 24")
    edge.ce.configure("ip prefix-list NOT2 permit 192.168.2.0/24")
    edge.ce.configure("route-map OUTER deny 10", "match ip address prefix-list NOT2")
    edge.ce.configure("route-map OUTER permit 20", "set metric 77")

    def configure(map_out, *more):
        edge.erouted.configure(*edge.both(map_out=map_out), *gateways.both(), wire.backs(),
                               wire.peering(advertise_list="OURS"), *more)

    configure("OUTER")
    gateways.wait_up()
    gateways.has("192.168.1.0/24", "192.168.3.0/24")
    # their settings are for their own neighbors
    assert '"metric":77' not in gateways.router.vty(
        "bgpd", "show bgp ipv4 unicast 192.168.1.0/24 json").replace(" ", "")
    edge.ce.configure("ip prefix-list OURS seq 1 deny 192.168.3.0/24")
    gateways.has("192.168.1.0/24")
    edge.ce.configure("no route-map OUTER deny 10")
    gateways.has("192.168.1.0/24", "192.168.2.0/24")
    # the gateway's own map
    edge.erouted.configure(*edge.both(), gateways.session(0, map_out="ONLY2"), wire.backs(),
                           wire.peering(advertise_list="OURS"))
    edge.ce.configure("route-map ONLY2 permit 10", "match ip address prefix-list NOT2")
    gateways.has("192.168.2.0/24")


def test_an_attached_circuits_own_filters_decide_for_its_vpn_as_well(edge):
    edge.start()
    gateways = Gateways(edge, HUB)
    edge.ce.configure("ip prefix-list SOME permit 192.168.1.0/24",
                      "ip prefix-list SOME permit 192.168.3.0/24",
                      "ip prefix-list NOT1 deny 192.168.1.0/24",
                      "ip prefix-list NOT1 permit any")
    edge.ce.configure("router bgp 65001", "neighbor 172.16.1.2 remote-as 12076",
                      "address-family ipv4 unicast", "neighbor 172.16.1.2 prefix-list SOME out")
    edge.erouted.configure(edge.session(1, mode="attached"), wire.peering(), wire.backs(),
                           *gateways.both())
    edge.wait_up("primary")
    gateways.wait_up()
    gateways.has("192.168.1.0/24", "192.168.3.0/24")
    # RFC 8212: without any policy it advertises nothing, nor does its VPN
    edge.ce.configure("router bgp 65001", "address-family ipv4 unicast",
                      "no neighbor 172.16.1.2 prefix-list SOME out")
    edge.erouted.configure(edge.session(1, mode="attached"), wire.peering(), wire.backs(),
                           *gateways.both(), wire.advertise("192.168.2.0/24", "hub", "vpn"))
    gateways.has("192.168.2.0/24")


def test_what_is_held_back_at_the_limit_is_held_back_where_it_would_attract_traffic(edge):
    edge.start()
    gateways = Gateways(edge, HUB)
    edge.ce.configure("router bgp 65001", "address-family ipv4 unicast",
                      "network 192.168.1.128/25")
    nets = ["192.168.1.0/24", "192.168.2.0/24", "192.168.1.128/25", "192.168.3.0/24"]
    wanted = [*[wire.advertise(n) for n in nets], wire.priority(nets[0], 3),
              wire.priority(nets[2], 1), wire.priority(nets[3], 1), wire.priority(nets[1], 2)]

    def configure(limit, **spec):
        edge.erouted.configure(*edge.both(), *gateways.both(), wire.backs(),
                               wire.peering(limit=limit),
                               wire.peering("vpn", circuit="hub", **spec), *wanted)

    configure(2)
    edge.wait_up()
    gateways.wait_up()
    advertises(edge, nets[:2])
    # 192.168.3.0/24 is out of reach over ExpressRoute: over the VPN it is not
    gateways.has(nets[0], nets[1], nets[3])
    configure(2, more_specifics=True)
    gateways.has(*nets)
    configure(2)
    gateways.has(nets[0], nets[1], nets[3])
    configure(4)
    gateways.has(*nets)


@pytest.mark.parametrize("count", (2, 1000))
def test_another_local_preference_moves_all_paths_at_once(edge, count):
    """In place: no route refresh, no reset."""
    edge.start()
    gateways = Gateways(edge)
    nets = ["10.%d.%d.0/24" % (i >> 8, i & 255) for i in range(count)]
    gateways.networks(*nets)
    Speaker(edge, 1, [(n, ()) for n in nets])
    base = [edge.session(1), wire.peering(), wire.backs()]
    edge.erouted.configure(*base, gateways.session(0))
    gateways.wait_up(0, prefixes=count)
    edge.wait_up("primary", prefixes=count)
    goes_via(edge, nets[-1], "172.16.1.2")
    before = json.loads(edge.ce.vty("bgpd", "show bgp neighbors %s json" % GW0))[GW0]
    for local_pref, best in ((5000, GW0), (90, "172.16.1.2")):
        edge.erouted.configure(*base, gateways.session(0, local_pref=local_pref,
                                                       local_pref_drained=local_pref))
        for net in (nets[0], nets[-1]):
            goes_via(edge, net, best, 3)
            assert paths(edge, net)[GW0][0] == local_pref
    after = json.loads(edge.ce.vty("bgpd", "show bgp neighbors %s json" % GW0))[GW0]
    assert after["messageStats"]["routeRefreshSent"] == \
        before["messageStats"]["routeRefreshSent"]
    assert after["connectionsEstablished"] == before["connectionsEstablished"]


def test_an_active_vpn_wins_against_any_region_preference(edge):
    edge.start()
    gateways = Gateways(edge, ["10.0.0.0/16"])
    Speaker(edge, 1, [("10.0.0.0/16", ["12076:51004"])])
    base = [edge.session(1), wire.peering(), wire.backs(),
            wire.region("12076:51004", 4100)]
    edge.erouted.configure(*base, gateways.session(0))
    edge.wait_up("primary", prefixes=1)
    gateways.wait_up(0, prefixes=1)
    goes_via(edge, "10.0.0.0/16", "172.16.1.2")
    edge.erouted.configure(*base, gateways.session(0, local_pref=5000))
    goes_via(edge, "10.0.0.0/16", GW0)


def test_in_a_vrf(edge):
    edge.start(conf="")
    lab.vrf(edge.ce, "red")
    gateways = Gateways(edge, HUB)
    for ifname in ("eth1", "eth2", "eth3", "eth4"):
        edge.ce.ip("link set %s master red" % ifname)
    edge.ce.configure("router bgp 65001 vrf red", "no bgp network import-check",
                      "address-family ipv4 unicast", "network 192.168.1.0/24")
    edge.erouted.configure(*edge.both(vrf="red"), wire.peering(), wire.backs(),
                           wire.advertise("192.168.1.0/24"), *gateways.both(vrf="red"))
    edge.wait_up()
    gateways.wait_up(prefixes=2)
    gateways.has("192.168.1.0/24")
    assert paths(edge, "10.0.0.0/16", "vrf red")[GW0][0] == 90


def test_gateways_of_another_name_than_circuits_keep_to_themselves(edge):
    """Names of circuits and of backups are two name spaces."""
    edge.start()
    gateways = Gateways(edge, HUB)
    edge.erouted.configure(*circuit(edge, *OWN)[:-1], wire.backs(vpn="c1"),
                           *gateways.both(circuit="c1"))
    edge.wait_up()
    edge.erouted.until(lambda: edge.erouted.session(circuit="c1", peering="vpn").get(
        "accepted") == 2, 20)
    assert edge.erouted.rib()["both"] == 2
    gateways.has(*OWN)


def test_a_message_of_nonsense_is_refused(edge):
    edge.start()
    edge.erouted.configure()
    edge.erouted.send(wire.backs())
    edge.erouted.until(lambda: not edge.erouted.poll(0.1) or True)
    edge.erouted.accept()
    assert "outside of a set" in edge.ce.log("bgpd")


def test_explained(edge):
    edge.start()
    gateways = Gateways(edge, HUB)
    edge.erouted.configure(*circuit(edge, *OWN), *gateways.both())
    edge.wait_up()
    gateways.wait_up(prefixes=2)
    gateways.has(*OWN)

    def steps(net, stage):
        return [(a["rule"], a["verdict"], a["text"]) for a in edge.erouted.ask(
            wire.ask_route, net) if a["stage"] == stage and
            (a["session"] or ("",))[0] in ("hub", "")]

    inbound = steps("10.0.0.0/16", "inbound")
    assert not [s for s in inbound if s[0] == "first-as"]
    assert ("local-preference", "info", "local-preference 90: the VPN backup's") in inbound
    best = [a["text"] for a in edge.erouted.ask(wire.ask_route, "10.0.0.0/16")
            if a["stage"] == "best"]
    assert any("not used: hub gateway 0 ipv4, local-preference 90" in b for b in best), best
    assert ("none", "pass", "advertised") in steps(OWN[0], "outbound")
    refused = steps("10.0.0.0/16", "outbound")
    assert refused[0][:2] == ("not-advertised", "refuse") and "no transit" in refused[0][2]
    assert steps("192.168.3.0/24", "outbound")[0][:2] == ("not-advertised", "refuse")


def test_a_tunnel_that_is_made_anew(edge):
    edge.start()
    gateways = Gateways(edge, HUB)
    edge.erouted.configure(*circuit(edge, *OWN), *gateways.both())
    gateways.wait_up(prefixes=2)
    edge.ce.ip("link del eth3")
    edge.erouted.until(lambda: gateways.facts()["state"] != "established", 20)
    lab.link(edge.ce, "eth3", gateways.router, "eth0")
    lab.address(edge.ce, "eth3", "172.31.0.1/30")
    lab.address(gateways.router, "eth0", "172.31.0.2/30")
    gateways.wait_up(prefixes=2)
