# SPDX-License-Identifier: GPL-2.0-or-later
"""Both peerings of a circuit over the same ports: each is tracked for itself."""
import pytest

import er_lab
import scenery
from scenery import LINKS, wait_for

PUBLIC = {"primary": "203.0.113.0/30", "secondary": "203.0.113.4/30"}
OURS = "198.51.100.0/24"
THEIRS = "52.96.0.0/14"


def both_peerings():
    private = scenery.circuit_conf(peering=["vlan 100"])
    lines = ["  peering microsoft", "   vlan 200", f"   advertise {OURS}"]
    for role, subnet in PUBLIC.items():
        lines += [f"   link {role}", f"    interface {LINKS[role].msee}", f"    ipv4-subnet {subnet}", "   exit-link"]
    lines.append("  exit-peering")
    return private.replace("\n exit-circuit", "\n" + "\n".join(lines) + "\n exit-circuit")


def microsoft_side(role):
    """What an MSEE has more than for private peering."""
    address = scenery.host(PUBLIC[role], 1)
    return (
        f"configure terminal\ninterface ce\nip address {scenery.on_interface(PUBLIC[role], 2)}\nexit\n"
        f"ip prefix-list MICROSOFT permit {THEIRS}\nroute-map MICROSOFT permit 100\nmatch ip address prefix-list MICROSOFT\nexit\n"
        f"route-map TO-CUSTOMER deny 10\nmatch ip address prefix-list MICROSOFT\nexit\n"
        f"router bgp {scenery.MICROSOFT_AS}\nneighbor {address} remote-as external\nneighbor {address} shutdown\n"
        f"neighbor {address} bfd 3 300 300\n"
        f"neighbor {address} timers connect 1\naddress-family ipv4 unicast\nnetwork {THEIRS}\n"
        f"neighbor {address} activate\nneighbor {address} route-map MICROSOFT out\n"
        f"neighbor {address} soft-reconfiguration inbound\nexit-address-family\nno neighbor {address} shutdown"
    )


@pytest.fixture(scope="module")
def lab(request):
    bgp = scenery.ce_bgp(extra=["no bgp network import-check"]).replace(
        f"  network {scenery.ONPREM_NET[4]}", f"  network {scenery.ONPREM_NET[4]}\n  network {OURS}"
    )
    ports = [scenery.interface_conf(LINKS[role].msee, scenery.on_interface(net, 1)) for role, net in PUBLIC.items()]
    conf = scenery.frr_conf("ce", scenery.ce_interfaces(), *ports, bgp, both_peerings())
    with er_lab.running(request, ce_conf=conf) as lab:
        for role, msee in lab.msees.items():
            msee.vtysh(microsoft_side(role))
        yield lab


def wait_microsoft(lab, redundancy):
    return lab.wait_circuit(
        lambda c: c.family("ipv4", "microsoft").get("redundancy") == redundancy,
        f"Microsoft peering to be {redundancy}",
        40,
    )


def test_both_peerings_are_redundant(lab):
    wait_microsoft(lab, "redundant")
    circuit = lab.wait_redundant()
    assert circuit.state["redundancy"] == "redundant"
    assert circuit.session("primary", peering="microsoft")["neighborAddress"] == scenery.host(PUBLIC["primary"], 2)


def test_each_peering_advertises_its_own(lab):
    wait_microsoft(lab, "redundant")
    lab.wait_redundant()

    def heard(msee, address):
        routes = msee.show(f"show bgp ipv4 unicast neighbors {address} received-routes json")
        return set(routes.get("receivedRoutes", {}))

    for role, msee in lab.msees.items():
        wait_for(lambda: heard(msee, scenery.host(PUBLIC[role], 1)) == {OURS}, f"our public prefix on {role}")
        wait_for(lambda: heard(msee, LINKS[role].customer(4)) == {scenery.ONPREM_NET[4]}, f"our private one on {role}")


def test_drain_of_one_peering_is_not_the_others(lab):
    wait_microsoft(lab, "redundant")
    prepend = " ".join([str(scenery.MICROSOFT_AS)] * 8)
    lab.msee1.vtysh(f"configure terminal\nroute-map MICROSOFT permit 100\nset as-path prepend {prepend}")
    lab.msee1.vtysh("clear bgp ipv4 unicast * soft out")
    circuit = wait_microsoft(lab, "degraded")
    assert circuit.session("primary", peering="microsoft")["health"] == "drained"
    assert circuit.family("ipv4", "private")["redundancy"] == "redundant"
    assert circuit.state["redundancy"] == "degraded"

    def used():
        paths = lab.ce.show(f"show bgp ipv4 unicast {THEIRS} json")["paths"]
        return {p["peer"]["peerId"] for p in paths if p.get("bestpath", {}).get("overall") or p.get("multipath")}

    wait_for(lambda: used() == {scenery.host(PUBLIC["secondary"], 2)}, "traffic on the secondary link")
    lab.msee1.vtysh("configure terminal\nroute-map MICROSOFT permit 100\nno set as-path prepend")
    lab.msee1.vtysh("clear bgp ipv4 unicast * soft out")
    wait_microsoft(lab, "redundant")


def test_one_peering_can_be_removed(lab):
    wait_microsoft(lab, "redundant")
    flaps = lab.flaps()
    lab.configure("expressroute\ncircuit amsterdam\nno peering microsoft")
    address = scenery.host(PUBLIC["primary"], 2)
    wait_for(lambda: not lab.ce.show(f"show bgp neighbors {address} json").get(address), "its neighbors to go")
    assert lab.wait_redundant()
    assert lab.flaps() == flaps
