# SPDX-License-Identifier: GPL-2.0-or-later
"""
A router as an operator has it: Debian, stock FRR and our packages, run by systemd.

             eth1: VLAN 100 ------.
    host --- router ---------------- msee
             eth2: VLAN 100 in 300 |
             wan: IPsec ----------'

All that reaches Azure is in the VRF azure; the internet (wan) is not.  msee is one
router for all of Microsoft, on AS 12076, and on the VPN gateway's AS over the tunnel.
Both it and host are network namespaces, which a unit makes anew at each boot.
"""

import os

from guest import Guest, wait_for
import packaged

PORTS = {"eth1": "eth1.100", "eth2": "eth2.300.100"}
WAN, GATEWAY = "203.0.113.2", "203.0.113.1"
# the link-local addresses of the tunnel
NEAR, FAR = "169.254.21.2", "169.254.21.1"
VNET = "10.1.0.1"
IF_ID = 42

WIRES_UNIT = """\
[Unit]
Description=Cables, VLANs, a VRF and Microsoft
Before=frr.service strongswan.service
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/local/sbin/lab-wires
[Install]
WantedBy=multi-user.target
"""
WIRES = f"""\
#!/bin/sh
set -eu
ip link add azure type vrf table 100
ip link set azure up
ip netns add host
ip netns add msee
ip link add lan type veth peer name lan netns host
for port in eth1 eth2 wan; do
    ip link add $port type veth peer name $port netns msee
done
ip link add ipsec0 type xfrm dev wan if_id {IF_ID}
ip -n msee link add ipsec0 type xfrm dev wan if_id {IF_ID}
for where in "" "-n msee"; do
    # C-tag 100; the same within the provider's S-tag 300
    ip $where link add link eth1 name eth1.100 type vlan id 100
    ip $where link add link eth2 name eth2.300 type vlan proto 802.1ad id 300
    ip $where link add link eth2.300 name eth2.300.100 type vlan id 100
    for port in eth1 eth2 wan eth1.100 eth2.300 eth2.300.100 ipsec0; do
        ip $where link set $port up
    done
done
for port in lan eth1.100 eth2.300.100 ipsec0; do
    ip link set $port master azure
done
ip link set lan up
ip address add {WAN}/30 dev wan
ip -n host link set lan up
ip -n host address add 10.100.0.10/24 dev lan
ip -n host route add default via 10.100.0.1
ip -n msee link set lo up
ip -n msee address add {VNET}/16 dev lo
ip -n msee address add {GATEWAY}/30 dev wan
ip -n msee address add {FAR}/30 dev ipsec0
ip -n msee address add 172.16.0.2/30 dev eth1.100
ip -n msee address add 172.16.0.6/30 dev eth2.300.100
sysctl -qw net.ipv4.ip_forward=1
install -d -o frr -g frr /run/frr /run/frr/msee
for daemon in zebra bfdd bgpd; do
    ip netns exec msee /usr/lib/frr/$daemon -d -N msee
done
vtysh -N msee -f /etc/lab/msee.conf
"""
MSEE_VPN = f"""\
router bgp 12076
 neighbor 172.16.0.1 weight 1
 neighbor 172.16.0.5 weight 1
 neighbor {NEAR} remote-as 65001
 neighbor {NEAR} local-as 65515 no-prepend replace-as
 neighbor {NEAR} timers connect 1
exit
"""

# Azure's end of the tunnel; ours is strongswan.service
GATEWAY_UNIT = """\
[Unit]
Description=The VPN gateway's IPsec
After=lab-wires.service
Requires=lab-wires.service
[Service]
Type=notify
NetworkNamespacePath=/run/netns/msee
Environment=STRONGSWAN_CONF=/etc/lab/strongswan.conf SWANCTL_DIR=/etc/lab/swanctl
ExecStart=/usr/sbin/charon-systemd
ExecStartPost=/usr/sbin/swanctl --load-all --noprompt --uri unix:///run/lab-gateway.vici
[Install]
WantedBy=multi-user.target
"""
GATEWAY_STRONGSWAN = """\
include /etc/strongswan.conf
charon-systemd {
    plugins {
        vici {
            socket = unix:///run/lab-gateway.vici
        }
    }
}
"""


