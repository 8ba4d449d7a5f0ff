# SPDX-License-Identifier: GPL-2.0-or-later
"""
A Debian with stock FRR, as the lab's packages made it and without a file of ours:
lab/enter over LAB_STOCK, with what is written kept in memory.  Its FRR is started
as systemd would start it: frrinit.sh with the environment of frr.service.
"""

import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

TREE = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.append(str(TREE / "lab"))

import scenery  # noqa: E402  pylint: disable=wrong-import-position

UNITS = "/usr/lib/systemd/system"
SECONDS = 90
# the kernel reaps what nobody waits for: a daemon that has ended must be gone
INIT = """
import signal
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
print("up", flush=True)
while True:
    signal.pause()
"""


# in Debian 14 it is in a package of its own, which the lab has no other use for
PIVOT_ROOT = """\
#!/usr/bin/python3
import ctypes, os, sys
number = {"x86_64": 155, "aarch64": 41}[os.uname().machine]
sys.exit(ctypes.CDLL(None).syscall(number, sys.argv[1].encode(), sys.argv[2].encode()) != 0)
"""


def provide_pivot_root():
    """lab/enter needs it; where this runs, the lab's Debian, is thrown away afterwards."""
    if not shutil.which("pivot_root"):
        path = pathlib.Path("/usr/local/sbin/pivot_root")
        path.write_text(PIVOT_ROOT, encoding="ascii")
        path.chmod(0o755)


def wait_for(check, what, seconds=SECONDS):
    return scenery.wait_for(check, what, seconds)


class Machine:
    def __init__(self, stock, *binds):
        provide_pivot_root()
        command = [str(TREE / "lab" / "enter"), "-o"]
        for bind in binds:
            command += ["-b", bind]
        # pylint: disable-next=consider-using-with
        self.process = subprocess.Popen(
            [*command, stock, "python3", "-c", INIT], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout.readline() == "up\n"
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        self.pid = children.read_text(encoding="ascii").split()[0]

    def stop(self):
        self.process.kill()
        self.process.wait()

    def try_sh(self, command, environment=None):
        """(exit status, what it wrote)"""
        # a file, not a pipe: a daemon that is started keeps it open
        with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as out:
            done = subprocess.run(
                ["nsenter", "-t", self.pid, "-m", "-p", "-i", "-u", "-n", "-r", "-w", "sh", "-c", command],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", **(environment or {})},
                timeout=SECONDS,
                check=False,
            )
            out.seek(0)
            return done.returncode, out.read()

    def sh(self, command, environment=None):
        status, out = self.try_sh(command, environment)
        assert status == 0, f"{command}: exit status {status}\n{out}"
        return out

    def write(self, path, text):
        self.sh(f"cat >{path} <<'END'\n{text.removesuffix(chr(10))}\nEND")

    def exists(self, path):
        return self.try_sh(f"test -e {path}")[0] == 0

    def files(self, *places):
        """path -> what it is, of everything in these directories"""
        out = self.sh(f"find {' '.join(places)} -printf '%p %y %m %u:%g %s %l\\n'")
        return dict(line.split(" ", 1) for line in out.splitlines())

    #
    # FRR
    #
    def unit(self, name):
        """A unit of systemd and its drop-ins, as (key, value)."""
        text = self.sh(f"cat {UNITS}/{name} {UNITS}/{name}.d/*.conf 2>/dev/null || cat {UNITS}/{name}")
        return re.findall(r"(?m)^(\w+)=(.*)$", text)

    def frr_environment(self):
        """
        What systemd puts into frr.service's.  These files are written so that
        systemd and a shell read the same.
        """
        environment = {}
        for key, value in self.unit("frr.service"):
            assert key != "Environment", "this reader knows EnvironmentFile only"
            if key == "EnvironmentFile":
                path = value.lstrip("-")
                assert value.startswith("-") or self.exists(path)
                out = self.sh(f"[ ! -e {path} ] || env -i sh -c 'set -a; . {path}; exec env -0'")
                pairs = (pair.split("=", 1) for pair in out.split("\0") if pair)
                environment.update(pair for pair in pairs if pair[0] not in ("PWD", "_", "SHLVL"))
        return environment

    def frr(self, verb):
        """As systemctl does it: (exit status, what it wrote)."""
        status, out = self.try_sh(f"/usr/lib/frr/frrinit.sh {verb}", self.frr_environment())
        if verb == "stop":
            # systemd ends what is left of the unit
            self.try_sh("kill $(cat /run/frr/*.pid) 2>/dev/null")
            wait_for(lambda: not self.daemons(), "end of FRR")
        return status, out

    def start_frr(self):
        status, out = self.frr("start")
        assert status == 0, out
        return out

    def daemons(self):
        """name -> its command line, of FRR's daemons and ours"""
        out = self.sh("for p in /proc/[0-9]*; do tr '\\0' ' ' <$p/cmdline 2>/dev/null; echo; done")
        lines = (line.split() for line in out.splitlines() if line.startswith("/usr/lib/frr/"))
        return {os.path.basename(words[0]): words[1:] for words in lines if "msee" not in words}

    def vtysh(self, *commands):
        return self.sh("vtysh " + " ".join("-c " + shlex.quote(command) for command in commands))

    def show(self, command):
        status, out = self.try_sh(f"vtysh -c {shlex.quote(command)} 2>/dev/null")
        try:
            return json.loads(out) if status == 0 else {}
        except ValueError:
            return {}

    def config(self):
        return self.vtysh("show running-config")
