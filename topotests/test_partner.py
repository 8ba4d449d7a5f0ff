# SPDX-License-Identifier: GPL-2.0-or-later
"""
One circuit whose links end on two routers, which tell each other by iBGP what they
hear.

    ce ------ msee1          both MSEEs announce the VNet's prefixes
     | lan
    ce2 ----- msee2

ce2 runs us as well; test_partner_plain.py has plain FRR there.
"""
import itertools
import random

import pytest

import er_lab
import scenery
from er_partner import ROUTERS, running
from scenery import wait_for


@pytest.fixture(scope="module")
def lab(request):
    with running(request) as lab:
        lab.wait_both("redundant")
        lab.clear()
        yield lab
        lab.mend_all()


@pytest.fixture(autouse=True)
def sound(lab):
    """Each test leaves the lab as it found it."""
    yield
    lab.mend_all()
    lab.wait_both("redundant")
    lab.clear()


def test_both_routers_call_it_redundant_and_protected(lab):
    for pair in lab.pairs():
        for family in ("ipv4", "ipv6"):
            pair.wait(lambda c: c.family(family).get("unprotected") == "no", "a protected circuit")
            partner = pair.circuit().session(pair.other, family)
            assert partner["health"] == "up" and partner["partner"]["allPaths"]
            assert partner["acceptedPrefixes"] == 2 and partner["partner"]["disagreeingPrefixes"] == 0
            assert "problem" not in partner and "localAddress" not in partner
        assert pair.warnings() == []
    assert lab.exits() == {"ce": "msee1", "ce2": "msee2"}


def test_the_neighbor_stays_the_operators(lab):
    """Nothing of it is changed, and it stands in running-config as it was written."""
    for pair in lab.pairs():
        config = pair.shell.running_config()
        assert f"neighbor {pair.partner} remote-as internal" in config
        assert f"neighbor {pair.partner} route-map er:" not in config
        assert f"  link {pair.other}\n    partner {pair.partner}\n" in config.replace("   link", "  link")
        neighbor = pair.shell.show(f"show bgp neighbors {pair.partner} json")[pair.partner]
        assert "routeMapForIncomingAdvertisements" not in neighbor["addressFamilyInfo"]["ipv4Unicast"]


def test_a_lost_link_is_told_the_same_by_both(lab):
    scenery.cut(lab.msee1)
    lab.wait_both("degraded")
    lab.wait_health("primary", "down")
    lab.wait_health("secondary", "up")
    lab.wait_exits({"ce": "ce2", "ce2": "msee2"})
    lab.wait_quiet()
    for pair in lab.pairs():
        assert pair.circuit().family()["unprotected"] == "no"


def test_both_links_lost_are_down_on_both(lab):
    scenery.cut(lab.msee1)
    scenery.cut(lab.msee2)
    lab.wait_both("down")
    for role in ("primary", "secondary"):
        lab.wait_health(role, "down")


@pytest.mark.parametrize("role", ["primary", "secondary"])
def test_a_drain_moves_both_routers_to_the_other_link(lab, role):
    msee = lab.msees[role]
    other = {"primary": "secondary", "secondary": "primary"}[role]
    scenery.prepend(msee)
    lab.wait_both("degraded")
    lab.wait_health(role, "drained")
    lab.wait_health(other, "up")
    lab.wait_exits({"primary": {"ce": "ce2", "ce2": "msee2"}, "secondary": {"ce": "msee1", "ce2": "ce"}}[role])
    lab.wait_quiet()
    for pair in lab.pairs():
        assert pair.circuit().family()["drained"]


def test_without_ibgp_the_other_link_is_unknown_and_nothing_moves(lab):
    before = {name: (lab.advertised(name), lab.preferences(name, own=True)) for name in ROUTERS}
    lab.cut_ibgp()
    lab.wait_both("degraded")
    for pair in lab.pairs():
        circuit = pair.wait(lambda c: c.family().get("unprotected") == "unknown", "protection to be unknown")
        assert circuit.session(pair.own)["health"] == "up"
        assert circuit.session(pair.other)["health"] == "unknown"
        assert f"unknown, no iBGP session with partner {pair.partner}" in circuit.family()["reason"]
    assert {name: (lab.advertised(name), lab.preferences(name, own=True)) for name in ROUTERS} == before
    assert lab.exits() == {"ce": "msee1", "ce2": "msee2"}


