# SPDX-License-Identifier: GPL-2.0-or-later
"""Tests in a virtual machine: lab/run check-vm runs them, and nothing else does."""

import os

if "LAB_VM" not in os.environ:
    collect_ignore_glob = ["test_*.py"]
