# SPDX-License-Identifier: GPL-2.0-or-later
"""What the capabilities promise, operation by operation, through OpenSSH."""
import signal
import time

import pytest
from ncclient.operations import RPCError
from ncclient.xml_ import to_ele

from ncserver import NS, circuit, config, wait_for

ER, NC, NCM = NS["er"], NS["nc"], NS["ncm"]
CIRCUITS = ("subtree", f'<expressroute xmlns="{ER}"/>')
STATE = ("subtree", f'<netconf-state xmlns="{NCM}"/>')
DEFAULTS = "urn:ietf:params:xml:ns:netconf:default:1.0"


@pytest.fixture
def admin(server):
    with server.connect() as session:
        yield session
        session.discard_changes()
        edit(session, config(f'<expressroute xmlns="{ER}" xmlns:nc="{NC}" nc:operation="remove"/>'))
        session.commit()


def edit(session, text, **more):
    return session.edit_config(target="candidate", config=text, **more)


def route_filter(name, *communities):
    inner = "".join(f"<community>{value}</community>" for value in communities)
    return config(f'<expressroute xmlns="{ER}"><route-filter><name>{name}</name>{inner}</route-filter></expressroute>')


def tag_of(function):
    with pytest.raises(RPCError) as caught:
        function()
    return caught.value.tag


#
# with-defaults (RFC 6243)
#
def leaves(session, mode, source="running"):
    """sku was set to its default, bandwidth to another value, preference not at all."""
    get = session.get if source is None else lambda **more: session.get_config(source, **more)
    data = get(filter=CIRCUITS, **({"with_defaults": mode} if mode else {})).data_ele
    found = {}
    for name in ("sku", "bandwidth", "preference"):
        leaf = data.find(f".//{{{ER}}}circuit/{{{ER}}}{name}")
        if leaf is not None:
            found[name] = leaf.get(f"{{{DEFAULTS}}}default")
    return found


def test_each_mode_of_defaults_in_each_datastore(admin):
    edit(admin, circuit("one", "<sku>standard</sku><bandwidth>50</bandwidth>"))
    expected = {
        None: {"sku": None, "bandwidth": None},
        "explicit": {"sku": None, "bandwidth": None},
        "trim": {"bandwidth": None},
        "report-all": {"sku": None, "bandwidth": None, "preference": None},
        "report-all-tagged": {"sku": "true", "bandwidth": None, "preference": "true"},
    }
    for mode, what in expected.items():
        assert leaves(admin, mode, "candidate") == what, mode
    admin.commit()
    for mode, what in expected.items():
        assert leaves(admin, mode) == what, mode
        if mode != "explicit":
            wait_for(lambda m=mode, w=what: leaves(admin, m, None) == w, f"{mode} of state", 10)
    with pytest.raises(Exception):
        leaves(admin, "sometimes")


#
# edit-config
#
OUTCOMES = {
    # operation: of what is there, of what is not
    "merge": ("ab", "b"),
    "replace": ("b", "b"),
    "create": ("data-exists", "b"),
    "delete": (None, "data-missing"),
    "remove": (None, None),
}


@pytest.mark.parametrize("there", [True, False], ids=["there", "not-there"])
@pytest.mark.parametrize("operation", OUTCOMES)
def test_each_operation_on_what_is_there_and_what_is_not(admin, operation, there):
    """a is the provider that was there, b the bandwidth that comes."""
    if there:
        edit(admin, circuit("one", "<provider>a</provider>"))
        admin.commit()
    text = circuit("one", "<bandwidth>50</bandwidth>").replace("<circuit>", f'<circuit xmlns:x="{NC}" x:operation="{operation}">')
    outcome = OUTCOMES[operation][0 if there else 1]
    if outcome and outcome.startswith("data-"):
        assert tag_of(lambda: edit(admin, text)) == outcome
        return
    edit(admin, text)
    admin.commit()
    data = admin.get_config("running", filter=CIRCUITS).xml
    have = ("a" if "<provider>a" in data else "") + ("b" if "<bandwidth>50" in data else "")
    assert have == (outcome or "") and ("<circuit>" in data) == (outcome is not None)


