# SPDX-License-Identifier: GPL-2.0-or-later
"""What a restart of one part leaves as it was."""

import importlib.machinery
import importlib.util
import json
import os
import pathlib
import re
import signal
import subprocess
import time

import pytest

from frrlab import circuit, said, FakeBgpd, rib, session_state, wait_for

TREE = pathlib.Path(__file__).resolve().parent.parent.parent

def redundancy(lab, name="ams-1"):
    return lab.show_json()["circuit"].get(name, {}).get("state", {}).get("redundancy")


def state_file(lab):
    return lab.lib_dir + "/erouted.json"


def saved(lab):
    try:
        with open(state_file(lab)) as f:
            return f.read()
    except FileNotFoundError:
        return ""


def settled(lab, module):
    module.up()
    wait_for("redundancy", lambda: redundancy(lab) == "redundant")


# erouted


def test_erouted_killed_says_nothing_twice_and_tears_down_nothing(configured):
    lab = configured
    with FakeBgpd(lab) as module:
        settled(lab, module)
        lab.stop("erouted", signal.SIGTERM)
    before = len(said(lab))
    lab.start("erouted")
    with FakeBgpd(lab) as module:
        # the first set it gets is the whole one, not an empty one
        module.take_config()
        assert len(module.sessions) == 2
        module.established()
        module.synced(1)
        wait_for("redundancy", lambda: redundancy(lab) == "redundant")
    assert len(said(lab)) == before


def test_erouted_killed_hard_says_nothing_twice(configured):
    lab = configured
    with FakeBgpd(lab) as module:
        settled(lab, module)
        module.send(rib(("ams-1", "private", "ipv4"), both=5, drained=(5, 0)))
        wait_for("the notice", lambda: "is degraded" in str(said(lab)))
        # it is remembered a few milliseconds later
        wait_for("the memory", lambda: re.search('"redundancy": *"degraded"', saved(lab)), 1)
        lab.stop("erouted", signal.SIGKILL)
    before = said(lab)
    lab.start("erouted")
    with FakeBgpd(lab) as module:
        generation = module.take_config()
        module.established()
        module.send(rib(("ams-1", "private", "ipv4"), both=5, drained=(5, 0)))
        module.synced(generation)
        wait_for("degradation", lambda: redundancy(lab) == "degraded")
    assert said(lab) == before


def degraded(lab, module):
    settled(lab, module)
    module.send(rib(("ams-1", "private", "ipv4"), both=5, drained=(5, 0)))
    wait_for("the memory", lambda: re.search('"redundancy": *"degraded"', saved(lab)))


def degraded_again(lab):
    with FakeBgpd(lab) as module:
        generation = module.take_config()
        while not module.sessions:
            generation = module.take_config()
        module.established()
        module.send(rib(("ams-1", "private", "ipv4"), both=5, drained=(5, 0)))
        module.synced(generation)
        wait_for("degradation", lambda: redundancy(lab) == "degraded")


def test_erouted_killed_twice_in_a_row_says_nothing_twice(configured):
    lab = configured
    with FakeBgpd(lab) as module:
        degraded(lab, module)
        lab.stop("erouted", signal.SIGKILL)
    before = said(lab)
    lab.start("erouted")
    # bgpd's word is still awaited when it ends again, and writes its memory
    wait_for("the circuit", lambda: redundancy(lab) == "inactive")
    lab.stop("erouted", signal.SIGTERM)
    lab.start("erouted")
    degraded_again(lab)
    assert said(lab) == before


def test_what_was_said_of_a_circuit_outlives_its_absence(configured):
    lab = configured
    with FakeBgpd(lab) as module:
        degraded(lab, module)
        lab.stop("erouted", signal.SIGTERM)
    before = said(lab)
    month = json.loads(saved(lab))["peerings"][0]["thisMonth"]
    # mgmtd comes back without it, for longer than is waited for it
    lab.stop("mgmtd", signal.SIGKILL)
    lab.start("mgmtd")
    lab.start("erouted", "--config-hold", "1")
    with FakeBgpd(lab) as module:
        module.take_config()
        assert module.sessions == []
    lab.stop("erouted", signal.SIGTERM)
    assert json.loads(saved(lab))["peerings"][0]["thisMonth"] == month
    lab.start("erouted")
    lab.configure(circuit())
    degraded_again(lab)
    assert said(lab) == before


