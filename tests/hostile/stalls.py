"""Clients that stop in the middle, 64 of each kind, while others work: nobody waits for them, nothing of them stays."""

import random
import threading
import time

import watch
import wire
from server import AUTHORIZED, PUBLISHER, Server
from wire import Connection, Ended, Hang, Malformed, until

PART = "stalls"
CLIENTS = 64
DATASET = "many-2222"
# Rows of about 500 bytes: an answer that no socket's buffers take.
ROWS = 10_000
# Seconds that a reader who is not stalled waits before it is called a hang; the server waits far longer for the stalled.
BOUND = 30
STALL = 120
# Seconds for threads and descriptors to come back to where they were.
CALM = 40


def fill(server, rows=ROWS):
    """A dataset whose download is large."""
    rng = random.Random(1)
    columns = [{"fieldName": "k", "dataTypeName": "text"}, {"fieldName": "n", "dataTypeName": "number"}, {"fieldName": "t", "dataTypeName": "text"}]
    server.define(DATASET, {"name": "Many", "metadata": {"rowIdentifier": "k"}, "columns": columns})
    for start in range(0, rows, 20_000):
        lines = ["k,n,t"] + [f"k{n},{rng.randrange(10 ** 6)},{rng.getrandbits(64):016x}{'x' * 450}" for n in range(start, min(rows, start + 20_000))]
        answer = server.ask("POST", f"/resource/{DATASET}.json", "\n".join(lines).encode(), (("Authorization", PUBLISHER), ("Content-Type", "text/csv")), patience=300)
        if answer.status != 200:
            raise RuntimeError(f"filling: {answer.status} {answer.body[:200]!r}")


def silent(server, way):
    return Connection(server, way)


def half_head(server, way):
    connection = Connection(server, way)
    connection.send(b"GET /resource/many-2222.json HTTP/1.1\r\nHost: local")
    return connection


def half_body(server, way):
    connection = Connection(server, way)
    connection.send(f"POST /resource/{DATASET}.json HTTP/1.1\r\nHost: localhost\r\nAuthorization: {PUBLISHER}\r\n"
                    f"Content-Type: application/json\r\nContent-Length: 100000\r\n\r\n[{{\"k\":\"half\",".encode())
    return connection


