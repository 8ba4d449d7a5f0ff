# SPDX-License-Identifier: GPL-2.0-or-later
"""What is let in and out, as state, JSON, screens, notifications and log lines."""

import json
import os
import re
import shutil
import signal
import subprocess
import threading
import time

import pytest

import frrlab
from frrlab import (FakeBgpd, Frontend, answer, answer_end, counts, rib, said, session_state,
                    wait_for)

POLICY = """
expressroute
community hr-vnet value 12076:20001
route-filter m365
 allow service exchange-online
 allow service storage region east-us
 allow region west-europe
 allow community 12076:20002
 allow community hr-vnet
exit
route-filter empty
exit
circuit ams-1
 geography europe
 redundancy active-passive
 peering private
  router-as 65001
  prepend 2
  advertise 10.0.0.0/8
  advertise limit ipv4 20
  advertise limit ipv6 10
  link primary
   interface {a}
   ipv4-subnet 192.168.100.0/30
   ipv6-subnet 2001:db8:100::/126
  exit
  link secondary
   interface {b}
   ipv4-subnet 192.168.100.4/30
   ipv6-subnet 2001:db8:100::4/126
  exit
 exit
 peering microsoft
  router-as 64999
  vlan 300
  route-filter m365
  route-map MS-IN in
  route-map MS-OUT out
  advertise prefix-list PUBLIC
  advertise 198.51.100.0/24
  link primary
   interface {a}
   ipv4-subnet 203.0.113.0/30
  exit
  link secondary
   interface {b}
   ipv4-subnet 203.0.113.4/30
  exit
 exit
exit
region-preference west-europe circuit ams-1
exit-expressroute
"""

PRIVATE, PRIVATE6 = ("ams-1", "private", "ipv4"), ("ams-1", "private", "ipv6")
MICROSOFT = ("ams-1", "microsoft", "ipv4")
HELD = ["10.9.%d.0/24" % i for i in range(8)]
COUNTS = {
    "12076:5010": (True, 480, 0),
    "12076:51002": (True, 20, 1),
    "12076:51004": (False, 0, 20000),
    "12076:5020": (False, 0, 5000),
    "65000:1": (False, 0, 1),
}


def configure(lab, a="lo", b="lo"):
    lab.configure(POLICY.format(a=a, b=b))
    wait_for("the circuit", lambda: "ams-1" in lab.show("show expressroute"))


@pytest.fixture
def policy(lab):
    configure(lab)
    return lab


def tell(module, peering, accepted=5, advertised=1, **facts):
    """Both sessions of a peering, and how they compare."""
    for role in ("primary", "secondary"):
        module.send(session_state(peering + (role,), "established", accepted=accepted,
                                  advertised=advertised, established=int(time.time())))
    module.send(rib(peering, both=accepted, **facts))


def up(module):
    generation = module.take_config()
    tell(module, PRIVATE, refused={"own-prefix": 1})
    tell(module, PRIVATE6)
    tell(module, MICROSOFT, accepted=500, refused={"filter": 25000, "default-route": 2})
    for message in counts(MICROSOFT, COUNTS):
        module.send(message)
    module.synced(generation)


def family(lab, peering=PRIVATE):
    circuit = lab.show_json()["circuit"][peering[0]]
    return circuit["peering"][peering[1]]["state"]["family"][peering[2]]


def policy_filter(lab, name="m365"):
    return lab.show_json("show expressroute route-filter %s json" % name)["routeFilter"][name]


def ask(lab, command):
    """The command's output, when it is there: it waits for bgpd."""
    shown = []

    def run():
        try:
            shown.append(lab.show(command))
        except (OSError, frrlab.VtyError) as error:
            shown.append(str(error))
    thread = threading.Thread(target=run, daemon=True)
    thread.start()

    def result():
        thread.join(frrlab.DEADLINE)
        return shown[0]
    return result


#
# State
#


