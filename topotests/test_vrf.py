# SPDX-License-Identifier: GPL-2.0-or-later
"""
The peering in a VRF of its own.  On a kernel without VRF devices the VRF is a
network namespace, FRR's other backend: to everything above zebra it is the same.
"""
import pytest

import er_lab
import scenery
from parts import OUR_DAEMONS
from scenery import LINKS, VNET_NET, wait_for

VRF = "azure"
PORTS = ("lan", "msee1", "msee2")
# in East US and in West Europe
EAST = {4: "10.21.0.0/16", 6: "2001:db8:21::/64"}
WEST = {4: "10.22.0.0/16", 6: "2001:db8:22::/64"}
TAGGED = {**dict.fromkeys(EAST.values(), "12076:50004"), **dict.fromkeys(WEST.values(), "12076:50002")}
SYSCTLS = (
    "net.ipv4.conf.all.forwarding=1",
    "net.ipv6.conf.all.forwarding=1",
    "net.ipv4.conf.all.rp_filter=0",
    "net.ipv6.conf.all.accept_dad=0",
    "net.ipv6.conf.default.accept_dad=0",
)


def kernel_has_vrf(shell):
    status, _ = shell.try_sh("ip link add probe type vrf table 999 && ip link delete probe")
    return status == 0


def make_vrf(lab):
    """Move ce's ports into the VRF."""
    if lab.netns:
        lab.ce.sh(f"mkdir -p /run/netns && ip netns add {VRF} && ip -n {VRF} link set lo up")
        for port in PORTS:
            lab.ce.sh(f"ip link set {port} netns {VRF}")
            lab.ce.sh(f"ip -n {VRF} link set {port} up")
        for setting in SYSCTLS:
            lab.ce.sh(f"ip netns exec {VRF} sysctl -qw {setting}")
    else:
        lab.ce.sh(f"ip link add {VRF} type vrf table 100 && ip link set {VRF} up")
        for port in PORTS:
            lab.ce.sh(f"ip link set {port} master {VRF}")


def in_vrf(text):
    lines = []
    for line in text.split("\n"):
        words = line.split()
        if words[:1] == ["interface"] or words[:2] == ["router", "bgp"]:
            line += f" vrf {VRF}"
        lines.append(line)
    return "\n".join(lines)


@pytest.fixture(scope="module")
def lab(request):
    def before(lab):
        lab.netns = not kernel_has_vrf(lab.ce)
        if lab.netns:
            for daemon in OUR_DAEMONS:
                lab.router.daemons_options[daemon] = lab.router.daemons_options.get(daemon, "") + " -w"
        make_vrf(lab)

    conf = scenery.frr_conf(
        "ce",
        in_vrf(scenery.ce_interfaces()),
        f"router bgp {scenery.CUSTOMER_AS}\nexit\n!",
        in_vrf(scenery.ce_bgp()),
        scenery.circuit_conf(peering=[f"vrf {VRF}"]),
    )
    with er_lab.running(request, ce_conf=conf, before=before, msees={role: {"tagged": TAGGED} for role in LINKS}) as lab:
        yield lab


def nexthops(lab, family):
    command = "ip" if family == 4 else "ipv6"
    routes = lab.ce.show(f"show {command} route vrf {VRF} {VNET_NET[family]} json").get(VNET_NET[family], [])
    return {hop["interfaceName"] for route in routes for hop in route["nexthops"] if hop.get("fib")}


def uses(lab, *roles):
    wanted = {LINKS[role].msee for role in roles}
    return all(nexthops(lab, family) == wanted for family in (4, 6))


def test_circuit_is_redundant(lab):
    circuit = lab.wait_redundant(timeout=40)
    for role in LINKS:
        assert circuit.link(role)["state"]["interfaceState"] == "up"
    wait_for(lambda: uses(lab, "primary", "secondary"), "both links in the VRF's FIB")


def test_neighbors_are_in_the_vrf_only(lab):
    lab.wait_redundant()
    peers = lab.ce.show(f"show bgp vrf {VRF} ipv4 unicast summary json")["peers"]
    assert set(peers) == {link.microsoft(4) for link in LINKS.values()}
    assert not lab.ce.show("show bgp ipv4 unicast summary json").get("peers")


def comes_in(lab, *wanted):
    for role, link in LINKS.items():
        for family in (4, 6):
            want = {nets[family] for nets in wanted}
            neighbor = link.microsoft(family)
            wait_for(lambda: lab.routes_from(neighbor, VRF) == want, f"{want} and no other on {role}")


def test_policy_in_the_vrf(lab):
    """A filter, a limit and a region's preference are those of the VRF's instance."""
    lab.wait_redundant()
    comes_in(lab, VNET_NET, EAST, WEST)
    peering = "expressroute\ncircuit amsterdam\npeering private\n"
    lab.configure("expressroute\nroute-filter vnets\nallow region east-us\nexit\n" + peering + "route-filter vnets")
    comes_in(lab, EAST)
    refused = {(s["link"], s["rule"]) for s in lab.explain(WEST[4]) if s["verdict"] == "refuse"}
    assert {(role, "filter") for role in LINKS} <= refused
    lab.configure("expressroute\nregion-preference east-us circuit amsterdam")

    def preferences():
        paths = lab.ce.show(f"show bgp vrf {VRF} ipv6 unicast {EAST[6]} json").get("paths", [])
        return {path.get("locPrf") for path in paths}

    wait_for(lambda: preferences() and 150 not in preferences(), "the region's preference")
    lab.configure("expressroute\nno region-preference east-us")
    wait_for(lambda: preferences() == {150}, "the circuit's preference")
    document = lab.ce.show(f"show expressroute route {EAST[4]} json")
    assert VRF in {fib["vrf"] for fib in document["fib"]}
    lab.configure(peering + "no route-filter")
    comes_in(lab, VNET_NET, EAST, WEST)


