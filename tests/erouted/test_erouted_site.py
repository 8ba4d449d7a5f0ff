# SPDX-License-Identifier: GPL-2.0-or-later
"""Global Reach: what bgpd's module is told, state, notifications, screens, restarts."""

import signal
import time

import pytest

from frrlab import (GLOBAL_REACH, JOINT, SITE, SITE_AS, SITE_CIRCUIT, SITE_PREFIX, FakeBgpd,
                    Frontend, rib, session_state, site_state, wait_for)

PEERING = ("ams-1", "private", "ipv4")
PEERING6 = ("ams-1", "private", "ipv6")
FRA = {"name": "fra", "as": [65010], "prefix": ["10.20.0.0/16", "10.21.0.0/16"],
       "maximum-prefixes": 10}
NYC = {"name": "nyc", "prefix": ["10.30.0.0/16", "2001:db8:30::/48"], "same-as": True,
       "as": [65020, 65021], "circuit": ["ams-1"], "preference": "backup"}
JOINED = {"name": "ams-fra", "circuit": "ams-1", "remote-circuit": "er-fra", "site": ["fra"],
          "ipv4-subnet": "172.31.0.8/29"}
TREE = {"site": [FRA, NYC], "global-reach": [JOINED]}


@pytest.fixture
def ready(configured):
    """Two sites and a connection, circuit and sessions up, nothing counted yet."""
    configured.merge(TREE)
    wait_for("the connection", lambda: joints(configured))
    with FakeBgpd(configured) as module:
        module.up()
        wait_for("the sessions", lambda: configured.show_json()["state"]["bgpd"]["state"]
                 == "connected")
        yield configured, module


@pytest.fixture
def joined(ready):
    """... and what is heard is as it should be."""
    lab, module = ready
    count(module, fra={"both": 2})
    wait_for("it", lambda: family(lab)["state"] == "established")
    return lab, module


def count(module, peering=PEERING, undeclared=None, **sites):
    """What the module counts of a circuit: of sites, then of what is undeclared."""
    for name, facts in sites.items():
        module.send(site_state(peering, name, **facts))
    module.send(site_state(peering, "", **(undeclared or {})))


def joints(lab):
    return lab.show_json("show expressroute global-reach json")["globalReach"]


def family(lab, name="ipv4", joint="ams-fra"):
    return joints(lab)[joint]["state"]["family"][name]


def heard(lab, site="fra", where="ams-1 ipv4"):
    return lab.show_json("show expressroute site %s json" % site)["site"][site]["state"]["heard"][
        where]


def undeclared(lab):
    state = lab.show_json("show expressroute site json").get("state", {})
    return state.get("undeclared", {}).get("ams-1 ipv4")


def said(lab):
    """What erouted has logged of sites and connections, without times and ids."""
    lines = [line.split("] ", 1)[-1] for line in lab.log("erouted").splitlines()]
    lines = [line.split("] ", 1)[-1] for line in lines]
    return [line for line in lines if line.startswith(("site ", "global-reach ", "circuit ams-1 private ipv4: "))]


# What the module is told


def policy(module):
    module.take_config()
    return [each for each in module.policy if each[0] >= GLOBAL_REACH]


def test_the_module_gets_sites_and_connections(configured):
    configured.merge(TREE)
    wait_for("the connection", lambda: joints(configured))
    with FakeBgpd(configured) as module:
        assert policy(module) == [
            (GLOBAL_REACH, False),
            (SITE, ("fra", "prefer", 10, False)),
            (SITE, ("nyc", "backup", 0, True)),
            (SITE_AS, ("fra", 65010)),
            (SITE_AS, ("nyc", 65020)),
            (SITE_AS, ("nyc", 65021)),
            (SITE_PREFIX, ("fra", "10.20.0.0/16")),
            (SITE_PREFIX, ("fra", "10.21.0.0/16")),
            (SITE_PREFIX, ("nyc", "2001:db8:30::/48")),
            (SITE_PREFIX, ("nyc", "10.30.0.0/16")),
            (SITE_CIRCUIT, ("nyc", "ams-1")),
            (JOINT, ("ams-fra", "172.31.0.8/29")),
        ]
        configured.merge({"undeclared-sites": "refuse"})
        assert (GLOBAL_REACH, True) in policy(module)
        configured.remove("global-reach[name='ams-fra']")
        configured.remove("site[name='fra']/as[.='65010']")
        configured.remove("site[name='nyc']")
        configured.remove("undeclared-sites")
        wait_for("the last of them", lambda: policy(module) == [
            (GLOBAL_REACH, False),
            (SITE, ("fra", "prefer", 10, False)),
            (SITE_PREFIX, ("fra", "10.20.0.0/16")),
            (SITE_PREFIX, ("fra", "10.21.0.0/16")),
        ])
        configured.remove("site[name='fra']")
        wait_for("nothing of it", lambda: policy(module) == [])