def test_a_filter_tells_what_it_lets_in_and_keeps_out(policy):
    with FakeBgpd(policy) as module:
        up(module)
        state = wait_for("the counts", lambda: "refused" in policy_filter(policy)["state"]
                         and policy_filter(policy)["state"])
        allowed, refused = state["allowed"], state["refused"]
        assert allowed["12076:5010"]["accepted"] == 480
        assert allowed["12076:5010"]["name"] == "Exchange Online"
        assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ",
                            allowed["12076:5010"]["lastChange"])
        assert allowed["12076:51002"]["refused"] == 1
        # allowed, but not seen
        assert allowed["12076:52004"]["accepted"] == allowed["12076:52004"]["refused"] == 0
        assert allowed["12076:20001"]["name"] == "hr-vnet" and "name" not in allowed["12076:20002"]
        assert state["communities"] == len(allowed)
        assert {name: c["refused"] for name, c in refused.items()} == {
            "12076:51004": 20000, "12076:5020": 5000, "65000:1": 1}
        assert policy_filter(policy, "empty")["state"]["communities"] == 0
        # a second peering with this filter: its counts are added
        policy.configure("expressroute\ncircuit ams-1\npeering private\nroute-filter m365\nexit\n"
                         "exit\nexit-expressroute\n")
        generation = module.take_config()
        for message in counts(PRIVATE, {"12076:51002": (True, 4, 0)}):
            module.send(message)
        module.synced(generation)
        wait_for("the sum", lambda: policy_filter(policy)["state"]["allowed"]["12076:51002"][
            "accepted"] == 24)
    # what bgpd counted goes with it
    wait_for("the end", lambda: "refused" not in policy_filter(policy)["state"])


def test_names_that_mean_nothing_are_problems(policy):
    policy.configure("expressroute\nroute-filter m365\nallow service exchnge-online\nexit\n"
                     "region-preference east-us-9 circuit ams-1\nexit-expressroute\n")
    problems = wait_for("the problem", lambda: policy_filter(policy)["state"].get("problem"))
    assert len(problems) == 1
    assert "exchnge-online" in problems[0] and "exchange-online" in problems[0]
    assert problems[0].split(",")[0] in policy.show("show expressroute route-filter m365")
    assert "PROBLEMS" in policy.show("show expressroute route-filter")
    assert any("exchnge-online" in w for w in family(policy, MICROSOFT)["warning"])
    regions = policy.show_json()["regionPreference"]
    assert "east-us-9" in regions["east-us-9"]["problem"]
    assert "problem" not in regions["west-europe"]


def test_a_microsoft_peering_without_a_filter_says_so(policy):
    policy.configure("expressroute\ncircuit ams-1\npeering microsoft\nno route-filter\nexit\nexit\n"
                     "exit-expressroute\n")
    warning = ("accepts nothing, having no route-filter: 'route-filter NAME' in the peering gives it "
               "one")
    wait_for("the warning", lambda: warning in family(policy, MICROSOFT).get("warning", []))
    assert warning in " ".join(policy.show("show expressroute").split())
    policy.configure("expressroute\ncircuit ams-1\npeering microsoft\nroute-filter empty\nexit\n"
                     "exit\nexit-expressroute\n")
    wait_for("the other", lambda: "accepts nothing: route-filter empty allows nothing: 'allow' in it does"
             in family(policy, MICROSOFT).get("warning", []))
    # what is shut down is as it should be
    policy.configure("expressroute\ncircuit ams-1\nshutdown\nexit\nexit-expressroute\n")
    wait_for("silence", lambda: "warning" not in family(policy, MICROSOFT))


def test_refusals_are_told_by_rule_where_bgpd_knows_them(policy):
    with FakeBgpd(policy) as module:
        up(module)
        wait_for("the facts", lambda: family(policy, MICROSOFT).get("refused"))
        assert family(policy, MICROSOFT)["refused"] == {
            "filter": {"rule": "filter", "prefixes": 25000},
            "default-route": {"rule": "default-route", "prefixes": 2}}
        assert "refused" not in family(policy, PRIVATE6)
        detail = policy.show("show expressroute circuit ams-1 detail")
        assert "refused, of both links: default-route 2, filter 25000" in detail
        assert "refused: not known, bgpd does not keep what it received" in detail


def test_show_and_yang_tell_the_same_of_policy(policy):
    with FakeBgpd(policy) as module:
        up(module)
        tell(module, PRIVATE, advertised=20, held=9, held_prefixes=HELD, out_only=(1, 2))
        wait_for("the facts", lambda: family(policy)["advertised"]["held"] == 9)
        shown = policy.show_json()
        yang = json.loads(policy.show("show mgmt get-data /frr-expressroute:expressroute",
                                      "mgmtd"))["frr-expressroute:expressroute"]
    state = {f["name"]: f["state"] for f in yang["route-filter"]}["m365"]
    assert {a["community"]: a["accepted"] for a in state["allowed"]} == {
        name: a["accepted"] for name, a in shown["routeFilter"]["m365"]["state"]["allowed"].items()}
    peering = {p["type"]: p for p in yang["circuit"][0]["peering"]}["private"]
    ipv4 = {f["name"]: f for f in peering["state"]["family"]}["ipv4"]
    assert ipv4["advertised"] == {"count": 20, "limit": 20, "level": "full", "held": 9,
                                  "held-prefix": HELD}
    assert ipv4["parity"]["advertised-primary-only"] == 1
    assert ipv4["parity"]["advertised-secondary-only"] == 2
    assert ipv4["warning"] == shown["circuit"]["ams-1"]["peering"]["private"]["state"][
        "family"]["ipv4"]["warning"]
    catalogue = yang["state"]["catalogue"]
    assert catalogue["communities"] > 200 and "imported" not in catalogue
    assert shown["state"]["catalogue"]["communities"] == catalogue["communities"]


