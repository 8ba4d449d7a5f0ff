# SPDX-License-Identifier: GPL-2.0-or-later
"""frr-netconfd through OpenSSH, as ncclient sees it."""
import contextlib
import signal
import threading
import time

import pytest
from lxml import etree
from ncclient.operations import RPCError
from ncclient.transport.errors import AuthenticationError, SSHError, TransportError
from ncclient.xml_ import to_ele

import ncserver
from ncserver import NS, circuit, config, wait_for

ER = NS["er"]
CIRCUITS = ("subtree", f'<expressroute xmlns="{ER}"/>')


@contextlib.contextmanager
def refused(tag):
    with pytest.raises(RPCError) as caught:
        yield caught
    assert caught.value.tag == tag, caught.value


@pytest.fixture
def admin(server):
    """A session, and an empty configuration before and after."""
    with server.connect() as session:
        yield session
        session.discard_changes()
        edit(session, config(f'<expressroute xmlns="{ER}" xmlns:nc="{NS["nc"]}" nc:operation="remove"/>'))
        session.commit()


def edit(session, text, **more):
    return session.edit_config(target="candidate", config=text, **more)


def names(session, source="candidate"):
    data = session.get_config(source, filter=CIRCUITS).data_ele
    return [e.text for e in data.iterfind(f".//{{{ER}}}circuit/{{{ER}}}name")]


def value(session, name, source="candidate", **more):
    data = session.get_config(source, filter=CIRCUITS, **more).data_ele
    return data.findtext(f".//{{{ER}}}{name}")


def marked(operation, inner="", name="one"):
    return config(
        f'<expressroute xmlns="{ER}" xmlns:x="{NS["nc"]}"><circuit x:operation="{operation}">'
        f"<name>{name}</name>{inner}</circuit></expressroute>"
    )


#
# Who may
#
def test_user_outside_both_groups_is_not_let_in(server):
    with pytest.raises((AuthenticationError, SSHError, TransportError)):
        server.connect("ncnone")


def test_reader_reads_only(server, admin):
    with server.connect("ncread") as reader:
        reader.get_config("running")
        for forbidden in (
            lambda: edit(reader, circuit("one")),
            reader.commit,
            reader.discard_changes,
            lambda: reader.lock("candidate"),
            lambda: reader.validate("candidate"),
            lambda: reader.kill_session(admin.session_id),
            lambda: reader.dispatch(to_ele(f'<clear-counters xmlns="{ER}"/>')),
        ):
            with refused("access-denied"):
                forbidden()


def test_reader_never_sees_a_password(server, admin):
    secret = "<peering><type>private</type><password>geheim</password></peering>"
    edit(admin, circuit("one", secret))
    with server.connect("ncread") as reader:
        for source in ("candidate", "running"):
            assert "geheim" in admin.get_config("candidate").xml
            assert "geheim" not in reader.get_config(source).xml
            assert "geheim" not in reader.get_config(source, with_defaults="report-all").xml
            admin.commit()
        assert "geheim" not in reader.get(filter=CIRCUITS).xml
        # nor can a filter be asked whether it is the right one
        guess = ("xpath", ({"e": ER}, "/e:expressroute/e:circuit[e:peering/e:password='geheim']"))
        assert "one" not in reader.get_config("running", filter=guess).xml
        assert "one" in admin.get_config("running", filter=guess).xml
        guess = f'<expressroute xmlns="{ER}"><circuit><peering><password>geheim</password></peering></circuit></expressroute>'
        assert "one" not in reader.get_config("running", filter=("subtree", guess)).xml
    assert "geheim" not in server.log.read_text(errors="replace")


#
# Reading
#
def test_capabilities_are_what_works(admin):
    have = {c for c in admin.server_capabilities if c.startswith("urn:ietf:params:netconf")}
    short = {c.partition("capability:")[2].partition("?")[0] for c in have} - {""}
    assert short == {
        "candidate:1.0", "confirmed-commit:1.1", "rollback-on-error:1.0", "validate:1.1", "xpath:1.0",
        "with-defaults:1.0", "notification:1.0", "interleave:1.0", "yang-library:1.1",
    }  # fmt: skip
    assert {"urn:ietf:params:netconf:base:1.0", "urn:ietf:params:netconf:base:1.1"} <= have


