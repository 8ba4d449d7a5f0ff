# SPDX-License-Identifier: GPL-2.0-or-later
import os

import pytest

import frrlab

def unmet():
    if os.geteuid() != 0:
        return "needs root"
    if not os.path.exists(frrlab.SBINDIR + "/mgmtd"):
        return "needs an installed FRR"
    if not os.path.exists(frrlab.BUILDDIR + "/erouted/erouted"):
        return "needs a built erouted"
    return None


@pytest.fixture
def bare(tmp_path):
    """A lab without daemons."""
    reason = unmet()
    if reason:
        pytest.skip(reason)
    lab = frrlab.Lab(tmp_path)
    yield lab
    lab.close()


@pytest.fixture
def lab(bare):
    """mgmtd and erouted, as yet without zebra."""
    bare.start("mgmtd")
    bare.start("erouted")
    return bare


@pytest.fixture
def configured(lab):
    """... and one circuit, without facts of its interfaces."""
    lab.configure(frrlab.circuit())
    frrlab.wait_for("the circuit", lambda: "ams-1" in lab.show("show expressroute"))
    return lab