#
# Notifications and log lines
#


def test_each_level_of_a_limit_is_a_notification_and_a_log_line(policy):
    with FakeBgpd(policy) as module, Frontend(policy) as frontend:
        up(module)
        wait_for("the facts", lambda: family(policy)["advertised"]["count"] == 1)
        frontend.subscribe()
        # the subscription reaches erouted before this does
        time.sleep(0.3)
        seen = []
        for advertised, held, level in ((16, 0, "warning"), (19, 0, "critical"), (20, 9, "full"),
                                        (2, 0, "ok")):
            module.send(rib(PRIVATE, both=5, held=held, held_prefixes=HELD[:held and 8]))
            for role in ("primary", "secondary"):
                module.send(session_state(PRIVATE + (role,), "established", accepted=5,
                                          advertised=advertised, established=1))
            while not seen or seen[-1]["level"] != level:
                name, leaves = frontend.notification()
                if name == "limit-warning":
                    seen.append(leaves)
        levels = [leaves["level"] for leaves in seen]
        full = seen[levels.index("full")]
        assert full["held"] == 9 and full["held-prefix"] == HELD
        assert full["direction"] == "advertised" and full["limit"] == 20
        assert [leaves["previous"] for leaves in seen] == ["ok"] + levels[:-1]
    lines = [line for line in said(policy) if "advertised prefixes" in line]
    assert lines[0] == "circuit ams-1 private ipv4: 16 of 20 advertised prefixes: warning, was ok"
    assert any("at the limit" in line and "9 held back: 10.9.0.0/24, " in line
               and line.endswith("10.9.7.0/24, ...") for line in lines)
    assert lines[-1].startswith("circuit ams-1 private ipv4: 2 of 20 advertised prefixes: ok, was ")


def test_a_changed_filter_is_told_once(policy):
    def lines():
        return [line for line in policy.log("erouted").splitlines() if "route-filter m365" in line]
    before = len(lines())
    with Frontend(policy) as frontend:
        frontend.subscribe()
        time.sleep(0.3)
        allowed = policy_filter(policy)["state"]["communities"]
        policy.configure("expressroute\nroute-filter m365\nallow community 12076:5020\n"
                         "no allow service storage region east-us\n"
                         "no allow community 12076:20002\nexit\nexit-expressroute\n")
        assert frontend.notification() == ("filter-changed", {
            "route-filter": "m365", "communities": allowed - 1, "added": 1, "removed": 2})
    wait_for("the line", lambda: len(lines()) == before + 1)
    assert lines()[-1].endswith("route-filter m365 allows %d communities now: 1 more, 2 less"
                                % (allowed - 1))


def test_the_codes_of_policy_are_explained(policy):
    first = 0x45000001 + 18
    for code in range(first, first + 7):
        assert "ExpressRoute" in policy.show("show error %d" % code)


#
# Screens
#


def test_screens_fit_a_terminal(policy):
    with FakeBgpd(policy) as module:
        up(module)
        tell(module, PRIVATE, advertised=20, held=9, held_prefixes=HELD)
        tell(module, MICROSOFT, refused=dict.fromkeys(frrlab.RULES[1:9], 1000000))
        wait_for("the facts", lambda: family(policy)["advertised"]["held"] == 9)
        for command, width in (("show expressroute", 100),
                               ("show expressroute route-filter", 80),
                               ("show expressroute route-filter m365", 80),
                               ("show expressroute route-filter m365 detail", 80),
                               ("show expressroute limits", 80)):
            for line in policy.show(command).splitlines():
                assert len(line) <= width, line


def test_the_circuit_says_what_is_let_in_and_out(policy):
    with FakeBgpd(policy) as module:
        up(module)
        tell(module, PRIVATE, advertised=20, held=9, held_prefixes=HELD)
        wait_for("the facts", lambda: family(policy)["advertised"]["held"] == 9)
        shown = policy.show("show expressroute")
    assert re.search(r"microsoft +ipv4 +m365 +500 +25002 +1 of 200\n", shown)
    assert re.search(r"private +ipv4 +- +5 of 1000 +- +20 of 20 FULL\n", shown)
    assert "holds back 9 prefixes at the limit of 20" in shown
    assert "held back: 10.9.0.0/24, " in shown
    # what is well is short
    assert not re.search(r"private +ipv6 +- +5", shown)


