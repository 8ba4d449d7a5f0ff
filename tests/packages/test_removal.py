# SPDX-License-Identifier: GPL-2.0-or-later
"""Upgrade, removal and purge: what stays, what goes, what FRR makes of it."""

import re

import pytest

from machine import wait_for
from packaged import CIRCUIT, NAMES, PLACE, PLAIN, machine

BOTH = "frr-expressroute frr-expressroute-vtysh"
# dpkg's own, and what any package's coming and going changes
# and mgmtd's of each commit, and what FRR 10.7's daemons leave of their logging threads
BOOKS = re.compile(r"/var/tmp/frr/(?!erouted|frr-netconfd)|/var/lib/dpkg|/var/lib/frr/commit-|/var/log|/var/cache|/var/lib/systemd/deb-systemd|/etc/ld.so.cache|/run|/tmp")
# of the link that is shut down, stock FRR makes an interface that is
SHUT = CIRCUIT.replace("    ipv4-subnet 172.16.0.0/30\n", "    ipv4-subnet 172.16.0.0/30\n    shutdown\n")
# what frr-expressroute-section puts before each line
MARK = "!frr-expressroute! "
BEHIND = "ip prefix-list BEHIND seq 5 permit 192.0.2.0/24\n"


# where packages of ours or FRR put anything
PLACES = (
    "/etc /var /usr/bin /usr/sbin /usr/lib/frr /usr/lib/*/frr /usr/lib/systemd /usr/lib/sysusers.d"
    " /usr/lib/tmpfiles.d /usr/share/doc /usr/share/lintian /usr/share/man/man8 /usr/share/yang /usr/share/frr*"
)


def everything(router):
    # doc/ has many more files than we need look at, and a place that is not there is no fault
    out = router.sh(f"find {PLACES} -path '/usr/share/doc/[^f]*' -prune -o -printf '%p %y %m %u:%g %l\\n' 2>&1; true")
    lines = (line.split(" ", 1) for line in out.splitlines())
    return {path: what for path, what in lines if not BOOKS.match(path)}


def pids(router):
    names = sorted(router.daemons())
    return {name: router.sh(f"cat /run/frr/{name}.pid") for name in names}


def newer(router, *names):
    """The packages with a higher version, as their next one would be."""
    router.sh("mkdir -p /tmp/newer")
    for name in names:
        router.sh(
            f"""
            cd /tmp/newer && dpkg-deb -R {PLACE}/{name}_*.deb {name}
            old=$(dpkg-deb -f {PLACE}/{name}_*.deb Version)
            sed -i "/^Version:/s/$/.1/; /^Depends:/s/= $old)/= $old.1)/" {name}/DEBIAN/control
            dpkg-deb -b -Znone {name} {name}_newer.deb >/dev/null
            """
        )
    return "/tmp/newer"


def test_an_upgrade_interrupts_nothing(router):
    before, vtysh = pids(router), router.sh("md5sum </usr/bin/vtysh.distrib")
    said = router.install(where=newer(router, "frr-expressroute", "frr-expressroute-vtysh"))
    assert "systemctl restart frr" in said
    assert pids(router) == before
    assert router.sh("md5sum </usr/bin/vtysh.distrib") == vtysh
    assert router.sh("readlink -f /usr/bin/vtysh").strip() == "/usr/lib/frr/vtysh-expressroute"
    assert router.circuit()["redundancy"] == "redundant"
    assert router.frr_verified() == []
    router.frr("restart")
    router.wait_redundant()


