# SPDX-License-Identifier: GPL-2.0-or-later
import os
import shutil
import tempfile

import pytest

import lab
import wire

CE_CONF = """
router bgp 65001
 no bgp network import-check
 timers bgp 3 9
 address-family ipv4 unicast
  network 192.168.1.0/24
  network 192.168.2.0/24
  network 192.168.3.0/24
 exit-address-family
exit
"""

MSEE_CONF = """
router bgp 12076
 no bgp ebgp-requires-policy
 no bgp network import-check
 coalesce-time 0
 neighbor 172.16.{n}.1 remote-as 65001
 neighbor 172.16.{n}.1 timers 3 9
 neighbor 172.16.{n}.1 timers connect 1
 neighbor 172.16.{n}.1 advertisement-interval 0
 neighbor 172.16.{n}.1 bfd
 neighbor 2001:db8:{n}::1 remote-as 65001
 neighbor 2001:db8:{n}::1 timers connect 1
 address-family ipv4 unicast
  neighbor 172.16.{n}.1 route-map OUT out
  no neighbor 2001:db8:{n}::1 activate
  network 10.0.0.0/16
  network 10.1.0.0/16
 exit-address-family
 address-family ipv6 unicast
  neighbor 2001:db8:{n}::1 activate
  network 2001:db8:100::/48
 exit-address-family
exit
ip prefix-list SOME permit 10.0.0.0/16
route-map OUT permit 20
exit
"""


class Edge:
    """The customer's router, its two MSEEs, and erouted's end of the wire."""

    def __init__(self, tmp):
        self.tmp = tmp
        self.ce, self.m1, self.m2 = self.routers = [
            # files of tests run side by side, each with routers of its own
            lab.Router("%s-%d" % (name, os.getpid()), tmp) for name in ("erce", "erm1", "erm2")]
        self.erouted = None
        for n, msee in ((1, self.m1), (2, self.m2)):
            lab.link(self.ce, "eth%d" % n, msee, "eth0")
            lab.address(self.ce, "eth%d" % n, "172.16.%d.1/30" % n, "2001:db8:%d::1/126" % n)
            lab.address(msee, "eth0", "172.16.%d.2/30" % n, "2001:db8:%d::2/126" % n)
        for router in self.routers:
            router.start("zebra")
            router.start("bfdd")
        self.m1.start("bgpd", conf=MSEE_CONF.format(n=1))
        self.m2.start("bgpd", conf=MSEE_CONF.format(n=2))
        self.erouted = wire.Erouted(self.ce.run + "/expressroute.sock")

    def start(self, conf=CE_CONF, **kwargs):
        self.ce.start_edge(conf=conf, **kwargs)
        self.erouted.accept()

    def restart(self, conf=CE_CONF, **kwargs):
        if "bgpd" in self.ce.procs:
            assert self.ce.stop("bgpd") == 0
        self.start(conf, **kwargs)

    def close(self):
        if self.erouted:
            self.erouted.close()
        for router in self.routers:
            router.close()

    def session(self, n, **kwargs):
        kwargs.setdefault("keepalive", 3)
        kwargs.setdefault("hold", 9)
        return wire.session(("primary", "secondary")[n - 1], "172.16.%d.1" % n,
                            "172.16.%d.2" % n, **kwargs)

    def both(self, **kwargs):
        return self.session(1, **kwargs), self.session(2, **kwargs)

    def bring_up(self, *messages):
        self.erouted.configure(*(messages or self.both()))
        self.wait_up()

    def wait_up(self, *roles, prefixes=2):
        for role in roles or ("primary", "secondary"):
            self.erouted.until(
                lambda: self.erouted.session(role).get("state") == "established"
                and self.erouted.session(role)["accepted"] == prefixes, 20, role + " up")

    def msee(self, msee, *lines):
        """Change what an MSEE sends."""
        n = 1 if msee is self.m1 else 2
        msee.configure(*lines)
        msee.vty("bgpd", "clear bgp 172.16.%d.1 soft out" % n)

    def prepend(self, msee, copies):
        if copies:
            path = " ".join(["12076"] * copies)
            self.msee(msee, "route-map OUT permit 20", "set as-path prepend " + path)
        else:
            self.msee(msee, "route-map OUT permit 20", "no set as-path prepend")

    def uptime(self, n):
        text = self.ce.vty("bgpd", "show bgp ipv4 unicast summary")
        line = [x for x in text.splitlines() if x.startswith("172.16.%d.2" % n)][0]
        return line.split()[8]

    def local_prefs(self, net):
        """{MSEE's address: local-preference}"""
        import json
        paths = json.loads(self.ce.vty("bgpd", "show bgp ipv4 unicast %s json" % net)).get(
            "paths", [])
        return {p["peer"]["peerId"]: p.get("locPrf") for p in paths}


@pytest.fixture
def edge():
    tmp = tempfile.mkdtemp()  # not tmp_path: user frr cannot get there
    e = Edge(tmp)
    try:
        yield e
        if "bgpd" in e.ce.procs:
            assert e.ce.procs["bgpd"].poll() is None, "bgpd died: " + e.ce.log("bgpd")[-3000:]
            assert e.ce.stop("bgpd") == 0
    finally:
        e.close()
        shutil.rmtree(tmp)
