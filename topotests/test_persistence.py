# SPDX-License-Identifier: GPL-2.0-or-later
"""What is written is what comes back, whatever stands around it in frr.conf."""
import pytest

import er_lab
import scenery
from scenery import LINKS, wait_for

ALL = er_lab.er_router.ErRouter.DAEMONS
LONDON = {
    "primary": scenery.Link("primary", "msee1", {4: "172.16.1.0/30", 6: "2001:db8:e1::/126"}),
    "secondary": scenery.Link("secondary", "msee2", {4: "172.16.1.4/30", 6: "2001:db8:e1::4/126"}),
}


def conf(*circuits):
    """Our section in the middle: what stands behind it must not be lost."""
    return scenery.frr_conf(
        "ce", scenery.ce_interfaces(), *circuits, scenery.ce_bgp(), "ip prefix-list LAST seq 5 permit any", "!"
    )


@pytest.fixture(scope="module")
def lab(request):
    with er_lab.running(request, ce_conf=conf(scenery.circuit_conf())) as lab:
        lab.settled()
        yield lab


def restart_everything(lab):
    for daemon in reversed(ALL):
        lab.router.kill(daemon, "TERM")
    lab.router.start(*ALL)
    lab.ce.sh("vtysh -b")


def store(lab, text):
    """Put text in the place of ce's frr.conf."""
    lab.ce.sh("cat > /etc/frr/frr.conf <<'END'\n" + text + "\nEND")


def test_boot_reads_what_stands_behind_our_section(lab):
    config = lab.ce.running_config()
    assert "circuit amsterdam" in config
    assert f"network {scenery.ONPREM_NET[4]}" in config
    assert "ip prefix-list LAST" in config


def test_write_and_restart_restore_the_circuit(lab):
    lab.configure(
        "expressroute\ncircuit amsterdam\ndescription two words\nredundancy active-passive active secondary\n"
        "peering private\nbfd receive-interval 400 transmit-interval 350 detect-multiplier 4\ntimers 20 60"
    )
    lab.ce.vtysh("write memory")
    before = lab.ce.running_config()
    assert "description two words" in lab.ce.sh("cat /etc/frr/frr.conf")
    restart_everything(lab)
    lab.wait_redundant(timeout=40)
    wait_for(lambda: lab.uses_only("secondary"), "the active link to be chosen again")
    assert lab.ce.running_config() == before
    lab.configure(
        "expressroute\ncircuit amsterdam\nno description\nno redundancy\npeering private\n"
        "no bfd receive-interval transmit-interval detect-multiplier\nno timers"
    )
    lab.settled()


def test_circuit_deleted_while_mgmtd_was_away_goes(lab):
    london = scenery.circuit_conf(
        "london", links=LONDON, peering=["vlan 200", "no advertise " + scenery.ONPREM_NET[4]]
    )
    lab.configure(london.replace("   no advertise " + scenery.ONPREM_NET[4] + "\n", ""))
    lab.wait_circuit(lambda c: c.known, "the second circuit", name="london")
    address = LONDON["primary"].microsoft(4)
    wait_for(lambda: address in lab.ce.sh("vtysh -c 'show bgp summary'"), "its neighbor in bgpd")
    lab.settled()
    flaps = lab.flaps()
    store(lab, conf(scenery.circuit_conf()))
    lab.restart("mgmtd")
    wait_for(lambda: not lab.circuit("london").known, "the deleted circuit to go from erouted", 90)
    wait_for(lambda: address not in lab.ce.sh("vtysh -c 'show bgp summary'"), "its neighbor to go from bgpd")
    assert lab.syslog("config-swept")
    lab.settled()
    assert lab.flaps() == flaps, "the circuit that stayed has flapped"


def test_circuit_deleted_while_erouted_was_away_goes(lab):
    lab.configure(scenery.circuit_conf("london", links=LONDON, peering=["vlan 200"]))
    address = LONDON["primary"].microsoft(4)
    wait_for(lambda: address in lab.ce.sh("vtysh -c 'show bgp summary'"), "its neighbor in bgpd")
    flaps = lab.flaps()
    lab.router.kill("erouted")
    lab.configure("expressroute\nno circuit london")
    lab.router.start("erouted")
    wait_for(lambda: address not in lab.ce.sh("vtysh -c 'show bgp summary'"), "its neighbor to go from bgpd", 30)
    assert not lab.circuit("london").known
    lab.settled()
    assert lab.flaps() == flaps


def test_corrupted_configuration_keeps_what_is_right(lab):
    """Broken lines are reported; the good circuit and everything behind it are there."""
    broken = "\n".join(
        [
            "expressroute",
            " circuit b@d name",
            "  peering private",
            "  exit-peering",
            " exit-circuit",
            " circuit half",
            "  peering private",
            "   vlan 4711",
            "   link primary",
            "    interface msee1",
            "    ipv4-subnet 172.16.300.0/30",
            "    frobnicate",
            "   exit-link",
            "  exit-peering",
            " exit-circuit",
            "exit-expressroute",
            "!",
        ]
    )
    store(lab, conf(broken, scenery.circuit_conf()))
    for daemon in reversed(ALL):
        lab.router.kill(daemon, "TERM")
    lab.router.start(*ALL)
    status, out = lab.ce.try_sh("vtysh -b")
    assert status != 0, out
    for line in ("circuit b@d name", "ipv4-subnet 172.16.300.0/30", "frobnicate"):
        assert [said for said in out.splitlines() if "% " in said and line in said], (line, out)
    lab.wait_redundant(timeout=40)
    config = lab.ce.running_config()
    assert "b@d" not in config and "300" not in er_lab.section(config)
    assert f"network {scenery.ONPREM_NET[4]}" in config and "ip prefix-list LAST" in config
    lab.configure("expressroute\nno circuit half")


def test_corrupted_memory_of_erouted_is_reported_and_replaced(lab):
    lab.wait_redundant()
    lab.router.kill("erouted", "TERM")
    path = lab.ce.sh("ls /var/lib/frr/erouted.json").strip()
    for garbage in ("{", '{"version": 1, "saved": -1, "peerings": [7]}'):
        lab.ce.sh(f"cat > {path} <<'END'\n{garbage}\nEND")
        before = len(lab.syslog("state-file"))
        lab.router.start("erouted")
        lab.wait_redundant()
        assert len(lab.syslog("state-file")) > before
        lab.router.kill("erouted", "TERM")
        assert '"amsterdam"' in lab.ce.sh(f"cat {path}")
    lab.router.start("erouted")
    lab.wait_redundant()
