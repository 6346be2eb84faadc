"""Grammar fuzz: drawn requests on living connections, each followed by a marker that must be answered by itself."""

import hashlib
import json
import random
import threading
import time
from dataclasses import replace

import bodies
import wire
from grammar import CANARY, FUZZED, SPACE, Grammar, Request, smaller
from oracle import Oracle
from server import JSON, Server
from wire import Connection, Ended, Hang, Malformed

PART = "fuzz"
THREADS = 4
# Requests of one connection.
RUN = 12
# Requests between two looks at the canary.
LOOK = 400
# Tries of the search for a smaller reproduction, and their patience.
TRIES = 60
ID = "X-Socrata-RequestId"


def prepare(server):
    """A dataset to break, one joined to it, and the canary."""
    for dataset in (*FUZZED, CANARY):
        server.define(dataset, sample(dataset))


def sample(dataset):
    """The definition of a dataset with a column of each type and a few rows."""
    rows = [{"k": key, "n": number, "t": "2024-02-29T12:00:00", "b": True, "p": {"type": "Point", "coordinates": [1, 2]}}
            for key, number in (("a", 1), ("b", "2.5"), ("c", 300))]
    columns = [{"fieldName": n, "dataTypeName": t} for n, t in bodies.COLUMNS]
    return {"name": dataset, "metadata": {"rowIdentifier": "k"}, "columns": columns, "rows": rows}


def fingerprint(server):
    """What the canary holds, as its reader sees it."""
    answer = server.ask("GET", f"/__mock/v1/datasets/{CANARY}/rows?format=ndjson", None, (JSON,))
    return answer.status, hashlib.sha256(answer.body).hexdigest()


