# SPDX-License-Identifier: GPL-2.0-or-later
"""
The RPMs, with Debian's rpm on the lab's Debian: what is in them, and what their
scripts do.  Beside them stand RPMs named as FRR's, of the machine's own files.
"""

import glob
import os

import pytest

from packaged import CIRCUIT, built, machine

NAMES = ("frr-expressroute", "frr-expressroute-vtysh", "frr-netconfd")
PLACE = "/srv/packages"
RPM = "rpm --dbpath /var/tmp/rpmdb"
FRR_SPEC = """\
%define _build_id_links none
%define __os_install_post %{{nil}}
Name: frr
Version: {version}
Release: {release}
Summary: FRR's files
License: GPL
AutoReqProv: no
%description
For a test.
%package pythontools
Summary: more of them
AutoReqProv: no
%description pythontools
For a test.
%install
mkdir -p %{{buildroot}}/usr/bin %{{buildroot}}/usr/lib/frr
echo {release} >%{{buildroot}}/usr/bin/vtysh
echo {release} >%{{buildroot}}/usr/lib/frr/frr-reload.py
%files
/usr/bin/vtysh
%files pythontools
/usr/lib/frr/frr-reload.py
"""


@pytest.fixture(scope="module")
def rpms(packages):  # pylint: disable=unused-argument
    built("rpm")
    return sorted(glob.glob(os.path.join(os.environ["LAB_BUILD"], "rpm", "*.rpm")))


@pytest.fixture
def router(rpms):  # pylint: disable=unused-argument
    with machine("rpm") as it:
        it.version = it.sh("dpkg-query -W -f '${Version}' frr").rpartition("-")[0]
        for release in ("1", "2"):
            it.write("/tmp/frr.spec", FRR_SPEC.format(version=it.version, release=release))
            it.sh("rpmbuild -bb --define '_topdir /tmp/rpm' /tmp/frr.spec 2>&1")
        it.sh(f"mkdir /var/tmp/rpmdb && {RPM} --initdb")
        yield it


def frr(router, verb, release):
    return router.sh(f"{RPM} {verb} --force --nodeps /tmp/rpm/RPMS/*/frr-*-{release}.*.rpm 2>&1")


def ours(router, verb, *names):
    paths = " ".join(f"{PLACE}/{name}-[0-9]*.rpm" for name in names)
    return router.sh(f"{RPM} {verb} --nodeps {paths} 2>&1")


def test_there_is_one_for_each_package(rpms):
    names = {os.path.basename(path).rsplit("-", 2)[0] for path in rpms}
    assert names >= set(NAMES), names


def test_they_have_what_the_debian_packages_have(rpms, router, packages):
    for name in NAMES:
        (rpm,) = [path for path in rpms if os.path.basename(path).rsplit("-", 2)[0] == name]
        theirs = set(router.sh(f"rpm -qlp {PLACE}/{os.path.basename(rpm)} 2>/dev/null").split())
        deb = os.popen(f"dpkg-deb --fsys-tarfile {packages[name]} | tar -t").read().split()
        wanted = {path.lstrip(".") for path in deb if not path.endswith("/") and "/share/doc/" not in path}
        # a link of the diversions; RPM has triggers for them
        wanted -= {"/usr/bin/vtysh", "/usr/lib/frr/frr-reload.py"}
        wanted = {path for path in wanted if "/lintian/" not in path}
        missing = {path for path in wanted if path not in theirs and path.removesuffix(".gz") not in theirs}
        assert missing == set(), name


def test_each_requires_exactly_the_frr_it_was_built_for(router):
    for name in NAMES:
        out = router.sh(f"rpm -qp --requires {PLACE}/{name}-[0-9]*.rpm 2>/dev/null")
        assert f"frr = {router.version}" in out.splitlines(), out


def test_vtysh_and_reload_are_ours_whatever_comes_and_goes(router):
    frr(router, "-i", 1)
    ours(router, "-i", "frr-expressroute", "frr-expressroute-vtysh")
    for release in (1, 2):
        if release == 2:
            frr(router, "-U", 2)
        assert router.sh("readlink /usr/bin/vtysh").strip() == "/usr/lib/frr/vtysh-expressroute"
        assert router.sh("readlink /usr/lib/frr/frr-reload.py").strip() == "frr-reload-expressroute"
        assert router.sh("cat /usr/bin/vtysh.distrib /usr/lib/frr/frr-reload.distrib.py").split() == [str(release)] * 2
    # an upgrade of ours keeps it so
    ours(router, "-U --force", "frr-expressroute", "frr-expressroute-vtysh")
    assert router.sh("readlink /usr/bin/vtysh").strip() == "/usr/lib/frr/vtysh-expressroute"
    router.sh(f"{RPM} -e frr-expressroute frr-expressroute-vtysh 2>&1")
    assert router.sh("cat /usr/bin/vtysh /usr/lib/frr/frr-reload.py").split() == ["2", "2"]
    assert not router.exists("/usr/bin/vtysh.distrib") and not router.exists("/usr/lib/frr/frr-reload.distrib.py")
    assert router.sh(f"{RPM} -V --nodeps frr frr-pythontools") == ""


def test_erasing_puts_the_section_to_sleep_and_leaves_what_erouted_has_kept(router):
    frr(router, "-i", 1)
    ours(router, "-i", "frr-expressroute", "frr-expressroute-vtysh")
    router.sh("touch /var/lib/frr/erouted.json")
    router.write("/etc/frr/frr.conf", "hostname a\n" + CIRCUIT)
    before = router.sh("cat /etc/frr/frr.conf")
    ours(router, "-U --force", "frr-expressroute", "frr-expressroute-vtysh")
    assert router.sh("cat /etc/frr/frr.conf") == before and router.exists("/var/lib/frr/erouted.json")
    said = router.sh(f"{RPM} -e frr-expressroute frr-expressroute-vtysh 2>&1")
    assert "warning: /etc/frr/frr.conf has an expressroute section" in said
    assert router.sh("grep -v '^!frr-expressroute! ' /etc/frr/frr.conf") == "hostname a\n"
    assert said.count("warning: ") == 1, said
    assert router.exists("/var/lib/frr/erouted.json")
    ours(router, "-i", "frr-expressroute", "frr-expressroute-vtysh")
    assert router.sh("cat /etc/frr/frr.conf") == before


def test_erasing_the_modules_alone_puts_the_section_to_sleep_until_they_are_back(router):
    frr(router, "-i", 1)
    ours(router, "-i", "frr-expressroute", "frr-expressroute-vtysh")
    router.write("/etc/frr/frr.conf", "hostname a\n" + CIRCUIT)
    before = router.sh("cat /etc/frr/frr.conf")
    said = router.sh(f"{RPM} -e frr-expressroute 2>&1")
    assert "warning: /etc/frr/frr.conf has an expressroute section" in said
    asleep = router.sh("cat /etc/frr/frr.conf")
    assert [line for line in asleep.splitlines() if line[0] != "!"] == ["hostname a"]
    ours(router, "-U --force", "frr-expressroute-vtysh")
    assert router.sh("cat /etc/frr/frr.conf") == asleep
    assert "in force again" in ours(router, "-i", "frr-expressroute")
    assert router.sh("cat /etc/frr/frr.conf") == before


def test_the_netconf_server_brings_its_groups(router):
    frr(router, "-i", 1)
    ours(router, "-i", "frr-netconfd")
    router.sh("getent group frr-netconf frr-netconf-admin")
    router.sh(f"{RPM} -e frr-netconfd 2>&1")
