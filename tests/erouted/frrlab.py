# SPDX-License-Identifier: GPL-2.0-or-later
"""Real FRR daemons and erouted in a directory of their own, for the tests.

Needs root (daemons drop to user frr) and an installed FRR.  A lab is a
pathspace: sockets, logs and state files are nobody else's.
"""

import json
import os
import pwd
import shutil
import signal
import socket
import struct
import subprocess
import time

FRR_USER = "frr"
SBINDIR = os.environ.get("FRR_SBINDIR", "/usr/lib/frr")
BUILDDIR = os.environ.get("ER_BUILDDIR", os.getcwd())
DEADLINE = 20.0


class VtyError(Exception):
    pass


def wait_for(what, probe, deadline=DEADLINE):
    """Poll probe() until it is true; its value is returned."""
    end = time.monotonic() + deadline
    while True:
        value = probe()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError("waited %.0f s for %s" % (deadline, what))
        time.sleep(0.02)


class Vty:
    """A daemon's vty socket, as vtysh uses it."""

    def __init__(self, path):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(DEADLINE)
        self.sock.connect(path)

    def __enter__(self):
        return self

    def __exit__(self, *args):
        self.sock.close()

    def run(self, command, check=True):
        """The command's output; an answer is closed by NUL NUL NUL code."""
        self.sock.sendall(command.encode() + b"\0")
        data = b""
        while len(data) < 4 or data[-4:-1] != b"\0\0\0":
            chunk = self.sock.recv(65536)
            if not chunk:
                raise VtyError("%s: connection lost" % command)
            data += chunk
        text, code = data[:-4].decode(), data[-1]
        # CMD_SUCCESS, CMD_SUCCESS_DAEMON
        if check and code not in (0, 9):
            raise VtyError("%s: code %d: %s" % (command, code, text))
        return text


class Lab:
    def __init__(self, tmp):
        self.name = "er%d" % os.getpid()
        self.procs = {}
        self.logs = str(tmp)
        uid, gid = pwd.getpwnam(FRR_USER)[2:4]
        os.chmod(self.logs, 0o755)
        os.chown(self.logs, uid, gid)
        self.dirs = [d + "/" + self.name for d in ("/run/frr", "/etc/frr", "/var/lib/frr")]
        for path in self.dirs:
            os.makedirs(path, exist_ok=True)
            os.chown(path, uid, gid)
        self.run_dir, self.etc_dir, self.lib_dir = self.dirs

    def log(self, daemon):
        with open("%s/%s.log" % (self.logs, daemon)) as f:
            return f.read()

    def start(self, daemon, *args, wait=True):
        path = "%s/%s" % (SBINDIR, daemon)
        if daemon == "erouted":
            path = BUILDDIR + "/erouted/erouted"
        if daemon == "mgmtd":
            args = ("-M", BUILDDIR + "/mgmtd/mgmtd_expressroute.so") + args
        out = open("%s/%s.out" % (self.logs, daemon), "ab")
        log = "file:%s/%s.log" % (self.logs, daemon)
        argv = [path, "-N", self.name, "-A", "127.0.0.1", "-P", "0"]
        argv += ["--log", log, "--log-level", "debug", *args]
        self.procs[daemon] = subprocess.Popen(
            argv, stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd="/")
        out.close()
        if wait:
            self.wait_vty(daemon)

    def wait_vty(self, daemon):
        def up():
            if self.procs[daemon].poll() is not None:
                with open("%s/%s.out" % (self.logs, daemon)) as f:
                    raise AssertionError("%s died: %s" % (daemon, f.read()))
            try:
                with self.vty(daemon):
                    return True
            except OSError:
                return False
        wait_for(daemon + "'s vty", up)

    def stop(self, daemon, sig=signal.SIGTERM):
        proc = self.procs.pop(daemon)
        proc.send_signal(sig)
        return proc.wait(DEADLINE)

    def close(self):
        for daemon in list(self.procs):
            self.procs[daemon].kill()
            self.procs.pop(daemon).wait(DEADLINE)
        for path in self.dirs:
            shutil.rmtree(path, ignore_errors=True)

    def vty(self, daemon):
        return Vty("%s/%s.vty" % (self.run_dir, daemon))

    def show(self, command, daemon="erouted"):
        with self.vty(daemon) as vty:
            vty.run("enable")
            return vty.run(command, check=False)

    def show_json(self, command="show expressroute json"):
        return json.loads(self.show(command))

    def configure(self, text):
        """Configuration lines, as typed into vtysh, to mgmtd."""
        with self.vty("mgmtd") as vty:
            vty.run("enable")
            vty.run("configure terminal file-lock")
            for line in text.splitlines():
                if line.strip():
                    vty.run(line.strip())
            vty.run("end")


# The wire format of wire/er_wire.h, as far as a test of erouted needs it.
HEADER = struct.Struct("=II")
MARKER = 0x23232301


def frame(body, length=None):
    return HEADER.pack(MARKER, len(body) + 8 if length is None else length) + body


class Module:
    """Plays bgpd's module on erouted's socket."""

    def __init__(self, lab):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(DEADLINE)
        self.sock.connect(lab.run_dir + "/expressroute.sock")

    def __enter__(self):
        return self

    def __exit__(self, *args):
        self.sock.close()

    def send(self, body):
        self.sock.sendall(frame(body))

    def read_exactly(self, n):
        data = b""
        while len(data) < n:
            chunk = self.sock.recv(n - len(data))
            if not chunk:
                raise EOFError
            data += chunk
        return data

    def receive(self):
        marker, length = HEADER.unpack(self.read_exactly(8))
        assert marker & 0xFFFFFF00 == 0x23232300
        return self.read_exactly(length - 8)

    def closed(self):
        """Is the connection closed by erouted (after whatever it still says)?"""
        try:
            while True:
                self.receive()
        except (EOFError, ConnectionError):
            return True
        except socket.timeout:
            return False
