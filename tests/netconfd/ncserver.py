# SPDX-License-Identifier: GPL-2.0-or-later
"""
FRR's daemons, frr-netconfd and an OpenSSH of our own, alone: FRR in a path space
of its own (-N), the users in files that lie over the machine's in the mount
namespace of sshd and frr-netconfd, so that nothing of the machine is changed.
"""
import itertools
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time

from ncclient import manager

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = pathlib.Path(os.environ.get("ER_BUILD", pathlib.Path.cwd()))
SBIN = os.environ.get("FRR_SBINDIR", "/usr/lib/frr")
USERS = {
    "ncread": ("frr-netconf",), "ncadmin": ("frr-netconf-admin",), "ncnone": ("nogroup",),
    "ncoper": ("frr-netconf", "operators"),
}  # fmt: skip
GROUPS = ("frr-netconf", "frr-netconf-admin", "operators")
NS = {
    "nc": "urn:ietf:params:xml:ns:netconf:base:1.0",
    "er": "http://frrouting.org/yang/expressroute",
    "rt": "http://frrouting.org/yang/routing",
    "st": "http://frrouting.org/yang/staticd",
    "ncm": "urn:ietf:params:xml:ns:yang:ietf-netconf-monitoring",
    "ncn": "urn:ietf:params:xml:ns:netconf:notification:1.0",
}
SECONDS = 20
ETC = ("passwd", "group", "shadow")
# ncclient 0.6.17 takes a key with a passphrase only
PHRASE = "passphrase"


def wait_for(check, what, seconds=SECONDS):
    end = time.monotonic() + seconds
    while True:
        found = check()
        if found:
            return found
        assert time.monotonic() < end, f"no {what} in {seconds} s"
        time.sleep(0.02)


def answers(path):
    try:
        with socket.socket(socket.AF_UNIX) as sock:
            sock.connect(str(path))
        return True
    except OSError:
        return False


def example(name):
    """A block of the user's guide."""
    text = (TOP / "doc" / "user" / "netconf.rst").read_text(encoding="utf-8")
    block = re.search(rf":name: {name}\n\n((?:   .*\n|\n)+)", text)[1]
    return re.sub(r"(?m)^   ", "", block)


def config(inner):
    return f'<config xmlns="{NS["nc"]}">{inner}</config>'


def circuit(name, inner=""):
    return config(
        f'<expressroute xmlns="{NS["er"]}"><circuit><name>{name}</name>{inner}</circuit></expressroute>'
    )


def make_users(directory):
    """passwd, group and shadow with our users, to be mounted over the machine's."""
    etc = directory / "etc"
    etc.mkdir()
    for name in ETC:
        shutil.copy(f"/etc/{name}", etc)
    with open(etc / "group", "a", encoding="utf-8") as file:
        for number, group in enumerate(GROUPS):
            members = ",".join(user for user, of in USERS.items() if group in of)
            file.write(f"{group}:x:{7001 + number}:{members}\n")
    with open(etc / "passwd", "a", encoding="utf-8") as passwd, open(etc / "shadow", "a", encoding="utf-8") as shadow:
        for number, user in enumerate(USERS):
            passwd.write(f"{user}:x:{7001 + number}:65534::{directory}:/bin/sh\n")
            shadow.write(f"{user}:*:20000:0:99999:7:::\n")


def make_keys(directory, daemon_socket, port, address="127.0.0.1"):
    """Keys, and our sshd's configuration with other paths and another port."""
    for name, phrase in (("host", ""), ("client", PHRASE)):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", phrase, "-f", str(directory / name)], check=True)
    shutil.copy(directory / "client.pub", directory / "authorized")
    (directory / "authorized").chmod(0o644)
    pump = BUILD / "netconfd" / "frr-netconf-subsystem"
    conf = (TOP / "netconfd" / "frr-netconf-sshd.conf.in").read_text()
    conf = re.sub(r"@frrsbindir@/frr-netconf-subsystem", f"{pump} {daemon_socket}", conf)
    conf = re.sub(r"(?m)^(HostKey|Include) .*\n", "", conf)
    conf = conf.replace("Port 830", f"Port {port}\nListenAddress {address}\nHostKey {directory}/host")
    conf = conf.replace("AuthorizedKeysFile .ssh/authorized_keys", f"AuthorizedKeysFile {directory}/authorized")
    (directory / "sshd.conf").write_text(conf + "StrictModes no\n")