def test_get_schema_of_every_schema_listed(admin):
    state = admin.get(filter=("subtree", f'<netconf-state xmlns="{NS["ncm"]}"><schemas/></netconf-state>')).data_ele
    schemas = [
        (s.findtext(f"{{{NS['ncm']}}}identifier"), s.findtext(f"{{{NS['ncm']}}}version"))
        for s in state.iterfind(f".//{{{NS['ncm']}}}schema")
    ]
    assert len(schemas) > 20 and "frr-expressroute" in dict(schemas)
    for name, revision in schemas:
        assert f"module {name}" in admin.get_schema(name, revision).data
    with refused("invalid-value"):
        admin.get_schema("no-such-model")


def test_yang_library_names_the_models(admin):
    library = admin.get(filter=("subtree", '<yang-library xmlns="urn:ietf:params:xml:ns:yang:ietf-yang-library"/>')).xml
    for name in ("frr-expressroute", "frr-staticd", "ietf-netconf-monitoring", "notifications"):
        assert f"<name>{name}</name>" in library


def test_state_is_read_beside_configuration(admin):
    edit(admin, circuit("one"))
    admin.commit()
    wait_for(lambda: "<redundancy>inactive</redundancy>" in admin.get(filter=CIRCUITS).xml, "state of the circuit")
    only = ("xpath", ({"e": ER}, "/e:expressroute/e:state/e:version"))
    data = admin.get(filter=only).data_ele
    assert [etree.QName(e).localname for e in data.iter()] == ["data", "expressroute", "state", "version"]


def test_get_without_a_filter_holds_everything(admin):
    data = admin.get().data_ele
    found = {etree.QName(e).localname for e in data}
    assert {"netconf-state", "yang-library", "netconf", "expressroute", "clients"} <= found


def test_subtree_filters(admin):
    edit(admin, circuit("one", "<bandwidth>50</bandwidth><provider>a</provider>"))
    edit(admin, circuit("two", "<bandwidth>100</bandwidth><provider>b</provider>"))

    def got(inner):
        top = f'<expressroute xmlns="{ER}">{inner}</expressroute>'
        data = admin.get_config("candidate", filter=("subtree", top)).data_ele
        return [
            [(etree.QName(e).localname, e.text) for e in c] for c in data.iterfind(f".//{{{ER}}}circuit")
        ]

    one = [("name", "one"), ("provider", "a"), ("bandwidth", "50")]
    two = [("name", "two"), ("provider", "b"), ("bandwidth", "100")]
    assert got("") == got("<circuit/>") == [one, two]
    assert got("<circuit><name>two</name></circuit>") == [two]
    assert got("<circuit><bandwidth>50</bandwidth></circuit>") == [one]
    assert got("<circuit><name> one </name><provider/></circuit>") == [[("name", "one"), ("provider", "a")]]
    assert got("<circuit><provider/></circuit>") == [one[:2], two[:2]]
    assert got("<circuit><name>none</name></circuit>") == []
    assert got("<circuit><name/></circuit>") == [[("name", "one")], [("name", "two")]]
    assert (
        got("<circuit><name>one</name><provider/></circuit><circuit><name>two</name></circuit>") == [one[:2], two]
    )
    assert admin.get_config("candidate", filter=("subtree", '<nothing xmlns="urn:x"/>')).data_ele[:] == []


def test_xpath_filter_with_a_wrong_expression_is_refused(admin):
    with pytest.raises(RPCError):
        admin.get_config("running", filter=("xpath", ({"e": ER}, "/e:expressroute[")))


def test_with_defaults(admin):
    edit(admin, circuit("one", "<sku>standard</sku>"))
    assert value(admin, "preference") is None and value(admin, "sku") == "standard"
    assert value(admin, "preference", with_defaults="report-all") == "0"
    assert value(admin, "sku", with_defaults="trim") is None
    tagged = admin.get_config("candidate", filter=CIRCUITS, with_defaults="report-all-tagged").xml
    assert 'default="true"' in tagged


