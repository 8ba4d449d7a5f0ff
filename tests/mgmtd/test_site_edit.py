# SPDX-License-Identifier: GPL-2.0-or-later
"""
Global Reach as commands: what is refused and with which words, what holds a
circuit or a site in its place, and what remains of a file with bad lines.
"""

import pytest

from conftest import SUCCESS
from test_file import READERS, check_rest, hundred_circuits, load_and_edit
from test_names import check_refused, completions, last

TOP = """
expressroute
circuit ams
peering private
router-as 65001
advertise 10.10.0.0/16
link primary
interface eth1
ipv4-subnet 192.168.15.0/30
exit-link
exit-peering
exit-circuit
circuit bare
exit-circuit
circuit lon
peering private
exit-peering
exit-circuit
site fra
as 65010
prefix 10.20.0.0/16
exit-site
""".split("\n")[1:-1]

SITE = TOP + ["site sao"]
JOINT = TOP + ["global-reach ams-fra", "circuit ams"]

# the way there, the bad line, what must be said
REFUSED = [
    (TOP, "site a/b", "site name a/b: A name starts with"),
    (TOP, "global-reach a/b", "global-reach name a/b: A name starts with"),
    (SITE, "as 12076", "site sao as 12076: AS 12076 is Microsoft's own"),
    (SITE, "as 65518", "site sao as 65518: ASNs 65515 to 65520 are reserved"),
    (SITE, "as 65010", "site sao as 65010: Two sites cannot have the same AS"),
    (SITE, "as 65001", "site sao as 65001: This is our own AS"),
    (SITE, "same-as", "site sao same-as true: A site with our own AS is told from"),
    (SITE, "prefix 10.20.1.0/24", "site sao prefix 10.20.1.0/24: The prefix is within one of"),
    (SITE, "prefix 10.0.0.0/8", "site fra prefix 10.20.0.0/16: The prefix is within one of"),
    (SITE, "prefix 10.30.1.0/16", "site sao prefix 10.30.1.0/16: The prefix has host bits set."),
    (SITE, "prefix 0.0.0.0/0", "site sao prefix 0.0.0.0/0: The default route cannot be a site's"),
    (SITE, "prefix 10.10.0.0/16", "site sao prefix 10.10.0.0/16: A private peering advertises"),
    (SITE, "prefix 192.168.15.2/32", "sao prefix 192.168.15.2/32: The prefix is in the subnet of"),
    (SITE, "circuit amss", "site sao circuit amss: There is no such circuit. Near: ams."),
    (SITE, "circuit bare", "site sao circuit bare: A site is heard over private peerings"),
    (TOP + ["global-reach x"], "site fra", "global-reach x: A Global Reach connection joins one"),
    (JOINT, "circuit bare", "global-reach ams-fra circuit bare: Global Reach joins private"),
    (JOINT, "circuit lonn", "ams-fra circuit lonn: There is no such circuit. Near: lon."),
    (JOINT, "site far", "global-reach ams-fra site far: There is no such site. Near: fra."),
    (JOINT, "site qqqqqqqq", "There is no such site: 'site NAME' directly under 'expressroute'"),
    (JOINT, "site a']", "global-reach ams-fra site a']: A name starts with"),
    (JOINT, "no site a']", "global-reach ams-fra site a']: A name starts with"),
    (JOINT, "ipv4-subnet 172.31.0.8/30", "ipv4-subnet 172.31.0.8/30: A Global Reach connection"),
    (JOINT, "ipv4-subnet 172.31.0.9/29", "ipv4-subnet 172.31.0.9/29: The IPv4 subnet of a Global"),
    (JOINT, "ipv4-subnet 192.168.15.0/29", "192.168.15.0/29: The /29 overlaps the subnet of a"),
    (
        SITE + ["prefix 172.31.0.8/29", "exit"] + JOINT[-2:],
        "ipv4-subnet 172.31.0.8/29",
        "site sao prefix 172.31.0.8/29: The prefix is in the subnet of a Global Reach",
    ),
    (
        SITE + ["circuit lon", "exit"] + JOINT[-2:],
        "site sao",
        "global-reach ams-fra site sao: The site may not be heard on the circuit",
    ),
]


def test_a_refused_line_names_object_value_and_rule_and_changes_nothing(mgmtd):
    check_refused(mgmtd, REFUSED)


def test_a_same_as_site_is_made_in_this_order(mgmtd):
    lines = ["prefix 10.30.0.0/16", "same-as", "as 65001"]
    assert mgmtd.configure(*SITE, *lines) == []
    status, text = last(mgmtd, SITE, "no same-as")
    assert status != SUCCESS and "site sao as 65001: This is our own AS" in text
    status, text = last(mgmtd, SITE, "no prefix 10.30.0.0/16")
    assert status != SUCCESS and "site sao same-as true: A site with our own AS" in text


def test_names_of_sites_and_connections_are_completed(mgmtd):
    assert mgmtd.configure(*SITE, "exit", *JOINT[-2:]) == []
    assert completions(mgmtd, "er_site") == ["fra", "sao"]
    assert completions(mgmtd, "er_joint") == ["ams-fra"]


