# SPDX-License-Identifier: GPL-2.0-or-later
"""Tunnels, an internet and a DNS server for the tests of VPN backups.

A tunnel is a pair of interfaces, the far end of which is a network namespace: a
gateway that answers echoes, or does not.
"""

import ipaddress
import json
import os
import select
import socket
import struct
import subprocess
import sys
import threading
import time

import frrlab

PREFIX = "10.1.0.0/16"
PREFIX6 = "2001:db8:1::/48"


def ip(command, check=True):
    done = subprocess.run(["ip", *command.split()], capture_output=True, text=True)
    if check and done.returncode:
        raise OSError("ip %s: %s" % (command, done.stderr.strip()))
    return done.stdout


class Scenery:
    """ertun0 and ertun1 to the gateways, erwan0 to the internet, ert1 and ert2 to Microsoft."""

    # named for the process: tests that run at once have such gateways, too
    NAMESPACES = tuple("ergw%d-%d" % (n, os.getpid()) for n in (0, 1))

    def __init__(self):
        self.destroy()
        for n in (0, 1):
            ip("netns add " + self.NAMESPACES[n])
            self.make_tunnel(n)
        ip("link add erwan0 type veth peer name erwan1")
        ip("addr add 192.0.2.2/24 dev erwan0")
        ip("link set erwan0 up")
        ip("link set erwan1 up")
        for n, address in ((1, "192.168.100.1/30"), (2, "192.168.100.5/30")):
            ip("link add ert%d type veth peer name erm%d" % (n, n))
            ip("addr add %s dev ert%d" % (address, n))
            ip("link set ert%d up" % n)
            ip("link set erm%d up" % n)

    @staticmethod
    def make_tunnel(n):
        space = Scenery.NAMESPACES[n]
        ip("link add ertun%d type veth peer name ergw netns %s" % (n, space))
        far = "-n %s " % space
        for here, there in (("169.254.2%d.1/30", "169.254.2%d.2/30"),
                            ("fd00:2%d::1/64", "fd00:2%d::2/64")):
            nodad = " nodad" if ":" in here else ""
            ip("addr add %s dev ertun%d%s" % (here % n, n, nodad))
            ip(far + "addr add %s dev ergw%s" % (there % n, nodad))
        ip("link set ertun%d up" % n)
        ip(far + "link set ergw up")
        ip(far + "link set lo up")

    @staticmethod
    def destroy():
        for name in ("ertun0", "ertun1", "erwan0", "ert1", "ert2"):
            ip("link del " + name, check=False)
        for name in Scenery.NAMESPACES:
            ip("netns del " + name, check=False)

    @staticmethod
    def answer_echoes(n, yes):
        """Does the gateway answer, or swallow everything?"""
        for path in ("ipv4/icmp_echo_ignore_all", "ipv6/icmp/echo_ignore_all"):
            subprocess.run(["ip", "netns", "exec", Scenery.NAMESPACES[n], "sh", "-c",
                            "echo %d > /proc/sys/net/%s" % (not yes, path)], check=True)


def available():
    """Can namespaces and interfaces be made here?"""
    try:
        space = "erprobe-%d" % os.getpid()
        ip("netns add " + space)
        ip("netns del " + space)
        return True
    except OSError:
        return False


def circuits(module):
    return [s for s in module.sessions if s[1] != "vpn"]


def say_apart(module):
    """No static prefix is more specific than a route of ExpressRoute."""
    for kind, value in module.policy:
        if kind == frrlab.STATIC:
            module.send(frrlab.static_state(value[:3], value[3], False))


def up(module, vpn=()):
    """ExpressRoute works, and these sessions of gateways."""
    generation = module.take_config()
    module.established(circuits(module))
    say_apart(module)
    for session in vpn:
        module.send(frrlab.session_state(session, "established", accepted=3, established=1))
    module.synced(generation)


def down(module):
    """ExpressRoute does not."""
    for session in circuits(module):
        module.send(frrlab.session_state(session, "active", last_reset="test", reset=1))


def gateway(n, **more):
    return {"instance": n, "interface": "ertun%d" % n, **more}


def backup(name="az", static=True, **more):
    """A VPN backup's configuration: static prefixes over both tunnels, unless told."""
    vpn = {"name": name, "circuit": ["ams-1"], "gateway": [gateway(0), gateway(1)]}
    if static:
        vpn.update({"ipv4-prefix": [PREFIX], "ipv6-prefix": [PREFIX6]})
    vpn.update(more)
    return {"vpn-backup": [vpn]}


def route(lab, prefix=PREFIX, vrf=""):
    """What zebra has of ours: None, or its entry."""
    word = "ipv6" if ":" in prefix else "ip"
    shown = json.loads(lab.show("show %s route %s json" % (word, prefix), "zebra") or "{}")
    for entry in shown.get(prefix, []):
        if entry["protocol"] == "static" and entry.get("instance"):
            return entry
    return None


def over(entry):
    """The interfaces over which it leads."""
    return sorted(hop["interfaceName"] for hop in (entry or {}).get("nexthops", [])
                  if hop.get("active"))


def static_route(lab, prefix=PREFIX):
    """(distance, interfaces) of ours, None without."""
    entry = route(lab, prefix)
    return entry and (entry["distance"], over(entry))