#
# Editing
#
def test_operations(admin):
    edit(admin, marked("create", "<bandwidth>50</bandwidth>"))
    with refused("data-exists"):
        edit(admin, marked("create"))
    edit(admin, marked("merge", "<provider>a</provider>"))
    assert (value(admin, "bandwidth"), value(admin, "provider")) == ("50", "a")
    edit(admin, marked("replace", "<bandwidth>100</bandwidth>"))
    assert (value(admin, "bandwidth"), value(admin, "provider")) == ("100", None)
    gone = f'<bandwidth xmlns:y="{NS["nc"]}" y:operation="delete"/>'
    edit(admin, circuit("one", gone))
    with refused("data-missing"):
        edit(admin, circuit("one", gone))
    edit(admin, circuit("one", gone.replace("delete", "remove")))
    edit(admin, marked("delete"))
    with refused("data-missing"):
        edit(admin, marked("delete"))
    edit(admin, marked("remove"))
    assert names(admin) == []


def test_default_operations(admin):
    edit(admin, circuit("one", "<bandwidth>50</bandwidth>"))
    with refused("data-missing"):
        edit(admin, circuit("two"), default_operation="none")
    edit(admin, marked("delete"), default_operation="none")
    assert names(admin) == []
    edit(admin, circuit("one"))
    edit(admin, circuit("two"), default_operation="replace")
    assert names(admin) == ["two"]


def test_test_options(admin):
    wrong = circuit("one", "<bandwidth>333</bandwidth>")
    with refused("invalid-value"):
        edit(admin, wrong)
    with refused("invalid-value"):
        edit(admin, wrong, test_option="test-only")
    edit(admin, circuit("one"), test_option="test-only")
    assert names(admin) == []
    edit(admin, wrong, test_option="set")
    with refused("invalid-value"):
        admin.validate("candidate")
    with refused("invalid-value"):
        admin.commit()
    edit(admin, circuit("one", "<bandwidth>500</bandwidth>"))
    admin.validate("candidate")


def test_edit_that_fails_leaves_nothing(admin):
    both = circuit("one")[: -len("</config>")] + f'<expressroute xmlns="{ER}"><circuit/></expressroute></config>'
    for option in ("rollback-on-error", "stop-on-error"):
        with refused("missing-element"):
            edit(admin, both, error_option=option)
        assert names(admin) == []
    with refused("operation-not-supported"):
        edit(admin, circuit("one"), error_option="continue-on-error")


@pytest.mark.parametrize(
    "inner, tag, message",
    [
        ("<bandwidth>333</bandwidth>", "invalid-value", "A provider's circuit has a bandwidth of 50"),
        ("<bandwidth>7</bandwidth>", "invalid-value", "50 to 100000 Mbit/s"),
        ("<bandwidth>much</bandwidth>", "invalid-value", "much"),
        ("<nonsense/>", "unknown-element", None),
        ("<state><reason>x</reason></state>", "invalid-value", "State data"),
        ('<odd xmlns="urn:odd"/>', "unknown-namespace", None),
    ],
    ids=["must", "range", "type", "element", "state", "namespace"],
)
def test_errors_say_what_and_where(admin, inner, tag, message):
    with refused(tag) as caught:
        edit(admin, circuit("one", inner))
    if message:
        assert message in caught.value.message
        assert caught.value.path.startswith("/frr-expressroute:expressroute/"), caught.value.path


def test_copy_config_and_discard(admin):
    edit(admin, circuit("one"))
    admin.copy_config(source="running", target="candidate")
    assert names(admin) == []
    admin.copy_config(source=to_ele(f'<source xmlns="{NS["nc"]}">{circuit("two")}</source>'), target="candidate")
    assert names(admin) == ["two"]
    admin.discard_changes()
    assert names(admin) == []
    # what cannot be written is refused before it gets anywhere
    for target in ("running", "startup"):
        with pytest.raises(Exception):
            admin.copy_config(source="candidate", target=target)


def test_many_removals_and_additions_in_one_commit(admin):
    def many(operation, numbers):
        return config(
            f'<expressroute xmlns="{ER}" xmlns:x="{NS["nc"]}">'
            + "".join(f'<circuit x:operation="{operation}"><name>c{n}</name></circuit>' for n in numbers)
            + "</expressroute>"
        )

    edit(admin, many("create", range(50)))
    admin.commit()
    edit(admin, many("delete", range(0, 50, 2)))
    edit(admin, many("create", range(100, 110)))
    admin.validate("candidate")
    admin.commit()
    assert names(admin, "running") == names(admin)
    assert set(names(admin)) == {f"c{n}" for n in [*range(1, 50, 2), *range(100, 110)]}


