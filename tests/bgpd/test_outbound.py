# SPDX-License-Identifier: GPL-2.0-or-later
"""What our sessions advertise: sets, limits, guards, maps and prepending."""

import json
import random
import re
import time

import wire

NETS = ["192.168.%d.0/24" % i for i in range(1, 31)]


def router_as(number, nets):
    lines = "".join("  network %s\n" % n for n in nets)
    return ("router bgp %d\n no bgp network import-check\n timers bgp 3 9\n"
            " address-family ipv4 unicast\n%s exit-address-family\nexit\n" % (number, lines))


def received(msee):
    """What the MSEE has, and the AS path of each."""
    routes = json.loads(msee.vty("bgpd", "show bgp ipv4 unicast json")).get("routes", {})
    return {net: paths[0]["path"] for net, paths in routes.items()
            if paths[0].get("peerId", "").startswith("172.16.")}


def wait(probe, what, seconds=15):
    end = time.monotonic() + seconds
    while True:
        value = probe()
        if value:
            return value
        assert time.monotonic() < end, what
        time.sleep(0.05)


def advertises(edge, nets, *msees):
    for msee in msees or (edge.m1, edge.m2):
        wait(lambda: sorted(received(msee)) == sorted(nets),
             "%s has %s" % (msee.name, sorted(received(msee))))


class Watch:
    """The MSEE's own record of each prefix that came and went."""

    LINE = re.compile(r"rcvd (?:UPDATE about |)(\S+/\d+) IPv4 unicast( -- withdrawn)?")

    def __init__(self, msee):
        self.msee = msee
        msee.vty("bgpd", "debug bgp updates in", "debug bgp neighbor-events")

    def peak(self):
        """The most prefixes it ever had at a time, as it was told."""
        have, peak = set(), 0
        for line in self.msee.log("bgpd").splitlines():
            found = self.LINE.search(line)
            if "went from Established" in line:
                have.clear()
            if not found:
                continue
            have.discard(found.group(1)) if found.group(2) else have.add(found.group(1))
            peak = max(peak, len(have))
        return peak


def watch(edge):
    return Watch(edge.m1), Watch(edge.m2)


def limited(edge, nets, limit, *more, **kwargs):
    return (*edge.both(**kwargs), wire.peering(limit=limit),
            *[wire.advertise(n) for n in nets], *more)


def test_the_limit_holds_back_what_came_last(edge):
    edge.start(conf=router_as(65001, NETS[:20]))
    peaks = watch(edge)
    edge.bring_up(*limited(edge, NETS, 20))
    advertises(edge, NETS[:20])
    edge.ce.configure("router bgp 65001", "address-family ipv4 unicast",
                      *["network " + n for n in NETS[20:]])
    edge.erouted.until(lambda: edge.erouted.rib()["held"] == 10)
    assert edge.erouted.rib()["held_prefixes"] == NETS[20:28]
    advertises(edge, NETS[:20])
    # room is refilled, the one that has waited for longest first
    edge.ce.configure("router bgp 65001", "address-family ipv4 unicast", "no network " + NETS[3])
    advertises(edge, NETS[:3] + NETS[4:21])
    edge.erouted.until(lambda: edge.erouted.rib()["held"] == 9)
    # who comes back goes to the end
    edge.ce.configure("router bgp 65001", "address-family ipv4 unicast", "network " + NETS[3])
    edge.erouted.until(lambda: edge.erouted.rib()["held"] == 10)
    held = [a["prefix"] for a in edge.erouted.ask(wire.ask_held)]
    assert held == NETS[21:] + [NETS[3]]
    assert all(session.peak() == 20 for session in peaks)
    for role in ("primary", "secondary"):
        edge.erouted.until(lambda: edge.erouted.session(role)["advertised"] == 20)
        assert edge.erouted.session(role)["state"] == "established"


def test_priority_displaces_what_has_none(edge):
    edge.start(conf=router_as(65001, NETS))
    peaks = watch(edge)
    edge.bring_up(*limited(edge, NETS, 20))
    wait(lambda: len(received(edge.m1)) == 20, "20 prefixes")
    before = set(received(edge.m1))
    held = sorted(set(NETS) - before)
    edge.erouted.configure(*limited(edge, NETS, 20, wire.priority(held[0], 9),
                                    wire.priority(held[1], 200)))
    for msee in (edge.m1, edge.m2):
        wait(lambda: set(held[:2]) <= set(received(msee)) and len(received(msee)) == 20,
             "priority is served")
    # and is given back
    edge.erouted.configure(*limited(edge, NETS, 20))
    edge.erouted.until(lambda: edge.erouted.rib()["held"] == 10)
    assert all(session.peak() == 20 for session in peaks)
    assert edge.erouted.session()["state"] == "established"


