# SPDX-License-Identifier: GPL-2.0-or-later
"""
What "show running-config" prints reads back to the same configuration.
"""

import json

import pytest

from conftest import TOP, instances


@pytest.mark.parametrize("path", instances("valid"), ids=lambda path: path.stem)
def test_what_is_shown_reads_back_to_the_same(start, path):
    first, second = start(), start()
    assert first.edit(json.loads(path.read_text()))[0] == 0

    shown = first.section()
    assert second.load(shown) == []

    assert second.tree() == first.tree()
    assert second.section() == shown


@pytest.mark.parametrize("name", ["everything", "policy"])
def test_what_is_shown_reads_back_line_by_line_at_a_terminal(start, name):
    first, second = start(), start()
    path = next(p for p in instances("valid") if p.stem == name)
    first.edit(json.loads(path.read_text()))

    assert second.configure(*first.section()) == []
    assert second.tree() == first.tree()


def test_what_is_shown_with_defaults_reads_back_to_the_same(start):
    first, second = start(), start()
    path = next(p for p in instances("valid") if p.stem == "everything")
    first.edit(json.loads(path.read_text()))

    shown = first.section("show configuration running with-defaults")
    assert " bfd receive-interval 300 transmit-interval 300 detect-multiplier 3" in [
        line[2:] for line in shown
    ]
    assert second.load(shown) == []
    assert second.tree() == first.tree()


def test_defaults_are_not_shown(mgmtd):
    path = next(p for p in instances("valid") if p.stem == "defaults-spelled-out")
    mgmtd.edit(json.loads(path.read_text()))
    assert mgmtd.section() == [
        "expressroute",
        " circuit a",
        "  peering private",
        "   link primary",
        "   exit-link",
        "  exit-peering",
        " exit-circuit",
        "exit-expressroute",
    ]


def test_nothing_is_shown_of_nothing(mgmtd):
    assert "expressroute" not in mgmtd.show()


def test_everything_is_shown_in_this_form(mgmtd):
    path = next(p for p in instances("valid") if p.stem == "everything")
    mgmtd.edit(json.loads(path.read_text()))
    assert (
        "\n".join(mgmtd.section())
        == r"""
expressroute
 circuit ams01
  description Headquarters, first circuit
  service-key 12345678-90ab-cdef-1234-567890abcdef
  provider Example Carrier #1 (NL)!
  peering-location Amsterdam
  geography Europe
  connectivity-model point-to-point
  sku premium
  bandwidth 1000
  preference 20
  redundancy active-passive active secondary
  peering private
   vrf azure
   vlan 100
   s-tag 900
   router-as 65001
   password s3cret!|#?"'\
   timers 10 30
   bfd receive-interval 50 transmit-interval 60 detect-multiplier 5
   advertise 0.0.0.0/0
   advertise 10.0.0.0/8
   advertise fd00::/8
   link primary
    interface eth1.100
    ipv4-subnet 192.168.100.128/30
    ipv6-subnet fd00:100::/126
   exit-link
   link secondary
    shutdown
    interface eth2.100
    ipv4-subnet 192.168.100.132/30
    ipv6-subnet fd00:100::4/126
   exit-link
  exit-peering
  peering microsoft
   shutdown
   vlan 200
   s-tag 900
   router-as 65002
   no bfd
   advertise 203.0.113.0/24
   link primary
    interface eth1.200
    ipv4-subnet 198.51.100.0/30
    ipv6-subnet 2001:db8:100::/126
   exit-link
   link secondary
    interface eth2.200
    ipv4-subnet 198.51.100.4/30
    ipv6-subnet 2001:db8:100::4/126
   exit-link
  exit-peering
 exit-circuit
exit-expressroute
""".strip()
    )


def test_policy_is_shown_in_this_form(mgmtd):
    path = next(p for p in instances("valid") if p.stem == "policy")
    mgmtd.edit(json.loads(path.read_text()))
    assert (
        "\n".join(mgmtd.section())
        == r"""
expressroute
 community branch-vnets value 12076:20001
 community lab value 65001:7
 route-filter empty
 exit-route-filter
 route-filter office
  description What the office uses
  allow service exchange-online
  allow service sharepoint-online
  allow region north-europe
  allow region west-europe
  allow service sql region west-europe
  allow service storage region east-us
  allow service storage region west-europe
  allow community 12076:5010
  allow community 65535:65535
  allow community branch-vnets
 exit-route-filter
 circuit ams
  sku local
  local-region north-europe
  local-region west-europe
  redundancy active-passive
  peering private
   route-filter office
   route-map FROM-AZURE in
   route-map TO-AZURE out
   prepend 2
   passive-prepend 3
   advertise prefix-list OURS
   advertise ipv6 prefix-list OURS6
   advertise limit ipv4 3500
   advertise limit ipv6 90
   advertise priority 2001:db8::/32 1
   advertise priority 10.1.0.0/16 255
   advertise 10.0.0.0/8
   advertise fd00::/8
  exit-peering
  peering microsoft
   router-as 64000
   route-filter office
   prepend 10
   passive-prepend 1
   advertise 203.0.113.0/24
  exit-peering
 exit-circuit
 circuit fra
  peering private
   session attached
   route-filter empty
   prepend 1
   advertise prefix-list OURS
  exit-peering
  peering microsoft
   router-as 4199999999
   prepend 1
  exit-peering
 exit-circuit
 region-preference 12076:51004 circuit fra
 region-preference branch-vnets circuit ams fra
 region-preference west-europe circuit fra ams
exit-expressroute
""".strip()
    )


def test_it_survives_a_restart_in_mgmtd_conf(start):
    first = start()
    path = next(p for p in instances("valid") if p.stem == "everything")
    first.edit(json.loads(path.read_text()))

    second = start(files={"mgmtd.conf": first.show()})
    assert second.tree() == first.tree()
    assert second.tree()["circuit"][0]["name"] == "ams01"
    assert TOP not in second.log()
