# SPDX-License-Identifier: GPL-2.0-or-later
"""Real FRR daemons and erouted in a directory of their own, for the tests.

Needs root (daemons drop to user frr) and an installed FRR.  A lab is a
pathspace: sockets, logs and state files are nobody else's.
"""

import ipaddress
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
    def __init__(self, tmp, name=None):
        self.name = name or "er%d" % os.getpid()
        self.procs = {}
        self.wrap = {}  # daemon -> what it is started by
        self.logs = str(tmp)
        uid, gid = pwd.getpwnam(FRR_USER)[2:4]
        os.chmod(self.logs, 0o755)
        os.chown(self.logs, uid, gid)
        self.dirs = [d + "/" + self.name for d in ("/run/frr", "/etc/frr", "/var/lib/frr")]
        for path in self.dirs:
            os.makedirs(path, exist_ok=True)
            os.chown(path, uid, gid)
        self.run_dir, self.etc_dir, self.lib_dir = self.dirs

    def edit(self, command):
        """mgmtd's own edit commands, when nobody holds a lock."""
        with self.vty("mgmtd") as vty:
            vty.run("enable")
            vty.run("configure terminal")
            answer = wait_for("mgmtd's lock", lambda: [
                text for text in [vty.run("mgmt edit " + command, check=False)]
                if "locked" not in text])
        if "rror" in answer[0] or "Unknown" in answer[0]:
            raise VtyError(answer[0])

    def merge(self, tree):
        """Configuration as JSON, below the top of our model, to mgmtd."""
        self.edit("merge / json lock commit " + json.dumps(
            {"frr-expressroute:expressroute": tree}, separators=(",", ":")))

    def remove(self, xpath):
        self.edit("remove /frr-expressroute:expressroute/%s json lock commit" % xpath)

    def log(self, daemon):
        with open("%s/%s.log" % (self.logs, daemon)) as f:
            return f.read()

    def start(self, daemon, *args, wait=True, module=True):
        path = "%s/%s" % (SBINDIR, daemon)
        if daemon == "erouted":
            path = BUILDDIR + "/erouted/erouted"
            # a module that the tests play does not answer
            args = ("--communities", BUILDDIR + "/catalogue/communities.json",
                    "--bgpd-timeout", "3600") + args
        if daemon == "mgmtd" and module:
            args = ("-M", BUILDDIR + "/mgmtd/mgmtd_expressroute.so") + args
        out = open("%s/%s.out" % (self.logs, daemon), "ab")
        log = "file:%s/%s.log" % (self.logs, daemon)
        argv = [*self.wrap.get(daemon, []), path, "-N", self.name, "-A", "127.0.0.1", "-P", "0"]
        argv += ["--log", log, "--log-level", "informational", *args]
        # a sanitised erouted must not hoard what it has freed: a test weighs it
        asan = os.environ.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=1:verify_asan_link_order=0"
        lsan = "print_suppressions=0:suppressions=" + os.path.dirname(os.path.abspath(__file__))
        self.procs[daemon] = subprocess.Popen(
            argv, stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd="/",
            env=dict(os.environ, ASAN_OPTIONS=asan, LSAN_OPTIONS=lsan + "/lsan.supp"))
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
            # locked while a backend gets its first configuration
            wait_for("mgmtd's lock",
                     lambda: "locked" not in vty.run("configure terminal file-lock", check=False))
            # one transaction, as vtysh -b does
            vty.run("XFRR_start_configuration")
            for line in text.splitlines():
                if line.strip():
                    vty.run(line.strip())
            vty.run("XFRR_end_configuration")
            vty.run("end", check=False)


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


# Messages, as schema.c lists their fields.
(HELLO, REFUSE, CONFIG_BEGIN, SESSION, ADVERTISE, CONFIG_END, SESSION_STATE, RIB, SYNCED, CLEAR,
 PEERING, PRIORITY, FILTER, ALLOW, REGION, COUNT_BEGIN, COUNT, COUNT_END, ASK, ANSWER,
 ANSWER_END, BACKS, STATIC, VPN_RIB, STATIC_STATE, GLOBAL_REACH, SITE, SITE_AS, SITE_PREFIX,
 SITE_CIRCUIT, JOINT, SITE_STATE) = range(1, 33)

PEERINGS = ["private", "microsoft", "vpn"]
FAMILIES = ["ipv4", "ipv6"]
ROLES = ["primary", "secondary"]
STATES = ["unknown", "absent", "idle", "connect", "active", "open-sent", "open-confirm",
          "established"]