def connection(local, remote, start=""):
    """One end's swanctl.conf: IKEv2, all that is routed into the XFRM interface."""
    return f"""\
connections {{
    azure {{
        version = 2
        local_addrs = {local}
        remote_addrs = {remote}
        proposals = aes256-sha256-ecp256
        if_id_in = {IF_ID}
        if_id_out = {IF_ID}
        local {{
            auth = psk
        }}
        remote {{
            auth = psk
        }}
        children {{
            all {{
                local_ts = 0.0.0.0/0, ::/0
                remote_ts = 0.0.0.0/0, ::/0
                esp_proposals = aes256gcm16
                {start}
            }}
        }}
    }}
}}
secrets {{
    ike-azure {{
        secret = "only between two namespaces of one guest"
    }}
}}
"""


FRR = f"""\
interface ipsec0
 ip address {NEAR}/30
exit
!
"""
# a busy machine that emulates another one keeps up with it
BFD = "bfd receive-interval 1000 transmit-interval 1000 detect-multiplier 10"
BACKUP = f"""\
expressroute
 vpn-backup azure
  vrf azure
  circuit amsterdam
  gateway 0
   address {GATEWAY}
   interface ipsec0
   neighbor {FAR}
   local-address {NEAR}
   probe {FAR}
  exit-gateway
  restore hold 2 maximum 4
 exit-vpn-backup
exit-expressroute
"""


def tagged(text):
    for port, vlan in PORTS.items():
        text = text.replace(f"interface {port}\n", f"interface {vlan}\n")
    return text


class Edge(Guest, packaged.Router):
    def __init__(self):
        packages = f"{os.environ['LAB_BUILD']}/deb:{packaged.PLACE}"
        super().__init__(os.environ["LAB_STOCK"], packages, disk=True, systemd=True)

    def set_up(self):
        """What the operator does, and Microsoft; the circuit is redundant."""
        self.sh("mkdir -p /etc/lab/swanctl")
        self.write("/etc/systemd/system/lab-wires.service", WIRES_UNIT)
        self.write("/usr/local/sbin/lab-wires", WIRES)
        self.write("/etc/lab/msee.conf", packaged.MSEE + MSEE_VPN)
        self.write("/etc/systemd/system/lab-gateway.service", GATEWAY_UNIT)
        self.write("/etc/lab/strongswan.conf", GATEWAY_STRONGSWAN)
        self.write("/etc/lab/swanctl/swanctl.conf", connection(GATEWAY, WAN))
        self.write("/etc/swanctl/conf.d/azure.conf", connection(WAN, GATEWAY, "start_action = start"))
        frr = tagged(packaged.PLAIN).replace("router bgp 65001", "router bgp 65001 vrf azure")
        self.write("/etc/frr/frr.conf", frr + FRR)
        self.sh(
            """
            sed -i 's/^bgpd=no/bgpd=yes/; s/^bfdd=no/bfdd=yes/' /etc/frr/daemons
            chown frr:frr /etc/frr/*
            chmod 755 /usr/local/sbin/lab-wires
            systemctl enable --now lab-wires lab-gateway strongswan
            """
        )
        self.install(*packaged.NAMES)
        self.sh("systemctl restart frr")
        self.configure(tagged(packaged.CIRCUIT).replace("advertise", f"vrf azure\nvlan 100\n{BFD}\nadvertise"))
        self.configure(BACKUP)
        self.vtysh("write")
        self.wait_redundant()

    def wait_redundant(self):
        wait_for(lambda: self.circuit().get("redundancy") == "redundant", "redundant circuit")

    def backup(self):
        """The state of the VPN backup's IPv4."""
        backup = self.show("show expressroute vpn-backup azure json").get("vpnBackup", {}).get("azure", {})
        return backup.get("state", {}).get("family", {}).get("ipv4", {})

    def way(self):
        """The ports through which the kernel sends what goes to the VNet."""
        return set(self.sh("ip route show table 100 10.1.0.0/16 | grep -o 'dev [^ ]*' | cut -d ' ' -f 2").split())
