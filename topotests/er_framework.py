# SPDX-License-Identifier: GPL-2.0-or-later
"""Two corrections of FRR's framework, from outside: its files stay as they are."""
import os
import re


def _modules_may_be_absent():
    """A kernel without loadable modules has no /proc/modules: nothing is loaded."""
    from lib import topotest

    original = topotest.module_present_linux

    def module_present_linux(module, load):
        if os.path.exists("/proc/modules"):
            return original(module, load)
        return 1  # what modprobe would say: not found

    topotest.module_present_linux = module_present_linux


class _PatientOs:
    """
    The os module as munet.base sees it.

    munet starts a node through nsenter and takes "its namespaces differ from
    the parent's" for "it has unshared".  Until nsenter has entered the
    parent's, however, the process still has pytest's own, which differ too;
    munet then mounts /var/run/frr and the like in the wrong place.  So a
    process that still has our own namespaces is shown as not there yet.
    """

    def __getattr__(self, name):
        return getattr(os, name)

    @staticmethod
    def readlink(path, *args, **kwargs):
        link = os.readlink(path, *args, **kwargs)
        match = re.fullmatch(r".*/\d+/ns/(\w+)", str(path))
        if match and link == os.readlink(f"/proc/self/ns/{match[1]}"):
            raise OSError(f"{path}: still in the namespaces of the test process")
        return link


def correct():
    import munet.base

    munet.base.os = _PatientOs()
    _modules_may_be_absent()
