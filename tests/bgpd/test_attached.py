# SPDX-License-Identifier: GPL-2.0-or-later
"""Sessions over neighbors that are the operator's own."""

import wire
from test_outbound import advertises

OWN = ("router bgp 65001", "neighbor 172.16.1.2 remote-as 12076",
       "neighbor 172.16.2.2 remote-as 12076", "address-family ipv4 unicast")


def attach(edge, *lines):
    edge.ce.configure("route-map THEIRS permit 10", "set community 65001:1", "set local-preference 77")
    edge.ce.configure("route-map OTHER permit 10", "set community 65001:2")
    edge.ce.configure("ip prefix-list SOME permit 10.0.0.0/16")
    edge.ce.configure("route-map ONLY permit 10", "match ip address prefix-list SOME")
    edge.ce.configure("route-map OUTBOUND permit 10")
    edge.ce.configure(*OWN, "neighbor 172.16.1.2 route-map THEIRS in",
                      "neighbor 172.16.1.2 route-map OUTBOUND out", *lines)


def running(edge):
    return edge.ce.vty("bgpd", "show running-config")


def test_absent_until_the_operator_configures_it(edge):
    edge.start()
    edge.erouted.configure(*edge.both(mode="attached"))
    assert edge.erouted.session()["state"] == "absent"
    assert "session managed" in edge.erouted.session()["problem"]
    attach(edge)
    edge.wait_up("primary")


def test_ours_calls_theirs_and_running_config_shows_theirs(edge):
    edge.start()
    attach(edge)
    before = running(edge)
    edge.bring_up(*edge.both(mode="attached"))
    edge.erouted.until(lambda: edge.local_prefs("10.0.0.0/16").get("172.16.1.2") == 150)
    assert "65001:1" in edge.ce.vty("bgpd", "show bgp ipv4 unicast 10.0.0.0/16")
    assert running(edge) == before
    assert "neighbor 172.16.1.2 route-map THEIRS in" in before
    edge.prepend(edge.m1, 8)
    edge.erouted.until(lambda: edge.local_prefs("10.0.0.0/16") == {
        "172.16.1.2": 110, "172.16.2.2": 150})


def test_remote_as_external_has_our_policy_from_the_first_route(edge):
    edge.start()
    # so that bgpd has no second connection whose end it would notice
    edge.m1.configure("router bgp 12076", "neighbor 172.16.1.1 passive")
    edge.erouted.configure(*edge.both(mode="attached"), wire.peering(route_filter="none"),
                           *wire.route_filter("none"))
    edge.ce.configure("route-map ANY permit 10")
    edge.ce.configure("router bgp 65001", "neighbor 172.16.1.2 remote-as external",
                      "address-family ipv4 unicast", "neighbor 172.16.1.2 route-map ANY in",
                      "neighbor 172.16.1.2 route-map ANY out")
    edge.erouted.until(lambda: edge.erouted.session()["state"] == "established", 20)
    edge.erouted.until(lambda: edge.erouted.session()["filtered"] == 2)
    assert edge.erouted.session()["accepted"] == 0 and not edge.erouted.session()["problem"]
    assert not edge.local_prefs("10.0.0.0/16")


def test_routes_that_were_there_before_are_counted(edge):
    edge.start()
    attach(edge)
    edge.erouted.configure()
    edge.ce.configure("router bgp 65001", "no bgp ebgp-requires-policy")
    import time
    end = time.monotonic() + 15
    while len(edge.local_prefs("10.0.0.0/16")) < 2:
        assert time.monotonic() < end
        time.sleep(0.1)
    edge.bring_up(*edge.both(mode="attached"))
    assert edge.erouted.rib()["both"] == 2
    edge.erouted.until(lambda: set(edge.local_prefs("10.0.0.0/16").values()) == {150})


