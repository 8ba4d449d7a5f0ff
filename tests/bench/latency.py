# SPDX-License-Identifier: GPL-2.0-or-later
"""
From a session lost in bgpd to what a person or a program hears of it.

Zero is the time in bgpd's own log line "ADJCHANGE ... Down", which it writes
before it does anything else about the loss.  Against it, on the same clock:
erouted's syslog message (the kernel's time stamp at our /dev/log), its YANG
notifications at a frontend client of mgmtd, and the answer to a read of the
state that was sent when the notification had come.
"""

import datetime
import os
import re
import socket
import struct
import threading

import circuit
import scenery
from frontend import Frontend
from stage import Stage, quiet, wait_for

DEV_LOG = "/dev/log"
STATE = f"/frr-expressroute:expressroute/circuit[name='{scenery.CIRCUIT}']/peering[type='private']/state"
NOTIFICATIONS = ("session-change", "redundancy-change")
SO_TIMESTAMPNS = 35
# what is measured, in the order in which it is reported, and in words
WORDS = {
    "syslog": "syslog",
    "session": "notification session-change",
    "redundancy": "notification redundancy-change",
    "state": "state read back by a client",
}


class Syslog(threading.Thread):
    """
    A receiver of syslog; the kernel says when a message was sent to it.  It
    reads all the time: the kernel holds ten messages, and then the daemons.
    """

    def __init__(self):
        super().__init__(daemon=True)
        if os.path.exists(DEV_LOG):
            raise RuntimeError(f"{DEV_LOG} is taken: somebody else receives syslog here")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self.socket.bind(DEV_LOG)
        os.chmod(DEV_LOG, 0o666)
        self.messages = []  # (seconds since the epoch, text)
        self.start()

    def run(self):
        while True:
            data, extra, _, _ = self.socket.recvmsg(8192, 256)
            seconds, nanoseconds = struct.unpack("=qq", extra[0][2][:16])
            self.messages.append((seconds + nanoseconds / 1e9, data.decode(errors="replace")))

    def first(self, text):
        """When the first message with this text was sent."""
        return next((when for when, message in list(self.messages) if text in message), None)

    @staticmethod
    def close():
        os.unlink(DEV_LOG)  # the thread goes with the process


def lost_at(log, address):
    """When bgpd noticed its last loss of this neighbor, seconds since the epoch."""
    pattern = rf"^(\d+/\d+/\d+ [\d:.]+) .*ADJCHANGE: neighbor {re.escape(address)}\S* .*Down"
    found = re.findall(pattern, log, re.M)
    if not found:
        return None
    return datetime.datetime.strptime(found[-1], "%Y/%m/%d %H:%M:%S.%f").timestamp()


def redundancy(document, family):
    node = document["frr-expressroute:expressroute"]["circuit"][0]["peering"][0]["state"]
    return next(entry["redundancy"] for entry in node["family"] if entry["name"] == family)


class Bench:
    def __init__(self, stage):
        self.stage = stage
        self.ce = stage.nodes["ce"]
        self.syslog = Syslog()
        bgp = scenery.ce_bgp(extra=["bgp log-neighbor-changes"])
        circuit.start_ce(stage, scenery.ce_conf(scenery.circuit_conf(), bgp=bgp), ours=True)
        circuit.wait_established(stage)
        self.frontend = Frontend(self.ce.run_dir() / "mgmtd_fe.sock")
        self.frontend.subscribe(*(f"/frr-expressroute:{name}" for name in NOTIFICATIONS))

    def close(self):
        self.frontend.close()
        self.syslog.close()

    def wait_redundant(self):
        wait_for(
            "redundant in both families",
            lambda: all(redundancy(self.frontend.get(STATE)[1], f) == "redundant" for f in ("ipv4", "ipv6")),
            timeout=60, interval=0.2,
        )  # fmt: skip
        quiet(self.ce.daemons.values(), limit_ns=20_000_000)

    def lose(self, link, number):
        """Microsoft's side closes one session; milliseconds from its loss to each of WORDS."""
        family, address = f"ipv{number}", link.microsoft(number)
        msee = self.stage.nodes[link.msee]
        bgp = f"configure terminal\nrouter bgp {scenery.MICROSOFT_AS}\n"
        neighbor = f"neighbor {link.customer(number)} shutdown"
        self.wait_redundant()
        self.frontend.forget()
        self.syslog.messages.clear()
        before = len(self.ce.daemons["bgpd"].text())

        msee.vtysh(bgp + neighbor)
        heard = {}
        while len(heard) < 2:
            when, name, fields = self.frontend.notification()
            if fields.get("family") == family and name in NOTIFICATIONS:
                heard.setdefault(name, when)
        state_at, document = self.frontend.get(STATE)
        if redundancy(document, family) != "degraded":
            raise RuntimeError(f"the notification came before the state: {document}")
        lost = wait_for(
            "bgpd's log line", lambda: lost_at(self.ce.daemons["bgpd"].text()[before:], address), timeout=5
        )
        logged = wait_for("erouted's syslog", lambda: self.syslog.first(f"session to {address} lost"), timeout=5)

        msee.vtysh(bgp + "no " + neighbor)
        circuit.wait_established(self.stage)
        # else the third loss within a minute would be held down
        self.ce.vtysh("clear expressroute counters")
        times = (logged, heard["session-change"], heard["redundancy-change"], state_at)
        return {name: (when - lost) * 1000 for name, when in zip(WORDS, times)}


def latency(repeat, say=print):
    """{measure: [milliseconds]}"""
    results = {measure: [] for measure in WORDS}
    with Stage("latency") as stage:
        circuit.build(stage)
        bench = Bench(stage)
        try:
            for turn in range(repeat):
                link = (scenery.PRIMARY, scenery.SECONDARY)[turn % 2]
                number = (4, 6)[turn // 2 % 2]
                sample = bench.lose(link, number)
                for measure, value in sample.items():
                    results[measure].append(value)
                figures = ", ".join(f"{measure} {value:.2f}" for measure, value in sample.items())
                say(f"  {turn + 1}/{repeat} {link.role} ipv{number}: {figures} ms")
        finally:
            bench.close()
    return results
