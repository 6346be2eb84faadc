"""Readers while a dataset is replaced, changed, restored and reset: an id that always exists is always there.

Every state that a writer makes has as many rows as its value says, so a reader tells a whole state from a mix.
"""

import json
import threading


from server import AUTHORIZED, JSON, NoStart, Server
from wire import Connection, Ended, Hang, Malformed

PART = "races"
# Replaced all the time, and never not there.
ALWAYS = "race-2222"
# Never touched.
BYSTANDER = "stay-2222"
# Made and removed all the time: 404 is right, anything else is not.
FLEETING = "gone-2222"
STATES = (3, 40, 700)
LOGIN = "".join(f"{n}: {v}\r\n" for n, v in AUTHORIZED)


def definition(dataset, count, extra=()):
    """A dataset whose rows all say how many they are."""
    columns = [{"fieldName": "k", "dataTypeName": "text"}, {"fieldName": "n", "dataTypeName": "number"}]
    columns += [{"fieldName": name, "dataTypeName": "text"} for name in extra]
    return {"id": dataset, "name": dataset, "metadata": {"rowIdentifier": "k"}, "columns": columns,
            "rows": [{"k": f"k{i}", "n": count} for i in range(count)]}


def request(method, target, body=None):
    data = b"" if body is None else json.dumps(body).encode()
    head = f"{method} {target} HTTP/1.1\r\nHost: localhost\r\n{LOGIN}Content-Length: {len(data)}\r\n\r\n"
    return head.encode() + data


READS = [
    ("rows", f"/resource/{ALWAYS}.json?$select=count(*)%20as%20c,min(n)%20as%20a,max(n)%20as%20b"),
    ("export", f"/resource/{ALWAYS}.csv?$limit=2000"),
    ("view", f"/api/views/{ALWAYS}.json"),
    ("admin", f"/__mock/v1/datasets/{ALWAYS}"),
    ("admin rows", f"/__mock/v1/datasets/{ALWAYS}/rows?format=ndjson"),
    ("one row", f"/resource/{ALWAYS}/k0.json"),
    ("catalogue", "/api/catalog/v1"),
    ("views", "/api/views.json"),
    ("bystander", f"/resource/{BYSTANDER}.json"),
    ("bystander", f"/api/views/{BYSTANDER}.json"),
]
FLEETING_READS = [("fleeting", f"/resource/{FLEETING}.json"), ("fleeting", f"/api/views/{FLEETING}.json"),
                  ("fleeting", f"/resource/{FLEETING}.json?$select=count(*)")]


def mixed(name, body):
    """Why a body is of no one state, or None."""
    if name == "rows":
        row = json.loads(body)[0]
        return None if row["c"] == row.get("a", "0") == row.get("b", "0") else f"{row}"
    if name == "export":
        lines = body.decode().splitlines()[1:]
        wanted = {line.rsplit(",")[1].strip('"') for line in lines}
        return None if wanted == {str(len(lines))} else f"{len(lines)} rows that say {sorted(wanted)}"
    if name == "admin rows":
        rows = [json.loads(line) for line in body.splitlines()]
        wanted = {str(row["n"]) for row in rows}
        return None if wanted == {str(len(rows))} else f"{len(rows)} rows that say {sorted(wanted)}"
    if name in ("catalogue", "views"):
        missing = [one for one in (ALWAYS, BYSTANDER) if one.encode() not in body]
        return f"{missing} missing" if missing else None
    return None


class Race:
    """Some writers against all readers, for a while."""

    def __init__(self, server, report, title):
        self.server, self.report, self.title = server, report, title
        self.stop = threading.Event()

    def run(self, seconds, writers, reads):
        threads = [threading.Thread(target=self.loop, args=(self.read, [r])) for r in chunked(reads, 3)]
        threads += [threading.Thread(target=self.loop, args=(self.write, list(w))) for w in writers]
        for thread in threads:
            thread.start()
        self.stop.wait(seconds)
        self.stop.set()
        for thread in threads:
            thread.join()
        if not self.server.lives():
            self.report.find(PART, "died", self.title, self.server.log_end())

    def loop(self, act, what):
        while not self.stop.is_set() and self.server.lives():
            try:
                with Connection(self.server, patience=30) as connection:
                    while not self.stop.is_set():
                        act(connection, *what)
            except (Ended, Hang, Malformed) as error:
                if self.server.lives():
                    self.report.find(PART, type(error).__name__.lower(), self.title, f"{act.__name__}: {error}")

    def read(self, connection, reads):
        for name, target in reads:
            data = request("GET", target)
            connection.send(data)
            answer = connection.answer()
            self.report.add("requests")
            allowed = (200, 404) if name == "fleeting" else (200,)
            if answer.status not in allowed:
                self.report.find(PART, "500" if answer.status >= 500 else "status", f"{self.title}: {name} {answer.status}",
                                 f"{target}: {answer.body[:200]!r}", [data])
                if answer.status >= 500:
                    self.report.add("500s")
            elif answer.status == 200 and (wrong := mixed(name, answer.body)):
                self.report.find(PART, "mixed", f"{self.title}: {name}", wrong, [data])

    def write(self, connection, *steps):
        for data, allowed in steps:
            connection.send(data)
            answer = connection.answer(data.split(b" ", 1)[0].decode())
            self.report.add("requests")
            if answer.status not in allowed:
                self.report.find(PART, "500" if answer.status >= 500 else "status", f"{self.title}: the writer {answer.status}",
                                 f"{data[:80]!r}: {answer.body[:300]!r}", [data])


