# SPDX-License-Identifier: GPL-2.0-or-later
"""What the packages put where, and how the machine's own FRR then runs it."""

import re
import shlex

import guide
from machine import TREE, UNITS, wait_for
from packaged import NAMES, PLACE

OURS = "/usr/lib/frr/erouted"


def test_each_depends_on_exactly_the_frr_it_was_built_for(shared):
    version = shared.sh("dpkg-query -W -f '${Version}' frr")
    for name in NAMES:
        depends = shared.sh(f"dpkg-deb -f {PLACE}/{name}_*.deb Depends").split(", ")
        assert f"frr (= {version})" in depends, name


def test_installing_changes_no_file_of_frr(fresh):
    before = fresh.sh("md5sum /usr/bin/vtysh /usr/lib/frr/frr-reload.py | cut -d ' ' -f 1")
    etc = fresh.files("/etc")
    fresh.install(*NAMES)
    assert fresh.frr_verified() == []
    assert fresh.sh("md5sum /usr/bin/vtysh.distrib /usr/lib/frr/frr-reload.distrib.py | cut -d ' ' -f 1") == before
    # sysusers have come, and a place for what changes the sshd of NETCONF
    after = fresh.files("/etc")
    changed = {path for path in {*etc, *after} if etc.get(path) != after.get(path)}
    accounts = {"/etc/group", "/etc/gshadow", "/etc/group-", "/etc/gshadow-", "/etc/.pwd.lock"}
    assert changed - accounts - {"/etc"} <= {"/etc/frr-netconf", "/etc/frr-netconf/sshd.d", "/etc/ld.so.cache"}


def test_frr_s_own_script_loads_the_modules_and_watches_erouted(shared):
    daemons = shared.daemons()
    assert {"mgmtd", "zebra", "bgpd", "bfdd", "staticd", "watchfrr", "erouted"} == set(daemons)
    loading = {name for name, words in daemons.items() if "-M expressroute" in " ".join(words)}
    assert loading == {"mgmtd", "bgpd"}
    assert daemons["watchfrr"][-1] == "erouted"
    watched = shared.vtysh("show watchfrr")
    assert re.search(r"erouted\s+Up", watched), watched


def test_a_circuit_entered_in_vtysh_is_back_after_a_restart(shared):
    shared.frr("restart")
    shared.wait_redundant()
    assert "exit-expressroute" in shared.sh("cat /etc/frr/frr.conf")


def test_stop_leaves_nothing_running(router):
    status, out = router.frr("stop")
    assert status == 0, out
    assert router.daemons() == {}
    router.start_frr()
    router.wait_redundant()


def test_a_killed_bgpd_comes_back_with_its_module(shared):
    before = shared.sh("cat /run/frr/bgpd.pid")
    shared.sh("kill -KILL $(cat /run/frr/bgpd.pid)")
    wait_for(lambda: shared.try_sh("cat /run/frr/bgpd.pid")[1] != before, "another bgpd")
    shared.wait_redundant()


def test_what_the_operator_says_in_etc_frr_daemons_counts(fresh):
    fresh.install()
    fresh.sh(
        """
        echo 'watchfrr_options="--min-restart-interval 5"' >>/etc/frr/daemons
        sed -i 's/^bgpd_options=.*/bgpd_options="-A 127.0.0.1 -p 1790"/' /etc/frr/daemons
        """
    )
    fresh.start_frr()
    daemons = fresh.daemons()
    assert "-p 1790" in " ".join(daemons["bgpd"]) and "expressroute" in daemons["bgpd"]
    assert "--min-restart-interval" in daemons["watchfrr"] and "erouted" in daemons["watchfrr"]


def test_frr_started_without_systemd_needs_one_line(fresh):
    fresh.install()
    line = guide.block("install", ". /usr/share").strip()
    fresh.sh(f"echo '{line}' >>/etc/frr/daemons")
    fresh.sh("/usr/lib/frr/frrinit.sh start")
    wait_for(lambda: "erouted" in fresh.daemons(), "erouted")
    assert "expressroute" in fresh.daemons()["mgmtd"]


def test_log_files_are_opened_anew_after_they_are_rotated(shared):
    log = "/var/log/frr/frr.log"
    # bgpd is on FRR's own list
    daemons = ("mgmtd", "erouted", "bgpd")

    def writing(name):
        return log in shared.sh(f"ls -l /proc/$(cat /run/frr/{name}.pid)/fd").replace(" (deleted)", "-gone").split()

    shared.configure(f"log file {log}")
    try:
        wait_for(lambda: all(writing(name) for name in daemons), "the log file")
        (command,) = [value for key, value in shared.unit("logrotate.service") if key == "ExecStartPost"]
        without_systemd = re.search(r"``(kill -USR1 [^`]*)``", (TREE / "doc/user/install.rst").read_text())[1]
        for line in (shlex.join(shlex.split(command.lstrip("-"))), without_systemd):
            shared.sh("logrotate --force /etc/logrotate.d/frr")
            assert writing("bgpd") and not writing("erouted") and not writing("mgmtd")
            shared.sh(line)
            wait_for(lambda: all(writing(name) for name in daemons), "the new log file")
    finally:
        shared.configure("no log file")


def as_typed(router, block, directory="/"):
    """The lines of a block of the guide, by whoever says yes to everything."""
    router.sh("echo 'APT::Get::Assume-Yes true;' >/etc/apt/apt.conf.d/yes")
    for line in block.splitlines():
        router.sh(f"cd {directory}; {line}")


def test_it_is_installed_and_removed_as_the_guide_has_it(fresh):
    made, _, rest = guide.block("install", "lab/run packages").partition("\n")
    assert made == "lab/run packages"
    as_typed(fresh, rest, PLACE)
    assert fresh.sh(f"dpkg-query -W -f '${{db:Status-Abbrev}}' {' '.join(NAMES)}").split() == ["ii"] * len(NAMES)
    as_typed(fresh, guide.block("install", "apt remove"))
    assert fresh.frr_verified() == [] and not fresh.exists(OURS)


