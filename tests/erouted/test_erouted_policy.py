# SPDX-License-Identifier: GPL-2.0-or-later
"""Route filters, own names and region preferences: from mgmtd to bgpd's
module, and what the module counts back."""

import json

import pytest

import frrlab
from frrlab import (ADVERTISE, ALLOW, CONFIG_BEGIN, FILTER, PEERING, PRIORITY, REGION, SESSION,
                    FakeBgpd, Frontend, circuit, counts, wait_for)

FILTERS = """
expressroute
community hub value 65001:77
route-filter m365
 allow service exchange-online
 allow service storage region east-us
 allow region west-europe
 allow community 12076:5040
 allow community hub
exit-route-filter
route-filter nothing
exit-route-filter
exit-expressroute
"""

USE = """
expressroute
circuit ams-1
 peering private
  {line}
 exit-peering
exit-circuit
exit-expressroute
"""


def lines(*of):
    return "expressroute\n" + "\n".join(of) + "\nexit-expressroute\n"


def use(line):
    return USE.format(line=line)


def allowed(module):
    """{filter: its communities} of the set last taken."""
    filters = {value: [] for kind, value in module.policy if kind == FILTER}
    for kind, value in module.policy:
        if kind == ALLOW:
            filters[value[0]].append(value[1])
    return {name: sorted(communities) for name, communities in filters.items()}


def until(module, what, probe):
    """Takes sets until one is as it should be: a commit may come in several."""
    while True:
        module.take_config()
        if probe():
            return
        assert what


def catalogue(lab, arguments=""):
    return json.loads(lab.show("show expressroute communities %s json" % arguments))["community"]


def state_of(lab, name):
    return lab.show_json()["routeFilter"][name]["state"]


@pytest.fixture
def filtered(configured):
    configured.configure(FILTERS)
    configured.configure(use("route-filter m365"))
    wait_for("the filter", lambda: "m365" in configured.show("show expressroute route-filter"))
    return configured


def test_a_filter_reaches_the_module_as_communities(filtered):
    known = catalogue(filtered)
    exchange = [c for c, e in known.items()
                if e.get("service") == "exchange-online" and not e.get("region")]
    storage = [c for c, e in known.items()
               if e.get("service") == "storage" and e.get("region") == "east-us"]
    europe = [c for c, e in known.items()
              if e["kind"] in ("region", "private-region") and e["region"] == "west-europe"]
    assert exchange and len(storage) == 1 and len(europe) == 2
    with FakeBgpd(filtered) as module:
        module.take_config()
        assert allowed(module) == {
            "m365": sorted(exchange + storage + europe + ["12076:5040", "65001:77"]),
            "nothing": []}
        assert (PEERING, ("ams-1", "private", "ipv4", "m365", "", 4000, "", "")) in module.policy


def test_the_set_comes_in_the_order_of_the_protocol(filtered):
    filtered.configure(lines("region-preference east-us circuit ams-1"))
    filtered.configure(use("advertise priority 10.1.0.0/16 200"))
    order = [SESSION, PEERING, ADVERTISE, PRIORITY, FILTER, ALLOW, REGION]
    with FakeBgpd(filtered) as module:
        wait_for("the set", lambda: module.take_config() and module.policy)
        kinds = [kind for kind, _ in module.policy]
        places = [order.index(FILTER if kind == ALLOW else kind) for kind in kinds]
        assert places == sorted(places)
        assert set(kinds) == {PEERING, ADVERTISE, PRIORITY, FILTER, ALLOW, REGION}
        # each ALLOW behind its FILTER
        seen = set()
        for kind, value in module.policy:
            if kind == FILTER:
                seen.add(value)
            elif kind == ALLOW:
                assert value[0] in seen


