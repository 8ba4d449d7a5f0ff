# SPDX-License-Identifier: GPL-2.0-or-later
"""
What the benchmarks play on: network namespaces, cables between them, FRR in
them.  Everything belongs to a Stage and goes with it.

A Node is a shell as lab/scenery.py wants one (sh, vtysh, popen).  FRR's daemons
run in the foreground with a pathspace per node, so that the process started is
the daemon, and its CPU time and memory can be read.
"""

import json
import os
import pwd
import shlex
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

FRR_SBIN = Path("/usr/lib/frr")
FRR_RUN = Path("/run/frr")
FRR_ETC = Path("/etc/frr")
MODULE = "expressroute"
# ours knows all commands; only beside it is there anything else to measure
VTYSH = FRR_SBIN / "vtysh-expressroute"


def run(argv, check=True):
    """Run a command to its end and return what it printed."""
    done = subprocess.run(
        [str(a) for a in argv], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if check and done.returncode:
        raise RuntimeError(f"{shlex.join(map(str, argv))}: {done.stdout}{done.stderr}")
    return done.stdout


def wait_for(what, condition, timeout=60.0, interval=0.02):
    """Poll until the condition is true and return what it said."""
    end = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise TimeoutError(f"after {timeout} s still not: {what}; last answer {value!r}")
        time.sleep(interval)


class Process:
    """A daemon in the foreground."""

    def __init__(self, argv, log):
        self.log = log
        with open(log, "ab") as out:
            self.popen = subprocess.Popen(
                [str(a) for a in argv],
                stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        self.pid = self.popen.pid

    def alive(self):
        return self.popen.poll() is None

    def text(self):
        return self.log.read_text(errors="replace")

    def cpu_ns(self):
        """CPU time of all threads so far, in nanoseconds."""
        tasks = Path(f"/proc/{self.pid}/task").iterdir()
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks)

    def rss_bytes(self):
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        raise RuntimeError(f"no VmRSS of {self.pid}")

    def stop(self, timeout=20):
        if self.alive():
            self.popen.send_signal(signal.SIGTERM)
        try:
            self.popen.wait(timeout)
        except subprocess.TimeoutExpired:
            self.popen.kill()
            self.popen.wait()


class Node:
    """A network namespace, and what runs in it."""

    def __init__(self, stage, name):
        self.stage = stage
        self.name = name
        self.path = f"{stage.name}-{name}"  # of the namespace, and FRR's pathspace
        self.daemons = {}
        run(["ip", "netns", "add", self.path])
        run(["ip", "-n", self.path, "link", "set", "lo", "up"])

    def remove(self):
        for daemon in reversed(list(self.daemons)):
            self.stop(daemon)
        run(["ip", "netns", "del", self.path], check=False)
        for directory in (FRR_RUN, FRR_ETC, Path("/var/lib/frr")):
            shutil.rmtree(directory / self.path, ignore_errors=True)

    def inside(self, argv):
        return ["ip", "netns", "exec", self.path, *argv]

    def sh(self, command):
        return run(self.inside(["sh", "-c", command]))

    def popen(self, argv):
        return subprocess.Popen(
            self.inside(argv),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip

    def spawn(self, name, argv):
        # `ip netns exec` becomes what it executes: the pid is the daemon's
        process = Process(self.inside(argv), self.stage.dir / f"{self.name}-{name}.log")
        self.daemons[name] = process
        return process

    def stop(self, name):
        self.daemons.pop(name).stop()

    #
    # FRR
    #
    def run_dir(self):
        return FRR_RUN / self.path

    def start_frr(self, *daemons, ours=False, conf="", wrapper=None, more=None):
        """
        Start daemons, with our modules and erouted if ours, and configure them.
        wrapper: {daemon: command that it runs under}; more: {daemon: more options}.
        """
        user = pwd.getpwnam("frr")
        for directory in (FRR_RUN, self.run_dir(), FRR_ETC / self.path):
            directory.mkdir(parents=True, exist_ok=True)
            os.chown(directory, user.pw_uid, user.pw_gid)
        (FRR_ETC / self.path / "vtysh.conf").touch()
        for daemon in (*daemons, "erouted") if ours else daemons:
            module = ours and daemon in ("bgpd", "mgmtd")
            self.start_daemon(daemon, (wrapper or {}).get(daemon, ()), (more or {}).get(daemon, ()), module)
        for daemon in self.daemons:
            wait_for(f"{daemon} on {self.name} answers", lambda d=daemon: self.answers(d))
        self.configure(conf)

    def start_daemon(self, daemon, wrapper=(), more=(), module=False):
        (self.run_dir() / f"{daemon}.vty").unlink(missing_ok=True)
        options = ["-N", self.path, "--log", "stdout", "--log-level", "info"]
        options += ["-M", MODULE] if module else []
        self.spawn(daemon, [*wrapper, FRR_SBIN / daemon, *options, *more])

    def configure(self, conf):
        """As from a file: all of it in one go."""
        path = self.stage.dir / f"{self.name}.frr.conf"
        path.write_text(conf)
        run(self.inside([VTYSH, "-N", self.path, "-f", path]))

    def answers(self, daemon):
        if not self.daemons[daemon].alive():
            raise RuntimeError(f"{daemon} on {self.name} is dead: {self.daemons[daemon].text()[-2000:]}")
        with socket.socket(socket.AF_UNIX) as probe:
            return probe.connect_ex(str(self.run_dir() / f"{daemon}.vty")) == 0

    def stop_frr(self):
        for daemon in reversed(list(self.daemons)):
            self.stop(daemon)

    def vtysh(self, text):
        argv = [VTYSH, "-N", self.path]
        for line in text.splitlines():
            argv += ["-c", line]
        return run(self.inside(argv))

    def show(self, command):
        return json.loads(self.vtysh(command))


class Stage:
    """The nodes of one benchmark; use it in a `with`."""

    def __init__(self, name):
        self.name = name
        self.dir = Path(tempfile.mkdtemp(prefix=f"bench-{name}."))
        self.dir.chmod(0o755)
        self.nodes = {}

    def __enter__(self):
        return self

    def __exit__(self, failed, *_):
        for node in self.nodes.values():
            node.remove()
        if failed:
            print(f"logs: {self.dir}", flush=True)
        else:
            shutil.rmtree(self.dir, ignore_errors=True)

    def node(self, name):
        self.nodes[name] = Node(self, name)
        return self.nodes[name]

    def cable(self, one, port, other, other_port):
        a, b = self.nodes[one], self.nodes[other]
        run(["ip", "-n", a.path, "link", "add", port, "type", "veth",
             "peer", "name", other_port, "netns", b.path])  # fmt: skip
        run(["ip", "-n", a.path, "link", "set", port, "up"])
        run(["ip", "-n", b.path, "link", "set", other_port, "up"])


def quiet(processes, limit_ns=4_000_000, period=0.2, timeout=300):
    """
    Wait until the processes together use less than limit_ns of CPU time in two
    periods running.  Asking a daemon whether it is done would be work for it.
    """
    end = time.monotonic() + timeout
    processes = list(processes)
    calm, last = 0, sum(p.cpu_ns() for p in processes)
    while calm < 2:
        time.sleep(period)
        now = sum(p.cpu_ns() for p in processes)
        calm = calm + 1 if now - last < limit_ns else 0
        last = now
        if time.monotonic() > end:
            raise TimeoutError(f"still busy after {timeout} s")
