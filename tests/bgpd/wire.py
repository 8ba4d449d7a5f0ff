# SPDX-License-Identifier: GPL-2.0-or-later
"""The wire protocol in Python, written from er_wire.h alone: what erouted
would say to bgpd's module, and a check that both ends read the same header."""

import ipaddress
import os
import select
import socket
import struct
import time

MARKER = 0x23232301
MAX_LEN = 4096

(HELLO, REFUSE, CONFIG_BEGIN, SESSION, ADVERTISE, CONFIG_END, SESSION_STATE, RIB, SYNCED,
 CLEAR) = range(1, 11)

PEERINGS = ("private", "microsoft")
ROLES = ("primary", "secondary")
FAMILIES = ("ipv4", "ipv6")
MODES = ("managed", "attached")
STATES = ("unknown", "absent", "idle", "connect", "active", "opensent", "openconfirm",
          "established")
BFD = ("unknown", "disabled", "admin-down", "down", "init", "up")


def text(s):
    b = s.encode()
    return struct.pack("!H", len(b)) + b


def address(a):
    a = ipaddress.ip_address(a)
    return bytes([a.version]) + a.packed


def prefix(p):
    p = ipaddress.ip_network(p)
    return bytes([p.version, p.prefixlen]) + p.network_address.packed


def peering_key(circuit, peering, family):
    return text(circuit) + bytes([PEERINGS.index(peering), FAMILIES.index(family)])


def session_key(circuit, peering, family, role):
    return peering_key(circuit, peering, family) + bytes([ROLES.index(role)])


def hello(version="test", frr="test", problem="", protocol=1):
    return bytes([HELLO]) + struct.pack("!I", protocol) + text(version) + text(frr) + text(problem)


def refuse(problem):
    return bytes([REFUSE]) + text(problem)


def generation(kind, number):
    return bytes([kind]) + struct.pack("!Q", number)


def session(role, local, neighbor, circuit="c1", peering="private", mode="managed",
            vrf="default", ifname="", router_as=0, neighbor_as=12076, password="", keepalive=0,
            hold=0, bfd=None, local_pref=150, local_pref_drained=110):
    family = "ipv%d" % ipaddress.ip_address(neighbor).version
    rx, tx, multiplier = bfd or (300, 300, 3)
    return (bytes([SESSION]) + session_key(circuit, peering, family, role)
            + bytes([MODES.index(mode)]) + text(vrf) + text(ifname) + address(local)
            + address(neighbor) + struct.pack("!II", router_as, neighbor_as) + text(password)
            + struct.pack("!HHBIIBII", keepalive, hold, bfd is not None, rx, tx, multiplier,
                          local_pref, local_pref_drained))


def advertise(net, circuit="c1", peering="private"):
    family = "ipv%d" % ipaddress.ip_network(net).version
    return bytes([ADVERTISE]) + peering_key(circuit, peering, family) + prefix(net)


def clear(circuit=""):
    return bytes([CLEAR]) + text(circuit)


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, n):
        part = self.data[self.at:self.at + n]
        assert len(part) == n, "message too short"
        self.at += n
        return part

    def number(self, n):
        return int.from_bytes(self.take(n), "big")

    def text(self):
        return self.take(self.number(2)).decode()

    def prefix(self):
        version, length = self.take(2)
        return "%s/%d" % (ipaddress.ip_address(self.take(4 if version == 4 else 16)), length)

    def peering(self):
        return self.text(), PEERINGS[self.number(1)], FAMILIES[self.number(1)]


