# SPDX-License-Identifier: GPL-2.0-or-later
"""
FRR's own framework, with what frr-expressroute adds to it.

    FRR_TOPOTESTS  FRR's tests/topotests; default: that of the source in /usr/src/frr
    ER_BUILD       the build under test; default: what is installed beside FRR
"""
import glob
import importlib.util
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


def find_framework():
    given = os.environ.get("FRR_TOPOTESTS")
    found = [given] if given else sorted(glob.glob("/usr/src/frr/*/tests/topotests"))
    if not found or not os.path.exists(os.path.join(found[-1], "conftest.py")):
        raise SystemExit("FRR's topotest framework not found: set FRR_TOPOTESTS to FRR's tests/topotests")
    return found[-1]


FRAMEWORK = find_framework()
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), "lab"), FRAMEWORK]

import er_framework  # noqa: E402  pylint: disable=wrong-import-position

er_framework.correct()

# Under another name: "conftest" is this file.
_spec = importlib.util.spec_from_file_location("frr_conftest", os.path.join(FRAMEWORK, "conftest.py"))
_frr = importlib.util.module_from_spec(_spec)
sys.modules["frr_conftest"] = _frr
_spec.loader.exec_module(_frr)

from frr_conftest import *  # noqa: E402,F401,F403  pylint: disable=all


def pytest_exception_interact(node, call, report):
    """Not FRR's bundle of everything: er_report shows what an operator would look at."""


def pytest_configure(config):
    import er_report

    _frr.pytest_configure(config)
    config.pluginmanager.register(er_report, "er_report")