def test_a_change_of_a_filter_is_sent_at_once(filtered):
    with FakeBgpd(filtered) as module:
        module.take_config()
        before = allowed(module)["m365"]
        filtered.configure(lines("route-filter m365", "no allow community 12076:5040",
                                 "allow community 12076:5050"))
        module.take_config()
        after = allowed(module)["m365"]
        assert set(before) - set(after) == {"12076:5040"}
        assert set(after) - set(before) == {"12076:5050"}


def test_an_own_name_that_changes_changes_the_filter(filtered):
    with FakeBgpd(filtered) as module:
        module.take_config()
        filtered.configure(lines("community hub value 65001:88"))
        module.take_config()
        assert "65001:88" in allowed(module)["m365"]
        assert "65001:77" not in allowed(module)["m365"]


def test_a_change_that_means_nothing_is_not_sent(filtered):
    with FakeBgpd(filtered) as module:
        module.take_config()
        filtered.configure(lines("route-filter m365", "description mail"))
        # what is allowed twice is allowed
        filtered.configure(lines("route-filter m365", "allow service storage region east-us"))
        filtered.configure(lines("route-filter later"))
        module.take_config()
        assert "later" in allowed(module)


def test_names_that_mean_nothing_are_problems_and_let_nothing_in(filtered):
    filtered.configure(lines("route-filter typo", "allow service exchnge-online",
                             "allow region east-su", "allow community nobodys-name",
                             "allow community 65010:1"))
    state = wait_for("the filter", lambda: state_of(filtered, "typo"))
    assert state["communities"] == 1
    problems = "\n".join(state["problem"])
    assert len(state["problem"]) == 3
    assert "exchange-online" in problems and "east-us" in problems
    assert "nobodys-name" in problems
    with FakeBgpd(filtered) as module:
        module.take_config()
        assert allowed(module)["typo"] == ["65010:1"]


def test_a_region_preference_becomes_local_preferences(filtered):
    filtered.configure(circuit("dub-1", net=101))
    filtered.configure(lines("community lab value 65001:9",
                             "region-preference east-us circuit dub-1 ams-1",
                             "region-preference lab circuit dub-1"))
    with FakeBgpd(filtered) as module:
        module.take_config()
        got = {(v[0], v[3]): v[4] for kind, v in module.policy if kind == REGION}
        assert got == {("dub-1", "12076:50004"): 4020, ("dub-1", "12076:51004"): 4020,
                       ("ams-1", "12076:50004"): 4010, ("ams-1", "12076:51004"): 4010,
                       ("dub-1", "65001:9"): 4010, ("ams-1", "65001:9"): 0}
        filtered.configure(lines("region-preference east-us circuit ams-1 dub-1"))
        module.take_config()
        got = {(v[0], v[3]): v[4] for kind, v in module.policy if kind == REGION}
        assert got[("ams-1", "12076:51004")] == 4020
        assert got[("dub-1", "12076:51004")] == 4010
        filtered.configure(lines("no region-preference east-us", "no region-preference lab"))
        module.take_config()
        assert not [v for kind, v in module.policy if kind == REGION]


def test_one_preference_decides_for_a_community_and_the_other_says_so(filtered):
    """three targets, one community: the first in their order"""
    filtered.configure(circuit("dub-1", net=101))
    targets = ("12076:51004", "east-us", "mine")
    filtered.configure(lines("community mine value 12076:51004",
                             "region-preference 12076:51004 circuit dub-1 ams-1",
                             "region-preference east-us circuit ams-1 dub-1",
                             "region-preference mine circuit ams-1"))

    def problems():
        told = filtered.show_json().get("regionPreference", {})
        return [told.get(target, {}).get("problem") for target in targets]

    def sent(module):
        regions = [v for kind, v in module.policy if kind == REGION and v[0] == "ams-1"]
        assert len(regions) == len({(v[0], v[1], v[2], v[3]) for v in regions})
        return {v[3]: v[4] for v in regions}

    other = "region-preference 12076:51004 decides for 12076:51004"
    wait_for("the problems", lambda: problems() == [None, other, other])
    screen = " ".join(filtered.show("show expressroute").split())
    assert "region-preference east-us: " + other in screen
    with FakeBgpd(filtered) as module:
        module.take_config()
        assert sent(module) == {"12076:50004": 4020, "12076:51004": 4010}
        # by hand, the same: each community in one list of a link
        config = filtered.show("show expressroute circuit ams-1 bgp-config").splitlines()
        listed = [line.split()[3] for line in config
                  if line.startswith("bgp community-list") and line.endswith(" 12076:51004")
                  and "FILTER" not in line]
        assert listed and len(listed) == len(set(listed))
        # who is next takes over
        filtered.configure(lines("no region-preference 12076:51004"))
        module.take_config()
        assert sent(module) == {"12076:50004": 4020, "12076:51004": 4020}
    assert problems() == [None, None, "region-preference east-us decides for 12076:51004"]