# Connections


def test_a_connection_waits_for_the_first_count(ready):
    lab, _ = ready
    assert family(lab)["state"] == "unknown"
    assert "bgpd has not counted its routes yet" in lab.show("show expressroute global-reach")
    assert family(lab, "ipv6")["state"] == "inactive"
    assert "its circuit's private peering does not run this family" in family(lab, "ipv6")["reason"]


def test_an_established_connection_tells_of_both_links(ready):
    lab, module = ready
    count(module, fra={"both": 2, "only": (1, 0)})
    wait_for("it", lambda: family(lab)["state"] == "established")
    seen = family(lab)
    assert (seen["prefixes"], seen["primaryPrefixes"], seen["secondaryPrefixes"]) == (3, 3, 2)
    assert (seen["primaryOnly"], seen["secondaryOnly"]) == (1, 0)
    assert joints(lab)["ams-fra"]["ipv4Subnet"] == "172.31.0.8/29"
    screen = lab.show("show expressroute global-reach ams-fra")
    assert "Global Reach ams-fra: circuit ams-1 to er-fra by 172.31.0.8/29, site fra" in screen
    assert "ipv4: established since" in screen and ", 3 prefixes\n" in screen
    row = [line.split() for line in screen.splitlines() if line.split()[:2] == ["ipv4", "3"]]
    assert row == [["ipv4", "3", "3", "2", "0", "0"]]
    assert "ipv4: the links differ: 1 prefix on primary only, 0 on secondary only\n" in screen
    brief = lab.show("show expressroute")
    assert "Global Reach ams-fra ipv4: established since" in brief


def test_what_comes_and_goes_is_notified_and_logged(joined):
    lab, module = joined
    with Frontend(lab) as client:
        client.subscribe()
        count(module, fra={"missing": ["10.20.0.0/16", "10.21.0.0/16"]})
        wait_for("its end", lambda: family(lab)["state"] == "not-seen")
        name, leaves = client.notification()
        assert name == "global-reach-change"
        assert leaves["global-reach"] == "ams-fra" and leaves["circuit"] == "ams-1"
        assert (leaves["family"], leaves["state"]) == ("ipv4", "not-seen")
        assert leaves["previous"] == "established"
        assert leaves["reason"] == "no route of its sites comes over circuit ams-1"
        assert leaves["missing-prefix"] == ["10.20.0.0/16", "10.21.0.0/16"]
        count(module, fra={"both": 2})
        name, leaves = client.notification()
        assert (name, leaves["state"], leaves["prefixes"]) == (
            "global-reach-change", "established", 2)
    wait_for("both lines", lambda: said(lab)[-2:] == [
        "global-reach ams-fra over circuit ams-1 ipv4 is not-seen, was established:"
        " no route of its sites comes over circuit ams-1",
        "global-reach ams-fra over circuit ams-1 ipv4: established, 2 prefixes, was not-seen",
    ])


def test_a_connection_without_sessions_says_so(joined):
    lab, module = joined
    for session in module.sessions:
        module.send(session_state(session, "active", last_reset="test", reset=1))
    count(module, fra={})
    wait_for("its end", lambda: family(lab)["state"] == "not-seen")
    screen = lab.show("show expressroute global-reach")
    assert "NOT-SEEN since" in screen
    assert "no session of circuit ams-1's private peering is established" in " ".join(screen.split())


def test_missing_prefixes_are_named_and_notified(joined):
    lab, module = joined
    with Frontend(lab) as client:
        client.subscribe()
        count(module, fra={"both": 1, "missing": ["10.21.0.0/16"]})
        wait_for("it", lambda: family(lab)["missing"] == 1)
        assert family(lab)["missingPrefix"] == ["10.21.0.0/16"]
        for show in "site fra", "global-reach ams-fra":
            screen = " ".join(lab.show("show expressroute " + show).split())
            assert "nothing is accepted of 1 configured prefix: 10.21.0.0/16" in screen
        name, leaves = client.notification()
        assert (name, leaves["incomplete"], leaves["missing"]) == ("global-reach-change", True, 1)
    assert "INCOMPLETE" in lab.show("show expressroute global-reach")
    assert said(lab)[-1].endswith(": nothing is accepted of 1 prefix of its sites: 10.21.0.0/16")


