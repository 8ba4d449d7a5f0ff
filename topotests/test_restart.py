# SPDX-License-Identifier: GPL-2.0-or-later
"""
kill -9 of every process, alone and together, started again in any order:
everything is as before, and nobody flaps who was not killed.
"""
import json
import re

import pytest

import er_lab
import scenery
from scenery import LINKS, wait_for


@pytest.fixture(scope="module")
def lab(request):
    with er_lab.running(request, scenery.circuit_conf()) as lab:
        lab.settled()
        lab.notifications = er_lab.Notifications(lab.ce)
        lab.begin = 0
        yield lab
        lab.notifications.check()


@pytest.fixture(autouse=True)
def quiet(lab):
    lab.clear()
    lab.settled()
    lab.wait_connected()
    yield
    er_lab.check_story(story(lab)[lab.begin :])


def resynchronized(lab):
    """Everything is known again, everywhere."""
    lab.wait_connected()
    lab.wait_redundant(timeout=60)
    lab.settled()


def both_links_carry(lab):
    with lab.probe() as probe:
        before = {role: scenery.received_from_ce(msee) for role, msee in lab.msees.items()}
        wait_for(
            lambda: all(scenery.received_from_ce(m) > before[r] + 200 for r, m in lab.msees.items()),
            "packets on both links",
        )
    assert probe.report.lost == 0, probe.report


def told(lab, since):
    return lab.notifications.all()[since:]


REDUNDANCY = {
    "redundancy-down": "down",
    "redundancy-degraded": "degraded",
    "redundancy-restored": "redundant",
    "redundancy-inactive": "inactive",
}
TRANSITIONS = er_lab.CODES[: er_lab.CODES.index("bgpd-refused")]
LINE = re.compile(r"\[EC (\d+)\] circuit (\S+) (\S+) (?:(primary|secondary) )?(ipv[46])\b(.*)")


def as_notification(line):
    """A line of erouted's log as the notification that it was, or None."""
    found = LINE.search(line)
    number = int(found[1]) - er_lab.FIRST_CODE if found else -1
    if not 0 <= number < len(TRANSITIONS):
        return None
    name, fields = TRANSITIONS[number], dict(zip(("circuit", "peering", "link", "family"), found.groups()[1:]))
    if name in REDUNDANCY:
        fields.update(redundancy=REDUNDANCY[name], previous=re.search(r" was (\w+)", found[6])[1])
        return "redundancy-change", fields
    if name.startswith("session-"):
        fields.update(established=name == "session-established")
        return "session-change", fields
    return name, fields


def story(lab):
    """All that erouted has said, through all of its lives: also what mgmtd was not there to pass on."""
    return [told for told in map(as_notification, lab.ce.log("erouted").splitlines()) if told]


def test_erouted_alone_changes_nothing(lab):
    flaps, since, before = lab.flaps(), lab.notifications.mark(), story(lab)
    with lab.probe() as probe:
        lab.restart("erouted")
        resynchronized(lab)
    assert probe.report.lost == 0, probe.report
    assert lab.flaps() == flaps
    assert told(lab, since) == []
    assert story(lab) == before


def test_restart_while_degraded_is_not_told_again(lab):
    """erouted remembers what it said last."""
    lab.configure("expressroute\ncircuit amsterdam\npeering private\nlink secondary\nshutdown")
    lab.wait_redundancy("degraded")
    since, before = lab.notifications.mark(), story(lab)
    lab.restart("erouted")
    lab.wait_connected()
    lab.wait_redundancy("degraded")
    assert told(lab, since) == []
    assert story(lab) == before
    lab.configure("expressroute\ncircuit amsterdam\npeering private\nlink secondary\nno shutdown")
    lab.notifications.wait("redundancy-change", since, family="ipv4", previous="degraded", redundancy="redundant")


