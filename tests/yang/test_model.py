# SPDX-License-Identifier: GPL-2.0-or-later
"""
The model against example instances: what is valid, and what each rule says
when it is broken.  valid/NAME.json must pass; invalid/NAME.json must be
refused with the message in invalid/NAME.error.
"""

import json
import pathlib
import re
import resource
import subprocess

import pytest

HERE = pathlib.Path(__file__).resolve().parent
MODEL = HERE.parent.parent / "yang" / "frr-expressroute.yang"
LIBRARY = "/usr/share/yang"

VALID = sorted((HERE / "valid").glob("*.json"))
INVALID = sorted((HERE / "invalid").glob("*.json"))


def yanglint(*args):
    # -D keeps it from searching the working directory and below
    return subprocess.run(
        ["yanglint", "-D", "-p", LIBRARY, *map(str, args)],
        cwd=HERE,
        capture_output=True,
        text=True,
        timeout=60,
    )


def messages(stderr):
    """
    What yanglint said, without where; and whether it was while reading, when
    it goes on without the value, and says what that leads to as well.
    """
    said = re.findall(r"^libyang err\s*: (.*?) \(/frr-expressroute:(.*)$", stderr, re.M)
    return [message for message, _ in said], any("(line " in where for _, where in said)


def stem(path):
    return path.stem


def test_model_has_no_errors_and_no_warnings():
    out = yanglint("-V", MODEL)
    assert out.returncode == 0
    assert "libyang verb" in out.stderr, "not even warnings are printed"
    assert not re.findall(r"^libyang (?:err|warn).*$", out.stderr, re.M)


@pytest.mark.parametrize("path", VALID, ids=stem)
def test_valid_instance_is_accepted(path):
    out = yanglint(MODEL, path)
    assert (out.returncode, out.stderr) == (0, "")


@pytest.mark.parametrize("path", INVALID, ids=stem)
def test_invalid_instance_is_refused_with_its_message(path):
    expected = path.with_suffix(".error").read_text().strip()
    out = yanglint(MODEL, path)
    assert out.returncode != 0
    said, while_reading = messages(out.stderr)
    assert said[0] == expected
    assert while_reading or set(said) == {expected}


def test_every_invalid_instance_has_its_message():
    assert {p.stem for p in INVALID} == {
        p.stem for p in (HERE / "invalid").glob("*.error")
    }


def test_every_message_of_the_model_is_tested():
    """a rule nobody breaks here may be one that cannot be broken"""
    model = re.sub(r"\s+", " ", MODEL.read_text())
    model = set(re.findall(r'error-message "([^"]*)"', model))
    tested = {p.read_text().strip() for p in (HERE / "invalid").glob("*.error")}
    assert model - tested == set()


def hundred_circuits():
    """400 links in both families; rules between links are the slow ones"""

    def link(number, role, port):
        low = number * 4
        return {
            "role": role,
            "interface": port,
            "ipv4-subnet": f"20.0.{low >> 8}.{low & 255}/30",
            "ipv6-subnet": f"2001:db8::{low:x}/126",
        }

    def peering(number, kind):
        return {
            "type": kind,
            "vlan": number + 1,
            "link": [
                link(number * 2, "primary", "eth1"),
                link(number * 2 + 1, "secondary", "eth2"),
            ],
        }

    return [
        {
            "name": f"c{i:03}",
            "peering": [peering(i * 2, "private"), peering(i * 2 + 1, "microsoft")],
        }
        for i in range(100)
    ]


def hundred_backups():
    """one for each circuit; rules between gateways, and between them and links"""

    def gateway(number, instance):
        low = number * 2 + instance + 1
        return {
            "instance": instance,
            "address": f"vpngw{low}.example.com",
            "interface": f"tun{low}",
            "ipv4-neighbor": f"10.255.{low >> 8}.{low & 255}",
            "ipv6-neighbor": f"fd00::{low:x}",
            "ipv4-probe": f"10.254.{low >> 8}.{low & 255}",
        }

    return [
        {
            "name": f"v{i:03}",
            "circuit": [f"c{i:03}"],
            "gateway": [gateway(i, 0), gateway(i, 1)],
            "ipv4-prefix": [f"10.{i}.{j}.0/24" for j in range(20)],
            "pin": {"mode": "interface", "interface": "eth0"},
            "activation": {"rule": "links-below", "minimum-links": 2},
        }
        for i in range(100)
    ]


def hundred_sites():
    """one behind each circuit; each prefix is compared with those of all others"""

    def site(number):
        return {
            "name": f"s{number:03}",
            "as": [64512 + number],
            "prefix": [
                prefix
                for i in range(4)
                for prefix in (f"10.{number}.{i * 8}.0/21", f"2001:db8:{number:x}:{i:x}::/64")
            ],
            "circuit": [f"c{number:03}"],
        }

    def joint(number):
        return {
            "name": f"j{number:03}",
            "circuit": f"c{number:03}",
            "site": [f"s{number:03}"],
            "ipv4-subnet": f"172.31.{number // 32}.{number % 32 * 8}/29",
        }

    return {
        "site": [site(i) for i in range(100)],
        "global-reach": [joint(i) for i in range(100)],
    }


@pytest.mark.parametrize(
    "more",
    [{}, {"vpn-backup": hundred_backups()}, hundred_sites()],
    ids=["circuits", "vpn-backups", "sites"],
)
def test_a_hundred_are_validated_in_time(tmp_path, more):
    tree = {"circuit": hundred_circuits(), **more}
    path = tmp_path / "hundred.json"
    path.write_text(json.dumps({"frr-expressroute:expressroute": tree}))

    # of the processor: what the clock says depends on who else is at work
    begin = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    out = yanglint(MODEL, path)
    seconds = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - begin
    assert (out.returncode, out.stderr) == (0, "")
    print("%.2f s" % seconds)
    assert seconds < 10, "0.4 s, twice that with backups, and 4 s with 800 prefixes of sites, on an idle machine"
