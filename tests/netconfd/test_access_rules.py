# SPDX-License-Identifier: GPL-2.0-or-later
"""Access rules (RFC 8341) from a file of root's, as users of several groups meet them."""
import contextlib
import json
import os
import signal

import pytest
from ncclient.operations import RPCError
from ncclient.xml_ import to_ele

import ncserver
from ncserver import NS, circuit, config, wait_for

ER = NS["er"]
ACM = "urn:ietf:params:xml:ns:yang:ietf-netconf-acm"
CIRCUITS = ("subtree", f'<expressroute xmlns="{ER}"/>')
CLEAR = f'<clear-counters xmlns="{ER}"/>'
ADMIN = "<rule-list><name>admin</name><group>frr-netconf-admin</group><rule><name>all</name><action>permit</action></rule></rule-list>"
VERDICTS = ("is in force", "is not used")


@pytest.fixture
def rules(server):
    """Puts rules in force by SIGHUP; the built-in ones are back afterwards."""
    server.connect().close_session()  # with it come the models that rules are about

    def verdicts():
        return sum(server.logged(text) for text in VERDICTS)

    def put(text, verdict=VERDICTS[0], mode=0o644, owner=0, tell=True):
        before = verdicts()
        path = server.rules.with_suffix(".new")
        path.write_text(text, encoding="utf-8")
        path.chmod(mode)
        os.chown(path, owner, 0)
        path.rename(server.rules)
        if tell:
            server.processes["netconfd"].send_signal(signal.SIGHUP)
            wait_for(lambda: verdicts() > before, "word on the rules")
            assert verdict in [line for line in server.log.read_text().splitlines() if "access rules:" in line][-1]

    yield put
    before = server.logged("what is built in is in force")
    server.rules.unlink(missing_ok=True)
    server.processes["netconfd"].send_signal(signal.SIGHUP)
    wait_for(lambda: server.logged("what is built in is in force") > before, "the built-in rules")


@pytest.fixture
def admin(server, rules):
    """Two circuits, which are gone afterwards."""
    with server.connect() as session:
        edit(session, circuit("one", "<provider>a</provider><peering><type>private</type><password>geheim</password></peering>"))
        edit(session, circuit("two", "<provider>b</provider>"))
        session.commit()
    yield
    server.rules.unlink(missing_ok=True)
    before = server.logged("what is built in is in force")
    server.processes["netconfd"].send_signal(signal.SIGHUP)
    wait_for(lambda: server.logged("what is built in is in force") > before, "the built-in rules")
    with server.connect() as session:
        session.discard_changes()
        edit(session, config(f'<expressroute xmlns="{ER}" xmlns:nc="{NS["nc"]}" nc:operation="remove"/>'))
        session.commit()


def edit(session, text, **more):
    return session.edit_config(target="candidate", config=text, **more)


@contextlib.contextmanager
def denied(path=None):
    with pytest.raises(RPCError) as caught:
        yield
    assert caught.value.tag == "access-denied", caught.value
    if path:
        assert caught.value.path.replace(f"{PREFIX}:", "") == path


def nacm(*lists, head=""):
    return f'<nacm xmlns="{ACM}" xmlns:er="{ER}" xmlns:nc="{NS["nc"]}">{head}{"".join(lists)}{ADMIN}</nacm>'


def rule_list(group, *rules):
    inner = "".join(f"<rule><name>{number}</name>{rule}</rule>" for number, rule in enumerate(rules))
    return f"<rule-list><name>{group}-rules</name><group>{group}</group>{inner}</rule-list>"


def permit(what="", access=None):
    return what + (f"<access-operations>{access}</access-operations>" if access else "") + "<action>permit</action>"


def deny(what="", access=None):
    return permit(what, access).replace("permit", "deny")


def path(text):
    return f"<path>{text}</path>"


ONE = "/er:expressroute/er:circuit[er:name='one']"
TWO = ONE.replace("one", "two")
PREFIX = "frr-expressroute"
PLACE = "/expressroute/circuit[name='one']"


def names(session, source="running"):
    data = session.get_config(source, filter=CIRCUITS).data_ele
    return [e.text for e in data.iterfind(f".//{{{ER}}}circuit/{{{ER}}}name")]