def test_the_operator_changes_and_removes_the_route_map(edge):
    edge.start()
    attach(edge)
    edge.bring_up(*edge.both(mode="attached"))
    edge.ce.configure(*OWN, "neighbor 172.16.1.2 route-map ONLY in")
    edge.erouted.until(lambda: edge.erouted.rib()["only_secondary"] == 1)
    assert "neighbor 172.16.1.2 route-map ONLY in" in running(edge)
    edge.ce.configure(*OWN, "no neighbor 172.16.1.2 route-map ONLY in")
    edge.erouted.until(lambda: edge.erouted.rib()["both"] == 2)
    assert "route-map ONLY in" not in running(edge) and "er:c1" not in running(edge)
    assert set(edge.local_prefs("10.0.0.0/16").values()) == {150}
    # a map that is missing denies everything, as in bgpd
    edge.ce.configure(*OWN, "neighbor 172.16.1.2 route-map MISSING in")
    edge.erouted.until(lambda: edge.erouted.rib()["only_secondary"] == 2)
    edge.ce.configure("route-map MISSING permit 10")
    edge.erouted.until(lambda: edge.erouted.rib()["both"] == 2, 20)


def test_the_operators_map_is_edited(edge):
    edge.start()
    attach(edge)
    edge.bring_up(*edge.both(mode="attached"))
    edge.ce.configure("route-map THEIRS permit 10", "match ip address prefix-list SOME")
    edge.erouted.until(lambda: edge.erouted.rib()["only_secondary"] == 1, 20)


def test_the_operator_deletes_our_route_map(edge):
    edge.start()
    attach(edge)
    edge.bring_up(*edge.both(mode="attached"))
    name = "er:c1:private:ipv4:primary:in"
    assert name in edge.ce.vty("bgpd", "show route-map")
    edge.ce.configure("route-map %s deny 5" % name)
    edge.erouted.until(lambda: "has been edited" in edge.erouted.session()["problem"])
    edge.ce.configure("no route-map %s" % name)
    edge.erouted.until(lambda: not edge.erouted.session()["problem"])
    edge.ce.vty("bgpd", "clear bgp 172.16.1.2")
    edge.erouted.until(lambda: edge.erouted.session()["state"] != "established")
    edge.wait_up()
    # bgpd's own refresh, five seconds after the change, changes nothing
    edge.erouted.poll(6)
    assert edge.erouted.rib()["both"] == 2
    assert edge.local_prefs("10.0.0.0/16")["172.16.1.2"] == 150


def test_the_neighbor_goes_and_comes(edge):
    edge.start()
    attach(edge)
    edge.bring_up(*edge.both(mode="attached"))
    edge.ce.configure("router bgp 65001", "no neighbor 172.16.1.2")
    edge.erouted.until(lambda: edge.erouted.session()["state"] == "absent")
    edge.erouted.until(lambda: edge.erouted.rib()["only_secondary"] == 2)
    attach(edge)
    edge.wait_up()


def test_no_longer_attached_is_as_before(edge):
    edge.start()
    attach(edge)
    before = running(edge)
    edge.bring_up(*edge.both(mode="attached"))
    edge.erouted.configure()
    edge.erouted.poll(0.2)
    assert running(edge) == before
    neighbor = edge.ce.vty("bgpd", "show bgp neighbors 172.16.1.2")
    assert "Route map for incoming advertisements is *THEIRS" in neighbor
    # bgpd lists a deleted route-map until its update timer has run
    edge.erouted.until(lambda: "er:c1" not in edge.ce.vty("bgpd", "show route-map"))


def test_another_as_than_microsofts(edge):
    edge.start()
    edge.ce.configure("router bgp 65001", "neighbor 172.16.1.2 remote-as 65099")
    edge.erouted.configure(edge.session(1, mode="attached"))
    assert "remote-as 65099" in edge.erouted.session()["problem"]
    edge.ce.configure("router bgp 65001", "neighbor 172.16.1.2 remote-as 12076")
    edge.wait_up("primary")
    assert edge.erouted.session()["problem"] == ""


