# SPDX-License-Identifier: GPL-2.0-or-later
"""A circuit that works: what it does in bgpd, and what the operator sees."""
import json

import pytest

import er_lab
import scenery
from scenery import LINKS, VNET_NET, wait_for

pytestmark = [pytest.mark.bgpd]


@pytest.fixture(scope="module")
def lab(request):
    with er_lab.running(request, scenery.circuit_conf()) as lab:
        yield lab


def test_circuit_is_redundant_in_both_families(lab):
    circuit = lab.settled()
    assert circuit.state["redundancy"] == "redundant"
    for role in LINKS:
        for family in ("ipv4", "ipv6"):
            session = circuit.session(role, family)
            assert session["health"] == "up"
            assert session["state"] == "established"
            assert "problem" not in session
    assert circuit.link("primary").get("interface") == "msee1"


def test_addresses_are_derived_from_the_subnets(lab):
    circuit = lab.wait_redundant()
    for role, link in LINKS.items():
        for family in (4, 6):
            session = circuit.session(role, f"ipv{family}")
            assert session["localAddress"] == link.customer(family)
            assert session["neighborAddress"] == link.microsoft(family)


def test_bfd_runs_on_every_session(lab):
    lab.wait_circuit(
        lambda c: all(c.session(r, f)["bfd"] == "up" for r in LINKS for f in ("ipv4", "ipv6")),
        "BFD to be up on four sessions",
    )


def test_bgp_summary_shows_the_neighbors(lab):
    lab.wait_redundant()
    summary = lab.ce.show("show bgp summary json")
    for family in (4, 6):
        peers = summary[f"ipv{family}Unicast"]["peers"]
        assert set(peers) == {link.microsoft(family) for link in LINKS.values()}
        assert all(peer["state"] == "Established" for peer in peers.values())


def test_nothing_of_ours_in_router_bgp(lab):
    lab.wait_redundant()
    (section,) = lab.bgp_section()
    for word in ("neighbor", "12076", "route-map", "bfd", "prefix-list"):
        assert word not in section
    assert "route-map" not in lab.ce.running_config()


def test_routes_have_local_preference_150(lab):
    lab.wait_redundant()
    for family in (4, 6):
        paths = lab.ce.show(f"show bgp ipv{family} unicast {VNET_NET[family]} json")["paths"]
        assert [path["locPrf"] for path in paths] == [150, 150]


def test_traffic_uses_both_links_and_none_is_lost(lab):
    lab.settled()
    before = {role: scenery.received_from_ce(msee) for role, msee in lab.msees.items()}
    with lab.probe() as probe:
        wait_for(
            lambda: all(scenery.received_from_ce(m) > before[r] + 200 for r, m in lab.msees.items()),
            "packets on both links",
        )
    assert probe.report.sent > 400
    assert probe.report.lost == 0, probe.report


def received_by(msee, link, family):
    routes = msee.show(
        f"show bgp ipv{family} unicast neighbors {link.customer(family)} received-routes json"
    )
    return set(routes.get("receivedRoutes", {}))


def test_only_the_advertise_set_is_advertised(lab):
    """The router knows more than Microsoft is to hear."""
    lab.wait_redundant()
    lab.configure(
        f"router bgp {scenery.CUSTOMER_AS}\nno bgp network import-check\n"
        "address-family ipv4 unicast\nnetwork 10.102.0.0/24\nnetwork 10.103.0.0/24"
    )
    lab.configure("expressroute\ncircuit amsterdam\npeering private\nadvertise 10.102.0.0/24")
    for role, msee in lab.msees.items():
        link = LINKS[role]
        wait_for(
            lambda: received_by(msee, link, 4) == {scenery.ONPREM_NET[4], "10.102.0.0/24"},
            f"the advertise set on {role}",
        )
        assert received_by(msee, link, 6) == {scenery.ONPREM_NET[6]}
    lab.configure("expressroute\ncircuit amsterdam\npeering private\nno advertise 10.102.0.0/24")
    for role, msee in lab.msees.items():
        link = LINKS[role]
        wait_for(lambda: received_by(msee, link, 4) == {scenery.ONPREM_NET[4]}, f"the withdrawal on {role}")
    lab.configure(
        f"router bgp {scenery.CUSTOMER_AS}\nbgp network import-check\n"
        "address-family ipv4 unicast\nno network 10.102.0.0/24\nno network 10.103.0.0/24"
    )


