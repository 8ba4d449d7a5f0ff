# SPDX-License-Identifier: GPL-2.0-or-later
"""
Nodes made of namespaces, without a test framework: what lab/demo.py stands on.

A node is a shell in the sense of scenery.py.  It has its own network, processes
and directories of FRR; it ends, with everything in it, when we do.
"""
import os
import shlex
import subprocess

from parts import FRR_SBIN
from scenery import wait_for

PRIVATE = ("/run/frr", "/etc/frr", "/var/lib/frr", "/var/log/frr")


class Node:
    """A host."""

    def __init__(self, name):
        self.name = name
        for path in PRIVATE:
            os.makedirs(path, exist_ok=True)
        mounts = "".join(
            f"mount -t tmpfs -o mode=755 node {path} && chown frr:frr {path} && " for path in PRIVATE
        )
        self._holder = subprocess.Popen(
            ["unshare", "--net", "--mount", "--uts", "--pid", "--fork", "--kill-child", "--mount-proc",
             "--propagation", "private", "sh", "-c", f"{mounts}hostname {name} && ip link set lo up && echo up; exec cat"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        if self._holder.stdout.readline().strip() != "up":
            raise RuntimeError(f"cannot make the namespaces of {name}")
        with open(f"/proc/{self._holder.pid}/task/{self._holder.pid}/children", encoding="ascii") as file:
            self.pid = int(file.read().split()[0])
        self._enter = ["nsenter", "-t", str(self.pid), "--net", "--mount", "--uts", "--pid"]

    def stop(self):
        self._holder.kill()
        self._holder.wait()

    def try_sh(self, command):
        """(exit status, everything it wrote)"""
        done = subprocess.run(
            [*self._enter, "sh", "-c", command],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
        )
        return done.returncode, done.stdout

    def sh(self, command):
        status, out = self.try_sh(command)
        if status:
            raise RuntimeError(f"{self.name}: {command!r} failed:\n{out}")
        return out

    def popen(self, argv):
        return subprocess.Popen(
            [*self._enter, *argv], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )

    def read(self, path):
        """A file as the node sees it, "" when there is none."""
        try:
            with open(f"/proc/{self.pid}/root{path}", encoding="utf-8", errors="replace") as file:
                return file.read()
        except FileNotFoundError:
            return ""


class Router(Node):
    """A node with FRR."""

    def __init__(self, name):
        super().__init__(name)
        self.log = "/var/log/frr/{}.log"

    def start(self, conf, daemons, build=None):
        """Start the daemons, ours with them when a build is given, and configure them."""
        if build:
            self.sh(f"mount --bind {build.vtysh} /usr/bin/vtysh")
        self.sh(
            "cat > /etc/frr/frr.conf <<'END'\n" + conf + "\nEND\n"
            "echo 'service integrated-vtysh-config' > /etc/frr/vtysh.conf; chown frr:frr /etc/frr/*"
        )
        for daemon in daemons:
            path = build.erouted if daemon == "erouted" else os.path.join(FRR_SBIN, daemon)
            module = f"-M {build.modules[daemon]}" if build and daemon in build.modules else ""
            log = self.log.format(daemon)
            # its output must not keep our pipe open
            self.sh(f"{path} -d {module} --log file:{log} --log-level informational > {log}.out 2>&1")
        for daemon in daemons:
            wait_for(lambda: self.try_sh(f"test -S /run/frr/{daemon}.vty")[0] == 0, f"{daemon} on {self.name}")
        self.sh("vtysh -b")

    def vtysh(self, text):
        arguments = [part for line in text.split("\n") if line.strip() for part in ("-c", line)]
        out = self.sh(shlex.join(["vtysh", *arguments]))
        if any(line.startswith("% ") for line in out.splitlines()):
            raise RuntimeError(f"{self.name}: vtysh refused something of\n{text}\nand said\n{out}")
        return out


def connect(one, port, other, other_port):
    """A cable between two nodes."""
    subprocess.run(
        ["ip", "link", "add", port, "netns", str(one.pid), "type", "veth",
         "peer", "name", other_port, "netns", str(other.pid)],
        check=True,
    )
    one.sh(f"ip link set {port} up")
    other.sh(f"ip link set {other_port} up")