def test_what_is_too_old_to_be_told_of_is_forgotten(configured):
    lab = configured
    with FakeBgpd(lab) as module:
        degraded(lab, module)
        lab.stop("erouted", signal.SIGTERM)
    memory = json.loads(saved(lab))
    old = dict(memory["peerings"][0], circuit="old", saved=memory["saved"] - 63 * 86400)
    new = dict(old, circuit="new", saved=memory["saved"] - 61 * 86400)
    with open(state_file(lab), "w") as f:
        json.dump(dict(memory, peerings=[old, new]), f)
    lab.start("erouted")
    wait_for("the circuit", lambda: redundancy(lab))
    lab.stop("erouted", signal.SIGTERM)
    assert [p["circuit"] for p in json.loads(saved(lab))["peerings"]] == ["new"]


def test_killing_erouted_touches_no_route(bare):
    """zebra sweeps the routes of a client's type when it is gone."""
    lab = bare
    for daemon in ("mgmtd", "zebra", "staticd", "erouted"):
        lab.start(daemon)
    lab.configure("ip route 10.50.0.0/16 Null0\n")

    def route():
        return "10.50.0.0/16" in lab.show("show ip route", "zebra")
    wait_for("the static route", route)
    wait_for("erouted at zebra", lambda: lab.show_json()["state"]["zebraConnected"])
    lab.stop("erouted", signal.SIGKILL)
    wait_for("zebra to notice",
             lambda: "sharp routes removed" in lab.log("zebra"))
    assert route()


def test_a_change_during_erouteds_absence_is_said_once(configured):
    lab = configured
    with FakeBgpd(lab) as module:
        settled(lab, module)
    lab.stop("erouted", signal.SIGTERM)
    lab.start("erouted")
    with FakeBgpd(lab) as module:
        generation = module.take_config()
        module.established([s for s in module.sessions if s[3] == "primary"])
        for session in module.sessions:
            if session[3] == "secondary":
                module.send(session_state(session, "active", bfd="down"))
        module.synced(generation)
        wait_for("degradation", lambda: redundancy(lab) == "degraded")
    assert len([l for l in said(lab) if "is degraded, was redundant" in l]) == 1


def test_without_mgmtd_erouted_sends_no_configuration(bare):
    bare.start("erouted")
    module = FakeBgpd(bare)
    with module:
        module.next()
        module.sock.settimeout(1)
        with pytest.raises(TimeoutError):
            module.next()
        assert "waiting for the configuration" in bare.show("show expressroute")
        module.sock.settimeout(20)
        bare.start("mgmtd")
        bare.configure(circuit())
        module.take_config()
        assert len(module.sessions) == 2


def test_an_empty_configuration_is_believed_after_the_hold(bare):
    bare.start("mgmtd")
    bare.start("erouted", "--config-hold", "1")
    with FakeBgpd(bare) as module:
        module.take_config()
        assert module.sessions == []


def test_availability_survives(configured):
    lab = configured
    with FakeBgpd(lab) as module:
        settled(lab, module)
        time.sleep(2)
    lab.stop("erouted", signal.SIGTERM)
    with open(state_file(lab)) as f:
        saved = json.load(f)
    assert saved["peerings"][0]["redundancy"] == "redundant"
    month = saved["peerings"][0]["thisMonth"]["redundant"]
    assert month >= 2
    assert os.stat(state_file(lab)).st_mode & 0o777 == 0o600
    lab.start("erouted")
    wait_for("the circuit", lambda: redundancy(lab))
    family = lab.show_json()["circuit"]["ams-1"]["peering"]["private"]["state"]["family"]["ipv4"]
    assert family["availability"]["thisMonth"]["redundant"] >= month


@pytest.mark.parametrize("content", [
    "", "{", "[]", "null", '{"version": 1}', '{"version": 99, "saved": 1, "peerings": []}',
    '{"version": 1, "saved": 1, "peerings": [{"circuit": "ams-1"}]}',
    '{"version": 1, "saved": 1, "peerings": [{"circuit": "%s", "peering": "private", '
    '"family": "ipv4", "redundancy": "redundant"}]}' % ("x" * 200),
    "\0" * 4096,
])
def test_a_corrupted_state_file_is_reported_and_ignored(bare, content):
    with open(state_file(bare), "w") as f:
        f.write(content)
    bare.start("erouted")
    assert "cannot be understood" in bare.log("erouted")
    assert bare.show_json()["state"]["version"]


