# SPDX-License-Identifier: GPL-2.0-or-later
"""The audit as it is shown, served, told of and kept: the rules themselves are core's tests."""

import json
import re
import time

import pytest

from frrlab import FakeBgpd, Frontend, circuit, rib, session_state, wait_for
from test_erouted_metrics import free_port, get, listens, value

PEERING = ("ams-1", "private", "ipv4")
PRIMARY = PEERING + ("primary",)
LOST = "private ipv4: the session of primary is not established"


def audit(lab, name="ams-1"):
    shown = json.loads(lab.show("show expressroute audit json"))["audit"]
    return shown["circuit"][name]


def verdict(lab, rule, name="ams-1"):
    return audit(lab, name)["rule"][rule]["verdict"]


def lose(module):
    module.send(session_state(PRIMARY, "active", bfd="down", last_reset="BFD down received",
                              reset=int(time.time())))


def regain(module):
    module.send(session_state(PRIMARY, "established", accepted=5, advertised=1,
                              established=int(time.time())))


@pytest.fixture
def watched(configured):
    """A circuit whose links are up, and whose audit is being watched."""
    with FakeBgpd(configured) as module:
        module.up()
        wait_for("the first look", lambda: audit(configured)["watched"])
        yield configured, module


def test_each_rule_has_a_verdict_with_evidence_and_advice(configured):
    with FakeBgpd(configured) as module:
        module.up()
        wait_for("the sessions", lambda: verdict(configured, "sessions") == "pass")
        shown = audit(configured)
        rules = shown["rule"]
        assert len(rules) == 25
        assert rules["ERC-4"]["evidence"] == "BFD is up on 2 of 2 established sessions"
        # both links over lo
        assert rules["ERC-2"]["verdict"] == "fail" and rules["ERC-2"]["advice"]
        assert rules["ERC-6"]["verdict"] == "not-applicable"
        assert all(("advice" in rule) == (rule["verdict"] in ("warn", "fail"))
                   for rule in rules.values())
        by_verdict = [[r for r in rules.values() if r["verdict"] == v]
                      for v in ("pass", "warn", "fail", "not-applicable")]
        passed, warned, failed, _ = counts = [len(rules) for rules in by_verdict]
        assert counts == [shown[k] for k in ("passed", "warned", "failed", "notApplicable")]
        assert shown["score"] == (100 * passed + 50 * warned) // (passed + warned + failed)


def test_the_screen_has_the_worst_first_and_says_what_cannot_be_seen(configured):
    with FakeBgpd(configured) as module:
        module.up()
        wait_for("the sessions", lambda: verdict(configured, "sessions") == "pass")
        screen = configured.show("show expressroute audit")
        assert max(map(len, screen.splitlines())) <= 80
        words = re.findall(r"^  (FAIL|WARN|pass|n/a) ", screen, re.M)
        assert words == sorted(words, key=["FAIL", "WARN", "pass", "n/a"].index)
        assert re.search(r"^Circuit ams-1: \d+ of 100, 1 fail, ", screen, re.M)
        assert "  FAIL ERC-2: private ipv4: both links run over one interface\n" in screen
        assert "       To do: Give each link an interface of its own" in screen
        unseen = screen.split("What cannot be seen from this router:\n")[1]
        assert "whether the gateway in Azure is zone-redundant" in unseen
        cannot = json.loads(configured.show("show expressroute audit json"))["audit"]["cannotSee"]
        # each begins a line, and may go on in the next
        assert len(cannot) == len(re.findall(r"^    \S", unseen, re.M))


def test_mgmtd_has_it_as_state(configured):
    with FakeBgpd(configured) as module:
        module.up()
        wait_for("the sessions", lambda: verdict(configured, "sessions") == "pass")
        data = json.loads(configured.show(
            "show mgmt get-data /frr-expressroute:expressroute/audit json", "mgmtd"))
        (served,) = data["frr-expressroute:expressroute"]["audit"]["circuit"]
        shown = audit(configured)
        assert (served["name"], served["score"]) == ("ams-1", shown["score"])
        assert {rule["name"]: rule["verdict"] for rule in served["rule"]} == {
            name: rule["verdict"] for name, rule in shown["rule"].items()}


def test_one_circuit_is_asked_for_by_name(configured):
    configured.configure(circuit("par-1", 101))
    wait_for("two", lambda: "par-1" in configured.show("show expressroute"))
    both = configured.show("show expressroute audit")
    assert "Circuit ams-1:" in both and "Circuit par-1:" in both
    one = configured.show("show expressroute audit circuit par-1")
    assert "Circuit par-1:" in one and "ams-1" not in one
    shown = json.loads(configured.show("show expressroute audit circuit par-1 json"))
    assert list(shown["audit"]["circuit"]) == ["par-1"]
    assert "There is no circuit 'x'" in configured.show("show expressroute audit circuit x")
    assert json.loads(configured.show("show expressroute audit circuit x json")) == {}


