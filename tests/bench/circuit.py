# SPDX-License-Identifier: GPL-2.0-or-later
"""The lab's scenery (lab/scenery.py) on a Stage: one circuit between a host and a VNet."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "lab"))

import scenery  # noqa: E402  pylint: disable=wrong-import-position
from stage import wait_for  # noqa: E402  pylint: disable=wrong-import-position

DAEMONS = ("mgmtd", "zebra", "bfdd", "bgpd")
# enough of a log for a machine to read times from
LOGGING = "log timestamp precision 6\nlog syslog informational\n"


def build_nodes(stage, more=(), wires=()):
    """Nodes and cables, with the host on the premises."""
    for name in ("onprem", "vnet", "ce", *scenery.MSEES, *more):
        stage.node(name)
    for wire in (*scenery.wires(), *wires):
        stage.cable(*wire)
    for name in ("ce", *scenery.MSEES):
        scenery.router_setup(stage.nodes[name])
    scenery.onprem_setup(stage.nodes["onprem"])


def build(stage):
    """All nodes and hosts; both MSEEs run already."""
    build_nodes(stage)
    scenery.vnet_setup(stage.nodes["vnet"])
    for link in scenery.LINKS.values():
        stage.nodes[link.msee].start_frr(*DAEMONS, conf=scenery.msee_conf(link))


def start_ce(stage, conf, ours, daemons=DAEMONS, **how):
    stage.nodes["ce"].start_frr(*daemons, ours=ours, conf=LOGGING + conf, **how)


def sessions(stage):
    """{neighbor: state} of ce, in both families."""
    states = {}
    for family in ("ipv4", "ipv6"):
        peers = stage.nodes["ce"].show(f"show bgp {family} unicast summary json").get("peers", {})
        states.update({address: peer["state"] for address, peer in peers.items()})
    return states


def wait_established(stage, count=4):
    wait_for(
        "all sessions established",
        lambda: list(sessions(stage).values()) == ["Established"] * count,
        timeout=90, interval=0.2,
    )  # fmt: skip


def nexthops(stage, family=4):
    """Interfaces into which ce's kernel sends the VNet's traffic."""
    text = stage.nodes["ce"].sh(f"ip -{family} route show {scenery.VNET_NET[family]}")
    return {role for role, link in scenery.LINKS.items() if f"dev {link.msee} " in text + " "}