def test_a_lower_limit_withdraws_and_none_sends_all(edge):
    edge.start(conf=router_as(65001, NETS))
    edge.bring_up(*limited(edge, NETS, 0))
    advertises(edge, NETS)
    assert edge.erouted.rib()["held"] == 0
    edge.erouted.configure(*limited(edge, NETS, 25))
    for msee in (edge.m1, edge.m2):
        wait(lambda: len(received(msee)) == 25, "25 prefixes")
    assert received(edge.m1).keys() == received(edge.m2).keys()
    edge.erouted.configure(*limited(edge, NETS, 5))
    for msee in (edge.m1, edge.m2):
        wait(lambda: len(received(msee)) == 5, "5 prefixes")
    edge.erouted.until(lambda: edge.erouted.rib()["held"] == 25)
    edge.erouted.configure(*limited(edge, NETS, 0))
    advertises(edge, NETS)
    edge.erouted.until(lambda: edge.erouted.rib()["held"] == 0)


def test_the_longest_standing_stay_when_a_session_comes_back(edge):
    edge.start(conf=router_as(65001, NETS[10:]))
    peaks = watch(edge)
    edge.bring_up(*limited(edge, NETS, 20))
    advertises(edge, NETS[10:])
    edge.ce.configure("router bgp 65001", "address-family ipv4 unicast",
                      *["network " + n for n in NETS[:10]])
    edge.erouted.until(lambda: edge.erouted.rib()["held"] == 10)
    edge.ce.vty("bgpd", "clear bgp 172.16.1.2")
    edge.erouted.until(lambda: edge.erouted.session()["state"] != "established")
    edge.wait_up()
    advertises(edge, NETS[10:])
    assert all(session.peak() == 20 for session in peaks)


def test_a_set_that_is_exchanged_at_the_limit(edge):
    edge.start(conf=router_as(65001, NETS))
    peaks = watch(edge)
    edge.bring_up(*limited(edge, NETS[:10], 10))
    advertises(edge, NETS[:10])
    edge.erouted.configure(*limited(edge, NETS[5:20], 10))
    for msee in (edge.m1, edge.m2):
        wait(lambda: set(NETS[5:10]) <= set(received(msee)) <= set(NETS[5:20]) and
             len(received(msee)) == 10, "the new set")
    edge.erouted.until(lambda: edge.erouted.rib()["held"] == 5)
    assert all(session.peak() == 10 for session in peaks)


def test_a_prefix_list_decides_and_its_changes_take_effect(edge):
    edge.start(conf=router_as(65001, NETS[:5]))
    edge.erouted.configure(*edge.both(), wire.peering(advertise_list="OURS"))
    edge.wait_up()
    assert "prefix-list OURS does not exist" in edge.erouted.session()["problem"]
    edge.ce.configure("ip prefix-list OURS seq 5 permit 192.168.1.0/24",
                      "ip prefix-list OURS seq 10 deny 192.168.2.0/24",
                      "ip prefix-list OURS seq 15 permit 192.168.2.0/23 ge 24")
    advertises(edge, [NETS[0], NETS[2]])
    edge.erouted.until(lambda: not edge.erouted.session()["problem"])
    edge.ce.configure("no ip prefix-list OURS seq 10")
    advertises(edge, NETS[:3])
    edge.ce.configure("no ip prefix-list OURS")
    advertises(edge, [])


def test_prepending_is_seen_by_the_neighbor_and_differs_by_link(edge):
    edge.start(conf=router_as(65001, NETS[:2]))
    sets = [wire.advertise(n) for n in NETS[:2]]
    edge.bring_up(edge.session(1, prepend=1), edge.session(2, prepend=4), *sets)
    advertises(edge, NETS[:2])
    assert set(received(edge.m1).values()) == {"65001 65001"}
    assert set(received(edge.m2).values()) == {" ".join(["65001"] * 5)}
    edge.erouted.configure(edge.session(1), edge.session(2, prepend=2), *sets)
    wait(lambda: set(received(edge.m1).values()) == {"65001"}, "not prepended")
    wait(lambda: set(received(edge.m2).values()) == {"65001 65001 65001"}, "prepended twice")


