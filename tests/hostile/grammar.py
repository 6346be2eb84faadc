"""Requests: every route of the running server with queries, heads and bodies that fit it, then damaged.

The routes come from the server's own documents, so that a new one is covered as soon as it is served.
"""

import json
import random
from dataclasses import dataclass, field, replace
from urllib.parse import quote

import bodies
import mutate
from server import PUBLISHER
from soql import Soql

# The dataset that only requests with a login may change, and no campaign request carries one to it.
CANARY = "cana-ry22"
FUZZED = ["fuzz-2222", "fuzz-3333"]
SPACE = "fuzz"
# Characters of a target that need no encoding; curl's users leave a few more.
SAFE = "/:$?&=,()*'!@;+-._~|"
RAW = "\"<>"
# Bytes of extensions in all chunks of a body; HTTP libraries refuse more.
EXTENSIONS = 8 << 10
# Endless, or the end of everything; they have parts of their own.
LEFT_OUT = ("/__mock/v1/events",)
METHODS = ["GET", "GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", "PROPFIND", "get", "X"]


@dataclass
class Request:
    """A request whose framing is right, whatever else is wrong with it."""

    method: str
    target: str
    headers: list = field(default_factory=list)
    body: bytes = b""
    framing: str = "length"
    chunk: int = 0
    extension: str = ""
    # What was picked, for people.
    label: str = ""
    # Whether the parser may refuse the head without a word.
    broken: bool = False

    @property
    def path(self):
        return self.target.split("?")[0]

    def head(self):
        lines = [f"{self.method} {self.target} HTTP/1.1".encode("utf-8", "surrogateescape")]
        lines += [f"{n}: {v}".encode("utf-8", "surrogateescape") for n, v in self.headers]
        if self.framing == "chunked":
            lines.append(b"Transfer-Encoding: chunked")
        elif self.body or self.method not in ("GET", "HEAD"):
            lines.append(b"Content-Length: %d" % len(self.body))
        return b"\r\n".join(lines) + b"\r\n\r\n"

    def payload(self):
        if self.framing != "chunked":
            return self.body
        size = self.chunk or max(1, len(self.body))
        parts = [self.body[at:at + size] for at in range(0, len(self.body), size)]
        extension = self.extension.encode()
        return b"".join(b"%x%s\r\n%s\r\n" % (len(p), extension, p) for p in parts) + b"0\r\n\r\n"

    def wire(self):
        return self.head() + self.payload()


