# SPDX-License-Identifier: GPL-2.0-or-later
"""
Every line has a "no" form, with and without its value, that takes it away.
"""

import pytest

CIRCUIT = ["expressroute", "circuit a"]
PEERING = CIRCUIT + ["peering private"]
MICROSOFT = CIRCUIT + ["peering microsoft"]
LINK = PEERING + ["link primary"]
TOP = ["expressroute"]
FILTER = TOP + ["route-filter f"]
OF_PEERING = TOP + ["route-filter f", "exit-route-filter"] + PEERING[1:]
PREFERENCE = TOP + ["community own value 65001:1", "circuit a", "exit", "circuit b", "exit"]
# written short where they are made: the lines of the backup are spelled out
BACKED = TOP + ["circui a", "peering private", "exit", "exit", "circui c", "peering private"]
NO_CIRCUIT = BACKED + ["exit", "exit", "vpn-backup b"]
VPN = NO_CIRCUIT + ["circuit a"]
GATEWAY = VPN + ["gateway 0"]
OPEN_SITE = BACKED + ["exit", "exit", "site s"]
SITE = OPEN_SITE + ["prefix 10.99.0.0/16"]
NO_JOINT = OPEN_SITE + ["exit", "global-reach g"]
JOINT = NO_JOINT + ["circuit a"]

PROBE = VPN + ["exit", "path-probe p"]