def test_a_map_of_the_peer_group(edge):
    edge.start()
    edge.ce.configure("route-map THEIRS permit 10", "set community 65001:1")
    edge.ce.configure("route-map OTHER permit 10", "set community 65001:2")
    edge.ce.configure("router bgp 65001", "neighbor MS peer-group", "neighbor MS remote-as 12076",
                      "neighbor 172.16.1.2 peer-group MS", "address-family ipv4 unicast",
                      "neighbor MS route-map THEIRS in")
    before = running(edge)
    edge.erouted.configure(edge.session(1, mode="attached"))
    edge.wait_up("primary")
    assert "65001:1" in edge.ce.vty("bgpd", "show bgp ipv4 unicast 10.0.0.0/16")
    assert running(edge) == before
    edge.ce.configure("router bgp 65001", "address-family ipv4 unicast",
                      "neighbor MS route-map OTHER in")
    edge.erouted.until(lambda: "65001:2" in edge.ce.vty(
        "bgpd", "show bgp ipv4 unicast 10.0.0.0/16"))
    assert edge.local_prefs("10.0.0.0/16")["172.16.1.2"] == 150


def test_our_route_maps_are_of_no_use_to_the_operator(edge):
    """Each would ask the other, for ever."""
    edge.start()
    attach(edge, "no neighbor 172.16.1.2 route-map OUTBOUND out")
    edge.bring_up(*edge.both(mode="attached"))
    edge.ce.configure(*OWN, *["neighbor 172.16.%d.2 route-map er:c1:private:ipv4:%s:%s %s" % (
        n, other, way, way) for n, other in ((1, "secondary"), (2, "primary"))
        for way in ("in", "out")])
    for role in ("primary", "secondary"):
        edge.erouted.until(lambda: "names that begin with er:" in
                           edge.erouted.session(role)["problem"])
        edge.erouted.until(lambda: edge.erouted.session(role)["accepted"] == 0)
    edge.ce.vty("bgpd", "clear bgp *")
    edge.wait_up(prefixes=0)
    edge.ce.configure(*OWN, *["no neighbor 172.16.%d.2 route-map er:c1:private:ipv4:%s:%s %s" % (
        n, other, way, way) for n, other in ((1, "secondary"), (2, "primary"))
        for way in ("in", "out")])
    edge.wait_up()


def test_an_edited_route_map_of_ours_outlives_its_session(edge):
    """The northbound keeps pointers to what an operator has edited."""
    name = "er:c1:private:ipv4:primary:in"
    edge.start()
    edge.bring_up(*edge.both())
    edge.ce.configure("route-map %s permit 5" % name)
    edge.ce.configure("route-map %s permit 10" % name.replace(":in", ":out"), "set metric 3")
    edge.erouted.until(lambda: "has been edited" in edge.erouted.session()["problem"])
    edge.erouted.configure()
    edge.ce.configure("route-map %s permit 5" % name, "set metric 7")
    edge.ce.configure("route-map %s permit 10" % name.replace(":in", ":out"), "set metric 8")
    assert "expressroute" not in edge.ce.vty("bgpd", "show route-map")
    edge.erouted.configure(*edge.both())
    edge.erouted.until(lambda: "has been edited" in edge.erouted.session()["problem"])
    edge.ce.configure("no route-map " + name)
    edge.ce.configure("no route-map " + name.replace(":in", ":out"))
    edge.wait_up()
    assert not edge.erouted.session()["problem"]


def test_one_line_in_our_route_map_opens_nothing(edge):
    edge.start()
    edge.bring_up(*edge.both(), wire.advertise("192.168.1.0/24"))
    advertises(edge, ["192.168.1.0/24"])
    for way in ("in", "out"):
        edge.ce.configure("route-map er:c1:private:ipv4:primary:%s permit 5" % way)
    edge.erouted.until(lambda: "has been edited" in edge.erouted.session()["problem"])
    edge.erouted.until(lambda: edge.erouted.rib()["only_secondary"] == 2)
    advertises(edge, [], edge.m1)
    edge.ce.vty("bgpd", "clear bgp 172.16.1.2")
    edge.wait_up("primary", prefixes=0)
    # bgpd's own refresh, five seconds after the change, opens nothing either
    edge.erouted.poll(6)
    assert edge.erouted.session()["accepted"] == 0
    advertises(edge, [], edge.m1)
    advertises(edge, ["192.168.1.0/24"], edge.m2)
    for way in ("in", "out"):
        edge.ce.configure("no route-map er:c1:private:ipv4:primary:%s" % way)
    edge.wait_up("primary")
    advertises(edge, ["192.168.1.0/24"])
