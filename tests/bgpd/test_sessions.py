# SPDX-License-Identifier: GPL-2.0-or-later
"""Neighbors: made, kept, let go, and what is said of them."""

import time

import pytest

import wire


def test_managed_sessions_come_up_and_leave_no_trace(edge):
    edge.start()
    edge.bring_up(*edge.both(bfd=(300, 300, 3)), wire.advertise("192.168.1.0/24"))
    edge.erouted.until(lambda: edge.erouted.session()["bfd"] == "up")
    summary = edge.ce.vty("bgpd", "show bgp summary wide")
    assert "primary c1 private (expressroute)" in summary
    assert "172.16." not in edge.ce.vty("bgpd", "show running-config")
    assert "172.16.1.2" in edge.ce.vty("bgpd", "show bgp summary"), "still there"
    # exactly the advertise set
    seen = edge.m1.vty("bgpd", "show bgp ipv4 unicast")
    assert "192.168.1.0/24" in seen and "192.168.2.0/24" not in seen


def test_ipv6_session_carries_ipv6_only(edge):
    edge.start()
    edge.erouted.configure(wire.session("primary", "2001:db8:1::1", "2001:db8:1::2"))
    edge.erouted.until(lambda: edge.erouted.session(family="ipv6").get("accepted") == 1)
    assert "No IPv4 neighbor" in edge.ce.vty("bgpd", "show bgp ipv4 unicast summary") \
        or "2001:db8:1::2" not in edge.ce.vty("bgpd", "show bgp ipv4 unicast summary")


def test_no_router_bgp_is_a_problem_until_it_is_there(edge):
    edge.start(conf="")
    edge.erouted.configure(*edge.both())
    assert edge.erouted.session()["state"] == "absent"
    assert "no `router bgp`" in edge.erouted.session()["problem"]
    edge.ce.configure("router bgp 65001")
    edge.wait_up()
    assert edge.erouted.session()["problem"] == ""
    edge.ce.configure("no router bgp 65001")
    edge.erouted.until(lambda: edge.erouted.session()["state"] == "absent")
    edge.erouted.until(lambda: edge.erouted.rib()["both"] == 0)
    edge.ce.configure("router bgp 65001")
    edge.wait_up()


def test_a_missing_vrf_is_named(edge):
    edge.start()
    edge.erouted.configure(edge.session(1, vrf="azure"))
    assert "router bgp AS vrf azure" in edge.erouted.session()["problem"]


def test_a_deleted_neighbor_comes_back(edge):
    edge.start()
    edge.bring_up()
    edge.erouted.log.clear()
    edge.ce.configure("router bgp 65001", "no neighbor 172.16.1.2")
    edge.erouted.until(lambda: any(k == wire.SESSION_STATE and f["state"] != "established"
                                   for _, k, _, f in edge.erouted.log))
    edge.wait_up()
    assert edge.uptime(2) != "never"


THEIRS = ("neighbor 172.16.1.2 remote-as 12076", "neighbor 172.16.1.2 timers connect 1")
ALL = ("route-map ALL permit 10", "exit")


def theirs(edge, *more):
    edge.start()
    edge.ce.configure(*ALL, "router bgp 65001", *THEIRS, *more, "address-family ipv4 unicast",
                      "neighbor 172.16.1.2 route-map ALL in", "neighbor 172.16.1.2 route-map ALL out")


def test_an_operators_neighbor_is_not_taken_over_and_carries_on(edge):
    theirs(edge)
    edge.erouted.configure(*edge.both())
    edge.wait_up()
    since = edge.erouted.session()["established_wall"]
    problem = edge.erouted.session()["problem"]
    assert "already configured" in problem and "session attached" in problem
    # our rules are in force, and its own lines are where they were
    assert edge.local_prefs("10.0.0.0/16") == {"172.16.1.2": 150, "172.16.2.2": 150}
    running = edge.ce.vty("bgpd", "show running-config")
    assert all(line in running for line in THEIRS) and "neighbor 172.16.1.2 route-map ALL in" in running
    assert "er:" not in running
    # back and forth costs nothing
    for mode in ("attached", "managed"):
        edge.erouted.configure(*edge.both(mode=mode))
        edge.erouted.until(lambda: ("already configured" in edge.erouted.session()["problem"]) == (mode == "managed"))
    assert edge.erouted.session()["established_wall"] == since
    assert edge.local_prefs("10.0.0.0/16")["172.16.1.2"] == 150
    edge.ce.configure("router bgp 65001", "no neighbor 172.16.1.2")
    edge.erouted.until(lambda: edge.erouted.session()["problem"] == "")
    edge.wait_up()
    assert "172.16.1.2" not in edge.ce.vty("bgpd", "show running-config")


def test_an_operators_neighbor_outlives_the_circuit(edge):
    theirs(edge)
    edge.erouted.configure(*edge.both())
    edge.wait_up()
    edge.erouted.configure()
    running = edge.ce.vty("bgpd", "show running-config")
    assert all(line in running for line in THEIRS) and "neighbor 172.16.1.2 route-map ALL in" in running
    edge.erouted.until(lambda: edge.local_prefs("10.0.0.0/16") == {"172.16.1.2": None})


