# SPDX-License-Identifier: GPL-2.0-or-later
"""
A stock mgmtd with our module, alone: in a path space of its own (-N), without
zebra or any other daemon, spoken to as vtysh speaks to it.
"""

import itertools
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time

import pytest

HERE = pathlib.Path(__file__).resolve().parent
BUILD = pathlib.Path.cwd()
MODULE = os.environ.get("ER_MGMTD_MODULE", BUILD / "mgmtd" / "mgmtd_expressroute.so")
MGMTD = os.path.join(os.environ.get("FRR_SBINDIR", "/usr/lib/frr"), "mgmtd")
TOP = "frr-expressroute:expressroute"

# mgmtd's configuration files are not in its path space; it reads them as frr
WITH_OWN_ETC = """
mount -t tmpfs tmpfs /etc/frr && cp "$0"/* /etc/frr/ 2>/dev/null
chown -R frr:frr /etc/frr && exec "$@"
"""

SUCCESS = 0

# a list as Azure's command line prints it
COMMUNITIES = json.dumps(
    [
        {
            "name": service.replace(" ", ""),
            "serviceName": service,
            "bgpCommunities": [
                {
                    "serviceSupportedRegion": region,
                    "communityName": name,
                    "communityValue": "12076:%d" % value,
                    "communityPrefixes": [],
                    "isAuthorizedToUse": True,
                    "serviceGroup": "Azure",
                }
            ],
        }
        for service, region, name, value in [
            ("Exchange Online", "Global", "Exchange Online", 5010),
            ("SharePoint Online", "Global", "SharePoint Online", 5020),
            ("Azure Storage", "East US", "Azure Storage East US", 52004),
            ("Azure SQL", "East US", "Azure SQL East US", 53004),
            ("Azure SQL", "West Europe", "Azure SQL West Europe", 53002),
            ("Azure Regions", "East US", "East US", 51004),
            ("Azure Regions", "West Europe", "West Europe", 51002),
        ]
    ]
)
SECONDS_TO_START = 20


class Vty:
    """one connection: what vtysh is to the daemon"""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(120)
        self.socket.connect(str(path))

    def run(self, line):
        """(status, text); the daemon ends its answer with three zeros and the status"""
        self.socket.sendall(line.encode() + b"\0")
        answer = b""
        while not (len(answer) >= 4 and answer[-4:-1] == b"\0\0\0"):
            part = self.socket.recv(65536)
            assert part, "mgmtd died of: " + line
            answer += part
        return answer[-1], answer[:-4].replace(b"\0", b"").decode()

    def close(self):
        self.socket.close()


class Mgmtd:
    numbers = itertools.count()

    def __init__(self, directory, module=MODULE, files=None, communities=None):
        self.space = "er-test-%d-%d" % (os.getpid(), next(self.numbers))
        self.run_dir = pathlib.Path("/run/frr") / self.space
        self.state_dir = pathlib.Path("/var/lib/frr") / self.space
        for each in self.run_dir, self.state_dir:
            each.mkdir(parents=True)
            shutil.chown(each, "frr", "frr")
        if communities is not None:
            self.import_communities(communities)
        self.output = directory / (self.space + ".log")
        etc = directory / (self.space + ".etc")
        etc.mkdir()
        for name, text in (files or {}).items():
            (etc / name).write_text(text)
        command = [MGMTD, "-N", self.space, "-M", str(module), "--log", "stdout"]
        with open(self.output, "wb") as output:
            self.process = subprocess.Popen(
                ["unshare", "--mount", "sh", "-c", WITH_OWN_ETC, str(etc), *command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        self.wait()

    def wait(self):
        end = time.monotonic() + SECONDS_TO_START
        while time.monotonic() < end:
            assert self.process.poll() is None, self.log()
            if "finished reading config files" in self.log():
                try:
                    Vty(self.run_dir / "mgmtd.vty").close()
                    return
                except OSError:
                    pass
            # mgmtd tells nobody that it is ready
            select_nothing(0.02)
        raise AssertionError("mgmtd does not start:\n" + self.log())

    def import_communities(self, text):
        """as erouted does; renamed into place, since mgmtd may be looking"""
        path = self.state_dir / "new"
        path.write_text(text)
        path.rename(self.state_dir / "expressroute-communities.json")

    def log(self):
        return self.output.read_text(errors="replace")

    def vty(self, *lines):
        """a connection after "enable" and the lines, none of which may fail"""
        vty = Vty(self.run_dir / "mgmtd.vty")
        for line in ("enable", *lines):
            status, text = vty.run(line)
            assert (status, text) == (SUCCESS, ""), (line, status, text)
        return vty

    def configure(self, *lines):
        """[(line, status, text)] of those that fail or say something"""
        vty = self.vty("configure terminal")
        said = [(line, *vty.run(line)) for line in lines]
        vty.close()
        return [each for each in said if each[1] != SUCCESS or each[2]]

    def load(self, lines):
        """as "vtysh -b" does; the same answer as configure()"""
        vty = self.vty("configure terminal file-lock")
        said = [(line, *vty.run(line)) for line in lines]
        for line in ("XFRR_end_configuration", "end"):
            said.append((line, *vty.run(line)))
        vty.close()
        return [each for each in said if each[1] != SUCCESS or each[2].strip()]

    def edit(self, tree):
        """as a NETCONF client does: (status, text)"""
        vty = self.vty("configure terminal")
        # the command takes the data as one word
        data = json.dumps(tree, separators=(",", ":")).replace(" ", "\\u0020")
        answer = vty.run("mgmt edit merge / json lock commit " + data)
        vty.close()
        return answer

    def show(self, command="show running-config"):
        vty = self.vty()
        status, text = vty.run(command)
        vty.close()
        assert status == SUCCESS, text
        return text

    def section(self, command="show running-config"):
        """our lines of the running configuration"""
        lines = self.show(command).splitlines()
        if "expressroute" not in lines:
            return []
        return lines[lines.index("expressroute") : lines.index("exit-expressroute") + 1]

    def tree(self, defaults="all"):
        """our part of the running datastore"""
        text = self.show(
            "show mgmt get-data /%s datastore running only-config exact with-defaults %s json"
            % (TOP, defaults)
        )
        return json.loads(text or "{}").get(TOP, {})

    def processor_seconds(self):
        """used so far: what the clock says depends on who else is at work"""
        stat = pathlib.Path("/proc/%d/stat" % self.process.pid).read_text()
        fields = stat.rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        shutil.rmtree(self.run_dir, ignore_errors=True)
        shutil.rmtree(self.state_dir, ignore_errors=True)
        return self.process.returncode


def select_nothing(seconds):
    """wait for a process that has no event to offer"""
    try:
        signal.sigtimedwait([], seconds)
    except OSError:
        pass


@pytest.fixture
def start(tmp_path):
    """starts as many as the test asks for; all of them must end well"""
    tmp_path.chmod(0o755)
    running = []

    def starter(**arguments):
        running.append(Mgmtd(tmp_path, **arguments))
        return running[-1]

    yield starter
    codes = [(mgmtd, mgmtd.stop()) for mgmtd in running]
    for mgmtd, code in codes:
        assert code == 0, mgmtd.log()[-3000:]


@pytest.fixture
def mgmtd(start):
    return start()


def instances(kind):
    return sorted((HERE.parent / "yang" / kind).glob("*.json"))
