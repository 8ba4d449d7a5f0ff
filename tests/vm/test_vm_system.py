# SPDX-License-Identifier: GPL-2.0-or-later
"""The packages on a router that systemd runs (see edge.py), in the order of their life."""

import re

import pytest

from edge import FAR, GATEWAY, PORTS, VNET, Edge
from guest import TREE, wait_for
import packaged
from test_removal import newer, pids

CIRCUIT = set(PORTS.values())
UNITS = ("frr", "lab-wires", "lab-gateway", "strongswan")


@pytest.fixture(scope="module")
def edge():
    packaged.built("deb")
    guest = Edge()
    try:
        guest.set_up()
        yield guest
    finally:
        # shown when a test has failed
        print(guest.log())
        guest.stop()


def assert_runs(edge):
    assert edge.sh(f"systemctl is-active {' '.join(UNITS)}").split() == ["active"] * len(UNITS)
    daemons = edge.daemons()
    assert set(daemons) == {"mgmtd", "zebra", "bgpd", "bfdd", "staticd", "watchfrr", "erouted"}
    assert all("expressroute" in daemons[name] for name in ("mgmtd", "bgpd")) and "erouted" in daemons["watchfrr"]
    assert edge.sh("cat /proc/$(cat /run/frr/erouted.pid)/cgroup").strip().endswith("/frr.service")


def wait_standby(edge):
    edge.wait_redundant()
    wait_for(lambda: edge.backup().get("state") == "standby", "the backup to stand by")
    wait_for(lambda: edge.way() == CIRCUIT, "traffic over the circuit")


def encrypted(edge):
    """Bytes that the kernel has put through IPsec SAs."""
    return sum(int(count) for count in re.findall(r"lifetime current:\s+(\d+)\(bytes\)", edge.sh("ip -s xfrm state")))


def ping(edge):
    """5 kB to the VNet, from a host behind the router, and back."""
    edge.sh(f"ip netns exec host ping -c 5 -i 0.2 -s 1000 -W 9 {VNET}")


def test_frr_s_unit_runs_erouted_and_the_modules(edge):
    assert_runs(edge)
    # no file of FRR's is another one
    assert edge.frr_verified() == []


def test_watchfrr_brings_erouted_back(edge):
    before = edge.sh("cat /run/frr/erouted.pid")
    edge.sh(f"kill -KILL {before}")
    wait_for(lambda: edge.try_sh("cat /run/frr/erouted.pid")[1] != before, "another erouted")
    edge.wait_redundant()
    assert_runs(edge)


def test_sessions_run_in_their_vlans_and_in_the_vrf(edge):
    peers = edge.show("show bgp vrf azure ipv4 unicast summary json")["peers"]
    assert {name for name, peer in peers.items() if peer["state"] == "Established"} >= {"172.16.0.2", "172.16.0.6"}
    wait_for(lambda: edge.way() == CIRCUIT, "traffic over the circuit")
    ping(edge)


@pytest.mark.parametrize("port, tags", [("eth1", "vlan 100"), ("eth2", "vlan 300 and vlan 100")], ids=["802.1Q", "QinQ"])
def test_packets_carry_the_tags(edge, port, tags):
    # fails when none comes
    edge.sh(f"timeout 60 tcpdump -c 1 -n -i {port} '{tags} and ip'")


def test_failover_to_ipsec_of_the_kernel_and_back(edge):
    wait_for(lambda: FAR in edge.show("show bgp vrf azure ipv4 unicast summary json").get("peers", {}), "the gateway")
    wait_standby(edge)
    assert "if_id 0x2a" in edge.sh(f"ip xfrm state list dst {GATEWAY}")
    for vlan in CIRCUIT:
        # whatever goes into it from now on is lost, and nobody is told
        edge.sh(f"ip -n msee link set {vlan} down")
    wait_for(lambda: edge.backup().get("state") == "active" and edge.way() == {"ipsec0"}, "traffic over the tunnel")
    before = encrypted(edge)
    ping(edge)
    # there and back
    assert encrypted(edge) - before >= 2 * 5 * 1000
    for vlan in CIRCUIT:
        edge.sh(f"ip -n msee link set {vlan} up")
    wait_standby(edge)
    before = encrypted(edge)
    ping(edge)
    assert encrypted(edge) - before < 5 * 1000


def test_systemd_says_of_netconf_s_running_units_what_the_guide_does(edge):
    guide = (TREE / "doc" / "user" / "install.rst").read_text(encoding="utf-8")
    edge.sh("systemctl start frr-netconfd frr-netconf-sshd")
    for unit in ("frr-netconfd.service", "frr-netconf-sshd.service"):
        out = edge.sh(f"systemd-analyze security --no-pager {unit}")
        exposure = re.search(r"exposure level for \S+: (\d+\.\d)", out)[1]
        assert re.search(rf"(?m)^{unit}\s+{re.escape(exposure)}$", guide), out
    assert ":830" in edge.sh("ss -Hltn sport = 830")


def test_stop_ends_every_daemon_and_start_brings_them_back(edge):
    edge.sh("systemctl enable --now frr-netconfd")
    edge.sh("systemctl stop frr")
    assert edge.daemons() == {}
    edge.sh("systemctl start frr")
    wait_for(lambda: edge.try_sh("systemctl is-active frr-netconfd")[0] == 0, "frr-netconfd with FRR again")
    assert_runs(edge)
    wait_standby(edge)


def test_an_upgrade_waits_for_the_operator(edge):
    before = pids(edge)
    said = edge.install(where=newer(edge, "frr-expressroute", "frr-expressroute-vtysh"))
    assert "systemctl restart frr" in said
    assert pids(edge) == before


def test_it_is_as_before_after_a_reboot(edge):
    before = edge.config()
    edge.reboot()
    wait_standby(edge)
    assert_runs(edge)
    assert edge.config() == before
    ping(edge)


def test_stock_frr_runs_after_removal(edge):
    edge.sh(f"dpkg --remove {' '.join(packaged.NAMES)} 2>&1")
    edge.sh("systemctl restart frr")
    assert set(edge.daemons()) == {"mgmtd", "zebra", "bgpd", "bfdd", "staticd", "watchfrr"}
    assert "expressroute" not in str(edge.daemons())
    assert "router bgp 65001 vrf azure" in edge.config()