def test_counts_match_bgpd(lab):
    lab.settled()
    circuit = lab.wait_circuit(
        lambda c: all(c.session(r, f)["advertisedPrefixes"] == 1 for r in LINKS for f in ("ipv4", "ipv6")),
        "one advertised prefix on each session",
    )
    for role in LINKS:
        for family in ("ipv4", "ipv6"):
            session = circuit.session(role, family)
            assert session["acceptedPrefixes"] == 1
            assert session["filteredPrefixes"] == 0
            assert session["localPreference"] == 150
    assert circuit.family("ipv4")["parity"]["both"] == 1


def test_one_screen_answers_am_i_redundant(lab):
    lab.wait_redundant()
    screen = lab.ce.sh("vtysh -c 'show expressroute'")
    assert "amsterdam" in screen and "redundant" in screen
    detail = lab.ce.sh("vtysh -c 'show expressroute circuit amsterdam'")
    for link in LINKS.values():
        assert link.microsoft(4) in detail and link.microsoft(6) in detail


def test_yang_state_tells_the_same(lab):
    """What NETCONF will read, through mgmtd's frontend."""
    lab.wait_redundant()
    out = lab.ce.sh(
        "vtysh -c 'show mgmt get-data /frr-expressroute:expressroute/circuit datastore operational with-config json'"
    )
    (circuit,) = json.loads(out)["frr-expressroute:expressroute"]["circuit"]
    assert circuit["state"]["redundancy"] == "redundant"
    sessions = [s for link in circuit["peering"][0]["link"] for s in link["state"]["session"]]
    assert len(sessions) == 4
    assert all(session["state"] == "established" for session in sessions)
    assert {s["neighbor-address"] for s in sessions} == {
        link.microsoft(family) for link in LINKS.values() for family in (4, 6)
    }


def test_running_config_reads_back_to_itself(lab):
    lab.wait_redundant()
    before = er_lab.section(lab.ce.running_config())
    assert before.startswith("expressroute\n circuit amsterdam\n")
    lab.configure("no expressroute")
    assert er_lab.section(lab.ce.running_config()) == ""
    lab.configure(before)
    assert er_lab.section(lab.ce.running_config()) == before
    lab.settled()


@pytest.mark.parametrize("level, words", [("circuit", ""), ("peering", "peering private")])
def test_shutdown_ends_the_sessions_and_keeps_the_configuration(lab, level, words):
    lab.settled()
    place = f"expressroute\ncircuit amsterdam\n{words}\n"
    lab.configure(place + "shutdown")
    lab.wait_redundancy("inactive")
    wait_for(lambda: not lab.nexthops(4), "the routes to be gone")
    assert "ipv4-subnet" in lab.ce.running_config()
    lab.configure(place + "no shutdown")
    lab.settled()


def test_one_link_can_be_shut_down(lab):
    lab.settled()
    place = "expressroute\ncircuit amsterdam\npeering private\nlink primary\n"
    lab.configure(place + "shutdown")
    circuit = lab.wait_redundancy("degraded")
    assert "primary" in circuit.family("ipv4")["reason"]
    wait_for(lambda: lab.uses_only("secondary"), "traffic on the secondary link only")
    lab.configure(place + "no shutdown")
    lab.settled()


def test_higher_preference_gives_higher_local_preference(lab):
    lab.settled()
    lab.configure("expressroute\ncircuit amsterdam\npreference 7")
    wait_for(
        lambda: [p["locPrf"] for p in lab.ce.show(f"show bgp ipv4 unicast {VNET_NET[4]} json")["paths"]]
        == [220, 220],
        "local-preference 150 + 10 * 7",
    )
    lab.configure("expressroute\ncircuit amsterdam\nno preference")
    lab.settled()


def test_both_links_on_one_router_are_unprotected(lab):
    assert lab.wait_redundant().family("ipv4")["unprotected"] == "single-router"
