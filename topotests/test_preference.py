# SPDX-License-Identifier: GPL-2.0-or-later
"""
Two circuits over the same ports: which of them carries what, by preference, by
region, while one is drained or gone, and what is prepended on the way out.
"""
import pytest

import er_lab
import scenery
from scenery import CUSTOMER_AS, LINKS, MICROSOFT_AS, wait_for

SUBNETS = {
    "amsterdam": {role: link.subnet for role, link in LINKS.items()},
    "frankfurt": {
        "primary": {4: "172.16.0.8/30", 6: "2001:db8:e0::8/126"},
        "secondary": {4: "172.16.0.12/30", 6: "2001:db8:e0::c/126"},
    },
}
# VNets: in East US, in West Europe, with a custom value, with that and East US
EAST, WEST, BRANCH, BOTH = (
    {4: f"10.{number}.0.0/16", 6: f"2001:db8:{number}::/64"} for number in (21, 22, 23, 24)
)
TAGS = {"12076:50004": EAST, "12076:50002": WEST, "12076:20001": BRANCH, "12076:20001 12076:50004": BOTH}
TAGGED = {net: communities for communities, nets in TAGS.items() for net in nets.values()}


def vlan(name):
    return 100 + list(SUBNETS).index(name)


def circuits():
    parts = []
    for name, subnets in SUBNETS.items():
        links = {role: scenery.Link(role, LINKS[role].msee, subnets[role]) for role in LINKS}
        parts.append(scenery.circuit_conf(name, links=links, peering=[f"vlan {vlan(name)}"]))
    return parts


def frankfurt_side(role):
    """What an MSEE has more than for Amsterdam."""
    lines = ["configure terminal", "route-map TO-FRANKFURT permit 100", "exit"]
    for family, net in SUBNETS["frankfurt"][role].items():
        ip = "ip" if family == 4 else "ipv6"
        neighbor = f"neighbor {scenery.host(net, 1)}"
        lines += ["interface ce", f"{ip} address {scenery.on_interface(net, 2)}", "exit"]
        lines += [f"router bgp {MICROSOFT_AS}", f"{neighbor} remote-as external", f"{neighbor} timers connect 1"]
        lines += [f"{neighbor} advertisement-interval 0", f"{neighbor} bfd", f"{neighbor} bfd 3 300 300"]
        lines += [f"address-family ipv{family} unicast", f"{neighbor} activate", f"{neighbor} route-map TO-FRANKFURT out"]
        lines += [f"{neighbor} soft-reconfiguration inbound", "exit-address-family", "exit"]
    return "\n".join(lines)


@pytest.fixture(scope="module")
def lab(request):
    ports = [
        scenery.interface_conf(
            LINKS[role].msee, *(scenery.on_interface(net, 1) for net in SUBNETS["frankfurt"][role].values())
        )
        for role in LINKS
    ]
    conf = scenery.frr_conf("ce", scenery.ce_interfaces(), *ports, scenery.ce_bgp(), *circuits())
    with er_lab.running(request, ce_conf=conf, msees={role: {"tagged": TAGGED} for role in LINKS}) as lab:
        for role, msee in lab.msees.items():
            msee.vtysh(frankfurt_side(role))
        redundant(lab)
        lab.flaps_before = lab.flaps()
        yield lab


def redundant(lab):
    for name in SUBNETS:
        lab.wait_redundant(name=name, timeout=60)


@pytest.fixture(autouse=True)
def no_flap(lab):
    yield
    assert lab.flaps() == lab.flaps_before


def microsoft(family, *names):
    return {scenery.host(SUBNETS[name][role][family], 2) for name in names for role in LINKS}


def used(lab, net, family):
    paths = lab.ce.show(f"show bgp ipv{family} unicast {net} json").get("paths", [])
    return {
        path["peer"]["peerId"] for path in paths if path.get("bestpath", {}).get("overall") or path.get("multipath")
    }


def goes_over(lab, nets, *names):
    """The traffic for a VNet, in both families: in bgpd and, where addresses tell circuits apart, in the kernel."""
    for family, net in nets.items():
        want = microsoft(family, *names)
        wait_for(lambda: used(lab, net, family) == want, f"{net} over {', '.join(names)}")
        if family == 4:
            wait_for(lambda: lab.gateways(net) == want, f"{net} over {', '.join(names)} in the kernel")