def test_prepending_a_private_as_on_microsoft_peering_is_no_use(edge):
    edge.start()
    edge.erouted.configure(*edge.both(peering="microsoft", prepend=2))
    edge.erouted.until(lambda: "strips private ASNs" in edge.erouted.session(
        peering="microsoft").get("problem", ""))
    edge.erouted.until(lambda: edge.erouted.session(peering="microsoft")["state"] ==
                       "established")


def test_microsoft_peering_never_carries_private_space(edge):
    nets = ["203.0.113.0/24", "0.0.0.0/0", "10.9.0.0/16", "192.168.1.0/24"]
    edge.start(conf=router_as(64999, nets).replace("64999", "65001"))
    edge.erouted.configure(*edge.both(peering="microsoft"),
                           *[wire.advertise(n, peering="microsoft") for n in nets])
    advertises(edge, nets[:1])


def attached_neighbors(*lines):
    return ("router bgp 65001", "no bgp ebgp-requires-policy",
            "neighbor 172.16.1.2 remote-as 12076", "neighbor 172.16.2.2 remote-as 12076",
            "address-family ipv4 unicast", *lines)


def test_the_guard_holds_for_an_operators_neighbor(edge):
    nets = ["203.0.113.0/24", "0.0.0.0/0", "10.9.0.0/16"]
    edge.start(conf=router_as(65001, nets))
    edge.ce.configure(*attached_neighbors())
    advertises(edge, nets)
    edge.erouted.configure(*edge.both(peering="microsoft", mode="attached"))
    advertises(edge, nets[:1])
    edge.erouted.configure()
    advertises(edge, nets)


def test_an_operators_outbound_map_is_chained_shown_and_given_back(edge):
    edge.start(conf=router_as(65001, NETS[:4]))
    edge.ce.configure("ip prefix-list SOME permit 192.168.0.0/22 ge 24")
    edge.ce.configure("route-map OUTBOUND permit 10", "match ip address prefix-list SOME",
                      "set metric 77")
    edge.ce.configure(*attached_neighbors("neighbor 172.16.1.2 route-map OUTBOUND out"))
    advertises(edge, NETS[:3], edge.m1)
    before = edge.ce.vty("bgpd", "show running-config")
    edge.erouted.configure(*edge.both(mode="attached"), wire.advertise(NETS[0]),
                           wire.advertise(NETS[3]))
    advertises(edge, NETS[:1], edge.m1)
    advertises(edge, [NETS[0], NETS[3]], edge.m2)
    assert '"metric":77' in edge.m1.vty("bgpd", "show bgp ipv4 unicast json").replace(" ", "")
    assert edge.ce.vty("bgpd", "show running-config") == before
    # the links differ, and that is known
    edge.erouted.until(lambda: edge.erouted.rib()["out_only_secondary"] == 1)
    assert edge.erouted.rib()["out_only_primary"] == 0
    edge.erouted.configure()
    advertises(edge, NETS[:3], edge.m1)
    advertises(edge, NETS[:4], edge.m2)
    assert edge.ce.vty("bgpd", "show running-config") == before
    assert "Route map for outgoing advertisements is *OUTBOUND" in edge.ce.vty(
        "bgpd", "show bgp neighbors 172.16.1.2")


def test_a_neighbor_without_any_policy_is_not_opened_by_ours(edge):
    """RFC 8212: our map is a policy, but the operator has said nothing."""
    edge.start(conf=router_as(65001, NETS[:2]))
    edge.ce.configure(*attached_neighbors()[:1], "bgp ebgp-requires-policy",
                      *attached_neighbors()[2:])
    edge.erouted.configure(*edge.both(mode="attached"))
    edge.wait_up()
    edge.erouted.poll(2)
    assert received(edge.m1) == {}
    edge.erouted.configure(*edge.both(mode="attached"), wire.advertise(NETS[0]))
    advertises(edge, NETS[:1])


