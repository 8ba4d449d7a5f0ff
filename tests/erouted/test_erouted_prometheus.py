# SPDX-License-Identifier: GPL-2.0-or-later
"""What is shipped for Prometheus and Grafana fits what erouted serves."""

import json
import os
import pathlib
import re
import shutil
import subprocess

import pytest

import guide
from frrlab import wait_for
from test_erouted_metrics import get, served  # pylint: disable=unused-import
from vpnlab import backup, gateway

TREE = pathlib.Path(__file__).resolve().parent.parent.parent
SHIPPED = TREE / "contrib" / "prometheus"
NAME = re.compile(r"\bexpressroute_\w+")

needs_promtool = pytest.mark.skipif(not shutil.which("promtool"), reason="needs promtool")


def promtool(*args, **kwargs):
    return subprocess.run(["promtool", *map(str, args)], capture_output=True, text=True,
                          timeout=120, check=False, **kwargs)


def alert_expressions():
    """As they stand in the file, one to a line."""
    text = (SHIPPED / "alerts.yml").read_text()
    found = re.findall(r"^ +expr: '(.*)'$", text, re.M)
    assert len(found) == text.count("alert:")
    return found


def dashboard_expressions():
    panels = json.loads((SHIPPED / "dashboard.json").read_text())["panels"]
    return [target["expr"] for panel in panels for target in panel.get("targets", [])]


def exposed(text):
    """Every metric that is described, as its samples are named."""
    kinds = re.findall(r"^# TYPE (\w+) (\w+)$", text, re.M)
    assert all(name.endswith("_total") == (kind == "counter") for name, kind in kinds)
    return {name for name, _ in kinds}


def test_alerts_and_dashboard_use_only_what_is_served(served):
    names = exposed(get(served[1])[2])
    for expression in alert_expressions() + dashboard_expressions():
        used = set(NAME.findall(expression))
        assert used and used <= names, expression


def test_what_is_served_is_used(served):
    """... or told of in the guide."""
    used = " ".join(alert_expressions() + dashboard_expressions())
    used += (TREE / "doc" / "user" / "monitoring.rst").read_text()
    assert exposed(get(served[1])[2]) <= set(NAME.findall(used))


def test_every_alert_has_a_unit_test_that_fires():
    tests = (SHIPPED / "alerts_test.yml").read_text()
    for name in re.findall(r"alert: (\w+)", (SHIPPED / "alerts.yml").read_text()):
        assert re.search(r"alertname: %s\n +exp_alerts:\n" % name, tests), name


@needs_promtool
def test_alerts_do_what_they_are_to():
    checked = promtool("check", "rules", SHIPPED / "alerts.yml")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    tested = promtool("test", "rules", SHIPPED / "alerts_test.yml")
    assert tested.returncode == 0, tested.stdout + tested.stderr


@needs_promtool
def test_expressions_of_the_dashboard_and_the_guide_are_promql(served, tmp_path):
    guided = guide.block("audit", "expressroute_audit_verdict{").strip()
    assert set(NAME.findall(guided)) <= exposed(get(served[1])[2])
    rules = [{"record": "panel:%d" % i, "expr": expression.replace("$circuit", ".*")}
             for i, expression in enumerate([*dashboard_expressions(), guided])]
    path = tmp_path / "panels.yml"
    # JSON is YAML
    path.write_text(json.dumps({"groups": [{"name": "panels", "rules": rules}]}))
    checked = promtool("check", "rules", path)
    assert checked.returncode == 0, checked.stdout + checked.stderr


@needs_promtool
def test_names_and_help_follow_the_conventions(served):
    lab, port = served
    lab.merge(backup(static=False, gateway=[gateway(0), gateway(1)]))
    lab.merge({"path-probe": [{"name": "p1", "via": {"circuit": "ams-1", "link": "primary"}}]})
    wait_for("the probe", lambda: 'path_probe="p1"' in get(port)[2])
    checked = promtool("check", "metrics", input=get(port)[2])
    assert checked.returncode == 0, checked.stdout + checked.stderr


LABELS = re.compile(r'(\w+)="((?:[^"\\\n]|\\["\\n])*)",?')


def paths(text):
    """Of all probes, as a reader of the format takes them."""
    found = set()
    for labels in re.findall(r"^expressroute_path_probes_total\{(.*)\} \d+$", text, re.M):
        assert LABELS.sub("", labels) == ""
        found |= {re.sub(r"\\(.)", lambda m: {"n": "\n"}.get(m[1], m[1]), value)
                  for name, value in LABELS.findall(labels) if name == "path"}
    return found


@needs_promtool
def test_a_name_with_quotes_and_backslashes_is_read_as_it_is(served):
    """Linux and the model allow them; an end of line, which the model does not: test_metrics_label.c."""
    lab, port = served
    name = 'er"\\n{},'
    lab.merge({"path-probe": [{"name": "p1", "via": {"interface": name}, "target": "192.0.2.1"}]})
    wait_for("the path", lambda: paths(get(port)[2]) == {"internet " + name})
    checked = promtool("check", "metrics", input=get(port)[2])
    assert checked.returncode == 0, checked.stdout + checked.stderr
