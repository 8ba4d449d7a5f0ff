# SPDX-License-Identifier: GPL-2.0-or-later
"""
Routers for FRR's framework: PlainRouter runs stock FRR, ErRouter runs it with
erouted, both modules and our vtysh.  Both start all daemons at once, as the
order must not matter, and any daemon can be killed and started alone.
"""
import glob
import os

from lib import topotest
from lib.topolog import logger

import scenery
from parts import FRR_SBIN, OUR_DAEMONS, STOCK_DAEMONS, Build

BUILD = Build()


class PlainRouter(topotest.Router):
    """Stock FRR."""

    DAEMONS = STOCK_DAEMONS

    def __init__(self, name, *args, **params):
        super().__init__(name, *args, **params)
        self.skip_remove_ips = True
        self.wrapper = {}  # daemon -> command that it runs under

    def shell_run(self, daemon):
        """/var/run/frr/<daemon>, without the suffix."""
        return f"/var/run/{self.routertype}/{daemon}"

    def launch(self, daemon, options=None):
        """Start a daemon; it has not necessarily come up when this returns."""
        if options is None:
            options = self.daemons_options.get(daemon, "")
        run = self.shell_run(daemon)
        self.cmd_raises(
            f"rm -f {run}.pid {run}.vty;"
            f" ASAN_OPTIONS=log_path={self.logdir}/{self.name}.asan.{daemon}"
            f" {self.wrapper.get(daemon, '')} {os.path.join(self.daemondir, daemon)}"
            f" {options} --command-log-always --log file:{daemon}.log --log-level debug -d"
            f" >> {daemon}.out 2>> {daemon}.err"
        )

    def await_started(self, *daemons):
        for daemon in daemons:
            run = self.shell_run(daemon)
            scenery.wait_for(
                lambda: self.path_exists(f"{run}.pid") and self.path_exists(f"{run}.vty"),
                f"{daemon} to start on {self.name}",
                60 if self.wrapper.get(daemon) else 20,
            )

    def startRouterDaemons(self, daemons=None, tgen=None):
        wanted = daemons or [d for d in self.DAEMONS if self.daemons.get(d)]
        directory = f"{self.logdir}/{self.name}"
        self.cmd_raises(f"install -m 775 -o frr -g frr -d {directory}")
        self.set_cwd(directory)
        self.reportCores = True
        for daemon in wanted:
            self.launch(daemon)
        self.await_started(*wanted)
        return ""

    def pid_of(self, daemon):
        return int(self.cmd_raises(f"cat {self.shell_run(daemon)}.pid"))

    def kill(self, daemon, signal="KILL"):
        """End a daemon and wait until it is gone."""
        pid = self.pid_of(daemon)
        logger.info("%s: kill -%s %s (%d)", self.name, signal, daemon, pid)
        self.cmd_raises(f"kill -{signal} {pid}")

        def gone():
            status, out, _ = self.cmd_status(f"cat /proc/{pid}/stat", warn=False)
            return status != 0 or out.rpartition(")")[2].split()[0] == "Z"

        scenery.wait_for(gone, f"{daemon} to be gone", 20)
        self.cmd_raises(f"rm -f {self.shell_run(daemon)}.pid {self.shell_run(daemon)}.vty")

    def start(self, *daemons):
        for daemon in daemons:
            self.launch(daemon)
        self.await_started(*daemons)


class ErRouter(PlainRouter):
    """FRR with frr-expressroute."""

    DAEMONS = OUR_DAEMONS
    # erouted stops before the daemons that it asks
    FRR_DAEMON_STOP_ORDER = {**topotest.Router.FRR_DAEMON_STOP_ORDER, "erouted": -1}
    topotest.Router.FRR_DAEMON_STOP_ORDER.setdefault("erouted", -1)

    def __init__(self, name, *args, **params):
        super().__init__(name, *args, **params)
        self.daemons["erouted"] = 0
        for daemon, path in BUILD.modules.items():
            self.daemons_options[daemon] = f"-M {path}"

    def config_host(self, **params):
        super().config_host(daemondir=self._collect_daemons(self.logdir), **params)
        self.bind_mount(BUILD.vtysh, "/usr/bin/vtysh")

    @staticmethod
    def _collect_daemons(logdir):
        """One directory with FRR's daemons and ours: where the framework looks."""
        directory = os.path.join(logdir, "daemons")
        os.makedirs(directory, exist_ok=True)
        for path in [*glob.glob(f"{FRR_SBIN}/*"), BUILD.erouted]:
            link = os.path.join(directory, os.path.basename(path))
            if os.path.lexists(link):
                os.unlink(link)
            os.symlink(path, link)
        return directory
