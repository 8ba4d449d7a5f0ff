# SPDX-License-Identifier: GPL-2.0-or-later
"""Microsoft's side is not FRR: BIRD ends the primary link, OpenBGPD the secondary one."""
import shutil

import pytest

import er_lab
import scenery
from scenery import LINKS, MICROSOFT_AS, VNET_NET, wait_for

PASSWORD = "third-party"

pytestmark = pytest.mark.skipif(
    not (shutil.which("bird") and shutil.which("bgpd", path="/usr/sbin")), reason="bird3 or openbgpd is not installed"
)


def bird_conf(drained):
    link = LINKS["primary"]
    prepend = f"bgp_path.prepend({MICROSOFT_AS}); " * (8 if drained else 0)
    sessions = "".join(
        f"""
protocol static vnet{family} {{ ipv{family}; route {VNET_NET[family]} unreachable; }}
protocol bgp ce{family} {{
    local {link.microsoft(family)} as {MICROSOFT_AS};
    neighbor {link.customer(family)} as {scenery.CUSTOMER_AS};
    password "{PASSWORD}";
    hold time 180;
    bfd on;
    connect delay time 1;
    connect retry time 1;
    error wait time 1, 2;
    ipv{family} {{ import all; export filter to_customer; next hop self; }};
}}"""
        for family in (4, 6)
    )
    return f"""
router id {link.microsoft(4)};
protocol device {{}}
protocol bfd {{ interface "ce" {{ min rx interval 300 ms; min tx interval 300 ms; multiplier 3; }}; }}
filter to_customer {{ if source != RTS_STATIC then reject; {prepend}accept; }}
{sessions}
"""


def openbgpd_conf(drained):
    link = LINKS["secondary"]
    text = f"""
AS {MICROSOFT_AS}
router-id {link.microsoft(4)}
fib-update no
network {VNET_NET[4]}
network {VNET_NET[6]}
"""
    for family in (4, 6):
        text += f"""
neighbor {link.customer(family)} {{
    remote-as {scenery.CUSTOMER_AS}
    local-address {link.microsoft(family)}
    tcp md5sig password "{PASSWORD}"
    announce IPv4 {"unicast" if family == 4 else "none"}
    announce IPv6 {"unicast" if family == 6 else "none"}
}}
"""
    text += "allow from any\nallow to any\n"
    if drained:
        text += "match to any set prepend-self 8\n"
    return text


def set_up_addresses(shell, link, number):
    for family, net in link.subnet.items():
        nodad = " nodad" if family == 6 else ""
        shell.sh(f"ip address add {scenery.on_interface(net, 2)} dev ce{nodad}")
        shell.sh(f"ip address add {scenery.on_interface(VNET_NET[family], number)} dev azure{nodad}")


def write(shell, path, text):
    shell.sh(f"cat > {path} <<'END'\n{text}\nEND\nchmod 600 {path}")


class Bird:
    def __init__(self, shell):
        self.shell = shell
        write(shell, "/tmp/gearlogdir/bird.conf", bird_conf(False))
        shell.sh("bird -c /tmp/gearlogdir/bird.conf -s /tmp/gearlogdir/bird.ctl -P /tmp/gearlogdir/bird.pid")

    def drain(self, on):
        write(self.shell, "/tmp/gearlogdir/bird.conf", bird_conf(on))
        self.shell.sh("birdc -s /tmp/gearlogdir/bird.ctl configure")


class OpenBgpd:
    """Its socket and its prison have fixed places: give the node its own."""

    def __init__(self, shell):
        self.shell = shell
        shell.sh("mkdir -p /run/openbgpd && mount -t tmpfs -o mode=755 openbgpd /run/openbgpd")
        shell.sh("mkdir -p $(getent passwd _openbgpd | cut -d: -f6)")
        write(shell, "/tmp/gearlogdir/bgpd.conf", openbgpd_conf(False))
        shell.sh("/usr/sbin/bgpd -v -f /tmp/gearlogdir/bgpd.conf")

    def drain(self, on):
        write(self.shell, "/tmp/gearlogdir/bgpd.conf", openbgpd_conf(on))
        self.shell.sh("bgpctl reload")


@pytest.fixture(scope="module")
def lab(request):
    circuit = scenery.circuit_conf(peering=[f"password {PASSWORD}"])
    with er_lab.running(request, circuit, msees={"primary": None, "secondary": None}) as lab:
        for number, (role, msee) in enumerate(lab.msees.items(), 1):
            set_up_addresses(msee, LINKS[role], number)
        lab.sides = {"primary": Bird(lab.msee1), "secondary": OpenBgpd(lab.msee2)}
        yield lab


def test_circuit_is_redundant(lab):
    lab.wait_redundant(timeout=60)
    wait_for(lambda: lab.paths_installed() == {4: 2, 6: 2}, "both links in the FIB")
    sessions = [(role, family) for role in LINKS for family in ("ipv4", "ipv6")]
    for count in ("acceptedPrefixes", "advertisedPrefixes"):
        lab.wait_circuit(lambda c: all(c.session(*s)[count] == 1 for s in sessions), f"one of {count} on each session")


def test_bfd_with_bird(lab):
    lab.wait_circuit(
        lambda c: all(c.session("primary", f)["bfd"] == "up" for f in ("ipv4", "ipv6")), "BFD with BIRD", 30
    )


@pytest.mark.parametrize("role", LINKS)
def test_drain_is_seen_and_loses_nothing(lab, role):
    lab.wait_redundant(timeout=60)
    other = {"primary": "secondary", "secondary": "primary"}[role]
    with lab.probe() as probe:
        lab.sides[role].drain(True)
        wait_for(lambda: lab.uses_only(other), "traffic to leave the drained link")
        scenery.discard(lab.msees[role])
        circuit = lab.wait_redundancy("degraded")
        assert circuit.session(role)["health"] == "drained"
        scenery.discard(lab.msees[role], False)
        lab.sides[role].drain(False)
        lab.wait_redundant()
    assert probe.report.lost == 0, probe.report


def test_silent_loss_of_bird_is_told_by_bfd(lab):
    wait_for(lambda: lab.paths_installed() == {4: 2, 6: 2}, "both links in the FIB")
    scenery.cut(lab.msee1)
    circuit = lab.wait_redundancy("degraded")
    assert "BFD" in circuit.session("primary")["lastReset"]
    scenery.mend(lab.msee1)
    lab.wait_redundant(timeout=60)