def chunked(items, number):
    return [items[start::number] for start in range(number) if items[start::number]]


def puts():
    return [(request("PUT", f"/__mock/v1/datasets/{ALWAYS}", definition(ALWAYS, count)), (200,)) for count in STATES]


def replaces(allowed=(200,)):
    return [(request("PUT", f"/resource/{ALWAYS}.json", definition(ALWAYS, count)["rows"]), allowed) for count in STATES]


def rounds():
    """Writers against readers: a title, the writers, the readers. 409 is right where two writers meet."""
    yield "PUT of a dataset", [puts()], READS
    yield "replacing rows", [replaces()], READS
    yield "PUT of all datasets", [[(request("POST", "/__mock/v1/datasets", {"datasets": [definition(ALWAYS, c), definition(BYSTANDER, 3)]}), (200, 400))
                                   for c in STATES]], READS
    yield "reset to the seed", [[(request("POST", "/__mock/v1/reset", {}), (200, 409))], replaces((200, 409))], READS
    snapshots = [(request("PUT", f"/__mock/v1/snapshots/s{c}"), (200, 201)) for c in STATES]
    restores = [(request("POST", f"/__mock/v1/snapshots/s{c}/restore"), (200, 404)) for c in STATES]
    yield "restoring snapshots", [[pair for trio in zip(replaces(), snapshots, restores) for pair in trio]], READS
    changes = [(request("PUT", f"/api/views/{ALWAYS}.json", {"description": f"d{n}"}), (200, 409)) for n in range(3)]
    yield "metadata and PUT", [changes, puts()], READS
    fleeting = [(request("PUT", f"/__mock/v1/datasets/{FLEETING}", definition(FLEETING, 3, extra)), (200,)) for extra in ((), ("x",))]
    fleeting.insert(1, (request("DELETE", f"/__mock/v1/datasets/{FLEETING}"), (200, 404)))
    fleeting.append((request("DELETE", f"/api/views/{FLEETING}.json"), (200, 404)))
    meddling = [(request("PUT", f"/api/views/{FLEETING}.json", {"description": "x", "name": "y"}), (200, 404, 409)),
                (request("POST", f"/api/views/{FLEETING}/columns.json", {"name": "z", "fieldName": "z", "dataTypeName": "text"}), (200, 400, 404, 409)),
                (request("PUT", f"/api/views/{FLEETING}.json?method=setPermission&value=private"), (200, 404, 409)),
                (request("POST", f"/resource/{FLEETING}.json", [{"k": "a", "n": 1}]), (200, 404, 409))]
    yield "metadata of what is removed and made again", [fleeting, meddling, meddling], FLEETING_READS + READS[-2:]


def poisoned(server, report):
    """After the races every id can be made, read and changed again, also by a new process."""
    for _ in range(2):
        for dataset in (ALWAYS, FLEETING):
            for data in (request("PUT", f"/__mock/v1/datasets/{dataset}", definition(dataset, 3)), request("GET", f"/resource/{dataset}.json"),
                         request("GET", f"/api/views/{dataset}.json"), request("GET", "/api/views.json")):
                with Connection(server) as connection:
                    connection.send(data)
                    answer = connection.answer()
                if answer.status != 200:
                    report.find(PART, "poisoned", f"an id after races: {answer.status}", f"{data[:80]!r}: {answer.body[:200]!r}", [data])
        if "--data" not in server.options:
            return
        server.kill()
        try:
            server.start()
        except NoStart as error:
            report.find(PART, "no start", "the data file after races", str(error))
            return


def run(binary, folder, report, seed, seconds):
    """The races on an ephemeral server and on one with a data file, both with a seed."""
    seeds = folder / "seeds"
    seeds.mkdir()
    for dataset, count in ((ALWAYS, 3), (BYSTANDER, 3), (FLEETING, 3)):
        (seeds / f"{dataset}.json").write_text(json.dumps(definition(dataset, count)))
    for options in ((), ("--data", str(folder / "data.db"))):
        with Server(binary, folder, *options, str(seeds)) as server:
            where = "with a data file" if options else "in memory"
            all_rounds = list(rounds())
            for title, writers, reads in all_rounds:
                Race(server, report, f"{title}, {where}").run(seconds / 2 / len(all_rounds), writers, reads)
                if not server.lives():
                    break
            if server.lives():
                poisoned(server, report)
            for line in server.panics()[:3]:
                report.find(PART, "panic", line[-160:], server.log_end())
