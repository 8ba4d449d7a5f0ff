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
 CLEAR, PEERING, PRIORITY, FILTER, ALLOW, REGION, COUNT_BEGIN, COUNT, COUNT_END, ASK, ANSWER,
 ANSWER_END, BACKS, STATIC, VPN_RIB, STATIC_STATE, GLOBAL_REACH, SITE, SITE_AS, SITE_PREFIX,
 SITE_CIRCUIT, JOINT, SITE_STATE) = range(1, 33)

PEERINGS = ("private", "microsoft", "vpn")
ROLES = ("primary", "secondary")
FAMILIES = ("ipv4", "ipv6")
MODES = ("managed", "attached", "partner")
STATES = ("unknown", "absent", "idle", "connect", "active", "opensent", "openconfirm",
          "established")
RULES = ("none", "first-as", "own-as", "reserved-as", "default-route", "private-space",
         "own-prefix", "site-prefix", "site-limit", "undeclared-site", "no-filter", "filter",
         "operator", "not-advertised", "switched", "limit",
         "more-specific", "local-preference", "region-preference",
         "site-preference", "drain")
PREFERENCES = ("prefer", "equal", "backup")
ASKS = ("route", "held", "uncovered", "more-specific", "elsewhere")
STAGES = ("inbound", "best", "outbound")
VERDICTS = ("pass", "refuse", "info")
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


def community(c):
    """"12076:5010" as a number"""
    high, low = c.split(":")
    return int(high) << 16 | int(low)


def peering_key(circuit, peering, family):
    return text(circuit) + bytes([PEERINGS.index(peering), FAMILIES.index(family)])


def session_key(circuit, peering, family, role):
    return peering_key(circuit, peering, family) + bytes([ROLES.index(role)])


def hello(version="test", frr="test", problem="", protocol=9):
    return bytes([HELLO]) + struct.pack("!I", protocol) + text(version) + text(frr) + text(problem)


def refuse(problem):
    return bytes([REFUSE]) + text(problem)


def generation(kind, number):
    return bytes([kind]) + struct.pack("!Q", number)


def session(role, local, neighbor, circuit="c1", peering="private", mode="managed",
            vrf="default", ifname="", router_as=0, neighbor_as=12076, password="", keepalive=0,
            hold=0, bfd=None, local_pref=150, local_pref_drained=110, passive_cost=0,
            drained=False, map_in="", map_out="", prepend=0, multihop=0, site_of_origin="",
            family=None):
    family = family or "ipv%d" % ipaddress.ip_address(neighbor).version
    rx, tx, multiplier = bfd or (300, 300, 3)
    return (bytes([SESSION]) + session_key(circuit, peering, family, role)
            + bytes([MODES.index(mode)]) + text(vrf) + text(ifname) + address(local)
            + address(neighbor) + struct.pack("!II", router_as, neighbor_as) + text(password)
            + struct.pack("!HHBIIBIIIB", keepalive, hold, bfd is not None, rx, tx, multiplier,
                          local_pref, local_pref_drained, passive_cost, drained)
            + text(map_in) + text(map_out) + bytes([prepend, multihop]) + text(site_of_origin))


def advertise(net, circuit="c1", peering="private"):
    family = "ipv%d" % ipaddress.ip_network(net).version
    return bytes([ADVERTISE]) + peering_key(circuit, peering, family) + prefix(net)


def peering(kind="private", family="ipv4", circuit="c1", route_filter="", advertise_list="",
            limit=0, yields_to="", suppress=False, more_specifics=False, stands_by_for=""):
    return (bytes([PEERING]) + peering_key(circuit, kind, family) + text(route_filter)
            + text(advertise_list) + struct.pack("!I", limit) + text(yields_to)
            + text(stands_by_for)
            + bytes([suppress, more_specifics]))


def priority(net, value, circuit="c1", kind="private"):
    family = "ipv%d" % ipaddress.ip_network(net).version
    return bytes([PRIORITY]) + peering_key(circuit, kind, family) + prefix(net) + bytes([value])


def route_filter(name, *communities):
    """FILTER and its ALLOWs: one argument for each is what configure() takes"""
    return [bytes([FILTER]) + text(name)] + [
        bytes([ALLOW]) + text(name) + struct.pack("!I", community(c)) for c in communities]


