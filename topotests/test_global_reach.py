# SPDX-License-Identifier: GPL-2.0-or-later
"""
Global Reach: three sites, two circuits, and Microsoft's backbone between them.

    paris (65020) == p1, p2 \\               /--- a1 ---\\  circuit amsterdam
                             |  backbone    |--- a2 ---+
    twin (65001)  == t1, t2 -|  AS 12076    |          ce (65001)
                             |              |--- b1 ---+
    vnet (65515) -----------/               \\--- b2 ---/  circuit frankfurt

The MSEEs are FRR, speak iBGP among each other, strip 65515 and put 12076 once more
in front of what comes from another of them.  twin has ce's own AS.
"""
import contextlib

import er_doc
import er_lab
import er_router
import pytest
import scenery
from lib.topogen import Topogen, set_topogen
from parts import OUR_DAEMONS
from scenery import CUSTOMER_AS, MICROSOFT_AS, frr_conf, interface_conf, wait_for

BACKBONE = "100.64.0.%d"
# MSEE -> (number, who is behind its port, that one's AS)
MSEES = {
    "a1": (1, "ce", CUSTOMER_AS),
    "a2": (2, "ce", CUSTOMER_AS),
    "b1": (3, "ce", CUSTOMER_AS),
    "b2": (4, "ce", CUSTOMER_AS),
    "p1": (5, "paris", 65020),
    "t1": (6, "twin", CUSTOMER_AS),
    "p2": (7, "paris", 65020),
    "t2": (8, "twin", CUSTOMER_AS),
}
SITE_EDGES = {"paris": ("p1", "p2"), "twin": ("t1", "t2")}
VNET_NUMBER = 9
VNET = "10.1.0.0/16"
PARIS = {"10.20.1.0/24", "10.20.2.0/24"}
HIJACK, STRANGER = "10.66.0.0/16", "10.99.0.0/16"
TWIN = "10.50.1.0/24"
OURS = {"amsterdam": "10.100.0.0/24", "frankfurt": "10.101.0.0/24"}
LINKS = {"amsterdam": ("a1", "a2"), "frankfurt": ("b1", "b2")}
DAEMONS = ("mgmtd", "zebra", "bgpd")


def net_of(msee):
    return f"172.16.{MSEES[msee][0]}.0/30"


def neighbor(msee):
    """The MSEE's address on its port."""
    return scenery.host(net_of(msee), 2)


def bgp(asn, number, *lines, networks=(), extra=()):
    return [
        f"router bgp {asn}",
        f" bgp router-id 10.255.0.{number}",
        " no bgp ebgp-requires-policy",
        " no bgp network import-check",
        *(f" {line}" for line in lines),
        " address-family ipv4 unicast",
        *(f"  network {net}" for net in networks),
        *(f"  {line}" for line in extra),
        " exit-address-family",
        "exit",
        "!",
    ]


def fast(address, asn):
    return [f"neighbor {address} remote-as {asn}", f"neighbor {address} timers connect 1",
            f"neighbor {address} advertisement-interval 0"]


def msee_conf(name):
    number, _, asn = MSEES[name]
    customer, gateway = scenery.host(net_of(name), 1), BACKBONE % VNET_NUMBER
    others = [BACKBONE % other[0] for other in MSEES.values() if other[0] != number]
    lines = fast(customer, asn) + fast(gateway, 65515)
    for other in others:
        lines += fast(other, MICROSOFT_AS)
    extra = [f"neighbor {customer} route-map TO-CUSTOMER out", f"neighbor {gateway} route-map STRIP in"]
    extra += [f"neighbor {other} next-hop-self force" for other in others]
    return frr_conf(
        name,
        interface_conf("edge", scenery.on_interface(net_of(name), 2)),
        interface_conf("bb", f"{BACKBONE % number}/24"),
        "bgp as-path access-list SITES permit .+",
        "route-map TO-CUSTOMER permit 10\n match as-path SITES",
        f" set as-path prepend {MICROSOFT_AS}\nexit",
        "route-map TO-CUSTOMER permit 20\nexit",
        "route-map STRIP permit 10\n set as-path exclude 65515\nexit",
        *bgp(MICROSOFT_AS, number, *lines, extra=extra),
    )


def site_conf(name, networks, strange=""):
    msees = SITE_EDGES[name]
    number, _, asn = MSEES[msees[0]]
    peers = [neighbor(msee) for msee in msees]
    networks = sorted(networks) + ([strange] if strange else [])
    return frr_conf(
        name,
        *(interface_conf(msee, scenery.on_interface(net_of(msee), 1)) for msee in msees),
        f"ip prefix-list STRANGE permit {strange or '192.0.2.0/24'}",
        "route-map OUT permit 10\n match ip address prefix-list STRANGE\n set as-path prepend 65099\nexit",
        "route-map OUT permit 20\nexit",
        *bgp(asn, 100 + number, *(line for peer in peers for line in fast(peer, MICROSOFT_AS)), networks=networks,
             extra=[f"neighbor {peer} route-map OUT out" for peer in peers]),
    )


