# SPDX-License-Identifier: GPL-2.0-or-later
"""
What Microsoft would never send, sent by ExaBGP in its place: the guards refuse
it, each by its name, and what looks odd but is good comes in.
"""
import os
import shutil

import pytest

import er_lab
import scenery
from scenery import CUSTOMER_AS, LINKS, MICROSOFT_AS, wait_for

PUBLIC = {4: "203.0.113.0/30", 6: "2001:db8:f0::/126"}
PRIVATE = LINKS["primary"].subnet
OURS = {"microsoft": {4: "198.51.100.0/24", 6: "2001:db8:c0::/48"}, "private": scenery.ONPREM_NET}
ALLOWED = "12076:5010"

pytestmark = pytest.mark.skipif(not shutil.which("exabgp"), reason="exabgp is not installed")


def path(*behind):
    return f"as-path [ {' '.join(map(str, (MICROSOFT_AS, *behind)))} ]"


def path_to_set(*behind):
    return f"as-path [ {MICROSOFT_AS} ] ( {' '.join(map(str, behind))} )"


def communities(*given):
    return f"community [ {' '.join(given)} ]"


GOOD, OTHER = communities(ALLOWED), communities("12076:5020")
MANY = [f"12076:{value}" for value in range(40000, 40099)]

# name -> (IPv4, IPv6, path, other attributes, the rule that refuses it on Microsoft peering, None: comes in)
CASES = {
    "plain": ("52.0.0.0/16", "2603:1000::/40", path(), GOOD, None),
    "behind another AS": ("52.1.0.0/16", "2603:1001::/40", path(8075), GOOD, None),
    "private AS behind": ("52.2.0.0/16", "2603:1002::/40", path(65100), GOOD, None),
    "AS_SET": ("52.3.0.0/16", "2603:1003::/40", path_to_set(8068, 8075), GOOD, None),
    "path of 255": ("52.4.0.0/16", "2603:1004::/40", path(*[8075] * 254), GOOD, None),
    "100 communities": ("52.5.0.0/16", "2603:1005::/40", path(), communities(*MANY, ALLOWED), None),
    "large and extended as well": (
        "52.6.0.0/16", "2603:1006::/40", path(),
        f"{GOOD} large-community [ 12076:1:2 ] extended-community [ target:12076:5 ]", None,
    ),
    "own AS": ("52.10.0.0/16", "2603:1010::/40", path(CUSTOMER_AS), GOOD, "own-as"),
    "own AS in a set": (
        "52.11.0.0/16", "2603:1011::/40", path_to_set(8075, CUSTOMER_AS), GOOD, "own-as",
    ),
    "documentation AS": ("52.12.0.0/16", "2603:1012::/40", path(64500), GOOD, "reserved-as"),
    "documentation AS, long": ("52.13.0.0/16", "2603:1013::/40", path(8075, 65540), GOOD, "reserved-as"),
    "last AS of all": ("52.14.0.0/16", "2603:1014::/40", path(4294967295), GOOD, "reserved-as"),
    "reserved AS in a set": (
        "52.15.0.0/16", "2603:1015::/40", path_to_set(8075, 64496), GOOD, "reserved-as",
    ),
    "default route": ("0.0.0.0/0", "::/0", path(), GOOD, "default-route"),
    "private space": ("10.20.0.0/16", "fc00:20::/32", path(), GOOD, "private-space"),
    "space that covers private space": ("172.0.0.0/8", "fc00::/6", path(), GOOD, "private-space"),
    "ours": (OURS["microsoft"][4], OURS["microsoft"][6], path(), GOOD, "own-prefix"),
    "part of ours": ("198.51.100.128/25", "2001:db8:c0:1::/64", path(), GOOD, "own-prefix"),
    "not allowed": ("52.20.0.0/16", "2603:1020::/40", path(), OTHER, "filter"),
    "no community": ("52.21.0.0/16", "2603:1021::/40", path(), "", "filter"),
    "100 communities, none allowed": ("52.22.0.0/16", "2603:1022::/40", path(), communities(*MANY), "filter"),
    "large communities only": (
        "52.23.0.0/16", "2603:1023::/40", path(), "large-community [ 12076:5010:0 ]", "filter",
    ),
    "extended communities only": (
        "52.24.0.0/16", "2603:1024::/40", path(), "extended-community [ target:12076:5010 ]", "filter",
    ),
}  # fmt: skip
# what private peering thinks of it is another matter
ONLY_MICROSOFT = ("default-route", "private-space", "filter")


def is_good(name, peering):
    rule, nets = CASES[name][4], CASES[name][:2]
    if peering == "private" and rule in ONLY_MICROSOFT:
        rule = None
    if peering == "private" and rule == "own-prefix" and not set(nets) & set(OURS["private"].values()):
        rule = None
    return rule is None


def expected(peering, family):
    at = 0 if family == 4 else 1
    return {case[at] for name, case in CASES.items() if is_good(name, peering)}