# where, line, its "no" forms; what must stand there first
LINES = [
    (PROBE, "description one two", ["no description", "no description one two"], []),
    (PROBE, "target 10.1.0.4", ["no target", "no target 10.1.0.4"], []),
    (
        PROBE,
        "target 10.1.0.4 tcp 443",
        ["no target", "no target 10.1.0.4", "no target 10.1.0.4 tcp 443"],
        [],
    ),
    (PROBE, "target 2001:db8::4", ["no target", "no target 2001:db8::4"], []),
    (
        PROBE,
        "via circuit a link primary",
        ["no via", "no via circuit a link primary", "no via circuit a peering private link primary"],
        [],
    ),
    (
        PROBE,
        "via circuit a peering microsoft link secondary",
        ["no via", "no via circuit a peering microsoft link secondary"],
        [],
    ),
    (
        PROBE,
        "via vpn-backup b gateway 1",
        ["no via", "no via vpn-backup b gateway 1"],
        ["target 10.1.0.4"],
    ),
    (
        PROBE,
        "via internet interface eth0",
        ["no via", "no via internet interface eth0"],
        ["target 10.1.0.4"],
    ),
    (PROBE, "interval 1", ["no interval", "no interval 1", "interval 10"], []),
    (PROBE, "threshold loss 20", ["no threshold loss", "no threshold loss 20"], []),
    (PROBE, "threshold rtt 100", ["no threshold rtt", "no threshold rtt 100"], []),
    (PROBE, "threshold jitter 30", ["no threshold jitter", "no threshold jitter 30"], []),
    (TOP, "path-probe p", ["no path-probe p"], []),
    (VPN, "activate quality", ["no activate quality"], []),
    (
        TOP,
        "metrics port 9100",
        ["no metrics", "no metrics port 9100"],
        [],
    ),
    (
        TOP,
        "metrics port 9100 address ::1",
        ["no metrics", "no metrics port 9100", "no metrics port 9100 address ::1"],
        [],
    ),
    (CIRCUIT, "description one two", ["no description", "no description one two"], []),
    (CIRCUIT, "shutdown", ["no shutdown"], []),
    (
        CIRCUIT,
        "service-key 12345678-90ab-cdef-1234-567890abcdef",
        ["no service-key", "no service-key 12345678-90ab-cdef-1234-567890abcdef"],
        [],
    ),
    (CIRCUIT, "provider one two", ["no provider", "no provider one two"], []),
    (CIRCUIT, "peering-location a b", ["no peering-location", "no peering-location a b"], []),
    (CIRCUIT, "geography Europe", ["no geography", "no geography Europe"], []),
    (
        CIRCUIT,
        "connectivity-model any-to-any",
        ["no connectivity-model", "no connectivity-model any-to-any"],
        [],
    ),
    (CIRCUIT, "sku local", ["no sku", "no sku local", "sku standard"], []),
    (CIRCUIT, "bandwidth 50", ["no bandwidth", "no bandwidth 50"], []),
    (
        CIRCUIT,
        "direct port-pair a b",
        ["no direct port-pair", "no direct port-pair a b", "no direct"],
        ["connectivity-model direct"],
    ),
    (
        CIRCUIT,
        "direct port-speed 100",
        ["no direct port-speed", "no direct port-speed 100", "no direct"],
        ["connectivity-model direct"],
    ),
    (CIRCUIT, "preference 255", ["no preference", "no preference 255", "preference 0"], []),
    (CIRCUIT, "test-interval 0", ["no test-interval", "no test-interval 0", "test-interval 92"], []),
    (CIRCUIT, "site-of-origin 65010:1", ["no site-of-origin", "no site-of-origin 65010:1"], []),
    (
        CIRCUIT,
        "redundancy active-passive",
        ["no redundancy", "no redundancy active-passive", "redundancy active-active"],
        [],
    ),
    (
        CIRCUIT,
        "redundancy active-passive active secondary",
        [
            "no redundancy",
            "no redundancy active-passive active secondary",
            "redundancy active-active",
        ],
        [],
    ),
    (CIRCUIT, "local-region east-us", ["no local-region east-us"], ["sku local"]),
    (PEERING, "shutdown", ["no shutdown"], []),
    (PEERING, "vrf red", ["no vrf", "no vrf red", "vrf default"], []),
    (PEERING, "vlan 4094", ["no vlan", "no vlan 4094"], []),
    (PEERING, "s-tag 4094", ["no s-tag", "no s-tag 4094"], ["vlan 1"]),
    (PEERING, "router-as 65001", ["no router-as", "no router-as 65001"], []),
    (PEERING, "session attached", ["no session", "no session attached", "session managed"], []),
    (PEERING, "password s3cret", ["no password", "no password s3cret"], []),
    (PEERING, "timers 20 60", ["no timers", "no timers 20 60"], []),
    (PEERING, "no bfd", ["bfd"], []),
    (
        PEERING,
        "bfd receive-interval 50",
        ["no bfd receive-interval", "no bfd receive-interval 50", "bfd receive-interval 300"],
        [],
    ),
    (PEERING, "bfd transmit-interval 50", ["no bfd transmit-interval"], []),
    (PEERING, "bfd detect-multiplier 5", ["no bfd detect-multiplier"], []),
    (
        PEERING,
        "bfd receive-interval 50 transmit-interval 50 detect-multiplier 5",
        ["no bfd detect-multiplier 5 receive-interval transmit-interval"],
        [],
    ),
    (PEERING, "advertise 10.0.0.0/8", ["no advertise 10.0.0.0/8"], []),
    (PEERING, "advertise fd00::/8", ["no advertise FD00:0::/8"], []),
    (
        PEERING,
        "advertise prefix-list P",
        ["no advertise prefix-list", "no advertise prefix-list P"],
        [],
    ),
    (
        PEERING,
        "advertise ipv6 prefix-list P",
        ["no advertise ipv6 prefix-list", "no advertise ipv6 prefix-list P"],
        [],
    ),
    (
        PEERING,
        "advertise limit ipv4 10000",
        ["no advertise limit ipv4", "no advertise limit ipv4 10000"],
        [],
    ),
    (
        PEERING,
        "advertise limit ipv6 1",
        ["no advertise limit ipv6", "no advertise limit ipv6 1"],
        [],
    ),
    (
        PEERING,
        "advertise priority 10.0.0.0/8 255",
        ["no advertise priority 10.0.0.0/8", "no advertise priority 10.0.0.0/8 255"],
        [],
    ),
    (
        PEERING,
        "advertise priority fd00::/8 1",
        ["no advertise priority FD00:0::/8", "no advertise priority fd00::/8 1"],
        [],
    ),
    (OF_PEERING, "route-filter f", ["no route-filter", "no route-filter f"], []),
    (PEERING, "route-map in in", ["no route-map in", "no route-map in in"], []),
    (PEERING, "route-map X out", ["no route-map out", "no route-map X out"], []),
    (PEERING, "prepend 10", ["no prepend", "no prepend 10"], []),
    (
        PEERING,
        "passive-prepend 1",
        ["no passive-prepend", "no passive-prepend 1"],
        ["exit-peering", "redundancy active-passive", "peering private"],
    ),
    (MICROSOFT, "prepend 1", ["no prepend"], ["router-as 64000"]),
    (TOP, "community own value 65001:1", ["no community own", "no community own value 65001:1"], []),
    (
        PREFERENCE,
        "region-preference own circuit b a",
        ["no region-preference own", "no region-preference own circuit b a"],
        [],
    ),
    (PREFERENCE, "region-preference 12076:51004 circuit a", ["no region-preference 12076:51004"], []),
    (PREFERENCE, "region-preference east-us circuit b", ["no region-preference east-us"], []),
    (FILTER, "description one two", ["no description", "no description one two"], []),
    (FILTER, "allow service exchange-online", ["no allow service exchange-online"], []),
    (
        FILTER,
        "allow service storage region east-us",
        ["no allow service storage region east-us"],
        ["allow service storage", "allow service storage region west-us", "allow region east-us"],
    ),
    (FILTER, "allow region east-us", ["no allow region east-us"], ["allow region west-us"]),
    (FILTER, "allow community 12076:5010", ["no allow community 12076:5010"], []),
    (
        FILTER,
        "allow community own",
        ["no allow community own"],
        ["exit-route-filter", "community own value 65001:1", "route-filter f"],
    ),
    (LINK, "shutdown", ["no shutdown"], []),
    (LINK, "interface eth1.100", ["no interface", "no interface eth1.100"], []),
    (LINK, "partner 10.0.0.2", ["no partner", "no partner 10.0.0.2"], []),
    (LINK, "partner fd00::2", ["no partner", "no partner FD00:0::2"], []),
    (LINK, "ipv4-subnet 10.0.0.0/30", ["no ipv4-subnet", "no ipv4-subnet 10.0.0.0/30"], []),
    (LINK, "ipv6-subnet fd00::/126", ["no ipv6-subnet", "no ipv6-subnet fd00::/126"], []),
    (VPN, "description one two", ["no description", "no description one two"], []),
    (VPN, "shutdown", ["no shutdown"], []),
    (VPN, "circuit c", ["no circuit c"], []),
    (NO_CIRCUIT, "vrf red", ["no vrf", "no vrf red", "vrf default"], []),
    (VPN, "router-as 65001", ["no router-as", "no router-as 65001"], []),
    (VPN, "session attached", ["no session", "no session attached", "session managed"], []),
    (VPN, "password s3cret", ["no password", "no password s3cret"], []),
    (VPN, "timers 1 3", ["no timers", "no timers 1 3"], []),
    (VPN, "bfd", ["no bfd"], []),
    (
        VPN,
        "bfd receive-interval 50",
        ["no bfd receive-interval", "no bfd receive-interval 50", "bfd receive-interval 300"],
        ["bfd"],
    ),
    (VPN, "route-map X in", ["no route-map in", "no route-map X in"], []),
    (VPN, "route-map X out", ["no route-map out", "no route-map X out"], []),
    (VPN, "advertise 10.0.0.0/8", ["no advertise 10.0.0.0/8"], ["advertise 10.1.0.0/16"]),
    (VPN, "advertise fd00::/8", ["no advertise FD00:0::/8"], []),
    (VPN, "advertise more-specifics", ["no advertise more-specifics"], []),
    (
        VPN,
        "prefix 10.30.0.0/16",
        ["no prefix 10.30.0.0/16"],
        ["gateway 0", "interface tun0", "exit-gateway", "prefix 10.31.0.0/16"],
    ),
    (
        VPN,
        "prefix fd00:30::/48",
        ["no prefix FD00:30:0::/48"],
        ["gateway 0", "interface tun0", "exit-gateway"],
    ),
    (VPN, "probe interval 500", ["no probe interval", "no probe interval 500"], []),
    (
        VPN,
        "probe interval 500 multiplier 5",
        ["no probe interval", "no probe interval 500 multiplier 5", "probe interval 1000"],
        [],
    ),
    (
        VPN,
        "more-specifics suppress",
        ["no more-specifics", "no more-specifics suppress", "more-specifics warn"],
        [],
    ),
    (VPN, "pin interface eth0", ["no pin", "no pin interface", "no pin interface eth0"], []),
    (
        VPN,
        "pin interface eth0 next-hop 192.0.2.1",
        ["no pin", "no pin interface eth0", "no pin interface eth0 next-hop 192.0.2.1"],
        [],
    ),
    (
        VPN,
        "pin interface eth0 next-hop fe80::1",
        ["no pin interface eth0 next-hop FE80:0::1"],
        ["pin interface eth0 next-hop 192.0.2.1"],
    ),
    (VPN, "pin next-hop 192.0.2.1", ["no pin", "no pin next-hop", "no pin next-hop 192.0.2.1"], []),
    (VPN, "pin next-hop 192.0.2.1", ["no pin next-hop 192.0.2.1"], ["pin next-hop 2001:db8::1"]),
    (VPN, "pin next-hop 2001:db8::1", ["no pin next-hop 2001:db8::1"], ["pin next-hop 192.0.2.1"]),
    (VPN, "pin default-route", ["no pin", "no pin default-route"], []),
    (VPN, "activate operator", ["no activate", "no activate operator", "activate all-down"], []),
    (
        VPN,
        "activate links-below 2",
        ["no activate", "no activate links-below", "no activate links-below 2"],
        [],
    ),
    (VPN, "activate drained", ["no activate drained"], ["activate asymmetric"]),
    (VPN, "activate asymmetric", ["no activate asymmetric"], ["activate drained"]),
    (
        VPN,
        "return-path expressroute",
        ["no return-path", "no return-path expressroute", "return-path vpn"],
        [],
    ),
    (VPN, "restore hold 0", ["no restore hold", "no restore hold 0", "restore hold 60"], []),
    (
        VPN,
        "restore hold 4000 maximum 86400",
        ["no restore hold", "no restore hold 4000 maximum 86400", "restore hold 60"],
        [],
    ),
    (VPN, "test-interval 0", ["no test-interval", "no test-interval 0", "test-interval 92"], []),
    (GATEWAY, "shutdown", ["no shutdown"], []),
    (GATEWAY, "address 198.51.100.7", ["no address", "no address 198.51.100.7"], []),
    (GATEWAY, "address 2001:db8::7", ["no address", "no address 2001:db8::7"], []),
    (GATEWAY, "address gw.example.com", ["no address", "no address gw.example.com"], []),
    (GATEWAY, "interface tun0", ["no interface", "no interface tun0"], []),
    (GATEWAY, "neighbor 10.0.0.1", ["no neighbor", "no neighbor 10.0.0.1"], []),
    (
        GATEWAY,
        "neighbor fd00::1",
        ["no neighbor fd00::1", "no neighbor FD00:0::1"],
        ["neighbor 10.0.0.1"],
    ),
    (GATEWAY, "local-address 10.0.0.2", ["no local-address", "no local-address 10.0.0.2"], []),
    (GATEWAY, "local-address fd00::2", ["no local-address fd00::2"], ["local-address 10.0.0.2"]),
    (GATEWAY, "remote-as 64513", ["no remote-as", "no remote-as 64513", "remote-as 65515"], []),
    (GATEWAY, "ebgp-multihop 1", ["no ebgp-multihop", "no ebgp-multihop 1", "ebgp-multihop 2"], []),
    (GATEWAY, "probe 10.0.0.1", ["no probe", "no probe 10.0.0.1"], ["interface tun0"]),
    (GATEWAY, "probe fd00::1", ["no probe fd00::1"], ["interface tun0", "probe 10.0.0.1"]),
    (SITE, "description one two", ["no description", "no description one two"], []),
    (SITE, "as 65010", ["no as 65010"], ["as 65011"]),
    (SITE, "as 4200000000", ["no as 4200000000"], []),
    (SITE, "prefix 10.20.0.0/16", ["no prefix 10.20.0.0/16"], []),
    (SITE, "prefix 2001:db8:14::/48", ["no prefix 2001:DB8:14:0::/48"], []),
    (SITE, "circuit a", ["no circuit a"], ["circuit c"]),
    (
        SITE,
        "preference backup",
        ["no preference", "no preference backup", "preference prefer"],
        [],
    ),
    (
        SITE,
        "maximum-prefixes 100",
        ["no maximum-prefixes", "no maximum-prefixes 100"],
        [],
    ),
    (SITE, "same-as", ["no same-as"], []),
    (JOINT, "description one two", ["no description", "no description one two"], []),
    (JOINT, "shutdown", ["no shutdown"], []),
    (NO_JOINT, "circuit a", ["no circuit", "no circuit a"], []),
    (JOINT, "remote-circuit er two", ["no remote-circuit", "no remote-circuit er two"], []),
    (JOINT, "site s", ["no site s"], []),
    (
        JOINT,
        "ipv4-subnet 172.31.0.8/29",
        ["no ipv4-subnet", "no ipv4-subnet 172.31.0.8/29"],
        [],
    ),
    (
        TOP,
        "undeclared-sites refuse",
        ["no undeclared-sites", "no undeclared-sites refuse"],
        ["circuit a", "exit"],
    ),
    (
        TOP,
        "undeclared-sites accept",
        ["no undeclared-sites", "no undeclared-sites accept"],
        ["circuit a", "exit"],
    ),
]