def vnet_conf():
    lines = []
    for number, _, _ in MSEES.values():
        lines += fast(BACKBONE % number, MICROSOFT_AS)
    return frr_conf("vnet", interface_conf("bb", f"{BACKBONE % VNET_NUMBER}/24"),
                    *bgp(65515, VNET_NUMBER, *lines, networks=[VNET]))


def circuit_conf(name):
    lines = [f" circuit {name}", "  peering private", f"   advertise {OURS[name]}"]
    for role, msee in zip(("primary", "secondary"), LINKS[name]):
        lines += [f"   link {role}", f"    interface {msee}", f"    ipv4-subnet {net_of(msee)}", "   exit-link"]
    return lines + ["  exit-peering", " exit-circuit"]


SITES = """ site paris
  as 65020
  prefix 10.20.0.0/16
 exit-site
 site twin
  prefix 10.50.0.0/16
  circuit amsterdam
  preference backup
  same-as
 exit-site
 global-reach ams-paris
  circuit amsterdam
  remote-circuit paris
  site paris
  ipv4-subnet 172.31.0.8/29
 exit-global-reach
 global-reach ams-twin
  circuit amsterdam
  site twin
 exit-global-reach
 undeclared-sites refuse"""


def ce_conf():
    ports = [interface_conf(msee, scenery.on_interface(net_of(msee), 1)) for msee in sum(LINKS.values(), ())]
    circuits = [line for name in LINKS for line in circuit_conf(name)]
    return frr_conf("ce", *ports, *bgp(CUSTOMER_AS, 200, networks=OURS.values()),
                    "expressroute", *circuits, SITES, "exit-expressroute", "!")


def build(tgen):
    tgen.add_router("ce", cls=er_router.ErRouter)
    backbone = tgen.add_switch("s1")
    for name in (*MSEES, "paris", "twin", "vnet"):
        tgen.add_router(name, cls=er_router.PlainRouter)
    for name in (*MSEES, "vnet"):
        backbone.add_link(tgen.gears[name], nodeif="bb")
    for name, (_, edge, _) in MSEES.items():
        tgen.add_link(tgen.gears[edge], tgen.gears[name], name, "edge")


def confs():
    return {
        **{name: msee_conf(name) for name in MSEES},
        "paris": site_conf("paris", PARIS | {HIJACK}, STRANGER),
        "twin": site_conf("twin", {TWIN}),
        "vnet": vnet_conf(),
    }


@contextlib.contextmanager
def running(request):
    if er_router.BUILD.missing():
        pytest.fail("not built: " + ", ".join(er_router.BUILD.missing()))
    tgen = Topogen(build, request.module.__name__)
    try:
        tgen.start_topology()
        lab = er_lab.Lab(tgen)
        for name, conf in confs().items():
            er_lab.load(tgen.gears[name], conf, DAEMONS)
            tgen.gears[name].start()
        er_lab.load(tgen.gears["ce"], ce_conf(), OUR_DAEMONS)
        tgen.gears["ce"].start()
        yield lab
    finally:
        tgen.stop_topology()
        set_topogen(None)


@pytest.fixture(scope="module")
def lab(request):
    with running(request) as lab:
        for name in LINKS:
            lab.wait_redundancy("redundant", ("ipv4",), 120, name)
        wait_for(lambda: joint(lab, "ams-paris").get("state") == "established", "Paris", 30)
        wait_for(lambda: joint(lab, "ams-twin").get("state") == "established", "the twin", 30)
        yield lab


def joint(lab, name):
    found = lab.ce.show("show expressroute global-reach json").get("globalReach", {})
    return found.get(name, {}).get("state", {}).get("family", {}).get("ipv4", {})


def accepted(lab, msee):
    return lab.routes_from(neighbor(msee))


def paths(lab, prefix):
    """MSEE's address -> AS path"""
    found = lab.ce.show(f"show bgp ipv4 unicast {prefix} json").get("paths", [])
    return {path["peer"]["peerId"]: path["aspath"]["string"] for path in found}


def refused(lab, prefix, circuit):
    return {
        step["rule"]
        for step in lab.explain(prefix)
        if step["stage"] == "inbound" and step.get("circuit") == circuit and step["verdict"] == "refuse"
    }


def test_what_may_come_in_does_and_nothing_else(lab):
    for msee in LINKS["amsterdam"]:
        wait_for(lambda: accepted(lab, msee) == PARIS | {VNET, TWIN}, f"what {msee} may bring", 20)
    # the twin may not be heard there
    for msee in LINKS["frankfurt"]:
        wait_for(lambda: accepted(lab, msee) == PARIS | {VNET}, f"what {msee} may bring", 20)


