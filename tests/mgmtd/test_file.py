# SPDX-License-Identifier: GPL-2.0-or-later
"""
A configuration file with bad lines: mgmtd commits a file as a whole or not at
all, and yet everything else in it must be read, and each bad line be named.
"""

import pytest

from conftest import COMMUNITIES

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


POLICY = """\
ip route 10.9.9.0/24 Null0
!
expressroute
 circuit early
  peering private
   route-filter later
   advertise 10.1.2.3/16
   route-map X in
   session attached
  exit-peering
  peering microsoft
   route-filter missing
   router-as 65001
   prepend 3
  exit-peering
 exit-circuit
 community own value 65001:1
 community twin value 65001:1
 route-filter bad/name
  description of nothing
  allow service exchange-online
  shutdown
 exit-route-filter
 route-filter later
  allow service no-such-service
  allow service no-such-service region no-such-region
  allow region no-such-region
  allow community no-such-name
  allow community 12076:70000
 exit-route-filter
 region-preference no-such-region circuit early nowhere
 region-preference own circuit nowhere
exit-expressroute
!
ip route 10.9.8.0/24 Null0
"""

POLICY_REMAINS = """\
expressroute
 community own value 65001:1
 route-filter later
  allow service no-such-service
  allow region no-such-region
  allow service no-such-service region no-such-region
  allow community no-such-name
 exit-route-filter
 route-filter missing
 exit-route-filter
 circuit early
  peering private
   session attached
   route-filter later
   advertise 10.1.0.0/16
  exit-peering
  peering microsoft
   router-as 65001
   route-filter missing
  exit-peering
 exit-circuit
 region-preference no-such-region circuit early
exit-expressroute""".splitlines()

POLICY_NAMED = [
    "route-filter name bad/name: A name starts with",
    "route-filter bad/name: Skipped up to the end of its section.",
    "route-filter missing: A peering names it, but it is not there: made empty, it refuses",
    "circuit early peering private route-map-in X (left out): An attached session has",
    "circuit early peering microsoft prepend 3 (left out): Microsoft strips private ASNs",
    "community twin (left out): Two names cannot",
    "route-filter later community 12076:70000: Each half of a community",
    "region-preference no-such-region circuit 2 name nowhere (left out): There is no circuit",
    "region-preference own circuit 1 name nowhere (left out): There is no circuit",
    "region-preference own (left out): A region-preference names at least one circuit.",
]


def check_policy(mgmtd, said):
    shown = mgmtd.show().splitlines()
    assert "ip route 10.9.9.0/24 Null0" in shown
    assert "ip route 10.9.8.0/24 Null0" in shown
    assert mgmtd.section() == POLICY_REMAINS
    for text in POLICY_NAMED:
        assert text in said
        assert text in mgmtd.log()
    # names that nobody knows are kept without a word
    assert "no-such-service" not in said


def test_policy_of_mgmtd_conf_is_read(start):
    mgmtd = start(files={"mgmtd.conf": POLICY})
    check_policy(mgmtd, mgmtd.log())


@pytest.mark.parametrize("catalogue", [None, "broken", COMMUNITIES], ids=["none", "broken", "ours"])
def test_policy_of_frr_conf_is_read_with_any_catalogue(start, catalogue):
    mgmtd = start(communities=catalogue)
    said = mgmtd.load(POLICY.splitlines())
    check_policy(mgmtd, "".join(text for _, _, text in said))


def test_a_batch_of_mgmtds_own_file_does_not_end_within_the_section(start):
    """mgmtd commits its own file after each 5000 lines, and all of them or none"""
    entries = ["  allow community 65000:%d" % i for i in range(5050)]
    lines = ["expressroute", " circuit a", "  peering private", "   route-filter b"]
    lines += ["  exit-peering", " exit-circuit", " route-filter a", *entries]
    lines += [" exit-route-filter", " route-filter b", " exit-route-filter"]
    lines += ["exit-expressroute"]
    mgmtd = start(files={"mgmtd.conf": "\n".join(lines) + "\n"})
    assert len(mgmtd.tree()["route-filter"][0]["community"]) == 5050
    assert mgmtd.tree()["circuit"][0]["peering"][0]["route-filter"] == "b"
    assert "expressroute: configuration" not in mgmtd.log()


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


def check_rest(mgmtd, said, remains, named):
    """of a file with bad lines, and two routes around them"""
    shown = mgmtd.show().splitlines()
    assert "ip route 10.9.9.0/24 Null0" in shown and "ip route 10.9.8.0/24 Null0" in shown
    assert mgmtd.section() == remains
    for text in named:
        assert text in said
        assert text in mgmtd.log()


def read_as_mgmtd_conf(start, text):
    mgmtd = start(files={"mgmtd.conf": text})
    return mgmtd, mgmtd.log()


def read_as_frr_conf(start, text):
    mgmtd = start()
    return mgmtd, "".join(said for _, _, said in mgmtd.load(text.splitlines()))


READERS = [read_as_mgmtd_conf, read_as_frr_conf]


def load_and_edit(mgmtd, lines, where, line):
    """seconds of mgmtd's for all of them, and for one more in this section"""
    begin = mgmtd.processor_seconds()
    assert mgmtd.load(lines) == []
    load = mgmtd.processor_seconds() - begin
    assert mgmtd.section() == lines
    begin = mgmtd.processor_seconds()
    assert mgmtd.configure("expressroute", where, line) == []
    edit = mgmtd.processor_seconds() - begin
    print("load %.2f s, one edit %.2f s" % (load, edit))
    return load, edit


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
    load, edit = load_and_edit(mgmtd, hundred_circuits(), "circuit c050", "preference 7")
    # 0.7 s and 0.6 s on the machine this was written on
    assert load < 20 and edit < 10