def test_stock_frr_reads_the_rest_after_removal(router):
    router.frr("stop")
    router.sh("dd of=/etc/frr/frr.conf oflag=append conv=notrunc status=none <<'END'\n" + BEHIND + "END")
    conf = router.sh("cat /etc/frr/frr.conf").replace(CIRCUIT, SHUT)
    router.write("/etc/frr/frr.conf", conf)
    said = router.sh(f"dpkg --remove {BOTH} 2>&1")
    assert "warning: /etc/frr/frr.conf has an expressroute section" in said, said
    log = router.start_frr()
    assert "Unknown command" not in log and "failure" not in log, log
    running = router.config()
    for line in ("router bgp 65001", "ip address 172.16.0.5/30", BEHIND.strip()):
        assert line in running, running
    assert "shutdown" not in running
    assert up(router, "eth1")
    assert "expressroute" not in " ".join(" ".join(words) for words in router.daemons().values())


def test_stock_frr_would_misread_the_section(router):
    """Why removal does more than warn; when this fails, it need not any more."""
    router.frr("stop")
    conf = router.sh("cat /etc/frr/frr.conf").replace(CIRCUIT, SHUT)
    router.sh(f"dpkg --remove {BOTH} 2>&1")
    router.write("/etc/frr/frr.conf", conf)
    router.frr("start")
    assert re.search(r"(?m)^interface eth1\n(?: .*\n)* shutdown$", router.config())


def up(router, name):
    return "UP" in router.sh(f"ip -o link show {name}").split("<")[1].split(">")[0].split(",")


@pytest.mark.parametrize("options", ["", "--force-depends"], ids=["modules", "vtysh"])
def test_the_section_sleeps_while_one_package_is_missing(fresh, options):
    """And what is left of us reads the rest, whatever is done to the file."""
    missing = "frr-expressroute-vtysh" if options else "frr-expressroute"
    fresh.install()
    fresh.write("/etc/frr/frr.conf", PLAIN + SHUT)
    before = fresh.sh("cat /etc/frr/frr.conf")
    said = fresh.sh(f"dpkg {options} --remove {missing} 2>&1")
    assert said.count("warning: /etc/frr/frr.conf has an expressroute section") == 1, said
    asleep = fresh.sh("cat /etc/frr/frr.conf")
    assert [line for line in asleep.splitlines() if "expressroute" in line and not line.startswith(MARK)] == []
    fresh.start_frr()
    assert "shutdown" not in fresh.config() and up(fresh, "eth1")
    fresh.frr("stop")
    other = next(name for name in BOTH.split() if name != missing)
    if not options:
        # the one that is there, once more
        fresh.install(other)
        assert fresh.sh("cat /etc/frr/frr.conf") == asleep
    assert "in force again" in fresh.install(missing)
    assert fresh.sh("cat /etc/frr/frr.conf") == before


def test_our_vtysh_without_the_modules_takes_no_line_of_the_section_for_its_own(fresh):
    fresh.install()
    fresh.sh("dpkg --remove frr-expressroute 2>&1")
    # as a 'write' leaves it while mgmtd still runs with its module
    secret = SHUT.replace("  peering private\n", "  peering private\n   password hunter2\n")
    fresh.write("/etc/frr/frr.conf", secret + PLAIN + BEHIND)
    said = fresh.frr("start")[1]
    assert "/etc/frr/frr.conf: section expressroute left out" in said, said
    running = fresh.config()
    for line in ("router bgp 65001", "ip address 172.16.0.5/30", BEHIND.strip()):
        assert line in running, running
    assert "shutdown" not in running and "password" not in running and up(fresh, "eth1")


UNSURE = {
    "not closed": CIRCUIT.replace("exit-expressroute\n", ""),
    "abbreviated": CIRCUIT.replace("expressroute\n", "expressr\n", 1),
    "indented": CIRCUIT.replace("expressroute\n", " expressroute\n", 1),
}
SURE = {
    "as written": CIRCUIT,
    "with blanks": CIRCUIT.replace("expressroute\n", "expressroute \t\n"),
    "of DOS": CIRCUIT.replace("\n", "\r\n"),
}


@pytest.fixture(scope="module")
def installed(packages):  # pylint: disable=unused-argument
    """A machine with our packages, FRR not started, for what comes to frr.conf."""
    with machine() as router:
        router.install()
        yield router