def test_a_filter_is_shown_by_service_and_by_community(policy):
    with FakeBgpd(policy) as module:
        up(module)
        wait_for("the counts", lambda: "refused" in policy_filter(policy)["state"])
        shown = policy.show("show expressroute route-filter m365")
        detail = policy.show("show expressroute route-filter m365 detail")
    assert "used by ams-1 microsoft ipv4" in shown
    assert "refused by rule, of both links: default-route 2, filter 25000" in shown
    allowed, refused = shown.split("Keeps out now")
    assert re.search(r"Exchange Online +1 +480 +0", allowed) and "Storage" not in allowed
    assert re.search(r"SharePoint Online +1 +5000", refused)
    assert re.search(r"\(unknown\) +1 +1\n", refused)
    assert re.search(r"Storage +East US +12076:52004 +0 +0", detail)
    assert re.search(r"\(region\) +East US +12076:51004 +20000", detail)
    assert "There is no route-filter 'nobody'" in policy.show("show expressroute route-filter nobody")


def test_limits_are_shown_with_their_percentage(policy):
    with FakeBgpd(policy) as module:
        up(module)
        tell(module, PRIVATE, advertised=19)
        wait_for("the facts", lambda: family(policy)["advertised"]["count"] == 19)
        shown = policy.show("show expressroute limits")
        limits = policy.show_json("show expressroute limits json")["circuit"]["ams-1"]
    assert re.search(r"ams-1 +private +ipv4 +advertised +19 +20 +95 +CRITICAL +0\n", shown)
    assert re.search(r"ams-1 +private +ipv6 +advertised +1 +10 +10 +ok +0\n", shown)
    assert re.search(r"ams-1 +microsoft +ipv4 +received +500 +- +- +ok +-\n", shown)
    assert limits["private"]["ipv4"]["advertised"] == {
        "count": 19, "limit": 20, "level": "critical", "held": 0}
    assert "limit" not in limits["microsoft"]["ipv4"]["received"]


def test_held_prefixes_are_asked_of_bgpd(policy):
    with FakeBgpd(policy) as module:
        up(module)
        wait_for("the facts", lambda: "own-prefix" in family(policy)["refused"])
        for command in ("show expressroute held-prefixes",
                        "show expressroute held-prefixes json"):
            shown = ask(policy, command)
            number, what, _, _ = module.asked()
            assert what == "held"
            # others are served while this one waits
            assert "ams-1" in policy.show("show expressroute summary")
            for net in HELD[:2]:
                module.send(answer(number, "priority 0: for all", session=PRIVATE + ("primary",), net=net,
                                   rule="limit", verdict="refuse"))
            module.send(answer_end(number))
            out = shown()
            if "json" not in command:
                assert "ams-1 private ipv4: 2 prefixes held back" in out
                assert re.search(r"10.9.1.0/24 +priority 0\n", out)
        assert json.loads(out) == {"heldPrefix": [
            {"circuit": "ams-1", "peering": "private", "family": "ipv4", "prefix": net,
             "reason": "priority 0: for all"} for net in HELD[:2]]}
        shown = ask(policy, "show expressroute held-prefixes circuit ams-1")
        number, _, _, _ = module.asked()
        for session in (PRIVATE, PRIVATE6, ("fra-1", "private", "ipv4")):
            net = "10.9.0.0/24" if session[2] == "ipv4" else "2001:db8:9::/48"
            module.send(answer(number, "priority 0", session=session + ("primary",), net=net))
        module.send(answer_end(number))
        shown = shown()
        assert "ams-1 private ipv4: 1 prefix held back" in shown and "2001:db8:9::/48" in shown
        assert "fra-1" not in shown
        shown = ask(policy, "show expressroute held-prefixes")
        module.send(answer_end(module.asked()[0]))
        assert "No prefix is held back" in shown()


NET = "40.96.0.0/13"


