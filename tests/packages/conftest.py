# SPDX-License-Identifier: GPL-2.0-or-later
"""The Debian packages, in a Debian with stock FRR."""

import glob
import os

import pytest

from packaged import NAMES, built, machine


@pytest.fixture(scope="session")
def packages():
    """name -> the Debian package, of this tree"""
    if "LAB_STOCK" not in os.environ:
        pytest.skip("needs the lab's Debian with stock FRR: lab/run check, not --native")
    built("deb")
    paths = glob.glob(os.path.join(os.environ["LAB_BUILD"], "deb", "*.deb"))
    found = {name: path for path in paths for name in [os.path.basename(path).split("_")[0]] if name in NAMES}
    assert sorted(found) == sorted(NAMES)
    return found


@pytest.fixture
def fresh(packages):  # pylint: disable=unused-argument
    """A machine without our packages, FRR not yet started."""
    with machine() as router:
        yield router


@pytest.fixture
def router(packages):  # pylint: disable=unused-argument
    """A machine with our packages and a circuit that is redundant."""
    with machine() as router:
        router.bring_up()
        yield router


@pytest.fixture(scope="module")
def shared(packages):  # pylint: disable=unused-argument
    """The same for tests that leave it as they found it."""
    with machine() as router:
        router.bring_up()
        yield router