def exabgp_conf():
    parts = []
    for nets in (PUBLIC, PRIVATE):
        for family, net in nets.items():
            here, there = scenery.host(net, 2), scenery.host(net, 1)
            routes = "\n".join(
                f"        route {case[0 if family == 4 else 1]} next-hop {here} {case[2]} {case[3]};"
                for case in CASES.values()
            )
            parts.append(
                f"neighbor {there} {{\n    router-id {scenery.host(PUBLIC[4], 2)};\n    local-address {here};\n"
                f"    local-as {MICROSOFT_AS};\n    peer-as {CUSTOMER_AS};\n    hold-time 180;\n"
                f"    family {{ ipv{family} unicast; }}\n    static {{\n{routes}\n    }}\n}}"
            )
    return "\n".join(parts)


def start_exabgp(shell):
    for nets in (PUBLIC, PRIVATE):
        for family, net in nets.items():
            nodad = " nodad" if family == 6 else ""
            shell.sh(f"ip address add {scenery.on_interface(net, 2)} dev ce{nodad}")
    conf = os.path.join(str(shell.gear.gearlogdir), "exabgp.conf")
    with open(conf, "w", encoding="utf-8") as file:
        file.write(exabgp_conf())
    # detached: it ends with the node
    shell.sh(
        "env exabgp.daemon.drop=false exabgp.api.cli=false exabgp.tcp.delay=0"
        f" setsid exabgp server {conf} > {conf}.log 2>&1 < /dev/null &"
    )


def circuit():
    def links(nets):
        subnets = [f"    ipv{family}-subnet {net}" for family, net in nets.items()]
        return ["   link primary", f"    interface {LINKS['primary'].msee}", *subnets, "   exit-link", "  exit-peering"]

    lines = ["expressroute", " route-filter office", f"  allow community {ALLOWED}", " exit-route-filter"]
    lines += [" circuit amsterdam", "  peering private", "   vlan 100"]
    lines += [f"   advertise {net}" for net in OURS["private"].values()] + links(PRIVATE)
    lines += ["  peering microsoft", "   vlan 200", "   route-filter office"]
    lines += [f"   advertise {net}" for net in OURS["microsoft"].values()] + links(PUBLIC)
    return "\n".join([*lines, " exit-circuit", "exit-expressroute", "!"])


@pytest.fixture(scope="module")
def lab(request):
    ports = scenery.interface_conf(LINKS["primary"].msee, *(scenery.on_interface(net, 1) for net in PUBLIC.values()))
    # bgpd itself would not have any AS_SET: here the guards are to decide
    bgp = scenery.ce_bgp(extra=["no bgp reject-as-sets"])
    conf = scenery.frr_conf("ce", scenery.ce_interfaces(), ports, bgp, circuit())
    with er_lab.running(request, ce_conf=conf, msees={"primary": None, "secondary": None}) as lab:
        start_exabgp(lab.msee1)
        lab.wait_circuit(
            lambda c: all(
                c.session("primary", f, p).get("state") == "established"
                for f in ("ipv4", "ipv6")
                for p in ("private", "microsoft")
            ),
            "the sessions",
            60,
        )
        yield lab


@pytest.mark.parametrize("family", [4, 6])
@pytest.mark.parametrize("peering, nets", [("microsoft", PUBLIC), ("private", PRIVATE)])
def test_what_comes_in(lab, peering, nets, family):
    neighbor = scenery.host(nets[family], 2)
    want = expected(peering, family)
    try:
        wait_for(lambda: lab.routes_from(neighbor) == want, "the good ones and no other", 20)
    except TimeoutError:
        assert lab.routes_from(neighbor) == want


@pytest.mark.parametrize("family", [4, 6])
def test_refusals_are_counted_by_rule(lab, family):
    want = {}
    for case in CASES.values():
        if case[4]:
            want[case[4]] = want.get(case[4], 0) + 1

    def refused():
        found = lab.circuit().family(f"ipv{family}", "microsoft").get("refused", {})
        return {rule: entry["prefixes"] for rule, entry in found.items() if entry["prefixes"]}

    try:
        wait_for(lambda: refused() == want, "the counts", 20)
    except TimeoutError:
        assert refused() == want


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case[4]])
def test_refusal_is_explained(lab, name):
    for prefix in CASES[name][:2]:
        steps = [
            step
            for step in lab.explain(prefix)
            if step["stage"] == "inbound" and step.get("peering") == "microsoft" and step["verdict"] == "refuse"
        ]
        assert [step["rule"] for step in steps] == [CASES[name][4]], steps


def test_sessions_survive_all_that(lab):
    """Nothing of it is a reason to end a session."""
    for nets in (PUBLIC, PRIVATE):
        for family in (4, 6):
            neighbor = scenery.host(nets[family], 2)
            found = lab.ce.show(f"show bgp neighbors {neighbor} json")[neighbor]
            assert (found["connectionsEstablished"], found["connectionsDropped"]) == (1, 0)
