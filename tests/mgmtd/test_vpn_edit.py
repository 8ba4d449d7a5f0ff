# SPDX-License-Identifier: GPL-2.0-or-later
"""
A VPN backup as commands: what one line does to another, what is refused and
with which words, and what remains of a file with bad lines.
"""

import pytest

from conftest import SUCCESS
from test_file import READERS, check_rest, hundred_circuits, load_and_edit
from test_names import check_refused, completions, last

CIRCUITS = """
expressroute
circuit ams
peering private
link primary
interface eth1
ipv4-subnet 192.168.15.0/30
ipv6-subnet fd00:15::/126
exit-link
exit-peering
exit-circuit
circuit fra
peering private
vrf azure
exit-peering
exit-circuit
circuit bare
exit-circuit
circuit nyc
peering private
exit-peering
exit-circuit
""".split("\n")[1:-1]

OTHER = ["vpn-backup other", "circuit nyc", "gateway 0", "interface tun9", "neighbor 10.9.9.9"]
OTHER += ["exit-gateway", "exit-vpn-backup"]
VPN = CIRCUITS + OTHER + ["vpn-backup b", "circuit ams"]
GATEWAY = VPN + ["gateway 0", "interface tun0", "neighbor 10.0.0.1", "exit-gateway", "gateway 1"]

# the way there, the bad line, what must be said
REFUSED = [
    (CIRCUITS, "vpn-backup a/b", "vpn-backup name a/b: A name starts with"),
    (CIRCUITS, "no vpn-backup a/b", "vpn-backup name a/b: A name starts with"),
    (CIRCUITS + ["vpn-backup b"], "gateway 0", "vpn-backup b: A VPN backup backs at least one"),
    (CIRCUITS + ["vpn-backup b"], "circuit fra", "vpn-backup b circuit fra: The private peering of"),
    (VPN, "circuit amss", "vpn-backup b circuit amss: There is no such circuit. Near: ams."),
    (VPN, "circuit qqqqqqq", "There is no such circuit: 'circuit NAME' directly under"),
    (VPN, "circuit a']", "vpn-backup b circuit a']: A name starts with"),
    (VPN, "no circuit a']", "vpn-backup b circuit a']: A name starts with"),
    (VPN, "circuit bare", "vpn-backup b circuit bare: A VPN backs private peerings"),
    (VPN, "circuit nyc", "vpn-backup b circuit nyc: A circuit is backed by one VPN"),
    (VPN, "vrf azure", "vpn-backup b circuit ams: The private peering of the circuit"),
    (VPN, "router-as 65515", "vpn-backup b router-as 65515: ASNs 65515 to 65520 are reserved"),
    (VPN, "timers 1 2", "vpn-backup b timers hold 2: A hold time is 3 to 65535 seconds."),
    (VPN + ["session attached"], "password x", "vpn-backup b password: An attached session takes"),
    (VPN + ["session attached"], "route-map X in", "b route-map-in X: An attached session has"),
    (VPN, "advertise 10.1.2.3/16", "advertise ipv4-prefix 10.1.2.3/16: The prefix has host bits"),
    (VPN, "prefix 10.1.2.3/16", "b ipv4-prefix 10.1.2.3/16: The prefix has host bits set. Is it"),
    (VPN, "prefix 10.1.0.0/16", "vpn-backup b ipv4-prefix 10.1.0.0/16: A static prefix"),
    (VPN, "pin interface eth1", "vpn-backup b pin interface eth1: This interface is the link of"),
    (VPN, "pin interface tun9", "vpn-backup b pin interface tun9: This interface is the tunnel"),
    (VPN, "pin next-hop fe80::1", "vpn-backup b pin ipv6-next-hop fe80::1: A link-local next hop"),
    (VPN, "pin next-hop 224.0.0.1", "b pin ipv4-next-hop 224.0.0.1: This is not the address of"),
    (VPN, "activate links-below 3", "b activation minimum-links 3: There are no more links than"),
    (VPN, "restore hold 3601", "vpn-backup b restore: The hold before the return grows"),
    (VPN, "restore hold 10 maximum 9", "vpn-backup b restore: The hold before the return grows"),
    (GATEWAY, "address a_b..c", "vpn-backup b gateway 1 address a_b..c: This is neither an address"),
    (GATEWAY, "address 1.2.3.256", "gateway 1 address 1.2.3.256: An IPv4 address is four numbers"),
    (GATEWAY, "address 224.0.0.1", "b gateway 1 address 224.0.0.1: This is not an address that a"),
    (GATEWAY, "interface tun0", "vpn-backup b gateway 1 interface tun0: Each gateway has a tunnel"),
    (GATEWAY, "interface eth1", "vpn-backup b gateway 1 interface eth1: This interface is the link"),
    (GATEWAY, "interface a/b", "vpn-backup b gateway 1 interface a/b: An interface name has printable"),
    (GATEWAY, "neighbor 10.0.0.1", "b gateway 1 ipv4-neighbor 10.0.0.1: Two gateways in one VRF"),
    (GATEWAY, "neighbor 10.9.9.9", "b gateway 1 ipv4-neighbor 10.9.9.9: Two gateways in one VRF"),
    (GATEWAY, "neighbor 192.168.15.2", "gateway 1 ipv4-neighbor 192.168.15.2: This address is in"),
    (GATEWAY, "neighbor fd00:15::2", "b gateway 1 ipv6-neighbor fd00:15::2: This address is in the"),
    (GATEWAY, "neighbor fe80::2", "b gateway 1 ipv6-neighbor fe80::2: A link-local address does"),
    (GATEWAY + ["neighbor 10.0.0.2"], "local-address 10.0.0.2", "The local address and the neighbor"),
    (GATEWAY, "remote-as 12076", "vpn-backup b gateway 1 remote-as 12076: AS 12076 is Microsoft's"),
    (GATEWAY, "probe 10.0.0.1", "vpn-backup b gateway 1 ipv4-probe 10.0.0.1: A probe goes through"),
]