class Fuzz:
    """One run against one server."""

    def __init__(self, server, report, seed, admin, ways):
        self.server, self.report, self.seed, self.admin, self.ways = server, report, seed, admin, ways
        self.grammar = Grammar.of(server)
        self.oracle = Oracle(self.grammar.openapi)
        self.numbers = iter(range(10 ** 12))
        self.lock = threading.Lock()
        self.part = "admin fuzz" if admin else "fuzz"
        # Whether a request has removed what the others are to break.
        self.bare = admin

    def run(self, seconds):
        """Fuzzes until the time is over or the process is dead."""
        end = time.monotonic() + seconds
        before = fingerprint(self.server)
        while time.monotonic() < end and self.server.lives():
            stop = min(end, time.monotonic() + 15)
            threads = [threading.Thread(target=self.work, args=(stop,)) for _ in range(THREADS)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            if self.server.lives() and not self.admin and fingerprint(self.server) != before:
                self.report.find(self.part, "canary", "the dataset that nobody may write has changed",
                                 f"before request number {self.numbers}")
                before = fingerprint(self.server)
        self.last_words()

    def last_words(self):
        if not self.server.lives():
            self.report.find(self.part, "died", f"the process ended with {self.server.ended()}", self.server.log_end())
        for line in self.server.panics()[:5]:
            self.report.find(self.part, "panic", line[-160:], self.server.log_end())

    def work(self, end):
        while time.monotonic() < end and self.server.lives():
            with self.lock:
                number = next(self.numbers)
            try:
                self.furnish()
                self.conversation(number)
            except Exception as error:  # noqa: BLE001 - a defect of the campaign must be seen
                self.report.find("campaign", "error", repr(error)[:200])
                raise

    def furnish(self):
        """Makes again what the fuzz has removed: its space and its datasets."""
        self.bare = False
        headers = (JSON, ("X-Mock-Space", SPACE)) if self.admin else (JSON,)
        if self.admin:
            self.server.ask("DELETE", "/__mock/v1/faults", None, headers)
            self.server.ask("POST", "/__mock/v1/spaces", {"name": SPACE}, (JSON,))
        for dataset in FUZZED:
            # Refused where a limit or a fault that the fuzz has set stands in the way.
            self.server.ask("PUT", f"/__mock/v1/datasets/{dataset}", sample(dataset), headers)
        self.report.add("furnished")

    def conversation(self, number):
        """Requests and markers on one connection, one after the other or in one write."""
        rng = random.Random(f"{self.seed}:{self.part}:{number}")
        way = rng.choice(self.ways) if rng.random() < 0.5 else wire.PLAIN
        requests = [self.grammar.request(f"{self.seed}:{self.part}:{number}:{n}", self.admin) for n in range(RUN)]
        pipelined = rng.random() < 0.3
        at = 0
        while at < len(requests) and self.server.lives():
            try:
                with Connection(self.server, way) as connection:
                    batch = requests[at:at + rng.choice((2, 4))] if pipelined else requests[at:]
                    at += self.talk(connection, batch, f"{number}-{at}", rng, pipelined)
            except Ended as ended:
                self.ended(ended, requests[at], way, "no connection")
                return

    def talk(self, connection, requests, name, rng, pipelined):
        """Sends each request and its marker; how many were answered before the connection had its end."""
        pairs = [(self.named(r, f"f{name}-{n}"), marker(f"m{name}-{n}")) for n, r in enumerate(requests)]
        if pipelined:
            self.report.add("pipelines")
            try:
                connection.send(b"".join(r.wire() + m.wire() for r, m in pairs))
            except Ended:
                # Told by the answers.
                pass
            except Hang as hang:
                self.hung(hang, pairs[0][0], connection.way)
                return len(requests)
        for done, (request, mark) in enumerate(pairs):
            if not pipelined and not self.write(connection, request, rng):
                return done + 1
            if not self.heard(connection, request, request, pairs, pipelined):
                return done + 1
            if not pipelined:
                try:
                    connection.send(mark.wire())
                except Ended as ended:
                    self.ended(ended, request, connection.way, "a marker could not be written")
                    return done + 1
            if not self.heard(connection, mark, request, pairs, pipelined):
                return done + 1
        return len(requests)

    def write(self, connection, request, rng):
        """Sends one request, sometimes in pieces, sometimes after being told to go on."""
        data = request.wire()
        try:
            if rng.random() < 0.08 and len(data) > 4:
                cuts = sorted({0, len(data), *(rng.randrange(len(data)) for _ in range(rng.choice((1, 3, 10))))})
                for start, stop in zip(cuts, cuts[1:]):
                    connection.send(data[start:stop])
            else:
                connection.send(data)
        except Ended:
            # The server had enough; whether it said why is told by the answer.
            return True
        except Hang as hang:
            self.hung(hang, request, connection.way)
            return False
        return True

    def heard(self, connection, sent, request, pairs, pipelined):
        """Reads and judges the answer to `sent`; false when the connection has come to its end."""
        self.report.add("requests")
        try:
            answer = connection.answer(sent.method)
        except Hang as hang:
            self.hung(hang, request, connection.way)
            return False
        except Malformed as malformed:
            self.tell("malformed", str(malformed)[:120], str(malformed), request, connection.way, pairs if pipelined else None)
            return False
        except Ended as ended:
            self.ended(ended, request, connection.way, "instead of an answer", pairs if pipelined else None)
            return False
        wanted = dict((n, v) for n, v in sent.headers)[ID]
        got = answer.header(ID)
        if got != wanted and not (sent.broken or answer.closes and answer.status in (400, 431)):
            self.tell("smuggled", f"an answer to another request than was sent, status {answer.status}",
                      f"sent {wanted}, answered {got}: {answer.body[:200]!r}", request, connection.way, pairs if pipelined else None)
            return False
        if sent is request:
            self.report.add(f"{self.part}: {answer.status}")
            self.bare = self.bare or answer.status == 404 and any(d in request.target for d in FUZZED) and b"identifier" not in answer.body
        for kind, text in self.oracle.faults(sent.method, path_of(sent), answer, sent.broken):
            if kind == "500":
                self.report.add("500s")
            self.judge(kind, text, answer, request, connection.way)
        return not answer.closes

    @staticmethod
    def named(request, name):
        return replace(request, headers=[*request.headers, (ID, name)])

    def judge(self, kind, text, answer, request, way):
        hint = answer.header("x-mock-hint") or ""
        title = f"{request.method if len(request.method) < 9 else 'X'} {request.label}: {short(text)}"
        if not self.report.knows(self.part, kind, title):
            request = self.minimal(request, kind, way)
        log = self.server.log_end(800) if kind == "500" else ""
        self.report.find(self.part, kind, title, f"{text} {hint}\n{answer.body[:400]!r}\n{log}", [request.wire()], way)

    def minimal(self, request, kind, way):
        """The smallest request that is still answered wrongly in this way."""
        tries = TRIES
        shrunk = True
        while shrunk and tries > 0:
            shrunk = False
            for candidate in smaller(request):
                tries -= 1
                if tries <= 0 or not self.server.lives():
                    break
                if self.is_wrong(candidate, kind, way):
                    request, shrunk = candidate, True
                    break
        return request

    def is_wrong(self, request, kind, way):
        try:
            with Connection(self.server, way, patience=5) as connection:
                connection.send(request.wire())
                answer = connection.answer(request.method)
        except (Ended, Hang, Malformed):
            return False
        return any(k == kind for k, _ in self.oracle.faults(request.method, path_of(request), answer, request.broken))

    def tell(self, kind, title, detail, request, way, pairs=None):
        writes = [b"".join(r.wire() + m.wire() for r, m in pairs)] if pairs else [request.wire(), marker("marker").wire()]
        self.report.find(self.part, kind, f"{request.label}: {title}", detail, writes, way)

    def ended(self, ended, request, way, where, pairs=None):
        if not self.server.lives():
            self.tell("died", "the process died", f"{ended}\n{self.server.log_end()}", request, way, pairs)
        else:
            title = f"the connection ended {where} ({'reset' if ended.reset else 'closed'}), and nothing had said that it would"
            writes = [b"".join(r.wire() + m.wire() for r, m in pairs)] if pairs else [request.wire(), marker("marker").wire()]
            self.report.find(self.part, "torn", title, f"{request.label}: {ended} {ended.received[:100]!r}", writes, way)

    def hung(self, hang, request, way):
        self.report.find(self.part, "hang", f"{request.method} {request.label}", str(hang), [request.wire()], way)


def short(text):
    """The part of a sentence that is the same for all of its kind."""
    return text.split(": ")[0][:100]


def path_of(request):
    """Without the query, and without the authority of the absolute form."""
    path = request.path.removeprefix("http://localhost")
    return path or "/"


def marker(name):
    """A request that is answered in one way only."""
    return Request("GET", "/__mock/v1/live", [("Host", "localhost"), (ID, name)], label="marker")


def run(binary, folder, report, seed, seconds):
    """Half of the time the wire, half the admin API, a server each."""
    for admin in (False, True):
        options = ("--query-timeout", "5s", "--stall-timeout", "10s")
        with Server(binary, folder / ("admin" if admin else "wire"), *options) as server:
            prepare(server)
            # Calls of the admin API name domains, and tunnels to others are refused from then on.
            ways = (wire.PLAIN, wire.TLS) if admin else wire.WAYS
            Fuzz(server, report, seed, admin, ways).run(seconds / 2)