def drain(lab, on):
    """Frankfurt, both links."""
    change = "set" if on else "no set"
    for msee in lab.msees.values():
        prepend = f"{change} as-path prepend " + " ".join([str(MICROSOFT_AS)] * 8)
        msee.vtysh(f"configure terminal\nroute-map TO-FRANKFURT permit 100\n{prepend}")
        msee.vtysh("clear bgp ipv4 unicast * soft out\nclear bgp ipv6 unicast * soft out")


def configure(lab, *lines):
    lab.configure("\n".join(["expressroute", *lines]))


def test_equal_circuits_share(lab):
    for nets in (EAST, WEST, BRANCH, BOTH):
        goes_over(lab, nets, "amsterdam", "frankfurt")


def test_region_goes_where_it_is_to_go(lab):
    configure(lab, "region-preference east-us circuit frankfurt amsterdam")
    goes_over(lab, EAST, "frankfurt")
    goes_over(lab, BOTH, "frankfurt")
    goes_over(lab, WEST, "amsterdam", "frankfurt")
    for net in EAST.values():
        steps = [s for s in lab.explain(net) if s["rule"] == "region-preference"]
        assert {(s["circuit"], s["link"]) for s in steps} == {(name, role) for name in SUBNETS for role in LINKS}


def test_drained_circuit_is_left_and_taken_again(lab):
    drain(lab, True)
    goes_over(lab, EAST, "amsterdam")
    goes_over(lab, WEST, "amsterdam")
    drain(lab, False)
    goes_over(lab, EAST, "frankfurt")
    goes_over(lab, WEST, "amsterdam", "frankfurt")


def test_next_in_the_list_takes_over(lab):
    configure(lab, "circuit frankfurt", "shutdown")
    goes_over(lab, EAST, "amsterdam")
    configure(lab, "circuit frankfurt", "no shutdown")
    goes_over(lab, EAST, "frankfurt")
    redundant(lab)


def test_list_is_replaced(lab):
    configure(lab, "region-preference east-us circuit amsterdam")
    goes_over(lab, EAST, "amsterdam")
    configure(lab, "region-preference east-us circuit frankfurt amsterdam")
    goes_over(lab, EAST, "frankfurt")


def test_highest_community_decides(lab):
    """A name of the operator's own, beside a region: 50004 is more than 20001."""
    configure(lab, "community branch value 12076:20001", "region-preference branch circuit amsterdam")
    goes_over(lab, BRANCH, "amsterdam")
    goes_over(lab, BOTH, "frankfurt")
    configure(lab, "no region-preference east-us")
    goes_over(lab, BOTH, "amsterdam")
    goes_over(lab, EAST, "amsterdam", "frankfurt")
    configure(lab, "region-preference 12076:50004 circuit frankfurt")
    goes_over(lab, EAST, "frankfurt")


def test_region_comes_before_the_circuits_preference(lab):
    configure(lab, "circuit amsterdam", "preference 10")
    goes_over(lab, WEST, "amsterdam")
    goes_over(lab, EAST, "frankfurt")


def test_passive_link_waits_in_a_region_too(lab):
    configure(lab, "circuit frankfurt", "redundancy active-passive")
    for family, net in EAST.items():
        primary = {scenery.host(SUBNETS["frankfurt"]["primary"][family], 2)}
        wait_for(lambda: used(lab, net, family) == primary, f"{net} over the active link")


def path_at(lab, name, role, family):
    """The AS path of our prefix as Microsoft sees it."""
    address = scenery.host(SUBNETS[name][role][family], 1)
    return er_lab.heard(getattr(lab, LINKS[role].msee), address).get(scenery.ONPREM_NET[family])


def copies(lab, want):
    """want: (circuit, link) -> how often our AS stands in the path"""
    for (name, role), number in want.items():
        for family in (4, 6):
            path = " ".join([str(CUSTOMER_AS)] * number)
            wait_for(lambda: path_at(lab, name, role, family) == path, f"{number} copies on {name} {role} ipv{family}")


