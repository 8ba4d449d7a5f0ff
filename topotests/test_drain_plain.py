# SPDX-License-Identifier: GPL-2.0-or-later
"""
The same maintenance on stock FRR, with a local-preference per neighbor as the
vendor's samples set it: the trap that this project closes.  It also shows that
the probe of test_drain.py can see a loss.
"""
import pytest

import er_lab
import scenery
from scenery import wait_for

@pytest.fixture(scope="module")
def lab(request):
    conf = scenery.frr_conf("ce", scenery.ce_interfaces(), scenery.plain_bgp())
    with er_lab.running(request, ours=False, ce_conf=conf) as lab:
        yield lab


def test_plain_frr_keeps_sending_into_the_drained_link(lab):
    wait_for(lambda: lab.uses_only("primary"), "traffic on the preferred link")
    with lab.probe() as probe:
        assert not scenery.drain(lab.msee1, lambda: lab.uses_only("secondary"), grace=2.0)
        before = scenery.received_from_ce(lab.msee1)
        wait_for(lambda: scenery.received_from_ce(lab.msee1) > before + 200, "packets into the drained link")
        assert lab.uses_only("primary")
    assert probe.report.lost > 0, probe.report