def section(router, verb):
    return router.sh(f"/usr/lib/frr/frr-expressroute-section {verb} 2>&1")


@pytest.mark.parametrize("written", UNSURE)
def test_a_section_that_is_not_sure_is_warned_of_and_left_alone(installed, written):
    # the reader of all of them
    installed.write("/etc/frr/frr.conf", UNSURE[written] + BEHIND)
    before = installed.sh("cat /etc/frr/frr.conf")
    installed.sh("vtysh -C")
    said = section(installed, "sleep")
    assert "warning: /etc/frr/frr.conf has an expressroute section" in said, said
    assert "left as it is: take it out" in said, said
    assert installed.sh("cat /etc/frr/frr.conf") == before


@pytest.mark.parametrize("written", SURE)
def test_a_sure_section_is_a_comment_and_comes_back_the_same(installed, written):
    installed.write("/etc/frr/frr.conf", "hostname a\n" + SURE[written] + BEHIND)
    before = installed.sh("md5sum /etc/frr/frr.conf")
    installed.sh("vtysh -C")
    assert "warning: " in section(installed, "sleep")
    live = [line for line in installed.sh("cat /etc/frr/frr.conf").splitlines() if not line.startswith(MARK)]
    assert live == ["hostname a", BEHIND.strip()]
    assert section(installed, "sleep") == ""
    assert "in force again" in section(installed, "wake")
    assert installed.sh("md5sum /etc/frr/frr.conf") == before
    assert section(installed, "wake") == ""


PLACES_OF_CONF = {
    "a link": "mv /etc/frr/frr.conf /srv/frr.conf && ln -s /srv/frr.conf /etc/frr/frr.conf",
    "a mount": "mv /etc/frr/frr.conf /srv/frr.conf && touch /etc/frr/frr.conf && mount --bind /srv/frr.conf /etc/frr/frr.conf",
}


@pytest.mark.parametrize("place", PLACES_OF_CONF)
def test_frr_conf_stays_what_it_is_when_it_is_a_link_or_a_mount(fresh, place):
    fresh.install()
    fresh.write("/etc/frr/frr.conf", PLAIN + CIRCUIT)
    fresh.sh(PLACES_OF_CONF[place])
    fresh.sh("chown frr:frr /srv/frr.conf && chmod 640 /srv/frr.conf")
    about = "stat -c '%N %U:%G %a' /etc/frr/frr.conf /srv/frr.conf"
    before = fresh.sh(about)
    fresh.sh(f"dpkg --remove {BOTH} 2>&1")
    assert MARK + "expressroute" in fresh.sh("cat /srv/frr.conf")
    fresh.install()
    assert fresh.sh("cat /srv/frr.conf") == PLAIN + CIRCUIT
    fresh.sh(f"dpkg --purge {BOTH} 2>&1")
    assert fresh.sh("cat /srv/frr.conf") == PLAIN
    assert fresh.sh(about) == before


def test_a_frr_conf_that_cannot_be_written_keeps_no_package_from_going(fresh):
    fresh.install()
    fresh.write("/etc/frr/frr.conf", PLAIN + CIRCUIT)
    fresh.sh("mount --bind /etc/frr/frr.conf /etc/frr/frr.conf && mount -o remount,bind,ro /etc/frr/frr.conf")
    said = fresh.sh(f"dpkg --purge {BOTH} 2>&1")
    assert "/etc/frr/frr.conf cannot be written: take the section out" in said, said
    assert "/etc/frr/frr.conf has an expressroute section still" in said, said
    assert fresh.sh("cat /etc/frr/frr.conf") == PLAIN + CIRCUIT