def test_operation_is_for_the_group_that_has_a_rule(server, rules, admin):
    clear = "<module-name>frr-expressroute</module-name><rpc-name>clear-counters</rpc-name>"
    get = "<module-name>ietf-netconf</module-name><rpc-name>get-config</rpc-name>"
    rules(
        nacm(rule_list("operators", permit(clear, "exec")), rule_list("frr-netconf", permit(get)), head="<exec-default>deny</exec-default>")
    )
    with server.connect("ncoper") as oper, server.connect("ncread") as reader, server.connect() as root:
        assert oper.dispatch(to_ele(CLEAR)).ok and root.dispatch(to_ele(CLEAR)).ok
        with denied():
            reader.dispatch(to_ele(CLEAR))
        assert names(oper) == names(reader) == ["one", "two"]
        with denied():
            oper.discard_changes()


def test_killing_a_session_takes_a_rule_whatever_the_default(server, rules):
    rules(nacm(head="<exec-default>permit</exec-default>"))
    reader = server.connect("ncread")
    with server.connect() as root:
        reader.validate("running")
        with denied():
            reader.kill_session(root.session_id)
        root.kill_session(reader.session_id)
        wait_for(lambda: not reader.connected, "the end of the killed session")


def test_what_may_not_be_read_is_left_out_in_silence(server, rules, admin):
    # the audit names it, too
    audit = TWO.replace("er:circuit", "er:audit/er:circuit")
    rules(nacm(rule_list("operators", deny(path(TWO), "read"), deny(path(audit), "read"))))
    with server.connect("ncoper") as oper, server.connect("ncread") as reader:
        assert names(oper) == ["one"] and names(reader) == ["one", "two"]
        two = ("subtree", f'<expressroute xmlns="{ER}"><circuit><name>two</name></circuit></expressroute>')
        assert oper.get_config("running", filter=two).data_ele[:] == []
        assert "<name>two<" not in oper.get(filter=CIRCUITS).xml
        assert "two" not in oper.get_config("running", filter=CIRCUITS, with_defaults="report-all").xml
        xpath = ("xpath", ({"e": ER}, "/e:expressroute/e:circuit[e:provider='b']"))
        assert oper.get_config("running", filter=xpath).data_ele[:] == []


def test_entry_whose_key_may_not_be_read_is_left_out(server, rules, admin):
    rules(nacm(rule_list("operators", deny(path("/er:expressroute/er:circuit/er:name"), "read"))))
    with server.connect("ncoper") as oper:
        assert names(oper) == []


def test_secret_is_readable_by_an_explicit_rule_only(server, rules, admin):
    password = ONE + "/er:peering/er:password"
    rules(nacm(rule_list("operators", permit(path(password), "read")), head="<read-default>permit</read-default>"))
    with server.connect("ncoper") as oper, server.connect("ncread") as reader:
        assert "geheim" in oper.get_config("running", filter=CIRCUITS).xml
        assert "geheim" not in reader.get_config("running", filter=CIRCUITS).xml


def test_writing_is_refused_with_the_path(server, rules, admin):
    rules(nacm(rule_list("operators", permit(path(ONE + "/er:provider"), "create update delete"))))
    with server.connect("ncoper") as oper, server.connect("ncread") as reader:
        edit(oper, circuit("one", "<provider>c</provider>"))
        with denied(PLACE + "/bandwidth"):
            edit(oper, circuit("one", "<provider>d</provider><bandwidth>50</bandwidth>"))
        with denied(PLACE.replace("one", "three")):
            edit(oper, circuit("three"))
        with denied(PLACE + "/provider"):
            edit(reader, circuit("one", "<provider>c</provider>"))
        oper.commit()
        assert "<provider>c</provider>" in oper.get_config("running", filter=CIRCUITS).xml


def test_what_an_edit_brings_about_is_checked_as_well(server, rules, admin):
    """Nobody names what a replacement or a removal takes with it."""
    rules(nacm(rule_list("operators", deny(path(ONE + "/er:provider")), permit(path("/er:expressroute")))))
    with server.connect("ncoper") as oper:
        replaced = circuit("one").replace("<circuit>", f'<circuit xmlns:nc="{NS["nc"]}" nc:operation="%s">')
        for operation in ("replace", "remove", "delete"):
            with denied(PLACE + "/provider"):
                edit(oper, replaced % operation)
        with denied():
            edit(oper, circuit("three"), default_operation="replace")
        with denied():
            oper.copy_config(source=to_ele(f'<source xmlns="{NS["nc"]}">{circuit("three")}</source>'), target="candidate")
        edit(oper, circuit("one", "<bandwidth>50</bandwidth>"))
        oper.commit()