def test_a_hundred_broken_circuits_load(mgmtd):
    lines = ["   router-as 65515" if "router-as" in line else line for line in hundred_circuits()]
    begin = mgmtd.processor_seconds()
    said = mgmtd.load(lines)
    assert len("".join(text for _, _, text in said).splitlines()) == 200
    assert len(mgmtd.tree()["circuit"]) == 100
    assert mgmtd.processor_seconds() - begin < 20


def fifty_filters():
    lines = ["expressroute"]
    for number in range(50):
        lines += [" route-filter f%02d" % number]
        lines += ["  allow community %d:%d" % (64000 + number, 100 + i) for i in range(100)]
        lines += [" exit-route-filter"]
    circuits = hundred_circuits()[1:-1]
    for at in [i for i, line in enumerate(circuits) if "router-as" in line][::-1]:
        circuits.insert(at + 1, "   route-filter f%02d" % (at % 50))
    preferences = [
        " region-preference 12076:%d circuit " % (51000 + i)
        + " ".join("c%03d" % (i + n) for n in range(20))
        for i in range(50)
    ]
    return lines + circuits + preferences + ["exit-expressroute"]


def test_a_hundred_circuits_with_fifty_filters_load(mgmtd):
    load, edit = load_and_edit(
        mgmtd, fifty_filters(), "route-filter f07", "allow community 1:1"
    )
    assert load < 20 and edit < 10


def test_three_thousand_names_load(mgmtd):
    lines = [" community n%d value 65000:%d" % (i, i) for i in range(1000, 4000)]
    lines = ["expressroute", *lines, "exit-expressroute"]
    begin = mgmtd.processor_seconds()
    assert mgmtd.load(lines) == []
    assert mgmtd.section() == lines
    assert mgmtd.configure("expressroute", "community x value 1:1") == []
    # 0.3 s on the machine this was written on; comparing each with each, 20 s
    assert mgmtd.processor_seconds() - begin < 10


def test_a_filter_of_ten_thousand_entries_loads(mgmtd):
    lines = ["expressroute", " route-filter big"]
    lines += ["  allow community 64000:%d" % (20000 + i) for i in range(10000)]
    lines += [" exit-route-filter", "exit-expressroute"]
    begin = mgmtd.processor_seconds()
    assert mgmtd.load(lines) == []
    load = mgmtd.processor_seconds() - begin
    assert mgmtd.section() == lines
    begin = mgmtd.processor_seconds()
    inside = ["expressroute", "route-filter big"]
    assert mgmtd.configure(*inside, "no allow community 64000:20007") == []
    assert mgmtd.configure(*inside, "allow community 64000:20007") == []
    edit = (mgmtd.processor_seconds() - begin) / 2
    print("load %.2f s, one edit %.2f s" % (load, edit))
    assert mgmtd.section() == lines
    said = mgmtd.configure(*inside, "allow community 1:1")
    assert "Too many" in said[0][2] and said[0][1] != 0
    assert load < 30 and edit < 10


REFUSED = """\
expressroute
 route-filter expressroute-refused
  allow community 65001:1
 exit-route-filter
 circuit a
  peering private
   vlan 10
   route-filter bad/name
   route-map er:x in
   route-map er:y out
   advertise prefix-list 10.1.0.0/16
   advertise ipv6 prefix-list 2001:db8::/32
  exit-peering
  peering microsoft
   vlan 11
   route-filter worse/name
  exit-peering
 exit-circuit
exit-expressroute
"""

REFUSED_REMAINS = """\
expressroute
 route-filter expressroute-refused
  allow community 65001:1
 exit-route-filter
 route-filter expressroute-refused-2
 exit-route-filter
 circuit a
  peering private
   vlan 10
   route-filter expressroute-refused-2
   route-map expressroute-refused-2 in
   route-map expressroute-refused-2 out
   advertise prefix-list expressroute-refused-2
   advertise ipv6 prefix-list expressroute-refused-2
  exit-peering
  peering microsoft
   vlan 11
   route-filter expressroute-refused-2
  exit-peering
 exit-circuit
exit-expressroute""".splitlines()


def test_a_refused_restriction_does_not_open_the_peering(mgmtd):
    """another name stands in, of what refuses everything"""
    said = "".join(text for _, _, text in mgmtd.load(REFUSED.splitlines()))
    assert mgmtd.section() == REFUSED_REMAINS
    for text in (
        "circuit a peering private route-filter bad/name: A name starts with",
        "peering private route-filter expressroute-refused-2: Stands in for it and refuses",
        "circuit a peering private route-map-in er:x: Route-maps whose names",
        "route-map-in expressroute-refused-2: Stands in for it and refuses everything.",
        "route-filter expressroute-refused-2: A peering names it, but it is not there: made empty",
    ):
        assert text in said and text in mgmtd.log()
    # what was written is read again as it is
    said = mgmtd.load(REFUSED_REMAINS)
    assert not [text for _, _, text in said if "No changes found" not in text]
    assert mgmtd.section() == REFUSED_REMAINS


def test_a_refused_restriction_that_is_typed_changes_nothing(mgmtd):
    way = ["expressroute", "circuit a", "peering private"]
    assert mgmtd.configure(*way) == []
    before = mgmtd.section()
    for line in "route-filter bad/name", "route-map er:x in", "advertise prefix-list 10.1.0.0/16":
        assert mgmtd.configure(*way, line)
        assert mgmtd.section() == before
