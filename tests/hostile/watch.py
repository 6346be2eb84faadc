"""What the process takes: memory as its share (PSS), threads, file descriptors, sampled while a part runs."""

import os
import threading
from pathlib import Path

# Seconds between two looks.
STEP = 0.1
# MiB at which the process is ended: the machine belongs to others too.
DEADLY = 4000


def memory_mib(pid):
    """The proportional share in MiB, the resident set where the system does not tell it; None when it is gone."""
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    except (OSError, ValueError):
        pass
    try:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
    except (OSError, ValueError):
        pass
    return None


def threads(pid):
    try:
        return len(os.listdir(f"/proc/{pid}/task"))
    except OSError:
        return 0


def open_files(pid):
    """What its descriptors lead to."""
    names = []
    for number in descriptor_numbers(pid):
        try:
            names.append(os.readlink(f"/proc/{pid}/fd/{number}"))
        except OSError:
            pass
    return names


def descriptor_numbers(pid):
    try:
        return os.listdir(f"/proc/{pid}/fd")
    except OSError:
        return []


def descriptors(pid):
    """Descriptors, those of one database file as one.

    While any connection of a process holds a lock, SQLite keeps the descriptors of closed connections to the
    same file for the next ones (POSIX locks end with any of them): they follow the most connections there were.
    """
    names = open_files(pid)
    databases = [name for name in names if name.endswith((".db", ".db-wal"))]
    return len(names) - len(databases) + len(set(databases))


class Watch:
    """Samples one process on a thread of its own; `with Watch(...) as watch:`."""

    def __init__(self, server, report):
        self.server, self.report = server, report
        self.peak = 0.0
        self.stopped = threading.Event()
        self.thread = threading.Thread(target=self.sample, daemon=True)

    def sample(self):
        while not self.stopped.wait(STEP):
            self.look()

    def look(self):
        mib = memory_mib(self.server.pid) if self.server.lives() else None
        if mib is None:
            return
        self.peak = max(self.peak, mib)
        self.report.peak(mib)
        if mib > DEADLY:
            self.server.kill()

    def __enter__(self):
        self.look()
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stopped.set()
        self.thread.join()
