# SPDX-License-Identifier: GPL-2.0-or-later
"""What the tests of VPN backups ask of the lab, on lab/vpn.py's scenery."""
import contextlib
import json

import scenery
import vpn
from scenery import VNET_ADDRESS, wait_for
from vpn import BACKUP, GATEWAYS

FAMILIES = ("ipv4", "ipv6")
TUNNELS = {gateway.interface for gateway in GATEWAYS.values()}
CIRCUIT = set(scenery.MSEES)
# the probe's flows carry their names in clear
MARK = "v4-0"
# our routes leave ER_VPN_SETTLE_MS before or after what we advertise
RETURN_TIME = 30


def backup(lab):
    """The state of the backup, as an operator's program reads it; {} when it is not there."""
    return lab.ce.show(f"show expressroute vpn-backup {BACKUP} json").get("vpnBackup", {}).get(BACKUP, {})


def family(lab, name="ipv4"):
    return backup(lab).get("state", {}).get("family", {}).get(name, {})


def gateway(lab, number=0):
    return backup(lab).get("gateway", {}).get(str(number), {}).get("state", {})


def session(lab, number=0, name="ipv4"):
    return gateway(lab, number).get("session", {}).get(name, {})


def wait_family(lab, timeout=RETURN_TIME, names=FAMILIES, **leaves):
    """Until these leaves of each family's state have these values."""

    def there():
        families = backup(lab).get("state", {}).get("family", {})
        return all(families.get(name, {}).get(leaf) == value for name in names for leaf, value in leaves.items())

    wait_for(there, f"{BACKUP} to have {leaves}", timeout)


def healthy(lab):
    return {n for n in (0, 1) if all(session(lab, n, name).get("health") == "up" for name in FAMILIES)}


def wait_healthy(lab, *numbers, timeout=20):
    wait_for(lambda: healthy(lab) == set(numbers), f"gateways {numbers} to be up", timeout)


def uses(lab, ports):
    return all(lab.nexthops(number) == ports for number in (4, 6))


def wait_uses(lab, ports, timeout=20):
    wait_for(lambda: uses(lab, ports), f"traffic to the VNet through {ports}", timeout)


def settle(lab):
    """On ExpressRoute, watched by BFD, and the backup is ready."""
    wait_healthy(lab, 0, 1)
    wait_family(lab, state="standby", sendsOver="expressroute", receivesOver="expressroute")
    wait_uses(lab, CIRCUIT)
    lab.settled()


def way_back(lab):
    """Where the VNet's router sends what goes to the premises: its ports."""
    ports = set()
    for number, net in scenery.ONPREM_NET.items():
        for route in json.loads(lab.vnet.sh(f"ip -json -{number} route show {net}") or "[]"):
            ports |= {hop.get("gateway") for hop in route.get("nexthops", [route])}
    return ports


def comes_back_over_the_vpn(lab):
    """IPv4 tells; IPv6 next hops are link-local."""
    gateways = {each.in_vnet(4) for each in GATEWAYS.values()}
    msees = {scenery.host(scenery.VNET_NET[4], number) for number in (1, 2)}
    ports = way_back(lab)
    return gateways <= ports and not msees & ports


def answers(lab):
    return all(lab.onprem.try_sh(f"ping -c 1 -W 1 {VNET_ADDRESS[number]}")[0] == 0 for number in (4, 6))


@contextlib.contextmanager
def circuit_cut(lab):
    """Everything on both links is lost, silently."""
    for msee in lab.msees.values():
        scenery.cut(msee)
    try:
        yield
    finally:
        for msee in lab.msees.values():
            scenery.mend(msee)


@contextlib.contextmanager
def nothing_lost(lab):
    """But for what the tunnels' own processes came too late for, on a busy machine."""
    dropped = lab.vpn.dropped()
    with lab.probe() as probe:
        yield probe
    dropped = lab.vpn.dropped() - dropped
    report = probe.report
    assert report.lost <= dropped, f"{report}, {dropped} of them in the tunnels: {report.gaps[:9]}"


def change(lab, *lines):
    """Lines of the backup's configuration."""
    lab.configure("\n".join(["expressroute", f"vpn-backup {BACKUP}", *lines]))


def command(lab, text):
    """(whether it was accepted, what it said)"""
    _, out = lab.ce.try_vtysh(text)
    return "% " not in out, out


def capture(shell, port, count=200):
    """UDP packets that pass this port, with what can be read of them."""
    return shell.sh(f"timeout 20 tcpdump -i {port} -c {count} -A -n udp 2>/dev/null")
