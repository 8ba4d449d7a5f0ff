# SPDX-License-Identifier: GPL-2.0-or-later
"""
Tunnels between ce and the gateways: real ones, with the same functions.

    Ipsec      strongSwan, IKEv2 with a pre-shared key, ESP in UDP, all in user space
               (kernel-libipsec): for what must be true of IPsec
    WireGuard  wireguard-go: for most tests, as it is up sooner

Both are route-based: everything that is routed into the interface goes through.
One end is one process, which owns one TUN interface: when it dies, the interface
is gone.  All its files are in a directory of its own, keys with mode 0600; they
are made when the tunnel is.

strongSwan names its interface ipsecN itself, with the first number that is free,
and finds it by that name only.  So the tunnels on ce are ipsec0 and ipsec1 of
either kind, and start in this order.
"""
import json
import os
import secrets
import subprocess
from dataclasses import dataclass

from scenery import drop, wait_for

CHARON = "/usr/sbin/charon-systemd"
# what the tests need of strongSwan: each plugin more makes its start longer
PLUGINS = "random nonce openssl kdf kernel-libipsec kernel-netlink socket-default vici updown"
# Our packets only come here with this mark, that is never: strongSwan wants to
# route by policy, and here routing belongs to FRR.
NEVER_MARK = "0x5afe"
IKE_PORT, NAT_PORT = 500, 4500
WIREGUARD_PORT = 51820


def write(path, text, mode=0o600):
    """By this process, not by a shell, which would log a key."""
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(path, mode)


class Background:
    """A process in a node, whose output goes to a file."""

    def __init__(self, shell, command, log):
        self.shell, self.log = shell, log
        self.pid = int(shell.sh(f"setsid {command} >> {log} 2>&1 < /dev/null & echo $!"))

    def alive(self):
        state = self.shell.sh(f"cat /proc/{self.pid}/stat 2>/dev/null || true")
        return state != "" and state.rpartition(")")[2].split()[0] != "Z"

    def kill(self):
        """As in a crash; it is gone when this returns."""
        self.shell.sh(f"kill -KILL {self.pid} 2>/dev/null || true")
        wait_for(lambda: not self.alive(), f"process {self.pid} on {self.shell.name} to be gone")

    def must_live(self):
        if not self.alive():
            with open(self.log, encoding="utf-8", errors="replace") as file:
                raise RuntimeError(f"{self.log} on {self.shell.name} ended: {file.read()[-2000:]}")
        return True


def link_state(shell, name):
    """Its flags, None when there is no such interface."""
    out = shell.sh(f"ip -json link show dev {name} 2>/dev/null || true")
    # of one that goes while it is looked at, there is an empty entry or none
    links = [link for link in json.loads(out or "[]") if link]
    return set(links[0]["flags"]) if links else None


@dataclass(frozen=True)
class End:
    """One end of a tunnel: the node, and its interface, address and number among those on the node."""

    shell: object
    interface: str
    address: str
    number: int = 0


class Process:
    """What runs one end of a tunnel, whatever the kind."""

    def __init__(self, end, directory):
        self.end, self.directory = end, directory
        self.process = None
        os.makedirs(directory, mode=0o700)

    def file(self, name):
        return os.path.join(self.directory, name)

    def background(self, command):
        self.process = Background(self.end.shell, command, self.file("log"))

    def wait_ready(self, check, what):
        wait_for(lambda: self.process.must_live() and check(), f"{what} on {self.end.shell.name}")

    def be_patient(self):
        """It may wait for a busy machine's processor: what comes meanwhile is not lost in the interface."""
        self.end.shell.sh(f"ip link set dev {self.end.interface} txqueuelen 10000")

    def dropped(self):
        """Packets that it came too late for, so far: in the interface, and in its socket (its namespace's sockets)."""
        link = json.loads(self.end.shell.sh(f"ip -json -stats link show dev {self.end.interface}"))[0]
        sockets = json.loads(self.end.shell.sh("nstat -az --json UdpRcvbufErrors Udp6RcvbufErrors"))["kernel"]
        return link["stats64"]["tx"]["dropped"], sum(sockets.values())

    def exists(self):
        return link_state(self.end.shell, self.end.interface) is not None

    def stop(self):
        """The process dies, and the interface with it."""
        if self.process:
            self.process.kill()
            self.process = None
            wait_for(lambda: not self.exists(), f"{self.end.interface} to be gone from {self.end.shell.name}")

    def link(self, state):
        self.end.shell.sh(f"ip link set dev {self.end.interface} {state}")