BFD = ["unknown", "disabled", "admin-down", "down", "init", "up"]
RULES = ["none", "first-as", "own-as", "reserved-as", "default-route", "private-space",
         "own-prefix", "site-prefix", "site-limit", "undeclared-site", "no-filter", "filter",
         "operator", "not-advertised", "switched", "limit",
         "more-specific", "local-preference", "region-preference",
         "site-preference", "drain"]
SITE_PREFERENCES = ["prefer", "equal", "backup"]
ASKS = ["route", "held", "uncovered", "more-specific", "elsewhere"]
STAGES = ["inbound", "best", "outbound"]
VERDICTS = ["pass", "refuse", "info"]


def text(s):
    return struct.pack("!H", len(s)) + s.encode()


def key(circuit, peering, family, role=None):
    data = text(circuit) + bytes([PEERINGS.index(peering), FAMILIES.index(family)])
    return data if role is None else data + bytes([ROLES.index(role)])


def prefix(p):
    p = ipaddress.ip_network(p)
    return bytes([p.version, p.prefixlen]) + p.network_address.packed


def community(c):
    high, low = c.split(":")
    return int(high) << 16 | int(low)


def hello(version, frr_version, protocol=9, problem=""):
    return (bytes([HELLO]) + struct.pack("!I", protocol) + text(version) + text(frr_version)
            + text(problem))


def session_state(session, state, bfd="up", accepted=0, advertised=0, last_reset="",
                  problem="", established=0, reset=0, drained=False, best=0, all_paths=False,
                  partner=(0,) * 8):
    """partner: drained, by its operator, unclear, unmarked, unreachable, disagreeing, its local-preference, ours"""
    return (bytes([SESSION_STATE]) + key(*session)
            + bytes([STATES.index(state), BFD.index(bfd)])
            + struct.pack("!qq", established, reset) + text(last_reset)
            + struct.pack("!IIIBI", accepted, 0, advertised, drained, best) + text(problem)
            + struct.pack("!B8I", all_paths, *partner))


def rib(peering, both=0, only=(0, 0), differs=0, drained=(0, 0), stale=(0, 0), examples=(),
        out_only=(0, 0), held=0, refused=None, overlaps=(), reevaluated=0, held_prefixes=(),
        standby=(0, 0), missing=()):
    data = bytes([RIB]) + key(*peering)
    data += struct.pack("!13I", both, *only, differs, *drained, *stale, *out_only, held, *standby)
    data += bytes([refused is not None])
    data += struct.pack("!%dI" % len(RULES), *((refused or {}).get(rule, 0) for rule in RULES))
    data += bytes([len(overlaps)]) + b"".join(prefix(p) for p in overlaps)
    data += struct.pack("!I", reevaluated)
    for prefixes in (examples, held_prefixes, missing):
        data += bytes([len(prefixes)]) + b"".join(prefix(p) for p in prefixes)
    return data


def vpn_rib(peering, expressroute=0, uncovered=(), more_specific=(), suppressed=0, over_vpn=0):
    data = bytes([VPN_RIB]) + key(*peering)
    data += struct.pack("!5I", expressroute, len(uncovered), len(more_specific), suppressed,
                        over_vpn)
    for prefixes in (uncovered, more_specific):
        data += bytes([len(prefixes)]) + b"".join(prefix(p) for p in prefixes)
    return data


def static_state(peering, net, more_specific):
    return bytes([STATIC_STATE]) + key(*peering) + prefix(net) + bytes([more_specific])


def site_state(peering, site="", both=0, only=(0, 0), by_prefix=0, by_limit=0, undeclared=0,
               other=0, examples=(), missing=(), overlaps=()):
    """examples: [(prefix, AS, rule)]"""
    data = bytes([SITE_STATE]) + key(*peering) + text(site)
    data += struct.pack("!7I", both, *only, by_prefix, by_limit, undeclared, other)
    data += bytes([len(examples)]) + b"".join(
        prefix(net) + struct.pack("!IB", number, RULES.index(rule))
        for net, number, rule in examples)
    data += b"\0\0\0\0\0\0" * (8 - len(examples))
    for prefixes in (missing, overlaps):
        data += struct.pack("!IB", len(prefixes), len(prefixes)) + b"".join(
            prefix(p) for p in prefixes)
    return data