def test_a_refused_line_names_object_value_and_rule_and_changes_nothing(mgmtd):
    check_refused(mgmtd, REFUSED)


def test_names_of_backups_and_circuits_are_completed(mgmtd):
    assert mgmtd.configure(*VPN) == []
    assert completions(mgmtd, "er_vpn") == ["b", "other"]
    assert completions(mgmtd, "er_circuit") == ["ams", "bare", "fra", "nyc"]


def test_a_circuit_that_is_backed_stays_and_its_backup_is_named(mgmtd):
    assert mgmtd.configure(*VPN) == []
    before = mgmtd.section()
    status, text = last(mgmtd, ["expressroute"], "no circuit ams")
    assert status != SUCCESS
    assert text == "% circuit ams: vpn-backup b uses it: take it out there first.\n"
    status, text = last(mgmtd, ["expressroute", "circuit ams"], "no peering private")
    assert status != SUCCESS and "vpn-backup b circuit ams: A VPN backs private" in text
    status, text = last(mgmtd, ["expressroute", "circuit ams", "peering private"], "vrf azure")
    assert status != SUCCESS and "vpn-backup b circuit ams: The private peering" in text
    status, text = last(mgmtd, VPN, "no circuit ams")
    assert (status, text) == (SUCCESS, ""), "nothing but the name is left of the backup"
    assert last(mgmtd, ["expressroute"], "no circuit ams") == (SUCCESS, "")
    assert mgmtd.section() != before


def test_the_last_circuit_of_a_backup_with_gateways_stays(mgmtd):
    assert mgmtd.configure(*GATEWAY) == []
    status, text = last(mgmtd, VPN, "no circuit ams")
    assert status != SUCCESS and "vpn-backup b: A VPN backup backs at least one circuit" in text


PINS = {
    "interface eth0": ["interface eth0"],
    "interface eth0 next-hop 192.0.2.1": ["interface eth0 next-hop 192.0.2.1"],
    "interface eth0 next-hop fe80::1": [
        "interface eth0 next-hop 192.0.2.1",
        "interface eth0 next-hop fe80::1",
    ],
    "interface eth0 next-hop 192.0.2.2": [
        "interface eth0 next-hop 192.0.2.2",
        "interface eth0 next-hop fe80::1",
    ],
    "interface eth9 next-hop 192.0.2.2": ["interface eth9 next-hop 192.0.2.2"],
    "interface eth9": ["interface eth9"],
    "next-hop 2001:db8::1": ["next-hop 2001:db8::1"],
    "next-hop 192.0.2.3": ["next-hop 192.0.2.3", "next-hop 2001:db8::1"],
    "default-route": ["default-route"],
    "next-hop 192.0.2.4": ["next-hop 192.0.2.4"],
    "interface eth8": ["interface eth8"],
}


def test_a_pin_takes_the_place_of_another_and_families_stand_side_by_side(mgmtd):
    """in this order; a next hop of the other family stays where it still means something"""
    assert mgmtd.configure(*VPN) == []
    for line, expected in PINS.items():
        assert last(mgmtd, VPN, "pin " + line) == (SUCCESS, ""), line
        shown = [each.strip() for each in mgmtd.section() if " pin " in each]
        assert shown == ["pin " + each for each in expected], line


def test_bfd_is_off_unless_it_is_asked_for(mgmtd):
    assert mgmtd.configure(*VPN) == []
    assert not [line for line in mgmtd.section() if "bfd" in line]
    assert mgmtd.tree()["vpn-backup"][0]["bfd"]["enabled"] is False
    line = "bfd receive-interval 50"
    assert last(mgmtd, VPN, line) == (SUCCESS, "")
    assert last(mgmtd, VPN, "no bfd") == (SUCCESS, "")
    shown = [each.strip() for each in mgmtd.section() if "bfd" in each]
    assert shown == [line, "no bfd"]