def test_links_that_differ_are_notified(joined):
    lab, module = joined
    with Frontend(lab) as client:
        client.subscribe()
        count(module, fra={"both": 1, "only": (0, 1)})
        name, leaves = client.notification()
        assert (name, leaves["asymmetric"], leaves["secondary-only"]) == (
            "global-reach-change", True, 1)
        count(module, fra={"both": 2})
        name, leaves = client.notification()
        assert (name, leaves["asymmetric"]) == ("global-reach-change", False)
    assert "links differ: 0 prefixes on primary only, 1 on secondary only, 0 missing" in said(lab)[-2]
    assert said(lab)[-1].endswith(": links agree, and nothing is missing")


def test_overlaps_with_virtual_networks_are_state(joined):
    lab, module = joined
    count(module, fra={"both": 2, "overlaps": ["10.20.4.0/24"]},
          undeclared={"overlaps": ["172.31.0.0/16"]})
    wait_for("both", lambda: family(lab)["overlaps"] == 2)
    assert family(lab)["overlappingPrefix"] == ["10.20.4.0/24", "172.31.0.0/16"]
    assert heard(lab)["overlappingPrefix"] == ["10.20.4.0/24"]
    assert undeclared(lab)["overlappingPrefix"] == ["172.31.0.0/16"]
    screen = " ".join(lab.show("show expressroute global-reach").split())
    assert "2 prefixes of virtual networks overlap with it: 10.20.4.0/24, 172.31.0.0/16" in screen


def test_a_connection_that_is_shut_down_is_not_watched(joined):
    lab, module = joined
    lab.merge({"global-reach": [{"name": "ams-fra", "shutdown": True}]})
    wait_for("it", lambda: family(lab)["state"] == "inactive")
    before = said(lab)
    count(module, fra={})
    count(module, fra={"both": 1})
    wait_for("the count", lambda: heard(lab)["prefixes"] == 1)
    assert said(lab) == before
    assert "ipv4: inactive: shut down" in lab.show("show expressroute global-reach")


# Sites


REFUSED = [("10.99.0.0/16", 65010, "site-prefix"), ("0.0.0.0/0", 65010, "site-prefix")]


def test_what_a_site_may_not_send_is_named_notified_and_logged(joined):
    lab, module = joined
    with Frontend(lab) as client:
        client.subscribe()
        count(module, fra={"both": 2, "by_prefix": 2, "other": 1, "examples": REFUSED})
        name, leaves = client.notification()
        assert (name, leaves["site"], leaves["circuit"]) == ("site-refused", "fra", "ams-1")
        assert leaves["refused"] == {
            "site-prefix": 2, "site-limit": 0, "undeclared-site": 0, "other": 1}
        assert leaves["example"] == [
            {"prefix": net, "as": number, "rule": rule} for net, number, rule in REFUSED]
    assert said(lab)[-1] == (
        "site fra over circuit ams-1 ipv4: 2 prefixes refused, 2 that it may not send here,"
        " 0 beyond its maximum: 10.99.0.0/16 of AS 65010, 0.0.0.0/0 of AS 65010")
    seen = heard(lab)
    assert seen["refused"] == {"sitePrefix": 2, "siteLimit": 0, "undeclaredSite": 0, "other": 1}
    assert seen["example"]["0.0.0.0/0"] == {
        "prefix": "0.0.0.0/0", "as": 65010, "rule": "site-prefix"}
    assert family(lab)["refused"]["sitePrefix"] == 2
    screen = " ".join(lab.show("show expressroute site fra").split())
    assert ("ams-1 ipv4: 10.99.0.0/16 of AS 65010 is refused: its site may not send this prefix,"
            " or not over this circuit") in screen


def test_the_maximum_of_a_site_warns_and_is_state(joined):
    lab, module = joined
    with Frontend(lab) as client:
        client.subscribe()
        count(module, fra={"both": 8})
        name, leaves = client.notification()
        assert (name, leaves["site"], leaves["count"], leaves["limit"]) == (
            "site-limit", "fra", 8, 10)
        assert (leaves["level"], leaves["previous"]) == ("warning", "ok")
        assert heard(lab)["maximumLevel"] == "warning"
        count(module, fra={"both": 10, "by_limit": 3})
        told = dict(client.notification() for _ in range(2))
        assert told["site-limit"]["level"] == "full"
        assert told["site-refused"]["refused"]["site-limit"] == 3
    assert "site fra over circuit ams-1 ipv4: 8 of 10 prefixes: warning, was ok" in said(lab)
    row = [line.split() for line in lab.show("show expressroute site fra").splitlines()
           if line.split()[:2] == ["ams-1", "ipv4"]]
    assert row[0] == ["ams-1", "ipv4", "10", "10", "10", "0", "3", "FULL"]


