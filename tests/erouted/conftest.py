# SPDX-License-Identifier: GPL-2.0-or-later
import os

import pytest

import frrlab

CIRCUIT = """
expressroute
circuit {name}
 peering private
  password s3cret
  advertise 10.0.0.0/8
  link primary
   interface {a}
   ipv4-subnet 192.168.{net}.0/30
  exit
  link secondary
   interface {b}
   ipv4-subnet 192.168.{net}.4/30
  exit
 exit
exit
exit-expressroute
"""


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


def circuit(name="ams-1", net=100, a="lo", b="lo"):
    return CIRCUIT.format(name=name, net=net, a=a, b=b)


@pytest.fixture
def configured(lab):
    """... and one circuit, without facts of its interfaces."""
    lab.configure(circuit())
    frrlab.wait_for("the circuit", lambda: "ams-1" in lab.show("show expressroute"))
    return lab


def said(lab):
    """What erouted has said of circuits, without times and ids."""
    lines = [line.split("] ", 1)[-1] for line in lab.log("erouted").splitlines()]
    lines = [line.split("] ", 1)[-1] for line in lines]
    return [line for line in lines if line.startswith("circuit ")]
