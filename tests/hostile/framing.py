"""Where one request ends and the next begins: bodies that look like requests, odd heads, tunnels in tunnels.

The oracle is the same throughout: each answer carries the id of the request that it answers, there are as
many answers as requests, and a marker behind each case is answered by itself.
"""

import random
import time

import fuzz
import wire
from grammar import CANARY
from server import PUBLISHER, Server
from wire import Connection, Ended, Hang, Malformed

PART = "framing"
# The most headers that a request may have.
HEADERS = 100
# Tunnels inside tunnels that are tried; each costs a server that allows them some stack.
NESTED = 15_000
LOGIN = f"Authorization: {PUBLISHER}\r\n".encode()
SMUGGLED = (b"DELETE /resource/%s.json HTTP/1.1\r\nHost: localhost\r\n" % CANARY.encode() + LOGIN
            + b"X-Socrata-RequestId: smuggled\r\nContent-Length: 0\r\n\r\n")
MARKER = b"GET /__mock/v1/live HTTP/1.1\r\nHost: localhost\r\nX-Socrata-RequestId: marker\r\n\r\n"


class Case:
    """Writes of one connection, with the ids that must be answered, each once and in this order."""

    def __init__(self, title, writes, ids, statuses=None, may_close=False, waits=False, broken=False):
        self.title, self.writes, self.ids = title, writes, ids
        # Statuses that the first answer may have; None for any but a server error.
        self.statuses = statuses
        # Whether it is no HTTP: then a refusal needs no words, and the end of the connection no warning.
        self.broken = broken
        # Whether a refusal of the first request may end the connection.
        self.may_close = may_close
        # Whether each write but the first waits for something to be read.
        self.waits = waits


def post(extra, body, path=b"/resource/fuzz-2222.json"):
    """An upload with a login, its id `first`."""
    return (b"POST " + path + b" HTTP/1.1\r\nHost: localhost\r\nX-Socrata-RequestId: first\r\n" + LOGIN + extra
            + b"\r\n", body)


def like_a_request(rng):
    """A body that begins and ends as a request does; whoever changes its length runs its tail."""
    start = rng.choice((b"GET /", b"POST /", b"PUT /", b"DELETE /", b"GET http://x/", b"HEAD /"))
    swelling = rng.choice((b'"', b"<", b">", b"%", b" ", b"\xc3\xa9", b"\r\n")) * rng.choice((10, 150, 400))
    return start + swelling + rng.choice((b"", b" HTTP/1.1\r\nHost: x\r\n\r\n")) + b"\r\n" * rng.randrange(300) + SMUGGLED


def bodies_like_requests(rng):
    """Uploads and other calls whose bodies are requests, sent in every way that a body can be sent."""
    body = like_a_request(rng)
    kind = rng.choice((b"Content-Type: text/csv\r\n", b"Content-Type: application/json\r\n", b"Content-Type: image/png\r\n", b""))
    length = b"Content-Length: %d\r\n" % len(body)
    path = rng.choice((b"/resource/fuzz-2222.json", b"/resource/zzzz-zzzz.json", b"/api/views.json", b"/__mock/v1/expect", b"/nowhere"))
    head, _ = post(kind + length + b"Expect: 100-continue\r\n", body, path)
    yield Case("a body like a request after 100 Continue", [head, body, MARKER], ["first", "marker"], may_close=True, waits=True)
    head, _ = post(kind + length, body, path)
    cut = rng.randrange(1, len(body))
    yield Case("a body like a request behind its head", [head, body, MARKER], ["first", "marker"], may_close=True)
    yield Case("a body like a request in two", [head + body[:cut], body[cut:], MARKER], ["first", "marker"], may_close=True)
    yield Case("a body like a request in one write", [head + body + MARKER], ["first", "marker"], may_close=True)
    chunked = b"%x\r\n" % len(body) + body + b"\r\n0\r\n\r\n"
    head, _ = post(kind + b"Transfer-Encoding: chunked\r\n", chunked, path)
    yield Case("a chunk like a request", [head, chunked, MARKER], ["first", "marker"], may_close=True)
    trailer = b"0\r\n" + b"X-Trailer: \"<>\r\n" + b"\r\n"
    yield Case("a trailer with odd characters", [head, b"2\r\n[]\r\n" + trailer, MARKER], ["first", "marker"], may_close=True)


def raw_targets(rng):
    """Three characters that curl does not encode: one answer, whichever way the bytes come."""
    where = rng.choice((b"magnitude<3", b"magnitude>3", b'region="x"', b"n<>3"))
    line = b"GET /resource/4tka-6guv.json?$where=" + where + b" HTTP/1.1\r\n"
    one = line + b"Host: localhost\r\nX-Socrata-RequestId: first\r\n\r\n"
    yield Case("a raw target alone", [one, MARKER], ["first", "marker"], may_close=True)
    yield Case("a raw target behind another request", [MARKER + one + MARKER], ["marker", "first", "marker"], may_close=True)
    at = rng.randrange(1, len(line))
    yield Case("a raw target in two", [one[:at], one[at:], MARKER], ["first", "marker"], may_close=True)