def test_prepending_is_seen_by_microsoft(lab):
    """Frankfurt is active-passive, and standby to Amsterdam."""
    both = [("amsterdam", role) for role in LINKS]
    copies(lab, {**dict.fromkeys(both, 1), ("frankfurt", "primary"): 1, ("frankfurt", "secondary"): 1})
    configure(lab, "circuit frankfurt", "peering private", "passive-prepend 3")
    copies(lab, {**dict.fromkeys(both, 1), ("frankfurt", "primary"): 1, ("frankfurt", "secondary"): 4})
    configure(lab, "circuit frankfurt", "peering private", "prepend 2")
    copies(lab, {**dict.fromkeys(both, 1), ("frankfurt", "primary"): 3, ("frankfurt", "secondary"): 6})
    configure(lab, "circuit frankfurt", "redundancy active-passive active secondary")
    copies(lab, {("frankfurt", "primary"): 6, ("frankfurt", "secondary"): 3})
    configure(lab, "circuit frankfurt", "peering private", "no prepend", "no passive-prepend")
    copies(lab, {("frankfurt", "primary"): 1, ("frankfurt", "secondary"): 1})


def own_phase(lab, name, role):
    return lab.circuit(name).state.get("operatorDrain", {}).get(role, {})


def test_a_circuit_drained_by_its_operator_is_left_whatever_a_region_prefers(lab):
    goes_over(lab, WEST, "amsterdam")
    with lab.probe() as probe:
        lab.ce.vtysh("expressroute drain circuit frankfurt")
        goes_over(lab, EAST, "amsterdam")
        goes_over(lab, WEST, "amsterdam")
        copies(lab, {("frankfurt", role): 9 for role in LINKS} | {("amsterdam", role): 1 for role in LINKS})
        _, said = lab.ce.try_vtysh("expressroute drain circuit amsterdam")
        assert "% circuit amsterdam: both links are the last that can carry private ipv4" in said
        for role in LINKS:
            wait_for(lambda: own_phase(lab, "frankfurt", role).get("phase") == "safe", f"{role} to be safe", 60)
            # the other circuit is on the same ports
            assert "another link runs over" in own_phase(lab, "frankfurt", role)["reason"]
        lab.ce.vtysh("expressroute undrain circuit frankfurt")
        copies(lab, {("frankfurt", role): 1 for role in LINKS})
        redundant(lab)
    assert probe.report.lost == 0, probe.report


def standby(lab, name):
    return lab.circuit(name).family("ipv4").get("standby", {})


def test_a_standby_circuit_is_compared_with_the_preferred_one(lab):
    whole = {"for": "amsterdam", "ready": True, "offered": 5, "missing": 0, "carries": False}
    wait_for(lambda: standby(lab, "frankfurt") == whole, "the comparison")
    assert standby(lab, "amsterdam") == {}
    for msee in lab.msees.values():
        msee.vtysh(
            f"configure terminal\nip prefix-list EAST permit {EAST[4]}\nroute-map TO-FRANKFURT deny 50\n"
            "match ip address prefix-list EAST"
        )
        msee.vtysh("clear bgp ipv4 unicast * soft out")
    lacks = {"missing": 1, "missingPrefix": [EAST[4]], "ready": False, "offered": 4, "for": "amsterdam"}
    wait_for(lambda: standby(lab, "frankfurt").items() >= lacks.items(), "what it lacks")
    assert standby(lab, "frankfurt")["reason"] == "it lacks 1 of the 5 prefixes of amsterdam"
    for msee in lab.msees.values():
        msee.vtysh("configure terminal\nno route-map TO-FRANKFURT deny 50\nno ip prefix-list EAST")
        msee.vtysh("clear bgp ipv4 unicast * soft out")
    wait_for(lambda: standby(lab, "frankfurt") == whole, "the comparison")


def test_everything_taken_back_is_as_before(lab):
    configure(
        lab,
        "no region-preference 12076:50004",
        "no region-preference branch",
        "no community branch",
        "circuit amsterdam",
        "no preference",
        "exit",
        "circuit frankfurt",
        "no redundancy",
    )
    for nets in (EAST, WEST, BRANCH, BOTH):
        goes_over(lab, nets, "amsterdam", "frankfurt")


def test_private_as_cannot_be_prepended_on_microsoft_peering(lab):
    status, out = lab.ce.try_vtysh(
        "configure terminal\nexpressroute\ncircuit rotterdam\npeering microsoft\nrouter-as 65001\nprepend 2"
    )
    assert "strips private ASNs" in out, (status, out)
    lab.ce.try_vtysh("configure terminal\nexpressroute\nno circuit rotterdam")
