# SPDX-License-Identifier: GPL-2.0-or-later
"""
The state file: bgpd started while erouted is away has the sessions and the
policy that erouted last sent.  With a file that cannot be used, no session with
Microsoft starts until erouted has sent its set.
"""

import json
import os
import pwd
import re
import shutil
import stat
import struct
import subprocess

import pytest

import wire
from test_outbound import Watch, advertises, wait

SECRET = "p4ssw0rd-of-the-session"
NETWORKS = """
 no bgp network import-check
 no bgp ebgp-requires-policy
 address-family ipv4 unicast
  network 192.168.1.0/24
  network 192.168.2.0/24
 exit-address-family
exit
"""
NEIGHBORS = """
router bgp 65001
 neighbor 172.16.1.2 remote-as 12076
 neighbor 172.16.1.2 timers connect 1
 neighbor 172.16.2.2 remote-as 12076
 neighbor 172.16.2.2 timers connect 1
""" + NETWORKS
CONF = {"managed": "router bgp 65001\n" + NETWORKS, "attached": NEIGHBORS}
MICROSOFT = {"172.16.1.2", "172.16.2.2"}
ALLOWED, REFUSED = "10.0.0.0/16", "10.1.0.0/16"
OURS, NOT_ADVERTISED = "192.168.1.0/24", "192.168.2.0/24"
POLICY = (wire.peering(route_filter="f"), *wire.route_filter("f", "12076:50004"),
          wire.advertise(OURS))


def state_file(edge):
    return edge.ce.dirs[2] + "/bgpd-expressroute.set"


def content(edge):
    with open(state_file(edge), "rb") as f:
        return f.read()


def write(edge, data):
    with open(state_file(edge), "wb") as f:
        f.write(data)


def jhash(data):
    """libfrr's checksum of these octets"""
    mask, golden = 0xffffffff, 0x9e3779b9
    def mix(a, b, c):
        for x, y, z in ((13, -8, 13), (12, -16, 5), (3, -10, 15)):
            a = (a - b - c & mask) ^ c >> x
            b = (b - c - a & mask) ^ a << -y & mask
            c = (c - a - b & mask) ^ b >> z
        return a, b, c
    a, b, c, at = golden, golden, 0, 0
    while len(data) - at >= 12:
        x, y, z = struct.unpack_from("<III", data, at)
        a, b, c = mix(a + x & mask, b + y & mask, c + z & mask)
        at += 12
    rest = data[at:]
    # the lowest octet of c is the length's
    x, y = struct.unpack("<II", rest[:8].ljust(8, b"\0"))
    z = struct.unpack("<I", (b"\0" + rest[8:]).ljust(4, b"\0"))[0]
    return mix(a + x & mask, b + y & mask, c + len(data) + z & mask)[2]


def a_file(*messages, rest=b""):
    """Whose header is right, whatever is in it"""
    body = b"".join(struct.pack("!H", len(m)) + m for m in messages) + rest
    protocol = int.from_bytes(wire.hello()[1:5], "big")
    return b"frr-expressroute set, protocol %d, %d octets, checksum %08x\n%s" % (
        protocol, len(body), jhash(body), body)


def go_away(edge):
    """erouted's end"""
    edge.erouted.close()
    edge.erouted = None


def come_back(edge):
    edge.erouted = wire.Erouted(edge.ce.run + "/expressroute.sock")
    edge.erouted.accept()


def restart_alone(edge, conf, before=None):
    """bgpd is killed while erouted is away, and started."""
    go_away(edge)
    edge.ce.stop("bgpd", 9)
    if before:
        before(edge)
    edge.ce.start_edge(conf=conf)


def established(edge):
    peers = json.loads(edge.ce.vty("bgpd", "show bgp ipv4 unicast summary json")).get("peers", {})
    return {peer for peer, of in peers.items() if of["state"] == "Established"}


def running(edge):
    return edge.ce.vty("bgpd", "show running-config")


