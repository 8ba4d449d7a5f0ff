# SPDX-License-Identifier: GPL-2.0-or-later
"""A process killed in the middle of a commit: all of it or nothing, and nothing stays locked."""
import signal
import threading

import pytest
from ncclient.operations import RPCError

import ncserver
from ncserver import NS, config, wait_for

CIRCUITS = 300


def many():
    return config(
        f'<expressroute xmlns="{NS["er"]}">'
        + "".join(
            f"<circuit><name>c{n}</name><peering><type>private</type><vlan>{n + 1}</vlan></peering></circuit>"
            for n in range(CIRCUITS)
        )
        + "</expressroute>"
    )


def nothing():
    return config(f'<expressroute xmlns="{NS["er"]}" xmlns:x="{NS["nc"]}" x:operation="remove"/>')


def count(session):
    return session.get_config("running").xml.count("<circuit>")


def locks(session):
    try:
        session.lock("running")
        session.unlock("running")
        return True
    except RPCError:
        return False


@pytest.mark.parametrize("after", [0.0, 0.02, 0.05, 0.1])
@pytest.mark.parametrize("victim", ["netconfd", "erouted", "mgmtd", "zebra", "staticd", "sshd", "client"])
def test_kill_in_the_middle_of_a_commit(server, victim, after):
    session = server.connect()
    session.edit_config(target="candidate", config=many())
    commit = threading.Thread(target=lambda: swallow(session.commit))
    commit.start()
    commit.join(after)
    if victim == "client":
        session._session.transport.sock.close()  # no word to anybody
    else:
        server.signal(victim, signal.SIGKILL)
    commit.join(60)
    assert not commit.is_alive()
    if victim == "client":
        pass
    elif victim in ("netconfd", "sshd"):
        getattr(server, f"start_{victim}")()
    else:
        server.start_frr(victim)
    swallow(session.close_session)
    with server.connect() as session:
        wait_for(lambda: locks(session), "the lock", 30)
        assert count(session) in (0, CIRCUITS)
        session.discard_changes()
        session.edit_config(target="candidate", config=nothing())
        session.commit()
        assert count(session) == 0
        assert not server.alive()


def swallow(function):
    try:
        function()
    except Exception:  # the connection, or an rpc-error: what is left counts
        pass
