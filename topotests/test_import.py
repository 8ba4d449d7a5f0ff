# SPDX-License-Identifier: GPL-2.0-or-later
"""A list of communities is imported: a new service can be allowed, and a broken list changes nothing."""
import json
import os

import pytest

import er_lab
import scenery
from scenery import LINKS, wait_for

# Contoso Cloud is not in any list of Microsoft's
NEW, KNOWN = "12076:5990", "12076:5010"
FROM_NEW = {4: "10.21.0.0/16", 6: "2001:db8:21::/64"}
FROM_KNOWN = {4: "10.22.0.0/16", 6: "2001:db8:22::/64"}
TAGGED = {**dict.fromkeys(FROM_NEW.values(), NEW), **dict.fromkeys(FROM_KNOWN.values(), KNOWN)}


def azure_list(*services):
    """As Azure returns it: [(name, community)]."""
    return [
        {
            "serviceName": name,
            "bgpCommunities": [
                {
                    "communityName": name,
                    "communityValue": community,
                    "serviceSupportedRegion": "Global",
                    "isAuthorizedToUse": True,
                    "communityPrefixes": ["192.0.2.0/24"],
                }
            ],
        }
        for name, community in services
    ]


@pytest.fixture(scope="module")
def lab(request):
    filters = "expressroute\n route-filter office\n  allow service exchange-online\n exit-route-filter\n"
    circuit = scenery.circuit_conf(peering=["route-filter office"]).replace("expressroute\n", filters, 1)
    with er_lab.running(request, circuit, msees={role: {"tagged": TAGGED} for role in LINKS}) as lab:
        comes_in(lab, FROM_KNOWN)
        lab.flaps_before = lab.flaps()
        yield lab
        assert lab.flaps() == lab.flaps_before


def comes_in(lab, *wanted):
    for role, link in LINKS.items():
        for family in (4, 6):
            want = {nets[family] for nets in wanted}
            wait_for(lambda: lab.routes_from(link.microsoft(family)) == want, f"{want} and no other on {role}", 30)


def write(lab, data, name="list.json"):
    path = os.path.join(str(lab.ce.gear.gearlogdir), name)
    with open(path, "wb") as file:
        file.write(data if isinstance(data, bytes) else json.dumps(data).encode())
    os.chmod(path, 0o644)
    # user frr sees the node's directory under this name
    lab.ce.sh(f"cp {path} /etc/frr/{name} && chmod 644 /etc/frr/{name}")
    return f"/etc/frr/{name}"


def known(lab):
    return lab.ce.show("show expressroute communities json").get("community", {})


def try_import(lab, path, how=""):
    """What was said, good or bad."""
    return lab.ce.try_vtysh(f"expressroute import communities {path} {how}".strip())[1]


def allow(lab, line):
    return lab.ce.try_vtysh(f"configure terminal\nexpressroute\nroute-filter office\n{line}")[1]


def test_new_service_is_unknown_first(lab):
    assert NEW not in known(lab)
    assert "There is no such service" in allow(lab, "allow service contoso-cloud")
    comes_in(lab, FROM_KNOWN)


BROKEN = {
    "truncated": json.dumps(azure_list(("Contoso Cloud", NEW))).encode()[:-20],
    "not JSON": b"communities\n",
    "not UTF-8": json.dumps(azure_list(("Contoso Cloud", NEW))).encode().replace(b"Contoso", b"C\xff\xfeto"),
    "wrong type": [{"serviceName": 5, "bgpCommunities": []}],
    "another AS": azure_list(("Contoso Cloud", "65001:5990")),
    "twice the same": azure_list(("Contoso Cloud", NEW), ("Contoso Sky", NEW)),
    "empty": b"",
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_list_changes_nothing(lab, name):
    before = known(lab)
    said = try_import(lab, write(lab, BROKEN[name]))
    assert said.startswith("%") or "\n%" in said, said
    assert "list.json" in said, said
    assert known(lab) == before
    comes_in(lab, FROM_KNOWN)


@pytest.mark.parametrize("path", ["/etc/frr", "/etc/frr/nowhere.json"])
def test_what_is_no_list_is_told(lab, path):
    before = known(lab)
    said = try_import(lab, path)
    assert "%" in said and path in said, said
    assert known(lab) == before


def test_file_that_user_frr_cannot_read(lab):
    path = write(lab, azure_list(("Contoso Cloud", NEW)), "secret.json")
    lab.ce.sh(f"chmod 600 {path} && chown root:root {path}")
    before = known(lab)
    assert "%" in try_import(lab, path)
    assert known(lab) == before


def test_new_service_comes_with_the_list(lab):
    before = len(known(lab))
    said = try_import(lab, write(lab, azure_list(("Contoso Cloud", NEW))), "extend")
    assert "%" not in said, said
    found = known(lab)
    assert len(found) == before + 1 and found[NEW]["serviceName"] == "Contoso Cloud"
    comes_in(lab, FROM_KNOWN)
    assert "%" not in allow(lab, "allow service contoso-cloud")
    comes_in(lab, FROM_KNOWN, FROM_NEW)
    assert [line for line in lab.syslog("catalogue-imported")], "it is logged"


def test_list_survives_a_restart(lab):
    lab.restart("erouted")
    lab.wait_connected()
    assert known(lab)[NEW]["serviceName"] == "Contoso Cloud"
    comes_in(lab, FROM_KNOWN, FROM_NEW)


def test_list_without_a_service_takes_it_away(lab):
    """The configuration stays, means nothing, and says so."""
    said = try_import(lab, write(lab, azure_list(("Exchange Online", KNOWN))))
    assert "%" not in said, said
    comes_in(lab, FROM_KNOWN)
    assert "allow service contoso-cloud" in lab.ce.running_config()
    filters = lab.ce.show("show expressroute route-filter office json")["routeFilter"]["office"]
    assert any("contoso-cloud" in text for text in filters["state"]["problem"])
    said = try_import(lab, write(lab, azure_list(("Exchange Online", KNOWN), ("Contoso Cloud", NEW))))
    assert "%" not in said, said
    comes_in(lab, FROM_KNOWN, FROM_NEW)
