# SPDX-License-Identifier: GPL-2.0-or-later
"""The life of a circuit under valgrind: no wrong access, no leak, in any of our three."""
import glob
import os
import re

import pytest

import er_lab
import scenery
from scenery import LINKS, wait_for

WATCHED = ("erouted", "bgpd", "mgmtd")


def suppressions():
    tools = os.path.join(os.path.dirname(er_lab.frontend_client()), "../../../tools/valgrind.supp")
    return f"--suppressions={os.path.realpath(tools)}" if os.path.exists(tools) else ""


def under_valgrind(daemon):
    """Its log's path is that of the node: pytest's directory is not to be seen from there."""
    return (
        f"/usr/bin/valgrind --num-callers=40 --leak-check=full --show-leak-kinds=definite"
        f" --errors-for-leak-kinds=definite {suppressions()} --log-file=/tmp/gearlogdir/{daemon}.valgrind.%p"
    )


@pytest.fixture(scope="module")
def lab(request):
    if not os.path.exists("/usr/bin/valgrind"):
        pytest.skip("valgrind is not installed")
    wrapper = {daemon: under_valgrind(daemon) for daemon in WATCHED}
    with er_lab.running(request, scenery.circuit_conf(), wrapper=wrapper) as lab:
        yield lab


def test_life_of_a_circuit(lab):
    lab.wait_redundant(timeout=90)
    scenery.prepend(lab.msee1)
    lab.wait_circuit(lambda c: c.family("ipv4").get("drained"), "the drain", 30)
    scenery.prepend(lab.msee1, False)
    lab.wait_redundant(timeout=30)
    lab.settled()
    scenery.cut(lab.msee2)
    lab.wait_redundancy("degraded", timeout=30)
    scenery.mend(lab.msee2)
    lab.wait_redundant(timeout=60)
    for show in (
        "show expressroute",
        "show expressroute json",
        "show expressroute circuit amsterdam",
        "show expressroute circuit amsterdam json",
        "show running-config",
    ):
        lab.ce.sh(f"vtysh -c '{show}'")
    lab.ce.try_vtysh(
        "configure terminal\nexpressroute\ncircuit amsterdam\npeering private\nlink primary\nipv4-subnet 1.2.3.4/29"
    )
    lab.clear()
    lab.configure("expressroute\ncircuit amsterdam\npeering private\nno link secondary")
    lab.wait_redundancy("degraded", timeout=30)
    lab.configure(scenery.circuit_conf())
    lab.wait_redundant(timeout=60)
    lab.configure("expressroute\nno circuit amsterdam")
    wait_for(lambda: not lab.bgp_neighbor("primary", 4), "the neighbors to go", 30)
    lab.configure(scenery.circuit_conf())
    lab.wait_redundant(timeout=60)


@pytest.mark.parametrize("daemon", WATCHED)
def test_ends_clean(lab, daemon):
    lab.router.kill(daemon, "TERM")
    logs = glob.glob(os.path.join(lab.ce.gear.gearlogdir, daemon + ".valgrind.*"))
    # the parent that forked the daemon is still root
    logs = [log for log in logs if os.stat(log).st_uid != 0]
    assert logs
    for log in logs:
        with open(log, encoding="utf-8", errors="replace") as file:
            text = file.read()
        summary = re.search(r"ERROR SUMMARY: (\d+) errors", text)
        assert summary and summary[1] == "0", text[-8000:]