def test_a_partner_that_dies_is_unknown_and_comes_back(lab):
    lab.ce2.net.kill("erouted")
    lab.ce2.net.kill("bgpd")
    pair = lab.pair("ce")
    pair.wait(lambda c: c.session("secondary")["health"] == "unknown", "the partner to be missed")
    assert pair.circuit().family()["redundancy"] == "degraded"
    assert pair.circuit().session("primary")["health"] == "up"
    lab.ce2.net.start("bgpd", "erouted")
    lab.ce2.try_sh("vtysh -b -d bgpd")
    lab.wait_both("redundant")


def test_the_partners_erouted_is_not_needed(lab):
    """What iBGP shows is bgpd's, and its module keeps the policy."""
    lab.ce2.net.kill("erouted")
    scenery.prepend(lab.msee2)
    pair = lab.pair("ce")
    pair.wait(lambda c: c.session("secondary")["health"] == "drained", "the drain behind the partner")
    lab.wait_exits({"ce": "msee1", "ce2": "ce"})
    lab.ce2.net.start("erouted")


def test_a_partner_that_disagrees_is_named_with_both_values_and_there_is_no_war(lab):
    lab.ce2.vtysh("configure terminal\nexpressroute\ncircuit amsterdam\npreference 3")
    mine, theirs = lab.pair("ce"), lab.pair("ce2")
    (said,) = mine.wait_warnings()
    assert "partner 10.100.0.2 gives 2 prefixes local-preference 180, as a circuit of preference 3 has" in said
    assert "this router 150, by preference 0" in said
    (said,) = theirs.wait_warnings()
    assert "partner 10.100.0.1 gives 2 prefixes local-preference 150, as a circuit of preference 0 has" in said
    # both go the same way, and stay there
    lab.wait_exits({"ce": "ce2", "ce2": "msee2"})
    lab.wait_quiet()
    assert lab.preferences("ce") == lab.preferences("ce2") == {"primary": 150, "secondary": 180}
    for pair in lab.pairs():
        assert pair.circuit().family()["redundancy"] == "redundant"
    lab.ce2.vtysh("configure terminal\nexpressroute\ncircuit amsterdam\nno preference")
    for pair in lab.pairs():
        wait_for(lambda: not pair.warnings(), "the warning to go", 20)


def test_active_passive_is_the_same_on_both(lab):
    for name in ROUTERS:
        shell = getattr(lab, name)
        shell.vtysh("configure terminal\nexpressroute\ncircuit amsterdam\nredundancy active-passive active primary")
    lab.wait_exits({"ce": "msee1", "ce2": "ce"})
    lab.wait_quiet()
    lab.wait_both("redundant")
    assert lab.preferences("ce") == lab.preferences("ce2") == {"primary": 150, "secondary": 145}
    # the best paths of a passive router are those of the active one: its own it keeps to itself
    lab.send_all_paths("ce2", False)
    pair = lab.pair("ce")
    pair.wait(lambda c: "sends its best paths only" in c.family().get("reason", ""), "the link to be hidden")
    assert pair.circuit().session("secondary")["health"] == "unknown"
    assert any("addpath-tx-all-paths" in warning for warning in pair.warnings())
    lab.pair("ce2").wait(lambda c: c.family()["redundancy"] == "redundant", "the passive one to see both")
    lab.send_all_paths("ce2", True)
    lab.wait_both("redundant")
    for name in ROUTERS:
        getattr(lab, name).vtysh("configure terminal\nexpressroute\ncircuit amsterdam\nno redundancy")
    lab.wait_exits({"ce": "msee1", "ce2": "msee2"})


