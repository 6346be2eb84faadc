"""A space: data, journal, faults, clock, ids and accounts that no other space sees."""

import json
import secrets
import urllib.error
import urllib.parse
import urllib.request

from .report import describe, explain

# The server is on this machine: no proxy is asked.
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Refused(Exception):
    """The admin API does not take what was asked; `code` is its code."""

    def __init__(self, method, path, problem):
        super().__init__(f"{method} {path}: {problem.get('detail', problem)}")
        self.code = problem.get("code")


class Space:
    """A world of its own. `verify` and `expect` fail as assertions.

    A program reaches it without any change by `user` and `password`, or by `app_token`; `headers` are for one that sends
    neither.
    """

    def __init__(self, server, **options):
        self.server, self.url, self.https = server, server.url, server.https
        mark = secrets.token_hex(6)
        self.user, self.password, self.app_token = f"publisher-{mark}", "secret", f"app-token-{mark}"
        self.name, self.headers = None, {}
        bind = {"users": [{"name": self.user, "password": self.password}], "app_tokens": [self.app_token]}
        self.name = self.call("POST", "/spaces", {"bind": bind, **options})["name"]
        self.headers = {"X-Mock-Space": self.name}

    def call(self, method, path, body=None):
        """One call of the admin API in this space."""
        __tracebackhide__ = True
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json", **self.headers}
        request = urllib.request.Request(self.server.admin + path, data, headers, method=method)
        try:
            with _OPENER.open(request, timeout=60) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            problem = json.load(error)
            if problem.get("code") in ("verify_failed", "expect_failed"):
                raise AssertionError(explain(problem)) from None
            raise Refused(method, path, problem) from None

    def dataset(self, id4x4, definition):
        """Creates or replaces a dataset; the definition is the short form of a seed."""
        self.call("PUT", f"/datasets/{id4x4}", definition)
        return id4x4

    def rows(self, dataset):
        """The stored rows."""
        return self.call("GET", f"/datasets/{dataset}/rows?format=json")

    def changes(self, dataset):
        """What each write did to each row."""
        return self.call("GET", f"/datasets/{dataset}/changes")["changes"]

    def fault(self, do, times=None, **match):
        """Arms a fault for the requests that match: `fault({"status": 503}, times=2, operation="upsert")`."""
        return self.call("POST", "/faults", {"match": match, "do": do} | ({"times": times} if times else {}))

    def preset(self, name, **changes):
        """Arms a named fault, such as `upsert-applied-but-502`."""
        return self.call("POST", f"/faults/presets/{name}", changes)

    def hits(self, fault):
        """How many requests a fault has struck."""
        return self.call("GET", f"/faults/{fault['id']}")["hits"]

    def verify(self, times=None, wait_ms=0, **match):
        """Fails unless requests like this were made: `verify(times=3, operation="upsert", rows={"errors": 0})`."""
        __tracebackhide__ = True
        asked = {"match": match, "wait_ms": wait_ms}
        return self.call("POST", "/verify", asked | ({"times": times} if times is not None else {}))

    def expect(self, dataset, **expected):
        """Fails unless this is stored: `expect("4tka-6guv", count=13)`, `rows=[…]`, `where="…"`."""
        __tracebackhide__ = True
        return self.call("POST", "/expect", {"dataset": dataset, **expected})

    def requests(self, **filters):
        """The journal's entries."""
        return self.call("GET", f"/requests?{urllib.parse.urlencode(filters)}")["requests"]

    def throttle(self, limits):
        """Throttles on a clock that stands still until `advance` moves it: `throttle("2/60s")`."""
        self.call("PUT", "/clock", {"mode": "frozen"})
        return self.call("PUT", "/throttle", {"anonymous": limits})

    def advance(self, seconds):
        """Moves the clock of this space alone; a stand-in for `time.sleep` in the program under test."""
        return self.call("POST", "/clock/advance", {"ms": round(seconds * 1000)})

    def snapshot(self, name):
        """Names the state of the data, for `restore` and for `expect(…, unchanged_since=name)`."""
        return self.call("PUT", f"/snapshots/{name}")

    def restore(self, name):
        """Gives the data of a snapshot back."""
        return self.call("POST", f"/snapshots/{name}/restore")

    def reset(self, to="seed"):
        """Everything as at the beginning."""
        return self.call("POST", "/reset", {"to": to})

    def report(self):
        """What the program sent and what became of each row, in ten lines at most."""
        requests = self.requests()
        return describe(requests, lambda number: self.call("GET", f"/requests/{number}")["fates"])

    def remove(self):
        """Ends the space."""
        self.call("DELETE", f"/spaces/{self.name}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.remove()