class Server:
    numbers = itertools.count()

    def __init__(self, *options):
        self.space = f"nc{os.getpid()}-{next(self.numbers)}"
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="netconfd-"))
        self.run = pathlib.Path("/var/run/frr") / self.space
        self.mgmtd = self.run / "mgmtd_fe.sock"
        # say valgrind, to have frr-netconfd run under it
        self.options, self.wrapper = options, os.environ.get("NETCONFD_WRAPPER", "").split()
        self.processes, self.log = {}, self.dir / "log"
        self.socket, self.rules = self.dir / "netconf.sock", self.dir / "access-rules"
        for path in (self.dir, self.run, pathlib.Path("/var/lib/frr") / self.space):
            path.mkdir(parents=True, exist_ok=True)
            shutil.chown(path, "frr", "frr")
            path.chmod(0o755)
        with socket.socket() as sock:
            sock.bind(("127.0.0.1", 0))
            self.port = sock.getsockname()[1]
        make_users(self.dir)
        make_keys(self.dir, self.socket, self.port)

    def spawn(self, name, *command, users=False):
        if users:
            binds = " && ".join(f"mount --bind {self.dir}/etc/{n} /etc/{n}" for n in ETC)
            command = ("unshare", "-m", "--propagation", "private", "sh", "-c", binds + ' && exec "$@"', "sh", *command)
        with open(self.log, "ab") as log:
            self.processes[name] = subprocess.Popen(
                [str(c) for c in command], stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.dir
            )

    def start_frr(self, daemon):
        module = ["-M", BUILD / "mgmtd" / "mgmtd_expressroute.so"] if daemon == "mgmtd" else []
        path = BUILD / "erouted" / "erouted" if daemon == "erouted" else f"{SBIN}/{daemon}"
        self.spawn(daemon, path, "-N", self.space, *module, "--log", "stdout", "-i", self.run / f"{daemon}.pid")
        wait_for(lambda: answers(self.run / f"{daemon}.vty"), daemon)

    def start_netconfd(self):
        self.spawn(
            "netconfd", *self.wrapper, BUILD / "netconfd" / "frr-netconfd", "-f", "-s", self.socket,
            "-m", self.mgmtd, "-y", f"{TOP}/netconfd/yang:{TOP}/yang",
            "--access-rules", self.rules, *self.options, users=True,
        )  # fmt: skip
        wait_for(lambda: answers(self.socket), "frr-netconfd", 60)

    def start(self):
        for daemon in ("mgmtd", "zebra", "staticd", "erouted"):
            self.start_frr(daemon)
        self.start_netconfd()
        self.start_sshd()
        return self

    def start_sshd(self):
        os.makedirs("/run/sshd", exist_ok=True)
        self.spawn("sshd", "/usr/sbin/sshd", "-D", "-e", "-f", self.dir / "sshd.conf", users=True)

        def listens():
            with socket.socket() as sock:
                return sock.connect_ex(("127.0.0.1", self.port)) == 0

        wait_for(listens, "sshd")

    def signal(self, name, number=signal.SIGTERM, seconds=SECONDS):
        process = self.processes.pop(name)
        process.send_signal(number)
        return process.wait(seconds)

    def logged(self, text):
        """How often it stands in the log."""
        return self.log.read_text(errors="replace").count(text)

    def alive(self):
        return [name for name, process in self.processes.items() if process.poll() is not None]

    def stop(self):
        dead = self.alive()
        for name in ("sshd", "netconfd", "erouted", "staticd", "zebra", "mgmtd"):
            if name in self.processes:
                self.signal(name)
        text = self.log.read_text(errors="replace")
        shutil.rmtree(self.run, ignore_errors=True)
        shutil.rmtree(self.dir, ignore_errors=True)
        assert not dead, f"{dead} died:\n{text[-6000:]}"
        return text

    def connect(self, user="ncadmin", **more):
        return manager.connect(
            host="127.0.0.1", port=self.port, username=user, key_filename=str(self.dir / "client"), password=PHRASE,
            hostkey_verify=False, look_for_keys=False, allow_agent=False, timeout=60, **more,
        )  # fmt: skip

    def open_vtysh(self, daemon="mgmtd"):
        return Vty(self.run / f"{daemon}.vty", daemon)

    def vtysh(self, *lines, daemon="mgmtd"):
        """What a vty of mgmtd answers to these lines."""
        with self.open_vtysh(daemon) as vty:
            return vty.say(*lines)


class Vty:
    def __init__(self, path, daemon):
        self.daemon, self.sock = daemon, socket.socket(socket.AF_UNIX)
        self.sock.settimeout(60)
        self.sock.connect(str(path))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.sock.close()

    def say(self, *lines):
        answer = b""
        for line in lines:
            self.sock.sendall(line.encode() + b"\0")
            part = b""
            while not (len(part) >= 4 and part[-4:-1] == b"\0\0\0"):
                got = self.sock.recv(65536)
                assert got, f"{self.daemon} died of {line}"
                part += got
            answer += part[:-4].replace(b"\0", b"")
        return answer.decode()