def odd_heads(rng):
    """Heads that must be refused, or read in the one way that RFC 9112 has."""
    def get(extra):
        return b"GET /__mock/v1/live HTTP/1.1\r\nX-Socrata-RequestId: first\r\n" + extra + b"\r\n"
    yield Case("two Host headers", [get(b"Host: localhost\r\nHost: evil.example\r\n") + MARKER], ["first", "marker"], {400}, may_close=True)
    yield Case("no Host header", [get(b"") + MARKER], ["first", "marker"], {200, 400}, may_close=True)
    many = b"".join(b"X-%d: v\r\n" % n for n in range(HEADERS + rng.choice((1, 5, 400))))
    yield Case("too many headers", [get(b"Host: localhost\r\n" + many)], ["first"], {400, 431}, may_close=True)
    yield Case("a header of 1 MiB", [get(b"Host: localhost\r\nX-Long: " + b"x" * (1 << 20) + b"\r\n")], ["first"], {400, 431}, may_close=True)
    body = b"0\r\n\r\n" + SMUGGLED
    for extra in (b"Content-Length: %d\r\nTransfer-Encoding: chunked\r\n" % len(body),
                  b"Transfer-Encoding: chunked\r\nContent-Length: %d\r\n" % len(body)):
        head, _ = post(extra, body)
        yield Case("a length and chunks", [head + body], ["first"], may_close=True)
    for extra in (b"Content-Length: 2\r\nContent-Length: 3\r\n", b"Content-Length: +2\r\n", b"Content-Length: 2, 2\r\n",
                  b"Content-Length: 0x2\r\n", b"Content-Length: -1\r\n", b"Content-Length: 99999999999999999999\r\n",
                  b"Transfer-Encoding: chunked, identity\r\n", b"Transfer-Encoding: xchunked\r\n", b"Content-Length : 2\r\n",
                  b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", b" Content-Length: 2\r\n", b"X: a\x00b\r\n",
                  b"X: a\rb\r\n"):
        head, _ = post(extra, b"")
        yield Case(f"the header {extra.decode('latin-1').strip()!r}", [head + b"[]"], ["first"], {400, 501}, may_close=True, broken=True)
    for sizes in (b"2;\r\n[]\r\n0\r\n\r\n", b"02\r\n[]\r\n00\r\n\r\n", b"2;" + b"e" * 20_000 + b"\r\n[]\r\n0\r\n\r\n",
                  b"2 \r\n[]\r\n0\r\n\r\n", b"0x2\r\n[]\r\n0\r\n\r\n", b"-2\r\n[]\r\n0\r\n\r\n", b"ffffffffffffffffff\r\n[]\r\n0\r\n\r\n",
                  b"2\r\n[]0\r\n\r\n", b"2\n[]\n0\n\n", b"2\r\n[]\r\n0\r\n" + b"T: v\r\n" * 2000 + b"\r\n"):
        head, _ = post(b"Transfer-Encoding: chunked\r\n", sizes)
        yield Case(f"the chunks {sizes[:24]!r}", [head, sizes, MARKER], ["first", "marker"], may_close=True, broken=True)
    for line in (b"GET  /__mock/v1/live HTTP/1.1", b"GET /__mock/v1/live HTTP/1.2", b"GET /__mock/v1/live HTTP/2.0", b"GET /__mock/v1/live",
                 b"GET\t/__mock/v1/live\tHTTP/1.1", b"GET /\x00 HTTP/1.1", b"GET /\xff HTTP/1.1", b"GET * HTTP/1.1", b"OPTIONS * HTTP/1.1",
                 b"GET /" + b"a" * 100_000 + b" HTTP/1.1", b"PRI * HTTP/2.0", b"GET http://[::1/ HTTP/1.1", b"GET //evil.example/ HTTP/1.1"):
        yield Case(f"the line {line[:40]!r}", [line + b"\r\nHost: localhost\r\nX-Socrata-RequestId: first\r\n\r\n"], ["first"], may_close=True, broken=True)
    yield Case("expecting something else", [post(b"Expect: 200-ok\r\nContent-Length: 2\r\n", b"")[0] + b"[]" + MARKER], ["first", "marker"], may_close=True)
    head, _ = post(b"Expect: 100-continue\r\nContent-Length: 3000000000000\r\n", b"")
    yield Case("a promised body over the limit", [head], ["first"], {413}, may_close=True)
    yield Case("an upgrade to HTTP/2", [get(b"Host: localhost\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n") + MARKER], ["first", "marker"])