def test_the_backbone_is_as_the_service_describes_it(lab):
    """Else the test above proves little: 12076 alone from a VNet, more of it from a site."""
    assert set(paths(lab, VNET).values()) == {"12076"}
    assert set(paths(lab, "10.20.1.0/24").values()) == {"12076 12076 65020"}
    assert set(paths(lab, TWIN).values()) == {f"12076 12076 {CUSTOMER_AS}"}


def test_each_refusal_has_its_rule(lab):
    assert refused(lab, HIJACK, "amsterdam") == {"site-prefix"}
    assert refused(lab, STRANGER, "amsterdam") == {"undeclared-site"}
    # what we advertise over one circuit comes back over the other
    assert refused(lab, OURS["frankfurt"], "amsterdam") == {"own-as"}
    assert refused(lab, OURS["amsterdam"], "frankfurt") == {"own-as"}


def test_nothing_of_a_site_is_offered_to_microsoft(lab):
    for circuit, msees in LINKS.items():
        for msee in msees:
            shell = getattr(lab, msee)
            address = scenery.host(net_of(msee), 1)
            found = shell.show(f"show bgp ipv4 unicast neighbors {address} routes json")
            assert set(found.get("routes", {})) == {OURS[circuit]}, msee


@pytest.mark.parametrize("command", er_doc.CLAIMED["global-reach"])
def test_the_guide_shows_this_screen(lab, command):
    wait_for(lambda: joint(lab, "ams-paris").get("state") == "established", "Paris", 30)
    er_doc.check(lab.ce, "global-reach", command)


def test_a_site_that_is_backup_loses_against_the_wan(lab):
    assert set(lab.local_preferences(TWIN).values()) == {95}
    assert set(lab.local_preferences("10.20.1.0/24").values()) == {150}


def set_edge(lab, msee, shutdown):
    """Microsoft's side ends the site's session there, or lets it come back."""
    word = "neighbor" if shutdown else "no neighbor"
    getattr(lab, msee).vtysh(
        f"configure terminal\nrouter bgp {MICROSOFT_AS}\n{word} {scenery.host(net_of(msee), 1)} shutdown"
    )


def has_edge(lab, msee):
    """Does it get the site's routes there?"""
    command = f"show bgp ipv4 unicast neighbors {scenery.host(net_of(msee), 1)} routes json"
    return PARIS <= set(getattr(lab, msee).show(command).get("routes", {}))


def test_a_site_with_one_edge_left_is_still_joined(lab):
    def told():
        return [entry["state"] for entry in lab.ce.show("show expressroute history json")["history"]
                if entry.get("name") == "ams-paris"]

    before = told()
    for msee, gone in (("p1", True), ("p1", False), ("p2", True), ("p2", False)):
        set_edge(lab, msee, gone)
        wait_for(lambda: has_edge(lab, msee) != gone, f"the edge {msee}", 20)
        for link in LINKS["amsterdam"]:
            wait_for(lambda: accepted(lab, link) == PARIS | {VNET, TWIN}, f"what {link} may bring", 20)
    assert "not-seen" not in told()[len(before):]


def test_a_connection_that_is_lost_is_seen_and_comes_back(lab):
    for msee in SITE_EDGES["paris"]:
        set_edge(lab, msee, True)
    wait_for(lambda: joint(lab, "ams-paris").get("state") == "not-seen", "the loss", 20)
    assert joint(lab, "ams-paris")["missingPrefix"] == ["10.20.0.0/16"]
    assert joint(lab, "ams-twin")["state"] == "established"
    for msee in SITE_EDGES["paris"]:
        set_edge(lab, msee, False)
    wait_for(lambda: joint(lab, "ams-paris").get("state") == "established", "the return", 30)
    wait_for(lambda: accepted(lab, "a1") == PARIS | {VNET, TWIN}, "its routes", 20)


def test_sites_hold_without_erouted_and_are_known_after_it(lab):
    lab.router.kill("erouted")
    lab.ce.sh("vtysh -c 'clear bgp ipv4 unicast * soft in'")
    lab.p1.vtysh(f"configure terminal\nrouter bgp {MICROSOFT_AS}\naddress-family ipv4 unicast\nnetwork 10.67.0.0/16")
    wait_for(lambda: "10.67.0.0/16" in accepted(lab, "a1"), "a VNet's prefix", 20)
    assert accepted(lab, "a1") == PARIS | {VNET, TWIN, "10.67.0.0/16"}
    lab.router.start("erouted")
    wait_for(lambda: joint(lab, "ams-paris").get("state") == "established", "Paris", 30)
    assert lab.bgpd["state"] == "connected"
