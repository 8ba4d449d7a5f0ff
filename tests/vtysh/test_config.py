# SPDX-License-Identifier: GPL-2.0-or-later
"""
Our section through vtysh: collected, written, read back, in the middle of
others, with text in it that looks like something else.
"""

import os
import pty
import re
import select
import subprocess

import pytest
from conftest import has

SECTION = """\
expressroute
 community branch value 12076:20001
 route-filter office
  description route-filter home
  allow service exchange-online
  allow service storage region east-us
  allow community branch
 exit-route-filter
 circuit contoso-ams
  description exit
  peering private
   vlan 100
   password exit
   route-filter office
   route-map exit in
   advertise prefix-list exit
   link primary
    interface eth1
   exit-link
   link secondary
    interface eth2
   exit-link
  exit-peering
 exit-circuit
 circuit contoso-fra
  description router bgp 65001 interface lo exit-expressroute
 exit-circuit
 region-preference east-us circuit contoso-fra contoso-ams
 vpn-backup contoso-vpn
  description gateway 0 exit-vpn-backup
  circuit contoso-ams
  password exit
  gateway 0
   address exit
   interface tun0
   neighbor 10.30.255.4
   probe 10.30.0.4
  exit-gateway
  gateway 1
   interface tun1
  exit-gateway
  prefix 10.30.0.0/16
  probe interval 500 multiplier 5
  pin interface eth0 next-hop 192.0.2.1
  activate links-below 2
  restore hold 60 maximum 7200
 exit-vpn-backup
 site contoso-sao
  description exit-site site x
  as 65010
  prefix 10.40.0.0/16
  circuit contoso-ams
 exit-site
 global-reach ams-sao
  circuit contoso-ams
  remote-circuit exit-global-reach
  site contoso-sao
  ipv4-subnet 172.31.0.8/29
 exit-global-reach
 undeclared-sites refuse
exit-expressroute
"""
BEFORE = """\
interface eth1
 description circuit
exit
"""
AFTER = """\
router bgp 65001
 neighbor 10.0.0.2 remote-as 12076
exit
"""
# a build without erouted has no commands of it
DEBUG = "debug expressroute\n" if has("erouted") else ""


def words(lines):
    return [line.strip() for line in lines if line.strip() not in ("", "!")]


def configuration_sent(daemon):
    """What a daemon was sent between the markers of a configuration file."""
    sent = [line.strip() for line in daemon.received]
    return sent[
        sent.index("XFRR_start_configuration")
        + 1 : sent.index("XFRR_end_configuration")
    ]


@pytest.fixture(autouse=True)
def configuration_commands(need):
    need("mgmtd")


@pytest.fixture
def running(router):
    """A router whose daemons have all of it."""
    router.daemon("mgmtd", BEFORE + "!\n" + SECTION + "!\nip prefix-list P permit any\n")
    router.daemon("zebra", BEFORE)
    router.daemon("bgpd", AFTER)
    router.daemon("erouted", DEBUG)
    return router


def test_running_config_keeps_the_section_whole(running):
    result = running.vtysh("-c", "show running-config")
    assert result.returncode == 0
    assert result.stdout.count(SECTION + "!\n") == 1
    assert "\n" + DEBUG in result.stdout


def test_running_config_leaves_other_sections_alone(running):
    text = running.vtysh("-c", "show running-config").stdout
    rest = text.replace(SECTION, "")
    assert rest.count(BEFORE) == 1 and rest.count(AFTER) == 1
    assert rest.count("\nip prefix-list P permit any\n") == 1
    assert rest.count("router bgp") == 1 and rest.count("exit\n") == 2


def test_section_comes_behind_what_it_refers_to(running):
    text = running.vtysh("-c", "show running-config").stdout
    assert text.index(SECTION) > text.index(BEFORE)
    assert text.index(SECTION) > text.index(AFTER)
    assert text.index(SECTION) > text.index("ip prefix-list")
    assert text.endswith("exit-expressroute\n!\nend\n")


def test_running_config_twice_is_the_same(running):
    once = running.vtysh("-c", "show running-config").stdout
    twice = running.vtysh("-c", "show running-config", "-c", "show running-config").stdout
    assert twice == once * 2


def test_no_section_without_configuration(router):
    router.daemon("mgmtd", BEFORE)
    assert "expressroute" not in router.vtysh("-c", "show running-config").stdout