def configure(mgmtd, where, line):
    """what is said of the line; on the way there, that it is so already"""
    return [each for each in mgmtd.configure(*where, line) if each[0] not in where]


def test_each_line_has_a_no_form(mgmtd):
    for where, line, undos, first in LINES:
        for undo in undos:
            assert mgmtd.configure("no expressroute", *where, *first) == []
            without = mgmtd.section()
            assert configure(mgmtd, where, line) == []
            assert line in [each.strip() for each in mgmtd.section()]
            assert configure(mgmtd, where, undo) == [], undo
            assert mgmtd.section() == without, undo
            # taken away once more, mgmtd notes that nothing changes
            said = configure(mgmtd, where, undo)
            assert [(each[1], "No changes" in each[2]) for each in said] == [(0, True)]


def test_every_configuration_command_is_in_the_table_above(mgmtd):
    def commands(*where):
        vty = mgmtd.vty("configure terminal")
        for line in where:
            assert vty.run(line)[0] == 0, line
        text = vty.run("list")[1]
        vty.close()
        return {line.strip() for line in text.splitlines() if line.strip()}

    everywhere = commands()
    for where, entering in (
        (TOP, {"circuit", "route-filter", "vpn-backup", "site", "global-reach"}),
        (FILTER, set()),
        (CIRCUIT, {"peering"}),
        (PEERING, {"link", "route-filter"}),
        (LINK, set()),
        (VPN, {"gateway"}),
        (GATEWAY, set()),
        (SITE, set()),
        (JOINT, set()),
    ):
        tested = {
            line.replace("no ", "").split()[0]
            for at, line, _, _ in LINES
            if at == where or (where, at) in ((TOP, PREFERENCE), (VPN, NO_CIRCUIT), (JOINT, NO_JOINT))
        }
        there = {
            command.replace("[no] ", "").replace("no ", "").split()[0]
            for command in commands(*where) - everywhere
            if not command.startswith(("exit", "quit", "end", "list", "find", "output"))
        }
        assert there - entering == tested