class Watched:
    """What ce's kernel and the MSEEs were ever given."""

    def __init__(self, edge):
        self.edge, self.path = edge, edge.tmp + "/routes"
        with open(self.path, "wb") as out:
            self.monitor = subprocess.Popen(["ip", "-n", edge.ce.name, "monitor", "route"], stdout=out)
        for msee in (edge.m1, edge.m2):
            Watch(msee)

    def close(self):
        self.monitor.kill()
        self.monitor.wait()

    def nothing_leaked(self):
        with open(self.path) as f:
            routes = f.read()
        assert ALLOWED in routes, "the kernel is watched"
        assert REFUSED not in routes, "a refused prefix was used"
        for msee in (self.edge.m1, self.edge.m2):
            told = {found[1] for found in map(Watch.LINE.search, msee.log("bgpd").splitlines()) if found}
            assert told & {OURS, NOT_ADVERTISED} == {OURS}, "%s was told %s" % (msee.name, told)


@pytest.fixture
def watched(edge):
    # the first carries what the filter allows, the second does not
    for msee in (edge.m1, edge.m2):
        edge.msee(msee, "route-map OUT permit 10", "match ip address prefix-list SOME",
                  "set community 12076:50004")
    w = Watched(edge)
    try:
        yield w
    finally:
        w.close()


def in_order(edge):
    advertises(edge, [OURS])
    wait(lambda: edge.local_prefs(ALLOWED) == dict.fromkeys(MICROSOFT, 150), "what may come in")
    assert not edge.local_prefs(REFUSED)


@pytest.mark.parametrize("mode", ["managed", "attached"])
def test_sessions_and_policy_are_there_without_erouted(edge, watched, mode):
    edge.start(conf=CONF[mode])
    edge.erouted.configure(*edge.both(mode=mode), *POLICY)
    edge.wait_up(prefixes=1)
    restart_alone(edge, CONF[mode])
    wait(lambda: established(edge) == MICROSOFT, "the sessions")
    in_order(edge)
    connected = json.loads(edge.ce.vty("bgpd", "show bgp neighbors json"))
    come_back(edge)
    edge.erouted.configure(*edge.both(mode=mode), *POLICY)
    in_order(edge)
    for peer, of in json.loads(edge.ce.vty("bgpd", "show bgp neighbors json")).items():
        assert of["connectionsDropped"] == connected[peer]["connectionsDropped"] == 0
    watched.nothing_leaked()


def test_erouteds_set_takes_its_place(edge):
    edge.start(conf=CONF["managed"])
    edge.bring_up(*edge.both(), wire.advertise(OURS))
    restart_alone(edge, CONF["managed"])
    wait(lambda: established(edge) == MICROSOFT, "the sessions")
    come_back(edge)
    edge.erouted.configure(edge.session(1), wire.advertise(NOT_ADVERTISED))
    advertises(edge, [NOT_ADVERTISED], edge.m1)
    assert established(edge) == {"172.16.1.2"}
    assert "172.16.2.2" not in edge.ce.vty("bgpd", "show bgp summary")


def test_only_its_owner_may_read_it(edge):
    edge.start()
    edge.erouted.configure(edge.session(1, password=SECRET), edge.session(2))
    st = os.stat(state_file(edge))
    assert stat.S_IMODE(st.st_mode) == 0o600 and st.st_uid == pwd.getpwnam("frr").pw_uid
    assert SECRET.encode() in content(edge), "else the session could not come up without erouted"
    assert not os.path.exists(state_file(edge) + ".new")


def test_it_is_what_erouted_sent(edge):
    edge.start()
    edge.erouted.configure(*edge.both(), *POLICY)
    assert content(edge) == a_file(*edge.both(), *POLICY)


