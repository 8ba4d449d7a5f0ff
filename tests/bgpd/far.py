# SPDX-License-Identifier: GPL-2.0-or-later
"""Microsoft's side with routes of any shape: ExaBGP in an MSEE's place."""

import os
import subprocess
import time

CONF = """
process lines {{
    run {cat} {fifo};
    encoder text;
}}
neighbor 172.16.{n}.1 {{
    router-id 172.16.{n}.2;
    local-address 172.16.{n}.2;
    local-as 12076;
    peer-as {router_as};
    hold-time 30;
    api {{ processes [ lines ]; }}
    capability {{ route-refresh enable; asn4 enable; }}
    family {{ ipv4 unicast; }}
    announce {{ ipv4 {{
{routes}
    }} }}
}}
neighbor 2001:db8:{n}::1 {{
    router-id 172.16.{n}.2;
    local-address 2001:db8:{n}::2;
    local-as 12076;
    peer-as {router_as};
    hold-time 30;
    api {{ processes [ lines ]; }}
    capability {{ route-refresh enable; asn4 enable; }}
    family {{ ipv6 unicast; }}
    announce {{ ipv6 {{
{routes6}
    }} }}
}}
"""

ENVIRONMENT = {
    "exabgp_daemon_user": "root", "exabgp_daemon_daemonize": "false", "exabgp_daemon_drop": "false",
    "exabgp_api_ack": "false", "exabgp_api_cli": "false", "exabgp_tcp_bind": "",
    "exabgp_log_destination": "stdout", "exabgp_log_level": "INFO", "exabgp_tcp_delay": "0",
}


def route(n, net, communities=(), path="[ 12076 ]", more=""):
    """As ExaBGP writes it."""
    hop = "2001:db8:%d::2" % n if ":" in net else "172.16.%d.2" % n
    text = "%s next-hop %s as-path %s" % (net, hop, path)
    if communities:
        text += " community [ %s ]" % " ".join(communities)
    return text + (" " + more if more else "")


class Speaker:
    """routes: [(prefix, communities, [path, [more]])]"""

    def __init__(self, edge, n, routes=(), router_as=65001):
        self.n, self.router = n, edge.m1 if n == 1 else edge.m2
        if "bgpd" in self.router.procs:
            self.router.stop("bgpd", 9)
        base = "%s/far%d" % (edge.tmp, n)
        os.mkfifo(base + ".fifo")
        self.keep = os.open(base + ".fifo", os.O_RDWR)
        lines = ["        unicast %s;" % route(n, *r) for r in routes]
        with open(base + ".conf", "w") as f:
            f.write(CONF.format(n=n, cat="/usr/bin/cat", fifo=base + ".fifo", router_as=router_as,
                                routes="\n".join(x for x in lines if ":" not in x.split()[1]),
                                routes6="\n".join(x for x in lines if ":" in x.split()[1])))
        self.log = open(base + ".log", "wb")
        # closed with the routers
        self.router.procs["exabgp"] = subprocess.Popen(
            ["ip", "netns", "exec", self.router.name, "exabgp", "server", base + ".conf"],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, cwd="/",
            env=dict(os.environ, **ENVIRONMENT))

    def say(self, line):
        os.write(self.keep, line.encode() + b"\n")

    def announce(self, net, *args):
        self.say("announce route " + route(self.n, net, *args))

    def withdraw(self, net):
        self.say("withdraw route " + route(self.n, net))


def wait(probe, what, seconds=15):
    end = time.monotonic() + seconds
    while True:
        value = probe()
        if value:
            return value
        assert time.monotonic() < end, what() if callable(what) else what
        time.sleep(0.05)