@pytest.mark.parametrize("signal", ["KILL", "TERM"])
def test_erouted_dies_again_before_it_knows_anything(lab, signal):
    """What it writes in between is what it has said, not that it waits for bgpd."""
    flaps, since, before = lab.flaps(), lab.notifications.mark(), story(lab)

    def known():
        # the other vtysh would wait for bgpd as well
        out = lab.ce.sh("vtysh -d erouted -c 'show expressroute json'")
        return er_lab.Circuit(json.loads(out), scenery.CIRCUIT).family("ipv4").get("redundancy") == "inactive"

    lab.router.kill("erouted")
    pid = lab.router.pid_of("bgpd")
    lab.ce.sh(f"kill -STOP {pid}")
    try:
        for _ in range(2):
            lab.router.start("erouted")
            wait_for(known, "erouted to wait for bgpd")
            lab.router.kill("erouted", signal)
    finally:
        lab.ce.sh(f"kill -CONT {pid}")
        lab.router.start("erouted")
    resynchronized(lab)
    assert lab.flaps() == flaps
    assert told(lab, since) == []
    assert story(lab) == before


def test_policy_holds_while_erouted_is_away(lab):
    """The drain is bgpd's module's own business, with what it was told last; it is told afterwards."""
    since = lab.notifications.mark()
    lab.router.kill("erouted")
    try:
        with lab.probe() as probe:
            assert scenery.drain(lab.msee1, lambda: lab.uses_only("secondary"))
    finally:
        lab.router.start("erouted")
    circuit = lab.wait_redundancy("degraded")
    assert circuit.family("ipv4")["drained"] is True
    assert probe.report.lost == 0, probe.report
    lab.notifications.wait("redundancy-change", since, family="ipv4", previous="redundant", redundancy="degraded")
    scenery.undrain(lab.msee1)
    resynchronized(lab)


def test_mgmtd_alone_changes_nothing(lab):
    flaps, before = lab.flaps(), story(lab)
    config = er_lab.section(lab.ce.running_config())
    lab.notifications.check()
    with lab.probe() as probe:
        lab.restart("mgmtd")
        wait_for(lambda: er_lab.section(lab.ce.running_config()) == config, "the configuration in mgmtd")
        resynchronized(lab)
    assert probe.report.lost == 0, probe.report
    assert lab.flaps() == flaps
    assert story(lab) == before
    lab.notifications.restart()
    lab.configure("expressroute\ncircuit amsterdam\ndescription after mgmtd's restart")
    lab.configure("expressroute\ncircuit amsterdam\nno description")


def test_bgpd_alone_tells_once_what_it_lost(lab):
    since = lab.notifications.mark()
    lab.restart("bgpd")
    resynchronized(lab)
    lab.notifications.check()
    for family in ("ipv4", "ipv6"):
        states = [n["redundancy"] for n in lab.notifications.select("redundancy-change", since, family=family)]
        assert states[0] == "down" and states[-1] == "redundant"
        for role in LINKS:
            sessions = lab.notifications.select("session-change", since, family=family, link=role)
            assert [n["established"] for n in sessions] == [False, True]


def zebra_clients(lab):
    """name -> how many routes (IPv4, IPv6) it has told this zebra"""
    out = lab.ce.sh("vtysh -d zebra -c 'show zebra client summary'")
    rows = re.findall(r"^(\w+) .*?(\d+)/\d+ +(\d+)/\d+ *$", out, re.M)
    return {name: (int(ipv4), int(ipv6)) for name, ipv4, ipv6 in rows}


def wait_zebra_knows_routes(lab):
    """Not what the one before it has left in the kernel: that may still be swept."""
    wait_for(lambda: min(zebra_clients(lab).get("bgp", (0, 0))) > 0, "bgpd to tell zebra its routes", 30)
    wait_for(lambda: lab.paths_installed() == {4: 2, 6: 2}, "both links in the FIB", 30)
    both_links_carry(lab)


def restart_zebra(lab, last):
    """last: this daemon finds the new zebra after bfdd, None: whoever is quicker."""
    if not last:
        lab.restart("zebra")
        return
    pid = lab.router.pid_of(last)
    lab.ce.sh(f"kill -STOP {pid}")
    try:
        lab.restart("zebra")
        wait_for(lambda: "bfd" in zebra_clients(lab), "bfdd to find zebra")
    finally:
        lab.ce.sh(f"kill -CONT {pid}")


