# SPDX-License-Identifier: GPL-2.0-or-later
"""
The scenery of the VPN backup is real: with stock FRR on ce, over IPsec and over
WireGuard.  What is proved here of tunnels, gateways and Azure's way back is not
proved again by the tests of ours.
"""
import json
import os
import re
import subprocess

import pytest

import er_lab
import scenery
import tunnel
import vpn
from er_vpn import CIRCUIT, MARK, TUNNELS, answers, capture, circuit_cut, wait_uses
from scenery import wait_for
from vpn import GATEWAYS

MSEES_IN_VNET = {scenery.host(scenery.VNET_NET[4], number) for number in (1, 2)}
GATEWAYS_IN_VNET = {gateway.in_vnet(4) for gateway in GATEWAYS.values()}


@pytest.fixture(scope="module", params=[("ipsec", "subnet"), ("wireguard", "apipa")], ids="-".join)
def lab(request):
    kind, scheme = request.param
    conf = vpn.plain_ce(vpn.plain_bgp_backup(scheme), scheme=scheme)
    with er_lab.running(request, ours=False, ce_conf=conf, vpn=kind, scheme=scheme) as lab:
        lab.peers = {name: [gateway.bgp(family, scheme) for family in (4, 6)] for name, gateway in GATEWAYS.items()}
        yield lab


@pytest.fixture(autouse=True)
def at_rest(lab):
    """Each test begins on ExpressRoute, with the backup ready, and ends so."""
    settle(lab)
    yield
    settle(lab)


def settle(lab):
    wait_sessions(lab, *GATEWAYS)
    wait_uses(lab, CIRCUIT)
    wait_for(lambda: way_back(lab) == (MSEES_IN_VNET, 2), "the VNet's way back over both MSEEs")
    for each in lab.msees.values():
        wait_for(lambda: bfd_up(each), "BFD of the circuit")


def bfd_up(msee):
    peers = msee.show("show bfd peers json") or []
    return len(peers) == 2 and all(peer["status"] == "up" for peer in peers)


def established(lab):
    """Gateways with both sessions up, and the VNet's route from both."""
    return {name for name, peers in lab.peers.items() if all(lab.routes_from(peer) for peer in peers)}


def wait_sessions(lab, *names):
    wait_for(lambda: established(lab) == set(names), f"BGP over the tunnels to {names or 'nobody'}", 20)


def way_back(lab):
    """Where the VNet's router sends what goes to the premises: IPv4 next hops, number of IPv6 ones."""
    hops = {}
    for family, net in scenery.ONPREM_NET.items():
        routes = json.loads(lab.vnet.sh(f"ip -json -{family} route show {net}") or "[]")
        hops[family] = {hop.get("gateway") for route in routes for hop in route.get("nexthops", [route])}
    return hops[4], len(hops[6])


def test_expressroute_carries_traffic_while_it_is_there(lab):
    before = lab.vpn.seen()
    with lab.probe() as probe:
        wait_for(lambda: scenery.received_from_ce(lab.msee1) > 100, "packets on the circuit")
    assert probe.report.lost == 0, probe.report
    # only BGP's own
    assert lab.vpn.seen()["data"] - before["data"] < probe.report.sent / 2


def test_failover_to_the_tunnels_and_back(lab):
    with lab.probe() as probe:
        with circuit_cut(lab):
            wait_uses(lab, TUNNELS)
            wait_for(lambda: way_back(lab) == (GATEWAYS_IN_VNET, 2), "the VNet's way back over the gateways")
            wait_for(lambda: answers(lab), "an answer through the tunnels")
    assert probe.report.lost > 0
    with lab.probe() as probe:
        settle(lab)
    assert probe.report.lost == 0, probe.report


def test_the_internet_sees_no_clear_packet(lab):
    with circuit_cut(lab):
        wait_uses(lab, TUNNELS)
        before = lab.vpn.seen()
        with lab.probe() as probe:
            outside, inside = capture(lab.internet, "ce"), capture(lab.vnet, "br0")
        after = lab.vpn.seen()
    assert MARK in inside, "the packets cannot be recognized"
    assert MARK not in outside
    assert after["data"] - before["data"] >= probe.report.sent
    assert after["other"] == before["other"]


