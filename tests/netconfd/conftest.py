# SPDX-License-Identifier: GPL-2.0-or-later
import pytest

pytest.importorskip("ncclient", reason="python3-ncclient is not installed")

import ncserver  # noqa: E402


@pytest.fixture(scope="module")
def server():
    running = ncserver.Server()
    try:
        yield running.start()
    finally:
        running.stop()