@pytest.mark.parametrize("operation", ["frobnicate", "none", "", "ü" * 3000], ids=["no-word", "none", "empty", "long"])
def test_operation_that_does_not_exist_is_refused(admin, operation):
    text = circuit("one").replace("<circuit>", f'<circuit xmlns:x="{NC}" x:operation="{operation}">')
    with pytest.raises(RPCError, match=f"'{operation}'") as caught:
        edit(admin, text)
    assert caught.value.path.endswith("name='one']")
    assert caught.value.tag == "bad-attribute"
    assert "<bad-attribute>operation</bad-attribute>" in caught.value.info
    assert "<bad-element>circuit</bad-element>" in caught.value.info
    assert "one" not in admin.get_config("candidate", filter=CIRCUITS).xml


def test_operations_nest(admin):
    edit(admin, circuit("one", "<provider>a</provider><bandwidth>50</bandwidth>"))
    inner = f'<provider xmlns:x="{NC}" x:operation="delete"/><bandwidth>100</bandwidth>'
    edit(admin, circuit("one", inner), default_operation="merge")
    data = admin.get_config("candidate", filter=CIRCUITS).xml
    assert "<provider>" not in data and "<bandwidth>100<" in data
    whole = circuit("one", f'<bandwidth xmlns:x="{NC}" x:operation="merge">500</bandwidth>')
    edit(admin, whole, default_operation="none")
    assert "<bandwidth>500<" in admin.get_config("candidate", filter=CIRCUITS).xml


def test_edit_is_made_as_a_whole_or_not_at_all(admin):
    edit(admin, circuit("one", "<bandwidth>50</bandwidth>"))
    before = admin.get_config("candidate").data_xml
    good, bad = circuit("two")[: -len("</config>")], circuit("one", f'<provider xmlns:x="{NC}" x:operation="delete"/>')
    for option in ("rollback-on-error", "stop-on-error", None):
        more = {"error_option": option} if option else {}
        assert tag_of(lambda: edit(admin, good + bad[bad.index("<expressroute") :], **more)) == "data-missing"
        assert admin.get_config("candidate").data_xml == before
    assert tag_of(lambda: edit(admin, circuit("two"), error_option="continue-on-error")) == "operation-not-supported"


def test_only_candidate_can_be_written(admin):
    rpc = f'<edit-config xmlns="{NC}"><target><running/></target>{circuit("one")}</edit-config>'
    copy = f'<copy-config xmlns="{NC}"><target><running/></target><source><candidate/></source></copy-config>'
    delete = f'<delete-config xmlns="{NC}"><target><startup/></target></delete-config>'
    for text in (rpc, copy, delete):
        with pytest.raises(RPCError):
            admin.dispatch(to_ele(text))
    assert "circuit" not in admin.get_config("running", filter=CIRCUITS).xml


def test_copy_config_replaces_the_candidate(admin):
    edit(admin, circuit("one"))
    admin.commit()
    edit(admin, circuit("two"))
    admin.copy_config(source=to_ele(f'<source xmlns="{NC}">{circuit("three")}</source>'), target="candidate")
    data = admin.get_config("candidate", filter=CIRCUITS).xml
    assert "three" in data and "one" not in data and "two" not in data
    admin.commit()
    assert "three" in admin.get_config("running", filter=CIRCUITS).xml
    edit(admin, circuit("two"))
    admin.copy_config(source="running", target="candidate")
    assert "two" not in admin.get_config("candidate", filter=CIRCUITS).xml
    assert tag_of(lambda: admin.copy_config(source="candidate", target="candidate")) == "invalid-value"


def test_what_is_configured_comes_back_by_replacing_everything(admin):
    """What get-config gives is what edit-config takes."""
    edit(admin, circuit("one", "<bandwidth>50</bandwidth>"))
    admin.commit()
    saved = admin.get_config("running").data_xml
    edit(admin, circuit("two"))
    edit(admin, circuit("one").replace("<circuit>", f'<circuit xmlns:x="{NC}" x:operation="delete">'))
    admin.commit()
    inner = saved[saved.index(">", saved.index("<data")) + 1 : saved.rindex("</data>")]
    edit(admin, config(inner), default_operation="replace")
    admin.commit()
    assert admin.get_config("running").data_xml == saved


