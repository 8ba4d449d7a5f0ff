# SPDX-License-Identifier: GPL-2.0-or-later
"""Another catalogue: imported whole or not at all."""

import json
import os
import signal

import pytest


from frrlab import FILTER as FILTER_MESSAGE
from frrlab import ALLOW, FakeBgpd, Frontend, wait_for

FILTER = """
expressroute
route-filter f
 allow service new-service
 allow service exchange-online
exit-route-filter
circuit ams-1
 peering private
  route-filter f
 exit-peering
exit-circuit
exit-expressroute
"""

LIST = [{"serviceName": "New Service",
         "bgpCommunities": [{"communityName": "New Service", "communityValue": "12076:5990",
                             "serviceSupportedRegion": "Global", "isAuthorizedToUse": True,
                             "communityPrefixes": ["192.0.2.0/24"]}]}]


def catalogue(lab):
    return lab.show_json("show expressroute communities json")


def values(lab):
    return set(catalogue(lab)["community"])


def allowed(module):
    return sorted(value[1] for kind, value in module.policy if kind == ALLOW)


@pytest.fixture
def write(bare):
    """Writes a list where user frr can read it; its path."""
    def write(data, name="list.json"):
        path = bare.etc_dir + "/" + name
        with open(path, "wb") as f:
            f.write(data if isinstance(data, bytes) else json.dumps(data).encode())
        os.chmod(path, 0o644)
        return path
    return write


@pytest.fixture
def filtered(configured):
    configured.configure(FILTER)
    wait_for("the filter", lambda: "routeFilter" in configured.show_json())
    return configured


def import_(lab, path, how=""):
    return lab.show("expressroute import communities %s %s" % (path, how))


def test_a_list_replaces_the_catalogue(filtered, write):
    path = write(LIST)
    with FakeBgpd(filtered) as module:
        module.take_config()
        before = allowed(module)
        assert "12076:5010" in before and "12076:5990" not in before
        said = import_(filtered, path)
        assert "1 community read from %s" % path in said and "has 1 now" in said
        assert values(filtered) == {"12076:5990"}
        assert catalogue(filtered)["imported"] > 0
        module.take_config()
        assert allowed(module) == ["12076:5990"]
    state = filtered.show_json()
    assert "exchange-online" in state["routeFilter"]["f"]["state"]["problem"][0]
    assert state["state"]["catalogue"]["communities"] == 1
    assert "1 imported from" in filtered.log("erouted")


def test_a_list_that_changes_nothing_of_a_filter_is_not_sent(filtered, write):
    with FakeBgpd(filtered) as module:
        generation = module.take_config()
        other = entry(communityValue="12076:5991", communityName="Other")
        assert "1 community" in import_(filtered, write(other), "extend")
        filtered.configure("expressroute\nroute-filter later\nexit-expressroute\n")
        assert module.take_config() == generation + 1
        assert "later" in [value for kind, value in module.policy if kind == FILTER_MESSAGE]


def test_a_list_extends_the_catalogue(filtered, write):
    before = values(filtered)
    said = import_(filtered, write(LIST), "extend")
    assert "1 community read" in said and "has %d now" % (len(before) + 1) in said
    assert values(filtered) == before | {"12076:5990"}


def test_an_import_tells_what_it_changes(filtered, write):
    with Frontend(filtered) as client:
        client.subscribe()
        import_(filtered, write(LIST))
        name, leaves = client.notification()
        assert name == "filter-changed"
        assert (leaves["route-filter"], leaves["communities"], leaves["added"]) == ("f", 1, 1)
        assert leaves["removed"] >= 1


@pytest.mark.parametrize("sig", [signal.SIGTERM, signal.SIGKILL])
def test_an_imported_catalogue_outlives_erouted(filtered, write, sig):
    import_(filtered, write(LIST))
    filtered.stop("erouted", sig)
    filtered.start("erouted")
    assert values(filtered) == {"12076:5990"}
    with FakeBgpd(filtered) as module:
        module.take_config()
        assert allowed(module) == ["12076:5990"]


def test_a_stored_list_that_is_broken_does_not_lose_the_built_in_one(bare):
    with open(bare.lib_dir + "/expressroute-communities.json", "w") as f:
        f.write('[{"serviceName": ')
    bare.start("erouted")
    assert "12076:5010" in values(bare)
    problem = bare.show_json()["state"]["catalogue"]["problem"]
    assert "expressroute-communities.json" in problem
    assert problem in bare.log("erouted")
    assert problem in bare.show("show expressroute communities")


def entry(**changes):
    return [{"serviceName": "S", "bgpCommunities": [dict(LIST[0]["bgpCommunities"][0], **changes)]}]


BROKEN = {
    "empty": (b"", "empty"),
    "truncated": (json.dumps(LIST).encode()[:-20], "too early"),
    "no JSON": (b"community,name\n12076:5010,x\n", "line 1"),
    "not UTF-8": (b'[{"serviceName": "\xff\xfe"}]', "UTF-8"),
    "UTF-16": (json.dumps(LIST).encode("utf-16"), "UTF-16"),
    "another AS": (entry(communityValue="12077:5010"), "12077:5010"),
    "wrong type": (entry(communityValue=12076), "communityValue"),
    "no value": (entry(communityValue=None), "communityValue"),
    "twice": ([LIST[0], LIST[0]], "12076:5990"),
    "no list": ({"error": {"code": "AuthorizationFailed"}}, "value"),
    "empty list": ([], "no communities"),
    "a part": ({"value": LIST, "nextLink": "x"}, ""),
}


