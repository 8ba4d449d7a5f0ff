# SPDX-License-Identifier: GPL-2.0-or-later
"""
The operator's own route-maps behind our rules, both ways: named in the circuit
where the session is managed, at the neighbor where it is attached, there with
and without soft-reconfiguration inbound.
"""
import pytest

import er_lab
import scenery
from scenery import LINKS, wait_for

METRIC = 77
# carrying East US, which the filter allows; the same, but the operator refuses it; West Europe
GOOD = {4: "10.21.0.0/16", 6: "2001:db8:21::/64"}
DENIED = {4: "10.22.0.0/16", 6: "2001:db8:22::/64"}
OTHER = {4: "10.23.0.0/16", 6: "2001:db8:23::/64"}
TAGGED = {
    **dict.fromkeys([*GOOD.values(), *DENIED.values()], "12076:50004"),
    **dict.fromkeys(OTHER.values(), "12076:50002"),
}
# what goes out, and what the operator's map holds back
SENT = scenery.ONPREM_NET
KEPT = {4: "10.101.0.0/24", 6: "2001:db8:101::/64"}

FILTER = "expressroute\n route-filter vnets\n  allow region east-us\n exit-route-filter\n"


def operators_maps():
    lines = []
    for family in (4, 6):
        ip = "ip" if family == 4 else "ipv6"
        lines += [f"{ip} prefix-list DENIED permit {DENIED[family]}", f"{ip} prefix-list KEPT permit {KEPT[family]}"]
        lines += [f"route-map OPERATOR-IN deny {family}", f" match {ip} address prefix-list DENIED", "exit"]
        lines += [f"route-map OPERATOR-OUT deny {family}", f" match {ip} address prefix-list KEPT", "exit"]
    lines += ["route-map OPERATOR-IN permit 100", f" set metric {METRIC}", " set local-preference 999", "exit"]
    return "\n".join([*lines, "route-map OPERATOR-OUT permit 100", "exit", "!"])


def bgp(soft=None):
    """soft: with the operator's neighbors, and whether they keep what they receive."""
    extra = ["no bgp network import-check", "bgp route-map delay-timer 1"]
    families = {4: [], 6: []}
    if soft is not None:
        extra.append("no bgp default ipv4-unicast")
        for family, lines in families.items():
            for link in LINKS.values():
                neighbor = f"neighbor {link.microsoft(family)}"
                extra += [f"{neighbor} remote-as {scenery.MICROSOFT_AS}", f"{neighbor} bfd 3 300 300"]
                lines += [f"  {neighbor} activate", f"  {neighbor} route-map OPERATOR-IN in"]
                lines.append(f"  {neighbor} route-map OPERATOR-OUT out")
                lines += [f"  {neighbor} soft-reconfiguration inbound"] * soft
    text = scenery.ce_bgp(extra)
    for family, lines in families.items():
        own = f"  network {SENT[family]}"
        text = text.replace(own, "\n".join([own, f"  network {KEPT[family]}", *lines]))
    return text


@pytest.fixture(scope="module", params=["managed", "attached", "attached with soft-reconfiguration"])
def lab(request):
    kind = request.param
    if kind == "managed":
        peering = ["route-filter vnets", "route-map OPERATOR-IN in", "route-map OPERATOR-OUT out"]
        circuit = scenery.circuit_conf(peering=[*peering, *(f"advertise {net}" for net in KEPT.values())])
    else:
        circuit = scenery.circuit_conf(session="attached", peering=["route-filter vnets"])
    neighbors = None if kind == "managed" else "soft" in kind
    conf = scenery.frr_conf(
        "ce", scenery.ce_interfaces(), operators_maps(), bgp(neighbors), circuit.replace("expressroute\n", FILTER, 1)
    )
    with er_lab.running(request, ce_conf=conf, msees={role: {"tagged": TAGGED} for role in LINKS}) as lab:
        lab.kind = kind
        lab.wait_redundant(timeout=60)
        lab.flaps_before = lab.flaps()
        yield lab


@pytest.fixture(autouse=True)
def no_flap(lab):
    yield
    assert lab.flaps() == lab.flaps_before


def comes_in(lab, *wanted):
    for role, link in LINKS.items():
        for family in (4, 6):
            want = {nets[family] for nets in wanted}
            neighbor = link.microsoft(family)
            wait_for(lambda: lab.routes_from(neighbor) == want, f"{want} and no other on {role}", 20)