def test_frr_goes_on_after_removal_until_it_is_restarted(router):
    before = pids(router)
    router.sh(f"dpkg --remove {BOTH} 2>&1")
    assert pids(router) == before
    # and watchfrr, which still has our variables, can restart what dies
    router.sh("kill -KILL $(cat /run/frr/bgpd.pid)")
    wait_for(lambda: router.try_sh("cat /run/frr/bgpd.pid")[1] != before["bgpd"], "another bgpd")
    wait_for(lambda: "router bgp 65001" in router.try_sh("vtysh -c 'show running-config bgpd'")[1], "its configuration")
    assert "expressroute" not in router.daemons()["bgpd"]
    router.frr("restart")
    wait_for(lambda: "router bgp 65001" in router.config(), "stock FRR")
    assert "watchfrr" in router.daemons()


def test_after_removal_frr_is_to_be_restarted_before_it_is_written(router):
    assert "Restart it before any 'write'" in router.sh(f"dpkg --remove {BOTH} 2>&1")
    router.frr("restart")
    wait_for(lambda: "router bgp 65001" in router.config(), "stock FRR")
    router.vtysh("write")
    assert "expressroute" not in router.sh("cat /etc/frr/frr.conf")


def test_purge_tells_of_a_section_that_was_written_after_removal(router):
    router.sh(f"dpkg --remove {BOTH} 2>&1")
    # of mgmtd, which has its module, by FRR's own vtysh
    router.vtysh("write")
    assert "\nexpressroute\n" in router.sh("cat /etc/frr/frr.conf")
    said = router.sh(f"dpkg --purge {BOTH} 2>&1")
    assert "/etc/frr/frr.conf has an expressroute section still, with its passwords" in said, said
    assert "restart FRR, then remove /var/lib/frr/erouted*" in said, said
    router.frr("stop")
    assert router.exists("/var/lib/frr/erouted.json")


def test_installing_again_brings_the_section_back(router):
    before = router.sh("cat /etc/frr/frr.conf; stat -c '%U:%G %a' /etc/frr/frr.conf")
    router.sh(f"dpkg --remove {BOTH} 2>&1")
    assert "\nexpressroute\n" not in router.sh("cat /etc/frr/frr.conf")
    assert "in force again" in router.install()
    assert router.sh("cat /etc/frr/frr.conf; stat -c '%U:%G %a' /etc/frr/frr.conf") == before
    router.frr("restart")
    router.wait_redundant()


def test_a_refused_installation_takes_nothing_along(fresh):
    fresh.sh("dpkg --purge --force-depends frr-pythontools 2>&1")
    before = everything(fresh)
    status, said = fresh.try_sh(f"dpkg --install {PLACE}/frr-expressroute-vtysh_*.deb 2>&1")
    assert status != 0 and "frr-pythontools" in said
    fresh.sh("dpkg --purge frr-expressroute-vtysh 2>&1")
    assert everything(fresh) == before


@pytest.mark.parametrize("used", [False, True], ids=["unused", "used"])
def test_purge_leaves_the_machine_as_it_was(fresh, used):
    fresh.sh("groupadd --system frr-netconf; groupadd --system frr-netconf-admin")
    if used:
        # FRR leaves traces of its own where it has run
        fresh.start_frr()
        fresh.vtysh("write")
        fresh.frr("stop")
    before, conf = everything(fresh), fresh.sh("cat /etc/frr/frr.conf")
    fresh.install(*NAMES)
    if used:
        fresh.start_msee()
        fresh.start_frr()
        fresh.configure(CIRCUIT)
        fresh.vtysh("write")
        fresh.wait_redundant()
        fresh.frr("stop")
        assert fresh.exists("/var/lib/frr/erouted.json")
    fresh.sh(f"dpkg --purge {BOTH} frr-netconfd 2>&1")
    assert fresh.frr_verified() == []
    ignored = {"/etc/frr/frr.conf.sav", "/var/lib/frr/msee"}
    after = {path: what for path, what in everything(fresh).items() if path not in ignored}
    assert after == {path: what for path, what in before.items() if path not in ignored}
    assert "expressroute" not in fresh.sh("cat /etc/frr/frr.conf")
    if not used:
        assert fresh.sh("cat /etc/frr/frr.conf") == conf