@pytest.mark.parametrize("last", [None, "bgpd"])
def test_zebra_alone_is_found_again(lab, last):
    """
    Stock FRR loses its sessions with zebra (bfdd ends them).  A bgpd that is the
    last to find it would have no BFD sessions afterwards, without saying so.
    """
    restart_zebra(lab, last)
    lab.wait_connected()
    wait_for(
        lambda: [p["status"] for p in lab.ce.show("show bfd peers json")] == ["up"] * 4,
        "bfdd to watch all sessions",
        60,
    )
    circuit = lab.wait_redundant(timeout=60)
    for role in LINKS:
        for family in ("ipv4", "ipv6"):
            assert circuit.session(role, family)["localAddressPresent"] is True
            assert circuit.session(role, family)["neighborReachable"] is True
    resynchronized(lab)
    wait_zebra_knows_routes(lab)


def test_zebra_is_told_routes_of_sessions_that_stay(lab):
    """Without BFD no session is lost, so nothing is learnt anew: stock FRR has no routes then."""
    peering = "expressroute\ncircuit amsterdam\npeering private"
    before = lab.flaps()
    lab.configure(f"{peering}\nno bfd")
    # Microsoft's side takes it for a failure, once
    wait_for(lambda: all(n > before[s][0] for s, (n, _) in lab.flaps().items()), "all sessions to be back", 60)
    lab.wait_redundant(timeout=60)
    flaps = lab.flaps()
    restart_zebra(lab, None)
    wait_zebra_knows_routes(lab)
    assert lab.flaps() == flaps
    lab.configure(f"{peering}\nbfd")
    resynchronized(lab)


def test_bfdd_alone_comes_back(lab):
    """Microsoft's side loses the BFD session, so a flap is bfdd's doing."""
    lab.restart("bfdd")
    lab.wait_circuit(
        lambda c: all(c.session(r, f)["bfd"] == "up" for r in LINKS for f in ("ipv4", "ipv6")), "BFD to be up", 40
    )
    resynchronized(lab)


COMBINATIONS = {
    "erouted-bgpd": (("erouted", "bgpd"), ("erouted", "bgpd")),
    "bgpd-erouted": (("erouted", "bgpd"), ("bgpd", "erouted")),
    "erouted-mgmtd": (("erouted", "mgmtd"), ("erouted", "mgmtd")),
    "mgmtd-erouted": (("erouted", "mgmtd"), ("mgmtd", "erouted")),
    "mgmtd-bgpd": (("mgmtd", "bgpd"), ("mgmtd", "bgpd")),
    "zebra-erouted-bgpd": (("zebra", "erouted", "bgpd"), ("erouted", "bgpd", "zebra")),
    "everything": (("bfdd", "erouted", "bgpd", "zebra", "mgmtd"), ("erouted", "bgpd", "bfdd", "zebra", "mgmtd")),
}


@pytest.mark.parametrize("case", COMBINATIONS)
def test_together(lab, case):
    killed, order = COMBINATIONS[case]
    flaps, since, before = lab.flaps(), lab.notifications.mark(), story(lab)
    lab.notifications.check()
    lab.restart(*killed, order=order)
    resynchronized(lab)
    if "bgpd" not in killed:
        assert lab.flaps() == flaps, "a session flapped"
        assert story(lab) == before
        assert told(lab, since) == []
    er_lab.check_story([told for told in story(lab) if told[0] == "redundancy-change"])
    if {"erouted", "bgpd"} <= set(killed):
        # nobody was there to tell that the sessions were lost
        lab.begin = len(story(lab))
    if "mgmtd" in killed or lab.begin == len(story(lab)):
        # who listened is gone, or is to forget them, too
        lab.notifications.restart()


def test_routes_of_both_links_after_all_that(lab):
    both_links_carry(lab)