BROKEN = """\
ip route 10.9.9.0/24 Null0
!
expressroute
 vpn-backup bad/name
  gateway 0
   interface eth7
   shutdown
  exit-gateway
 exit-vpn-backup
 vpn-backup early
  circuit late
  circuit nowhere
  router-as 12076
  timers 10 20
  route-map er:x in
  gateway 0
   address 1.2.3.256
   interface tun0
   neighbor 10.0.0.1
   remote-as 23456
   probe 224.0.0.1
  exit-gateway
  gateway 1
   interface tun0
   neighbor 10.0.0.1
  exit-gateway
  prefix 10.30.1.2/16
  pin interface tun0
  activate links-below 9
  activate drained
  restore hold 5000
 exit-vpn-backup
 vpn-backup empty
  circuit nowhere
  description of nothing
  pin default-route
  gateway 0
  exit-gateway
 exit-vpn-backup
 circuit late
  peering private
   link primary
    interface eth1
    ipv4-subnet 10.1.0.0/30
   exit-link
  exit-peering
 exit-circuit
exit-expressroute
!
ip route 10.9.8.0/24 Null0
"""

REMAINS = """\
expressroute
 circuit late
  peering private
   link primary
    interface eth1
    ipv4-subnet 10.1.0.0/30
   exit-link
  exit-peering
 exit-circuit
 vpn-backup early
  circuit late
  route-map expressroute-refused in
  gateway 0
   interface tun0
   neighbor 10.0.0.1
  exit-gateway
  gateway 1
  exit-gateway
  prefix 10.30.0.0/16
  activate drained
 exit-vpn-backup
exit-expressroute""".splitlines()

NAMED = [
    "vpn-backup name bad/name: A name starts with",
    "vpn-backup bad/name: Skipped up to the end of its section.",
    "vpn-backup early circuit nowhere (left out): There is no circuit of this name",
    "vpn-backup early router-as 12076 (left out): AS 12076 is Microsoft's own",
    "vpn-backup early timers (left out): The hold time must",
    "vpn-backup early route-map-in er:x: Route-maps whose names",
    "vpn-backup early gateway 0 address 1.2.3.256: An IPv4 address is",
    "vpn-backup early gateway 0 remote-as 23456 (left out): ASNs 23456 and",
    "vpn-backup early gateway 0 ipv4-probe 224.0.0.1 (left out): This is not the address",
    "vpn-backup early gateway 1 interface tun0 (left out): Each gateway has a tunnel",
    "vpn-backup early gateway 1 ipv4-neighbor 10.0.0.1 (left out): Two gateways in one VRF",
    "vpn-backup early pin interface tun0 (left out): This interface is the tunnel",
    "vpn-backup early activation minimum-links 9 (left out): There are no more links",
    "vpn-backup early restore (left out): The hold before the return",
    "vpn-backup empty (left out): A VPN backup backs at least one circuit",
]


@pytest.mark.parametrize("reader", READERS)
def test_the_rest_of_a_file_is_read(start, reader):
    mgmtd, said = reader(start, BROKEN)
    check_rest(mgmtd, said, REMAINS, NAMED)
    assert not [line for line in mgmtd.show().splitlines() if "eth7" in line]


def hundred_backups(neighbor="   neighbor 10.255.%d.%d"):
    lines = []
    for number in range(100):
        lines += [" vpn-backup v%03d" % number, "  circuit c%03d" % number]
        for instance in range(2):
            low = number * 2 + instance + 1
            lines += ["  gateway %d" % instance]
            lines += ["   address vpngw%d.example.com" % low, "   interface tun%d" % low]
            lines += [neighbor % (low >> 8, low & 255), "  exit-gateway"]
        lines += ["  prefix 10.%d.%d.0/24" % (number, i) for i in range(10)]
        lines += ["  pin interface eth9 next-hop 192.0.2.1", " exit-vpn-backup"]
    return hundred_circuits()[:-1] + lines + ["exit-expressroute"]


def test_a_hundred_backups_load(mgmtd):
    lines = hundred_backups()
    load, edit = load_and_edit(mgmtd, lines, "vpn-backup v050", "test-interval 7")
    assert load < 20 and edit < 10


def test_a_hundred_broken_backups_load(mgmtd):
    lines = hundred_backups("   neighbor 127.%d.%d.1")
    begin = mgmtd.processor_seconds()
    said = mgmtd.load(lines)
    load = mgmtd.processor_seconds() - begin
    print("load %.2f s" % load)
    assert len("".join(text for _, _, text in said).splitlines()) == 200
    assert len(mgmtd.tree()["vpn-backup"]) == 100
    assert load < 20


def test_a_rule_that_a_default_breaks_with_a_refused_value_ends(mgmtd):
    """our AS is the gateways' by default: it is ours that is left out"""
    lines = [
        "expressroute",
        " circuit a",
        "  peering private",
        "  exit-peering",
        " exit-circuit",
        " vpn-backup b",
        "  circuit a",
        "  router-as 65515",
        "  gateway 0",
        "  exit-gateway",
        " exit-vpn-backup",
        "exit-expressroute",
    ]
    said = "".join(text for _, _, text in mgmtd.load(lines))
    assert said.startswith("% vpn-backup b router-as 65515 (left out): ASNs 65515 to 65520")
    assert mgmtd.section() == [line for line in lines if "router-as" not in line]