#
# With vtysh
#
def cli(server, *lines):
    return server.vtysh("enable", "configure terminal", *lines, "end")


def test_neither_commits_nor_undoes_the_others_edits(server, admin):
    edit(admin, circuit("one"))
    cli(server, "expressroute", "circuit two", "exit-circuit")
    assert names(admin, "running") == ["two"], "vtysh has committed an edit of NETCONF"
    assert set(names(admin)) == {"one", "two"}
    cli(server, "expressroute", "no circuit two")
    admin.commit()
    assert names(admin, "running") == ["one"], "NETCONF has undone what vtysh did"
    assert "circuit one" in server.vtysh("enable", "show running-config")


def test_vtysh_is_locked_out_while_netconf_holds_the_lock(server, admin):
    with admin.locked("candidate"):
        assert "lock" in cli(server, "expressroute", "circuit two")
    assert names(admin, "running") == []
    cli(server, "expressroute", "circuit two", "exit-circuit")
    assert names(admin, "running") == ["two"]


def test_edits_that_somebody_left_in_mgmtds_candidate_are_not_committed(server, admin):
    tree = '{"frr-expressroute:expressroute":{"circuit":[{"name":"foreign"}]}}'
    server.vtysh("enable", "configure terminal", f"mgmt edit merge / json {tree}", "end")
    edit(admin, circuit("one"))
    if "foreign" in names(admin, "running"):
        pytest.skip("this mgmtd has committed it by itself")
    with refused("in-use"):
        admin.commit()
    assert names(admin, "running") == []
    admin.discard_changes()
    edit(admin, circuit("one"))
    admin.commit()
    assert names(admin, "running") == ["one"]


#
# Locks, and sessions that end
#
def test_lock_denied_names_the_owner(server, admin):
    with server.connect() as other:
        with other.locked("running"), other.locked("candidate"):
            for datastore in ("running", "candidate"):
                with refused("lock-denied") as caught:
                    admin.lock(datastore)
                assert f"<session-id>{other.session_id}</session-id>" in caught.value.info
            with refused("in-use"):
                edit(admin, circuit("one"))
            with refused("in-use"):
                admin.commit()
            with refused("operation-failed"):
                admin.unlock("running")
        with admin.locked("running"):
            pass
    with refused("operation-failed"):
        admin.unlock("running")


def test_changed_candidate_cannot_be_locked(admin):
    edit(admin, circuit("one"))
    with refused("lock-denied"):
        admin.lock("candidate")


def test_killed_session_leaves_no_lock_and_no_edit(server, admin):
    other = server.connect()
    other.lock("candidate")
    other.lock("running")
    edit(other, circuit("one"))
    admin.kill_session(other.session_id)
    wait_for(lambda: not other.connected, "the end of the killed session")

    def lockable():
        try:
            admin.lock("candidate")
            return True
        except RPCError:
            return False

    wait_for(lockable, "lock of a killed session to be given back")
    assert names(admin) == []
    admin.unlock("candidate")
    with refused("invalid-value"):
        admin.kill_session(other.session_id)
    with refused("invalid-value"):
        admin.kill_session(admin.session_id)


def test_dropped_connection_leaves_no_lock(server, admin):
    other = server.connect()
    other.lock("candidate")
    other._session.transport.sock.close()  # no close-session, no SSH disconnect

    def lockable():
        try:
            admin.lock("candidate")
            return True
        except RPCError:
            return False

    wait_for(lockable, "lock of a dead session to be given back")
    admin.unlock("candidate")


#
# Confirmed commit
#
def test_commit_that_nobody_confirms_is_taken_back(server, admin):
    edit(admin, circuit("one"))
    admin.commit(confirmed=True, timeout="6")
    assert names(admin, "running") == ["one"]
    cli(server, "expressroute", "circuit two", "exit-circuit")
    wait_for(lambda: names(admin, "running") == ["two"], "the way back, and only that", 20)


def test_confirmed_commit_stays(admin):
    edit(admin, circuit("one"))
    admin.commit(confirmed=True, timeout="4")
    admin.commit()
    time.sleep(4.5)
    assert names(admin, "running") == ["one"]


def test_cancelled_commit_is_taken_back_at_once(admin):
    edit(admin, circuit("one"))
    admin.commit(confirmed=True, timeout="600")
    edit(admin, circuit("two"))
    admin.commit(confirmed=True, timeout="600")
    admin.cancel_commit()
    assert names(admin, "running") == []
    with refused("operation-failed"):
        admin.cancel_commit()