def test_what_is_understood_of_a_state_file_is_kept(bare):
    """One bad entry, as of a newer version, takes nothing else with it: a drain least of all."""
    with open(state_file(bare), "w") as f:
        f.write('{"version": 1, "saved": 1, "peerings": [{"circuit": 7}], "vpnBackups": [{}], '
                '"operatorDrains": [{}, {"circuit": "ams-1", "link": "primary", "phase": "safe", "forced": false, '
                '"since": %d}]}' % time.time())
    bare.start("mgmtd")
    bare.start("erouted", "--config-hold", "1")
    assert "3 entries cannot be understood and left out" in bare.log("erouted")
    # a circuit that comes late is drained all the same
    wait_for("the hold to end", lambda: json.load(open(state_file(bare)))["peerings"] == [])
    bare.configure(circuit())
    wait_for("its drain", lambda: bare.show_json()["circuit"]["ams-1"]["state"]["operatorDrain"]["primary"])


def test_a_state_file_that_may_not_be_read_is_no_obstacle(bare):
    os.mkdir(state_file(bare))
    bare.start("erouted")
    assert "cannot be understood" in bare.log("erouted")


# mgmtd


def restart_mgmtd(lab, conf):
    """As watchfrr does: mgmtd begins empty, then `vtysh -b` fills it."""
    lab.stop("mgmtd", signal.SIGKILL)
    lab.start("mgmtd")
    wait_for("erouted to find it",
             lambda: "mgmtd: not connected" not in lab.show("show expressroute"))
    lab.configure(conf)


def test_mgmtd_restarted_with_the_same_configuration_changes_nothing(configured):
    lab = configured
    with FakeBgpd(lab) as module:
        settled(lab, module)
        before = len(said(lab))
        restart_mgmtd(lab, circuit())
        wait_for("the circuit's configuration",
                 lambda: lab.show_json()["circuit"]["ams-1"].get("sku"))
        assert redundancy(lab) == "redundant"
        assert len(said(lab)) == before
        module.sock.settimeout(1)
        with pytest.raises(TimeoutError):
            module.next()


def test_a_circuit_deleted_while_mgmtd_was_down_goes_and_the_others_stay(bare):
    lab = bare
    lab.start("mgmtd")
    lab.start("erouted", "--config-hold", "2")
    lab.configure(circuit())
    lab.configure(circuit("fra-1", net=101))
    with FakeBgpd(lab) as module:
        wait_for("two circuits", lambda: redundancy(lab, "fra-1"))
        module.take_config()
        while len(module.sessions) < 4:
            module.take_config()
        module.established()
        module.synced(1)
        restart_mgmtd(lab, circuit())
        # nothing is torn down before the new configuration is known
        assert redundancy(lab, "fra-1")
        assert "came back without circuit fra-1" in lab.show("show expressroute")
        wait_for("the sweep", lambda: not redundancy(lab, "fra-1"))
        assert redundancy(lab)
        module.take_config()
        assert {s[0] for s in module.sessions} == {"ams-1"}
    assert "mgmtd has come back without it" in lab.log("erouted")


def test_mgmtd_without_its_module_is_told_of_and_loses_nothing(bare):
    lab = bare
    lab.start("mgmtd")
    lab.start("erouted", "--config-hold", "2")
    lab.configure(circuit())
    with FakeBgpd(lab) as module:
        settled(lab, module)
        lab.stop("mgmtd", signal.SIGKILL)
        lab.start("mgmtd", module=False)
        wait_for("what mgmtd lacks", lambda: "! mgmtd: runs without its expressroute module"
                 in lab.show("show expressroute"))
        assert "'write' would drop the section from frr.conf" in lab.show("show expressroute audit")
        # past the hold: nothing is taken for deleted
        module.sock.settimeout(3)
        with pytest.raises(TimeoutError):
            module.next()
        assert redundancy(lab) == "redundant"
        log = lab.log("erouted")
        assert log.count("mgmtd runs without its expressroute module: do not 'write'") == 1
        assert "is gone: mgmtd has come back without it" not in log
        restart_mgmtd(lab, circuit())
        wait_for("mgmtd's module",
                 lambda: "mgmtd has its expressroute module" in lab.log("erouted"))
        assert "! mgmtd" not in lab.show("show expressroute")
        assert redundancy(lab) == "redundant"


