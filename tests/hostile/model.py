"""What a dataset must hold: a plain model, and the writes that change both it and the server."""

import json
from dataclasses import dataclass

from server import PUBLISHER
from wire import Ended

# Keys of a dataset; a small space makes writes meet.
KEYS = 600
JSON, CSV = "application/json", "text/csv"


@dataclass
class State:
    """A dataset's name and its rows by key; rows are None when it is not there."""

    name: str
    rows: dict


@dataclass
class Write:
    """One request, what it leaves, and how many rows it is about."""

    method: str
    target: str
    kind: str
    body: bytes
    after: State
    count: int

    def wire(self):
        head = (f"{self.method} {self.target} HTTP/1.1\r\nHost: localhost\r\nAuthorization: {PUBLISHER}\r\n"
                f"Content-Type: {self.kind}\r\nContent-Length: {len(self.body)}\r\n\r\n")
        return head.encode() + self.body


class Dataset:
    """The model of one dataset with one writer."""

    def __init__(self, number):
        self.id = f"kil{number + 2}-2222"
        self.state = State("", None)
        # The write that was sent and not answered, if any.
        self.open = None
        self.version = 0
        self.step = 0
        # What a reset or restore of everything makes of it, while one is under way; whether it was acknowledged;
        # and after a restart whether it took place, where that can be told.
        self.whole = None
        self.acknowledged_whole = False
        self.took = None

    def next_write(self, rng):
        """A write that the server must take."""
        self.step += 1
        if self.state.rows is None or rng.random() < 0.02:
            return self.define(rng)
        one = rng.random()
        if one < 0.55:
            return self.upsert(rng, rng.choice((1, 1, 3, 50, 400)))
        if one < 0.60:
            return self.upsert(rng, 4000)
        if one < 0.72:
            return self.replace(rng)
        if one < 0.92:
            return self.one_row(rng)
        if one < 0.99:
            return self.rename()
        return Write("DELETE", f"/__mock/v1/datasets/{self.id}", JSON, b"", State("", None), 0)

    def define(self, rng):
        rows = {f"k{rng.randrange(KEYS)}": str(self.step) for _ in range(rng.choice((0, 5, 300)))}
        body = {"name": f"N{self.step}", "metadata": {"rowIdentifier": "k"},
                "columns": [{"fieldName": "k", "dataTypeName": "text"}, {"fieldName": "n", "dataTypeName": "number"}],
                "rows": [{"k": k, "n": n} for k, n in rows.items()]}
        return Write("PUT", f"/__mock/v1/datasets/{self.id}", JSON, json.dumps(body).encode(), State(f"N{self.step}", rows), len(rows))

    def upsert(self, rng, size):
        after, sent = dict(self.state.rows), []
        for _ in range(size):
            key = f"k{rng.randrange(KEYS)}"
            if key in after and rng.random() < 0.2:
                sent.append((key, None))
                del after[key]
            else:
                sent.append((key, str(self.step)))
                after[key] = str(self.step)
        return self.rows("POST", rng, sent, after)

    def replace(self, rng):
        after = {f"k{rng.randrange(KEYS)}": str(self.step) for _ in range(rng.choice((0, 1, 200)))}
        return self.rows("PUT", rng, list(after.items()), after)

    def rows(self, method, rng, sent, after):
        target = f"/resource/{self.id}.json"
        if rng.random() < 0.4 and sent:
            lines = ["k,n,:deleted"] + [f"{k},{n or ''},{'true' if n is None else ''}" for k, n in sent]
            return Write(method, target, CSV, ("\n".join(lines) + "\n").encode(), State(self.state.name, after), len(sent))
        rows = [{"k": k, ":deleted": True} if n is None else {"k": k, "n": n} for k, n in sent]
        return Write(method, target, JSON, json.dumps(rows).encode(), State(self.state.name, after), len(sent))

    def one_row(self, rng):
        key = f"k{rng.randrange(KEYS)}"
        after = dict(self.state.rows)
        target = f"/resource/{self.id}/{key}.json"
        if key in after and rng.random() < 0.4:
            del after[key]
            return Write("DELETE", target, JSON, b"", State(self.state.name, after), 1)
        after[key] = str(self.step)
        body = json.dumps({"k": key, "n": self.step}).encode()
        return Write(rng.choice(("PUT", "POST")), target, JSON, body, State(self.state.name, after), 1)

    def rename(self):
        name = f"N{self.step}"
        body = json.dumps({"name": name}).encode()
        return Write("PUT", f"/api/views/{self.id}.json", JSON, body, State(name, dict(self.state.rows)), 0)

    def send(self, connection, write):
        """Sends it; the answer decides what the model holds. Returns the answer, or None when there was none."""
        self.open = write
        try:
            connection.send(write.wire())
            answer = connection.answer(write.method)
        except Ended:
            return None
        self.open = None
        if answer.status in (200, 201):
            self.state = write.after
            version = answer.header("x-soda2-truth-version")
            if version:
                self.version = int(version)
            elif "/__mock/" in write.target:
                self.version = 0
        return answer

    def stored(self, server):
        """What the server holds."""
        answer = server.ask("GET", f"/__mock/v1/datasets/{self.id}/rows?format=ndjson")
        if answer.status == 404:
            return State("", None), 0
        if answer.status != 200:
            raise ValueError(f"rows of {self.id}: {answer.status} {answer.body[:200]!r}")
        rows = [json.loads(line) for line in answer.body.splitlines()]
        shown = server.ask("GET", f"/__mock/v1/datasets/{self.id}")
        view = server.ask("GET", f"/api/views/{self.id}.json")
        if shown.status != 200 or view.status != 200:
            raise ValueError(f"{self.id} has rows, but {shown.status} {shown.body[:200]!r}, {view.status} {view.body[:200]!r}")
        return (State(json.loads(view.body)["name"], {r["k"]: str(r.get("n", "")) for r in rows}),
                json.loads(shown.body)["data_version"])

    def settle(self, server):
        """Compares the model with the server after a restart: a pair of lost rows and a sentence, if any."""
        stored, version = self.stored(server)
        possible = [self.state] + ([self.open.after] if self.open else [])
        self.took = None
        if self.whole is not None:
            # Versions go back with the data.
            self.version = 0
            if self.whole not in possible and stored in [*possible, self.whole]:
                self.took = stored == self.whole
            possible = [self.whole] if self.acknowledged_whole else [*possible, self.whole]
        self.open, self.whole, self.acknowledged_whole = None, None, False
        before, self.state = self.state, stored
        if stored not in possible:
            wanted = before.rows or {}
            lost = sum((stored.rows or {}).get(k) != n for k, n in wanted.items())
            more = len(set(stored.rows or {}) - set(wanted))
            return max(lost, 1), (f"{self.id} is neither as acknowledged nor as after the last write: {lost} rows lost, {more} others, "
                                  f"name {stored.name!r} for {[p.name for p in possible]}")
        if stored.rows is not None and version < self.version and stored == before:
            return 0, f"{self.id}: data version {version} after {self.version} was acknowledged"
        return None