def explain(module, number):
    primary, secondary = MICROSOFT + ("primary",), MICROSOFT + ("secondary",)
    for stage, session, rule, verdict, words in (
            ("inbound", primary, "none", "info", "AS path 12076, communities 12076:5010 12076:20001"),
            ("inbound", primary, "first-as", "pass", "12076 is Microsoft's AS"),
            ("inbound", primary, "filter", "pass", "route-filter m365 allows 12076:5010"),
            ("inbound", secondary, "none", "info", "AS path 12076, communities 65000:1 1:2:3"),
            ("inbound", secondary, "filter", "refuse", "route-filter m365 allows none"),
            ("best", None, "none", "info", "from 203.0.113.2, local-preference 150"),
            ("outbound", PRIVATE + ("primary",), "not-advertised", "refuse", "in no set")):
        key = {"session": session} if session else {}
        module.send(answer(number, words, stage=stage, net=NET, rule=rule, verdict=verdict, **key))
    module.send(answer_end(number))


def test_a_route_is_explained_step_by_step(policy):
    with FakeBgpd(policy) as module:
        up(module)
        wait_for("the facts", lambda: "own-prefix" in family(policy)["refused"])
        shown = ask(policy, "show expressroute route 40.97.1.1")
        number, what, net, _ = module.asked()
        assert (what, net) == ("route", "40.97.1.1/32")
        explain(module, number)
        shown = shown()
        steps = ask(policy, "show expressroute route 40.96.0.0/13 json")
        number, _, net, _ = module.asked()
        assert net == NET
        explain(module, number)
        steps = json.loads(steps())
    inbound, rest = shown.split("Best path, 40.96.0.0/13\n")
    for role in ("primary", "secondary"):
        assert "In by ams-1 microsoft %s, 40.96.0.0/13\n" % role in inbound
    assert "12076:5010 (Exchange Online)" in " ".join(inbound.split())
    assert "12076:20001 (hr-vnet)" in " ".join(inbound.split())
    # nobody's name, and a large community is none
    assert "65000:1 1:2:3" in " ".join(inbound.split())
    assert re.search(r"  ok +first-as +12076 is Microsoft's AS", inbound)
    assert re.search(r"  REFUSE +filter +route-filter m365 allows none", inbound)
    best, rest = rest.split("FIB, VRF default: ")
    assert "from 203.0.113.2" in best
    assert rest.startswith("zebra is not connected")
    assert "Out by ams-1 private primary" in rest
    assert all(len(line) <= 80 for line in shown.splitlines())
    assert steps["step"][0] == {
        "stage": "inbound", "circuit": "ams-1", "peering": "microsoft", "family": "ipv4",
        "link": "primary", "prefix": NET, "rule": "none", "verdict": "info",
        "text": "AS path 12076, communities 12076:5010 (Exchange Online) 12076:20001 (hr-vnet)"}
    assert steps["step"][5]["stage"] == "best-path" and "circuit" not in steps["step"][5]
    assert steps["fib"] == [{"vrf": "default", "problem": "zebra is not connected"}]


def test_each_vrf_has_its_own_fib(policy):
    policy.configure("expressroute\ncircuit ams-1\npeering microsoft\nvrf red\nexit\nexit\n"
                     "exit-expressroute\n")
    with FakeBgpd(policy) as module:
        up(module)
        wait_for("the facts", lambda: "own-prefix" in family(policy)["refused"])
        shown = ask(policy, "show expressroute route 40.97.1.1")
        number = module.asked()[0]
        # bgpd tells VRF by VRF
        for peering in (MICROSOFT, PRIVATE):
            module.send(answer(number, "received", session=peering + ("primary",), net=NET))
            module.send(answer(number, "best", stage="best", net=NET))
            module.send(answer(number, "advertised", stage="outbound",
                               session=peering + ("primary",), net=NET))
        module.send(answer_end(number))
        titles = [line.split(",")[0] for line in shown().splitlines()
                  if line.startswith(("In by", "Best", "FIB", "Out by"))]
        assert titles == ["In by ams-1 microsoft primary", "Best path", "FIB",
                          "Out by ams-1 microsoft primary",
                          "In by ams-1 private primary", "Best path", "FIB",
                          "Out by ams-1 private primary"]
        shown = ask(policy, "show expressroute route 40.97.1.1 json")
        module.send(answer_end(module.asked()[0]))
        assert sorted(fib["vrf"] for fib in json.loads(shown())["fib"]) == ["default", "red"]


def test_a_question_without_bgpd_ends(policy):
    shown = policy.show("show expressroute route 40.97.1.1")
    assert "FIB, VRF default" in shown and "% " in shown
    with FakeBgpd(policy) as module:
        up(module)
        wait_for("the facts", lambda: "own-prefix" in family(policy)["refused"])
        shown = ask(policy, "show expressroute held-prefixes")
        module.asked()
    assert "% " in shown()
    assert policy.procs["erouted"].poll() is None


