# SPDX-License-Identifier: GPL-2.0-or-later
"""
A VPN backup of static prefixes, whose gateways have names: floating routes in zebra
that need nobody, and host routes that keep the tunnels out of ExpressRoute.
"""
import json

import pytest

import er_lab
import er_vpn
import scenery
import vpn
from er_vpn import BACKUP, CIRCUIT, TUNNELS, circuit_cut, nothing_lost, wait_family, wait_uses
from scenery import VNET_NET, wait_for
from vpn import GATEWAYS

LONGEST_GAP_MS = 3000
NAMES = {each.name: each.dns_name for each in GATEWAYS.values()}


@pytest.fixture(scope="module")
def lab(request):
    conf = vpn.backup_conf("pin default-route", scheme="apipa", bgp=False, address=NAMES)
    with er_lab.running(request, scenery.circuit_conf(), conf, vpn="wireguard", scheme="apipa") as lab:
        settle(lab)
        yield lab


@pytest.fixture(autouse=True)
def at_rest(lab):
    lab.vpn.names.good()
    settle(lab)
    yield
    lab.vpn.names.good()
    settle(lab)


def statics(lab):
    return er_vpn.backup(lab).get("state", {}).get("staticRoute", {})


def settle(lab):
    er_vpn.settle(lab)
    wait_for(lambda: set(statics(lab)) == set(VNET_NET.values()), "the static routes")


def kill_and_start(lab):
    lab.router.kill("erouted")
    lab.router.start("erouted")
    lab.wait_connected()
    wait_for(lambda: er_vpn.healthy(lab) == {0, 1}, "the gateways to answer again")


def ours(lab, prefix):
    """zebra's entry of our route: (distance, chosen)"""
    word = "ipv6" if ":" in prefix else "ip"
    for entry in lab.ce.show(f"show {word} route {prefix} json").get(prefix, []):
        if entry["protocol"] == "static" and entry.get("instance"):
            return entry["distance"], entry.get("selected", False)
    return None


def test_the_routes_float_below_expressroute(lab):
    for prefix in VNET_NET.values():
        distance, chosen = ours(lab, prefix)
        assert distance > 200 and not chosen
        assert not statics(lab)[prefix]["installed"]


def test_both_links_are_cut_and_come_back(lab):
    """Over both tunnels, in both families."""
    with lab.probe() as probe, circuit_cut(lab):
        wait_uses(lab, TUNNELS)
        wait_family(lab, state="active", cause="all-down", sendsOver="vpn", receivesOver="expressroute")
        wait_for(lambda: all(statics(lab)[prefix]["installed"] for prefix in VNET_NET.values()), "it to be told")
    assert 0 < max(gap.milliseconds for gap in probe.report.gaps) < LONGEST_GAP_MS, probe.report
    with nothing_lost(lab):
        settle(lab)


def test_erouted_is_killed_while_traffic_is_on_the_vpn(lab):
    with circuit_cut(lab):
        wait_uses(lab, TUNNELS)
        wait_family(lab, state="active")
        with nothing_lost(lab):
            lab.router.kill("erouted")
            assert er_vpn.uses(lab, TUNNELS)
            lab.router.start("erouted")
            lab.wait_connected()
            wait_family(lab, state="active", sendsOver="vpn")
            assert er_vpn.uses(lab, TUNNELS)
    settle(lab)


def test_erouted_is_killed_while_traffic_is_on_expressroute(lab):
    with nothing_lost(lab):
        lab.router.kill("erouted")
        assert all(ours(lab, prefix) for prefix in VNET_NET.values())
        lab.router.start("erouted")
        lab.wait_connected()
        settle(lab)


def test_without_erouted_the_routes_carry_what_is_lost(lab):
    lab.router.kill("erouted")
    try:
        with lab.probe() as probe, circuit_cut(lab):
            wait_uses(lab, TUNNELS)
        assert max(gap.milliseconds for gap in probe.report.gaps) < LONGEST_GAP_MS, probe.report
        wait_uses(lab, CIRCUIT)
    finally:
        lab.router.start("erouted")
    lab.wait_connected()


def test_erouted_is_killed_in_the_middle_of_each_switch(lab):
    with nothing_lost(lab):
        lab.ce.vtysh(f"expressroute switchover {BACKUP} to vpn")
        kill_and_start(lab)
        wait_family(lab, state="active", cause="operator")
        wait_uses(lab, TUNNELS)
        lab.ce.vtysh(f"expressroute switchover {BACKUP} to expressroute")
        kill_and_start(lab)
        settle(lab)