def test_mgmtd_without_its_module_from_the_start_is_no_empty_configuration(bare):
    bare.start("mgmtd", module=False)
    bare.start("erouted", "--config-hold", "1")
    with FakeBgpd(bare) as module:
        module.next()
        wait_for("what mgmtd lacks",
                 lambda: "-M expressroute" in bare.show("show expressroute audit"))
        assert "makes one" not in bare.show("show expressroute audit")
        # bgpd keeps the set that it has: past the hold no empty one has come
        module.sock.settimeout(2)
        with pytest.raises(TimeoutError):
            module.next()


def load_reload():
    path = TREE / "service" / "frr-reload-expressroute"
    loader = importlib.machinery.SourceFileLoader("frr_reload_expressroute", str(path))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
    loader.exec_module(module)
    return module


def test_a_reload_with_mgmtd_without_its_module_says_to_restart(bare):
    bare.start("mgmtd", module=False)
    section = circuit().strip().splitlines()
    refused = wait_for("mgmtd's lock", lambda: [
        said for said in [load_reload().Mgmtd(bare.run_dir).commit(section)]
        if "locked" not in str(said)])
    assert len(refused[0]) == 1 and "restart FRR" in refused[0][0]
    # no line of the section was taken for one of its own
    assert "s3cret" not in bare.show("show running-config", "mgmtd")


def test_mgmtd_with_its_module_is_asked_once_and_left(configured):
    wait_for("the question's end", lambda: "erouted" not in configured.show(
        "show mgmt frontend-adapter all", "mgmtd"))
    assert "! mgmtd" not in configured.show("show expressroute")


def test_an_unrelated_commit_after_mgmtds_restart_does_not_shorten_the_hold(configured):
    lab = configured
    restart_mgmtd(lab, "")
    lab.configure(circuit("fra-1", net=101))
    wait_for("the other circuit", lambda: redundancy(lab, "fra-1"))

    def left():
        text = lab.show("show expressroute")
        return int(text.split("without circuit ams-1, which is removed in ")[1].split()[0])
    lab.configure("expressroute\ncircuit fra-1\npreference 7\n")
    wait_for("its change", lambda: lab.show_json()["circuit"]["fra-1"].get("preference") == 7)
    assert left() > 30


def test_what_comes_back_after_mgmtds_restart_shortens_the_hold(configured):
    lab = configured
    lab.configure(circuit("fra-1", net=101))
    wait_for("the other circuit", lambda: redundancy(lab, "fra-1"))
    restart_mgmtd(lab, circuit("fra-1", net=101))
    wait_for("a shorter hold", lambda: "is removed in" in lab.show("show expressroute") and
             int(lab.show("show expressroute").split("is removed in ")[1].split()[0]) <= 10)
    assert redundancy(lab)


def test_the_only_circuit_deleted_while_mgmtd_was_down_goes(bare):
    lab = bare
    lab.start("mgmtd")
    lab.start("erouted", "--config-hold", "2")
    lab.configure(circuit())
    wait_for("the circuit", lambda: redundancy(lab))
    restart_mgmtd(lab, "")
    assert redundancy(lab)
    wait_for("the sweep", lambda: not redundancy(lab))


def test_a_link_deleted_while_mgmtd_was_down_goes(configured):
    lab = configured
    conf = circuit()
    at = conf.index("  link secondary")
    restart_mgmtd(lab, conf[:at] + " exit\nexit\nexit-expressroute\n")

    def links():
        return list(lab.show_json()["circuit"]["ams-1"]["peering"]["private"]["link"])
    wait_for("the link to go", lambda: links() == ["primary"])