def smaller(request):
    """Requests with one thing less each, for a minimal reproduction."""
    for at in range(len(request.headers)):
        if request.headers[at][0].lower() not in ("host",):
            yield replace(request, headers=request.headers[:at] + request.headers[at + 1:])
    if request.framing == "chunked":
        yield replace(request, framing="length")
    path, _, query = request.target.partition("?")
    pairs = query.split("&") if query else []
    for at in range(len(pairs)):
        rest = "&".join(pairs[:at] + pairs[at + 1:])
        yield replace(request, target=path + ("?" + rest if rest else ""))
    length = len(request.body)
    if length:
        yield replace(request, body=b"")
    for size in (length // 2, length // 4, length // 8, 16, 4, 1):
        if 0 < size < length:
            yield replace(request, body=request.body[:-size])
            yield replace(request, body=request.body[size:])


class Grammar:
    """Draws requests for a server."""

    def __init__(self, openapi, coverage, functions):
        self.openapi = openapi
        self.wire_routes, self.parameters = served(coverage)
        self.admin_routes = [(m.upper(), "/__mock/v1" + path, op) for path, item in openapi["paths"].items()
                             for m, op in item.items() if "/__mock/v1" + path not in LEFT_OUT]
        self.soql = Soql(functions, bodies.FIELDS, [*FUZZED, CANARY])

    @classmethod
    def of(cls, server):
        """The grammar of a running server."""
        def document(path):
            return json.loads(server.ask("GET", path).body)
        return cls(document("/__mock/openapi.json"), document("/__mock/v1/coverage")["coverage"],
                   document("/__mock/v1/soql.json")["functions"])

    def request(self, seed, admin=False):
        """The request of a seed; the same seed, the same request."""
        rng = random.Random(seed)
        request = self.admin_request(rng) if admin else self.wire_request(rng)
        return self.odd(rng, request)

    def wire_request(self, rng):
        method, path = rng.choice(self.wire_routes)
        if rng.random() < 0.06:
            method = rng.choice(METHODS)
        authorized = rng.random() < 0.6
        target = self.target(rng, path, FUZZED if authorized else [*FUZZED, CANARY])
        reads = method in ("GET", "HEAD") and ("/resource" in path or "/id/" in path or "/rows" in path or "v3" in path)
        pairs = self.soql.parameters(rng) if reads else []
        if rng.random() < 0.3:
            pairs += [(rng.choice(self.parameters), rng.choice(("true", "false", "1", "x", "", "2.0", "no_primary_key")))]
        if pairs:
            target += "?" + "&".join(f"{n}={self.encoded(rng, v)}" for n, v in pairs)
        request = Request(method, target, [("Host", rng.choice(("localhost", "127.0.0.1", "data.example.org")))], label=path)
        if authorized:
            request.headers.append(("Authorization", PUBLISHER))
        elif rng.random() < 0.3:
            request.headers.append(("Authorization", rng.choice(("Basic eDp5", "Basic !", "Bearer x.y.z", "OAuth ", "Basic " + "A" * 4000))))
        if method not in ("GET", "HEAD", "OPTIONS") or "v3" in path and rng.random() < 0.3:
            self.upload(rng, request, path)
        return request

    def upload(self, rng, request, path):
        kind, body = "application/json", b""
        if "/resource" in path or "/id/" in path:
            kind, make = rng.choice(bodies.ROWS)
            body = make(rng)
        elif "v3" in path:
            body = json.dumps({"query": self.soql.statement(rng), "page": {"pageNumber": rng.choice((1, 0, -1, 10 ** 18)), "pageSize": 5},
                               "timeout": rng.choice((1, 0, -1, 1e300)), "includeSystem": True}).encode()
        elif "oauth" in path:
            kind = "application/x-www-form-urlencoded"
            body = b"client_id=demo-app-token&client_secret=demo-app-secret&grant_type=authorization_code&code=x&redirect_uri=https://a.b/"
        elif "column" in path:
            body = json.dumps(bodies.column(rng)).encode()
        elif "views" in path:
            body = json.dumps(bodies.view(rng)).encode()
        elif rng.random() < 0.7:
            body = json.dumps(bodies.of_schema(rng, {}, {})).encode()
        if rng.random() < 0.25:
            body = mutate.damaged(rng, body)
        if rng.random() < 0.15:
            body = bodies.packed(rng, body)
            request.headers.append(("Content-Encoding", rng.choice(("gzip", "gzip", "GZIP", "deflate", "br", "gzip, gzip"))))
        request.body = body
        if rng.random() < 0.95:
            request.headers.append(("Content-Type", kind))

    def admin_request(self, rng):
        method, path, operation = rng.choice(self.admin_routes)
        target = self.target(rng, path, FUZZED)
        pairs = [(p["name"], rng.choice(("1", "0", "-1", "x", "json", "csv", "4xx", "99999999999999999999", "text", "POST", "*")))
                 for p in operation.get("parameters", []) if p["in"] == "query" and rng.random() < 0.4]
        if path.endswith("/explain"):
            pairs = self.soql.parameters(rng)
        if pairs:
            target += "?" + "&".join(f"{n}={self.encoded(rng, v)}" for n, v in pairs)
        request = Request(method, target, [("Host", "localhost"), ("X-Mock-Space", SPACE)], label=path)
        content = operation.get("requestBody", {}).get("content", {})
        if content:
            self.admin_body(rng, request, path, content)
        return request

    def admin_body(self, rng, request, path, content):
        media, shape = rng.choice(list(content.items()))
        if path.endswith("/datasets/{dataset}"):
            made = bodies.definition(rng)
        elif path.endswith("/sql"):
            made = {"sql": rng.choice(SQL), "params": [], "limit": rng.choice((1, 10, 10 ** 9))}
        elif media == "application/json":
            made = bodies.of_schema(rng, shape.get("schema", {}), self.openapi)
        else:
            made = "SQLite format 3\x00" + "x" * 200
        body = json.dumps(made).encode()
        request.body = mutate.damaged(rng, body, 1) if rng.random() < 0.2 else body
        request.headers.append(("Content-Type", media))

    def target(self, rng, path, datasets):
        """A path template with its holes filled."""
        holes = {"{4x4}": datasets * 3 + ["zzzz-zzzz", "FUZZ-2222", "x", "fuzzed"], "{dataset}": datasets * 3 + ["zzzz-zzzz"],
                 "{row}": ["a", "b", "r1", "row-2222.2222.2222", "é", "a/b", "..", " ", "%", "x" * 300],
                 "{column}": [*bodies.FIELDS, "nope", "1", ":id"], "{a}": ["seed", "current", "s1"], "{b}": ["current", "empty", "s1"],
                 "{name}": ["s1", "s2", "publisher@example.com", "x" * 80, "..", "fuzz"]}
        parts = []
        for part in path.split("/"):
            name, dot, extension = part.partition(".")
            if part.startswith("{"):
                known = holes.get(name, ["1", "2", "x", "f-1", "demo-app-token", "99999999999999999999"])
                part = quote(rng.choice(known), safe="-@:") + dot + extension
                if rng.random() < 0.03:
                    part = quote(mutate.token(rng)[:600], safe="")
            parts.append(part)
        target = "/".join(parts)
        if "{4x4}" in path and not dot_in_last(target) and rng.random() < 0.6:
            target += rng.choice((".json", ".json", ".csv", ".tsv", ".geojson", ".xml", ".cjson", ".rdf", ".nope"))
        return target

    @staticmethod
    def encoded(rng, text):
        """A value of a query string; sometimes as people type it into curl."""
        raw = RAW if rng.random() < 0.15 else ""
        return quote(text.encode("utf-8", "surrogateescape"), safe=SAFE.replace("&", "").replace("+", "") + raw)

    def odd(self, rng, request):
        """Heads and framings that are allowed and rare."""
        one = rng.random()
        if one < 0.10:
            request.framing, request.chunk = "chunked", rng.choice((0, 1, 7, 1000))
            request.extension = rng.choice(("", "", ";x", ";x=y", ';x="a;b"', ";" + "e" * 200, " ;x"))
            request.chunk = max(request.chunk, len(request.body) // 2000)
            if len(request.extension) * (len(request.body) // (request.chunk or 1) + 1) > EXTENSIONS:
                request.extension = ""
        elif one < 0.14:
            request.headers += [(f"X-Many-{n}", "v") for n in range(rng.choice((10, 60, 85)))]
        elif one < 0.17:
            request.headers.append(("Accept", rng.choice(("text/csv", "text/html", "*/*;q=0", "application/xml, */*;q=0.1", "x" * 2000))))
        elif one < 0.20:
            request.headers.append(("If-None-Match", rng.choice(("*", '"x"', "W/\"x\"", "x" * 500))))
        elif one < 0.23:
            request.headers.append(("Origin", rng.choice(("http://localhost", "https://evil.example", "null", ""))))
        elif one < 0.26:
            request.headers.append((rng.choice(("X-App-Token", "Range", "Accept-Encoding", "X-SODA2-Truth-Version", "Cookie", "Via")),
                                    rng.choice(("", "x", "bytes=0-1", "gzip", "1", "-1", "9" * 40, "\t"))))
        elif one < 0.28:
            request.headers = [(n.swapcase(), v) for n, v in request.headers]
        elif one < 0.30:
            request.target = f"http://localhost{request.target}"
        return request


SQL = ["select 1", "select * from \"fuzz-2222\"", "delete from sqlite_master", "select hex(randomblob(10))", "pragma user_version",
       "with recursive c(x) as (select 1 union all select x+1 from c limit 100) select sum(x) from c", "attach 'x' as y",
       "select load_extension('x')", "select 1e999, -1e999, 9223372036854775807 + 1", "select x'00', x'ff', char(0)", "", ";", "select"]


def dot_in_last(target):
    return "." in target.rsplit("/", 1)[-1]


def served(coverage):
    """Pairs of a method and a path, and the names of all parameters, from the coverage matrix."""
    routes, parameters = [], []
    for row in coverage:
        words = row["endpoint"].split(" ", 1)
        if row.get("parameter"):
            pieces = row["parameter"].replace(",", " ").split()
            parameters += [p.lstrip("?").split("=")[0] for p in pieces if p.startswith(("?", "$"))]
        elif row["endpoint"].startswith("/"):
            routes += [("GET", path.split(" ")[0]) for path in row["endpoint"].split(", ") if path.startswith("/")]
        elif len(words) == 2 and words[1].startswith("/") and not words[1].startswith("/__mock/v1"):
            path = words[1].split(",")[0].split(" ")[0]
            routes += [(method, path) for method in words[0].split("|")]
            if "/resource/" in path:
                # What the product exists for.
                routes += [(words[0], path)] * 4
    return routes, sorted(set(parameters))