def test_it_is_written_when_the_set_is_another_or_it_is_gone(edge):
    edge.start()
    edge.erouted.configure(*edge.both())
    was = os.stat(state_file(edge))
    edge.erouted.configure(*edge.both())
    assert os.stat(state_file(edge)).st_ino == was.st_ino
    edge.erouted.configure(edge.session(1))
    assert content(edge) == a_file(edge.session(1))
    os.unlink(state_file(edge))
    edge.erouted.configure(edge.session(1))
    assert content(edge) == a_file(edge.session(1))


def test_a_set_that_is_refused_or_has_no_end_is_not_written(edge):
    edge.start()
    edge.erouted.configure(*edge.both())
    edge.erouted.send(wire.generation(wire.CONFIG_BEGIN, 9), edge.session(1))
    edge.erouted.send(wire.generation(wire.CONFIG_BEGIN, 10), edge.session(1), edge.session(1),
                      wire.generation(wire.CONFIG_END, 10))
    assert not edge.erouted.poll(1), "the module hangs up"
    edge.erouted.accept()
    assert content(edge) == a_file(*edge.both())
    edge.erouted.configure(edge.session(2))
    assert content(edge) == a_file(edge.session(2))


def test_without_circuits_there_is_no_file(edge):
    edge.start()
    edge.erouted.configure(*edge.both())
    edge.erouted.configure()
    assert not os.path.exists(state_file(edge))
    restart_alone(edge, NEIGHBORS)
    wait(lambda: established(edge) == MICROSOFT, "the operator's own sessions do not wait")


def test_a_file_that_cannot_be_written_is_told_and_tried_again(edge):
    edge.start()
    shutil.rmtree(edge.ce.dirs[2])
    edge.bring_up()
    assert "cannot write %s: No such file" % state_file(edge) in edge.ce.log("bgpd")
    os.makedirs(edge.ce.dirs[2])
    frr = pwd.getpwnam("frr")
    os.chown(edge.ce.dirs[2], frr.pw_uid, frr.pw_gid)
    edge.erouted.configure(*edge.both())
    assert content(edge) == a_file(*edge.both())


def by_root(edge):
    assert pwd.getpwnam("frr").pw_uid, "FRR does not run as root"
    os.chown(state_file(edge), 0, 0)


def by_a_link(edge):
    os.rename(state_file(edge), state_file(edge) + ".moved")
    os.symlink(state_file(edge) + ".moved", state_file(edge))


def by(make):
    def replace(edge):
        os.unlink(state_file(edge))
        make(state_file(edge))
    return replace


def by_octets(change):
    return lambda edge: write(edge, change(content(edge)))


def by_messages(*messages, **kwargs):
    return lambda edge: write(edge, a_file(*messages, **kwargs))


def without_its_last_message(data):
    head, body = data.split(b"\n", 1)
    return head + b"\n" + body[:2 + int.from_bytes(body[:2], "big")]