def test_what_is_referred_to_stays_and_who_refers_to_it_is_named(mgmtd):
    assert mgmtd.configure(*SITE, "circuit lon", "exit", *JOINT[-2:], "site fra") == []
    before = mgmtd.section()
    for line, text in (
        ("no circuit lon", "% circuit lon: site sao uses it: take it out there first.\n"),
        ("no circuit ams", "% circuit ams: global-reach ams-fra uses it: take it out there first.\n"),
        ("no site fra", "% site fra: global-reach ams-fra uses it: take it out there first.\n"),
    ):
        status, said = last(mgmtd, ["expressroute"], line)
        assert status != SUCCESS and said == text
    status, said = last(mgmtd, ["expressroute", "circuit lon"], "no peering private")
    assert status != SUCCESS and "site sao circuit lon: A site is heard over private" in said
    status, said = last(mgmtd, ["expressroute", "circuit ams"], "no peering private")
    assert status != SUCCESS and "global-reach ams-fra circuit ams: Global Reach joins" in said
    assert mgmtd.section() == before
    assert mgmtd.configure("expressroute", "no global-reach ams-fra", "no site fra") == []
    assert mgmtd.configure("expressroute", "site sao", "no circuit lon", "exit") == []
    assert mgmtd.configure("expressroute", "no circuit lon", "no circuit ams") == []


BROKEN = """\
ip route 10.9.9.0/24 Null0
!
expressroute
 site bad/name
  prefix 10.99.0.0/16
 exit-site
 site fra
  as 65010
  as 12076
  prefix 10.20.0.0/16
  prefix 10.0.0.0/30
  circuit late
  maximum-prefixes 9
 exit-site
 site lon
  as 65010
  as 65011
  prefix 10.21.0.0/16
  prefix 10.20.1.0/24
  circuit nowhere
 exit-site
 site nyc
  as 65012
  prefix 10.20.2.0/24
 exit-site
 site sao
  same-as
  as 65013
 exit-site
 global-reach bad/name
  circuit late
  shutdown
 exit-global-reach
 global-reach early
  circuit late
  site fra
  site lon
  site nyc
  ipv4-subnet 172.31.0.8/30
 exit-global-reach
 global-reach empty
  circuit nowhere
  site fra
 exit-global-reach
 undeclared-sites refuse
 circuit late
  peering private
   link primary
    interface eth1
    ipv4-subnet 10.0.0.0/30
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
    ipv4-subnet 10.0.0.0/30
   exit-link
  exit-peering
 exit-circuit
 site fra
  prefix 10.20.0.0/16
  as 65010
  circuit late
  maximum-prefixes 9
 exit-site
 site sao
  as 65013
 exit-site
 global-reach early
  circuit late
  site fra
 exit-global-reach
 global-reach empty
 exit-global-reach
 undeclared-sites refuse
exit-expressroute""".splitlines()

NAMED = [
    "site name bad/name: A name starts with",
    "site bad/name: Skipped up to the end of its section.",
    "site fra as 12076 (left out): AS 12076 is Microsoft's own",
    "site fra prefix 10.0.0.0/30 (left out): The prefix is in the subnet of a circuit's link",
    "site lon circuit nowhere (left out, and the site, which it restricts): There is no circuit",
    "site nyc prefix 10.20.2.0/24 (left out, and the site, which it restricts): The prefix is",
    "site sao same-as true (left out): A site with our own AS",
    "global-reach bad/name: Skipped up to the end of its section.",
    "global-reach early ipv4-subnet 172.31.0.8/30: A Global Reach connection has",
    "global-reach early site lon (left out): The site may not be heard",
    "global-reach early site nyc (left out): There is no site of this name",
    "global-reach empty circuit nowhere (left out): There is no circuit of this name",
    "global-reach empty site fra (left out): The site may not be heard on",
]


@pytest.mark.parametrize("reader", READERS)
def test_the_rest_of_a_file_is_read(start, reader):
    """a site that would be open without what was refused is left out with it"""
    mgmtd, said = reader(start, BROKEN)
    check_rest(mgmtd, said, REMAINS, NAMED)


def hundred_sites():
    lines = []
    for number in range(100):
        lines += [" site s%03d" % number]
        lines += ["  prefix 10.%d.%d.0/24" % (number, i) for i in range(4)]
        lines += ["  as %d" % (64512 + number)]
        lines += ["  circuit c%03d" % number, " exit-site"]
    for number in range(100):
        lines += [" global-reach g%03d" % number, "  circuit c%03d" % number]
        lines += ["  site s%03d" % number]
        lines += ["  ipv4-subnet 172.31.%d.%d/29" % (number // 32, number % 32 * 8)]
        lines += [" exit-global-reach"]
    return hundred_circuits()[:-1] + lines + ["exit-expressroute"]


def test_a_hundred_sites_load(mgmtd):
    lines = hundred_sites()
    load, edit = load_and_edit(mgmtd, lines, "site s050", "maximum-prefixes 7")
    assert load < 30 and edit < 15