def test_a_site_shows_what_is_configured_of_it(ready):
    lab, _ = ready
    screen = lab.show("show expressroute site nyc")
    assert "Site nyc: AS 65020, 65021, backup, same AS as ours, on circuit ams-1\n" in screen
    assert "its prefixes: 2001:db8:30::/48, 10.30.0.0/16\n" in screen
    tree = lab.show_json("show expressroute site nyc json")["site"]["nyc"]
    assert tree["as"] == [65020, 65021] and tree["sameAs"] is True
    assert "fra" not in lab.show("show expressroute site nyc json")


# What is undeclared


UNKNOWN = [("10.66.0.0/16", 65066, "none")]


def test_undeclared_sites_are_told_of(joined):
    lab, module = joined
    with Frontend(lab) as client:
        client.subscribe()
        count(module, fra={"both": 2}, undeclared={"both": 1, "examples": UNKNOWN})
        name, leaves = client.notification()
        assert (name, leaves["circuit"], leaves["prefixes"], leaves["refused"]) == (
            "undeclared-site", "ams-1", 1, 0)
        assert leaves["example"] == [{"prefix": "10.66.0.0/16", "as": 65066, "rule": "none"}]
    assert said(lab)[-1] == (
        "circuit ams-1 private ipv4: 1 prefix of undeclared sites accepted, 0 refused:"
        " 10.66.0.0/16 of AS 65066")
    assert undeclared(lab)["prefixes"] == 1
    screen = " ".join(lab.show("show expressroute site").split())
    assert "Undeclared sites, accepted until 'undeclared-sites' says otherwise:" in screen
    assert "ams-1 ipv4: 10.66.0.0/16 of AS 65066 is accepted" in screen


def test_undeclared_sites_that_are_accepted_by_choice_are_not(joined):
    lab, module = joined
    lab.merge({"undeclared-sites": "accept"})
    wait_for("the choice", lambda: lab.show_json().get("undeclaredSites") == "accept")
    before = said(lab)
    count(module, fra={"both": 2}, undeclared={"both": 1, "examples": UNKNOWN})
    wait_for("it", lambda: undeclared(lab)["prefixes"] == 1)
    assert said(lab) == before
    assert "Undeclared sites, accepted:" in lab.show("show expressroute site")


# The rest


def test_the_history_names_sites_and_connections(joined):
    lab, module = joined
    count(module, fra={"by_prefix": 2, "examples": REFUSED})
    wait_for("its end", lambda: family(lab)["state"] == "not-seen")
    listed = lab.show_json("show expressroute history ams-fra json")["history"]
    assert [(each["name"], each["aspect"], each["state"]) for each in listed] == [
        ("ams-fra", "global-reach", "not-seen")]
    listed = lab.show_json("show expressroute history fra json")["history"]
    assert [(each["name"], each["aspect"], each["state"]) for each in listed] == [
        ("fra", "site-routes", "refused")]
    screen = " ".join(lab.show("show expressroute history ams-fra").split())
    assert "private ipv4 global-reach ams-fra not-seen, was established" in screen


def history(lab, name=""):
    return lab.show_json("show expressroute history %s json" % name)["history"]


def memory(lab):
    try:
        with open(lab.lib_dir + "/erouted.json") as f:
            return f.read().replace(" ", "")
    except FileNotFoundError:
        return ""


DIFFER = {"both": 1, "only": (0, 1), "missing": ["10.21.0.0/16"], "by_prefix": 2, "examples": REFUSED}
STRANGE = {"both": 1, "examples": UNKNOWN}


def back(lab, facts):
    """erouted is killed, and comes back; bgpd's module tells again what it knew."""
    lab.stop("erouted", signal.SIGKILL)
    lab.start("erouted")
    module = FakeBgpd(lab)
    generation = module.take_config()
    while not module.sessions:
        generation = module.take_config()
    module.established()
    count(module, fra=facts, undeclared=STRANGE)
    assert family(lab)["state"] == "unknown", "not before the module has told everything"
    module.synced(generation)
    return module