class Framing:
    """Tries cases on a server."""

    def __init__(self, server, report, seed):
        self.server, self.report = server, report
        self.rng = random.Random(f"{seed}:{PART}")

    def run(self, seconds):
        end = time.monotonic() + seconds
        before = fuzz.fingerprint(self.server)
        self.nested()
        while self.server.lives():
            for make in (odd_heads, bodies_like_requests, raw_targets, *[bodies_like_requests] * 8):
                for case in make(self.rng):
                    self.attempt(case, wire.PLAIN)
                    if self.rng.random() < 0.3:
                        self.attempt(case, self.rng.choice(wire.WAYS))
                    if not self.server.lives():
                        break
            if self.server.lives() and fuzz.fingerprint(self.server) != before:
                self.report.find(PART, "canary", "a body that looked like a request was run: the dataset has changed")
                fuzz.prepare(self.server)
                before = fuzz.fingerprint(self.server)
            if time.monotonic() > end:
                break
        if not self.server.lives():
            self.report.find(PART, "died", f"the process ended with {self.server.ended()}", self.server.log_end())

    def attempt(self, case, way):
        answers, why = [], ""
        try:
            with Connection(self.server, way, patience=20) as connection:
                why = self.exchange(connection, case, answers)
        except Ended as ended:
            why = f"no connection: {ended}"
        self.report.add("requests", len(case.ids))
        self.judge(case, way, answers, why)

    def exchange(self, connection, case, answers):
        """Fills `answers`; says why there are no more of them."""
        sent = b""
        try:
            for number, data in enumerate(case.writes):
                connection.send(data)
                if number == 0 and case.waits and not self.goes_on(connection, case, answers):
                    return "refused before its body"
        except Ended as ended:
            sent = f"{ended}; "
        try:
            while len(answers) < len(case.ids):
                answers.append(connection.answer("GET"))
                if answers[-1].closes:
                    return "closed as it said"
            # Nothing more may come: whoever is asked to close shows what else is there.
            connection.send(b"GET /__mock/v1/live HTTP/1.1\r\nHost: localhost\r\nX-Socrata-RequestId: last\r\nConnection: close\r\n\r\n")
            answers.append(connection.answer())
        except (Ended, Hang, Malformed) as error:
            return f"{sent or ''}{type(error).__name__}: {error}"
        return ""

    @staticmethod
    def goes_on(connection, case, answers):
        """Waits for 100 Continue; false when the answer came instead."""
        head = connection.head()
        if head.status == 100:
            return True
        head.body = connection.body("GET", head)
        answers.append(head)
        return False

    def judge(self, case, way, answers, why):
        def find(kind, detail):
            self.report.find(PART, kind, case.title, f"{detail}; {why}", case.writes, way, pause=0.5)
        if why.startswith("Hang"):
            return find("hang", "no answer")
        if "Malformed" in why:
            return find("malformed", "an answer that is no HTTP")
        if not answers:
            return find("torn", "no answer at all")
        ids = [a.header(fuzz.ID) for a in answers]
        first = answers[0]
        refused = case.may_close and (first.closes or why.startswith("refused")) and first.status >= 400
        if first.status >= 500 and first.status != 501:
            find("500", f"status {first.status}: {first.body[:200]!r}")
        if first.status >= 400 and not first.body and not case.broken:
            find("wordless", f"status {first.status} without a word")
        if case.statuses and first.status not in case.statuses and not (ids[0] == "marker"):
            find("status", f"status {first.status}, expected {sorted(case.statuses)}")
        # A head that is refused has its id from the server; it is the last of its connection.
        known = [i for i in ids if not (i == ids[-1] and answers[-1].closes and answers[-1].status >= 400)]
        foreign = [i for i in known if i not in (*case.ids, "last", None)]
        wanted = [*case.ids, "last"]
        if foreign or "smuggled" in ids:
            find("smuggled", f"answers for {ids}")
        elif refused or not known or (answers[-1].closes and ids == wanted[:len(ids)]) or why.startswith("refused"):
            return None
        elif ids != wanted and not ((answers[-1].closes or case.broken) and answers[-1].status >= 400):
            find("torn" if ids == wanted[:len(ids)] else "smuggled", f"answers for {ids}, expected {wanted}")
        return None

    def nested(self):
        """Tunnels in tunnels: one is what proxies need, more must be refused in words."""
        request = b"CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n"
        with Connection(self.server, patience=20) as connection:
            for depth in range(1, NESTED + 1):
                try:
                    connection.send(request)
                    answer = connection.answer("CONNECT")
                except (Ended, Hang, Malformed) as error:
                    kind = "torn" if self.server.lives() else "died"
                    self.report.find(PART, kind, "tunnels inside tunnels", f"at depth {depth}: {error}\n{self.server.log_end(400)}", [request * depth])
                    break
                if answer.status != 200:
                    if depth == 1 or answer.status >= 500 or not answer.body:
                        self.report.find(PART, "nested", "tunnels inside tunnels", f"depth {depth}: {answer.status} {answer.body!r}", [request] * depth)
                    break
            else:
                self.report.find(PART, "nested", "tunnels inside tunnels", f"{NESTED} are allowed", [request] * 3)
        if not self.server.lives():
            self.server.start()
            fuzz.prepare(self.server)


def run(binary, folder, report, seed, seconds):
    """Framing on a server with one dataset to break and one that must not change."""
    with Server(binary, folder, "--query-timeout", "5s", "--stall-timeout", "10s") as server:
        fuzz.prepare(server)
        Framing(server, report, seed).run(seconds)