def test_validate_of_each_source(admin):
    admin.validate("running")
    admin.validate("candidate")
    assert admin.validate(to_ele(circuit("one"))).ok
    assert tag_of(lambda: admin.validate(to_ele(circuit("one", "<bandwidth>333</bandwidth>")))) == "invalid-value"
    assert "one" not in admin.get_config("candidate", filter=CIRCUITS).xml


def test_test_only_is_not_set(admin):
    edit(admin, circuit("one"), test_option="test-only")
    assert tag_of(lambda: edit(admin, circuit("one", "<bandwidth>333</bandwidth>"), test_option="test-then-set")) == "invalid-value"
    assert "one" not in admin.get_config("candidate", filter=CIRCUITS).xml


#
# confirmed-commit:1.1
#
def test_confirmation_can_be_put_off_and_is_then_awaited_anew(admin):
    edit(admin, circuit("one"))
    admin.commit(confirmed=True, timeout="2")
    admin.commit(confirmed=True, timeout="600")
    edit(admin, circuit("two"))
    after = time.monotonic() + 3
    wait_for(lambda: time.monotonic() > after, "the first one's time", 10)
    assert "one" in admin.get_config("running", filter=CIRCUITS).xml
    admin.cancel_commit()
    assert "one" not in admin.get_config("running", filter=CIRCUITS).xml


def test_cancelling_takes_the_persist_id(server, admin):
    edit(admin, circuit("one"))
    admin.commit(confirmed=True, timeout="600", persist="token")
    with server.connect() as other:
        assert tag_of(other.cancel_commit) == "in-use"
        assert tag_of(lambda: other.cancel_commit(persist_id="wrong")) == "invalid-value"
        assert tag_of(lambda: other.commit()) == "in-use"
        assert tag_of(lambda: other.lock("running")) == "lock-denied"
        other.cancel_commit(persist_id="token")
    assert "one" not in admin.get_config("running", filter=CIRCUITS).xml


def test_two_sessions_never_confirm_each_others_commit(server, admin):
    with server.connect() as other:
        edit(admin, circuit("one"))
        admin.commit(confirmed=True, timeout="600")
        edit(other, circuit("two"))
        for operation in (other.commit, lambda: other.commit(confirmed=True, timeout="600"), other.cancel_commit):
            assert tag_of(operation) == "in-use"
        admin.commit()
        other.commit()
    data = admin.get_config("running", filter=CIRCUITS).xml
    assert "one" in data and "two" in data


#
# Monitoring (RFC 6022)
#
def test_netconf_state_shows_locks_sessions_and_counters(server, admin):
    def state():
        return admin.get(filter=STATE).data_ele

    def text(path, tree):
        return tree.findtext(path, namespaces=NS)

    with server.connect("ncread") as reader:
        admin.lock("running")
        tree = state()
        running = next(d for d in tree.iterfind(".//ncm:datastore", NS) if text("ncm:name", d) == "running")
        assert text(".//ncm:locked-by-session", running) == admin.session_id
        assert text(".//ncm:locked-time", running).endswith("Z")
        candidate = next(d for d in tree.iterfind(".//ncm:datastore", NS) if text("ncm:name", d) == "candidate")
        assert candidate.find("ncm:locks", NS) is None
        sessions = {text("ncm:session-id", s): s for s in tree.iterfind(".//ncm:session", NS)}
        assert text("ncm:username", sessions[admin.session_id]) == "ncadmin"
        assert text("ncm:username", sessions[reader.session_id]) == "ncread"
        assert {text("ncm:transport", s) for s in sessions.values()} == {"netconf-ssh"}
        own = sessions[admin.session_id]
        for name in ("in-rpcs", "in-bad-rpcs", "out-rpc-errors", "out-notifications"):
            assert int(text(f"ncm:{name}", own)) >= 0
        before = int(text("ncm:statistics/ncm:in-rpcs", tree.find(".//ncm:netconf-state", NS)))
        assert before >= 1
        errors = int(text("ncm:out-rpc-errors", own))
        tag_of(lambda: admin.lock("running"))
        own = next(s for s in state().iterfind(".//ncm:session", NS) if text("ncm:session-id", s) == admin.session_id)
        assert int(text("ncm:out-rpc-errors", own)) == errors + 1
        admin.unlock("running")
    wait_for(lambda: len(list(state().iterfind(".//ncm:session", NS))) == 1, "the reader's session to go")
    capabilities = {c.text for c in state().iterfind(".//ncm:capability", NS)}
    assert {c for c in admin.server_capabilities if ":capability:" in c and "yang-library" not in c} <= capabilities


