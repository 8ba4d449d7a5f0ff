# SPDX-License-Identifier: GPL-2.0-or-later
"""Where the parts under test are: in a build tree (ER_BUILD), or installed beside FRR."""
import os
import subprocess

FRR_SBIN = "/usr/lib/frr"
MODULE = "expressroute"
# daemons of a router, in the order FRR starts them
STOCK_DAEMONS = ("mgmtd", "zebra", "bfdd", "bgpd")
OUR_DAEMONS = (*STOCK_DAEMONS, "erouted")


def _moduledir():
    """As frr.pc has it; some versions put quotes around it."""
    asked = subprocess.run(
        ["pkg-config", "--variable=moduledir", "frr"], capture_output=True, text=True, check=False
    )
    return asked.stdout.strip().strip('"')


class Build:
    """The paths of erouted, of the modules (by the daemon that loads them) and of our vtysh."""

    def __init__(self, top=os.environ.get("ER_BUILD")):
        if top:
            self.erouted = os.path.join(top, "erouted/erouted")
            self.vtysh = os.path.join(top, "vtysh/vtysh-expressroute")
            self.modules = {d: os.path.join(top, d, f"{d}_{MODULE}.so") for d in ("bgpd", "mgmtd")}
        else:
            self.erouted = os.path.join(FRR_SBIN, "erouted")
            self.vtysh = os.path.join(FRR_SBIN, "vtysh-expressroute")
            self.modules = {d: os.path.join(_moduledir(), f"{d}_{MODULE}.so") for d in ("bgpd", "mgmtd")}

    def missing(self):
        """What is not there, as paths."""
        return [p for p in (self.erouted, self.vtysh, *self.modules.values()) if not os.path.exists(p)]