def test_a_target_that_means_nothing_is_a_problem(filtered):
    filtered.configure(lines("region-preference east-su circuit ams-1"))

    def problem():
        return filtered.show_json().get("regionPreference", {}).get("east-su", {}).get("problem")
    assert "east-us" in wait_for("the problem", problem)


def test_what_a_peering_advertises_reaches_the_module(filtered):
    filtered.configure(use("advertise prefix-list OURS\nadvertise limit ipv4 100\n"
                           "advertise priority 10.1.0.0/16 200\n"
                           "advertise priority 2001:db8::/32 9"))
    with FakeBgpd(filtered) as module:
        module.take_config()
        assert (PEERING, ("ams-1", "private", "ipv4", "m365", "OURS", 100, "", "")) in module.policy
        assert (PRIORITY, ("ams-1", "private", "ipv4", "10.1.0.0/16", 200)) in module.policy
        # the peering runs no session of that family
        assert not [v for kind, v in module.policy if kind == PRIORITY and v[2] == "ipv6"]


def test_ten_thousand_communities(filtered):
    entries = ["allow community %d:%d" % (65000 + n // 5000, n % 5000) for n in range(10000)]
    with FakeBgpd(filtered) as module:
        module.take_config()
        filtered.configure(lines("route-filter large", *entries))
        # nobody reads, and nobody waits for it
        wait_for("the filter", lambda: state_of(filtered, "large")["communities"] == 10000)
        assert "ams-1" in filtered.show("show expressroute")
        module.take_config()
        assert len(allowed(module)["large"]) == 10000
        filtered.configure(lines("no route-filter large"))
        module.take_config()
        assert "large" not in allowed(module)


def test_counts_that_bgpd_sends_are_served(filtered):
    peering = ("ams-1", "private", "ipv4")
    with FakeBgpd(filtered) as module:
        module.up()
        for body in counts(peering, {"12076:5010": (True, 40, 2), "12076:5060": (False, 0, 7)}):
            module.send(body)

        def served():
            state = state_of(filtered, "m365")
            return state["allowed"]["12076:5010"].get("accepted") == 40 and state
        state = wait_for("the counts", served)
        assert state["allowed"]["12076:5010"]["refused"] == 2
        assert state["refused"]["12076:5060"]["refused"] == 7
        assert state["allowed"]["12076:5040"]["accepted"] == 0
        # all of the peering's counts at once: what is not among them is 0
        for body in counts(peering, {"12076:5040": (True, 3, 0)}):
            module.send(body)
        state = wait_for("the next", lambda: state_of(filtered, "m365")["allowed"]["12076:5040"]
                         ["accepted"] == 3 and state_of(filtered, "m365"))
        assert state["allowed"]["12076:5010"]["accepted"] == 0
        assert "12076:5060" not in state.get("refused", {})
        # a count without its end does not count
        unfinished = list(counts(peering, {"12076:5040": (True, 999, 0)}))[:-1]
        for body in unfinished:
            module.send(body)
        # one of nobody's circuit does no harm
        for body in counts(("nobody", "private", "ipv4"), {"12076:5040": (True, 1, 0)}):
            module.send(body)
        module.synced(1)
        assert state_of(filtered, "m365")["allowed"]["12076:5040"]["accepted"] == 3
    wait_for("bgpd's end",
             lambda: state_of(filtered, "m365")["allowed"]["12076:5040"].get("accepted", 0) == 0)


def test_filter_changes_are_notified_creation_and_deletion_are_not(filtered):
    with Frontend(filtered) as client:
        client.subscribe()
        filtered.configure(lines("route-filter new", "allow community 65001:1"))
        filtered.configure(lines("no route-filter new"))
        filtered.configure(lines("route-filter m365", "no allow community 12076:5040",
                                 "allow community 65001:1", "allow community 65001:2"))
        name, leaves = client.notification()
        assert name == "filter-changed"
        assert leaves["route-filter"] == "m365"
        assert (leaves["added"], leaves["removed"]) == (2, 1)
        assert leaves["communities"] == state_of(filtered, "m365")["communities"]


def test_a_filter_deleted_while_mgmtd_was_away_is_gone_after_the_hold(bare):
    bare.start("mgmtd")
    bare.start("erouted", "--config-hold", "2")
    bare.configure(circuit())
    bare.configure(FILTERS)
    bare.configure(use("route-filter m365"))
    bare.configure(lines("region-preference east-us circuit ams-1"))
    with FakeBgpd(bare) as module:
        until(module, "the filter", lambda: "m365" in allowed(module) and
              [v for kind, v in module.policy if kind == REGION])
        before = module.policy
        bare.stop("mgmtd")
        bare.start("mgmtd")
        # all comes back but one filter, one name and the preference
        bare.configure(circuit())
        bare.configure(FILTERS.replace("route-filter nothing\nexit-route-filter\n", "")
                       .replace("community hub value 65001:77\n", "")
                       .replace(" allow community hub\n", ""))
        bare.configure(use("route-filter m365"))
        # until the hold is over the module is told of nothing less
        sets = []

        def gone():
            module.take_config()
            sets.append(allowed(module))
            return "nothing" not in sets[-1]
        wait_for("the sweep", gone)
        assert all("m365" in filters for filters in sets)
        assert not [v for kind, v in module.policy if kind == REGION]
        assert "65001:77" not in allowed(module)["m365"]
        assert [v for kind, v in before if kind == PEERING] == \
               [v for kind, v in module.policy if kind == PEERING]
    log = bare.log("erouted")
    assert "route-filter nothing is gone" in log
    assert "community hub is gone" in log
    assert "region-preference east-us is gone" in log
    assert "circuit ams-1 is gone" not in log


def test_a_module_gets_no_filter_before_the_configuration_is_known(bare):
    bare.start("erouted")
    with FakeBgpd(bare) as module:
        bare.start("mgmtd")
        bare.configure(circuit() + FILTERS + use("route-filter m365"))
        kind, _ = module.next()
        assert kind == frrlab.HELLO
        kind, _ = module.next()
        assert kind == CONFIG_BEGIN
        module.take_config()
        assert "m365" in allowed(module)


def test_erouted_ends_with_nothing_left(filtered):
    filtered.configure(lines("region-preference east-us circuit ams-1"))
    filtered.configure(use("advertise priority 10.1.0.0/16 200"))
    with FakeBgpd(filtered) as module:
        module.up()
        for body in counts(("ams-1", "private", "ipv4"), {"12076:5010": (True, 40, 2)}):
            module.send(body)
        module.send(list(counts(("ams-1", "private", "ipv4"), {}))[0])
        wait_for("the counts", lambda: state_of(filtered, "m365")["allowed"]["12076:5010"].get(
            "accepted") == 40)
        # a sanitised erouted would end with another code
        assert filtered.stop("erouted") == 0
