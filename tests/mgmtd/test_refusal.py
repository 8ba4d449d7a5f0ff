# SPDX-License-Identifier: GPL-2.0-or-later
"""
A refusal names the object, the value and the rule, and changes nothing.
"""

import json

import pytest

from conftest import Mgmtd, SUCCESS, instances

TWIN = [
    "expressroute",
    "circuit other",
    "service-key 12345678-90ab-cdef-1234-567890abcdef",
    "peering private",
    "vlan 100",
    "link primary",
    "interface eth1",
    "ipv4-subnet 10.0.0.0/30",
    "ipv6-subnet fd00::/126",
    "exit-link",
    "exit-peering",
    "exit-circuit",
]
CIRCUIT = TWIN + ["circuit a"]
PRIVATE = CIRCUIT + ["peering private"]
MICROSOFT = CIRCUIT + ["peering microsoft"]
LINK = PRIVATE + ["link primary"]
PUBLIC = MICROSOFT + ["link primary"]
OVERLAP = "The IPv4 subnet overlaps that of another link in the same VRF."

# the way there, the bad line, what must be said
BAD = [
    (TWIN, "circuit " + "x" * 200, "circuit name " + "x" * 200 + ": A name has 1 to 63 characters."),
    (TWIN, "circuit a/b", "circuit name a/b: A name starts with"),
    (TWIN, "circuit a']", "circuit name a']: A name starts with"),
    (TWIN, "no circuit a/b", "circuit name a/b: A name starts with"),
    (CIRCUIT, "description " + "x" * 300, "A text has 1 to 255 characters."),
    (CIRCUIT, "description a|b", "circuit a description a|b: A text cannot hold '|'"),
    (CIRCUIT, "description caf\u00e9", "circuit a description caf\u00e9: A text has printable ASCII"),
    (CIRCUIT, "service-key 1234", "circuit a service-key 1234: A service key is a GUID"),
    (
        CIRCUIT,
        "service-key 12345678-90AB-CDEF-1234-567890abcdef",
        "circuit a service-key 12345678-90AB-CDEF-1234-567890abcdef: Two circuits cannot",
    ),
    (CIRCUIT, "bandwidth 300", "circuit a bandwidth 300: A provider's circuit has a bandwidth of"),
    (CIRCUIT, "site-of-origin 65010", "circuit a site-of-origin 65010: A site-of-origin is ASN:NN or"),
    (CIRCUIT, "site-of-origin 65536:65536", "circuit a site-of-origin 65536:65536: A site-of-origin has 0 to"),
    (CIRCUIT, "direct port-speed 100", "circuit a direct: A port pair needs"),
    (PRIVATE, "vrf sixteen-letters-", "circuit a peering private vrf sixteen-letters-: A VRF name"),
    (PRIVATE, "s-tag 5", "circuit a peering private s-tag 5: An S-tag"),
    (PRIVATE, "router-as 12076", "circuit a peering private router-as 12076: AS 12076 is"),
    (PRIVATE, "router-as 65515", "router-as 65515: ASNs 65515 to 65520 are reserved"),
    (PRIVATE, "router-as 64500", "router-as 64500: ASNs 64496 to 64511 are for documentation"),
    (PRIVATE, "timers 2 30", "circuit a peering private timers keepalive 2: Microsoft does not"),
    (PRIVATE, "timers 5 9", "circuit a peering private timers hold 9: Microsoft does not"),
    (PRIVATE, "timers 10 20", "circuit a peering private timers: The hold time must be"),
    (
        MICROSOFT,
        "advertise 0.0.0.0/0",
        "circuit a peering microsoft advertise ipv4-prefix 0.0.0.0/0: The default route",
    ),
    (
        MICROSOFT,
        "advertise 10.1.0.0/16",
        "circuit a peering microsoft advertise ipv4-prefix 10.1.0.0/16: RFC 1918",
    ),
    (
        LINK,
        "interface sixteen-letters-",
        "circuit a peering private link primary interface sixteen-letters-: An interface name",
    ),
    (
        LINK,
        "ipv4-subnet 10.1.0.0/29",
        "circuit a peering private link primary ipv4-subnet 10.1.0.0/29: A link has an IPv4 /30",
    ),
    (LINK, "ipv4-subnet 10.1.0.1/30", "ipv4-subnet 10.1.0.1/30: The IPv4 subnet of a link has host"),
    (LINK, "ipv4-subnet 10.0.0.0/30", "link primary ipv4-subnet 10.0.0.0/30: " + OVERLAP),
    (LINK, "ipv6-subnet fd00::/125", "ipv6-subnet fd00::/125: A link has an IPv6 /126"),
    (LINK, "ipv6-subnet fd00::5/126", "ipv6-subnet fd00::5/126: The IPv6 subnet of a link has host"),
    (LINK, "ipv6-subnet FD00:0::0/126", "ipv6-subnet fd00::/126: The IPv6 subnet overlaps"),
    (
        LINK + ["interface eth1"],
        "partner 10.0.0.2",
        "circuit a peering private link primary partner 10.0.0.2: A link ends on this router",
    ),
    (
        LINK + ["partner 10.0.0.2"],
        "interface eth1",
        "circuit a peering private link primary partner 10.0.0.2: A link ends on this router",
    ),
    (
        PRIVATE + ["link primary partner 10.0.0.2"],
        "link secondary partner 10.0.0.3",
        "partner 10.0.0.3: One of the two links ends on this router",
    ),
    (LINK, "partner 224.0.0.5", "partner 224.0.0.5: A partner is an iBGP neighbor"),
    (LINK[:-1] + ["vlan 100", "link primary"], "interface eth1", "interface eth1: Two peerings on"),
    (
        PUBLIC,
        "ipv4-subnet 192.168.1.0/30",
        "circuit a peering microsoft link primary ipv4-subnet 192.168.1.0/30: Microsoft peering",
    ),
    (PUBLIC, "ipv6-subnet fd01::/126", "ipv6-subnet fd01::/126: Microsoft peering needs a public"),
]