#
# Notifications (RFC 5277)
#
def test_requests_go_on_while_notifications_arrive(server, admin):
    edit(admin, route_filter("office", "12076:5010"))
    admin.commit()
    admin.create_subscription()
    for count, values in ((2, ("12076:5010", "12076:5020")), (3, ("12076:5010", "12076:5020", "12076:5030"))):
        edit(admin, route_filter("office", *values))
        admin.validate("candidate")
        admin.commit()
        event = admin.take_notification(timeout=20)
        assert event and "filter-changed" in event.notification_xml
        assert f"<communities>{count}</communities>" in event.notification_xml
        assert "office" in admin.get_config("running", filter=CIRCUITS).xml


def test_subscription_takes_what_its_filter_selects(server, admin):
    subscribe = '<create-subscription xmlns="urn:ietf:params:xml:ns:netconf:notification:1.0"><filter%s</filter></create-subscription>'
    by_tree = subscribe % f'><filter-changed xmlns="{ER}"><route-filter>two</route-filter></filter-changed>'
    by_path = subscribe % f' type="xpath" xmlns:e="{ER}" select="/e:filter-changed[e:route-filter=\'two\']">'
    edit(admin, route_filter("one", "12076:5010"))
    edit(admin, route_filter("two", "12076:5010"))
    admin.commit()
    with server.connect("ncread") as tree, server.connect("ncread") as path:
        tree.dispatch(to_ele(by_tree))
        path.dispatch(to_ele(by_path))
        for name in ("one", "two"):
            edit(admin, route_filter(name, "12076:5020"))
            admin.commit()
        for session in (tree, path):
            event = session.take_notification(timeout=20)
            assert event and "<route-filter>two<" in event.notification_xml
            assert session.take_notification(block=False) is None


#
# With vtysh, and with everything else that holds locks
#
def test_vtysh_with_the_file_lock_keeps_netconf_out(server, admin):
    edit(admin, circuit("one"))
    vty = server.open_vtysh()
    vty.say("enable", "configure terminal file-lock")
    for operation in (lambda: admin.lock("candidate"), lambda: admin.lock("running")):
        with pytest.raises(RPCError) as caught:
            operation()
        assert caught.value.tag == "lock-denied" and "<session-id>0</session-id>" in caught.value.info
    assert tag_of(admin.commit) == "in-use"
    vty.close()
    wait_for(lambda: committed(admin), "vtysh's lock to be given back")
    assert "one" in admin.get_config("running", filter=CIRCUITS).xml


def committed(session):
    try:
        session.commit()
        return True
    except RPCError:
        return False


def test_lock_is_held_again_after_mgmtd_has_been_restarted(server, admin):
    admin.lock("running")
    server.signal("mgmtd", signal.SIGKILL)
    server.start_frr("mgmtd")

    def kept_out():
        try:
            admin.get_config("running")
        except RPCError:
            return False  # while mgmtd comes back
        return "lock" in server.vtysh("enable", "configure terminal", "expressroute", "circuit cli", "end")

    wait_for(kept_out, "the lock in the new mgmtd", 30)
    with server.connect() as other:
        assert tag_of(lambda: other.lock("running")) == "lock-denied"
    admin.unlock("running")
