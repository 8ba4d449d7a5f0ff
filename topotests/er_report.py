# SPDX-License-Identifier: GPL-2.0-or-later
"""A pytest plugin: the report of a failed test shows what an operator would look at."""
import pytest


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    report = outcome.get_result()
    if report.failed:
        import er_lab

        report.sections += er_lab.screens()
