# SPDX-License-Identifier: GPL-2.0-or-later
"""FRR daemons in network namespaces: a customer's edge with the module, and
two MSEEs.  Needs root, an installed FRR and the build directory as cwd."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import time

import pytest

SBINDIR = os.environ.get("FRR_SBINDIR", "/usr/lib/frr")
MODULE = os.path.join(os.environ.get("ER_BUILD", os.getcwd()), "bgpd/bgpd_expressroute.so")
DEADLINE = 20


def sh(command):
    return subprocess.run(command, shell=True, check=True, capture_output=True, text=True).stdout


class Router:
    def __init__(self, name, tmp):
        self.name, self.tmp, self.procs = name, str(tmp), {}
        sh("ip netns add %s && ip -n %s link set lo up" % (name, name))
        self.dirs = [d + name for d in ("/run/frr/", "/etc/frr/", "/var/lib/frr/")]
        uid, gid = pwd.getpwnam("frr")[2:4]
        os.chmod(self.tmp, 0o777)
        for path in self.dirs:
            os.makedirs(path, exist_ok=True)
            os.chown(path, uid, gid)
        self.run = self.dirs[0]

    def ip(self, command):
        return sh("ip -n %s %s" % (self.name, command))

    def start(self, daemon, *args, conf=""):
        path = "%s/%s-%s.conf" % (self.tmp, self.name, daemon)
        with open(path, "w") as f:
            f.write("service integrated-vtysh-config\n" + conf)
        os.chmod(path, 0o644)
        out = open("%s/%s-%s.out" % (self.tmp, self.name, daemon), "ab")
        argv = ["ip", "netns", "exec", self.name, "%s/%s" % (SBINDIR, daemon), "-N", self.name,
                "-P", "0", "-f", path, "--log", "file:%s/%s-%s.log" % (
                    self.tmp, self.name, daemon), "--log-level", "debug", *args]
        self.procs[daemon] = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=out,
                                              stderr=out, cwd="/")
        out.close()
        self.wait_vty(daemon)

    def wait_vty(self, daemon):
        end = time.monotonic() + DEADLINE
        while True:
            try:
                self.vty(daemon, "show version")
                return
            except OSError:
                assert self.procs[daemon].poll() is None, self.log(daemon, "out")
                assert time.monotonic() < end, "no vty of " + daemon
                time.sleep(0.02)

    def start_edge(self, *args, conf="", module=True):
        """bgpd, with the module."""
        load = ("-M", MODULE) if module else ()
        if isinstance(module, str):
            load = ("-M", "%s:%s" % (MODULE, module))
        self.start("bgpd", *load, *args, conf=conf)

    def log(self, daemon, kind="log"):
        with open("%s/%s-%s.%s" % (self.tmp, self.name, daemon, kind)) as f:
            return f.read()

    def vty(self, daemon, *commands):
        """What the last command prints."""
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(DEADLINE)
            s.connect("%s/%s.vty" % (self.run, daemon))
            for command in ("enable",) + commands:
                s.sendall(command.encode() + b"\0")
                data = b""
                while len(data) < 4 or data[-4:-1] != b"\0\0\0":
                    chunk = s.recv(65536)
                    assert chunk, "%s is gone: %s" % (daemon, command)
                    data += chunk
        return data[:-4].decode()

    def configure(self, *lines):
        return self.vty("bgpd", "configure terminal", *lines, "end")

    def stop(self, daemon, sig=signal.SIGTERM):
        proc = self.procs.pop(daemon)
        # ip netns exec is replaced by the daemon
        proc.send_signal(sig)
        return proc.wait(DEADLINE)

    def close(self):
        for proc in self.procs.values():
            proc.kill()
            proc.wait()
        self.procs = {}
        subprocess.run(["ip", "netns", "del", self.name], check=False)
        for path in self.dirs:
            shutil.rmtree(path, ignore_errors=True)


def link(a, a_if, b, b_if):
    sh("ip link add %s netns %s type veth peer name %s netns %s" % (a_if, a.name, b_if, b.name))
    for router, name in ((a, a_if), (b, b_if)):
        router.ip("link set %s up" % name)


def vrf(router, name):
    """A VRF device; without support in the kernel the test is skipped."""
    try:
        router.ip("link add %s type vrf table 10" % name)
    except subprocess.CalledProcessError:
        pytest.skip("the kernel has no VRF")
    router.ip("link set %s up" % name)


def address(router, ifname, *addresses):
    for a in addresses:
        router.ip("addr add %s dev %s%s" % (a, ifname, " nodad" if ":" in a else ""))