def test_unterminated_section_does_not_swallow_the_next(router):
    router.daemon("mgmtd", SECTION.replace("exit-expressroute\n", "", 1) + BEFORE)
    text = router.vtysh("-c", "show running-config").stdout
    assert text.count(BEFORE) == 1


def test_dry_run_reads_the_section_in_the_middle(router):
    path = router.write_config(BEFORE + "!\n" + SECTION + "!\n" + AFTER)
    result = router.vtysh("-C", "-f", path)
    assert (result.returncode, result.stderr) == (0, "")


def test_dry_run_refuses_what_is_unknown(router):
    path = router.write_config(SECTION.replace("vlan 100", "vlon 100") + AFTER)
    result = router.vtysh("-C", "-f", path)
    assert result.returncode != 0
    assert "vlon 100" in result.stderr


def test_file_reaches_the_daemons_to_its_end(running):
    path = running.write_config(BEFORE + SECTION + AFTER)
    result = running.vtysh("-f", path)
    assert result.returncode == 0, result.stderr
    mgmtd = configuration_sent(running.daemons["mgmtd"])
    start = mgmtd.index("expressroute")
    section = words(SECTION.splitlines())
    assert mgmtd[start : start + len(section)] == section
    assert configuration_sent(running.daemons["bgpd"])[-3:] == words(AFTER.splitlines())
    assert "expressroute" not in configuration_sent(running.daemons["erouted"])


SHUT = SECTION.replace("    interface eth2\n", "    interface eth2\n    shutdown\n")
# how a section may be written, and be left without exit-expressroute
WRITTEN = {
    "as vtysh writes it": SHUT,
    "not closed": SHUT.removesuffix("exit-expressroute\n"),
    "with exits": re.sub(r"(?m)^( *)exit-\S+$", r"\1exit", SHUT),
    "not indented": re.sub(r"(?m)^ +", "", SHUT),
    "abbreviated": SHUT.replace("expressroute\n", "expr \n", 1),
    "of DOS": SHUT.replace("\n", "\r\n"),
}
UNKNOWN = 2  # CMD_ERR_NO_MATCH


def sent_of(router, text, boot=False):
    """What vtysh says of the file, and each daemon is sent."""
    path = router.write_config(text)
    for daemon in router.daemons.values():
        daemon.received.clear()
    result = router.vtysh(*(["-b"] if boot else ["-f", path]))
    return result, {name: configuration_sent(daemon) for name, daemon in router.daemons.items()}


@pytest.mark.parametrize("boot", [False, True], ids=["file", "boot"])
@pytest.mark.parametrize("written", WRITTEN)
def test_of_a_section_that_mgmtd_does_not_know_nobody_is_told(router, written, boot):
    for name in ("zebra", "bgpd", "erouted"):
        router.daemon(name)
    headers = {line: UNKNOWN for line in ("expressroute", "expr")}
    router.daemon("mgmtd", **headers)
    rest = "ip prefix-list P permit any\n" + AFTER
    _, without = sent_of(router, BEFORE + rest, boot)
    assert "ip prefix-list P permit any" in without["mgmtd"]
    result, sent = sent_of(router, BEFORE + WRITTEN[written] + rest, boot)
    assert result.returncode != 0
    assert sent["mgmtd"].pop(len(words(BEFORE.splitlines()))) in headers
    assert sent == without
    said = [line for line in result.stderr.splitlines() if "section expressroute left out" in line]
    assert len(said) == 1 and said[0].startswith(os.path.join(router.directory, "frr.conf: "))
    assert "restart FRR" in said[0] and "'-M expressroute'" in said[0]


def test_what_is_below_a_refused_level_is_kept_from_the_rest(router):
    router.daemon("mgmtd", **{"circuit contoso-ams": 13})
    router.daemon("bgpd")
    _, without = sent_of(router, BEFORE)
    result, sent = sent_of(router, SHUT + BEFORE)
    assert result.returncode != 0
    assert "frr.conf: 'circuit contoso-ams' left out" in result.stderr
    refused = sent["mgmtd"].index("circuit contoso-ams")
    assert sent["mgmtd"][refused + 1] == "circuit contoso-fra"
    assert "vlan 100" not in sent["mgmtd"] and "shutdown" not in sent["mgmtd"]
    assert sent["mgmtd"][-4:] == ["exit-expressroute", *words(BEFORE.splitlines())]
    assert sent["bgpd"] == without["bgpd"]


