# SPDX-License-Identifier: GPL-2.0-or-later
"""Presence, drain and preference."""

import json
import threading
import time

import pytest

import wire
from far import Speaker


def settled(edge, **want):
    edge.erouted.until(lambda: all(edge.erouted.rib().get(k) == v for k, v in want.items()), 10,
                       str(want))


def test_both_links_carry_the_same(edge):
    edge.start()
    edge.bring_up()
    settled(edge, both=2, only_primary=0, only_secondary=0, path_differs=0)
    assert edge.local_prefs("10.0.0.0/16") == {"172.16.1.2": 150, "172.16.2.2": 150}


def test_drain_and_undrain(edge):
    edge.start()
    edge.bring_up(edge.session(1, local_pref=150), edge.session(2, local_pref=145))
    edge.prepend(edge.m1, 8)
    settled(edge, both=2, drained_primary=2, drained_secondary=0, path_differs=0)
    assert edge.local_prefs("10.0.0.0/16") == {"172.16.1.2": 110, "172.16.2.2": 145}
    edge.prepend(edge.m1, 0)
    settled(edge, both=2, drained_primary=0)
    assert edge.local_prefs("10.0.0.0/16") == {"172.16.1.2": 150, "172.16.2.2": 145}


def test_paths_long_by_nature_are_not_drained(edge):
    """Global Reach: 12076 stands there more than once on both links."""
    edge.start()
    edge.prepend(edge.m1, 2)
    edge.erouted.configure(edge.session(1))
    edge.wait_up("primary")
    # alone, it is not drained ...
    settled(edge, only_primary=2, drained_primary=0)
    assert edge.local_prefs("10.0.0.0/16") == {"172.16.1.2": 150}
    # ... beside a shorter twin it is: the stored path is put right
    edge.bring_up()
    settled(edge, both=2, drained_primary=2, drained_secondary=0)
    edge.erouted.until(lambda: edge.local_prefs("10.0.0.0/16") == {
        "172.16.1.2": 110, "172.16.2.2": 150})
    # the twin becomes as long: neither is
    edge.prepend(edge.m2, 2)
    settled(edge, both=2, drained_primary=0, drained_secondary=0)
    edge.erouted.until(lambda: set(edge.local_prefs("10.0.0.0/16").values()) == {150})
    # and when the twin is the longer, it alone is drained
    edge.prepend(edge.m2, 3)
    settled(edge, drained_primary=0, drained_secondary=2)
    edge.prepend(edge.m2, 0)
    settled(edge, drained_primary=2, drained_secondary=0)
    # the twin goes: what is left looks healthy again
    edge.m2.ip("link set eth0 down")
    edge.ce.vty("bgpd", "clear bgp 172.16.2.2")
    settled(edge, only_primary=2, drained_primary=0)
    edge.erouted.until(lambda: edge.local_prefs("10.0.0.0/16") == {"172.16.1.2": 150})


def test_both_links_drained_at_once(edge):
    """Another circuit must win then; by the same AS path, or by two."""
    edge.start()
    edge.bring_up()
    edge.prepend(edge.m1, 8)
    settled(edge, both=2, drained_primary=2, drained_secondary=0)
    for copies in (8, 9):
        edge.prepend(edge.m2, copies)
        settled(edge, both=2, drained_primary=2, drained_secondary=2, path_differs=0)
        edge.erouted.until(lambda: set(edge.local_prefs("10.0.0.0/16").values()) == {110})
    edge.prepend(edge.m1, 0)
    settled(edge, both=2, drained_primary=0, drained_secondary=2)
    assert edge.local_prefs("10.0.0.0/16") == {"172.16.1.2": 150, "172.16.2.2": 110}


def test_a_standby_circuit_is_compared_with_the_preferred_one(edge):
    edge.start()
    nets = ["198.18.%d.0/24" % i for i in range(12)]
    Speaker(edge, 1, [(net, []) for net in nets])
    other = Speaker(edge, 2, [(net, []) for net in nets[:1]] + [("198.19.0.0/24", [])])

    def standby(offered, missing, names, circuit="c2"):
        edge.erouted.until(lambda: [edge.erouted.rib(circuit=circuit).get(name) for name in (
            "standby_offered", "standby_missing", "missing_prefixes")] == [offered, missing, names],
            15, "%s" % edge.erouted.rib(circuit=circuit))

    sessions = (edge.session(1), edge.session(2, circuit="c2", local_pref=150))
    edge.erouted.configure(*sessions, wire.peering(),
                           wire.peering(circuit="c2", stands_by_for="c1"))
    edge.erouted.until(
        lambda: edge.erouted.rib(circuit="c2").get("standby_missing") == 11, 20, "compared")
    names = edge.erouted.rib(circuit="c2")["missing_prefixes"]
    assert len(names) == 8 and set(names) < set(nets[1:])
    standby(0, 0, [], "c1")
    for net in nets[1:10]:
        other.announce(net, [])
    standby(10, 2, nets[10:])
    for net in nets[10:]:
        other.announce(net, [])
    standby(12, 0, [])
    other.withdraw(nets[3])
    standby(11, 1, [nets[3]])
    # nobody is preferred to it any more
    edge.erouted.configure(*sessions, wire.peering(), wire.peering(circuit="c2"))
    standby(0, 0, [])