def test_a_killed_erouted_says_nothing_twice_of_connections_and_sites(joined):
    lab, module = joined
    count(module, fra=DIFFER, undeclared=STRANGE)
    wait_for("the difference", lambda: family(lab)["asymmetric"] and family(lab)["incomplete"])
    wait_for("the memory", lambda: '"asymmetric":true' in memory(lab))
    before, entries = said(lab), history(lab)
    with back(lab, DIFFER):
        wait_for("it", lambda: family(lab)["state"] == "established")
        seen = family(lab)
        assert seen["asymmetric"] and seen["incomplete"]
        assert (seen["primaryPrefixes"], seen["secondaryPrefixes"]) == (1, 2)
        assert seen["missingPrefix"] == ["10.21.0.0/16"]
        wait_for("what is refused", lambda: heard(lab)["refused"]["sitePrefix"] == 2)
        assert said(lab) == before
        assert history(lab) == entries
    # what has been mended meanwhile is told, once
    with back(lab, {"both": 2}):
        wait_for("it", lambda: not family(lab).get("asymmetric", True))
    assert said(lab)[len(before):] == [
        "site fra over circuit ams-1 ipv4: no prefix is refused any more",
        "global-reach ams-fra over circuit ams-1 ipv4: links agree, and nothing is missing",
    ]


def test_since_when_a_connection_is_established_survives(joined):
    """Its first look is kept, too, of which nothing is said."""
    lab, _ = joined
    wait_for("the memory", lambda: '"name":"ams-fra"' in memory(lab))
    began = time.time()
    # whole seconds, and the machine may be slow
    wait_for("three seconds", lambda: family(lab)["since"] >= 3)
    with back(lab, {"both": 2}):
        wait_for("it", lambda: family(lab)["state"] == "established")
        assert family(lab)["since"] >= int(time.time() - began) - 1 >= 2
        assert history(lab, "ams-fra") == []


def test_the_whole_tree_is_read_over_mgmtd(joined):
    lab, module = joined
    count(module, fra={"both": 2, "by_prefix": 2, "examples": REFUSED},
          undeclared={"both": 1, "examples": UNKNOWN})
    wait_for("it", lambda: undeclared(lab))
    count(module, PEERING6, nyc={"both": 1})
    wait_for("it", lambda: heard(lab, "nyc", "ams-1 ipv6").get("prefixes") == 1)
    text = lab.show("show mgmt get-data /frr-expressroute:expressroute/site json", "mgmtd")
    assert '"missing":0' in text.replace(" ", "") and '"10.99.0.0/16"' in text
    text = lab.show("show mgmt get-data /frr-expressroute:expressroute/global-reach json", "mgmtd")
    assert '"state":"established"' in text.replace(" ", "")
    text = lab.show("show mgmt get-data /frr-expressroute:expressroute/state json", "mgmtd")
    assert '"10.66.0.0/16"' in text
    assert "does not take" not in lab.log("erouted"), "each value is one of the model's"


@pytest.mark.parametrize("what, words", [
    ("site", "There is no site 'x'"),
    ("global-reach", "There is no Global Reach connection 'x'"),
])
def test_what_is_not_there_is_said(configured, what, words):
    assert configured.show("show expressroute %s x" % what) == (
        "%% %s: 'show expressroute %s' has all\n" % (words, what))
    assert configured.show_json("show expressroute %s x json" % what) == {}
    assert "makes one" in configured.show("show expressroute " + what)
    name = "globalReach" if what == "global-reach" else "site"
    assert configured.show_json("show expressroute %s json" % what)[name] == {}


def test_a_mgmtd_that_comes_back_without_them_takes_them_away_in_time(bare):
    bare.start("mgmtd")
    bare.start("erouted", "--config-hold", "2")
    bare.merge({**TREE, "undeclared-sites": "refuse", "site": [FRA],
                "circuit": [{"name": "ams-1", "peering": [{"type": "private"}]}]})
    wait_for("them", lambda: joints(bare))
    with FakeBgpd(bare) as module:
        assert (GLOBAL_REACH, True) in policy(module)
        assert bare.stop("mgmtd") == 0
        bare.start("mgmtd")
        assert joints(bare), "not before the time is over"
        assert policy(module) == []
    assert not joints(bare)
    for gone in "site fra", "global-reach ams-fra", "undeclared-sites":
        assert gone + " is gone: mgmtd has come back without it" in bare.log("erouted")