@pytest.mark.parametrize(
    "where, line, undo",
    [
        (["expressroute"], "circuit a", "no circuit a"),
        (["expressroute"], "route-filter a", "no route-filter a"),
        (CIRCUIT, "peering private", "no peering private"),
        (CIRCUIT, "peering microsoft", "no peering microsoft"),
        (PEERING, "link primary", "no link primary"),
        (PEERING, "link secondary", "no link secondary"),
        (NO_CIRCUIT[:-1], "vpn-backup b", "no vpn-backup b"),
        (VPN, "gateway 0", "no gateway 0"),
        (VPN, "gateway 1", "no gateway 1"),
        (OPEN_SITE[:-1], "site s", "no site s"),
        (NO_JOINT[:-1], "global-reach g", "no global-reach g"),
    ],
)
def test_a_section_goes_with_all_it_holds(mgmtd, where, line, undo):
    assert mgmtd.configure(*where) == []
    without = mgmtd.section()
    inside = "description x" if "filter" in line or "site" in line else "shutdown"
    assert configure(mgmtd, [*where, line], inside) == []
    assert mgmtd.section() != without
    assert configure(mgmtd, where, undo) == []
    # a circuit without anything is a circuit; nothing at all is not shown
    assert mgmtd.section() == without


def test_no_expressroute_removes_more_circuits_than_a_command_has_changes(mgmtd):
    names = ["circuit c%d" % i for i in range(40)]
    assert mgmtd.configure("expressroute", *names) == []
    assert len(mgmtd.tree()["circuit"]) == 40
    assert mgmtd.configure("no expressroute") == []
    assert mgmtd.section() == []
    assert mgmtd.configure("no expressroute", "expressroute", "circuit again") == []
    assert [each["name"] for each in mgmtd.tree()["circuit"]] == ["again"]


