# SPDX-License-Identifier: GPL-2.0-or-later
"""Tests that other kernels make skip, run where they do not."""

import os
import re
import shlex

import pytest

from guest import TREE, Guest

# each is a skip where the kernel has no VLANs or no VRF
RESTART = "tests/erouted/test_erouted_restart.py"
SKIPPED = (
    f"{RESTART}::test_two_interfaces_over_one_port_of_ours[vlan id {{id}}]",
    f"{RESTART}::test_two_interfaces_over_one_port_of_ours[both]",
    f"{RESTART}::test_parents_of_another_namespace_are_no_interfaces_of_ours",
    "tests/bgpd/test_inbound.py::test_in_a_vrf",
    "tests/bgpd/test_vpn.py::test_in_a_vrf",
)
# what make check tells its tests
VARIABLES = ("ER_BUILD", "NM", "FRR_SBINDIR", "MODULES", "FRR_TOPOTESTS", "srcdir", "LAB_TREE", "LAB_BUILD")
SECONDS = 900


@pytest.fixture(scope="module")
def outcomes():
    """test -> how it ended, of one run in a guest that is this lab once more."""
    environment = {name: os.environ[name] for name in VARIABLES if name in os.environ}
    # none of them needs one, and each takes its time
    environment["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    options = ["-c", f"{TREE}/pytest.ini", "--rootdir", str(TREE), "-o", "addopts=", "-p", "no:cacheprovider", "-v"]
    tests = [f"{TREE}/{test}" for test in SKIPPED]
    command = f"cd {os.environ['ER_BUILD']} && python3 -B -m pytest {shlex.join([*options, *tests])}"
    guest = Guest()
    try:
        _, out = guest.try_sh(command, environment, SECONDS)
    finally:
        guest.stop()
    print(out)
    return dict(re.findall(r"(?m)^\S*?(tests/\S+::.*?) (PASSED|FAILED|SKIPPED|ERROR)\b", out))


@pytest.mark.parametrize("test", SKIPPED)
def test_what_is_skipped_elsewhere_passes(outcomes, test):
    ends = [end for name, end in outcomes.items() if name.startswith(test)]
    assert ends and set(ends) == {"PASSED"}, outcomes
