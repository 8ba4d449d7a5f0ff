// SPDX-License-Identifier: GPL-2.0-or-later
/* Where things are when nobody says otherwise. */
#ifndef _FRR_NETCONFD_PATHS_H
#define _FRR_NETCONFD_PATHS_H

#define ND_SOCKET	"/run/frr-netconfd/netconf.sock"
#define ND_MGMTD	"/var/run/frr/mgmtd_fe.sock"
#define ND_ACCESS_RULES "/etc/frr-netconf/access-rules.xml"
#define ND_GROUP_READ	"frr-netconf"
#define ND_GROUP_WRITE	"frr-netconf-admin"

#endif /* _FRR_NETCONFD_PATHS_H */
