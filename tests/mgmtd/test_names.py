# SPDX-License-Identifier: GPL-2.0-or-later
"""
Names of services, regions and communities as a person types them: looked up in
the catalogue that is in force, with what is near when there is no such name.
"""

import json
import pathlib
import re

import pytest

from conftest import COMMUNITIES, MODULE, SUCCESS


def builtin():
    """Where the module under test looks for the built-in catalogue: in its own prefix."""
    found = re.search(rb"/[^\0]*/communities\.json", pathlib.Path(MODULE).read_bytes())
    return pathlib.Path(found.group().decode())


TOP = ["expressroute", "community own value 65001:1", "circuit a", "sku local", "exit"]
FILTER = TOP + ["route-filter f"]
CIRCUIT = TOP + ["circuit a"]

# the way there, the line, what must be said
UNKNOWN = [
    (FILTER, "allow service exchange-onlin", "f service exchange-onlin: There is no such service. "
     "Near: exchange-online"),
    (FILTER, "allow service qqqqqq", "There is no such service: 'show expressroute communities'"),
    (FILTER, "allow service azure-sql region east-uss", "region east-uss: There is no such region. "
     "Near: east-us"),
    (FILTER, "allow service azure-sq region east-us", "There is no such service. Near: azure-sql"),
    (FILTER, "allow service azure-storage region west-europe", "service azure-storage: Microsoft "
     "has no community for it in west-europe"),
    (FILTER, "allow region east-uss", "f region east-uss: There is no such region. Near: east-us"),
    (FILTER, "allow community owm", "f community owm: You have no name like this. Near: own."),
    (FILTER, "allow community east-us", "community east-us: You have no name like this: 'community "
     "NAME value AA:NN' makes one."),
    (CIRCUIT, "local-region west-eurpe", "local-region west-eurpe: There is no such region. Near: "
     "west-europe"),
    (TOP, "community east-us value 65001:2", "community name east-us: Microsoft has a region of "
     "this name"),
    (TOP, "region-preference west-eurpe circuit a", "region-preference target west-eurpe: There is "
     "no such region, nor a name of your own. Near: west-europe"),
    (TOP, "region-preference owm circuit a", "region-preference target owm: There is no such "
     "region, nor a name of your own. Near: own."),
    (TOP, "region-preference qqqqqq circuit a", "a name of your own: 'show expressroute commun"),
]  # fmt: skip

KNOWN = [
    (FILTER, "allow service exchange-online"),
    (FILTER, "allow service azure-sql region west-europe"),
    (FILTER, "allow region east-us"),
    (FILTER, "allow community own"),
    (FILTER, "allow community 65001:2"),
    (CIRCUIT, "local-region west-europe"),
    (TOP, "region-preference west-europe circuit a"),
    (TOP, "region-preference own circuit a"),
    (TOP, "region-preference 12076:51002 circuit a"),
]


def last(mgmtd, where, line):
    vty = mgmtd.vty("configure terminal")
    for each in where:
        vty.run(each)
    answer = vty.run(line)
    vty.close()
    return answer


def check_refused(mgmtd, refused):
    """[(the way there, the bad line, what must be said)]: and nothing changes"""
    for where, line, expected in refused:
        assert mgmtd.configure("no expressroute") == []
        assert last(mgmtd, where[:-1], where[-1])[0] == SUCCESS
        before = mgmtd.section()
        status, text = last(mgmtd, where, line)
        assert status != SUCCESS and text.startswith("% ") and expected in text, (line, text)
        assert mgmtd.section() == before, line


def test_an_unknown_name_is_refused_with_what_is_near(start):
    mgmtd = start(communities=COMMUNITIES)
    for where, line, expected in UNKNOWN:
        assert last(mgmtd, where[:-1], where[-1])[0] == SUCCESS
        before = mgmtd.tree()
        status, text = last(mgmtd, where, line)
        assert status != SUCCESS and text.startswith("% ") and expected in text, (line, text)
        assert mgmtd.tree() == before


def test_a_known_name_is_taken(start):
    mgmtd = start(communities=COMMUNITIES)
    for where, line in KNOWN:
        assert last(mgmtd, where, line) == (SUCCESS, ""), line