def counts(peering, by_community):
    """All messages that tell of {community: (allowed, accepted, refused)}."""
    yield bytes([COUNT_BEGIN]) + key(*peering)
    for name, (allowed, accepted, refused) in by_community.items():
        yield (bytes([COUNT]) + key(*peering)
               + struct.pack("!IBII", community(name), allowed, accepted, refused))
    yield bytes([COUNT_END]) + key(*peering)


def answer(number, words, stage="inbound", session=("", "private", "ipv4", "primary"),
           net=None, rule="none", verdict="info"):
    return (bytes([ANSWER]) + struct.pack("!IB", number, STAGES.index(stage)) + key(*session)
            + (prefix(net) if net else b"\0")
            + bytes([RULES.index(rule), VERDICTS.index(verdict)]) + text(words))


def answer_end(number, problem=""):
    return bytes([ANSWER_END]) + struct.pack("!I", number) + text(problem)


class Reader:
    def __init__(self, data):
        self.data = data

    def take(self, n):
        data, self.data = self.data[:n], self.data[n:]
        assert len(data) == n
        return data

    def number(self, octets):
        return int.from_bytes(self.take(octets), "big")

    def text(self):
        return self.take(self.number(2)).decode()

    def prefix(self):
        """None where there may be none."""
        version = self.number(1)
        if not version:
            return None
        length = self.number(1)
        return "%s/%d" % (ipaddress.ip_address(self.take(4 if version == 4 else 16)), length)

    def preference(self):
        """(local-preference, drained), behind the rest of a SESSION that stands in front."""
        self.number(1), self.text(), self.text()
        for _ in range(2):
            self.take(4 if self.number(1) == 4 else 16)
        self.take(8), self.text(), self.take(4 + 10)
        local_pref = self.number(4)
        self.take(8)
        return local_pref, bool(self.number(1))

    def peering(self):
        return self.text(), PEERINGS[self.number(1)], FAMILIES[self.number(1)]

    def community(self):
        return "%d:%d" % (self.number(2), self.number(2))


def decode(body):
    """(type, value): as far as the tests look into it."""
    r = Reader(body)
    kind = r.number(1)
    if kind == HELLO:
        return kind, (r.number(4), r.text(), r.text(), r.text())
    if kind in (REFUSE, CLEAR):
        return kind, r.text()
    if kind in (CONFIG_BEGIN, CONFIG_END):
        return kind, r.number(8)
    if kind == SESSION:
        return kind, r.peering() + (ROLES[r.number(1)], *r.preference())
    if kind == ADVERTISE:
        return kind, r.peering() + (r.prefix(),)
    if kind == PEERING:
        return kind, r.peering() + (r.text(), r.text(), r.number(4), r.text(), r.text())
    if kind == BACKS:
        return kind, (r.text(), r.text())
    if kind == STATIC:
        return kind, r.peering() + (r.prefix(),)
    if kind == PRIORITY:
        return kind, r.peering() + (r.prefix(), r.number(1))
    if kind == FILTER:
        return kind, r.text()
    if kind == ALLOW:
        return kind, (r.text(), r.community())
    if kind == REGION:
        return kind, r.peering() + (r.community(), r.number(4))
    if kind == GLOBAL_REACH:
        return kind, bool(r.number(1))
    if kind == SITE:
        return kind, (r.text(), SITE_PREFERENCES[r.number(1)], r.number(4), bool(r.number(1)))
    if kind == SITE_AS:
        return kind, (r.text(), r.number(4))
    if kind in (SITE_PREFIX, JOINT):
        return kind, (r.text(), r.prefix())
    if kind == SITE_CIRCUIT:
        return kind, (r.text(), r.text())
    if kind == ASK:
        return kind, (r.number(4), ASKS[r.number(1)], r.prefix(), r.peering())
    raise AssertionError("erouted sent a message of type %d" % kind)