class Charon(Process):
    """
    One end with strongSwan: one charon.
    watched: the interface goes down with the SA, so that FRR sees it.
    """

    def __init__(self, end, peer, directory, key, watched):
        super().__init__(end, directory)
        self.watched = watched
        self.vici = f"unix://{self.file('vici')}"
        write(self.file("strongswan.conf"), self._daemon())
        write(self.file("swanctl.conf"), self._connection(peer, key))
        if watched:
            write(self.file("updown"), self._updown(), 0o700)

    def _daemon(self):
        number = self.end.number
        return f"""
charon-systemd {{
    load = {PLUGINS}
    port = {IKE_PORT + number}
    port_nat_t = {NAT_PORT + number}
    routing_table = {220 + number}
    routing_table_prio = {220 + number}
    process_route = no
    install_virtual_ip = no
    # a second each: a silent peer is given up after four
    retransmit_timeout = 1.0
    retransmit_base = 1.0
    retransmit_tries = 3
    filelog {{
        stderr {{
            default = 1
            flush_line = yes
        }}
    }}
    plugins {{
        kernel-libipsec {{
            load = 10
        }}
        kernel-netlink {{
            fwmark = {NEVER_MARK}
            roam_events = no
        }}
        vici {{
            socket = {self.vici}
        }}
    }}
}}
"""

    def _connection(self, peer, key):
        return f"""
connections {{
    azure {{
        version = 2
        mobike = no
        encap = yes
        local_addrs = {self.end.address}
        remote_addrs = {peer.address}
        proposals = aes256-sha256-ecp256
        local {{
            auth = psk
            id = {self.end.shell.name}-{self.end.number}
        }}
        remote {{
            auth = psk
            id = {peer.shell.name}-{peer.number}
        }}
        children {{
            all {{
                local_ts = 0.0.0.0/0, ::/0
                remote_ts = 0.0.0.0/0, ::/0
                esp_proposals = aes256gcm16
                {f"updown = {self.file('updown')}" if self.watched else ""}
            }}
        }}
    }}
}}
secrets {{
    ike-azure {{
        secret = "{key}"
    }}
}}
"""

    def _updown(self):
        """strongSwan wants the interface to be up when the SA comes, so only this half is left to it."""
        return f"""#!/bin/sh
case $PLUTO_VERB in
down-*) ip link set dev {self.end.interface} down ;;
esac
"""

    def swanctl(self, command):
        return self.end.shell.sh(f"SWANCTL_DIR={self.directory} STRONGSWAN_CONF={self.file('strongswan.conf')}"
                                 f" swanctl {command} --uri {self.vici}")  # fmt: skip

    def start(self):
        self.background(f"env STRONGSWAN_CONF={self.file('strongswan.conf')} {CHARON}")
        self.wait_ready(lambda: os.path.exists(self.file("vici")) and self.exists(), f"charon's {self.end.interface}")
        self.be_patient()
        self.link("down")
        self.swanctl("--load-all")

    def connect(self):
        """Returns when the SA is there."""
        self.link("up")
        self.swanctl("--initiate --child all --timeout 10")

    def disconnect(self):
        self.swanctl("--terminate --ike azure --timeout 10")
        wait_for(lambda: "UP" not in link_state(self.end.shell, self.end.interface), f"{self.end.interface} to be down")

    def stop(self):
        super().stop()
        if os.path.exists(self.file("vici")):
            os.unlink(self.file("vici"))