def decode(data):
    """(kind, key, fields)"""
    r = Reader(data)
    kind, key, f = r.number(1), None, {}
    if kind == HELLO:
        f["protocol"] = r.number(4)
        for name in ("version", "frr_version", "problem"):
            f[name] = r.text()
    elif kind == SYNCED:
        f["generation"] = r.number(8)
    elif kind == SESSION_STATE:
        circuit, peering, family = r.peering()
        key = (circuit, peering, family, ROLES[r.number(1)])
        f["state"], f["bfd"] = STATES[r.number(1)], BFD[r.number(1)]
        f["established_wall"], f["last_reset_wall"] = r.number(8), r.number(8)
        f["last_reset"] = r.text()
        for name in ("accepted", "filtered", "advertised"):
            f[name] = r.number(4)
        f["problem"] = r.text()
    elif kind == RIB:
        key = r.peering()
        for name in ("both", "only_primary", "only_secondary", "path_differs", "drained_primary",
                     "drained_secondary", "stale_primary", "stale_secondary"):
            f[name] = r.number(4)
        f["examples"] = [r.prefix() for _ in range(r.number(1))]
    else:
        raise AssertionError("the module must not send %d" % kind)
    assert r.at == len(data), "octets after the end"
    return kind, key, f


class Erouted:
    """erouted's end of the channel; keeps what the module last said."""

    def __init__(self, path):
        self.path = path
        if os.path.exists(path):
            os.unlink(path)
        self.server = socket.socket(socket.AF_UNIX)
        self.server.bind(path)
        os.chmod(path, 0o777)
        self.server.listen(4)
        self.conn, self.buf, self.generation = None, b"", 0
        self.forget()

    def forget(self):
        self.hello, self.synced, self.sessions, self.ribs = None, None, {}, {}
        self.log = []

    def close(self):
        if self.conn:
            self.conn.close()
        self.server.close()
        os.unlink(self.path)

    def hang_up(self):
        self.conn.close()
        self.conn = None

    def accept(self, deadline=5):
        assert select.select([self.server], [], [], deadline)[0], "nobody connects"
        if self.conn:
            self.conn.close()
        self.conn = self.server.accept()[0]
        self.buf = b""
        self.forget()
        self.until(lambda: self.hello, what="a HELLO")

    def send(self, *messages):
        self.conn.sendall(b"".join(struct.pack("=II", MARKER, len(m) + 8) + m for m in messages))

    def configure(self, *messages, deadline=5):
        self.generation += 1
        self.send(hello(), generation(CONFIG_BEGIN, self.generation), *messages,
                  generation(CONFIG_END, self.generation))
        self.until(lambda: self.synced == self.generation, deadline, "SYNCED")

    def handle(self, data):
        kind, key, fields = decode(data)
        self.log.append((time.monotonic(), kind, key, fields))
        if kind == HELLO:
            self.hello = fields
        elif kind == SYNCED:
            self.synced = fields["generation"]
        elif kind == SESSION_STATE:
            self.sessions[key] = fields
        else:
            self.ribs[key] = fields

    def poll(self, seconds=0.0):
        """Read for so long; False: the module has hung up."""
        end = time.monotonic() + seconds
        while True:
            left = max(0, end - time.monotonic())
            if not select.select([self.conn], [], [], left)[0]:
                return True
            try:
                data = self.conn.recv(65536)
            except ConnectionResetError:
                return False
            if not data:
                return False
            self.buf += data
            while len(self.buf) >= 8:
                marker, length = struct.unpack("=II", self.buf[:8])
                assert marker == MARKER and 8 < length <= MAX_LEN + 8
                if len(self.buf) < length:
                    break
                self.handle(self.buf[8:length])
                self.buf = self.buf[length:]
            if left == 0:
                return True

    def until(self, probe, deadline=10, what="it"):
        end = time.monotonic() + deadline
        while not probe():
            assert self.poll(0.02), "the module hung up, waiting for %s" % what
            assert time.monotonic() < end, "waited %g s for %s: %s %s" % (
                deadline, what, self.sessions, self.ribs)

    def session(self, role="primary", family="ipv4", circuit="c1", peering="private"):
        return self.sessions.get((circuit, peering, family, role), {})

    def rib(self, family="ipv4", circuit="c1", peering="private"):
        return self.ribs.get((circuit, peering, family), {})