def test_limit_in_the_vrf(lab):
    extra = {4: "10.101.0.0/24", 6: "2001:db8:101::/64"}
    peering = "expressroute\ncircuit amsterdam\npeering private\n"
    lab.configure(peering + "\n".join(f"advertise limit ipv{f} 1\nadvertise {net}" for f, net in extra.items()))
    lines = [f"router bgp {scenery.CUSTOMER_AS} vrf {VRF}", "no bgp network import-check"]
    for family, net in extra.items():
        lines += [f"address-family ipv{family} unicast", f"network {net}", "exit-address-family"]
    lab.configure("\n".join(lines))
    for family, net in extra.items():
        lab.wait_circuit(lambda c: c.family(f"ipv{family}")["advertised"].get("held") == 1, f"{net} to be held")
        for role, msee in lab.msees.items():
            assert set(er_lab.heard(msee, LINKS[role].customer(family))) == {scenery.ONPREM_NET[family]}
    lab.configure(peering + "\n".join(f"no advertise limit ipv{f}\nno advertise {net}" for f, net in extra.items()))
    for family in (4, 6):
        lab.wait_circuit(lambda c: c.family(f"ipv{family}")["advertised"].get("held") == 0, "nothing to be held")


def test_drain_loses_no_packet(lab):
    lab.wait_redundant()
    with lab.probe() as probe:
        assert scenery.drain(lab.msee1, lambda: uses(lab, "secondary"))
        lab.wait_redundancy("degraded")
        scenery.undrain(lab.msee1)
        lab.wait_redundant()
    assert probe.report.sent and probe.report.lost == 0, probe.report


def test_interface_in_another_vrf_is_told(lab):
    lab.configure("expressroute\ncircuit london\npeering private\nlink primary\ninterface lan\nipv4-subnet 172.16.9.0/30")
    # in namespaces, the interface of another one is another interface
    want, problem = ("missing", "lan does not exist") if lab.netns else ("wrong-vrf", "VRF default")
    circuit = lab.wait_circuit(
        lambda c: c.link("primary").get("state", {}).get("interfaceState") == want, "the VRF", name="london"
    )
    assert problem in circuit.session("primary")["problem"]
    lab.configure("expressroute\nno circuit london")


def test_vrf_that_goes_takes_the_circuit_down_and_back(lab):
    lab.configure(f"no router bgp {scenery.CUSTOMER_AS} vrf {VRF}")
    lab.wait_redundancy("down")
    lab.configure(in_vrf(scenery.ce_bgp()))
    lab.wait_redundant(timeout=40)


def probes(lab):
    return lab.ce.show("show expressroute paths json").get("pathProbe", {})


def test_paths_are_probed_in_the_vrf(lab):
    """Each over its own interface, which is in the VRF: loss on one is that one's."""
    lab.wait_redundant()
    conf = "expressroute\n" + "\n".join(
        f"path-probe {role}\nvia circuit amsterdam link {role}\ninterval 1\nthreshold loss 30\nexit" for role in LINKS)
    lab.configure(conf)

    def wait_quality(**want):
        wait_for(lambda: {role: p["state"]["quality"] for role, p in probes(lab).items()} == want, f"quality {want}", 60)

    wait_quality(primary="good", secondary="good")
    assert {p["state"]["interface"] for p in probes(lab).values()} == {link.msee for link in LINKS.values()}
    scenery.drop(lab.msee1, "echoes", {"in": ("prerouting", -400, "iifname ce icmp type echo-request")})
    wait_quality(primary="poor", secondary="good")
    scenery.drop(lab.msee1, "echoes", {})
    wait_quality(primary="good", secondary="good")
    lab.configure("expressroute\n" + "\n".join(f"no path-probe {role}" for role in LINKS))


def test_traffic_of_the_links_is_counted_in_the_vrf(lab):
    def packets():
        paths = lab.ce.show("show expressroute paths json")["path"]
        return {role: paths[f"amsterdam private {role}"]["outPackets"] for role in LINKS}

    lab.wait_redundant()
    before = packets()
    with lab.probe():
        wait_for(lambda: all(packets()[role] > before[role] for role in LINKS), "packets of both links", 30)


def test_maintenance_of_our_own_loses_no_packet(lab):
    lab.wait_redundant()
    with lab.probe() as probe:
        lab.ce.vtysh("expressroute drain circuit amsterdam link primary")

        def phase(circuit):
            return circuit._pick(circuit.state.get("operatorDrain"), "link", "primary").get("phase")

        lab.wait_circuit(lambda c: phase(c) == "safe", "the drain to be safe", 60)
        assert uses(lab, "secondary")
        lab.ce.vtysh("expressroute undrain circuit amsterdam link primary")
        wait_for(lambda: uses(lab, "primary", "secondary"), "traffic to return to both links")
        lab.wait_redundant()
    assert probe.report.sent and probe.report.lost == 0, probe.report