def test_vtysh_and_reload_from_source_take_the_guide_s_lines(fresh):
    # what make install would have put there
    package = f"{PLACE}/frr-expressroute-vtysh_*.deb"
    fresh.sh(f"dpkg-deb --fsys-tarfile {package} | tar -x -C / --wildcards './usr/lib/frr/*expressroute*'")
    as_typed(fresh, guide.block("install", "dpkg-divert"))
    assert fresh.sh("readlink -f /usr/bin/vtysh").strip() == "/usr/lib/frr/vtysh-expressroute"
    assert fresh.sh("readlink -f /usr/lib/frr/frr-reload.py").strip() == "/usr/lib/frr/frr-reload-expressroute"
    # known, that is: nobody is there to answer
    assert "erouted is not running" in fresh.try_sh("vtysh --dryrun -c 'show expressroute'")[1]
    fresh.sh("/usr/lib/frr/frr-reload.py --help")
    assert fresh.exists("/usr/bin/vtysh.distrib") and fresh.exists("/usr/lib/frr/frr-reload.distrib.py")


def test_who_may_use_netconf_is_said_as_the_guide_has_it(fresh):
    fresh.install("frr-netconfd")
    fresh.sh("useradd alice")
    # without systemd: the units are enabled, and not started
    as_typed(fresh, guide.block("netconf", "systemd-sysusers"))
    assert "alice" in fresh.sh("getent group frr-netconf-admin")
    enabled = fresh.sh("ls /etc/systemd/system/multi-user.target.wants").split()
    assert {"frr-netconfd.service", "frr-netconf-sshd.service"} <= set(enabled)
    # it ends with FRR, and is to start with it again
    assert ("PartOf", "frr.service") in fresh.unit("frr-netconfd.service")
    assert fresh.sh("ls /etc/systemd/system/frr.service.wants").split() == ["frr-netconfd.service"]


def test_systemd_accepts_the_units(fresh):
    fresh.install(*NAMES)
    for name in ("frr.service", "logrotate.service", "frr-netconfd.service", "frr-netconf-sshd.service"):
        status, out = fresh.try_sh(f"systemd-analyze verify --man=no {UNITS}/{name}")
        complaints = [line for line in out.splitlines() if "frr-netconf" in line or "expressroute" in line]
        assert complaints == [], out
        assert status == 0 or not name.startswith("frr-netconf"), out


def test_the_guide_states_how_exposed_the_units_are(fresh):
    fresh.install("frr-netconfd")
    guide = (TREE / "doc" / "user" / "install.rst").read_text(encoding="utf-8")
    stated = dict(re.findall(r"(?m)^([a-z-]+\.service)\b[^\d\n]*(\d+\.\d)$", guide))
    measured = {}
    for name in ("frr-netconfd.service", "frr-netconf-sshd.service", "frr.service"):
        out = fresh.try_sh(f"systemd-analyze security --offline=true {UNITS}/{name}")[1]
        measured[name] = re.search(r"Overall exposure level for \S+: (\d+\.\d)", out)[1]
    assert stated == measured


def test_netconf_is_served_without_development_packages(fresh):
    fresh.install(*NAMES)
    fresh.start_frr()
    assert re.search(r"^frr-netconf-admin:", fresh.sh("getent group frr-netconf-admin"))
    unit = dict(fresh.unit("frr-netconfd.service"))
    command = unit["ExecStart"].replace("$FRR_NETCONFD_OPTIONS", "")
    fresh.sh(f"install -d -o frr -g frr /run/{unit['RuntimeDirectory']}")
    user = f"setpriv --reuid {unit['User']} --regid {unit['Group']} --init-groups --bounding-set=-all"
    fresh.sh(f"{user} {command} --foreground >/var/log/frr/netconfd.log 2>&1 &")
    hello = (
        '<hello xmlns="urn:ietf:params:xml:ns:netconf:base:1.0"><capabilities>'
        "<capability>urn:ietf:params:netconf:base:1.0</capability></capabilities></hello>]]>]]>"
        '<rpc message-id="1" xmlns="urn:ietf:params:xml:ns:netconf:base:1.0">'
        '<get-schema xmlns="urn:ietf:params:xml:ns:yang:ietf-netconf-monitoring">'
        "<identifier>frr-expressroute</identifier></get-schema></rpc>]]>]]>"
        '<rpc message-id="2" xmlns="urn:ietf:params:xml:ns:netconf:base:1.0"><close-session/></rpc>]]>]]>'
    )
    wait_for(lambda: fresh.exists("/run/frr-netconfd/netconf.sock"), "frr-netconfd's socket", 20)
    fresh.sh("useradd --groups frr-netconf-admin alice")
    fresh.write("/tmp/hello", hello)
    out = fresh.sh("setpriv --reuid alice --regid alice --init-groups /usr/lib/frr/frr-netconf-subsystem </tmp/hello")
    assert "module frr-expressroute {" in out and "<ok" in out, out


def test_the_sshd_of_netconf_has_a_configuration_that_sshd_accepts(fresh):
    fresh.install("frr-netconfd")
    fresh.sh("ssh-keygen -A >/dev/null; mkdir -p /run/sshd")
    fresh.sh("/usr/sbin/sshd -t -f /usr/share/frr-netconfd/frr-netconf-sshd.conf")


def test_netconf_waits_until_it_is_enabled(fresh):
    fresh.install("frr-netconfd")
    assert fresh.sh("find /etc/systemd /var/lib/systemd -name '*netconf*' -type l") == ""
