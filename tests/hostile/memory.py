"""Memory: what 64 clients and single requests can make the process take, beside what its data takes."""

import gzip
import json
import random
import threading
import time
from urllib.parse import quote

import stalls
import watch
from server import AUTHORIZED, JSON, PUBLISHER, NoStart, Server, options_of
from stalls import CLIENTS, DATASET
from wire import Ended, Hang, Malformed, until

PART = "memory"
# MiB beyond the data that all clients together may make it take.
BUDGET = 256
# Rows of the dataset in a campaign of some minutes, and in the short run.
ROWS, FEW_ROWS = 400_000, 30_000
# Seconds from which on the part takes the large dataset.
LARGE = 30
CSV = (("Authorization", PUBLISHER), ("Content-Type", "text/csv"))


def download(query):
    return "GET", f"/resource/{DATASET}.csv?{query}", None, ()


def sql(text):
    return "POST", "/__mock/v1/sql", json.dumps({"sql": text, "limit": 1000}).encode(), (JSON,)


def select(expression):
    return "GET", f"/resource/{DATASET}.json?$select={quote(expression)}&$limit=5", None, ()


def bomb(mib, pattern, head=b"", tail=b""):
    """A small gzip body that is large inside."""
    block = pattern * ((1 << 20) // len(pattern))
    return gzip.compress(head + block * mib + tail, 6)


def definition(mib):
    """A dataset with so many bytes of rows."""
    row = json.dumps({"k": "x" * 100, "n": 1})
    rows = ",".join([row] * (mib * (1 << 20) // len(row)))
    columns = '[{"fieldName":"k","dataTypeName":"text"},{"fieldName":"n","dataTypeName":"number"}]'
    return f'{{"name":"Big","columns":{columns},"rows":[{rows}]}}'.encode()


def together(large):
    """What 64 clients do at once: a title and one request."""
    yield "64 sorted downloads", download("$order=t&$limit=1000000")
    yield "64 counts", download("$select=count(*)")
    yield "64 groups", download("$select=t,count(*)&$group=t&$limit=1000000")
    yield "64 sums of products", download("$select=sum(n*n),avg(n/3)")
    yield "64 downloads", download("$limit=1000000")
    yield "64 windows", download("$select=k,row_number()%20over%20(order%20by%20t)&$limit=100")
    yield "64 distinct", download("$select=distinct%20t&$order=t&$limit=10")
    yield "64 searches", download("$q=xyz&$limit=10")
    yield "64 exports", ("GET", f"/__mock/v1/datasets/{DATASET}/rows?format=json", None, ())
    yield "64 SQL sorts", sql(f'select * from "{DATASET}" order by 2 desc, 1')
    yield "64 uploads", ("POST", f"/resource/{DATASET}.json", b"k,n,t\n" + b"a,1,x\n" * (200_000 if large else 40_000), CSV)


def alone(large):
    """What one client sends: a title and a request."""
    size = 100 if large else 16
    gz = (("Authorization", PUBLISHER), JSON, ("Content-Encoding", "gzip"))
    yield f"PUT of a dataset of {size} MiB", ("PUT", "/__mock/v1/datasets/bigg-2222", definition(size), (JSON,))
    yield "POST of datasets of 12 MiB", ("POST", "/__mock/v1/datasets", b'{"datasets":[' + definition(12).replace(b"{", b'{"id":"bigg-3333",', 1) + b"]}", (JSON,))
    yield "a value of zeros", sql("select zeroblob(1000000000)")
    yield "a value in hex", sql("select hex(zeroblob(400000000))")
    yield "a long text", sql("select printf('%.*c', 900000000, 'x')")
    yield "many long values", sql("with recursive c(x) as (select 1 union all select x+1 from c limit 1000) select hex(zeroblob(500000)) from c")
    yield "a list in one value", sql("with recursive c(x) as (select 1 union all select x+1 from c limit 3000000) select group_concat(x || 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx') from c")
    yield "a replacement in itself", sql("select replace(replace(hex(zeroblob(20000)), '0', hex(zeroblob(2000))), '0', 'xx')")
    yield "a sum of large exponents", select("1e99999999+1")
    yield "the size of a large exponent", select("abs(1e99999999)")
    yield "a sum over large exponents", select("sum(n*1e100000)")
    yield "a power of powers", select("9999999^9999999^99999")
    yield "a small quotient", select("1/1e99999999")
    yield "a product of long numbers", select("*".join(["9" * 400] * 12))
    yield "a text of a large exponent", select("1e99999999::text")
    yield "a comparison of large exponents", ("GET", f"/resource/{DATASET}.json?$where=n%3C1e99999999&$limit=1", None, ())
    yield "texts joined to themselves", select("||".join(["t||t||t||t"] * 60))
    yield "a padded text", select("pad_left(t, 900000000, 'x')")
    yield "a number with a large exponent", ("POST", f"/resource/{DATASET}.json", b'[{"k":"e","n":1e99999999},{"k":"f","n":"-1e-99999999"}]', AUTHORIZED)
    yield "the row with it read back", ("GET", f"/resource/{DATASET}/e.json", None, ())
    yield "a number of a million digits", ("POST", f"/resource/{DATASET}.json", b'[{"k":"d","n":' + b"9" * 1_000_000 + b"}]", AUTHORIZED)
    yield "JSON of great depth", ("POST", f"/resource/{DATASET}.json", b"[" * 5_000_000, AUTHORIZED)
    yield "JSON of great depth in a cell", ("POST", f"/resource/{DATASET}.json", b'[{"k":' + b"[" * 5_000_000, AUTHORIZED)
    yield "a definition of great depth", ("PUT", "/__mock/v1/datasets/deep-2222", b'{"columns":' + b"[" * 5_000_000, (JSON,))
    yield "a row with 300,000 fields", ("POST", f"/resource/{DATASET}.json", json.dumps([{f"c{n}": n for n in range(300_000)}]).encode(), AUTHORIZED)
    yield "a header of 300,000 cells", ("POST", f"/resource/{DATASET}.json", b",".join(b"c%d" % n for n in range(300_000)) + b"\n", CSV)
    mib = 1500 if large else 300
    yield "a gzip bomb of blanks", ("POST", f"/resource/{DATASET}.json", bomb(mib, b" ", b"["), gz)
    yield "a gzip bomb in a text", ("POST", f"/resource/{DATASET}.json", bomb(mib, b"x", b'[{"k":"'), gz)
    yield "a gzip bomb of rows without end", ("POST", f"/resource/{DATASET}.json", bomb(mib // 20, b'{"k":"a"},', b"["), gz)
    yield "a gzip bomb in a quoted cell", ("POST", f"/resource/{DATASET}.json", bomb(mib, b"x", b'k,n\n"'), (*CSV, ("Content-Encoding", "gzip")))
    yield "a query of a megabyte", ("POST", f"/api/v3/views/{DATASET}/query.json", json.dumps({"query": "select " + "n+" * 400_000 + "n"}).encode(), AUTHORIZED)
    yield "a query of great depth", ("POST", f"/api/v3/views/{DATASET}/query.json", json.dumps({"query": "select " + "(" * 500_000 + "1"}).encode(), AUTHORIZED)
    yield "joins of all with all", ("GET", f"/resource/{DATASET}.json?$query={quote('select count(*) join @many-2222 as b on true join @many-2222 as c on true')}", None, ())


class Memory:
    """Actions one after the other, each with what it took at most."""

    def __init__(self, server, report, baseline):
        self.server, self.report, self.baseline = server, report, baseline

    def action(self, title, clients, request):
        with watch.Watch(self.server, self.report) as seen:
            threads = [threading.Thread(target=self.client, args=(title, request)) for _ in range(clients)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        beyond = seen.peak - self.baseline
        self.report.note(f"{title}: {beyond:+.0f} MiB")
        if beyond > BUDGET:
            self.report.find(PART, "memory", title, f"{seen.peak:.0f} MiB, {beyond:.0f} beyond the {self.baseline:.0f} of its data; {clients} clients",
                             [wire_of(request)], server=str(self.server.options))
        return self.server.lives()

    def client(self, title, request):
        method, target, body, headers = request
        self.report.add("requests")
        try:
            answer = self.server.ask(method, target, body, headers, patience=90)
            if answer.status >= 500 and answer.status not in (501, 503, 507):
                self.report.add("500s")
                self.report.find(PART, "500", title, f"{answer.status} {answer.body[:200]!r}", [wire_of(request)])
        except Hang as hang:
            self.report.find(PART, "hang", title, str(hang), [wire_of(request)])
        except (Ended, Malformed) as error:
            if self.server.lives():
                self.report.find(PART, type(error).__name__.lower().replace("ended", "torn"), title, str(error), [wire_of(request)])

    def rest(self, before):
        """Threads and descriptors come back; a thread that still computes for nobody is a leak."""
        pid = self.server.pid
        back = until(lambda: watch.threads(pid) <= before[0] + 2 and watch.descriptors(pid) <= before[1] + 4, stalls.CALM, 0.5)
        if not back:
            self.report.find(PART, "leak", "threads or descriptors after large requests",
                             f"{watch.threads(pid)}, {watch.descriptors(pid)} after {stalls.CALM} s, {before} before")
        idle = until(lambda: busy(pid) < 0.2, stalls.CALM, 0.1)
        if not idle:
            self.report.find(PART, "leak", "the process computes for nobody", f"{busy(pid):.1f} cores busy {stalls.CALM} s after the last answer")
        self.report.note(f"memory at rest: {watch.memory_mib(pid) or 0:.0f} MiB, {self.baseline:.0f} before")


def busy(pid, seconds=1.0):
    """Cores that the process uses."""
    def ticks():
        fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
        return int(fields[11]) + int(fields[12])
    first = ticks()
    time.sleep(seconds)
    return (ticks() - first) / 100 / seconds


def wire_of(request):
    method, target, body, headers = request
    lines = [f"{method} {target} HTTP/1.1", "Host: localhost", "Connection: close"] + [f"{n}: {v}" for n, v in headers]
    if body is not None:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + (body or b"")


def run(binary, folder, report, seed, seconds):
    """All actions; a process that has died is started again for the rest."""
    large = seconds >= LARGE
    options = ["--query-timeout", "10s"]
    if "--max-memory" in options_of(binary):
        options += ["--max-memory", f"{BUDGET}m"]
    server = Server(binary, folder, *options)
    end = time.monotonic() + seconds
    actions = [(t, 1, r) for t, r in alone(large)] + [(t, CLIENTS, r) for t, r in together(large)]
    # Where the time does not suffice for all, other seeds try the rest.
    random.Random(f"{seed}:{PART}").shuffle(actions)
    try:
        memory, before = begin(server, report, large)
        for number, (title, clients, request) in enumerate(actions):
            if time.monotonic() > end:
                report.note(f"memory: the time was over after {number} of {len(actions)} actions")
                break
            if not memory.action(title, clients, request):
                report.find(PART, "died", title, f"ended with {server.ended()}\n{server.log_end(600)}", [wire_of(request)])
                memory, before = begin(server, report, large)
        memory.rest(before)
    except NoStart as error:
        report.find(PART, "no start", "a new process", str(error))
    finally:
        server.stop()


def begin(server, report, large):
    """A server with its data, what that takes, and its threads and descriptors at rest."""
    server.start()
    stalls.fill(server, ROWS if large else FEW_ROWS)
    level = stalls.Stalls(server, report).level()
    return Memory(server, report, watch.memory_mib(server.pid)), level