def test_no_expressroute_removes_what_is_used_as_well(mgmtd):
    lines = ["route-filter f", "exit", "community own value 1:2", "circuit a"]
    lines += ["peering private", "route-filter f", "exit", "exit"]
    lines += ["region-preference own circuit a", "undeclared-sites accept", "site s", "exit"]
    lines += ["global-reach g", "circuit a", "site s", "exit", "metrics port 9100"]
    assert mgmtd.configure("expressroute", *lines) == []
    assert len(mgmtd.tree()) == 8
    assert mgmtd.configure("no expressroute") == []
    assert mgmtd.tree() == {}


def test_no_expressroute_takes_nothing_away_while_another_holds_the_lock(mgmtd):
    assert mgmtd.configure("expressroute", "circuit a", "exit-circuit", "circuit b") == []
    before = mgmtd.section()
    other = mgmtd.vty("configure terminal file-lock")
    said = mgmtd.configure("no expressroute")
    assert said and "lock" in said[0][2]
    other.close()
    assert mgmtd.section() == before
    assert mgmtd.configure("expressroute", "circuit c") == []
    assert [each["name"] for each in mgmtd.tree()["circuit"]] == ["a", "b", "c"]


@pytest.mark.parametrize(
    "prefixes",
    [
        ["10.0.0.0/8", "10.102.0.0/24", "172.16.0.0/12"],
        ["fd00::/8", "2001:db8::/32"],
    ],
)
def test_no_advertise_takes_that_prefix_and_no_other(mgmtd, prefixes):
    lines = ["advertise " + prefix for prefix in prefixes]

    def advertised():
        return {line.strip() for line in mgmtd.section() if "advertise" in line}

    assert mgmtd.configure("no expressroute", *PEERING, *lines) == []
    said = mgmtd.configure(*PEERING, "no advertise 192.0.2.0/24", "no advertise 2001:db8:1::/48")
    assert all("No changes" in each[2] for each in said)
    assert advertised() == set(lines)
    for gone in lines:
        assert mgmtd.configure(*PEERING, "no " + gone) == []
        assert gone not in advertised()
        assert mgmtd.configure(*PEERING, gone) == []
    assert advertised() == set(lines)