def test_configuration_after_mgmtds_restart_works(configured):
    lab = configured
    restart_mgmtd(lab, circuit())
    lab.configure("expressroute\ncircuit ams-1\npreference 7\n")
    wait_for("the change", lambda: lab.show_json()["circuit"]["ams-1"].get("preference") == 7)
    lab.configure("expressroute\nno circuit ams-1\n")
    wait_for("the deletion", lambda: not redundancy(lab))


# zebra


@pytest.fixture
def ports(bare):
    """Two ports with the circuit's addresses."""
    def ip(command):
        return subprocess.run(["ip", *command.split()]).returncode
    for n, address in ((1, "192.168.100.1/30"), (2, "192.168.100.5/30")):
        assert ip("link add ert%d type veth peer name erm%d" % (n, n)) == 0
        for command in ("link set ert%d up", "link set erm%d up"):
            ip(command % n)
        ip("addr add %s dev ert%d" % (address, n))
    yield ip
    for n in (1, 2):
        ip("link del ert%d" % n)


@pytest.fixture
def with_zebra(ports, bare):
    bare.start("mgmtd")
    bare.start("zebra")
    bare.start("erouted")
    bare.configure(circuit(a="ert1", b="ert2"))
    wait_for("the interfaces", lambda: facts(bare, "secondary") == ("up", True, True))
    return bare


def facts(lab, role):
    try:
        link = lab.show_json()["circuit"]["ams-1"]["peering"]["private"]["link"][role]["state"]
        session = link["session"]["ipv4"]
        return (link["interfaceState"], session["localAddressPresent"],
                session["neighborReachable"])
    except KeyError:
        return None


def test_interface_address_and_neighbor_are_seen(with_zebra, ports):
    lab = with_zebra
    ports("addr del 192.168.100.5/30 dev ert2")
    wait_for("the address to go", lambda: facts(lab, "secondary") == ("up", False, False))
    ports("addr add 192.168.100.5/30 dev ert2")
    wait_for("the address", lambda: facts(lab, "secondary") == ("up", True, True))
    ports("link set ert2 down")
    wait_for("the port to go down", lambda: facts(lab, "secondary")[0] == "down")
    ports("link del ert2")
    wait_for("the port to go", lambda: facts(lab, "secondary")[0] == "missing")


@pytest.fixture
def outside():
    """Another network namespace, as a container host's: its process, or a skip."""
    proc = subprocess.Popen(["unshare", "-n", "sleep", "1000"])
    own = os.readlink("/proc/thread-self/ns/net")

    def moved():
        return proc.poll() is not None or os.readlink("/proc/%d/ns/net" % proc.pid) != own
    wait_for("a namespace", moved)
    if proc.poll() is not None:
        pytest.skip("cannot create a network namespace")

    def ip(command):
        subprocess.run(["nsenter", "-t", str(proc.pid), "-n", "ip", *command.split()], check=True)
    yield ip
    proc.kill()
    proc.wait()


def unprotected(lab):
    peering = lab.show_json()["circuit"]["ams-1"]["peering"]["private"]
    return peering["state"]["family"]["ipv4"].get("unprotected")


def start_over(lab, names):
    for daemon in ("mgmtd", "zebra", "erouted"):
        lab.start(daemon)
    lab.configure(circuit(a=names[0], b=names[1]))
    wait_for("the interfaces", lambda: facts(lab, "secondary") == ("up", True, True))


def cpu(lab):
    with open("/proc/%d/stat" % lab.procs["erouted"].pid) as f:
        return sum(int(n) for n in f.read().rsplit(")")[1].split()[11:13])


# followed, the numbers are a circle, or lead both to what is no interface of ours
@pytest.mark.parametrize("second", [502, 503])
def test_parents_of_another_namespace_are_no_interfaces_of_ours(bare, outside, second):
    for parent, own, name, address in ((501, 502, "erc1", "192.168.100.1/30"),
                                       (second, 501, "erc2", "192.168.100.5/30")):
        outside("link add erp%d index %d type veth peer name erq%d" % (parent, parent, parent))
        outside("link set erp%d up" % parent)
        outside("link set erq%d up" % parent)
        outside("link add link erp%d name %s index %d netns %d type macvlan"
                % (parent, name, own, os.getpid()))
        for command in ("addr add %s dev %s" % (address, name), "link set %s up" % name):
            subprocess.run(["ip", *command.split()], check=True)
    start_over(bare, ("erc1", "erc2"))
    assert unprotected(bare) == "single-router"
    before = cpu(bare)
    time.sleep(1)
    assert cpu(bare) - before < 20