def test_boot_reads_frr_conf(running):
    running.write_config(BEFORE + SECTION + AFTER)
    assert running.vtysh("-b").returncode == 0
    assert "vlan 100" in configuration_sent(running.daemons["mgmtd"])


def test_written_file_reads_back_the_same(running):
    assert running.vtysh("-w").returncode == 0
    written = running.read_config()
    assert written.count(SECTION) == 1

    assert running.vtysh("-C").returncode == 0
    assert running.vtysh("-b").returncode == 0
    section = words(SECTION.splitlines())
    mgmtd = configuration_sent(running.daemons["mgmtd"])
    start = mgmtd.index("expressroute")
    assert mgmtd[start : start + len(section)] == section
    bgpd = configuration_sent(running.daemons["bgpd"])
    start = bgpd.index("router bgp 65001")
    assert bgpd[start : start + 3] == words(AFTER.splitlines())


def test_marked_file_is_unchanged(router):
    path = router.write_config(BEFORE + SECTION + AFTER)
    result = router.vtysh("-m", "-f", path)
    assert result.returncode == 0
    assert SECTION in result.stdout and AFTER in result.stdout


def enter(*more):
    lines = ["configure", "expressroute", "circuit c", "peering private"]
    return [arg for line in lines + list(more) for arg in ("-c", line)]


def test_leaving_steps_down_one_level(running):
    out = running.vtysh(
        "-E", *enter("link primary", "exit-link", "link secondary", "exit", "quit"),
        *["-c", "exit-circuit", "-c", "exit-expressroute", "-c", "end"],
    ).stdout
    prompts = re.findall(r"(?m)^\S*?(\(config[^)]*\))?# ", out)
    assert prompts == ["", "(config)", "(config-er)", "(config-er-circuit)"] + [
        "(config-er-peering)", "(config-er-link)", "(config-er-peering)",
        "(config-er-link)", "(config-er-peering)", "(config-er-circuit)",
        "(config-er)", "(config)",
    ]  # fmt: skip


def test_end_leaves_all_levels_at_once(running):
    out = running.vtysh("-E", *enter("link primary", "end", "show daemons")).stdout
    assert "(config-er-link)# end\n" in out
    assert re.search(r"(?m)^[^()\n]*# show daemons$", out)
    assert "end" in running.daemons["zebra"].received


def test_a_command_of_an_outer_level_leaves_the_inner_ones(running):
    out = running.vtysh(
        "-E", *enter("link primary", "circuit d", "router bgp 65001", "end")
    ).stdout
    assert "(config-er-link)# circuit d" in out
    assert "(config-er-circuit)# router bgp 65001" in out
    assert "(config-router)# end" in out


def test_a_filter_is_a_level_and_in_a_peering_a_line(running):
    out = running.vtysh(
        "-E", *enter("route-filter f", "exit", "exit"),
        *["-c", "route-filter f", "-c", "allow region east-us", "-c", "exit-route-filter"],
        *["-c", "route-filter g", "-c", "circuit c", "-c", "end"],
    ).stdout
    assert "(config-er-peering)# route-filter f\n" in out
    assert "(config-er)# route-filter f\n" in out
    assert "(config-er-filter)# allow region east-us\n" in out
    assert "(config-er)# route-filter g\n" in out
    assert "(config-er-filter)# circuit c\n" in out
    assert "(config-er-circuit)# end\n" in out


def test_a_backup_is_a_level_with_circuits_as_lines_and_gateways_as_levels(running):
    out = running.vtysh(
        "-E", *enter("exit", "exit", "vpn-backup v"),
        *["-c", "circuit c", "-c", "gateway 0", "-c", "interface tun0", "-c", "exit-gateway"],
        *["-c", "gateway 1", "-c", "gateway 0", "-c", "circuit d", "-c", "exit-vpn-backup"],
        *["-c", "vpn-backup w", "-c", "gateway 1", "-c", "exit", "-c", "quit", "-c", "end"],
    ).stdout
    prompts = re.findall(r"(?m)^\S*?(\(config-er[^)]*\))# (.*)", out)
    assert prompts[-14:] == [
        ("(config-er)", "vpn-backup v"),
        ("(config-er-vpn)", "circuit c"),
        ("(config-er-vpn)", "gateway 0"),
        ("(config-er-gateway)", "interface tun0"),
        ("(config-er-gateway)", "exit-gateway"),
        ("(config-er-vpn)", "gateway 1"),
        ("(config-er-gateway)", "gateway 0"),
        ("(config-er-gateway)", "circuit d"),
        ("(config-er-vpn)", "exit-vpn-backup"),
        ("(config-er)", "vpn-backup w"),
        ("(config-er-vpn)", "gateway 1"),
        ("(config-er-gateway)", "exit"),
        ("(config-er-vpn)", "quit"),
        ("(config-er)", "end"),
    ]