#
# The FIB
#


@pytest.fixture
def ports():
    """Two ports with the circuit's addresses."""
    def ip(command):
        return subprocess.run(["ip", *command.split()]).returncode
    for n, address, address6 in ((1, "192.168.100.1/30", "2001:db8:100::1/126"),
                                 (2, "192.168.100.5/30", "2001:db8:100::5/126")):
        assert ip("link add erp%d type veth peer name erq%d" % (n, n)) == 0
        for command in ("link set erp%d up", "link set erq%d up"):
            ip(command % n)
        ip("addr add %s dev erp%d" % (address, n))
        ip("addr add %s dev erp%d nodad" % (address6, n))
    yield ip
    for n in (1, 2):
        ip("link del erp%d" % n)


def test_the_fib_is_what_zebra_has_installed(bare, ports):
    for daemon in ("mgmtd", "zebra", "staticd", "erouted"):
        bare.start(daemon)
    configure(bare, "erp1", "erp2")
    bare.configure("ip route 40.96.0.0/13 192.168.100.2\nip route 40.96.0.0/13 192.168.100.6\n"
                   "ip route 40.128.0.0/9 blackhole\n"
                   "ipv6 route 2603:1000::/24 2001:db8:100::2\n")
    wait_for("the routes", lambda: "2603:1000::/24" in bare.show("show ipv6 route", "zebra")
             and "40.128.0.0/9" in bare.show("show ip route", "zebra"))

    def fib(module, prefix):
        shown = ask(bare, "show expressroute route %s json" % prefix)
        module.send(answer_end(module.asked()[0]))
        (found,) = json.loads(shown())["fib"]
        return found

    with FakeBgpd(bare) as module:
        up(module)
        found = wait_for("the route", lambda: "prefix" in fib(module, "40.97.1.1")
                         and fib(module, "40.97.1.1"))
        assert (found["vrf"], found["prefix"], found["protocol"]) == ("default", NET, "static")
        assert sorted(hop["gateway"] for hop in found["nextHop"]) == [
            "192.168.100.2", "192.168.100.6"]
        assert sorted(hop["interface"] for hop in found["nextHop"]) == ["erp1", "erp2"]
        assert fib(module, "40.129.0.0/16")["nextHop"] == [{"blackhole": True}]
        assert fib(module, "192.168.100.2")["nextHop"] == [{"interface": "erp1"}]
        found = fib(module, "2603:1000:1::/48")
        assert found["prefix"] == "2603:1000::/24"
        assert found["nextHop"] == [{"gateway": "2001:db8:100::2", "interface": "erp1"}]
        assert fib(module, "203.0.113.99") == {"vrf": "default"}
        shown = ask(bare, "show expressroute route 40.97.1.1")
        module.send(answer_end(module.asked()[0]))
        shown = shown()
        assert "FIB, VRF default: 40.96.0.0/13 by static, distance 1" in shown
        assert "via 192.168.100.2, erp1" in shown
        # a zebra that does not answer keeps nobody waiting
        bare.procs["zebra"].send_signal(signal.SIGSTOP)
        try:
            assert fib(module, "40.97.1.1")["problem"] == "zebra does not answer"
        finally:
            bare.procs["zebra"].send_signal(signal.SIGCONT)
        # and its late answer is nobody else's
        assert fib(module, "40.129.0.0/16")["prefix"] == "40.128.0.0/9"


#
# Plain FRR's words
#


def bgp_config(shown):
    """The lines of router bgp, and the others."""
    router, others, inside = [], [], False
    for line in shown.splitlines():
        if line.startswith("! in 'router bgp"):
            inside = True
        elif line.startswith(" ") and inside:
            router.append(line)
        elif not line.startswith("!"):
            inside = False
            others.append(line)
    return router, others


def test_plain_frr_takes_the_equivalent_configuration(policy):
    policy.configure("expressroute\ncircuit ams-1\npeering private\npassive-prepend 3\nexit\nexit\n"
                     "region-preference east-us circuit ams-1\nexit-expressroute\n")
    wait_for("the change", lambda: "65001 65001 65001 65001 65001"
             in policy.show("show expressroute circuit ams-1 bgp-config"))
    shown = policy.show("show expressroute circuit ams-1 bgp-config")
    router, others = bgp_config(shown)
    policy.start("zebra")
    policy.start("bgpd")
    with policy.vty("bgpd") as vty:
        vty.run("enable")
        vty.run("configure terminal")
        # a line that is not understood raises
        for line in others + ["route-map MS-IN permit 10", "exit", "route-map MS-OUT permit 10",
                              "exit", "router bgp 65010", *router, "exit"]:
            if not line.strip().startswith("!"):
                vty.run(line.strip())
    running = policy.show("show running-config", "bgpd")
    # and what is understood is kept, unless it is the default
    kept = " ".join(running.split())
    for line in others + router:
        words = " ".join(line.split())
        if not words.startswith(("exit", "!")) and not words.endswith(
                ("activate", "first-as", "bfd 3 300 300")):
            assert words in kept, words


