# SPDX-License-Identifier: GPL-2.0-or-later
"""
Path-probes as commands: what is refused and with which words, what holds a circuit
or a backup in its place, and what remains of a file with bad lines.
"""

import pytest

from conftest import SUCCESS
from test_file import READERS, check_rest
from test_names import check_refused, completions, last

TOP = """
expressroute
circuit ams
peering private
exit-peering
exit-circuit
vpn-backup azure
circuit ams
exit-vpn-backup
""".split("\n")[1:-1]

PROBE = TOP + ["path-probe p"]
LINK = PROBE + ["via circuit ams link primary"]

# the way there, the bad line, what must be said
REFUSED = [
    (TOP, "path-probe a/b", "path-probe name a/b: A name starts with"),
    (PROBE, "via circuit amss link primary", "via circuit amss: There is no such circuit. Near: ams."),
    (PROBE, "via vpn-backup azur gateway 0", "via vpn-backup azur: There is no such vpn-backup. Near: azure."),
    (PROBE, "via vpn-backup azure gateway 0", "path-probe p: A probe over a VPN or the internet needs"),
    (PROBE, "via internet interface eth0", "path-probe p: A probe over a VPN or the internet needs"),
    (PROBE, "target 224.0.0.1", "path-probe p target 224.0.0.1: The target of a probe must be"),
    (PROBE, "target 127.0.0.1", "path-probe p target 127.0.0.1: The target of a probe must be"),
]


def test_a_refused_line_names_object_value_and_rule_and_changes_nothing(mgmtd):
    check_refused(mgmtd, REFUSED)


def test_another_path_takes_the_place_of_the_first(mgmtd):
    lines = ["target 10.1.0.4", "via vpn-backup azure gateway 1", "via internet interface eth0"]
    assert mgmtd.configure(*LINK, *lines) == []
    assert [line.strip() for line in mgmtd.section() if " via " in line] == [
        "via internet interface eth0"]
    assert mgmtd.configure("expressroute", "path-probe p", "via circuit ams link secondary") == []
    assert "  via circuit ams link secondary" in mgmtd.section()


@pytest.mark.parametrize("path, line, said", [
    ("via circuit ams link primary", "no via internet interface eth0",
     "% via interface: Not removed: it is circuit ams.\n"),
    ("via circuit ams link primary", "no via vpn-backup azure gateway 0",
     "% via vpn-backup: Not removed: it is circuit ams.\n"),
    ("via vpn-backup azure gateway 0", "no via circuit ams link primary",
     "% via circuit: Not removed: it is vpn-backup azure.\n"),
    ("target 10.1.0.4 tcp 443", "no target 10.1.0.4 icmp", "% target icmp: Not removed: it is tcp 443.\n"),
])
def test_what_is_not_there_is_not_taken_away(mgmtd, path, line, said):
    lines = PROBE + ["target 10.1.0.4", path]
    assert mgmtd.configure(*lines) == []
    assert last(mgmtd, ["expressroute", "path-probe p"], line) [1:] == (said,) or False
    assert "  " + path in mgmtd.section()


def test_names_of_probes_are_completed(mgmtd):
    assert mgmtd.configure(*LINK) == []
    assert completions(mgmtd, "er_probe") == ["p"]


def test_what_is_probed_stays_and_who_probes_it_is_named(mgmtd):
    assert mgmtd.configure(*LINK, "exit", "path-probe v", "target 10.1.0.4",
                           "via vpn-backup azure gateway 0", "exit") == []
    status, said = last(mgmtd, ["expressroute"], "no vpn-backup azure")
    assert status != SUCCESS
    assert said == "% vpn-backup azure: path-probe v uses it: take it out there first.\n"
    assert mgmtd.configure("expressroute", "no path-probe v", "no vpn-backup azure") == []
    status, said = last(mgmtd, ["expressroute"], "no circuit ams")
    assert status != SUCCESS
    assert said == "% circuit ams: path-probe p uses it: take it out there first.\n"


BROKEN = """\
ip route 10.9.9.0/24 Null0
!
expressroute
 path-probe bad/name
  interval 5
 exit-path-probe
 path-probe early
  via circuit late link primary
  threshold loss 20
 exit-path-probe
 path-probe lost
  target 10.1.0.4
  via circuit nowhere link primary
  interval 5
 exit-path-probe
 path-probe open
  via internet interface eth0
 exit-path-probe
 circuit late
  peering private
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
  exit-peering
 exit-circuit
 path-probe early
  via circuit late link primary
  threshold loss 20
 exit-path-probe
 path-probe lost
  target 10.1.0.4
  interval 5
 exit-path-probe
exit-expressroute""".splitlines()

NAMED = [
    "path-probe name bad/name: A name starts with",
    "path-probe bad/name: Skipped up to the end of its section.",
    "path-probe lost via circuit nowhere (left out): There is no circuit of this name",
    "path-probe open (left out): A probe over a VPN or the internet needs a target",
]


@pytest.mark.parametrize("reader", READERS)
def test_the_rest_of_a_file_is_read(start, reader):
    mgmtd, said = reader(start, BROKEN)
    check_rest(mgmtd, said, REMAINS, NAMED)