def best(edge, net):
    """The neighbor whose path is in use, and whether any path has a weight."""
    paths = json.loads(edge.ce.vty("bgpd", "show bgp ipv4 unicast %s json" % net))["paths"]
    return [p["peer"]["peerId"] for p in paths if p.get("bestpath", {}).get("overall")], \
        any(p.get("weight") for p in paths)


@pytest.mark.parametrize("mode", ("managed", "attached"))
def test_a_weight_does_not_outweigh_a_drain(edge, mode):
    edge.start()
    weight = ("router bgp 65001", "address-family ipv4 unicast", "neighbor 172.16.1.2 weight 500")
    if mode == "attached":
        edge.ce.configure("router bgp 65001", "neighbor 172.16.1.2 remote-as 12076")
        edge.ce.configure(*weight)
    edge.bring_up(edge.session(1, mode=mode), edge.session(2))
    edge.ce.configure(*weight)
    edge.prepend(edge.m1, 8)
    settled(edge, both=2, drained_primary=2)
    edge.erouted.until(lambda: best(edge, "10.0.0.0/16") == (["172.16.2.2"], False))
    edge.prepend(edge.m1, 0)
    edge.prepend(edge.m2, 8)
    settled(edge, both=2, drained_primary=0, drained_secondary=2)
    edge.erouted.until(lambda: best(edge, "10.0.0.0/16") == (["172.16.1.2"], False))
    # not ours to undo where the neighbor is the operator's
    text = edge.ce.vty("bgpd", "show running-config")
    assert ("neighbor 172.16.1.2 weight 500" in text) == (mode == "attached")


def test_stored_paths_keep_their_preference_with_adj_in(edge):
    edge.start()
    edge.ce.configure("router bgp 65001", "neighbor 172.16.1.2 remote-as 12076",
                      "address-family ipv4 unicast",
                      "neighbor 172.16.1.2 soft-reconfiguration inbound")
    edge.prepend(edge.m1, 2)
    edge.erouted.configure(edge.session(1, mode="attached"))
    edge.erouted.until(lambda: edge.local_prefs("10.0.0.0/16") == {"172.16.1.2": 150})
    edge.bring_up(edge.session(1, mode="attached"), edge.session(2))
    want = {"172.16.1.2": 110, "172.16.2.2": 150}
    edge.erouted.until(lambda: edge.local_prefs("10.0.0.0/16") == want)
    edge.ce.vty("bgpd", "clear bgp 172.16.1.2 soft in")
    time.sleep(0.5)
    assert edge.local_prefs("10.0.0.0/16") == want


def test_a_prefix_on_one_link_only(edge):
    edge.start()
    edge.bring_up()
    edge.m1.configure("router bgp 12076", "address-family ipv4 unicast", "network 10.9.0.0/16")
    settled(edge, both=2, only_primary=1)
    assert edge.erouted.rib()["examples"] == ["10.9.0.0/16"]
    edge.m1.configure("router bgp 12076", "address-family ipv4 unicast", "no network 10.9.0.0/16")
    settled(edge, both=2, only_primary=0)
    assert edge.erouted.rib()["examples"] == []


def test_paths_that_differ_behind_12076(edge):
    edge.start()
    edge.bring_up()
    edge.msee(edge.m1, "route-map OUT permit 10", "match ip address prefix-list SOME",
              "set as-path prepend 64700")
    # 12076 64700 is not 12076
    settled(edge, both=2, path_differs=1)
    assert edge.erouted.rib()["examples"] == ["10.0.0.0/16"]
    edge.msee(edge.m1, "no route-map OUT permit 10")
    settled(edge, both=2, path_differs=0)


def test_graceful_restart_keeps_paths_as_stale(edge):
    edge.start()
    edge.m1.configure("bgp graceful-restart")
    edge.ce.configure("bgp graceful-restart")
    edge.bring_up()
    settled(edge, both=2, stale_primary=0)
    edge.m1.stop("bgpd", 9)
    settled(edge, both=2, stale_primary=2)


def test_reports_are_paced_and_the_first_is_not(edge):
    edge.start()
    edge.bring_up()
    lines = ["network 10.%d.%d.0/24" % (100 + i // 250, i % 250) for i in range(1500)]
    edge.erouted.log.clear()
    at_work = threading.Thread(
        target=edge.m1.configure,
        args=("router bgp 12076", "address-family ipv4 unicast", *lines))
    at_work.start()
    # not read at once, reports would seem to come at once
    while at_work.is_alive():
        edge.erouted.poll(0.01)
    at_work.join()
    settled(edge, only_primary=1500)
    times = [t for t, _, key, f in edge.erouted.log if "only_primary" in f]
    gaps = [b - a for a, b in zip(times, times[1:])]
    assert all(gap > 0.04 for gap in gaps), gaps
    assert len(edge.erouted.rib()["examples"]) == 8


def test_a_prefix_of_azure_that_holds_the_address_of_a_link_is_told_of(edge):
    edge.start()
    edge.bring_up()
    settled(edge, both=2, overlaps=[])
    for msee in (edge.m1, edge.m2):
        msee.configure("router bgp 12076", "address-family ipv4 unicast",
                       "network 172.16.0.0/16", "network 0.0.0.0/0")
    settled(edge, both=4, overlaps=["172.16.0.0/16"])
    for msee in (edge.m1, edge.m2):
        msee.configure("router bgp 12076", "address-family ipv4 unicast",
                       "no network 172.16.0.0/16")
    settled(edge, overlaps=[])