def test_the_equivalent_configuration_has_the_rules_in_order(policy):
    shown = policy.show("show expressroute circuit ams-1 bgp-config")
    entry = re.findall(r"route-map ams-1-microsoft-primary-IN (\w+) \d+\n((?: .*\n)*)", shown)
    order = [(action, body.split("\n")[0].strip()) for action, body in entry]
    assert order == [
        ("deny", "match as-path EXPRESSROUTE-RESERVED"),
        ("deny", "match ip address prefix-list EXPRESSROUTE-PRIVATE"),
        ("deny", "match ip address prefix-list ams-1-microsoft-OWN"),
        ("deny", "match ipv6 address prefix-list EXPRESSROUTE-PRIVATE"),
        ("permit", "match community FILTER-m365"),
        ("deny", ""),
        ("permit", "call MS-IN"),
        ("permit", "match as-path EXPRESSROUTE-DRAINED"),
        ("permit", "match community ams-1-microsoft-primary-12076-51002"),
        ("permit", "set local-preference 150"),
    ]
    assert "set as-path prepend 65001 65001\n" in shown
    assert "neighbor 192.168.100.2 maximum-prefix-out 20" in shown
    assert "bgp community-list standard FILTER-m365 seq 5 permit 12076:5010" in shown
    policy.configure("expressroute\ncircuit ams-1\npeering microsoft\nroute-filter empty\nexit\n"
                     "exit\nexit-expressroute\n")
    # nothing passes: there is nothing behind the deny
    wait_for("the other", lambda: "ams-1-microsoft-primary-IN permit" not in
             policy.show("show expressroute circuit ams-1 bgp-config"))


MSEE = """
bgp community-list standard ANY permit 12076:5010
router bgp 12076
 bgp router-id 203.0.113.2
 no bgp ebgp-requires-policy
 no bgp network import-check
 neighbor 203.0.113.1 remote-as 3320
 neighbor 203.0.113.1 timers connect 1
 neighbor 203.0.113.1 disable-connected-check
 address-family ipv4 unicast
{networks} exit-address-family
exit
{maps}"""

# prefix -> what Microsoft's side sets, and the local-preference that is due; None: refused
ROUTES = {
    "40.1.0.0/16": ("set community 12076:5010", 150),
    "40.2.0.0/16": ("set community 12076:51002", 4010),
    "40.3.0.0/16": ("set community 12076:51004", None),
    "40.4.0.0/16": ("set metric 1", None),
    "10.5.0.0/16": ("set community 12076:5010", None),
    "198.51.100.128/25": ("set community 12076:5010", None),
    "40.6.0.0/16": ("set community 12076:5010\n set as-path prepend 64500", None),
    "40.7.0.0/16": ("set community 12076:51002\n set as-path prepend" + 7 * " 12076", 110),
    "40.8.0.0/16": ("set community 12076:5010", None),
    "40.9.0.0/16": ("set community 12076:51002 12076:52004", 4010),
}
OPERATOR = """
ip prefix-list NOT-ME permit 40.8.0.0/16
route-map MS-IN deny 10
match ip address prefix-list NOT-ME
exit
route-map MS-IN permit 20
set metric 77
exit
route-map MS-OUT permit 10
exit
ip prefix-list PUBLIC seq 5 permit 198.51.200.0/24
ip prefix-list PUBLIC seq 10 permit 10.9.0.0/16
ip prefix-list PUBLIC seq 15 permit 40.0.0.0/8 le 32
router bgp 65010
no bgp network import-check
neighbor 203.0.113.2 timers connect 1
address-family ipv4 unicast
network 198.51.100.0/24
network 198.51.200.0/24
network 10.9.0.0/16
network 192.0.2.0/24
exit-address-family
exit
"""