def half_definition(server, way):
    connection = Connection(server, way)
    connection.send(b"PUT /__mock/v1/datasets/half-2222 HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                    b"Transfer-Encoding: chunked\r\n\r\n10\r\n{\"name\": \"half\",")
    return connection


def unread(target):
    def open_one(server, way):
        connection = Connection(server, way, receive_buffer=4096)
        connection.send(f"GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        return connection
    return open_one


KINDS = [
    ("connections without a byte", silent, (wire.PLAIN, wire.TLS)),
    ("tunnels without a byte", silent, (wire.TUNNEL,)),
    ("half heads", half_head, wire.WAYS),
    ("half bodies", half_body, wire.WAYS),
    ("half definitions", half_definition, (wire.PLAIN, wire.TLS)),
    ("downloads never read", unread(f"/resource/{DATASET}.json?$limit=100000"), (wire.PLAIN, wire.TLS)),
    ("sorted downloads never read", unread(f"/resource/{DATASET}.csv?$limit=100000&$order=t"), (wire.PLAIN,)),
    ("stored rows never read", unread(f"/__mock/v1/datasets/{DATASET}/rows?format=ndjson"), (wire.PLAIN,)),
    ("exports never read", unread(f"/api/views/{DATASET}/rows.csv"), (wire.PLAIN,)),
    ("events never read", unread("/__mock/v1/events"), (wire.PLAIN,)),
]
QUERIES = [
    ("GET", f"/resource/{DATASET}.json?$limit=5", None), ("GET", f"/resource/{DATASET}.json?$select=count(*)", None),
    ("GET", f"/resource/{DATASET}.json?$order=n&$limit=3", None), ("GET", "/api/views.json", None),
    ("GET", f"/__mock/v1/datasets/{DATASET}/rows?limit=3", None), ("GET", "/__mock/v1/datasets", None), ("GET", "/__mock/v1/ready", None),
    ("POST", f"/resource/{DATASET}.json", b'[{"k":"small","n":1}]'), ("GET", f"/resource/{DATASET}/small.json", None),
    ("POST", "/__mock/v1/sql", b'{"sql":"select 1"}'),
]


class Stalls:
    """One kind of stalled client after the other."""

    def __init__(self, server, report):
        self.server, self.report = server, report

    def run(self, seconds):
        end = time.monotonic() + seconds
        before = self.level()
        for title, open_one, ways in KINDS:
            if not self.server.lives():
                break
            self.kind(title, open_one, ways)
            if time.monotonic() > end and title != KINDS[-1][0]:
                self.report.note(f"stalls: the time was over after {title}")
                break
        if not self.server.lives():
            self.report.find(PART, "died", f"ended with {self.server.ended()}", self.server.log_end())
        else:
            self.calm(before)

    def level(self):
        """Threads and descriptors of a process that has done everything once and now rests."""
        for method, target, body in QUERIES * 2:
            self.server.ask(method, target, body)
        return watch.threads(self.server.pid), watch.descriptors(self.server.pid)

    def kind(self, title, open_one, ways):
        stalled = []
        try:
            for number in range(CLIENTS):
                stalled.append(open_one(self.server, ways[number % len(ways)]))
        except (Ended, Hang, Malformed) as error:
            self.report.find(PART, "refused", title, f"client {len(stalled)} of {CLIENTS}: {error}")
        slowest = self.others(title)
        for connection in stalled:
            connection.close()
        self.report.note(f"{title}: {len(stalled)} clients, the slowest of the others {slowest * 1000:.0f} ms")

    def others(self, title):
        """Seconds of the slowest request of somebody who is not stalled."""
        slowest = 0.0
        for method, target, body in QUERIES:
            began = time.monotonic()
            self.report.add("requests")
            try:
                answer = self.server.ask(method, target, body, AUTHORIZED, patience=BOUND)
                if answer.status not in (200, 201):
                    kind = "500" if answer.status >= 500 else "status"
                    self.report.find(PART, kind, f"{title}: {method} {target}", f"{answer.status} {answer.body[:200]!r}")
            except Hang:
                self.report.find(PART, "hang", f"beside {CLIENTS} {title}", f"{method} {target} was not answered within {BOUND} s")
                return time.monotonic() - began
            except (Ended, Malformed) as error:
                self.report.find(PART, "torn", f"beside {CLIENTS} {title}: {method} {target}", str(error))
            slowest = max(slowest, time.monotonic() - began)
        return slowest

    def calm(self, before):
        """Threads and descriptors come back to their level once the clients are gone."""
        pid = self.server.pid
        # One more of each may serve whoever looks.
        back = until(lambda: watch.threads(pid) <= before[0] + 2 and watch.descriptors(pid) <= before[1] + 4, CALM, 0.5)
        now = watch.threads(pid), watch.descriptors(pid)
        self.report.note(f"threads {before[0]} before, {now[0]} after; descriptors {before[1]}, {now[1]}")
        if not back:
            self.report.find(PART, "leak", "threads or descriptors after stalled clients", f"{now} after {CALM} s, {before} before")
        most = 4 * CLIENTS
        if len(watch.open_files(pid)) > most:
            self.report.find(PART, "leak", "descriptors of the database", f"{len(watch.open_files(pid))}, never more than {CLIENTS} clients at once")


def ended_by_the_server(server, report):
    """Whoever stalls is let go after --stall-timeout, with an answer where one can be given."""
    stalled = [(title, open_one(server, way), way) for title, open_one, ways in KINDS if "half bodies" in title or "tunnels" in title
               or "definitions" in title for way in ways]
    threads = []
    for title, connection, way in stalled:
        def wait(title=title, connection=connection, way=way):
            try:
                connection.rest()
            except (Hang, Ended) as error:
                if isinstance(error, Hang):
                    report.find(PART, "hang", f"{title} over {way}", "not ended after --stall-timeout 2s and 30 s more")
            connection.close()
        threads.append(threading.Thread(target=wait))
        threads[-1].start()
    for thread in threads:
        thread.join()


def run(binary, folder, report, seed, seconds):
    """Stalled clients of a server that waits long for them, then of one that does not."""
    with Server(binary, folder, "--stall-timeout", f"{STALL}s") as server:
        fill(server)
        with watch.Watch(server, report) as seen:
            Stalls(server, report).run(seconds)
        report.note(f"stalls: {seen.peak:.0f} MiB at most")
    with Server(binary, folder, "--stall-timeout", "2s") as server:
        fill(server, 10)
        ended_by_the_server(server, report)
