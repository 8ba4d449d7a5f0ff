# SPDX-License-Identifier: GPL-2.0-or-later
"""VRFs that are network namespaces: an interface's name may be there in several."""

import os
import subprocess

import pytest

from frrlab import circuit, wait_for
from vpnlab import backup, gateway

VRF = "er%d" % os.getpid()
PORTS = (("ern1", "192.168.100.1/30"), ("ern2", "192.168.100.5/30"))


def ip(command, where=()):
    subprocess.run(["ip", *where, *command.split()], check=True)


def inside(command):
    ip(command, ("-n", VRF))


@pytest.fixture
def lab(bare):
    """A circuit in such a VRF; ports of the same names are elsewhere, too, and there they are down."""
    ip("netns add " + VRF)
    try:
        for name, address in PORTS:
            ip("link add %s type veth peer name %sp" % (name, name))
            inside("link add %s type veth peer name %sp" % (name, name))
            inside("addr add %s dev %s" % (address, name))
            inside("link set %s up" % name)
            inside("link set %sp up" % name)
        bare.start("mgmtd")
        bare.start("zebra", "-n")
        bare.start("erouted")
        bare.configure(circuit(a="ern1", b="ern2").replace(
            "peering private\n", "peering private\n  vrf %s\n" % VRF))
        yield bare
    finally:
        ip("netns del " + VRF)
        for name, _ in PORTS:
            ip("link del " + name)


def states(lab):
    """None before the configuration has come."""
    circuit = lab.show_json().get("circuit", {}).get("ams-1")
    if not circuit:
        return None
    links = circuit["peering"]["private"]["link"]
    return [links[role]["state"].get("interfaceState") for role in ("primary", "secondary")]


def test_a_link_is_over_its_vrfs_interface(lab):
    wait_for("both links", lambda: states(lab) == ["up", "up"])
    inside("link del ern2")
    # the other of this name has nothing to do with it
    wait_for("the port to go", lambda: states(lab) == ["up", "missing"])


def test_what_another_interface_of_the_name_carries_is_not_the_links(lab):
    """erouted has no right to enter the namespace: it knows nothing, and sends nothing."""
    ip("addr add 192.168.100.1/30 dev ern1")
    ip("link set ern1 up")
    ip("link set ern1p up")
    ip("neigh add 192.168.100.2 lladdr 02:00:00:00:00:01 dev ern1")
    wait_for("both links", lambda: states(lab) == ["up", "up"])
    lab.merge({"path-probe": [{"name": "p1", "via": {"circuit": "ams-1", "link": "primary"},
                               "target": "192.168.100.2"}]})

    def paths():
        return lab.show_json("show expressroute paths json")
    wait_for("the problem", lambda: "no probe can be sent over ern1: Operation not permitted" in
             paths().get("pathProbe", {}).get("p1", {}).get("state", {}).get("problem", ""))
    assert paths()["path"]["ams-1 private primary"]["interface"] == "ern1"
    assert "outPackets" not in paths()["path"]["ams-1 private primary"]


def test_the_internet_may_be_over_an_interface_that_has_a_links_name(lab):
    ip("addr add 192.0.2.5/24 dev ern1")
    ip("link set ern1 up")
    ip("link set ern1p up")
    ip("route add default via 192.0.2.1 dev ern1")
    lab.configure(circuit("ams-2", 101, "ern8", "ern9"))
    lab.merge(backup(circuit=["ams-2"], pin={"mode": "default-route"}, gateway=[
        gateway(0, interface="erntun", address="20.1.2.3")]))

    def pin():
        state = lab.show_json("show expressroute vpn-backup json")["vpnBackup"]["az"]["gateway"]
        return state["0"]["state"].get("pin", {}).get("20.1.2.3", {})
    wait_for("the pin", lambda: pin().get("installed"))
    assert pin()["interface"] == "ern1" and "problem" not in pin()


def test_a_tunnel_is_its_vrfs_interface(lab):
    inside("link add erntun type veth peer name erntunp")
    ip("link add erntun type veth peer name erntunp")
    try:
        for port in ("erntun", "erntunp"):
            inside("link set %s up" % port)
        lab.merge(backup(vrf=VRF, gateway=[gateway(0, interface="erntun")]))
        wait_for("the tunnel", lambda: lab.show_json("show expressroute vpn-backup json")
                 ["vpnBackup"]["az"]["gateway"]["0"]["state"].get("interfaceState") == "up")
    finally:
        ip("link del erntun")