def test_answer_to_an_edit_does_not_tell_a_secret(server, rules, admin):
    secret = "/er:expressroute/er:circuit/er:peering/er:password"
    rules(nacm(rule_list("operators", deny(path(secret)), permit(path("/er:expressroute")))))
    gone = f'<password xmlns:nc="{NS["nc"]}" nc:operation="%s"/>'
    guesses = ["<password>geheim</password>", "<password>anders</password>", gone % "remove"]
    with server.connect("ncoper") as oper:
        for guess in guesses:
            with denied(PLACE + "/peering[type='private']/password"):
                edit(oper, circuit("one", f"<peering><type>private</type>{guess}</peering>"))
        created = guesses[0].replace("<password>", f'<password xmlns:nc="{NS["nc"]}" nc:operation="create">')
        with denied():
            edit(oper, circuit("one", f"<peering><type>private</type>{created}</peering>"))


def test_commit_of_what_somebody_else_has_edited_is_checked(server, rules, admin):
    rules(nacm(rule_list("operators", permit(path(ONE)))))
    with server.connect("ncoper") as oper, server.connect() as root:
        edit(root, circuit("two", "<bandwidth>50</bandwidth>"))
        oper.validate("candidate")
        with denied(PLACE.replace("one", "two") + "/bandwidth"):
            oper.commit()
        root.commit()


def test_groups_of_the_file_count_and_those_of_the_machine_need_not(server, rules, admin):
    groups = "<groups><group><name>guests</name><user-name>ncread</user-name></group></groups>"
    rules(nacm(rule_list("guests", deny(path(ONE), "read")), rule_list("operators", deny(path(TWO), "read")), head=groups))
    with server.connect("ncoper") as oper, server.connect("ncread") as reader:
        assert names(reader) == ["two"] and names(oper) == ["one"]
        text = nacm(rule_list("operators", deny(path(TWO), "read")), head="<enable-external-groups>false</enable-external-groups>" + groups)
        rules(text)
        assert names(oper) == ["one", "two"], "rules of a session that goes on"


def test_first_rule_that_matches_decides(server, rules, admin):
    rules(nacm(rule_list("operators", permit(path(ONE), "read"), deny("<module-name>frr-expressroute</module-name>", "read"))))
    with server.connect("ncoper") as oper:
        assert names(oper) == [], "the container itself is denied"
        top = path("/er:expressroute/er:circuit")
        rules(nacm(rule_list("operators", permit(path(ONE), "read"), deny(top, "read"))))
        assert names(oper) == ["one"]


def test_rules_switched_off_let_everybody(server, rules, admin):
    rules(nacm(head="<enable-nacm>false</enable-nacm>"))
    with server.connect("ncread") as reader:
        assert "geheim" in reader.get_config("running", filter=CIRCUITS).xml
        edit(reader, circuit("one", "<bandwidth>50</bandwidth>"))
        reader.discard_changes()
    assert server.logged("switched off")


def test_rules_of_the_guide(server, rules, admin):
    rules(ncserver.example("netconf-access-rules"))
    with server.connect() as root:
        edit(root, circuit("site-link"))
        root.commit()
    with server.connect("ncoper") as oper, server.connect("ncread") as reader:
        assert names(reader) == ["one", "site-link", "two"] and names(oper) == ["one", "two"]
        assert oper.dispatch(to_ele(CLEAR)).ok
        edit(oper, circuit("one", "<description>mine</description>"))
        oper.commit()
        with denied(PLACE + "/provider"):
            edit(oper, circuit("one", "<provider>c</provider>"))
        for forbidden in (lambda: reader.dispatch(to_ele(CLEAR)), lambda: edit(reader, circuit("one")), reader.commit):
            with denied():
                forbidden()
        with denied():
            reader.kill_session(oper.session_id)


def test_file_may_be_json(server, rules, admin):
    tree = {
        "ietf-netconf-acm:nacm": {
            "rule-list": [
                {
                    "name": "o", "group": ["operators"],
                    "rule": [{"name": "no", "path": "/frr-expressroute:expressroute/circuit[name='two']", "action": "deny"}],
                }
            ]
        }
    }  # fmt: skip
    rules(json.dumps(tree))
    with server.connect("ncoper") as oper, server.connect() as root:
        assert names(oper) == ["one"]
        with denied():
            edit(root, circuit("one", "<bandwidth>50</bandwidth>"))


