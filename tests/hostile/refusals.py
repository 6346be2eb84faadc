"""Refusals of requests whose bodies nobody has read: each must reach a client that writes first and reads then."""

import random
import time

import wire
from server import PUBLISHER, Server
from wire import Connection, Ended, Hang, Malformed

PART = "refusals"
# Bytes of a body at most; bodies beyond it are refused.
LIMIT = 8 << 20
# 500 rows of 125 bytes, a Java client's buffer, more than a socket's buffers, more than the limit.
SIZES = (0, 1_000, 20_000, 62_500, 500_000, 3_000_000)
WRONG = "Basic cHVibGlzaGVyQGV4YW1wbGUuY29tOndyb25n"
ROWS = "/resource/4tka-6guv.json"
CSV = ("Content-Type", "text/csv")
JSON = ("Content-Type", "application/json")

# What is refused: a name, the method, the target, headers, the statuses that are right.
REFUSED = [
    ("a wrong password", "POST", ROWS, [("Authorization", WRONG), JSON], {403}),
    ("no login", "PUT", ROWS, [JSON], {403}),
    ("an unknown app token", "POST", ROWS, [("Authorization", PUBLISHER), ("X-App-Token", "nope"), JSON], {403}),
    ("a dataset that is not there", "POST", "/resource/zzzz-zzzz.json", [("Authorization", PUBLISHER), JSON], {404}),
    ("a path that is not there", "POST", "/nowhere", [JSON], {404}),
    ("a wrong method", "PATCH", ROWS, [("Authorization", PUBLISHER), JSON], {405}),
    ("a wrong media type", "POST", ROWS, [("Authorization", PUBLISHER), ("Content-Type", "image/png")], {415}),
    ("an encoding that is not read", "POST", ROWS, [("Authorization", PUBLISHER), CSV, ("Content-Encoding", "br")], {400, 415}),
    ("what is not emulated", "POST", "/api/imports2.json", [("Authorization", PUBLISHER), JSON], {501, 200, 400}),
    ("a wrong option", "POST", ROWS + "?errorsAreFatal=perhaps", [("Authorization", PUBLISHER), JSON], {400}),
    ("an empty pool", "POST", ROWS, [("X-Mock-Space", "empty-pool"), JSON], {429}),
    ("an unknown space", "POST", ROWS, [("X-Mock-Space", "nope"), JSON], {404}),
    ("a wrong row of many", "POST", ROWS, [("Authorization", PUBLISHER), JSON], {400}),
    ("an admin call from elsewhere", "POST", "/__mock/v1/reset", [("Origin", "https://evil.example"), JSON], {403}),
    ("an admin call that is not there", "POST", "/__mock/v1/nope", [JSON], {404}),
    ("a dataset's definition that is none", "PUT", "/__mock/v1/datasets/refu-2222", [JSON], {400}),
]
TOO_LARGE = ("a body over the limit", "POST", ROWS, [("Authorization", PUBLISHER), JSON], {413})


def body_of(size, title):
    """Bytes that are JSON as far as they go."""
    if title.startswith("a wrong row"):
        return b'[{"nope":1},' + b" " * max(0, size - 13) + b"{}]"
    if title.startswith("a body over"):
        return b"[" + b" " * (size - 1)
    return (b'{"k":"' + b"x" * size)[:size]


class Refusals:
    """Sends each on each way, in each size."""

    def __init__(self, server, report, seed):
        self.server, self.report = server, report
        self.rng = random.Random(f"{seed}:{PART}")

    def run(self, seconds):
        end = time.monotonic() + seconds
        cases = [(case, size, way, chunked) for case in REFUSED for size in SIZES for way in wire.WAYS for chunked in (False, True)]
        cases += [(TOO_LARGE, size, way, chunked) for size in (LIMIT + 1, 3 * LIMIT) for way in wire.WAYS for chunked in (False, True)]
        while True:
            self.rng.shuffle(cases)
            for case, size, way, chunked in cases:
                if time.monotonic() > end or not self.server.lives():
                    return self.alive()
                self.attempt(*case, size, way, chunked)

    def alive(self):
        if not self.server.lives():
            self.report.find(PART, "died", f"the process ended with {self.server.ended()}", self.server.log_end())

    def attempt(self, title, method, target, headers, statuses, size, way, chunked):
        body = body_of(size, title)
        lines = [f"{method} {target} HTTP/1.1", "Host: localhost"] + [f"{n}: {v}" for n, v in headers]
        lines.append("Transfer-Encoding: chunked" if chunked else f"Content-Length: {len(body)}")
        payload = (b"%x\r\n" % len(body) + body + b"\r\n" if body else b"") + b"0\r\n\r\n" if chunked else body
        # Clients write the head and then the body in pieces; what they do not read is not there for them.
        writes = ["\r\n".join(lines).encode() + b"\r\n\r\n"] + [payload[at:at + 16384] for at in range(0, len(payload), 16384)]
        self.report.add("requests")
        what = f"{title}: {size} bytes over {way}{' in chunks' if chunked else ''}"
        self.outcome(what, title, statuses, writes, way)

    def outcome(self, what, title, statuses, writes, way):
        def find(kind, detail):
            self.report.find(PART, kind, f"{title} over {way}", f"{what}: {detail}", [b"".join(writes)], way)
        try:
            with Connection(self.server, way, patience=25) as connection:
                for data in writes:
                    connection.send(data)
                answer = connection.answer("POST")
                if answer.status not in statuses:
                    find("status", f"{answer.status}, expected {sorted(statuses)}: {answer.body[:200]!r}")
                if not answer.closes:
                    connection.send(b"GET /__mock/v1/live HTTP/1.1\r\nHost: localhost\r\n\r\n")
                    if connection.answer().status != 200:
                        find("smuggled", "the next request was not answered by its own")
        except Ended as ended:
            find("torn", str(ended))
        except Hang as hang:
            find("hang", str(hang))
        except Malformed as malformed:
            find("malformed", str(malformed))


def run(binary, folder, report, seed, seconds):
    """Refusals on a server with a small limit for bodies and a space whose pool is empty."""
    with Server(binary, folder, "--max-body", str(LIMIT)) as server:
        server.ask("POST", "/__mock/v1/spaces", {"name": "empty-pool"}, (JSON,))
        server.ask("PUT", "/__mock/v1/throttle", {"anonymous": "1/1h"}, (JSON, ("X-Mock-Space", "empty-pool")))
        server.ask("GET", ROWS, None, (("X-Mock-Space", "empty-pool"),))
        Refusals(server, report, seed).run(seconds)