def test_a_region_preference_is_replaced_as_a_whole(mgmtd):
    names = ["c%02d" % i for i in range(50)]
    circuits = [line for name in names for line in ("circuit " + name, "exit")]
    assert mgmtd.configure("expressroute", *circuits) == []

    def preferred():
        listed = [line.split() for line in mgmtd.section() if "region-preference" in line]
        return [words[3:] for words in listed]

    for order in (names, names[::-1], names[:1], names[7:3:-1], names[20:]):
        line = "region-preference own circuit " + " ".join(order)
        assert mgmtd.configure("expressroute", "community own value 1:2", line)[1:] == []
        assert preferred() == [order]
        positions = [each["position"] for each in mgmtd.tree()["region-preference"][0]["circuit"]]
        assert positions == list(range(1, len(order) + 1))


def test_a_refused_region_preference_leaves_the_old_one(mgmtd):
    line = " region-preference 1:2 circuit b a"
    assert mgmtd.configure(*PREFERENCE, line) == []
    before = mgmtd.section()
    for bad in ("a b nowhere", "a a", "a b a/b", " ".join(["a"] * 51)):
        said = mgmtd.configure("expressroute", "region-preference 1:2 circuit " + bad)
        assert said and said[0][1] != 0, bad
        assert mgmtd.section() == before and line in before

    other = mgmtd.vty("configure terminal file-lock")
    said = mgmtd.configure("expressroute", "region-preference 1:2 circuit a b")
    assert said and "lock" in said[0][2]
    other.close()
    assert mgmtd.section() == before
    assert mgmtd.configure("expressroute", "region-preference 1:2 circuit a b") == []
    assert " region-preference 1:2 circuit a b" in mgmtd.section()