def test_end_of_its_session_takes_an_unconfirmed_commit_back(server, admin):
    with server.connect() as other:
        edit(other, circuit("one"))
        other.commit(confirmed=True, timeout="600")
        with refused("in-use"):
            admin.commit()
    wait_for(lambda: names(admin, "running") == [], "the way back")


def test_persistent_commit_is_confirmed_by_another_session(server, admin):
    with server.connect() as other:
        edit(other, circuit("one"))
        other.commit(confirmed=True, timeout="600", persist="token")
    with refused("invalid-value"):
        admin.commit(persist_id="wrong")
    assert names(admin, "running") == ["one"]
    admin.commit(persist_id="token")
    assert names(admin, "running") == ["one"]
    edit(admin, circuit("two"))
    admin.commit(confirmed=True, timeout="600", persist="token")
    with server.connect() as other:
        other.cancel_commit(persist_id="token")
    assert names(admin, "running") == ["one"]


#
# Operations and notifications of the model
#
def test_operation_of_the_model(admin):
    assert admin.dispatch(to_ele(f'<clear-counters xmlns="{ER}"/>')).ok
    with refused("invalid-value") as caught:
        admin.dispatch(to_ele(f'<clear-counters xmlns="{ER}"><circuit>nope</circuit></clear-counters>'))
    assert "nope" in caught.value.message
    # what would end mgmtd does not get there
    with pytest.raises(RPCError):
        admin.dispatch(to_ele(f'<clear-counters xmlns="{ER}"><circuit>b@d name</circuit></clear-counters>'))
    with pytest.raises(RPCError):
        admin.dispatch(to_ele(f'<clear-counters xmlns="{ER}"><nonsense/></clear-counters>'))
    admin.get_config("running")


def test_subscription_is_checked(server):
    with server.connect("ncread") as session:
        with refused("invalid-value"):
            session.create_subscription(stream_name="OTHER")
        with refused("operation-failed"):
            session.create_subscription(start_time="2026-01-01T00:00:00Z")
        session.create_subscription()
        with refused("in-use"):
            session.create_subscription()
        session.get_config("running")  # interleave


#
# Several at once
#
def test_readers_beside_a_writer(server, admin):
    failures = []

    def read():
        try:
            with server.connect("ncread") as reader:
                for _ in range(5):
                    reader.get_config("running")
        except Exception as failure:  # whatever it is, the test is to tell it
            failures.append(failure)

    readers = [threading.Thread(target=read) for _ in range(6)]
    for thread in readers:
        thread.start()
    for number in range(5):
        edit(admin, circuit(f"c{number}"))
        admin.commit()
    for thread in readers:
        thread.join()
    assert not failures
    assert len(names(admin, "running")) == 5


def test_mgmtd_restarts_under_an_open_session(server, admin):
    edit(admin, circuit("one"))
    with server.connect("ncread") as subscriber:
        subscriber.create_subscription()
        server.signal("mgmtd")
        with refused("operation-failed"):
            admin.get_config("running")
        server.start_frr("mgmtd")
        wait_for(lambda: not server.alive(), "everybody to live")
        assert admin.get_config("running")
        assert names(admin) == ["one"]
        wait_for(lambda: commits(admin), "a commit after the restart")
        assert names(admin, "running") == ["one"]
        assert subscriber.get_config("running")


def commits(session):
    try:
        session.commit()
        return True
    except RPCError:
        return False


def test_cap_of_sessions_and_clean_end():
    server = ncserver.Server("--max-sessions", "2", "--idle-timeout", "15")
    try:
        server.start()
        one = server.connect()
        two = server.connect()
        with pytest.raises(Exception):
            server.connect()
        wait_for(lambda: not one.connected and not two.connected, "idle sessions to end", 40)
        session = server.connect()
        edit(session, circuit("one"))
        session.commit(confirmed=True, timeout="600", persist="token")
        assert server.signal("netconfd", signal.SIGTERM) == 0
        wait_for(lambda: not session.connected, "the end of the session")
        server.start_netconfd()
        with server.connect() as session:
            assert names(session, "running") == [], "an unconfirmed commit outlives frr-netconfd"
    finally:
        server.stop()