@pytest.mark.parametrize(
    "broken, more, why",
    [
        ("<nacm", {}, ""),
        ("", {}, "does not hold one 'nacm'"),
        (nacm(head="<read-default>maybe</read-default>"), {}, "maybe"),
        (nacm(head="<frobnicate/>"), {}, "frobnicate"),
        (nacm(rule_list("operators", deny(path("/er:nonsense")))), {}, "nonsense"),
        (nacm() + circuit("x")[len("<config>") : -len("</config>")], {}, ""),
        (nacm(), {"mode": 0o664}, "others than root may write"),
        (nacm(), {"mode": 0o646}, "others than root may write"),
        (nacm(), {"owner": 7002}, "not root's"),
    ],
    ids=["unclosed", "empty", "value", "element", "path", "other", "group", "world", "owner"],
)  # fmt: skip
def test_file_that_cannot_be_used_changes_nothing_and_says_why(server, rules, admin, broken, more, why):
    rules(nacm(rule_list("operators", deny(path(TWO), "read"))))
    with server.connect("ncoper") as oper:
        rules(broken, verdict=VERDICTS[1], **more)
        line = [line for line in server.log.read_text().splitlines() if VERDICTS[1] in line][-1]
        assert why in line and "nothing changes" in line and str(server.rules) in line
        assert names(oper) == ["one"]
    with server.connect("ncoper") as oper:
        assert names(oper) == ["one"]


def test_symbolic_link_is_not_followed(server, rules, admin):
    rules(nacm(rule_list("operators", deny(path(TWO), "read"))))
    real = server.dir / "real"
    server.rules.rename(real)
    server.rules.symlink_to(real)
    before = server.logged(VERDICTS[1])
    with server.connect("ncoper") as oper:
        assert server.logged(VERDICTS[1]) == before + 1 and names(oper) == ["one"]


def test_session_that_begins_reads_a_file_that_has_changed(server, rules, admin):
    rules(nacm(rule_list("operators", deny(path(TWO), "read"))))
    with server.connect("ncoper") as oper:
        assert names(oper) == ["one"]
        rules(nacm(rule_list("operators", deny(path(ONE), "read"))), tell=False)
        assert names(oper) == ["one"]
        with server.connect("ncoper") as later:
            assert names(later) == names(oper) == ["two"]


def test_file_that_goes_leaves_its_rules_until_it_is_said(server, rules, admin):
    rules(nacm(rule_list("operators", deny(path(TWO), "read"))))
    server.rules.unlink()
    with server.connect("ncoper") as oper:
        assert names(oper) == ["one"] and server.logged("has gone")
        before = server.logged("what is built in is in force")
        server.processes["netconfd"].send_signal(signal.SIGHUP)
        wait_for(lambda: server.logged("what is built in is in force") > before, "the built-in rules")
        assert names(oper) == ["one", "two"]


def test_rules_and_denials_are_state_for_who_may_see_it(server, rules):
    rules(nacm(rule_list("operators", deny("<rpc-name>validate</rpc-name>", "exec"))))
    state = ("subtree", f'<nacm xmlns="{ACM}"/>')
    with server.connect("ncoper") as oper, server.connect() as root:

        def denials():
            return int(root.get(filter=state).data_ele.findtext(f".//{{{ACM}}}denied-operations"))

        before = denials()
        with denied():
            oper.validate("running")
        assert denials() == before + 1
        assert oper.get(filter=state).data_ele[:] == []
        assert "operators-rules" in root.get(filter=state).xml
        with pytest.raises(RPCError, match="protocol's own"):
            edit(root, config(f'<nacm xmlns="{ACM}"><enable-nacm>false</enable-nacm></nacm>'))


def test_nobody_comes_in_before_there_are_rules():
    server = ncserver.Server()
    try:
        server.rules.write_text("<nacm", encoding="utf-8")
        server.start()
        with pytest.raises(Exception):
            server.connect()
        assert server.logged("nobody is let in")
        server.rules.write_text(nacm(), encoding="utf-8")
        server.connect().close_session()
    finally:
        server.stop()