def test_an_operators_neighbor_of_another_as_is_left_alone(edge):
    theirs(edge)
    edge.ce.configure("router bgp 65001", "neighbor 172.16.1.2 remote-as 65002")
    edge.erouted.configure(*edge.both())
    edge.wait_up("secondary")
    assert "remote-as 65002" in edge.erouted.session()["problem"]
    assert "neighbor 172.16.1.2 remote-as 65002" in edge.ce.vty("bgpd", "show running-config")


def test_a_dynamic_neighbor_makes_way(edge):
    """`bgp listen range` was quicker; and it goes on listening."""
    edge.start()
    edge.ce.configure("router bgp 65001", "neighbor DYN peer-group",
                      "neighbor DYN remote-as external",
                      "bgp listen range 172.16.0.0/16 peer-group DYN")
    edge.erouted.until(lambda: "*172.16.1.2" in edge.ce.vty("bgpd", "show bgp summary"), 20)
    edge.erouted.configure(*edge.both())
    edge.wait_up()
    assert edge.erouted.session()["problem"] == ""
    assert "*172.16.1.2" not in edge.ce.vty("bgpd", "show bgp summary")
    edge.erouted.configure(edge.session(2))
    edge.erouted.until(lambda: "*172.16.1.2" in edge.ce.vty("bgpd", "show bgp summary"), 20)
    edge.erouted.configure(*edge.both())
    edge.wait_up()


def test_what_an_operator_sets_on_our_neighbor_is_undone(edge):
    edge.start()
    edge.bring_up(*edge.both(), wire.advertise("192.168.1.0/24"))
    edge.erouted.until(lambda: edge.erouted.session()["advertised"] == 1)
    edge.erouted.log.clear()
    # none of these costs the session
    edge.ce.configure(
        "ip prefix-list NONE deny any", "bgp as-path access-list NONE deny .*",
        "access-list NONE deny any",
        "router bgp 65001", "address-family ipv4 unicast",
        *["neighbor 172.16.1.2 " + what for what in (
            "prefix-list NONE in", "prefix-list NONE out", "filter-list NONE in",
            "filter-list NONE out", "unsuppress-map NONE", "maximum-prefix 100",
            "maximum-prefix-out 1", "weight 500")])
    edge.erouted.poll(1)
    text = edge.ce.vty("bgpd", "show bgp neighbors 172.16.1.2")
    for what in ("NONE", "Maximum prefixes", "maximum", "Default weight", "Default information"):
        assert what not in text, text
    edge.wait_up()
    edge.erouted.until(lambda: edge.erouted.session()["advertised"] == 1)
    assert all(f["state"] == "established" for _, k, _, f in edge.erouted.log
               if k == wire.SESSION_STATE)
    # distribute-list excludes prefix-list
    edge.ce.configure("router bgp 65001", "address-family ipv4 unicast",
                      "neighbor 172.16.1.2 distribute-list NONE in")
    edge.erouted.poll(0.5)
    assert "NONE" not in edge.ce.vty("bgpd", "show bgp neighbors 172.16.1.2")
    edge.wait_up()


@pytest.mark.parametrize("what", ("passive", "shutdown", "ebgp-multihop 5",
                                  "ttl-security hops 2", "peer-group GROUP",
                                  "default-originate"))
def test_what_resets_our_neighbor_is_undone(edge, what):
    edge.start()
    edge.bring_up()
    edge.ce.configure("router bgp 65001", "neighbor GROUP peer-group", "neighbor GROUP passive",
                      "address-family ipv4 unicast", "neighbor GROUP weight 500")
    before = edge.ce.vty("bgpd", "show running-config")
    edge.erouted.log.clear()
    edge.ce.configure("router bgp 65001", "neighbor 172.16.1.2 " + what)
    edge.erouted.until(lambda: any(k == wire.SESSION_STATE and f["state"] != "established"
                                   for _, k, _, f in edge.erouted.log))
    edge.wait_up()
    assert edge.ce.vty("bgpd", "show running-config") == before
    text = edge.ce.vty("bgpd", "show bgp neighbors 172.16.1.2")
    for bad in ("GROUP", "Administratively", "Default weight", "Default information"):
        assert bad not in text, text
    assert "up to 1 hops away" in text
    edge.erouted.poll(0.5)
    assert "0.0.0.0/0" not in edge.m1.vty("bgpd", "show bgp ipv4 unicast")


def test_two_sessions_cannot_share_a_neighbor(edge):
    edge.start()
    edge.erouted.configure(edge.session(1), edge.session(2), edge.session(1, circuit="c2"))
    edge.wait_up("primary")
    assert "already belongs to c1 private primary" in edge.erouted.session(circuit="c2")["problem"]
    # whoever had it lets go
    edge.erouted.configure(edge.session(2), edge.session(1, circuit="c2"))
    edge.erouted.until(lambda: edge.erouted.session(circuit="c2")["state"] == "established", 20)


