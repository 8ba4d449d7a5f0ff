# SPDX-License-Identifier: GPL-2.0-or-later
"""systemctl reload frr: frr.conf with our section becomes the running configuration."""

import re

import pytest

from machine import wait_for
from packaged import CIRCUIT

SECOND = """\
 circuit paris
  description a second one
  shutdown
  peering private
   advertise 10.100.0.0/24
  exit-peering
 exit-circuit
"""
FILTER = """\
 route-filter office
  allow service exchange-online
 exit-route-filter
"""


def section(config):
    found = re.search(r"(?ms)^expressroute$.*?^exit-expressroute$", config)
    return found[0].splitlines() if found else []


class Reload:
    def __init__(self, router):
        self.router = router
        self.before = self.text()

    def text(self):
        return self.router.sh("cat /etc/frr/frr.conf")

    def apply(self, change, status=0):
        text = change(self.text())
        self.router.write("/etc/frr/frr.conf", text)
        found, out = self.router.frr("reload")
        log = self.router.try_sh("tail -n 40 /var/log/frr/frr-reload.log")[1]
        # frrinit.sh ends well whatever frr-reload.py does
        assert found == 0
        assert bool(re.search("ERROR|Failed", out + log)) == bool(status), out + log
        self.router.sh("rm -f /var/log/frr/frr-reload.log")
        return out + log

    def flaps(self):
        """How often each session has been established, as bgpd counts."""
        peers = self.router.show("show bgp neighbors json")
        return {name: peer["connectionsEstablished"] for name, peer in peers.items() if name[0].isdigit()}


@pytest.fixture
def reload(shared):
    it = Reload(shared)
    yield it
    it.apply(lambda text: it.before)
    shared.wait_redundant()
    assert it.text() == it.before


def test_nothing_changed_is_nothing_done(reload, shared):
    before = shared.config()
    log = reload.apply(lambda text: text)
    assert "section expressroute" not in log
    assert shared.config() == before


@pytest.mark.parametrize("head", ["expressroute ", "expressr", " expressroute", "exp"])
def test_the_head_of_the_section_may_be_written_as_vtysh_reads_it(reload, shared, head):
    before = shared.config()
    log = reload.apply(lambda text: text.replace("\nexpressroute\n", f"\n{head}\n"))
    assert "section expressroute" not in log and "expr" not in log
    assert shared.config() == before


def test_lines_are_added_changed_and_removed_without_a_flap(reload, shared):
    flaps = reload.flaps()
    reload.apply(
        lambda text: text.replace(" circuit amsterdam\n", " circuit amsterdam\n  description new\n  preference 7\n")
        .replace("   advertise 10.100.0.0/24\n", "   advertise 10.100.0.0/24\n   advertise 10.101.0.0/16\n", 1)
        .replace(" exit-circuit\n", " exit-circuit\n" + SECOND + FILTER)
    )
    now = section(shared.config())
    for line in ("  description new", "  preference 7", "   advertise 10.101.0.0/16", " circuit paris", " route-filter office"):
        assert line in now, now
    reload.apply(
        lambda text: text.replace("  description new\n", "  description newer\n")
        .replace("  preference 7\n", "")
        .replace(SECOND, "")
        .replace(FILTER, "")
    )
    now = section(shared.config())
    assert "  description newer" in now
    for line in ("  preference 7", " circuit paris", " route-filter office"):
        assert line not in now, now
    assert reload.flaps() == flaps


def test_what_stands_beside_our_section_changes_with_it(reload, shared):
    flaps = reload.flaps()
    reload.apply(
        lambda text: "ip prefix-list OURS seq 5 permit 10.100.0.0/24\n"
        + text.replace("ip address 10.100.0.1/24\n", "ip address 10.100.0.1/24\n description premises\n")
        .replace("   advertise 10.100.0.0/24\n", "   advertise prefix-list OURS\n")
    )
    config = shared.config()
    assert "ip prefix-list OURS seq 5 permit 10.100.0.0/24" in config and " description premises" in config
    assert "   advertise prefix-list OURS" in section(config)
    assert reload.flaps() == flaps


def test_links_can_change_places_in_one_commit(reload, shared):
    """Line by line, one interface would for a moment be on both links."""

    def swap(text):
        head, tail = text.split("expressroute\n", 1)
        return head + "expressroute\n" + tail.replace("eth1", "X").replace("eth2", "eth1").replace("X", "eth2")

    reload.apply(swap)
    now = section(shared.config())
    assert now.index("    interface eth2") < now.index("    interface eth1")


def test_the_section_can_go_and_come(reload, shared):
    reload.apply(lambda text: text.replace(CIRCUIT, ""))
    config = shared.config()
    assert section(config) == [] and "router bgp 65001" in config
    wait_for(lambda: reload.flaps() == {}, "end of the sessions")
    reload.apply(lambda text: reload.before)
    shared.wait_redundant()


def test_how_the_section_is_written_does_not_matter(reload, shared):
    def rewrite(text):
        head, tail = text.split("expressroute\n", 1)
        lines = [line if line.startswith("exit-expressroute") else "\t" + line.strip() for line in tail.splitlines()]
        return head + "expressroute\n! a comment\n" + "\n".join(lines) + "\n"

    flaps = reload.flaps()
    reload.apply(rewrite)
    assert reload.flaps() == flaps


@pytest.mark.parametrize(
    "subnet", ["172.16.0.8/29", "172.16.0.0/30"], ids=["a-line-is-refused", "the-commit-is-refused"]
)
def test_a_refused_section_changes_nothing_of_it(reload, shared, subnet):
    before, flaps = section(shared.config()), reload.flaps()
    log = reload.apply(lambda text: text.replace("ipv4-subnet 172.16.0.4/30", f"ipv4-subnet {subnet}"), status=1)
    assert "section expressroute left as it was: " in log
    assert section(shared.config()) == before
    assert reload.flaps() == flaps
    # nor is it left behind in the candidate, for the next commit
    shared.configure("expressroute\n circuit amsterdam\n  no description")
    assert section(shared.config()) == before


def test_a_section_without_an_end_changes_nothing(reload, shared):
    before = shared.config()
    log = reload.apply(lambda text: text.replace("exit-expressroute\n", "").replace(" 10.100.0.1/24", " 10.100.0.9/24"))
    assert "does not end in exit-expressroute" in log
    assert shared.config() == before


def test_the_difference_can_be_looked_at_first(shared):
    shared.sh("sed 's/^  peering private/  description looked at\\n&/' /etc/frr/frr.conf >/tmp/new.conf")
    before = shared.config()
    out = shared.sh("/usr/lib/frr/frr-reload.py --test /tmp/new.conf")
    assert "+  description looked at" in out
    assert shared.config() == before