def goes_out(lab, *wanted):
    for role, msee in lab.msees.items():
        for family in (4, 6):
            want = {nets[family] for nets in wanted}
            address = LINKS[role].customer(family)
            wait_for(lambda: set(er_lab.heard(msee, address)) == want, f"{want} and no other out on {role}", 20)


def map_line(lab, name, way):
    """Name another of the operator's maps, where it is named; None: none at all."""
    if lab.kind == "managed":
        line = f"route-map {name} {way}" if name else f"no route-map {way}"
        lab.configure(f"expressroute\ncircuit amsterdam\npeering private\n{line}")
        return
    lines = []
    for family in (4, 6):
        lines += [f"router bgp {scenery.CUSTOMER_AS}", f"address-family ipv{family} unicast"]
        for link in LINKS.values():
            neighbor = f"neighbor {link.microsoft(family)} route-map"
            lines.append(f"{neighbor} {name} {way}" if name else f"no {neighbor} OPERATOR-{way.upper()} {way}")
    lab.configure("\n".join(lines))


def test_filter_and_map_both_have_their_say(lab):
    comes_in(lab, GOOD)
    goes_out(lab, SENT)
    for net in GOOD.values():
        family = 6 if ":" in net else 4
        for path in lab.ce.show(f"show bgp ipv{family} unicast {net} json")["paths"]:
            assert path["metric"] == METRIC
            assert path["locPrf"] == 150, "local-preference is ours"


def test_who_refused_is_explained(lab):
    if lab.kind == "attached":
        return  # what was refused is nowhere to be seen
    for nets, rule in ((DENIED, "operator"), (OTHER, "filter")):
        for net in nets.values():
            steps = [s for s in lab.explain(net) if s["stage"] == "inbound" and s["verdict"] == "refuse"]
            assert [(s["rule"], s["link"]) for s in steps] == [(rule, role) for role in LINKS], steps
    for net in KEPT.values():
        steps = [s for s in lab.explain(net) if s["stage"] == "outbound" and s["verdict"] == "refuse"]
        assert {s["rule"] for s in steps} == {"operator"}, steps


def test_filter_that_changes(lab):
    lab.configure("expressroute\nroute-filter vnets\nallow region west-europe")
    comes_in(lab, GOOD, OTHER)
    lab.configure("expressroute\nroute-filter vnets\nno allow region west-europe")
    comes_in(lab, GOOD)


def test_map_that_changes(lab):
    lines = [f"no route-map OPERATOR-IN deny {family}" for family in (4, 6)]
    lab.configure("\n".join(lines + [f"no route-map OPERATOR-OUT deny {family}" for family in (4, 6)]))
    comes_in(lab, GOOD, DENIED)
    goes_out(lab, SENT, KEPT)
    lab.configure(operators_maps())
    comes_in(lab, GOOD)
    goes_out(lab, SENT)


def test_map_that_does_not_exist_refuses_everything(lab):
    map_line(lab, "NOWHERE", "in")
    comes_in(lab)
    map_line(lab, "OPERATOR-IN", "in")
    comes_in(lab, GOOD)
    map_line(lab, "NOWHERE", "out")
    goes_out(lab)
    map_line(lab, "OPERATOR-OUT", "out")
    goes_out(lab, SENT)


def test_no_map(lab):
    map_line(lab, None, "in")
    comes_in(lab, GOOD, DENIED)
    map_line(lab, None, "out")
    # RFC 8212: bgpd lets nothing out of an operator's neighbor without a policy, and so do we
    goes_out(lab, *([SENT, KEPT] if lab.kind == "managed" else []))
    map_line(lab, "OPERATOR-IN", "in")
    map_line(lab, "OPERATOR-OUT", "out")
    comes_in(lab, GOOD)
    goes_out(lab, SENT)


def test_our_map_taken_away_is_noticed_and_repaired(lab):
    name = "er:amsterdam:private:ipv4:primary:in"
    lab.configure(f"no route-map {name}")
    wait_for(lambda: name in lab.ce.sh(f"vtysh -c 'show route-map {name}'"), "it to be back")
    comes_in(lab, GOOD)
    lab.configure("expressroute\nroute-filter vnets\nallow region west-europe")
    comes_in(lab, GOOD, OTHER)
    lab.configure("expressroute\nroute-filter vnets\nno allow region west-europe")
    comes_in(lab, GOOD)


def test_nothing_of_ours_is_in_the_configuration(lab):
    assert "er:" not in lab.ce.running_config()