@pytest.fixture
def msee(tmp_path):
    """bgpd at the far end of erp1, in a namespace of its own."""
    space = "ermsee%d" % os.getpid()

    def ip(command):
        return subprocess.run(["ip", *command.split()]).returncode
    if ip("netns add " + space) or ip("link add erp1 type veth peer name erq1 netns " + space):
        pytest.skip("cannot create namespaces")
    for command in ("addr add 203.0.113.1/30 dev erp1", "link set erp1 up",
                    "-n %s link set lo up" % space, "-n %s link set erq1 up" % space,
                    "-n %s addr add 203.0.113.2/30 dev erq1" % space):
        assert not ip(command)
    run = "/run/frr/" + space
    os.makedirs(run)
    shutil.chown(run, frrlab.FRR_USER, frrlab.FRR_USER)
    # no kernel or zebra behind it
    proc = subprocess.Popen(["ip", "netns", "exec", space, frrlab.SBINDIR + "/bgpd", "-N", space,
                             "-P", "0", "-Z"], stdin=subprocess.DEVNULL, cwd="/")
    path = run + "/bgpd.vty"
    wait_for("Microsoft's bgpd", lambda: os.path.exists(path))
    with frrlab.Vty(path) as vty:
        yield vty
    proc.kill()
    proc.wait()
    ip("link del erp1")
    ip("netns del " + space)
    shutil.rmtree(run)


def type_in(vty, text):
    """A line that is not understood raises."""
    vty.run("enable")
    vty.run("configure terminal")
    for line in text.splitlines():
        if line.strip() and not line.strip().startswith("!"):
            vty.run(line.strip())
    vty.run("end")


def routes_of(vty):
    return json.loads(vty.run("show bgp ipv4 unicast json")).get("routes", {})


def test_plain_frr_does_what_the_equivalent_configuration_says(bare, msee):
    for daemon in ("mgmtd", "erouted", "zebra", "bgpd"):
        bare.start(daemon)
    configure(bare, "erp1", "lo")
    bare.configure("expressroute\ncircuit ams-1\nno peering private\npeering microsoft\n"
                   "router-as 3320\nprepend 2\nno bfd\nexit\nexit\nexit-expressroute\n")
    wait_for("the change", lambda: "prepend 3320 3320"
             in bare.show("show expressroute circuit ams-1 bgp-config"))
    router, others = bgp_config(bare.show("show expressroute circuit ams-1 bgp-config"))
    maps, networks = "", ""
    for n, (prefix, (what, _)) in enumerate(ROUTES.items()):
        maps += "route-map M%d permit 10\n %s\nexit\n" % (n, what)
        networks += "  network %s route-map M%d\n" % (prefix, n)
    type_in(msee, MSEE.format(networks=networks, maps=maps))
    with bare.vty("bgpd") as ce:
        type_in(ce, "\n".join(others + ["router bgp 65010", *router, "exit"]) + OPERATOR)

        def learned():
            return {prefix: paths[0]["locPrf"] for prefix, paths in routes_of(ce).items()
                    if paths[0].get("peerId") == "203.0.113.2"}
        due = {prefix: preference for prefix, (_, preference) in ROUTES.items() if preference}
        wait_for("the routes", lambda: learned() == due)
        assert all(paths[0]["metric"] == 77 for prefix, paths in routes_of(ce).items()
                   if prefix in due)

        def arrived():
            return {prefix: paths[0]["path"] for prefix, paths in routes_of(msee).items()
                    if paths[0].get("peerId") == "203.0.113.1"}
        wait_for("ours", lambda: arrived() == dict.fromkeys(
            ["198.51.100.0/24", "198.51.200.0/24"], "3320 3320 3320"))


def test_nothing_of_policy_is_leaked(policy):
    with FakeBgpd(policy) as module:
        up(module)
        tell(module, PRIVATE, advertised=20, held=9, held_prefixes=HELD)
        wait_for("the facts", lambda: family(policy)["advertised"]["held"] == 9)
        for command in ("show expressroute", "show expressroute circuit detail",
                        "show expressroute route-filter", "show expressroute route-filter detail",
                        "show expressroute route-filter m365 json", "show expressroute limits",
                        "show expressroute limits json",
                        "show expressroute circuit ams-1 bgp-config"):
            policy.show(command)
        for command in ("show expressroute route 40.97.1.1", "show expressroute route ::/0 json"):
            shown = ask(policy, command)
            explain(module, module.asked()[0])
            shown()
        # erouted ends with a question open
        ask(policy, "show expressroute held-prefixes")
        module.asked()
        with policy.vty("erouted") as vty:
            vty.run("enable")
            vty.run("configure terminal")
            vty.run("debug memstats-at-exit")
        assert policy.stop("erouted", signal.SIGTERM) == 0
    with open(policy.logs + "/erouted.out") as f:
        assert "memstats" not in f.read()
    assert "leaked" not in policy.log("erouted")