def test_a_managed_peerings_own_map(edge):
    edge.start(conf=router_as(65001, NETS[:3]))
    sets = [wire.advertise(n) for n in NETS[:3]]
    edge.erouted.configure(*edge.both(map_out="MINE"), *sets)
    edge.wait_up()
    assert "route-map MINE does not exist" in edge.erouted.session()["problem"]
    edge.erouted.poll(2)
    assert received(edge.m1) == {}
    edge.ce.configure("ip prefix-list ONE permit " + NETS[1])
    edge.ce.configure("route-map MINE permit 10", "match ip address prefix-list ONE")
    advertises(edge, NETS[1:2])
    edge.erouted.configure(*edge.both(), *sets)
    advertises(edge, NETS[:3])


def test_what_the_operators_map_denies_takes_no_room(edge):
    edge.start(conf=router_as(65001, NETS))
    edge.ce.configure("ip prefix-list FEW permit 192.168.24.0/21 ge 24")
    edge.ce.configure("route-map FEW permit 10", "match ip address prefix-list FEW")
    edge.bring_up(*limited(edge, NETS, 7, map_out="FEW"))
    advertises(edge, NETS[23:])
    assert edge.erouted.rib()["held"] == 0


def test_the_same_on_both_links_is_no_difference(edge):
    edge.start(conf=router_as(65001, NETS[:4]))
    sets = [wire.advertise(n) for n in NETS[:4]]
    edge.ce.configure("ip prefix-list ONE permit " + NETS[1])
    edge.ce.configure("route-map MINE permit 10", "match ip address prefix-list ONE")
    edge.bring_up(*edge.both(), *sets)
    advertises(edge, NETS[:4])
    edge.erouted.poll(2)
    assert [r[3] for r in edge.erouted.log if r[1] == wire.RIB and r[3]["out_only_primary"]] == []
    edge.erouted.configure(edge.session(1), edge.session(2, map_out="MINE"), *sets)
    edge.erouted.until(lambda: edge.erouted.rib()["out_only_primary"] == 3)
    # of a session that is down nothing is said
    edge.m2.vty("bgpd", "configure terminal", "router bgp 12076",
                "neighbor 172.16.2.1 shutdown", "end")
    edge.erouted.until(lambda: edge.erouted.session("secondary")["state"] != "established")
    edge.erouted.until(lambda: edge.erouted.rib()["out_only_primary"] == 0)


def test_what_an_operator_sets_on_our_neighbor_for_the_way_out_is_undone(edge):
    edge.start(conf=router_as(65001, NETS[:2]))
    edge.bring_up(*edge.both(prepend=1), *[wire.advertise(n) for n in NETS[:2]])
    advertises(edge, NETS[:2])
    before = edge.ce.vty("bgpd", "show bgp neighbors 172.16.1.2 json")
    edge.ce.configure("route-map NONE deny 10", "exit", "router bgp 65001",
                      "neighbor 172.16.1.2 solo", "neighbor 172.16.1.2 graceful-shutdown",
                      "address-family ipv4 unicast",
                      *["neighbor 172.16.1.2 " + what for what in (
                          "allowas-in 3", "remove-private-AS all replace-AS", "next-hop-self",
                          "next-hop-self force", "as-override", "attribute-unchanged",
                          "advertise-map NONE non-exist-map NONE")])
    edge.erouted.poll(1)

    def settings(text):
        family = json.loads(text)["172.16.1.2"]["addressFamilyInfo"]["ipv4Unicast"]
        return {k: v for k, v in family.items() if not isinstance(v, (int, dict))
                or isinstance(v, bool)}

    after = edge.ce.vty("bgpd", "show bgp neighbors 172.16.1.2 json")
    assert settings(after) == settings(before)
    assert "NONE" not in after and "allowAsIn" not in after
    advertises(edge, NETS[:2])
    assert set(received(edge.m1).values()) == {"65001 65001"}


def test_what_bgpd_itself_filters_gives_room(edge):
    """The operator's own prefix-list is asked before our map is."""
    edge.start(conf=router_as(65001, NETS[:10]))
    edge.ce.configure(*["ip prefix-list WINDOW permit " + n for n in NETS[:5]])
    edge.ce.configure(*attached_neighbors("neighbor 172.16.1.2 prefix-list WINDOW out",
                                          "neighbor 172.16.2.2 prefix-list WINDOW out"))
    peaks = watch(edge)
    edge.bring_up(*edge.both(mode="attached"), wire.peering(limit=5))
    advertises(edge, NETS[:5])
    edge.ce.configure("no ip prefix-list WINDOW",
                      *["ip prefix-list WINDOW permit " + n for n in NETS[3:8]])
    advertises(edge, NETS[3:8])
    edge.erouted.until(lambda: edge.erouted.rib()["held"] == 0)
    assert all(session.peak() <= 5 for session in peaks)