@pytest.mark.parametrize("undo", [line for where, line, _ in UNKNOWN if where == FILTER])
def test_an_unknown_name_of_a_file_can_be_taken_out(start, undo):
    mgmtd = start(communities=COMMUNITIES)
    lines = ["expressroute", " route-filter f", "  " + undo, " exit-route-filter"]
    lines += ["exit-expressroute"]
    assert mgmtd.load(lines) == []
    assert mgmtd.section() == lines
    assert last(mgmtd, FILTER, "no " + undo) == (SUCCESS, "")
    assert "  " + undo not in mgmtd.section()


def test_an_imported_list_counts_at_the_next_command(start):
    mgmtd = start(communities=COMMUNITIES)
    line = "allow service azure-nebula region east-us"
    assert last(mgmtd, FILTER, line)[0] != SUCCESS
    mgmtd.import_communities(COMMUNITIES.replace("Azure SQL", "Azure Nebula"))
    assert last(mgmtd, FILTER, line) == (SUCCESS, "")
    assert "There is no such service" in last(mgmtd, FILTER, "allow service azure-sql")[1]


def test_a_service_in_a_region_is_known_by_either_of_its_names(start):
    """the list's own names, and those that the built-in catalogue has for them"""
    if not builtin().exists():
        pytest.skip("other names come from the installed catalogue, which is not at %s" % builtin())
    other = COMMUNITIES.replace("Azure Storage", "Azure Blobs").replace("East US", "US East")
    mgmtd = start(communities=other)
    for service in "azure-blobs", "storage":
        for region in "us-east", "east-us":
            line = "allow service %s region %s" % (service, region)
            assert last(mgmtd, FILTER, line) == (SUCCESS, ""), line


def test_a_client_may_send_what_the_catalogue_does_not_have(start):
    """erouted says so as state; a stored configuration does not depend on a list"""
    mgmtd = start(communities=COMMUNITIES)
    tree = {"route-filter": [{"name": "f", "service": ["no-such-service"]}]}
    assert mgmtd.edit({"frr-expressroute:expressroute": tree})[0] == SUCCESS
    assert "  allow service no-such-service" in mgmtd.section()


@pytest.mark.parametrize("text", ["", "{", "[]", "[1, 2]"])
def test_a_broken_list_does_not_stop_anybody(start, text):
    mgmtd = start(communities=text)
    status, said = last(mgmtd, FILTER, "allow community 65001:2")
    assert (status, said) == (SUCCESS, "")
    assert last(mgmtd, FILTER, "allow service Exchange")[0] != SUCCESS


def completions(mgmtd, name):
    """as vtysh asks every daemon: by the kind of the token, its text and its name"""
    variable = 1  # enum cmd_token_type
    return mgmtd.show("autocomplete %d NAME %s" % (variable, name)).split()


def test_names_are_completed(start):
    mgmtd = start(communities=COMMUNITIES)
    assert mgmtd.configure(*FILTER) == []
    services = completions(mgmtd, "er_service")
    assert "exchange-online" in services and "azure-sql" in services
    assert len(services) == len(set(services))
    assert {"east-us", "west-europe"} <= set(completions(mgmtd, "er_region"))
    assert completions(mgmtd, "er_community") == ["own"]
    assert completions(mgmtd, "er_filter") == ["f"]
    assert completions(mgmtd, "er_circuit") == ["a"]


IN_USE = TOP + [
    "route-filter f",
    "allow community own",
    "exit-route-filter",
    "circuit a",
    "peering private",
    "route-filter f",
    "exit-peering",
    "peering microsoft",
    "route-filter f",
    "exit-peering",
    "exit-circuit",
    "region-preference own circuit a",
]