def test_a_site_is_a_level_and_in_a_connection_a_line(running):
    out = running.vtysh(
        "-E", *enter("exit", "exit", "site s"),
        *["-c", "circuit c", "-c", "exit-site", "-c", "global-reach g", "-c", "circuit c"],
        *["-c", "site s", "-c", "ipv4-subnet 172.31.0.8/29", "-c", "exit-global-reach"],
        *["-c", "site t", "-c", "global-reach h", "-c", "quit", "-c", "end"],
    ).stdout
    prompts = re.findall(r"(?m)^\S*?(\(config-er[^)]*\))# (.*)", out)
    assert prompts[-12:] == [
        ("(config-er)", "site s"),
        ("(config-er-site)", "circuit c"),
        ("(config-er-site)", "exit-site"),
        ("(config-er)", "global-reach g"),
        ("(config-er-global-reach)", "circuit c"),
        ("(config-er-global-reach)", "site s"),
        ("(config-er-global-reach)", "ipv4-subnet 172.31.0.8/29"),
        ("(config-er-global-reach)", "exit-global-reach"),
        ("(config-er)", "site t"),
        ("(config-er-site)", "global-reach h"),
        ("(config-er-global-reach)", "quit"),
        ("(config-er)", "end"),
    ]


def test_show_goes_to_erouted(running, need):
    need("erouted")
    running.vtysh("-c", "show expressroute")
    assert "show expressroute" in running.daemons["erouted"].received
    assert "show expressroute" not in running.daemons["mgmtd"].received


def test_help_shows_our_commands(running):
    text = running.vtysh(*enter("link ?")).stdout
    assert re.search(r"primary +\S.*\n +secondary +\S", text)


DRAINS = {
    "expressroute dr?": r"drain +Move traffic off for maintenance of your own",
    "expressroute undr?": r"undrain +Let traffic return after maintenance of your own",
    "expressroute drain circuit ams ?": r"<cr>.*\n(.*\n)*? +force +\S(.*\n)*? +link +\S",
    "expressroute drain circuit ams link ?": r"primary +\S.*\n +secondary +\S",
    "expressroute drain circuit ams link primary ?": r"<cr>.*\n(.*\n)*? +force +\S",
    "expressroute undrain circuit ams link ?": r"primary +\S.*\n +secondary +\S",
}


@pytest.mark.parametrize("typed", DRAINS)
def test_help_of_drain(running, need, typed):
    need("erouted")
    assert re.search(DRAINS[typed], running.vtysh("-c", typed).stdout)


@pytest.mark.parametrize(
    "command",
    [
        "expressroute drain circuit ams",
        "expressroute drain circuit ams force",
        "expressroute drain circuit ams link secondary force",
        "expressroute undrain circuit ams link primary",
    ],
)
def test_drain_goes_to_erouted(running, need, command):
    need("erouted")
    running.vtysh("-c", command)
    assert command in running.daemons["erouted"].received
    assert command not in running.daemons["mgmtd"].received


@pytest.mark.parametrize(
    "command",
    ["expressroute drain", "expressroute drain circuit ams link", "expressroute drain circuit ams link tertiary",
     "expressroute undrain circuit ams force"],
)
def test_what_is_no_drain_is_unknown(running, need, command):
    need("erouted")
    running.vtysh("-c", command)
    assert command not in running.daemons["erouted"].received


def read_until(fd, pattern, timeout=20):
    text = ""
    while not re.search(pattern, text):
        ready, _, _ = select.select([fd], [], [], timeout)
        assert ready, text
        text += os.read(fd, 4096).decode()
    return text


