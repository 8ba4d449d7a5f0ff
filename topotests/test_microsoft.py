# SPDX-License-Identifier: GPL-2.0-or-later
"""Both peerings of a circuit over the same ports: each is tracked for itself."""
import pytest

import er_doc
import er_lab
import scenery
from scenery import LINKS, wait_for

PUBLIC = {
    "primary": {4: "203.0.113.0/30", 6: "2001:db8:f0::/126"},
    "secondary": {4: "203.0.113.4/30", 6: "2001:db8:f0::4/126"},
}
OURS = {4: "198.51.100.0/24", 6: "2001:db8:c0::/48"}
# prefix -> communities: Exchange Online, and something else
THEIRS = {4: "52.96.0.0/14", 6: "2603:1006::/40"}
OTHERS = {4: "20.33.0.0/16", 6: "2603:1020::/40"}
TAGS = {**{net: "12076:5010" for net in THEIRS.values()}, **{net: "12076:51004" for net in OTHERS.values()}}


def both_peerings():
    private = scenery.circuit_conf(peering=["vlan 100"])
    lines = ["  peering microsoft", "   vlan 200", "   route-filter office"]
    lines += [f"   advertise {net}" for net in OURS.values()]
    for role, subnets in PUBLIC.items():
        lines += [f"   link {role}", f"    interface {LINKS[role].msee}"]
        lines += [f"    ipv{family}-subnet {subnet}" for family, subnet in subnets.items()]
        lines.append("   exit-link")
    lines.append("  exit-peering")
    filters = "expressroute\n route-filter office\n  allow service exchange-online\n exit-route-filter\n"
    return private.replace("expressroute\n", filters, 1).replace(
        "\n exit-circuit", "\n" + "\n".join(lines) + "\n exit-circuit"
    )


def microsoft_side(role):
    """What an MSEE has more than for private peering: AS path and communities of its own towards the customer."""
    lines = ["configure terminal"]
    for communities in sorted(set(TAGS.values())):
        lines += scenery.tag_conf(communities)
    for family in (4, 6):
        ip = "ip" if family == 4 else "ipv6"
        address = scenery.host(PUBLIC[role][family], 1)
        nets = [THEIRS[family], OTHERS[family]]
        lines += [f"interface ce\n{ip} address {scenery.on_interface(PUBLIC[role][family], 2)}\nexit"]
        lines += [f"{ip} prefix-list MICROSOFT permit {net}" for net in nets]
        lines += [f"route-map MICROSOFT permit {family}00\nmatch {ip} address prefix-list MICROSOFT\nexit"]
        lines += [f"route-map TO-CUSTOMER deny {family}\nmatch {ip} address prefix-list MICROSOFT\nexit"]
        lines += [f"router bgp {scenery.MICROSOFT_AS}", f"neighbor {address} remote-as external"]
        lines += [f"neighbor {address} shutdown", f"neighbor {address} bfd 3 300 300"]
        lines += [f"neighbor {address} timers connect 1", f"address-family ipv{family} unicast"]
        lines += [f"network {net} route-map {scenery.tag_name(TAGS[net])}" for net in nets]
        lines += [f"neighbor {address} activate", f"neighbor {address} route-map MICROSOFT out"]
        lines += [f"neighbor {address} soft-reconfiguration inbound", "exit-address-family"]
        lines += [f"no neighbor {address} shutdown", "exit"]
    return "\n".join(lines)


@pytest.fixture(scope="module")
def lab(request):
    bgp = scenery.ce_bgp(extra=["no bgp network import-check"])
    for family, net in OURS.items():
        line = f"  network {scenery.ONPREM_NET[family]}"
        bgp = bgp.replace(line, f"{line}\n  network {net}")
    ports = [
        scenery.interface_conf(LINKS[role].msee, *(scenery.on_interface(net, 1) for net in subnets.values()))
        for role, subnets in PUBLIC.items()
    ]
    conf = scenery.frr_conf("ce", scenery.ce_interfaces(), *ports, bgp, both_peerings())
    with er_lab.running(request, ce_conf=conf) as lab:
        for role, msee in lab.msees.items():
            msee.vtysh(microsoft_side(role))
        yield lab