def test_without_circuits_it_says_so(lab):
    assert lab.show("show expressroute audit").strip().endswith(
        "There is no circuit: 'circuit NAME' below 'expressroute' makes one")


def test_without_bgpd_nothing_is_claimed_of_sessions(configured):
    rules = audit(configured)["rule"]
    for rule in "sessions", "ERC-4", "maintenance", "limits":
        assert rules[rule]["verdict"] == "not-applicable"
        assert rules[rule]["evidence"] == "not known: bgpd has not told of the sessions"


def test_peering_locations_are_compared(configured):
    configured.merge({"circuit": [{"name": "ams-1", "peering-location": "Amsterdam"}]})
    configured.configure(circuit("fra-1", 101))
    wait_for("two", lambda: verdict(configured, "ERC-1") == "warn")
    configured.merge({"circuit": [{"name": "fra-1", "peering-location": "Amsterdam"}]})
    wait_for("one place", lambda: verdict(configured, "ERC-1") == "fail")
    configured.merge({"circuit": [{"name": "fra-1", "peering-location": "Frankfurt"}]})
    wait_for("two places", lambda: verdict(configured, "ERC-1") == "pass")
    assert verdict(configured, "ERC-1", "fra-1") == "pass"


def test_a_verdict_that_changes_is_notified_logged_and_remembered(watched):
    lab, module = watched
    with Frontend(lab) as frontend:
        frontend.subscribe()

        def change():
            while True:
                name, leaves = frontend.notification()
                if name == "audit-change":
                    return leaves

        before = audit(lab)["score"]
        lose(module)
        leaves = change()
        assert leaves["circuit"] == "ams-1" and leaves["rule"] == "sessions"
        assert (leaves["previous"], leaves["verdict"]) == ("pass", "fail")
        assert leaves["evidence"] == LOST and "SLA" in leaves["advice"]
        assert leaves["score"] == audit(lab)["score"] < before
        regain(module)
        leaves = change()
        assert (leaves["previous"], leaves["verdict"]) == ("fail", "pass")
        assert "advice" not in leaves and leaves["score"] == before
    assert "audit: circuit ams-1 sessions is fail, was pass: " + LOST in lab.log("erouted")
    kept = json.loads(lab.show("show expressroute history json"))["history"]
    fail, passed = [entry for entry in kept if entry["aspect"] == "audit"]
    assert (fail["circuit"], fail["name"], fail["state"]) == ("ams-1", "sessions", "fail")
    assert fail["text"] == LOST and "family" not in fail and "peering" not in fail
    assert passed["before"] == "fail" and passed["lasted"] >= 0
    words = " ".join(lab.show("show expressroute history ams-1").split())
    assert "ams-1 audit sessions fail, was pass: " + LOST in words


def test_a_start_tells_nothing(watched):
    lab, _ = watched
    # the first look has been; whatever it has found was there before
    assert verdict(lab, "ERC-2") == "fail"
    assert "audit: circuit" not in lab.log("erouted")


def test_metrics_have_the_score_and_each_verdict(watched):
    lab, module = watched
    port = free_port()
    lab.configure("expressroute\n metrics port %d\nexit-expressroute" % port)
    wait_for("metrics", listens(port))
    assert verdict(lab, "ERC-5") == "pass"
    text = get(port)[2]
    assert value(text, "audit_score", circuit="ams-1") == audit(lab)["score"]
    for rule, found in audit(lab)["rule"].items():
        for word in "pass", "warn", "fail", "not-applicable":
            assert value(text, "audit_verdict", circuit="ams-1", rule=rule,
                         verdict=word) == (found["verdict"] == word)
    lose(module)
    wait_for("the loss", lambda: value(get(port)[2], "audit_verdict", circuit="ams-1",
                                       rule="sessions", verdict="fail"))


def test_drain_and_lost_parity_are_found(watched):
    lab, module = watched
    module.send(rib(PEERING, both=5, drained=(5, 0)))
    wait_for("the drain", lambda: verdict(lab, "maintenance") == "warn")
    module.send(rib(PEERING, both=5, only=(2, 0)))
    wait_for("lost parity", lambda: verdict(lab, "same-routes") == "fail")
    assert verdict(lab, "maintenance") == "pass"


def test_the_age_of_the_backups_test_is_part_of_it(configured):
    configured.configure("""
expressroute
 vpn-backup azure
  circuit ams-1
  gateway 0
   neighbor 10.255.0.4
  exit
 exit
exit-expressroute
""")
    wait_for("the backup", lambda: verdict(configured, "vpn-test") == "warn")
    rule = audit(configured)["rule"]["vpn-test"]
    assert rule["evidence"].startswith("no failover test of azure has passed yet")
    assert "failover-test" in rule["advice"]
    configured.configure(
        "expressroute\n vpn-backup azure\n  test-interval 0\n exit\nexit-expressroute")
    wait_for("no interest", lambda: verdict(configured, "vpn-test") == "not-applicable")
