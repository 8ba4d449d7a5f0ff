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


@pytest.mark.parametrize("name", ["everything", "policy", "vpn", "global-reach", "path-probes"])
def test_what_is_shown_reads_back_line_by_line_at_a_terminal(start, name):
    first, second = start(), start()
    path = next(p for p in instances("valid") if p.stem == name)
    first.edit(json.loads(path.read_text()))

    assert second.configure(*first.section()) == []
    assert second.tree() == first.tree()


@pytest.mark.parametrize("name", ["everything", "vpn", "vpn-defaults-spelled-out", "global-reach"])
def test_what_is_shown_with_defaults_reads_back_to_the_same(start, name):
    first, second = start(), start()
    path = next(p for p in instances("valid") if p.stem == name)
    first.edit(json.loads(path.read_text()))

    shown = first.section("show configuration running with-defaults")
    assert "bfd receive-interval 300 transmit-interval 300 detect-multiplier 3" in [
        line.strip() for line in shown
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


def test_defaults_of_a_vpn_backup_are_not_shown(mgmtd):
    path = next(p for p in instances("valid") if p.stem == "vpn-defaults-spelled-out")
    mgmtd.edit(json.loads(path.read_text()))
    shown = mgmtd.section()
    assert shown[shown.index(" vpn-backup b") :] == [
        " vpn-backup b",
        "  circuit a",
        "  gateway 0",
        "  exit-gateway",
        " exit-vpn-backup",
        "exit-expressroute",
    ]


def test_defaults_of_global_reach_are_not_shown(mgmtd):
    path = next(p for p in instances("valid") if p.stem == "global-reach-defaults-spelled-out")
    mgmtd.edit(json.loads(path.read_text()))
    assert mgmtd.section() == [
        "expressroute",
        " site a",
        " exit-site",
        " global-reach b",
        " exit-global-reach",
        " undeclared-sites accept",
        "exit-expressroute",
    ], "what becomes of undeclared sites has no default: accepting them silently is a choice"


def test_global_reach_is_shown_in_this_form(mgmtd):
    path = next(p for p in instances("valid") if p.stem == "global-reach")
    mgmtd.edit(json.loads(path.read_text()))
    shown = mgmtd.section()
    assert (
        "\n".join(shown[shown.index(" site fra") :])
        == """
 site fra
  description Frankfurt
  prefix 2001:db8:14::/48
  prefix 10.20.0.0/16
  prefix 10.21.0.0/16
  as 65010
  as 4200000000
  circuit ams
  preference backup
  maximum-prefixes 100
 exit-site
 site nyc
  prefix 10.30.0.0/16
  same-as
  as 65001
  preference equal
 exit-site
 site sao
 exit-site
 global-reach ams-fra
  description x
  circuit ams
  remote-circuit er-fra
  site fra
  site nyc
  ipv4-subnet 172.31.0.8/29
 exit-global-reach
 global-reach lon-any
  shutdown
  circuit lon
  ipv4-subnet 172.31.0.16/29
 exit-global-reach
 undeclared-sites refuse
exit-expressroute
""".lstrip("\n").rstrip()
    )


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
  site-of-origin 65010:1
  test-interval 365
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


def test_a_vpn_backup_is_shown_in_this_form(mgmtd):
    path = next(p for p in instances("valid") if p.stem == "vpn")
    mgmtd.edit(json.loads(path.read_text()))
    shown = mgmtd.section()
    assert (
        "\n".join(shown[shown.index(" vpn-backup east") :])
        == r"""
 vpn-backup east
  shutdown
  circuit nyc
  session attached
  bfd
  gateway 1
   address 198.51.100.7
   neighbor 10.40.255.4
  exit-gateway
  pin next-hop 192.0.2.9
  pin next-hop 2001:db8::9
  activate operator
  restore hold 0
  test-interval 0
 exit-vpn-backup
 vpn-backup europe
  description Internet, both instances
  vrf azure
  circuit ams
  circuit fra
  router-as 65001
  password s3cret!|#?"'\
  timers 1 3
  bfd receive-interval 50 transmit-interval 60 detect-multiplier 5
  route-map FROM-VPN in
  route-map TO-VPN out
  advertise more-specifics
  advertise 10.0.0.0/8
  advertise fd00::/8
  gateway 0
   address vpngw-0.example.com
   interface tun0
   neighbor 10.30.255.4
   neighbor fd00:30::4
   local-address 169.254.21.2
   local-address fd00:31::1
   probe 10.30.0.4
   probe fd00:30::5
  exit-gateway
  gateway 1
   shutdown
   address 2001:db8::15
   interface tun1
   neighbor 169.254.22.1
   neighbor fd00:30::6
   remote-as 64513
   ebgp-multihop 1
  exit-gateway
  prefix 10.30.0.0/16
  prefix 10.31.0.0/16
  prefix fd00:30::/48
  probe interval 500 multiplier 5
  more-specifics suppress
  pin interface eth0 next-hop 192.0.2.1
  pin interface eth0 next-hop fe80::1
  activate links-below 4
  activate drained
  activate asymmetric
  return-path expressroute
  restore hold 120 maximum 7200
  test-interval 30
 exit-vpn-backup
 vpn-backup west
  circuit sjc
  gateway 0
   interface tun0
  exit-gateway
  prefix 10.50.0.0/16
  probe interval 1000 multiplier 1
  pin default-route
  restore hold 4000 maximum 4000
 exit-vpn-backup
exit-expressroute
""".lstrip("\n").rstrip()
    )


def test_it_survives_a_restart_in_mgmtd_conf(start):
    first = start()
    path = next(p for p in instances("valid") if p.stem == "everything")
    first.edit(json.loads(path.read_text()))

    second = start(files={"mgmtd.conf": first.show()})
    assert second.tree() == first.tree()
    assert second.tree()["circuit"][0]["name"] == "ams01"
    assert TOP not in second.log()


def test_a_partner_in_one_line_is_shown_in_the_section_of_its_link(mgmtd):
    where = ["expressroute", "circuit a", "peering private"]
    assert mgmtd.configure("no expressroute") == []
    assert mgmtd.configure(*where, "link secondary partner FD00:0::2") == []
    lines = [line.strip() for line in mgmtd.section()]
    at = lines.index("link secondary")
    assert lines[at + 1 : at + 3] == ["partner fd00::2", "exit-link"]
    # another address takes nothing away
    said = mgmtd.configure(*where, "no link secondary partner 10.0.0.2")
    assert "partner 10.0.0.2" in said[0][2] and "fd00::2" in said[0][2]
    assert mgmtd.configure(*where, "no link secondary partner fd00::2") == []
    lines = [line.strip() for line in mgmtd.section()]
    assert "partner fd00::2" not in lines and "link secondary" in lines
