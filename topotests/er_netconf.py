# SPDX-License-Identifier: GPL-2.0-or-later
"""sshd and frr-netconfd on the lab's ce, and programs that are clients of theirs."""
import contextlib
import pathlib
import sys

import pytest

from scenery import wait_for

TOP = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TOP / "tests" / "netconfd"))
pytest.importorskip("ncclient", reason="python3-ncclient is not installed")
import ncserver  # noqa: E402

PORT = 830
BUILD = ncserver.BUILD / "netconfd"


@contextlib.contextmanager
def serving(lab):
    """A function that runs a program on ce, with where and as whom to connect as its arguments."""
    directory = pathlib.Path(lab.ce.sh("mktemp -d /tmp/netconf-XXXXXX").strip())
    directory.chmod(0o755)
    daemon_socket = directory / "run" / "netconf.sock"
    ncserver.make_users(directory)
    ncserver.make_keys(directory, daemon_socket, PORT)
    lab.ce.sh(f"install -d -o frr -g frr -m 755 {directory}/run; install -d -m 755 /run/sshd")
    for name in ncserver.ETC:
        lab.ce.sh(f"mount --bind {directory}/etc/{name} /etc/{name}")
    logs = pathlib.Path(lab.ce.gear.gearlogdir)
    lab.ce.sh(
        f"setsid {BUILD}/frr-netconfd -f -s {daemon_socket} -y {TOP}/netconfd/yang:{TOP}/yang"
        f" > {logs}/netconfd.log 2>&1 < /dev/null & echo $! > {directory}/netconfd.pid"
    )
    lab.ce.sh(
        f"setsid /usr/sbin/sshd -D -e -f {directory}/sshd.conf > {logs}/sshd.log 2>&1 < /dev/null &"
        f" echo $! > {directory}/sshd.pid"
    )
    wait_for(
        lambda: f":{PORT} " in lab.ce.sh("ss -Hltn") and "is ready" in (logs / "netconfd.log").read_text(),
        "sshd and frr-netconfd",
    )

    def run(program):
        path = directory / "program.py"
        path.write_text(program, encoding="utf-8")
        return lab.ce.sh(f"python3 {path} 127.0.0.1 {PORT} ncadmin {directory}/client {ncserver.PHRASE}")

    yield run
    lab.ce.sh(f"kill $(cat {directory}/netconfd.pid) $(cat {directory}/sshd.pid)")
