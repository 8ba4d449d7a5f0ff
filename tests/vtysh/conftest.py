# SPDX-License-Identifier: GPL-2.0-or-later
"""
What the tests of our vtysh share: the two command tables, and daemons that
answer vtysh as told and remember what they were sent.
"""

import json
import os
import socket
import subprocess
import threading

import pytest

BUILD = os.environ.get("ER_BUILD", os.getcwd())
OURS = os.environ.get("ER_VTYSH", os.path.join(BUILD, "vtysh", "vtysh-expressroute"))
STOCK = os.environ.get("FRR_VTYSH", "/usr/bin/vtysh")
DUMPER = os.environ.get(
    "ER_DUMP_CMDVEC", os.path.join(BUILD, "tests", "vtysh", "dump_cmdvec.so")
)
# what of ours this build has, as "erouted/erouted mgmtd/mgmtd_expressroute.so"
BINARIES = os.environ.get("ER_BINARIES", "").split()


def has(daemon):
    return any(path.startswith(daemon + "/") for path in BINARIES)


@pytest.fixture
def need():
    def check(daemon):
        if not has(daemon):
            pytest.skip("this build has no part in %s" % daemon)

    return check


def notes(path):
    """the commands one of our binaries carries"""
    out = subprocess.run(
        [
            os.environ.get("CLIPPY", os.path.join(BUILD, "clippy", "clippy")),
            os.path.join(os.path.dirname(os.path.abspath(__file__)), "list_notes.py"),
            os.environ["FRR_SOURCE"],
            os.path.join(BUILD, path),
        ],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return json.loads(out)


def dump(vtysh):
    """node number -> node, of a vtysh's command table"""
    # a sanitised vtysh wants its libasan to be the first library
    asan = os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"
    out = subprocess.run(
        [vtysh],
        env=dict(os.environ, LD_PRELOAD=DUMPER, ASAN_OPTIONS=asan),
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    nodes = [json.loads(line) for line in out.splitlines()]
    return {node["node"]: node for node in nodes}


@pytest.fixture(scope="session")
def stock():
    return dump(STOCK)


@pytest.fixture(scope="session")
def ours():
    return dump(OURS)


class Daemon:
    """One daemon's vty socket: answers by command, SUCCESS and nothing else."""

    def __init__(self, directory, name, answers):
        self.name = name
        self.answers = answers
        self.received = []
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.bind(os.path.join(directory, name + ".vty"))
        self.socket.listen()
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                conn, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(conn,), daemon=True).start()

    def serve(self, conn):
        pending = b""
        with conn:
            while data := conn.recv(4096):
                pending += data
                while b"\0" in pending:
                    command, pending = pending.split(b"\0", 1)
                    conn.sendall(self.answer(command.decode().rstrip("\n")))

    def answer(self, command):
        self.received.append(command)
        text = self.answers.get(command.strip(), "")
        code = 0
        if isinstance(text, int):
            text, code = "", text
        return text.encode() + b"\0\0\0" + bytes([code])

    def close(self):
        self.socket.close()


class Router:
    """Daemons in a directory, and our vtysh pointed at them."""

    def __init__(self, directory):
        self.directory = str(directory)
        self.daemons = {}
        self.env = dict(os.environ, HOME=self.directory, TERM="dumb")
        with open(os.path.join(self.directory, "vtysh.conf"), "w", encoding="utf-8"):
            pass
        self.env.pop("VTYSH_PAGER", None)

    def daemon(self, name, running_config="", **answers):
        answers = {k.replace("_", " "): v for k, v in answers.items()}
        answers["do write terminal"] = running_config
        self.daemons[name] = Daemon(self.directory, name, answers)
        return self.daemons[name]

    def arguments(self):
        return [OURS, "--vty_socket", self.directory, "--config_dir", self.directory]

    def vtysh(self, *args, env=None):
        return subprocess.run(
            self.arguments() + list(args),
            env=dict(self.env, **(env or {})),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def write_config(self, text):
        path = os.path.join(self.directory, "frr.conf")
        with open(path, "w", encoding="utf-8") as fd:
            fd.write(text)
        return path

    def read_config(self):
        with open(os.path.join(self.directory, "frr.conf"), encoding="utf-8") as fd:
            return fd.read()


@pytest.fixture
def router(tmp_path):
    router = Router(tmp_path)
    yield router
    for daemon in router.daemons.values():
        daemon.close()