def test_a_new_set_changes_what_changed(edge):
    edge.start()
    edge.bring_up()
    edge.erouted.log.clear()
    edge.erouted.configure(*edge.both(bfd=(500, 500, 4), local_pref=200))
    edge.erouted.until(lambda: edge.local_prefs("10.0.0.0/16") == {
        "172.16.1.2": 200, "172.16.2.2": 200})
    edge.erouted.configure(*edge.both(bfd=(500, 500, 4), local_pref=200, hold=30, keepalive=10))
    time.sleep(1)
    edge.erouted.poll(0.1)
    assert all(f["state"] == "established" for _, k, _, f in edge.erouted.log
               if k == wire.SESSION_STATE), "no session was reset"
    edge.erouted.configure(edge.session(2))
    edge.erouted.poll(0.2)
    assert "172.16.1.2" not in edge.ce.vty("bgpd", "show bgp summary")


def test_the_advertise_set_changes_without_a_reset(edge):
    edge.start()
    edge.bring_up(*edge.both(), wire.advertise("192.168.1.0/24"))
    edge.erouted.until(lambda: edge.erouted.session()["advertised"] == 1)
    edge.erouted.log.clear()
    edge.erouted.configure(*edge.both(), wire.advertise("192.168.2.0/24"),
                           wire.advertise("192.168.3.0/24"))
    edge.erouted.until(lambda: edge.erouted.session()["advertised"] == 2)
    edge.erouted.until(lambda: "192.168.1.0/24" not in edge.m1.vty(
        "bgpd", "show bgp ipv4 unicast") and "192.168.3.0/24" in edge.m1.vty(
            "bgpd", "show bgp ipv4 unicast"))
    edge.erouted.configure(*edge.both())
    edge.erouted.until(lambda: edge.erouted.session()["advertised"] == 0)
    assert all(f["state"] == "established" for _, k, _, f in edge.erouted.log
               if k == wire.SESSION_STATE)


def test_passwords_must_agree(edge):
    edge.start()
    edge.m1.configure("router bgp 12076", "neighbor 172.16.1.1 password one")
    edge.erouted.configure(edge.session(1, password="one"))
    edge.wait_up("primary")
    edge.erouted.configure(edge.session(1, password="two"))
    edge.erouted.until(lambda: edge.erouted.session()["state"] != "established")
    assert not edge.erouted.poll(0) or edge.erouted.session()["last_reset"]
    edge.erouted.poll(3)
    assert edge.erouted.session()["state"] != "established"
    edge.erouted.configure(edge.session(1, password="one"))
    edge.wait_up("primary")


def test_a_wrong_as_is_said(edge):
    edge.start()
    edge.m1.configure("no router bgp 12076")
    edge.m1.configure("router bgp 64999", "no bgp ebgp-requires-policy",
                      "neighbor 172.16.1.1 remote-as 65001",
                      "neighbor 172.16.1.1 timers connect 1")
    edge.erouted.configure(edge.session(1))
    edge.erouted.until(lambda: "Bad Peer AS" in edge.erouted.session()["last_reset"], 30)


def test_our_own_as_can_differ_from_bgpds(edge):
    edge.start()
    edge.m1.configure("router bgp 12076", "neighbor 172.16.1.1 remote-as 65009")
    edge.erouted.configure(edge.session(1, router_as=65009), wire.advertise("192.168.1.0/24"))
    edge.wait_up("primary")
    edge.erouted.until(lambda: "65009 i" in edge.m1.vty("bgpd", "show bgp ipv4 unicast"))
    assert "65001" not in edge.m1.vty("bgpd", "show bgp ipv4 unicast 192.168.1.0/24")


def test_a_lost_session_is_reported_with_its_reason(edge):
    edge.start()
    edge.bring_up(*edge.both(bfd=(100, 100, 3)))
    edge.erouted.until(lambda: edge.erouted.session()["bfd"] == "up")
    edge.m1.ip("link set eth0 down")
    edge.erouted.until(lambda: edge.erouted.session()["state"] != "established")
    edge.erouted.until(lambda: edge.erouted.session()["last_reset"])
    edge.erouted.until(lambda: edge.erouted.rib()["only_secondary"] == 2)
    edge.m1.ip("link set eth0 up")
    lab_address = "172.16.1.2/30"
    assert lab_address in edge.m1.ip("-4 addr show dev eth0")
    edge.wait_up()


def test_clear_counts_filtered_from_zero(edge):
    edge.start()
    edge.ce.configure("ip prefix-list NO deny any", "route-map THEIRS permit 10",
                      "match ip address prefix-list NO")
    edge.ce.configure("router bgp 65001", "neighbor 172.16.1.2 remote-as 12076",
                      "address-family ipv4 unicast", "neighbor 172.16.1.2 route-map THEIRS in")
    edge.erouted.configure(edge.session(1, mode="attached"))
    edge.erouted.until(lambda: edge.erouted.session()["filtered"] >= 2)
    edge.erouted.send(wire.clear("other"))
    edge.erouted.poll(1.5)
    assert edge.erouted.session()["filtered"] >= 2
    edge.erouted.send(wire.clear("c1"))
    edge.erouted.until(lambda: edge.erouted.session()["filtered"] == 0)