def wait_microsoft(lab, redundancy, families=("ipv4", "ipv6")):
    return lab.wait_circuit(
        lambda c: all(c.family(f, "microsoft").get("redundancy") == redundancy for f in families),
        f"Microsoft peering to be {redundancy}",
        40,
    )


def microsoft(role, family):
    return scenery.host(PUBLIC[role][family], 2)


def accepted(lab):
    """What comes in on Microsoft peering, when it is the same on both links."""
    got = [lab.routes_from(microsoft(role, 4)) | lab.routes_from(microsoft(role, 6)) for role in LINKS]
    return got[0] if got[0] == got[1] else None


def test_both_peerings_are_redundant(lab):
    wait_microsoft(lab, "redundant")
    circuit = lab.wait_redundant()
    assert circuit.state["redundancy"] == "redundant"
    assert circuit.session("primary", peering="microsoft")["neighborAddress"] == microsoft("primary", 4)


def test_filter_decides_what_comes_in(lab):
    wait_microsoft(lab, "redundant")
    flaps = lab.flaps()
    wait_for(lambda: accepted(lab) == set(THEIRS.values()), "what the filter allows")
    lab.configure("expressroute\nroute-filter office\nallow region east-us")
    wait_for(lambda: accepted(lab) == set(TAGS), "the region as well")
    lab.configure("expressroute\nroute-filter office\nno allow region east-us")
    wait_for(lambda: accepted(lab) == set(THEIRS.values()), "the region to go")
    assert lab.flaps() == flaps


def test_without_a_filter_nothing_comes_in(lab):
    wait_for(lambda: accepted(lab) == set(THEIRS.values()), "what the filter allows")
    flaps = lab.flaps()
    lab.configure("expressroute\ncircuit amsterdam\npeering microsoft\nno route-filter")
    wait_for(lambda: accepted(lab) == set(), "everything to go")
    circuit = lab.wait_circuit(
        lambda c: all(c.family(f, "microsoft").get("warning") for f in ("ipv4", "ipv6")), "it to be said"
    )
    assert any("route-filter" in text for text in circuit.family("ipv4", "microsoft")["warning"])
    # what private peering carries is none of its business
    assert lab.paths_installed() == {4: 2, 6: 2}
    lab.configure("expressroute\ncircuit amsterdam\npeering microsoft\nroute-filter office")
    wait_for(lambda: accepted(lab) == set(THEIRS.values()), "what the filter allows")
    assert lab.flaps() == flaps


def test_each_peering_advertises_its_own(lab):
    wait_microsoft(lab, "redundant")
    lab.wait_redundant()

    for role, msee in lab.msees.items():
        for family in (4, 6):
            ours, private = scenery.host(PUBLIC[role][family], 1), LINKS[role].customer(family)
            wait_for(lambda: set(er_lab.heard(msee, ours)) == {OURS[family]}, f"our public prefix on {role}")
            wait_for(
                lambda: set(er_lab.heard(msee, private)) == {scenery.ONPREM_NET[family]}, f"our private one on {role}"
            )


