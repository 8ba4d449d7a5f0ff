# SPDX-License-Identifier: GPL-2.0-or-later
"""
A virtual machine with Debian's kernel.  Its root is this root, or a directory of it,
over virtiofs; what it writes stays in its memory, or on a disk of its own.
"""

import functools
import glob
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time

TREE = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path += [str(TREE / "lab"), str(TREE / "tests" / "packages")]

# pylint: disable=wrong-import-position
import machine  # noqa: E402
import scenery  # noqa: E402

# an emulated machine is some 20 times slower, on a busy one
BOOT_SECONDS = 600
SECONDS = 400
MEMORY = "2G"
VIRTIOFSD = "/usr/libexec/virtiofsd"


def wait_for(check, what):
    """Not too often: the clock of a guest that is never idle runs slower than ours."""
    return scenery.wait_for(check, what, SECONDS, every=1.5)


def kernel():
    (found,) = glob.glob("/usr/lib/modules/*/vmlinuz")
    return found


def qemu(accelerator, words, *arguments):
    if accelerator == "kvm":
        machine_arguments = ["-accel", "kvm", "-cpu", "host", "-smp", str(os.cpu_count())]
    else:
        # The guest's clock counts instructions, one a nanosecond, and real time while it
        # idles: however slow and busy this machine is, nothing in the guest comes too late.
        machine_arguments = ["-accel", "tcg", "-cpu", "qemu64", "-icount", "shift=0,sleep=on"]
    return [
        "qemu-system-x86_64", "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
        "-machine", "q35,memory-backend=memory", "-object", f"memory-backend-memfd,id=memory,size={MEMORY},share=on",
        "-m", MEMORY, *machine_arguments,
        "-kernel", kernel(), "-append", f"console=ttyS0 panic=-1 mitigations=off {words}", *arguments,
    ]  # fmt: skip


@functools.cache
def accelerator():
    """
    kvm where a guest runs on it.  There are machines that have /dev/kvm and on which it
    does not: so it is tried, with a kernel that finds no root, says so and reboots.
    """
    if not os.access("/dev/kvm", os.R_OK | os.W_OK):
        return "tcg"
    try:
        done = subprocess.run(
            qemu("kvm", "", "-serial", "stdio"), stdin=subprocess.DEVNULL, capture_output=True, timeout=10, check=False
        )
    except subprocess.TimeoutExpired:
        return "tcg"
    return "kvm" if done.returncode == 0 and b"Unable to mount root fs" in done.stdout else "tcg"


class Guest(machine.Machine):
    """
    root     directory that it has as its root
    bind     DIRECTORY:PLACE: the directory appears there in it
    disk     what it writes survives a boot
    systemd  is process 1
    """

    def __init__(self, root="/", bind=None, disk=False, systemd=False):  # pylint: disable=super-init-not-called
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="guest-"))
        self.words = ["root=lab", "rootfstype=virtiofs", "ro", "quiet", f"init={TREE}/tests/vm/init", f"lab.root={root}"]
        self.arguments, self.processes, self.serial, self.rest = [], [], None, b""
        if bind:
            self.words.append(f"lab.bind={bind}")
        if disk:
            image = self.dir / "disk"
            subprocess.run(["mkfs.ext4", "-q", "-E", "lazy_itable_init=1,nodiscard", image, "8G"], check=True)
            drive = f"file={image},format=raw,if=none,id=disk,cache=unsafe"
            self.arguments += ["-drive", drive, "-device", "virtio-blk-pci,drive=disk"]
            self.words.append("lab.disk")
        if systemd:
            # no login on the terminal, nor over D-Bus, which is not there
            self.words += ["lab.systemd", "systemd.unit=multi-user.target", "systemd.getty_auto=no"]
            self.words.append("systemd.mask=systemd-logind.service")
        try:
            self.boot_id = self.boot()
        except BaseException:
            self.stop()
            raise

    def log(self):
        """The end of what QEMU, virtiofsd and the guest's kernel have written."""
        files = [path for path in (self.dir / "log", self.dir / "console") if path.exists()]
        return "\n".join(path.read_text(encoding="utf-8", errors="replace")[-4000:] for path in files)

    def spawn(self, *command, keep):
        with open(self.dir / "log", "ab") as log:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, pass_fds=[keep.fileno()]
            )
        keep.close()
        self.processes.append(process)

    def boot(self):
        """Which boot it is: the agent's first word."""
        files = socket.socket(socket.AF_UNIX)
        files.bind(str(self.dir / "files"))
        files.listen()
        self.spawn(
            VIRTIOFSD, f"--fd={files.fileno()}", "--shared-dir=/", "--sandbox=none", "--seccomp=none", "--cache=always",
            "--inode-file-handles=never", "--no-announce-submounts", "--log-level=error", keep=files,
        )  # fmt: skip
        self.serial, port = socket.socketpair()
        self.spawn(
            *qemu(accelerator(), " ".join(self.words)), "-serial", f"file:{self.dir}/console",
            "-chardev", f"socket,id=files,path={self.dir}/files", "-device", "vhost-user-fs-pci,chardev=files,tag=lab",
            "-chardev", f"socket,id=agent,fd={port.fileno()}",
            "-device", "virtio-serial-pci", "-device", "virtserialport,chardev=agent,name=lab", *self.arguments, keep=port,
        )  # fmt: skip
        self.rest = b""
        (boot_id,) = self.answer(BOOT_SECONDS)
        return boot_id

    def answer(self, seconds):
        end = time.monotonic() + seconds
        while b"\n" not in self.rest:
            self.serial.settimeout(max(end - time.monotonic(), 0.01))
            try:
                part = self.serial.recv(65536)
            except TimeoutError:
                part = b""
            if not part:
                raise AssertionError(f"the guest does not answer\n{self.log()}")
            self.rest += part
        line, _, self.rest = self.rest.partition(b"\n")
        return json.loads(line)

    def try_sh(self, command, environment=None, seconds=SECONDS):
        """(exit status, what it wrote)"""
        self.serial.sendall(json.dumps([command, environment or {}, seconds]).encode() + b"\n")
        begin = time.monotonic()
        status, out = self.answer(seconds)
        with open(self.dir / "log", "a", encoding="utf-8") as log:
            log.write(f"{time.monotonic() - begin:.1f} s, {status}: {command.strip()}\n")
        return status, out

    def end(self):
        if self.serial:
            self.serial.close()
        for process in reversed(self.processes):
            process.kill()
            process.wait()
        self.serial, self.processes = None, []
        (self.dir / "files").unlink(missing_ok=True)

    def reboot(self):
        """As a person does it; returns when the next boot's agent answers."""
        before = self.boot_id
        self.serial.sendall(json.dumps(["systemctl reboot", {}, SECONDS]).encode() + b"\n")
        self.processes[-1].wait(SECONDS)
        self.end()
        self.boot_id = self.boot()
        assert self.boot_id != before

    def stop(self):
        self.end()
        shutil.rmtree(self.dir)