def test_whatever_happens_the_limit_is_never_passed(edge):
    dice = random.Random(3)
    edge.start(conf=router_as(65001, NETS[:15]))
    peaks = watch(edge)
    edge.bring_up(*limited(edge, NETS, 12))
    present = set(NETS[:15])
    for turn in range(40):
        changed = dice.sample(NETS, dice.randint(1, 12))
        edge.ce.configure("router bgp 65001", "address-family ipv4 unicast",
                          *["%snetwork %s" % ("no " if n in present else "", n)
                            for n in changed])
        present ^= set(changed)
        if turn % 5 == 2:
            edge.erouted.configure(*limited(edge, dice.sample(NETS, 25), 12, *[
                wire.priority(n, dice.randint(1, 255)) for n in dice.sample(NETS, 6)]))
        if turn % 10 == 7:
            edge.ce.vty("bgpd", "clear bgp 172.16.%d.2" % dice.randint(1, 2))
        edge.erouted.poll(dice.choice([0, 0.02, 0.1, 0.3]))
    edge.erouted.configure(*limited(edge, NETS, 12))
    edge.ce.configure("router bgp 65001", "address-family ipv4 unicast",
                      *["network " + n for n in NETS])
    edge.wait_up()
    edge.erouted.until(lambda: edge.erouted.rib()["held"] == 18)
    for msee in (edge.m1, edge.m2):
        wait(lambda: len(received(msee)) == 12, "12 prefixes")
    held = {a["prefix"] for a in edge.erouted.ask(wire.ask_held)}
    for msee in (edge.m1, edge.m2):
        wait(lambda: set(received(msee)) == set(NETS) - held, "what is not held")
    assert [session.peak() for session in peaks] == [12, 12]


def test_ipv6_has_a_limit_of_its_own(edge):
    nets = ["2001:db8:%x::/48" % i for i in range(0x200, 0x20a)]
    edge.start(conf="router bgp 65001\n no bgp network import-check\n"
               " address-family ipv6 unicast\n%s exit-address-family\nexit\n"
               % "".join("  network %s\n" % n for n in nets))
    edge.erouted.configure(
        *[wire.session(("primary", "secondary")[n - 1], "2001:db8:%d::1" % n,
                       "2001:db8:%d::2" % n) for n in (1, 2)],
        wire.peering(family="ipv6", limit=4), *[wire.advertise(n) for n in nets])
    edge.erouted.until(lambda: edge.erouted.rib("ipv6").get("held") == 6, 20)
    for msee in (edge.m1, edge.m2):
        wait(lambda: sum(n in msee.vty("bgpd", "show bgp ipv6 unicast") for n in nets) == 4,
             "4 prefixes")
    held = edge.erouted.ask(wire.ask_held, "c1", "private", "ipv6")
    assert [a["prefix"] for a in held] == edge.erouted.rib("ipv6")["held_prefixes"]


def test_microsofts_own_routes_take_no_room(edge):
    """An operator's neighbor without a set: bgpd would send them back."""
    edge.start(conf=router_as(65001, NETS[:2]))
    edge.ce.configure(*attached_neighbors())
    edge.erouted.until(lambda: len(edge.local_prefs("10.0.0.0/16")) == 2)
    edge.bring_up(*edge.both(mode="attached"), wire.peering(limit=2))
    advertises(edge, NETS[:2])
    edge.erouted.until(lambda: edge.erouted.session()["advertised"] == 2)
    assert edge.erouted.rib()["held"] == 0
    steps = edge.erouted.ask(wire.ask_route, "10.0.0.0/16")
    assert "12076 is in the path" in steps[-1]["text"]