def test_what_is_used_is_not_removed_and_its_users_are_named(mgmtd):
    assert mgmtd.configure(*IN_USE) == []
    before = mgmtd.section()
    for line, users in (
        ("no route-filter f", ["circuit a peering private", "circuit a peering microsoft"]),
        ("no circuit a", ["region-preference own"]),
        ("no community own", ["route-filter f", "region-preference own"]),
        ("no community own value 65001:1", ["route-filter f", "region-preference own"]),
    ):
        status, text = last(mgmtd, ["expressroute"], line)
        words = line.replace("no ", "").replace(" value 65001:1", "")
        assert status != SUCCESS
        assert text.splitlines() == [
            "%% %s: %s uses it: take it out there first." % (words, user) for user in users
        ]
        assert mgmtd.section() == before


def test_a_name_that_is_used_no_more_is_removed(mgmtd):
    assert mgmtd.configure(*IN_USE) == []
    assert mgmtd.configure("expressroute", "no region-preference own") == []
    status, text = last(mgmtd, ["expressroute"], "no community own")
    assert status != SUCCESS
    assert text == "% community own: route-filter f uses it: take it out there first.\n"
    assert mgmtd.configure("expressroute", "route-filter f", "no allow community own") == []
    assert last(mgmtd, ["expressroute"], "no community own") == (SUCCESS, "")
    assert " community own value 65001:1" not in mgmtd.section()


# the way there, the bad line, what must be said
REFUSED = [
    (TOP, "community twin value 65001:1", "community twin: Two names cannot stand"),
    (TOP, "community Own value 65001:2", "community name Own: A name of the catalogue has small"),
    (TOP, "community own value 1:65536", "community own value 1:65536: Each half of a community"),
    (TOP, "community own value 1", "community own value 1: A community is two numbers"),
    (TOP, "no community a']", "community name a']: A name of the catalogue has small letters"),
    (TOP, "route-filter a/b", "route-filter name a/b: A name starts with"),
    (TOP, "no route-filter a/b", "route-filter name a/b: A name starts with"),
    (TOP, "region-preference a'] circuit a", "region-preference target a']: This is neither"),
    (TOP, "region-preference own circuit b", "own circuit 1 name b: There is no circuit of this"),
    (TOP, "region-preference own circuit a a", "circuit 2 name a: A circuit can stand in this"),
    (FILTER, "allow service x']", "route-filter f service x']: A name of the catalogue has"),
    (FILTER, "no allow service x']", "route-filter f service x']: A name of the catalogue has"),
    (FILTER, "no allow service x region y']", "service-in-region region y']: A name of the"),
    (FILTER, "no allow region x']", "route-filter f region x']: A name of the catalogue has"),
    (FILTER, "no allow community x']", "route-filter f community x']: This is neither"),
    (FILTER, "allow community 12076:65536", "community 12076:65536: Each half of a community"),
    (CIRCUIT, "no local-region x']", "circuit a local-region x']: A name of the catalogue has"),
    (CIRCUIT + ["no sku"], "local-region east-us", "region east-us: Only a circuit of SKU"),
    (CIRCUIT + ["local-region east-us", "local-region west-us"], "local-region east-us-2", "has one "
     "or two regions"),
    (CIRCUIT + ["peering private"], "route-filter f", "route-filter f: There is no route-filter"),
    (CIRCUIT + ["peering private"], "route-map er:x in", "route-map-in er:x: Route-maps whose"),
    (CIRCUIT + ["peering private"], "passive-prepend 2", "Only a circuit in mode active-passive"),
    (
        CIRCUIT + ["peering private"],
        "advertise 10.1.2.3/16",
        "advertise ipv4-prefix 10.1.2.3/16: The prefix has host bits set. Is it 10.1.0.0/16?",
    ),
    (
        CIRCUIT + ["peering private"],
        "advertise priority fd00::1/64 5",
        "advertise priority prefix fd00::1/64: The prefix has host bits set. Is it fd00::/64?",
    ),
    (
        CIRCUIT + ["peering private", "session attached"],
        "route-map X out",
        "route-map-out X: An attached session has its route-map in the operator's own",
    ),
    (
        CIRCUIT + ["peering microsoft", "router-as 65001"],
        "prepend 3",
        "circuit a peering microsoft prepend 3: Microsoft strips private ASNs",
    ),
]


def test_a_refused_line_of_policy_names_object_value_and_rule(mgmtd):
    check_refused(mgmtd, REFUSED)
