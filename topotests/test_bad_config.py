# SPDX-License-Identifier: GPL-2.0-or-later
"""Every rule of the model, broken through vtysh: refused, and the message says why."""
import pytest

import er_lab
import scenery

PRIVATE = "peering private\n"
MICROSOFT = "peering microsoft\n"
PRIMARY = "link primary\n"

# a number that the command does not take never reaches the model
NO_COMMAND = "% Unknown command: "

# what is typed below `circuit bad`, and what the operator reads
MATRIX = {
    "subnet-too-large": (PRIVATE + PRIMARY + "ipv4-subnet 172.16.1.0/29", "A link has an IPv4 /30"),
    "subnet-too-small": (PRIVATE + PRIMARY + "ipv4-subnet 172.16.1.0/31", "A link has an IPv4 /30"),
    "ipv4-host-bits": (PRIVATE + PRIMARY + "ipv4-subnet 172.16.1.1/30", "has host bits set"),
    "ipv6-subnet-size": (PRIVATE + PRIMARY + "ipv6-subnet 2001:db8:e1::/125", "A link has an IPv6 /126"),
    "ipv6-host-bits": (PRIVATE + PRIMARY + "ipv6-subnet 2001:db8:e1::1/126", "has host bits set"),
    "ipv4-overlap": (PRIVATE + "vlan 9\n" + PRIMARY + "ipv4-subnet 172.16.0.0/30", "overlaps that of another link"),
    "ipv6-overlap": (PRIVATE + "vlan 9\n" + PRIMARY + "ipv6-subnet 2001:db8:e0::/126", "overlaps that of another link"),
    "multicast-subnet": (PRIVATE + PRIMARY + "ipv4-subnet 224.0.0.0/30", "must be unicast"),
    "link-local-subnet": (PRIVATE + PRIMARY + "ipv6-subnet fe80::/126", "must be global unicast"),
    "halves-swapped": (
        PRIVATE + PRIMARY + "ipv4-subnet 172.16.1.4/30\nexit-link\nlink secondary\nipv4-subnet 172.16.1.0/30",
        "in the wrong order",
    ),
    "duplicate-vlan": (
        PRIVATE + "vlan 9\n" + PRIMARY + "interface eth9\nexit-link\nexit-peering\n" + MICROSOFT + "vlan 9\n" + PRIMARY + "interface eth9",
        "need different VLAN ids",
    ),
    "vlan-0": (PRIVATE + "vlan 0", NO_COMMAND),
    "vlan-4095": (PRIVATE + "vlan 4095", NO_COMMAND),
    "s-tag-without-vlan": (PRIVATE + "s-tag 7", "needs a vlan"),
    "s-tags-differ": (
        PRIVATE + "vlan 7\ns-tag 8\nexit-peering\n" + MICROSOFT + "vlan 9\ns-tag 10",
        "share one S-tag",
    ),
    "as-of-microsoft": (PRIVATE + "router-as 12076", "Microsoft's own"),
    "as-reserved-by-microsoft": (PRIVATE + "router-as 65515", "reserved by Microsoft"),
    "as-for-documentation": (PRIVATE + "router-as 64496", "for documentation"),
    "as-trans": (PRIVATE + "router-as 23456", "are reserved"),
    "private-address-on-microsoft-peering": (MICROSOFT + PRIMARY + "ipv4-subnet 10.0.0.0/30", "needs a public IPv4 subnet"),
    "cgn-address-on-microsoft-peering": (MICROSOFT + PRIMARY + "ipv4-subnet 100.64.0.0/30", "needs a public IPv4 subnet"),
    "ula-on-microsoft-peering": (MICROSOFT + PRIMARY + "ipv6-subnet fd00::/126", "needs a public IPv6 subnet"),
    "default-route-on-microsoft-peering": (MICROSOFT + "advertise 0.0.0.0/0", "default route cannot be advertised"),
    "rfc1918-on-microsoft-peering": (MICROSOFT + "advertise 10.0.0.0/8", "RFC 1918"),
    "keepalive-too-short": (PRIVATE + "timers 1 30", "keepalive under 3"),
    "hold-too-short": (PRIVATE + "timers 3 9", "hold time under 10"),
    "hold-below-three-keepalives": (PRIVATE + "timers 10 20", "at least three times"),
    "password-not-ascii": (PRIVATE + "password pässword", "printable ASCII"),
    "password-too-long": (PRIVATE + "password " + "x" * 81, "1 to 80 characters"),
    "password-on-attached": (PRIVATE + "session attached\npassword secret", "operator's own neighbor lines"),
    "timers-on-attached": (PRIVATE + "session attached\ntimers 10 30", "operator's own neighbor lines"),
    "route-map-on-attached": (PRIVATE + "session attached\nroute-map X in", "operator's own neighbor lines"),
    "interface-name-too-long": (PRIVATE + PRIMARY + "interface " + "i" * 16, "1 to 15 characters"),
    "bandwidth-not-sold": ("bandwidth 300", "50, 100, 200, 500"),
    "bandwidth-above-the-port": (
        "connectivity-model direct\ndirect port-speed 10\nbandwidth 40000",
        "cannot exceed the speed",
    ),
    "port-pair-without-direct": ("direct port-pair here", "needs 'connectivity-model direct'"),
    "service-key-not-a-guid": ("service-key 1234", "A service key is a GUID"),
    "service-key-taken": ("service-key 11111111-2222-3333-4444-555555555555", "Two circuits cannot have"),
    "preference-256": ("preference 256", NO_COMMAND),
    "unknown-sku": ("sku gold", NO_COMMAND),
}


@pytest.fixture(scope="module")
def lab(request):
    conf = scenery.circuit_conf(circuit=["service-key 11111111-2222-3333-4444-555555555555"])
    with er_lab.running(request, conf, msees={"primary": None, "secondary": None}) as lab:
        yield lab


@pytest.fixture
def scratch(lab):
    yield lab.ce
    lab.ce.try_vtysh("configure terminal\nexpressroute\nno circuit bad")
    assert "circuit bad" not in lab.ce.running_config()


@pytest.mark.parametrize("case", MATRIX)
def test_rule(lab, scratch, case):
    lines, message = MATRIX[case]
    last = lines.split("\n")[-1]
    status, out = scratch.try_vtysh(f"configure terminal\nexpressroute\ncircuit bad\n{lines}")
    assert status != 0, out
    # not the echo of what was typed
    assert message in out and message not in lines
    kept = er_lab.section(scratch.running_config()).partition("circuit bad")[2].split("\n")
    kept = [line.strip() for line in kept]
    assert kept.count(last) == lines.split("\n").count(last) - 1


def test_name_of_200_characters_is_refused(lab, scratch):
    status, out = scratch.try_vtysh("configure terminal\nexpressroute\ncircuit " + "n" * 200)
    assert status != 0 and "1 to 63 characters" in out


@pytest.mark.parametrize("name", ["-dash", "with/slash", "quote'd", "bracket]"])
def test_odd_names_are_refused(lab, scratch, name):
    status, out = scratch.try_vtysh(f"configure terminal\nexpressroute\ncircuit {name}")
    assert status != 0
    assert "starts with a letter or a digit" in out
    assert name not in scratch.running_config()


def test_refused_line_leaves_the_good_circuit_alone(lab):
    assert er_lab.section(lab.ce.running_config()).count("circuit amsterdam") == 1
    assert lab.expressroute()


def test_daemons_have_survived_all_that(lab):
    assert lab.router.checkRouterRunning() == ""