def test_a_failover_test_sees_that_zebra_moves_the_routes(lab):
    def result():
        return lab.ce.show(f"show expressroute vpn-backup {BACKUP} test json")

    with nothing_lost(lab):
        said = lab.ce.vtysh(f"expressroute failover-test {BACKUP} 6")
        assert "has begun" in said, said
        wait_uses(lab, TUNNELS)
        wait_for(lambda: result().get("result") not in ("running", "none"), "its end", 40)
        settle(lab)
    assert result()["result"] == "passed", result()
    assert 0 < result()["moved"] < 5000 and result()["lost"] == 0


def test_a_tunnel_that_loses_everything_leaves_the_route(lab):
    lab.vpn["gw0"].black_hole()
    try:
        er_vpn.wait_healthy(lab, 1)
        assert "does not answer" in er_vpn.session(lab, 0)["problem"]
        with circuit_cut(lab):
            wait_uses(lab, {"ipsec1"})
    finally:
        lab.vpn["gw0"].black_hole(False)


def test_a_deleted_tunnel_comes_back(lab):
    lab.vpn["gw1"].delete()
    try:
        er_vpn.wait_healthy(lab, 0)
    finally:
        lab.vpn["gw1"].recreate()


#
# Names and pins
#
def resolved(lab, number=0):
    return set(er_vpn.gateway(lab, number).get("resolvedAddress", []))


def pins(lab):
    """gateway's address -> its host route in the kernel: (next hop, port)"""
    found = {}
    for family in (4, 6):
        for route in json.loads(lab.ce.sh(f"ip -json -{family} route show") or "[]"):
            if "/" not in route["dst"] and route["dst"] != "default":
                found[route["dst"]] = (route.get("gateway"), route.get("dev"))
    return found


def both(gateway, other=False):
    return {family: gateway.public(family, other) for family in (4, 6)}


def wait_pinned(lab, addresses):
    """These, over the internet, and no other of a gateway."""
    known = {a for each in GATEWAYS.values() for other in (False, True) for a in both(each, other).values()}
    want = {a: (vpn.INTERNET[family], "wan") for each in addresses for family, a in each.items()}

    def pinned():
        return {address: way for address, way in pins(lab).items() if address in known}

    wait_for(lambda: pinned() == want, f"pins for {want}", 20)


def test_gateways_are_pinned_by_name(lab):
    for number, each in enumerate(GATEWAYS.values()):
        assert resolved(lab, number) == set(both(each).values())
    wait_pinned(lab, [both(each) for each in GATEWAYS.values()])


def test_pins_follow_the_name(lab):
    first, second = GATEWAYS.values()
    try:
        lab.vpn.names.set(first.name, *both(first, other=True).values())
        lab.ce.vtysh(f"expressroute resolve {BACKUP}")
        wait_pinned(lab, [both(first, other=True), both(second)])
    finally:
        lab.vpn.names.set(first.name, *both(first).values())
        lab.ce.vtysh(f"expressroute resolve {BACKUP}")
    wait_pinned(lab, [both(first), both(second)])


def test_pins_outlive_the_dns_server(lab):
    lab.vpn.names.servfail()
    lab.ce.vtysh(f"expressroute resolve {BACKUP}")
    wait_for(lambda: er_vpn.gateway(lab)["resolve"]["state"] == "failed", "the failure to be told")
    assert er_vpn.gateway(lab)["resolve"]["problem"]
    wait_pinned(lab, [both(each) for each in GATEWAYS.values()])
    lab.vpn.names.good()
    lab.ce.vtysh(f"expressroute resolve {BACKUP}")
    wait_for(lambda: er_vpn.gateway(lab)["resolve"]["state"] == "resolved", "the answer")


def test_microsofts_announcement_does_not_swallow_the_tunnels(lab):
    """Nor does what it takes with it when the circuit is lost."""

    def way(address):
        (route,) = json.loads(lab.ce.sh(f"ip -json route get {address}"))
        return route["dev"]

    for msee in lab.msees.values():
        vpn.swallow(msee)
    try:
        # what is not pinned
        other = scenery.host(vpn.AZURE_PUBLIC[4], 100)
        wait_for(lambda: way(other) in CIRCUIT, "Azure's public addresses over the circuit")
        assert {way(each.public()) for each in GATEWAYS.values()} == {"wan"}
        with circuit_cut(lab):
            wait_uses(lab, TUNNELS)
            with nothing_lost(lab):
                wait_family(lab, state="active")
    finally:
        for msee in lab.msees.values():
            vpn.swallow(msee, False)