def test_keys_are_private_and_in_no_log(lab):
    files = {"ipsec": "swanctl.conf", "wireguard": "wg.conf"}
    key = {"ipsec": r'secret = "(.+)"', "wireguard": "PrivateKey = (.+)"}
    for process in (lab.vpn["gw0"].near, lab.vpn["gw0"].far):
        path = process.file(files[lab.vpn.kind])
        assert os.stat(path).st_mode & 0o777 == 0o600
        with open(path, encoding="utf-8") as file:
            (secret,) = re.findall(key[lab.vpn.kind], file.read())
        logged = subprocess.run(
            ["grep", "-rlF", "--", secret, lab.tgen.logdir, lab.vpn.directory], capture_output=True, text=True, check=False
        )
        assert {os.path.basename(found) for found in logged.stdout.split()} == {files[lab.vpn.kind]}


def test_clean_shutdown_takes_the_interface_down(lab):
    lab.vpn["gw0"].down()
    try:
        assert "UP" not in tunnel.link_state(lab.ce, "ipsec0")
        wait_sessions(lab, "gw1")
        with circuit_cut(lab):
            wait_uses(lab, {"ipsec1"})
            # the gateway itself finds out when its hold time is over
            wait_for(lambda: answers(lab), "an answer through the other tunnel")
    finally:
        lab.vpn["gw0"].up()


def test_black_hole_leaves_the_interface_up_and_bgp_finds_out(lab):
    lab.vpn["gw0"].black_hole()
    try:
        wait_sessions(lab, "gw1")
        assert "UP" in tunnel.link_state(lab.ce, "ipsec0")
        with circuit_cut(lab):
            wait_uses(lab, {"ipsec1"})
    finally:
        lab.vpn["gw0"].black_hole(False)


def test_deleted_interface_comes_back(lab):
    lab.vpn["gw1"].delete()
    try:
        assert tunnel.link_state(lab.ce, "ipsec1") is None
        wait_sessions(lab, "gw0")
    finally:
        lab.vpn["gw1"].recreate()


def test_both_gateways_flap(lab):
    lab.vpn.flap(3)
    assert all("UP" not in tunnel.link_state(lab.ce, port) for port in TUNNELS)
    wait_sessions(lab)
    lab.vpn.up()


def test_without_a_pin_the_tunnel_would_go_into_expressroute(lab):
    """Microsoft peering announces the gateways' addresses: only a static route keeps the tunnel out."""
    pins = [line for line in vpn.plain_pins().splitlines() if line.startswith("ip ")]

    def way(gateway):
        (route,) = json.loads(lab.ce.sh(f"ip -json route get {gateway.public()}"))
        return route["dev"]

    for msee in lab.msees.values():
        vpn.swallow(msee)
    try:
        wait_for(lambda: all(way(gateway) in CIRCUIT for gateway in GATEWAYS.values()), "the tunnels in ExpressRoute")
        lab.configure("\n".join(pins))
        wait_for(lambda: all(way(gateway) == "wan" for gateway in GATEWAYS.values()), "the tunnels on the internet")
    finally:
        for msee in lab.msees.values():
            vpn.swallow(msee, False)
        lab.configure("\n".join("no " + pin for pin in pins))


def test_floating_statics_carry_what_bgp_does_not(lab):
    statics = vpn.plain_static_backup().splitlines()

    def shutdown(no=""):
        lines = [f"{no}neighbor {peer} shutdown" for peers in lab.peers.values() for peer in peers]
        lab.configure("\n".join([f"router bgp {scenery.CUSTOMER_AS}", *lines]))

    shutdown()
    lab.configure("\n".join(statics))
    try:
        wait_sessions(lab)
        wait_uses(lab, CIRCUIT)
        with circuit_cut(lab):
            wait_uses(lab, TUNNELS)
    finally:
        lab.configure("\n".join("no " + line for line in statics))
        shutdown("no ")