class Monitor:
    """What the kernel is told of one prefix, while it runs."""

    def __init__(self, prefix):
        self.prefix = prefix
        self.file = open("/tmp/er-monitor.%d" % os.getpid(), "w+")
        self.proc = subprocess.Popen(["stdbuf", "-oL", "ip", "-d", "monitor", "route"],
                                     stdout=self.file)
        # it listens once it sees a route of the test's own
        self.seen_until("127.0.99.0/24")

    def seen_until(self, mark):
        def seen():
            ip("route add %s dev lo" % mark)
            ip("route del " + mark)
            return mark in self.text()
        frrlab.wait_for("ip monitor", seen)

    def text(self):
        with open(self.file.name) as f:
            return f.read()

    def __enter__(self):
        return self

    def __exit__(self, *args):
        self.proc.kill()
        self.proc.wait()
        self.file.close()
        os.unlink(self.file.name)

    def lines(self):
        self.seen_until("127.0.98.0/24")
        return [line for line in self.text().splitlines() if " %s " % self.prefix in line + " "]


class Dns:
    """A DNS server that does what it is told, on an address of its own."""

    ADDRESS = "127.0.0.77"

    def __init__(self):
        self.records = {}  # name -> [addresses]
        self.ttl = 300
        self.mode = "answer"
        self.asked = []
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((self.ADDRESS, 53))
        self.stopping = False
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def close(self):
        self.stopping = True
        self.thread.join()
        self.socket.close()

    def serve(self):
        while not self.stopping:
            if not select.select([self.socket], [], [], 0.05)[0]:
                continue
            query, sender = self.socket.recvfrom(4096)
            for reply in self.replies(query):
                self.socket.sendto(reply, sender)

    @staticmethod
    def question(query):
        """(name, type, octets of the question)."""
        labels, at = [], 12
        while query[at]:
            labels.append(query[at + 1:at + 1 + query[at]].decode())
            at += 1 + query[at]
        return ".".join(labels), struct.unpack_from("!H", query, at + 1)[0], query[12:at + 5]

    def replies(self, query):
        name, kind, question = self.question(query)
        self.asked.append((name, kind))
        mode = self.mode
        if mode == "silence":
            return
        if mode == "garbage":
            yield b"\xff" * 40
            yield query[:2] + b"\x84\x00" + b"\xff" * 30
            yield query[:2] + b"\x84\x00\0\1\xff\xff\0\0\0\0" + question + b"\xc0"
            return
        if mode == "late":
            time.sleep(1)
        if mode == "servfail":
            yield query[:2] + b"\x81\x82\0\1\0\0\0\0\0\0" + question
            return
        if name not in self.records:
            yield query[:2] + b"\x85\x83\0\1\0\0\0\0\0\0" + question
            return
        rdata = [ipaddress.ip_address(a).packed for a in self.records[name]]
        rdata = [d for d in rdata if len(d) == {1: 4, 28: 16}.get(kind)]
        reply = query[:2] + struct.pack("!HHHHH", 0x8580, 1, len(rdata), 0, 0) + question
        for data in rdata:
            reply += b"\xc0\x0c" + struct.pack("!HHIH", kind, 1, self.ttl, len(data)) + data
        yield reply


def use_dns(lab):
    """erouted, when it is started, finds that server in a resolv.conf of its own."""
    path = lab.logs + "/resolv.conf"
    with open(path, "w") as f:
        f.write("nameserver %s\n" % Dns.ADDRESS)
    os.chmod(path, 0o644)
    lab.wrap["erouted"] = ["unshare", "--mount", "--propagation", "private", "sh", "-c",
                           'mount --bind "$0" /etc/resolv.conf && exec "$@"', path]


def forger(mode):
    """Answers echoes wrongly, in the namespace it is started in: for a process."""
    sniffer = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x0800))
    sender = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
    print("ready", flush=True)
    while True:
        packet = sniffer.recv(2048)
        start = (packet[0] & 15) * 4
        icmp = bytearray(packet[start:])
        if packet[9] != 1 or icmp[0] != 8:
            continue
        icmp[0] = 0
        if mode == "id":
            icmp[5] ^= 1
        elif mode == "sequence":
            icmp[6] ^= 0x80
        elif mode == "token":
            icmp[-1] ^= 1
        elif mode == "short":
            icmp = icmp[:10]
        elif mode == "type":
            icmp[0] = 3
        icmp[2:4] = b"\0\0"
        padded = bytes(icmp) + b"\0" * (len(icmp) % 2)
        total = sum(struct.unpack("!%dH" % (len(padded) // 2), padded))
        total = (total & 0xFFFF) + (total >> 16)
        icmp[2:4] = struct.pack("!H", ~(total + (total >> 16)) & 0xFFFF)
        sender.sendto(bytes(icmp), (socket.inet_ntoa(packet[12:16]), 0))


def start_forger(n, mode):
    proc = subprocess.Popen(["ip", "netns", "exec", Scenery.NAMESPACES[n], sys.executable, "-B", __file__,
                             mode], stdout=subprocess.PIPE)
    assert proc.stdout.readline() == b"ready\n"
    return proc


if __name__ == "__main__":
    forger(sys.argv[1])
