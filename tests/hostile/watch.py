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


def descriptors(pid):
    try:
        return len(os.listdir(f"/proc/{pid}/fd"))
    except OSError:
        return 0


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
