# SPDX-License-Identifier: GPL-2.0-or-later
import os
import subprocess

import pytest

import frrlab
import vpnlab

def unmet():
    if os.geteuid() != 0:
        return "needs root"
    if not os.path.exists(frrlab.SBINDIR + "/mgmtd"):
        return "needs an installed FRR"
    if not os.path.exists(frrlab.BUILDDIR + "/erouted/erouted"):
        return "needs a built erouted"
    return None


@pytest.fixture(scope="module", autouse=True)
def network():
    """A network namespace of its own: interfaces of files that run at once have the same names."""
    if unmet():
        yield
        return
    before = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    os.unshare(os.CLONE_NEWNET)
    try:
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        yield
    finally:
        os.setns(before, os.CLONE_NEWNET)
        os.close(before)


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


@pytest.fixture
def scenery():
    """Tunnels to gateways, an internet, two links."""
    if unmet() or not vpnlab.available():
        pytest.skip("cannot make network namespaces")
    made = vpnlab.Scenery()
    yield made
    made.destroy()