# where, line, "no" with another value, and what is said of it; what must stand there first
OTHERS = [
    (TOP, "metrics port 9100", "no metrics port 9101", "metrics port 9101", "9100", []),
    (CIRCUIT, "description one two", "no description one", "description one", "one two", []),
    (
        CIRCUIT,
        "service-key 12345678-90ab-cdef-1234-567890abcdef",
        "no service-key 12345678-90ab-cdef-1234-567890abcdee",
        "service-key 12345678-90ab-cdef-1234-567890abcdee",
        "12345678-90ab-cdef-1234-567890abcdef",
        [],
    ),
    (CIRCUIT, "provider one", "no provider two", "provider two", "one", []),
    (CIRCUIT, "peering-location a", "no peering-location b", "peering-location b", "a", []),
    (CIRCUIT, "geography Europe", "no geography Asia", "geography Asia", "Europe", []),
    (
        CIRCUIT,
        "connectivity-model any-to-any",
        "no connectivity-model direct",
        "connectivity-model direct",
        "any-to-any",
        [],
    ),
    (CIRCUIT, "sku local", "no sku premium", "sku premium", "local", []),
    (CIRCUIT, "bandwidth 50", "no bandwidth 100", "bandwidth 100", "50", []),
    (
        CIRCUIT,
        "direct port-pair a b",
        "no direct port-pair a",
        "direct port-pair a",
        "a b",
        ["connectivity-model direct"],
    ),
    (
        CIRCUIT,
        "direct port-speed 100",
        "no direct port-speed 10",
        "direct port-speed 10",
        "100",
        ["connectivity-model direct"],
    ),
    (CIRCUIT, "preference 255", "no preference 25", "preference 25", "255", []),
    (CIRCUIT, "test-interval 30", "no test-interval 3", "test-interval 3", "30", []),
    (CIRCUIT, "site-of-origin 65010:1", "no site-of-origin 65010:2", "site-of-origin 65010:2", "65010:1", []),
    (
        CIRCUIT,
        "redundancy active-passive",
        "no redundancy active-active",
        "redundancy mode active-active",
        "active-passive",
        [],
    ),
    (
        CIRCUIT,
        "redundancy active-passive active secondary",
        "no redundancy active-passive active primary",
        "redundancy active-link primary",
        "secondary",
        [],
    ),
    (PEERING, "vrf red", "no vrf blue", "vrf blue", "red", []),
    (PEERING, "vlan 4094", "no vlan 409", "vlan 409", "4094", []),
    (PEERING, "s-tag 4094", "no s-tag 409", "s-tag 409", "4094", ["vlan 1"]),
    (PEERING, "router-as 65001", "no router-as 65002", "router-as 65002", "65001", []),
    (PEERING, "session attached", "no session managed", "session managed", "attached", []),
    (PEERING, "password s3cret", "no password secret", "password", "another one", []),
    (PEERING, "timers 20 60", "no timers 10 60", "timers keepalive 10", "20", []),
    (PEERING, "timers 20 60", "no timers 20 180", "timers hold 180", "60", []),
    (
        PEERING,
        "bfd receive-interval 50",
        "no bfd receive-interval 60",
        "bfd receive-interval 60",
        "50",
        [],
    ),
    (
        PEERING,
        "bfd transmit-interval 50",
        "no bfd transmit-interval 60",
        "bfd transmit-interval 60",
        "50",
        [],
    ),
    (
        PEERING,
        "bfd detect-multiplier 5",
        "no bfd receive-interval 50 detect-multiplier 6",
        "bfd detect-multiplier 6",
        "5",
        [],
    ),
    (
        PEERING,
        "advertise prefix-list P",
        "no advertise prefix-list Q",
        "advertise ipv4-prefix-list Q",
        "P",
        [],
    ),
    (
        PEERING,
        "advertise ipv6 prefix-list P",
        "no advertise ipv6 prefix-list Q",
        "advertise ipv6-prefix-list Q",
        "P",
        [],
    ),
    (
        PEERING,
        "advertise limit ipv4 100",
        "no advertise limit ipv4 10",
        "advertise ipv4-limit 10",
        "100",
        [],
    ),
    (
        PEERING,
        "advertise limit ipv6 100",
        "no advertise limit ipv6 10",
        "advertise ipv6-limit 10",
        "100",
        [],
    ),
    (
        PEERING,
        "advertise priority 10.0.0.0/8 255",
        "no advertise priority 10.0.0.0/8 25",
        "advertise priority 10.0.0.0/8 value 25",
        "255",
        [],
    ),
    (PEERING, "route-map X in", "no route-map Y in", "route-map-in Y", "X", []),
    (PEERING, "route-map X out", "no route-map Y out", "route-map-out Y", "X", []),
    (PEERING, "prepend 3", "no prepend 2", "prepend 2", "3", []),
    (
        PEERING,
        "passive-prepend 3",
        "no passive-prepend 2",
        "passive-prepend 2",
        "3",
        ["exit-peering", "redundancy active-passive", "peering private"],
    ),
    (OF_PEERING, "route-filter f", "no route-filter g", "route-filter g", "f", []),
    (
        TOP,
        "community own value 65001:1",
        "no community own value 65001:2",
        "community own value 65001:2",
        "65001:1",
        [],
    ),
    (
        PREFERENCE,
        "region-preference own circuit b a",
        "no region-preference own circuit a b",
        "region-preference own circuit a b",
        "circuit b a",
        [],
    ),
    (LINK, "interface eth1", "no interface eth2", "interface eth2", "eth1", []),
    (LINK, "partner 10.0.0.2", "no partner 10.0.0.3", "partner 10.0.0.3", "10.0.0.2", []),
    (
        LINK,
        "ipv4-subnet 10.0.0.0/30",
        "no ipv4-subnet 10.9.0.0/30",
        "ipv4-subnet 10.9.0.0/30",
        "10.0.0.0/30",
        [],
    ),
    (
        LINK,
        "ipv6-subnet fd00::/126",
        "no ipv6-subnet fd00:9::/126",
        "ipv6-subnet fd00:9::/126",
        "fd00::/126",
        [],
    ),
    (VPN, "password s3cret", "no password secret", "password", "another one", []),
    (VPN, "probe interval 500", "no probe interval 50000", "probe interval 50000", "500", []),
    (
        VPN,
        "probe interval 500 multiplier 5",
        "no probe interval 500 multiplier 6",
        "probe multiplier 6",
        "5",
        [],
    ),
    (
        VPN,
        "more-specifics suppress",
        "no more-specifics warn",
        "more-specifics warn",
        "suppress",
        [],
    ),
    (VPN, "pin interface eth0", "no pin interface eth1", "pin interface eth1", "eth0", []),
    (VPN, "pin interface eth0", "no pin default-route", "pin mode default-route", "interface", []),
    (VPN, "pin interface eth0", "no pin next-hop", "pin mode next-hop", "interface", []),
    (VPN, "pin default-route", "no pin interface", "pin mode interface", "default-route", []),
    (
        VPN,
        "pin interface eth0 next-hop 192.0.2.1",
        "no pin interface eth0 next-hop 192.0.2.2",
        "pin ipv4-next-hop 192.0.2.2",
        "192.0.2.1",
        [],
    ),
    (
        VPN,
        "pin next-hop 2001:db8::1",
        "no pin next-hop 2001:db8::2",
        "pin ipv6-next-hop 2001:db8::2",
        "2001:db8::1",
        [],
    ),
    (
        VPN,
        "activate operator",
        "no activate all-down",
        "activation rule all-down",
        "operator",
        [],
    ),
    (
        VPN,
        "activate operator",
        "no activate links-below",
        "activation rule links-below",
        "operator",
        [],
    ),
    (
        VPN,
        "activate links-below 2",
        "no activate links-below 1",
        "activation minimum-links 1",
        "2",
        [],
    ),
    (
        VPN,
        "return-path expressroute",
        "no return-path vpn",
        "return-path vpn",
        "expressroute",
        [],
    ),
    (VPN, "restore hold 90", "no restore hold 9", "restore hold 9", "90", []),
    (
        VPN,
        "restore hold 90 maximum 100",
        "no restore hold 90 maximum 10",
        "restore maximum 10",
        "100",
        [],
    ),
    (VPN, "test-interval 30", "no test-interval 3", "test-interval 3", "30", []),
    (GATEWAY, "address gw", "no address wg", "address wg", "gw", []),
    (GATEWAY, "interface tun0", "no interface tun1", "interface tun1", "tun0", []),
    (
        GATEWAY,
        "neighbor 10.0.0.1",
        "no neighbor 10.0.0.2",
        "ipv4-neighbor 10.0.0.2",
        "10.0.0.1",
        [],
    ),
    (
        GATEWAY,
        "local-address fd00::1",
        "no local-address fd00::2",
        "ipv6-local-address fd00::2",
        "fd00::1",
        [],
    ),
    (GATEWAY, "remote-as 64513", "no remote-as 64514", "remote-as 64514", "64513", []),
    (GATEWAY, "ebgp-multihop 5", "no ebgp-multihop 6", "ebgp-multihop 6", "5", []),
    (
        GATEWAY,
        "probe 10.0.0.1",
        "no probe 10.0.0.2",
        "ipv4-probe 10.0.0.2",
        "10.0.0.1",
        ["interface tun0"],
    ),
    (SITE, "preference backup", "no preference equal", "preference equal", "backup", []),
    (SITE, "maximum-prefixes 9", "no maximum-prefixes 8", "maximum-prefixes 8", "9", []),
    (PROBE, "interval 5", "no interval 6", "interval 6", "5", []),
    (PROBE, "threshold loss 20", "no threshold loss 10", "threshold loss 10", "20", []),
    (PROBE, "threshold rtt 20", "no threshold rtt 10", "threshold rtt 10", "20", []),
    (PROBE, "threshold jitter 20", "no threshold jitter 10", "threshold jitter 10", "20", []),
    (PROBE, "target 10.1.0.4", "no target 10.1.0.5", "target 10.1.0.5", "10.1.0.4", []),
    (PROBE, "target 10.1.0.4 tcp 443", "no target 10.1.0.4 tcp 80", "tcp-port 80", "443", []),
    (
        PROBE,
        "via circuit a link primary",
        "no via circuit a link secondary",
        "via link secondary",
        "primary",
        [],
    ),
    (NO_JOINT, "circuit a", "no circuit c", "circuit c", "a", []),
    (JOINT, "remote-circuit x", "no remote-circuit y", "remote-circuit y", "x", []),
    (
        JOINT,
        "ipv4-subnet 172.31.0.8/29",
        "no ipv4-subnet 172.31.0.0/29",
        "ipv4-subnet 172.31.0.0/29",
        "172.31.0.8/29",
        [],
    ),
    (
        TOP,
        "undeclared-sites refuse",
        "no undeclared-sites accept",
        "undeclared-sites accept",
        "refuse",
        ["circuit a", "exit"],
    ),
]


def test_another_value_than_the_one_that_is_there_takes_nothing_away(mgmtd):
    for where, line, undo, words, is_there, first in OTHERS:
        assert mgmtd.configure("no expressroute", *where, *first) == []
        assert configure(mgmtd, where, line) == []
        before = mgmtd.section()
        said = configure(mgmtd, where, undo)
        assert len(said) == 1 and said[0][1] != 0, (undo, said)
        text = said[0][2].strip()
        assert text.startswith("% ") and text.endswith(
            words + ": Not removed: it is %s." % is_there
        ), (undo, text)
        assert mgmtd.section() == before, undo
        if "password" in line:
            assert "s3cret" not in text and "secret" not in text


def test_every_line_with_a_value_that_can_be_left_out_is_in_the_table_above():
    optional = {
        (tuple(where), line)
        for where, line, undos, _ in LINES
        if any(line.startswith(undo[len("no ") :] + " ") for undo in undos)
    }
    words = {line.split()[0] for _, line in optional}
    assert words - {line.split()[0] for _, line, *_ in OTHERS} == set()