def region(what, local_pref, kind="private", family="ipv4", circuit="c1"):
    return (bytes([REGION]) + peering_key(circuit, kind, family)
            + struct.pack("!II", community(what), local_pref))


def backs(circuit="c1", vpn="hub"):
    return bytes([BACKS]) + text(vpn) + text(circuit)


def static(net, vpn="hub"):
    family = "ipv%d" % ipaddress.ip_network(net).version
    return bytes([STATIC]) + peering_key(vpn, "vpn", family) + prefix(net)


def global_reach(*sites, refuse=False, joints=()):
    """GLOBAL_REACH, the sites' messages in their order, and the joints' subnets."""
    subnets = [bytes([JOINT]) + text("j%d" % i) + prefix(net) for i, net in enumerate(joints)]
    return [bytes([GLOBAL_REACH, refuse])] + [
        m for kind in range(SITE, JOINT) for s in sites for m in s if m[0] == kind] + subnets


def site(name, *ases, prefixes=(), circuits=(), preference="prefer", maximum=0, same_as=False):
    return ([bytes([SITE]) + text(name) + struct.pack(
        "!BIB", PREFERENCES.index(preference), maximum, same_as)]
            + [bytes([SITE_AS]) + text(name) + struct.pack("!I", a) for a in ases]
            + [bytes([SITE_PREFIX]) + text(name) + prefix(p) for p in prefixes]
            + [bytes([SITE_CIRCUIT]) + text(name) + text(c) for c in circuits])


def ask_route(number, net):
    return (bytes([ASK]) + struct.pack("!IB", number, ASKS.index("route")) + prefix(net)
            + peering_key("", "private", "ipv4"))


def ask_of(what, number, circuit, kind, family):
    return (bytes([ASK]) + struct.pack("!IB", number, ASKS.index(what)) + b"\0"
            + peering_key(circuit, kind, family))


def ask_held(number, circuit="", kind="private", family="ipv4"):
    return ask_of("held", number, circuit, kind, family)


def ask_uncovered(number, vpn="", family="ipv4"):
    return ask_of("uncovered", number, vpn, "vpn", family)


def ask_more_specific(number, vpn="", family="ipv4"):
    return ask_of("more-specific", number, vpn, "vpn", family)