class FakeBgpd(Module):
    """A module that fits: greets, takes the set, reports what it is told to."""

    def __init__(self, lab, version=None, **kwargs):
        super().__init__(lab)
        state = lab.show_json()["state"]
        self.send(hello(version or state["version"], kwargs.pop("frr", state["frrVersion"]),
                        **kwargs))
        self.sessions, self.policy = [], []
        self.preference, self.drained = {}, {}

    def next(self):
        return decode(self.receive())

    def take_config(self):
        """Read up to the end of a set; its generation."""
        while True:
            kind, value = self.next()
            if kind == CONFIG_BEGIN:
                self.sessions, self.policy = [], []
            elif kind == SESSION:
                self.sessions.append(value[:4])
                self.preference[value[:4]], self.drained[value[:4]] = value[4:6]
            elif kind == CONFIG_END:
                return value
            else:
                self.policy.append((kind, value))

    def asked(self):
        """The next question: (number, what, prefix, peering)."""
        while True:
            kind, value = self.next()
            if kind == ASK:
                return value

    def synced(self, generation):
        self.send(bytes([SYNCED]) + struct.pack("!Q", generation))

    def established(self, sessions=None, accepted=5):
        now = int(time.time())
        for session in sessions or self.sessions:
            self.send(session_state(session, "established", accepted=accepted, advertised=1,
                                    established=now))
        for peering in {s[:3] for s in self.sessions if s[1] != "vpn"}:
            self.send(rib(peering, both=accepted))

    def up(self):
        """The usual beginning: every session of the set is established."""
        generation = self.take_config()
        self.established()
        self.synced(generation)


class Frontend:
    """A client of mgmtd's that hears our notifications and calls our RPC."""

    BASE = struct.Struct("=H2xIQQ")
    NOTIFY, RPC, RPC_REPLY, SELECT, SESSION_REQ, SESSION_REPLY = 4, 7, 8, 9, 10, 11
    ERROR = 0
    JSON = 2

    def __init__(self, lab):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(DEADLINE)
        self.sock.connect(lab.run_dir + "/mgmtd_fe.sock")
        self.session = 0
        self.send(self.SESSION_REQ, 0, struct.pack("=B7x", self.JSON) + b"test\0")
        code, _, _ = self.receive()
        assert code == self.SESSION_REPLY

    def __enter__(self):
        return self

    def __exit__(self, *args):
        self.sock.close()

    def send(self, code, vsplit, body):
        self.sock.sendall(frame(self.BASE.pack(code, vsplit, self.session, 1) + body))

    def receive(self):
        data = Module.read_exactly(self, 8)
        _, length = HEADER.unpack(data)
        data = Module.read_exactly(self, length - 8)
        code, vsplit, session, _ = self.BASE.unpack_from(data)
        self.session = session or self.session
        return code, vsplit, data[self.BASE.size:]

    def subscribe(self):
        body = struct.pack("=BBBBI", 1, 0, 0, 0, 0)
        for name in ("redundancy-change", "session-change", "drain-start", "drain-stop",
                     "parity-lost", "parity-restored", "flapping-start", "flapping-stop",
                     "limit-warning", "filter-changed", "vpn-activated", "vpn-restored",
                     "vpn-unavailable", "vpn-available", "vpn-more-specific", "vpn-test",
                     "vpn-session-change", "vpn-gateway-address", "global-reach-change",
                     "site-refused", "site-limit", "undeclared-site", "audit-change",
                     "path-quality-change", "operator-drain-change"):
            body += b"/frr-expressroute:" + name.encode() + b"\0"
        self.send(self.SELECT, 0, body)

    def notification(self):
        """The next one: (name, its leaves)."""
        while True:
            code, vsplit, body = self.receive()
            if code == self.NOTIFY:
                break
        data = json.loads(body[8 + vsplit:].rstrip(b"\0"))
        (name, leaves), = data.items()
        return name.split(":")[1], leaves

    def rpc(self, name, **leaves):
        xpath = b"/frr-expressroute:" + name.encode() + b"\0"
        data = json.dumps({"frr-expressroute:" + name: leaves}).encode() + b"\0"
        self.send(self.RPC, len(xpath), struct.pack("=BB6x", self.JSON, 0) + xpath + data)
        while True:
            code, _, body = self.receive()
            if code != self.NOTIFY:
                return code, body


CIRCUIT = """
expressroute
circuit {name}
 peering private
  password s3cret
  advertise 10.0.0.0/8
  link primary
   interface {a}
   ipv4-subnet 192.168.{net}.0/30
  exit
  link secondary
   interface {b}
   ipv4-subnet 192.168.{net}.4/30
  exit
 exit
exit
exit-expressroute
"""


def circuit(name="ams-1", net=100, a="lo", b="lo"):
    return CIRCUIT.format(name=name, net=net, a=a, b=b)


def said(lab):
    """What erouted has said of circuits, without times and ids."""
    lines = [line.split("] ", 1)[-1] for line in lab.log("erouted").splitlines()]
    lines = [line.split("] ", 1)[-1] for line in lines]
    return [line for line in lines if line.startswith("circuit ")]
