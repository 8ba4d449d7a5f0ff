# SPDX-License-Identifier: GPL-2.0-or-later
"""The guide's playbook, run by Ansible's own modules."""
import os
import re
import shutil
import subprocess

import pytest

import ncserver
from ncserver import NS

ER = NS["er"]

if not shutil.which("ansible-playbook"):
    pytest.skip("ansible is not installed", allow_module_level=True)


def play(server, playbook):
    directory = server.dir / "ansible"
    directory.mkdir(exist_ok=True)
    inventory = ncserver.example("netconf-ansible-inventory")
    for name, value in (
        ("ansible_host", "127.0.0.1"), ("ansible_port", server.port), ("ansible_user", "ncadmin"),
        ("ansible_ssh_private_key_file", server.dir / "client"),
    ):  # fmt: skip
        inventory, count = re.subn(rf"(?<={name}=)\S+", str(value), inventory)
        assert count == 1, name
    # ncclient takes a key with a passphrase only
    (directory / "routers.ini").write_text(inventory + f"ansible_password={ncserver.PHRASE}\n")
    (directory / "circuit.yml").write_text(playbook)
    environment = {
        **os.environ, "HOME": str(directory), "ANSIBLE_HOST_KEY_CHECKING": "False", "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_LOCAL_TEMP": str(directory / "tmp"), "ANSIBLE_PERSISTENT_CONNECT_TIMEOUT": "60", "LC_ALL": "C.UTF-8",
    }  # fmt: skip
    done = subprocess.run(
        ["ansible-playbook", "-i", "routers.ini", "circuit.yml"], cwd=directory, env=environment, capture_output=True,
        text=True, check=False, timeout=180,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def results(out):
    """What Ansible says of each task of the one host."""
    return re.findall(r"^(ok|changed|fatal): \[edge1\]", out, re.M)


def test_playbook_of_the_guide(server):
    playbook = ncserver.example("netconf-ansible-playbook")
    status, out = play(server, playbook)
    assert status == 0, out
    assert results(out) == ["changed", "ok", "ok", "ok"], out
    assert "<name>amsterdam</name>" in out and "<state>" in out
    with server.connect() as session:
        assert "<bandwidth>50</bandwidth>" in session.get_config("running").xml
        with session.locked("candidate"):
            pass
    status, out = play(server, playbook)
    assert status == 0 and results(out) == ["ok", "ok", "ok", "ok"], out


def test_refusal_reaches_the_user_of_ansible(server):
    playbook = ncserver.example("netconf-ansible-playbook").replace(">50<", ">333<")
    status, out = play(server, playbook)
    assert status != 0 and results(out) == ["fatal"], out
    assert "A provider's circuit has a bandwidth of 50" in out
    with server.connect() as session:
        assert "333" not in session.get_config("candidate").xml
        with session.locked("candidate"):
            pass
