# SPDX-License-Identifier: GPL-2.0-or-later
"""A router from packages: stock FRR, ours beside it, Microsoft on the other end of two links."""

import contextlib
import fcntl
import os
import re
import subprocess

from machine import TREE, Machine, wait_for

PLACE = "/srv/packages"
NAMES = ("frr-expressroute", "frr-expressroute-vtysh", "frr-netconfd")

CIRCUIT = """\
expressroute
 circuit amsterdam
  peering private
   advertise 10.100.0.0/24
   link primary
    interface eth1
    ipv4-subnet 172.16.0.0/30
   exit-link
   link secondary
    interface eth2
    ipv4-subnet 172.16.0.4/30
   exit-link
  exit-peering
 exit-circuit
exit-expressroute
"""

PLAIN = """\
hostname router
!
interface eth1
 ip address 172.16.0.1/30
exit
!
interface eth2
 ip address 172.16.0.5/30
exit
!
interface lan
 ip address 10.100.0.1/24
exit
!
router bgp 65001
 bgp router-id 10.100.0.1
 address-family ipv4 unicast
  network 10.100.0.0/24
 exit-address-family
exit
!
"""

MSEE = """\
router bgp 12076
 bgp router-id 10.1.0.1
 no bgp ebgp-requires-policy
 no bgp network import-check
 neighbor 172.16.0.1 remote-as 65001
 neighbor 172.16.0.1 timers connect 1
 neighbor 172.16.0.1 bfd
 neighbor 172.16.0.5 remote-as 65001
 neighbor 172.16.0.5 timers connect 1
 neighbor 172.16.0.5 bfd
 address-family ipv4 unicast
  network 10.1.0.0/16
 exit-address-family
exit
"""


def built(step):
    """Sees to it that a step of lab/inside has made its packages, of this tree."""
    results = os.environ.get("LAB_RESULTS")
    if results:
        with open(os.path.join(results, step), encoding="ascii") as file:
            assert file.read().strip() == "0", f"the packages could not be built: see {step} in test_build.py"
        return
    with open(os.path.join(os.environ["LAB_BUILD"], f"{step}.lock"), "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        subprocess.run([TREE / "lab" / "inside", "step", step], check=True)


class Router(Machine):
    """The machine under test, with two links to one router as Microsoft."""

    def __init__(self, kind):
        super().__init__(os.environ["LAB_STOCK"], f"{os.environ['LAB_BUILD']}/{kind}:{PLACE}")
        self.sh(
            """
            systemd-tmpfiles --create frr.conf
            sed -i 's/^bgpd=no/bgpd=yes/; s/^bfdd=no/bfdd=yes/' /etc/frr/daemons
            ip link add lan type veth peer name host && ip link set lan up && ip link set host up
            ip netns add msee && ip -n msee link set lo up
            for n in 1 2; do
                ip link add eth$n type veth peer name eth$n netns msee
                ip link set eth$n up && ip -n msee link set eth$n up
                ip -n msee address add 172.16.0.$((n * 4 - 2))/30 dev eth$n
            done
            # what has come with the lab and need not be on a router
            dpkg --purge --force-depends libnetconf2-dev frr-dev >/dev/null
            """
        )
        self.write("/etc/frr/frr.conf", PLAIN)
        self.sh("chown frr:frr /etc/frr/*")

    def start_msee(self):
        self.write("/tmp/msee.conf", MSEE)
        self.sh(
            """
            install -d -o frr -g frr /run/frr/msee
            for daemon in zebra bfdd bgpd; do
                ip netns exec msee /usr/lib/frr/$daemon -d -N msee
            done
            vtysh -N msee -f /tmp/msee.conf
            """
        )

    def install(self, *names, options="", where=PLACE):
        paths = " ".join(f"{where}/{name}_*.deb" for name in names or ("frr-expressroute", "frr-expressroute-vtysh"))
        return self.sh(f"dpkg --force-unsafe-io {options} --install {paths} 2>&1")

    def bring_up(self):
        self.install()
        self.start_msee()
        self.start_frr()
        self.configure(CIRCUIT)
        self.vtysh("write")
        self.wait_redundant()

    def configure(self, text):
        return self.vtysh("configure terminal", *(line for line in text.splitlines() if line.strip(" !")))

    def circuit(self):
        return self.show("show expressroute summary json").get("circuit", {}).get("amsterdam", {})

    def wait_redundant(self):
        try:
            wait_for(lambda: self.circuit().get("redundancy") == "redundant", "redundant circuit")
        except TimeoutError:
            print(self.try_sh("vtysh -c 'show expressroute'")[1])
            raise

    def frr_verified(self):
        """What dpkg says has changed of FRR's packages, but for configuration."""
        out = self.sh("dpkg --verify frr frr-pythontools; true")
        return [line for line in out.splitlines() if not re.match(r"\S+ c ", line)]


@contextlib.contextmanager
def machine(kind="deb"):
    router = Router(kind)
    try:
        yield router
    finally:
        router.stop()