def test_a_refused_line_names_object_value_and_rule_and_changes_nothing(mgmtd):
    for where, line, expected in BAD:
        assert mgmtd.configure("no expressroute") == []
        vty = mgmtd.vty("configure terminal", *where)
        before = mgmtd.tree()
        status, text = vty.run(line)
        vty.close()
        assert status != SUCCESS, line
        assert text.startswith("% ") and expected in text, (line, text)
        assert mgmtd.tree() == before, line


def test_a_collision_names_both(mgmtd):
    vty = mgmtd.vty("configure terminal", *LINK)
    said = vty.run("ipv4-subnet 10.0.0.0/30")[1].splitlines()
    vty.close()
    assert said == [
        "% circuit a peering private link primary ipv4-subnet 10.0.0.0/30: " + OVERLAP,
        "% circuit other peering private link primary ipv4-subnet 10.0.0.0/30: " + OVERLAP,
    ]


def test_a_refused_password_is_neither_said_nor_logged(mgmtd):
    secret = "hunter2" * 20
    said = mgmtd.configure(*PRIVATE, "password " + secret)
    assert [text for _, _, text in said] == [
        "% circuit a peering private password: An MD5 password has 1 to 80 characters.\n"
    ]
    where = ["expressroute", "circuit a", "peering private"]
    assert mgmtd.configure(*where, "password fine") == []
    said = mgmtd.configure(*where, "session attached")
    assert "password: An attached session takes its password" in said[0][2]
    said = mgmtd.load(
        [*where, "password " + secret, "password s3cret", "session attached"]
        + ["exit-peering", "exit-circuit", "exit-expressroute"]
    )
    assert any("left out" in text for _, _, text in said)
    for text in (mgmtd.log(), *(each[2] for each in said)):
        assert "hunter2" not in text and "fine" not in text and "s3cret" not in text


@pytest.fixture(scope="module")
def one(tmp_path_factory):
    mgmtd = Mgmtd(tmp_path_factory.mktemp("one"))
    yield mgmtd
    assert mgmtd.stop() == 0


@pytest.mark.parametrize("path", instances("invalid"), ids=lambda path: path.stem)
def test_an_invalid_instance_is_refused_by_mgmtd_too(one, path):
    """as a NETCONF client sends it: mgmtd's own words, with the model's rule in them"""
    status, text = one.edit(json.loads(path.read_text()))
    assert status != SUCCESS
    assert path.with_suffix(".error").read_text().strip() in text
    assert one.tree().get("circuit", []) == []