class WireguardGo(Process):
    """One end with wireguard-go, which has one fixed place for its socket: it gets a mount of its own."""

    def __init__(self, end, peer, directory, private, public):
        super().__init__(end, directory)
        write(self.file("wg.conf"), f"""
[Interface]
PrivateKey = {private}
ListenPort = {WIREGUARD_PORT + end.number}
[Peer]
PublicKey = {public}
AllowedIPs = 0.0.0.0/0, ::/0
Endpoint = {f"[{peer.address}]" if ":" in peer.address else peer.address}:{WIREGUARD_PORT + peer.number}
""")  # fmt: skip

    def start(self):
        name, run = self.end.interface, "/run/wireguard"
        self.background(
            f"unshare --mount --propagation private sh -c 'mkdir -p {run} && mount -t tmpfs wireguard {run}"
            f" && exec wireguard-go -f {name}'"
        )
        pid = self.process.pid
        self.wait_ready(
            lambda: self.end.shell.sh(f"test -S /proc/{pid}/root{run}/{name}.sock && echo yes || true") and self.exists(),
            f"wireguard-go's {name}",
        )
        self.end.shell.sh(f"nsenter -t {pid} --mount wg setconf {name} {self.file('wg.conf')}")
        self.be_patient()

    def connect(self):
        self.link("up")

    def disconnect(self):
        self.link("down")


class Tunnel:
    """
    One tunnel between ce and a gateway.

    near, far  the Process of each end
    internet   the shell of the node between them, which can lose packets
    """

    def __init__(self, near, far, internet):
        self.near, self.far, self.internet = near, far, internet
        self.interface = near.end.interface

    #
    # What each kind knows of its packets, as nft matches them
    #
    def data(self, direction):
        """Encrypted packets to ("d") or from ("s") the gateway."""
        raise NotImplementedError

    def start(self):
        """Both ends run; the tunnel is down."""
        for process in (self.far, self.near):
            process.start()

    def stop(self):
        for process in (self.near, self.far):
            process.stop()

    def up(self):
        """Returns when packets can pass.  Azure's end is always there and answers."""
        self.far.link("up")
        self.near.connect()

    def down(self):
        """Closed as it should be: the other end knows, and ce's interface is down."""
        self.near.disconnect()

    def delete(self):
        """ce's end crashes: its interface is gone, the gateway does not know."""
        self.near.stop()

    def recreate(self):
        self.near.start()
        self.up()

    def black_hole(self, on=True):
        """
        Data is lost on the way, silently: the interface stays up, IKE and the SA
        (handshakes of WireGuard) stay as well.
        """
        rules = {f"to-{way}": ("forward", 0, self.data(way)) for way in ("s", "d")} if on else {}
        drop(self.internet, f"black-hole-{self.interface}", rules)

    def flap(self, times=1):
        for _ in range(times):
            self.down()
            self.up()

    def _address(self, direction):
        address = self.far.end.address
        return f"{'ip6' if ':' in address else 'ip'} {direction}addr {address}"


def place(directory, end):
    return os.path.join(directory, f"{end.shell.name}-{end.interface}")


def key_pair():
    def wg(command, given=None):
        return subprocess.run(["wg", command], input=given, capture_output=True, text=True, check=True).stdout.strip()

    private = wg("genkey")
    return private, wg("pubkey", private)


class Ipsec(Tunnel):
    def __init__(self, near, far, internet, directory):
        key = secrets.token_urlsafe(32)
        super().__init__(
            Charon(near, far, place(directory, near), key, watched=True),
            Charon(far, near, place(directory, far), key, watched=False),
            internet,
        )

    def data(self, direction):
        # ESP in UDP: no four bytes of zeroes, which mark IKE (RFC 3948)
        return f"{self._address(direction)} udp {direction}port {NAT_PORT} @th,64,32 != 0"

    def control(self, direction):
        return f"{self._address(direction)} udp {direction}port {{ {IKE_PORT}, {NAT_PORT} }}"



class WireGuard(Tunnel):
    def __init__(self, near, far, internet, directory):
        (near_key, near_public), (far_key, far_public) = key_pair(), key_pair()
        super().__init__(
            WireguardGo(near, far, place(directory, near), near_key, far_public),
            WireguardGo(far, near, place(directory, far), far_key, near_public),
            internet,
        )

    def data(self, direction):
        # a packet of type 4
        return f"{self._address(direction)} udp {direction}port {WIREGUARD_PORT} @th,64,8 4"

    def control(self, direction):
        return f"{self._address(direction)} udp {direction}port {WIREGUARD_PORT}"


KINDS = {"ipsec": Ipsec, "wireguard": WireGuard}