@pytest.fixture
def terminal(running):
    """Our vtysh at a terminal: the end a person has, past the first prompt."""
    fd, tty = pty.openpty()
    vtysh = subprocess.Popen(
        running.arguments(), env=running.env, stdin=tty, stdout=tty, stderr=tty
    )
    read_until(fd, r"# $")
    yield fd
    os.write(fd, b"\x15end\nexit\n")
    assert vtysh.wait(timeout=20) == 0
    os.close(tty)
    os.close(fd)


def test_tab_completes_configuration(terminal):
    os.write(terminal, b"configure\n")
    read_until(terminal, r"\(config\)# $")
    os.write(terminal, b"expr\t")
    read_until(terminal, r"expressroute ")
    os.write(terminal, b"\ncircuit c\npeering mic\t")
    read_until(terminal, r"\(config-er-circuit\)# peering microsoft ")


NAMES = {
    # where, what is typed, its name there, what comes of it
    "service": ("route-filter f", "allow service stor", "er_service", "allow service storage "),
    "circuit": ("", "circuit stor", "er_circuit", "circuit storage "),
    "no circuit": ("", "no circuit stor", "er_circuit", "no circuit storage "),
    "route-filter": ("", "route-filter stor", "er_filter", "route-filter storage "),
    "filter of a peering": (
        "circuit c\npeering private",
        "route-filter stor",
        "er_filter",
        "route-filter storage ",
    ),
    "backed circuit": ("vpn-backup v", "circuit stor", "er_circuit", "circuit storage "),
    "vpn-backup": ("", "vpn-backup stor", "er_vpn", "vpn-backup storage "),
    "no vpn-backup": ("", "no vpn-backup stor", "er_vpn", "no vpn-backup storage "),
    "site": ("", "site stor", "er_site", "site storage "),
    "no site": ("", "no site stor", "er_site", "no site storage "),
    "circuit of a site": ("site s", "circuit stor", "er_circuit", "circuit storage "),
    "global-reach": ("", "global-reach stor", "er_joint", "global-reach storage "),
    "joined circuit": ("global-reach g", "circuit stor", "er_circuit", "circuit storage "),
    "site of a connection": ("global-reach g", "site stor", "er_site", "site storage "),
    "preferred circuit": (
        "",
        "region-preference x circuit c stor",
        "er_circuit",
        "region-preference x circuit c storage ",
    ),
}


@pytest.mark.parametrize("case", NAMES)
def test_tab_completes_names(terminal, running, case):
    where, typed, name, completed = NAMES[case]
    variable = 1  # enum cmd_token_type
    ask = "autocomplete %d NAME %s" % (variable, name)
    for daemon in "mgmtd", "erouted":
        running.daemons[daemon].answers[ask] = "exchange-online\nstorage\n"
    os.write(terminal, b"configure\nexpressroute\n" + where.encode() + b"\n")
    read_until(terminal, r"\(config-er%s\)# $" % ("" if not where else "-[a-z-]+"))
    os.write(terminal, typed.encode() + b"\t")
    read_until(terminal, re.escape(completed))
    assert ask in running.daemons["mgmtd"].received


def test_tab_completes_show(terminal, need):
    need("erouted")
    os.write(terminal, b"show expr\t")
    read_until(terminal, r"show expressroute ")


def test_question_mark_lists_show(running, need):
    need("erouted")
    text = running.vtysh("-c", "show expr?").stdout
    assert re.search(r"expressroute +\S", text)


SECRET = "5ecret-of-ours"


def test_password_is_not_kept(running, tmp_path):
    log = tmp_path / "log"
    history = tmp_path / "history"
    history.touch()
    running.vtysh(
        "-H", str(history), *enter("password " + SECRET, " passw " + SECRET, "vlan 100"),
        env={"VTYSH_LOG": str(log)},
    )
    assert "password " + SECRET in running.daemons["mgmtd"].received
    for kept in log.read_text(), history.read_text():
        assert SECRET not in kept
        assert "password ********" in kept and "vlan 100" in kept


def test_refused_password_is_not_shown(router):
    router.daemon("mgmtd", **{"password " + SECRET: 13})
    path = router.write_config(
        SECTION.replace("password exit", "password " + SECRET)
    )
    result = router.vtysh("-f", path)
    assert result.returncode != 0
    assert "mgmtd, line:    password ********" in result.stderr
    assert SECRET not in result.stderr + result.stdout