def ask_elsewhere(number, circuit="", kind="private", family="ipv4"):
    return ask_of("elsewhere", number, circuit, kind, family)


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

    def prefix(self, optional=False):
        version = self.number(1)
        if optional and version == 0:
            return None
        length = self.number(1)
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
        f["drained"], f["best"] = bool(r.number(1)), r.number(4)
        f["problem"] = r.text()
        f["all_paths"] = bool(r.number(1))
        for name in ("drained_there", "own_drained_there", "unclear", "unmarked", "unreachable", "disagree",
                     "local_pref", "local_pref_ours"):
            f[name] = r.number(4)
    elif kind == RIB:
        key = r.peering()
        for name in ("both", "only_primary", "only_secondary", "path_differs", "drained_primary",
                     "drained_secondary", "stale_primary", "stale_secondary"):
            f[name] = r.number(4)
        for name in ("out_only_primary", "out_only_secondary", "held", "standby_offered",
                     "standby_missing"):
            f[name] = r.number(4)
        f["refused_known"] = bool(r.number(1))
        f["refused"] = {rule: r.number(4) for rule in RULES}
        f["overlaps"] = [r.prefix() for _ in range(r.number(1))]
        f["reevaluated"] = r.number(4)
        f["examples"] = [r.prefix() for _ in range(r.number(1))]
        f["held_prefixes"] = [r.prefix() for _ in range(r.number(1))]
        f["missing_prefixes"] = [r.prefix() for _ in range(r.number(1))]
    elif kind in (COUNT_BEGIN, COUNT_END):
        key = r.peering()
    elif kind == COUNT:
        key = r.peering()
        number = r.number(4)
        f["community"] = "%d:%d" % (number >> 16, number & 0xffff)
        f["allowed"], f["accepted"], f["refused"] = bool(r.number(1)), r.number(4), r.number(4)
    elif kind == ANSWER:
        f["id"], f["stage"] = r.number(4), STAGES[r.number(1)]
        circuit, peering, family = r.peering()
        key = (circuit, peering, family, ROLES[r.number(1)])
        f["session"] = key if circuit else None
        f["prefix"] = r.prefix(optional=True)
        f["rule"], f["verdict"] = RULES[r.number(1)], VERDICTS[r.number(1)]
        f["text"] = r.text()
    elif kind == VPN_RIB:
        key = r.peering()
        for name in ("expressroute", "uncovered", "more_specific", "suppressed", "over_vpn"):
            f[name] = r.number(4)
        f["uncovered_prefixes"] = [r.prefix() for _ in range(r.number(1))]
        f["more_specific_prefixes"] = [r.prefix() for _ in range(r.number(1))]
    elif kind == STATIC_STATE:
        key = r.peering() + (r.prefix(),)
        f["more_specific"] = bool(r.number(1))
    elif kind == SITE_STATE:
        key = r.peering() + (r.text(),)
        for name in ("both", "only_primary", "only_secondary", "prefix", "limit", "undeclared",
                     "other"):
            f[name] = r.number(4)
        n = r.number(1)
        examples = [(r.prefix(optional=True), r.number(4), RULES[r.number(1)]) for _ in range(8)]
        assert all(e[0] is None for e in examples[n:])
        f["examples"] = examples[:n]
        f["missing"] = r.number(4)
        f["missing_prefixes"] = [r.prefix() for _ in range(r.number(1))]
        f["overlaps"] = r.number(4)
        f["overlap_prefixes"] = [r.prefix() for _ in range(r.number(1))]
    elif kind == ANSWER_END:
        f["id"], f["problem"] = r.number(4), r.text()
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
        self.vpn_ribs, self.statics = {}, {}
        self.sites = {}  # told, and what is undeclared after them
        self.telling = {}
        # counts[peering][community] = (allowed, accepted, refused), complete ones only
        self.counts, self.counting = {}, {}
        self.answers, self.answered = [], {}  # answered[id] = (problem, answers)
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
        elif kind == RIB:
            self.ribs[key] = fields
        elif kind == VPN_RIB:
            self.vpn_ribs[key] = fields
        elif kind == SITE_STATE:
            self.telling[key] = fields
            if not key[3]:
                self.sites.update(self.telling)
                self.telling = {}
        elif kind == STATIC_STATE:
            self.statics[key[0], key[3]] = fields["more_specific"]
        elif kind == COUNT_BEGIN:
            assert key not in self.counting, "COUNT_BEGIN twice"
            self.counting[key] = {}
        elif kind == COUNT:
            self.counting[key][fields["community"]] = (fields["allowed"], fields["accepted"],
                                                       fields["refused"])
        elif kind == COUNT_END:
            self.counts[key] = self.counting.pop(key)
        elif kind == ANSWER:
            self.answers.append(fields)
        else:
            of_it = [a for a in self.answers if a["id"] == fields["id"]]
            self.answers = [a for a in self.answers if a["id"] != fields["id"]]
            self.answered[fields["id"]] = (fields["problem"], of_it)

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
            assert time.monotonic() < end, "waited %g s for %s: %s %s %s" % (
                deadline, what, self.sessions, self.ribs, self.vpn_ribs)

    def session(self, role="primary", family="ipv4", circuit="c1", peering="private"):
        return self.sessions.get((circuit, peering, family, role), {})

    def count(self, family="ipv4", circuit="c1", peering="private"):
        return self.counts.get((circuit, peering, family), {})

    def ask(self, *question, deadline=5):
        """The answers to ask_route() or ask_held(), whose first argument we supply"""
        self.asked = getattr(self, "asked", 0) + 1
        self.send(question[0](self.asked, *question[1:]))
        self.until(lambda: self.asked in self.answered, deadline, "an answer")
        problem, answers = self.answered.pop(self.asked)
        assert not problem, problem
        return answers

    def rib(self, family="ipv4", circuit="c1", peering="private"):
        return self.ribs.get((circuit, peering, family), {})

    def site(self, name="", family="ipv4", circuit="c1"):
        return self.sites.get((circuit, "private", family, name), {})

    def vpn_rib(self, family="ipv4", vpn="hub"):
        return self.vpn_ribs.get((vpn, "vpn", family), {})