def test_what_one_link_still_advertises_keeps_its_room(edge):
    edge.start(conf=router_as(65001, NETS[:6]))
    edge.ce.configure("ip prefix-list WINDOW permit 192.168.0.0/16 le 24")
    edge.ce.configure("route-map MINE permit 10", "match ip address prefix-list WINDOW")
    peaks = watch(edge)
    sets = [wire.peering(limit=4), *[wire.advertise(n) for n in NETS[:6]]]
    edge.bring_up(edge.session(1, map_out="MINE"), edge.session(2), *sets)
    advertises(edge, NETS[:4])
    edge.ce.configure("ip prefix-list WINDOW seq 1 deny " + NETS[0])
    advertises(edge, NETS[1:4], edge.m1)
    edge.erouted.until(lambda: edge.erouted.rib()["out_only_secondary"] == 1)
    advertises(edge, NETS[:4], edge.m2)
    assert edge.erouted.rib()["held"] == 2
    # and when neither does, it is free
    edge.erouted.configure(edge.session(1, map_out="MINE"), edge.session(2, map_out="MINE"), *sets)
    advertises(edge, NETS[1:5])
    edge.erouted.until(lambda: edge.erouted.rib()["held"] == 1)
    assert [session.peak() for session in peaks] == [4, 4]


def test_the_longest_match_of_many_priorities_decides(edge):
    edge.start(conf=router_as(65001, NETS))
    many = [wire.priority("10.%d.0.0/16" % i, 255) for i in range(20)]
    edge.bring_up(*limited(edge, NETS, 2, *many, wire.priority("192.168.0.0/16", 50),
                           wire.priority("192.168.0.0/20", 9), wire.priority(NETS[28], 60),
                           wire.priority(NETS[2], 70), wire.priority("0.0.0.0/0", 200)))
    advertises(edge, [NETS[2], NETS[28]])
    held = edge.erouted.ask(wire.ask_held)
    by_net = {a["prefix"]: int(a["text"].split(",")[0].split()[1]) for a in held}
    assert by_net[NETS[0]] == 9 and by_net[NETS[20]] == 50


def test_default_originate_takes_all_of_a_limit_of_one(edge):
    edge.start(conf=router_as(65001, NETS[:4]))
    peaks = watch(edge)
    edge.ce.configure(*attached_neighbors("neighbor 172.16.1.2 default-originate"))
    edge.erouted.configure(*edge.both(mode="attached"), wire.peering(limit=1))
    edge.wait_up()
    wait(lambda: list(received(edge.m1)) == ["0.0.0.0/0"], "the default route alone")
    wait(lambda: not received(edge.m2), "the other link advertises the same")
    edge.erouted.until(lambda: edge.erouted.rib()["held"] == 4)
    edge.ce.configure(*attached_neighbors("no neighbor 172.16.1.2 default-originate"))
    advertises(edge, NETS[:1])
    edge.ce.configure(*attached_neighbors("neighbor 172.16.1.2 default-originate"))
    wait(lambda: list(received(edge.m1)) == ["0.0.0.0/0"] and not received(edge.m2), "and again")
    assert peaks[1].peak() <= 1


def test_default_originate_takes_its_room_of_the_limit(edge):
    edge.start(conf=router_as(65001, NETS[:4]))
    edge.ce.configure(*attached_neighbors("neighbor 172.16.1.2 default-originate"))
    edge.erouted.configure(*edge.both(mode="attached"), wire.peering(limit=2))
    edge.wait_up()
    wait(lambda: len(received(edge.m1)) == 2 and "0.0.0.0/0" in received(edge.m1),
         "the default route and one more")
    wait(lambda: len(received(edge.m2)) == 1, "the other link advertises the same")
    edge.erouted.until(lambda: edge.erouted.rib()["held"] == 3)
    assert "default-originate" in edge.erouted.session()["problem"]
    assert not edge.erouted.session("secondary")["problem"]
    texts = {a["session"][3]: a["text"] for a in edge.erouted.ask(wire.ask_route, "0.0.0.0/0")
             if a["stage"] == "outbound"}
    assert "default-originate" in texts["primary"]
    assert "default-originate" not in texts["secondary"]
    edge.ce.configure(*attached_neighbors("no neighbor 172.16.1.2 default-originate"))
    edge.erouted.until(lambda: edge.erouted.rib()["held"] == 2)
    for msee in (edge.m1, edge.m2):
        wait(lambda: len(received(msee)) == 2 and "0.0.0.0/0" not in received(msee),
             "the room is given back")