@pytest.mark.parametrize("what", BROKEN)
@pytest.mark.parametrize("how", ["", "extend"])
def test_a_broken_list_changes_nothing_and_is_explained(bare, write, what, how):
    data, expected = BROKEN[what]
    bare.start("erouted")
    before = catalogue(bare)
    path = write(data)
    said = import_(bare, path, how)
    assert said.startswith("% ") and path in said and expected in said
    assert "as before" in said
    assert catalogue(bare) == before
    assert not os.path.exists(bare.lib_dir + "/expressroute-communities.json")


def test_files_that_are_none(bare, write):
    bare.start("erouted")
    before = catalogue(bare)
    secret = write(LIST, "secret.json")
    os.chmod(secret, 0o600)
    fifo, huge = bare.etc_dir + "/fifo", write(b"", "huge.json")
    os.mkfifo(fifo)
    os.chmod(fifo, 0o666)
    os.truncate(huge, 100 * 1024 * 1024)
    for path, expected in ((bare.etc_dir + "/missing", "No such file"),
                           (secret, "user frr may not read"), (bare.etc_dir, "is a directory"),
                           (fifo, "not a regular file"), (huge, "at most"),
                           ("/dev/zero", "not a regular file"), ("list.json", "whole path"),
                           ("/" + 200 * "x/", "x")):
        said = import_(bare, path)
        assert expected in said and "as before" in said, path
    assert catalogue(bare) == before


def test_a_failed_import_that_finds_another_stored_list_uses_it_for_filters_too(filtered, write):
    import_(filtered, write(LIST))
    with FakeBgpd(filtered) as module:
        module.take_config()
        assert allowed(module) == ["12076:5990"]
        # not by erouted: restored from a backup, say
        other = json.dumps(entry(communityValue="12076:5991"))
        stored = filtered.lib_dir + "/expressroute-communities.json"
        with open(stored + ".new", "w") as f:
            f.write(other.replace('"S"', '"Exchange Online"'))
        os.chmod(stored + ".new", 0o644)
        os.rename(stored + ".new", stored)
        assert import_(filtered, write(b"{")).startswith("% ")
        assert values(filtered) == {"12076:5991"}
        module.take_config()
        assert allowed(module) == ["12076:5991"]


def test_a_state_directory_that_cannot_be_written(bare, write):
    bare.start("erouted")
    before = catalogue(bare)
    os.chown(bare.lib_dir, 0, 0)
    os.chmod(bare.lib_dir, 0o755)
    said = import_(bare, write(LIST))
    assert "Permission denied" in said and "as before" in said
    assert catalogue(bare) == before


def test_as_many_communities_as_there_can_be(filtered, write):
    many = [{"serviceName": "Service %d" % n,
             "bgpCommunities": [{"communityName": "Service %d" % n,
                                 "communityValue": "12076:%d" % n,
                                 "serviceSupportedRegion": "Global", "communityPrefixes": []}]}
            for n in range(5000, 10000)]
    assert "has 5000 now" in import_(filtered, write(many))
    assert len(values(filtered)) == 5000


def test_the_rpc(filtered, write):
    with Frontend(filtered) as client:
        code, body = client.rpc("import-communities", file=write(LIST))
        assert code == client.RPC_REPLY and b'"communities":1' in body.replace(b" ", b"")
        assert values(filtered) == {"12076:5990"}
        code, body = client.rpc("import-communities", file=write(entry(communityValue="1:2")))
        assert code == client.ERROR and b"1:2" in body
        assert values(filtered) == {"12076:5990"}
        other = entry(communityValue="12076:5991")
        code, _ = client.rpc("import-communities", file=write(other), mode="extend")
        assert code == client.RPC_REPLY
        assert values(filtered) == {"12076:5990", "12076:5991"}


def test_a_name_that_is_not_known_has_near_ones(bare):
    bare.start("erouted")
    assert "exchange-online" in bare.show("show expressroute communities service exchnge-online")
    assert "east-us" in bare.show("show expressroute communities region eastus")
    assert bare.show_json("show expressroute communities region eastus json") == {}
    assert "TAB" in bare.show("show expressroute communities geography zzzzzzzzzzzzz")


def test_names_are_completed(bare):
    bare.start("erouted")

    def completions(name):
        """As vtysh asks every daemon: by the kind of the token, its text and its name"""
        variable = 1  # enum cmd_token_type
        return bare.show("autocomplete %d NAME %s" % (variable, name)).split()

    assert {"exchange-online", "storage"} <= set(completions("er_service"))
    assert {"east-us", "west-europe"} <= set(completions("er_region"))
    assert "europe" in completions("er_geography")
    # each of them is one that the command takes
    for name in completions("er_geography"):
        assert bare.show_json("show expressroute communities geography %s json" % name)


def test_the_screen_of_one_service_in_one_region(bare):
    bare.start("erouted")
    screen = bare.show("show expressroute communities service storage region east-us")
    assert [line.split()[:3] for line in screen.splitlines()[1:]] == \
        [["12076:52004", "storage", "east-us"]]
    known = bare.show_json("show expressroute communities geography europe json")["community"]
    assert known and all(e["geography"] == "europe" for e in known.values())


def test_own_names_stand_beside_the_catalogue_s(configured):
    configured.configure("expressroute\ncommunity hub value 65001:77\n"
                         "community mail value 12076:5010\nexit-expressroute\n")

    def known():
        return catalogue(configured)["community"].get("65001:77") and catalogue(configured)
    known = wait_for("the names", known)["community"]
    assert known["65001:77"] == {"kind": "own", "name": "hub"}
    assert known["12076:5010"]["name"] == "mail"
    assert known["12076:5010"]["service"] == "exchange-online"
    screen = configured.show("show expressroute communities")
    assert "own name: hub" in screen and "own name: mail" in screen