def test_nothing_private_goes_out(lab):
    """Whatever an operator's prefix-list permits: the default route and private space stay here."""
    wait_microsoft(lab, "redundant")
    extra = {4: ["0.0.0.0/0", "192.168.7.0/24"], 6: ["::/0", "fd00:7::/48"]}
    lines = [f"router bgp {scenery.CUSTOMER_AS}"]
    for family, nets in extra.items():
        lines += [f"address-family ipv{family} unicast", *(f"network {net}" for net in nets), "exit-address-family"]
    for family, nets in extra.items():
        ip = "ip" if family == 4 else "ipv6"
        lines += [f"{ip} prefix-list ANYTHING permit {net}" for net in [*nets, scenery.ONPREM_NET[family], OURS[family]]]
    lists = ["advertise prefix-list ANYTHING", "advertise ipv6 prefix-list ANYTHING"]
    peering = ["expressroute", "circuit amsterdam", "peering microsoft"]
    lab.configure("\n".join(lines + peering + lists + [f"no advertise {net}" for net in OURS.values()]))
    allowed = {4: {OURS[4]}, 6: {OURS[6], scenery.ONPREM_NET[6]}}  # 2001:db8::/32 is nobody's, but not private
    for role, msee in lab.msees.items():
        for family in (4, 6):
            address = scenery.host(PUBLIC[role][family], 1)
            wait_for(lambda: set(er_lab.heard(msee, address)) == allowed[family], f"what is public, on {role}")
    for net, rule in (("192.168.7.0/24", "private-space"), ("fd00:7::/48", "private-space"), ("::/0", "default-route")):
        steps = [s for s in lab.explain(net) if s["stage"] == "outbound" and s.get("peering") == "microsoft"]
        assert {s["rule"] for s in steps if s["verdict"] == "refuse"} == {rule}, steps
    given = [f"advertise {net}" for net in OURS.values()]
    lab.configure("\n".join(peering + given + ["no advertise prefix-list", "no advertise ipv6 prefix-list"]))
    lines = [f"router bgp {scenery.CUSTOMER_AS}"]
    for family, nets in extra.items():
        lines += [f"address-family ipv{family} unicast", *(f"no network {net}" for net in nets), "exit-address-family"]
    lab.configure("\n".join(lines))
    for role, msee in lab.msees.items():
        for family in (4, 6):
            address = scenery.host(PUBLIC[role][family], 1)
            wait_for(lambda: set(er_lab.heard(msee, address)) == {OURS[family]}, f"ours only, on {role}")


def test_drain_of_one_peering_is_not_the_others(lab):
    wait_microsoft(lab, "redundant")
    prepend = " ".join([str(scenery.MICROSOFT_AS)] * 8)
    lab.msee1.vtysh(f"configure terminal\nroute-map MICROSOFT permit 400\nset as-path prepend {prepend}")
    lab.msee1.vtysh("clear bgp ipv4 unicast * soft out")
    circuit = wait_microsoft(lab, "degraded", ("ipv4",))
    assert circuit.session("primary", peering="microsoft")["health"] == "drained"
    assert circuit.family("ipv4", "private")["redundancy"] == "redundant"
    assert circuit.state["redundancy"] == "degraded"

    def used():
        paths = lab.ce.show(f"show bgp ipv4 unicast {THEIRS[4]} json")["paths"]
        return {p["peer"]["peerId"] for p in paths if p.get("bestpath", {}).get("overall") or p.get("multipath")}

    wait_for(lambda: used() == {microsoft("secondary", 4)}, "traffic on the secondary link")
    lab.msee1.vtysh("configure terminal\nroute-map MICROSOFT permit 400\nno set as-path prepend")
    lab.msee1.vtysh("clear bgp ipv4 unicast * soft out")
    wait_microsoft(lab, "redundant")


@pytest.mark.parametrize("command", er_doc.CLAIMED["monitoring"])
def test_the_guide_shows_this_screen(lab, command):
    wait_microsoft(lab, "redundant")
    lab.wait_redundant()
    wait_for(lambda: accepted(lab) == set(THEIRS.values()), "what the filter allows")
    er_doc.check(lab.ce, "monitoring", command)


def test_one_peering_can_be_removed(lab):
    wait_microsoft(lab, "redundant")
    flaps = lab.flaps()
    lab.configure("expressroute\ncircuit amsterdam\nno peering microsoft")
    address = microsoft("primary", 4)
    wait_for(lambda: not lab.ce.show(f"show bgp neighbors {address} json").get(address), "its neighbors to go")
    assert lab.wait_redundant()
    assert lab.flaps() == flaps
