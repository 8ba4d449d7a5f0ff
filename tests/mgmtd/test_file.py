# SPDX-License-Identifier: GPL-2.0-or-later
"""
A configuration file with bad lines: mgmtd commits a file as a whole or not at
all, and yet everything else in it must be read, and each bad line be named.
"""

import time

import pytest

CORRUPTED = """\
hostname corrupted
ip route 10.9.9.0/24 Null0
!
expressroute
 circuit bad/name
  peering private
   vrf red
   link primary
    interface eth7
    shutdown
    ipv4-subnet 10.7.0.0/30
   exit-link
  exit-peering
 exit-circuit
 circuit good
  provider Carrier #1
  bandwidth 300
  \x01\x02garbage\xff
  peering private
   vlan 10
   s-tag 20
   router-as 65517
   timers 60 70
   link primary
    interface eth1
    ipv4-subnet 20.0.0.0/30
   exit-link
   link secondary
    interface eth2
    ipv4-subnet 20.0.0.0/30
    ipv6-subnet 2001:db8::5/126
   exit-link
  exit-peering
 exit-circuit
 circuit later
  description colliding with the one before
  peering private
   vlan 10
   s-tag 20
   link primary
    interface eth1
    ipv4-subnet 20.0.0.0/30
    ipv6-subnet 2001:db8::/126
   exit-link
  exit-peering
 exit-circuit
exit-expressroute
!
ip route 10.9.8.0/24 Null0
"""

WHAT_REMAINS = """\
expressroute
 circuit good
  provider Carrier #1
  peering private
   vlan 10
   s-tag 20
   link primary
    interface eth1
    ipv4-subnet 20.0.0.0/30
   exit-link
   link secondary
    interface eth2
   exit-link
  exit-peering
 exit-circuit
 circuit later
  description colliding with the one before
  peering private
   vlan 10
   s-tag 20
   link primary
    ipv6-subnet 2001:db8::/126
   exit-link
  exit-peering
 exit-circuit
exit-expressroute""".splitlines()

NAMED = [
    "circuit name bad/name: A name starts with",
    "circuit bad/name: Skipped up to the end of its section.",
    "circuit good bandwidth 300 (left out): A provider's circuit has",
    "circuit good peering private router-as 65517 (left out): ASNs 65515 to 65520",
    "circuit good peering private timers (left out): The hold time must",
    "circuit good peering private link secondary ipv4-subnet 20.0.0.0/30 (left out): The IPv4",
    "link secondary ipv6-subnet 2001:db8::5/126: The IPv6 subnet of a link has host bits",
    "circuit later peering private link primary ipv4-subnet 20.0.0.0/30 (left out): The IPv4",
    "circuit later peering private link primary interface eth1 (left out): Two peerings",
]


def check(mgmtd, said):
    shown = mgmtd.show().splitlines()
    assert "ip route 10.9.9.0/24 Null0" in shown
    assert "ip route 10.9.8.0/24 Null0" in shown
    assert mgmtd.section() == WHAT_REMAINS
    # the lines of the skipped circuit have not reached the real eth7
    assert not [line for line in shown if "eth7" in line or "vrf red" in line]
    for text in NAMED:
        assert text in said
        assert text in mgmtd.log()


def test_the_rest_of_mgmtd_conf_is_read(start):
    mgmtd = start(files={"mgmtd.conf": CORRUPTED})
    check(mgmtd, mgmtd.log())
    assert "garbage" in mgmtd.log()


def test_the_rest_of_frr_conf_is_read(mgmtd):
    said = mgmtd.load(CORRUPTED.splitlines())
    check(mgmtd, "".join(text for _, _, text in said))
    assert any("garbage" in text for _, _, text in said)


def test_what_runs_wins_over_what_is_read(mgmtd):
    """the later name of two loses, unless it is the one that runs"""
    z = ["circuit z", "peering private", "link primary", "ipv4-subnet 10.0.0.0/30"]
    a = ["circuit a", "peering private", "link primary", "ipv4-subnet 10.0.0.0/30"]
    leave = ["exit-link", "exit-peering", "exit-circuit", "exit-expressroute"]
    assert mgmtd.configure("expressroute", *z) == []
    said = mgmtd.load(["expressroute", *a, *leave])
    assert "circuit a peering private link primary ipv4-subnet 10.0.0.0/30 (left out)" in said[0][2]
    tree = {each["name"]: each["peering"][0]["link"][0] for each in mgmtd.tree()["circuit"]}
    assert tree["z"]["ipv4-subnet"] == "10.0.0.0/30"
    assert "ipv4-subnet" not in tree["a"]


@pytest.mark.parametrize("size", [1, 7, 100, 1000, 3000])
def test_a_file_that_ends_anywhere_is_read_up_to_there(start, size):
    mgmtd = start(files={"mgmtd.conf": CORRUPTED[:size]})
    assert mgmtd.configure("hostname alive") == []


def hundred_circuits():
    lines = ["expressroute"]
    for number in range(100):
        lines += [" circuit c%03d" % number]
        for kind in range(2):
            lines += ["  peering " + ("private", "microsoft")[kind]]
            lines += ["   vlan %d" % (number * 2 + kind + 1), "   router-as 65001"]
            for role in range(2):
                low = (number * 4 + kind * 2 + role) * 4
                lines += [
                    "   link " + ("primary", "secondary")[role],
                    "    interface eth%d" % role,
                    "    ipv4-subnet 20.0.%d.%d/30" % (low >> 8, low & 255),
                    "    ipv6-subnet 2001:db8::%s/126" % format(low, "x") if low else
                    "    ipv6-subnet 2001:db8::/126",
                    "   exit-link",
                ]
            lines += ["  exit-peering"]
        lines += [" exit-circuit"]
    return lines + ["exit-expressroute"]


def test_a_hundred_circuits_load(mgmtd):
    lines = hundred_circuits()
    begin = time.monotonic()
    assert mgmtd.load(lines) == []
    load = time.monotonic() - begin

    assert mgmtd.section() == lines
    begin = time.monotonic()
    assert mgmtd.configure("expressroute", "circuit c050", "preference 7") == []
    edit = time.monotonic() - begin
    print("load %.2f s, one edit %.2f s" % (load, edit))
    # 0.7 s and 0.6 s on the machine this was written on
    assert load < 20 and edit < 10


def test_a_hundred_broken_circuits_load(mgmtd):
    lines = ["   router-as 65515" if "router-as" in line else line for line in hundred_circuits()]
    begin = time.monotonic()
    said = mgmtd.load(lines)
    assert len("".join(text for _, _, text in said).splitlines()) == 200
    assert len(mgmtd.tree()["circuit"]) == 100
    assert time.monotonic() - begin < 20