A_SESSION = wire.session("primary", "172.16.1.1", "172.16.1.2")
DAMAGE = {
    "empty": (by_octets(lambda d: b""), "it is empty"),
    "truncated": (by_octets(lambda d: d[:-9]), "it is damaged"),
    "cut between messages": (by_octets(without_its_last_message), "it is damaged"),
    "one bit": (by_octets(lambda d: d[:-3] + bytes([d[-3] ^ 1]) + d[-2:]), "it is damaged"),
    "more behind it": (by_octets(lambda d: d + b"\0\1\1"), "it is damaged"),
    "header alone": (by_octets(lambda d: d.split(b"\n")[0]), "it is damaged"),
    "another version's": (by_octets(lambda d: re.sub(rb"protocol \d+", b"protocol 1", d, count=1)),
                          "another version"),
    "a configuration": (by_octets(lambda d: b"router bgp 65001\n"), "none of ours"),
    "noise": (by_octets(lambda d: bytes(range(256)) * 9), "none of ours"),
    "readable for others": (lambda edge: os.chmod(state_file(edge), 0o644), "its mode must be 0600"),
    "another user's": (by_root, None),
    "not readable": (lambda edge: os.chmod(state_file(edge), 0), None),
    "symbolic link": (by_a_link, "symbolic links"),
    "directory": (by(os.mkdir), "no regular file"),
    "pipe": (by(os.mkfifo), None),
    # the header fits, what follows does not
    "half a message": (by_messages(A_SESSION, rest=b"\0\7\1"), "cut off"),
    "half a length": (by_messages(A_SESSION, rest=b"\0"), "cut off"),
    "unknown message": (by_messages(b"\xfe\1"), "unknown message"),
    "too short a message": (by_messages(A_SESSION[:-1]), "message too short"),
    "HELLO": (by_messages(wire.hello()), "out of place"),
    "END": (by_messages(A_SESSION, wire.generation(wire.CONFIG_END, 0)), "out of place"),
    "SYNCED": (by_messages(wire.generation(wire.SYNCED, 1)), "only the module says that"),
    "session twice": (by_messages(A_SESSION, A_SESSION), "stands twice"),
    "filter missing": (by_messages(A_SESSION, wire.route_filter("f", "12076:1")[1]), "not in the set"),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_file_that_cannot_be_used_is_refused_and_replaced(edge, damage):
    break_it, says = DAMAGE[damage]
    edge.start()
    edge.erouted.configure(*edge.both())
    restart_alone(edge, CONF["managed"], before=break_it)
    log = edge.ce.log("bgpd")
    assert "cannot use %s: " % state_file(edge) in log and (says or "") in log
    assert "172.16.1.2" not in edge.ce.vty("bgpd", "show bgp summary"), "nothing of it is used"
    come_back(edge)
    edge.erouted.configure(*edge.both())
    if damage == "directory":
        assert "cannot write " + state_file(edge) in edge.ce.log("bgpd")
    else:
        assert content(edge) == a_file(*edge.both())


@pytest.mark.parametrize("damage", ["truncated", "another version's", "not readable"])
def test_nothing_passes_until_erouted_has_sent_its_set(edge, watched, damage):
    edge.start(conf=NEIGHBORS)
    was = running(edge)
    edge.erouted.configure(*edge.both(mode="attached"), *POLICY)
    edge.wait_up(prefixes=1)
    restart_alone(edge, NEIGHBORS, before=DAMAGE[damage][0])
    # the MSEEs try each second
    edge.ce.configure("debug bgp neighbor-events")
    wait(lambda: edge.ce.log("bgpd").count("connection rejected from 172.16.1.2") > 1
         or established(edge), "the MSEEs to be turned away", 20)
    assert not established(edge)
    edge.ce.configure("no debug bgp neighbor-events")
    assert running(edge) == was
    come_back(edge)
    edge.erouted.configure(*edge.both(mode="attached"), *POLICY)
    edge.wait_up(prefixes=1)
    in_order(edge)
    watched.nothing_leaked()


def test_only_sessions_with_microsoft_wait(edge):
    edge.start()
    edge.erouted.configure(*edge.both())
    edge.m1.configure("router bgp 12076", "neighbor 172.16.1.1 local-as 65100 no-prepend replace-as")
    conf = NEIGHBORS.replace("172.16.1.2 remote-as 12076", "172.16.1.2 remote-as 65100")
    restart_alone(edge, conf, before=DAMAGE["empty"][0])
    wait(lambda: established(edge) == {"172.16.1.2"}, "the neighbor that is not Microsoft")
    # one that is configured now waits, too
    edge.ce.configure("router bgp 65001", "no neighbor 172.16.2.2",
                      "neighbor 172.16.2.2 remote-as 12076", "neighbor 172.16.2.2 timers connect 1")
    edge.ce.configure("debug bgp neighbor-events")
    wait(lambda: edge.ce.log("bgpd").count("connection rejected from 172.16.2.2") > 1
         or "172.16.2.2" in established(edge), "the MSEE to be turned away", 20)
    assert established(edge) == {"172.16.1.2"}
    come_back(edge)
    edge.erouted.configure()
    wait(lambda: established(edge) == MICROSOFT, "all, as there is no circuit")
