"""Kills in the middle of writes to a data file: what was acknowledged is there, the rest wholly or not at all."""

import random
import shutil
import sqlite3
import threading
import time

import stops
import wire
from model import Dataset, State
from server import NoStart, Server
from wire import Connection, Ended, Hang, Malformed

PART = "kills"
WRITERS = 3
# Seconds that writers work before a kill, at most.
LONGEST = 1.2
# Seconds that an orderly end may take: the grace of requests in flight and something for a busy machine.
END = 20


class Kills:
    """One data file, one process after the other."""

    def __init__(self, server, data, report, seed):
        self.server, self.data, self.report = server, data, report
        self.rng = random.Random(f"{seed}:{PART}")
        self.datasets = [Dataset(n) for n in range(WRITERS)]
        self.seed = seed
        self.round = 0
        self.resting = threading.Event()

    def run(self, seconds):
        end = time.monotonic() + seconds
        self.server.start()
        while True:
            self.round += 1
            if self.round % 3 == 0:
                self.whole_state()
            else:
                self.writers_until(lambda: self.end(orderly=self.round % 4 == 0))
            self.check_file()
            if not self.restart():
                return
            self.settle()
            if time.monotonic() > end:
                break
        stops.run(self.server, self.report)

    def writers_until(self, stop):
        """Writers work for a while, then the process ends under them."""
        threads = [threading.Thread(target=self.write, args=(d,)) for d in self.datasets]
        for thread in threads:
            thread.start()
        time.sleep(self.rng.uniform(0.01, LONGEST))
        stop()
        for thread in threads:
            thread.join()

    def whole_state(self):
        """A kill while everything is reset or restored: all datasets are as before, or all as asked."""
        kept = [d.state for d in self.datasets]
        self.server.ask("PUT", "/__mock/v1/snapshots/kept")
        self.writers_until(self.resting.set)
        self.resting.clear()
        restores = self.rng.random() < 0.5
        target, body = ("/__mock/v1/snapshots/kept/restore", None) if restores else ("/__mock/v1/reset", {"to": "empty"})
        thread = threading.Thread(target=self.ask_quietly, args=(target, body))
        thread.start()
        time.sleep(self.rng.uniform(0, 0.05))
        self.end(orderly=False)
        thread.join()
        for dataset, state in zip(self.datasets, kept):
            dataset.whole = state if restores else State("", None)

    def ask_quietly(self, target, body):
        try:
            answer = self.server.ask("POST", target, body)
        except (Ended, Malformed):
            return
        except Hang as hang:
            self.report.find(PART, "hang", target, str(hang))
            return
        self.report.add("requests")
        if answer.status != 200:
            self.report.find(PART, "status", f"{target}: {answer.status}", f"{answer.body[:300]!r}", server=self.server.log_end())
            return
        for dataset in self.datasets:
            dataset.acknowledged_whole = True

    def end(self, orderly):
        if not orderly:
            self.server.kill()
            self.report.add("kills")
            return
        self.server.terminate()
        status = self.server.ended(END)
        self.report.add("orderly ends")
        if status != 0:
            self.report.find(PART, "hang" if status is None else "status", "SIGTERM under writes",
                             f"ended with {status} within {END} s", server=self.server.log_end())
            self.server.kill()

    def write(self, dataset):
        """One writer: a write after the other until the process is gone."""
        rng = random.Random(f"{self.seed}:{PART}:{self.round}:{dataset.id}")
        try:
            with Connection(self.server, rng.choice((wire.PLAIN, wire.PLAIN, wire.TLS)), patience=30) as connection:
                while not self.resting.is_set():
                    write = dataset.next_write(rng)
                    answer = dataset.send(connection, write)
                    if answer is None:
                        return
                    self.report.add("requests")
                    if answer.status in (200, 201):
                        self.report.add("acknowledged rows", write.count)
                    elif answer.status != 503:
                        self.report.find(PART, "500" if answer.status >= 500 else "refused", f"{write.method} {write.target}: {answer.status}",
                                         f"{answer.body[:300]!r}", [write.wire()])
                    if answer.closes:
                        return
        except Ended:
            return
        except (Hang, Malformed) as error:
            self.report.find(PART, "hang" if isinstance(error, Hang) else "malformed", "a write", str(error), server=self.server.log_end())

    def check_file(self):
        """A copy of the file as the kill left it passes SQLite's own check."""
        copy = self.data.with_name("copy.db")
        for ending in ("", "-wal"):
            source = self.data.with_name(self.data.name + ending)
            if source.exists():
                shutil.copy(source, copy.with_name(copy.name + ending))
        try:
            with sqlite3.connect(copy) as database:
                told = [row[0] for row in database.execute("PRAGMA integrity_check(5)")]
            database.close()
        except sqlite3.DatabaseError as error:
            told = [repr(error)]
        if told != ["ok"]:
            self.report.find(PART, "corrupt", "the data file after a kill", f"{told}")
        for file in copy.parent.glob("copy.db*"):
            file.unlink()

    def restart(self):
        """Starts again, sometimes killed once more while it does."""
        try:
            if self.rng.random() < 0.3:
                self.server.start_and_kill(self.rng.uniform(0, 0.08))
                self.report.add("kills")
            self.server.start()
        except NoStart as error:
            kept = self.report.output / f"data-of-seed-{self.seed}.db"
            shutil.copy(self.data, kept)
            self.report.find(PART, "no start", "the data file cannot be opened again", f"{error}; the file: {kept.name}")
            return False
        return True

    def settle(self):
        """Compares every model with what is stored now."""
        choices = set()
        for dataset in self.datasets:
            try:
                wrong = dataset.settle(self.server)
            except (ValueError, KeyError, Ended, Hang, Malformed) as error:
                self.report.find(PART, "unreadable", "a dataset after a restart", f"{error!r}", server=self.server.log_end())
                dataset.state.rows = None
                continue
            if dataset.took is not None:
                choices.add(dataset.took)
            if wrong:
                self.report.add("lost rows", wrong[0])
                self.report.find(PART, "lost", "rows after a restart" if wrong[0] else "versions after a restart", wrong[1])
        if len(choices) > 1:
            self.report.find(PART, "lost", "a reset or restore is there in part", "some datasets are as before, others as asked")


def run(binary, folder, report, seed, seconds):
    """Kills of a server with a data file."""
    data = folder / "data.db"
    server = Server(binary, folder, "--data", str(data))
    try:
        Kills(server, data, report, seed).run(seconds)
    finally:
        server.stop()
