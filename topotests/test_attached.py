# SPDX-License-Identifier: GPL-2.0-or-later
"""`session attached`: the operator's own neighbors, watched and given the circuit's policy."""
import pytest

import er_lab
import scenery
from scenery import LINKS, VNET_NET, wait_for

METRIC = 77


def operator_bgp():
    extra, families = ["no bgp default ipv4-unicast"], []
    for family in (4, 6):
        families.append(f" address-family ipv{family} unicast")
        families.append(f"  network {scenery.ONPREM_NET[family]}")
        for link in LINKS.values():
            neighbor = f"neighbor {link.microsoft(family)}"
            extra += [f"{neighbor} remote-as {scenery.MICROSOFT_AS}", f"{neighbor} bfd 3 300 300"]
            families += [
                f"  {neighbor} activate",
                f"  {neighbor} route-map OPERATOR-IN in",
                f"  {neighbor} route-map OPERATOR-OUT out",
            ]
        families.append(" exit-address-family")
    maps = ["route-map OPERATOR-IN permit 10", f" set metric {METRIC}", "exit", "route-map OPERATOR-OUT permit 10", "exit"]
    bgp = [f"router bgp {scenery.CUSTOMER_AS}", *(f" {line}" for line in extra), *families, "exit", "!"]
    return "\n".join([*maps, *bgp])


@pytest.fixture(scope="module")
def lab(request):
    conf = scenery.ce_conf(bgp=operator_bgp())
    with er_lab.running(request, ce_conf=conf) as lab:
        wait_for(
            lambda: all(
                lab.bgp_neighbor(role, family).get("bgpState") == "Established" for role in LINKS for family in (4, 6)
            ),
            "the operator's sessions",
        )
        lab.before = {"flaps": lab.flaps(), "bgp": lab.bgp_section(), "maps": route_maps(lab)}
        lab.configure(scenery.circuit_conf(session="attached"))
        yield lab


def route_maps(lab):
    config = lab.ce.running_config()
    return [line for line in config.splitlines() if "route-map" in line]


def paths(lab, family):
    """[] while there is no route at all."""
    return lab.ce.show(f"show bgp ipv{family} unicast {VNET_NET[family]} json").get("paths", [])


def all_paths(lab, family, check):
    found = paths(lab, family)
    return found and all(check(path) for path in found)


def test_sessions_are_found(lab):
    circuit = lab.wait_redundant()
    for role in LINKS:
        for family in ("ipv4", "ipv6"):
            assert circuit.session(role, family)["state"] == "established"
            assert "problem" not in circuit.session(role, family)


def test_attaching_does_not_flap_them(lab):
    lab.wait_redundant()
    assert lab.flaps() == lab.before["flaps"]


def test_running_config_is_the_operators(lab):
    lab.wait_redundant()
    assert lab.bgp_section() == lab.before["bgp"]
    assert route_maps(lab) == lab.before["maps"]


def test_policy_is_added_to_the_operators(lab):
    lab.wait_redundant()
    for family in (4, 6):
        wait_for(lambda: all_paths(lab, family, lambda p: p["locPrf"] == 150), "our local-preference")
        assert all_paths(lab, family, lambda p: p["metric"] == METRIC)


def test_drain_moves_traffic_without_loss(lab):
    lab.settled()
    with lab.probe() as probe:
        assert scenery.drain(lab.msee1, lambda: lab.uses_only("secondary"))
        circuit = lab.wait_redundancy("degraded")
        assert circuit.session("primary")["health"] == "drained"
        scenery.undrain(lab.msee1)
        lab.settled()
    assert probe.report.lost == 0, probe.report


def test_neighbor_that_does_not_exist_is_a_problem(lab):
    address = LINKS["secondary"].microsoft(4)
    lab.configure(f"router bgp {scenery.CUSTOMER_AS}\nno neighbor {address}")
    circuit = lab.wait_circuit(lambda c: c.session("secondary")["state"] == "absent", "the neighbor to be missed")
    assert address in circuit.session("secondary")["problem"] or "neighbor" in circuit.session("secondary")["problem"]
    lab.configure(
        f"router bgp {scenery.CUSTOMER_AS}\nneighbor {address} remote-as {scenery.MICROSOFT_AS}\n"
        f"neighbor {address} bfd 3 300 300\naddress-family ipv4 unicast\nneighbor {address} activate\n"
        f"neighbor {address} route-map OPERATOR-IN in\nneighbor {address} route-map OPERATOR-OUT out"
    )
    lab.wait_redundant()


def test_without_the_circuit_the_operators_policy_is_back(lab):
    lab.wait_redundant()
    flaps = lab.flaps()
    lab.configure("no expressroute")
    wait_for(lambda: all_paths(lab, 4, lambda p: p.get("locPrf", 100) == 100), "the operator's policy")
    assert all_paths(lab, 4, lambda p: p["metric"] == METRIC)
    assert lab.flaps() == flaps
    assert lab.bgp_section() == lab.before["bgp"]


def test_it_becomes_the_circuits_own_link_by_link(lab):
    """The guide's way from plain FRR (doc/user/migration.rst), without a lost packet."""
    lab.configure(scenery.circuit_conf(session="attached"))
    lab.settled()
    with lab.probe() as probe:
        lab.configure("expressroute\ncircuit amsterdam\npeering private\nsession managed")
        lab.wait_circuit(
            lambda c: all("already configured" in c.session(role, f).get("problem", "") for role in LINKS for f in ("ipv4", "ipv6")),
            "the operator's neighbors to be in the way",
        )
        # which carry traffic, so nothing is down
        assert all(lab.circuit().family(f)["redundancy"] == "redundant" for f in ("ipv4", "ipv6"))
        for role, link in LINKS.items():
            gone = "\n".join(f"no neighbor {link.microsoft(family)}" for family in (4, 6))
            lab.configure(f"router bgp {scenery.CUSTOMER_AS}\n{gone}")
            lab.wait_circuit(
                lambda c: all(
                    c.session(role, f)["state"] == "established" and "problem" not in c.session(role, f)
                    for f in ("ipv4", "ipv6")
                ),
                f"the circuit's own sessions over {role}",
                60,
            )
            wait_for(lambda: all(link.msee in lab.nexthops(f) for f in (4, 6)), f"traffic over {role}", 30)
        lab.settled()
    assert probe.report.lost == 0, probe.report
    assert "neighbor" not in "".join(lab.bgp_section())