def test_an_address_that_is_no_neighbor_is_a_problem_with_its_remedy(lab):
    pair = lab.pair("ce")
    link = "configure terminal\nexpressroute\ncircuit amsterdam\npeering private\nlink secondary partner "
    lab.ce.vtysh(link + "10.100.0.9")
    pair.wait(lambda c: c.session("secondary").get("neighborAddress") == "10.100.0.9", "the new partner")
    pair.wait(lambda c: "problem" in c.session("secondary"), "a problem")
    circuit = pair.circuit()
    assert circuit.session("secondary")["problem"].startswith("no neighbor 10.100.0.9 under `router bgp`")
    assert circuit.session("secondary")["health"] == "unknown"
    # an MSEE is no partner
    lab.ce.vtysh(link + pair.shell_link.microsoft(4))
    pair.wait(lambda c: "has remote-as 12076" in c.session("secondary").get("problem", ""), "another problem")
    lab.ce.vtysh(link + "10.100.0.2")


def test_next_hops_that_cannot_be_reached_are_told(lab):
    lab.next_hop_self("ce2", False)
    pair = lab.pair("ce")
    circuit = pair.wait(lambda c: c.session("secondary")["health"] == "down", "the routes to be of no use")
    assert "whose next hop cannot be reached" in circuit.family()["reason"]
    assert any("next-hop-self" in warning for warning in pair.warnings())
    lab.next_hop_self("ce2", True)


def test_notifications_tell_of_the_partners_link(lab):
    listening = er_lab.Notifications(lab.ce)
    mark = listening.mark()
    scenery.prepend(lab.msee2)
    listening.wait("drain-start", mark, link="secondary", family="ipv4", drained_prefixes=2)
    listening.wait("redundancy-change", mark, family="ipv4", redundancy="degraded")
    scenery.prepend(lab.msee2, False)
    listening.wait("drain-stop", mark, link="secondary", family="ipv4")
    mark = listening.mark()
    lab.cut_ibgp()
    got = listening.wait("session-change", mark, link="secondary", family="ipv4", established=False)
    assert got["neighbor-address"] == "10.100.0.2"
    lab.cut_ibgp(False)
    listening.wait("session-change", mark, link="secondary", family="ipv4", established=True)
    lab.wait_both("redundant")
    listening.check()
    text = lab.ce.sh("vtysh -c 'show expressroute history amsterdam'")
    assert "drained" in text


def test_shows_say_where_the_link_ends(lab):
    text = lab.ce.sh("vtysh -c 'show expressroute circuit amsterdam'")
    assert any("secondary" in line and "(partner)" in line and "10.100.0.2" in line for line in text.splitlines())
    text = lab.ce.sh("vtysh -c 'show expressroute circuit amsterdam detail'")
    assert "secondary: ends on partner 10.100.0.2" in text and "sends all its paths" in text
    text = lab.ce.sh("vtysh -c 'show expressroute circuit amsterdam bgp-config'")
    assert "! the secondary link ends on partner 10.100.0.2" in text
    text = lab.ce.sh("vtysh -c 'show expressroute circuit amsterdam parity'")
    assert "ends on partner 10.100.0.2, with which nothing is compared" in text


PARTS = ("primary", "secondary", "ibgp", "erouted", "partner's erouted")
ORDERS = random.Random(5).sample(sorted(itertools.permutations(PARTS)), 6)


@pytest.mark.parametrize("order", ORDERS, ids=[str(n) for n, _ in enumerate(ORDERS)])
def test_in_whatever_order_the_parts_come_up_the_end_is_the_same(lab, order):
    lab.take_down(PARTS)
    for part in order:
        lab.bring_up(part)
    lab.wait_both("redundant")
    lab.wait_exits({"ce": "msee1", "ce2": "msee2"})
    lab.wait_quiet()
    for pair in lab.pairs():
        circuit = pair.circuit()
        assert circuit.family()["unprotected"] == "no"
        assert {role: circuit.session(role)["health"] for role in scenery.LINKS} == {"primary": "up", "secondary": "up"}
        assert pair.warnings() == []
    assert lab.preferences("ce") == lab.preferences("ce2") == {"primary": 150, "secondary": 150}