@pytest.mark.parametrize("kinds", ["vlan id {id}", "macvlan mode bridge", "both"])
def test_two_interfaces_over_one_port_of_ours(bare, ports, kinds):
    names = []
    for n, address in ((1, "192.168.100.1/30"), (2, "192.168.100.5/30")):
        ports("addr flush dev ert%d" % n)
        name, port = "ert1.%d" % n, "ert1"
        if kinds == "both":
            if ports("link add link ert1 name erv%d type vlan id %d" % (n, 10 + n)):
                pytest.skip("the kernel has no VLANs")
            ports("link set erv%d up" % n)
            name, port = "erm.%d" % n, "erv%d" % n
        kind = "macvlan" if kinds == "both" else kinds.format(id=n)
        if ports("link add link %s name %s type %s" % (port, name, kind)):
            pytest.skip("the kernel has no " + kind.split()[0])
        ports("addr add %s dev %s" % (address, name))
        ports("link set %s up" % name)
        names.append(name)
    start_over(bare, names)
    assert unprotected(bare) == "single-interface"


@pytest.mark.parametrize("where", ["", "peering private\n", "peering private\nlink primary\n"])
def test_a_shut_down_session_has_no_problem(with_zebra, where):
    lab = with_zebra
    lab.configure("expressroute\ncircuit ams-1\n" + where + "shutdown\n")
    # nobody watches the neighbor any more, but the address is there
    wait_for("the shutdown", lambda: facts(lab, "primary") == ("up", True, False))
    link = lab.show_json()["circuit"]["ams-1"]["peering"]["private"]["link"]["primary"]
    assert "problem" not in link["state"]["session"]["ipv4"]
    assert "primary ipv4: " not in lab.show("show expressroute")


def test_silence_and_a_lost_session_are_told_apart(with_zebra):
    lab = with_zebra
    primary = ("ams-1", "private", "ipv4", "primary")

    def problem_is(text):
        link = lab.show_json()["circuit"]["ams-1"]["peering"]["private"]["link"]["primary"]
        return text in link["state"]["session"]["ipv4"].get("problem", "")
    with FakeBgpd(lab) as module:
        settled(lab, module)
        module.send(session_state(primary, "connect"))
        wait_for("the hint", lambda: problem_is("MD5"))
        module.send(session_state(primary, "connect", last_reset="Peer closed the session"))
        wait_for("other words", lambda: problem_is("no longer answers"))
        module.send(rib(primary[:3], both=5, stale=(5, 0)))
        wait_for("patience", lambda: problem_is("is restarting"))
        lab.configure("expressroute\ncircuit ams-1\npeering private\nno password\n"
                      "no advertise 10.0.0.0/8\nsession attached\n")
        module.send(rib(primary[:3], both=5))
        module.send(session_state(primary, "connect"))
        wait_for("another hint", lambda: problem_is("under 'router bgp'"))


def test_zebra_restarted_causes_no_notice(with_zebra):
    lab = with_zebra
    with FakeBgpd(lab) as module:
        settled(lab, module)
        before = said(lab)
        for sig in (signal.SIGKILL, signal.SIGTERM):
            lab.stop("zebra", sig)
            wait_for("zebra's end", lambda: "zebra: not connected" in lab.show("show expressroute"))
            assert redundancy(lab) == "redundant"
            lab.start("zebra")
            wait_for("zebra", lambda: "zebra: not connected" not in lab.show("show expressroute"))
            wait_for("its word", lambda: facts(lab, "secondary") == ("up", True, True))
            time.sleep(3.5)
            assert redundancy(lab) == "redundant"
        assert said(lab) == before


def test_a_port_that_went_while_zebra_was_down_is_noticed(with_zebra, ports):
    lab = with_zebra
    with FakeBgpd(lab) as module:
        settled(lab, module)
        lab.stop("zebra", signal.SIGKILL)
        ports("link del ert2")
        lab.start("zebra")
        wait_for("degradation", lambda: redundancy(lab) == "degraded")
        assert facts(lab, "secondary")[0] == "missing"
