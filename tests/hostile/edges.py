"""Where limits are: shapes that no database takes are the client's fault, a full disk is told as one, and a killed
process leaves nothing behind that the next one does not remove."""

import json
import stat
import subprocess
from pathlib import Path
from urllib.parse import quote

import oracle
from server import Server
from wire import Ended, Hang, Malformed

PART = "edges"
WIDE = "wide-2222"
# Columns that a dataset may have, as it promises.
COLUMNS = 1_990
# Bytes of the small disk.
DISK = 24 << 20


def shapes():
    """Queries and definitions beyond what can be: a title, a request, the statuses that are right."""
    joins = " ".join(f"join @narr-2222 as j{n} on @j{n}.k = k" for n in range(64))
    yield "64 joins", get("narr-2222", "$query=" + quote(f"select k {joins}")), {400}
    yield "2,001 results", get("narr-2222", "$select=" + ",".join(f"n%2B{n}%20as%20r{n}" for n in range(2001))), {400}
    yield "all columns twice", get(WIDE, "$select=" + quote("*, " + ", ".join(f"c{n} as d{n}" for n in range(COLUMNS - 1)))), {400}
    yield "a search in many columns", get(WIDE, "$q=x&$limit=1"), {200, 400}
    yield "an expression of 5,000 terms", get("narr-2222", "$where=" + quote(" or ".join(["n=1"] * 5000))), {200, 400, 414}
    yield "a list of 40,000 values", get("narr-2222", "$where=" + quote("n in (" + ",".join(["1"] * 40_000) + ")")), {200, 400, 414, 431}
    yield "50 unions", get("narr-2222", "$query=" + quote(" union ".join(["select k"] * 50))), {200, 400}
    yield "60 steps", get("narr-2222", "$query=" + quote(" |> ".join(["select k"] * 60))), {200, 400}
    yield "a row of all columns", ("POST", f"/resource/{WIDE}.json", json.dumps([{f"c{n}": "x" for n in range(COLUMNS)}]).encode()), {200}
    yield "all columns", get(WIDE, "$limit=1"), {200}
    same = json.dumps({"name": "Same", "columns": [{"name": "N", "dataTypeName": "text"}] * COLUMNS}).encode()
    yield "all columns of one name", ("PUT", "/__mock/v1/datasets/wide-4444", same), {200}
    yield "too many columns", ("PUT", "/__mock/v1/datasets/wide-3333", definition(40_000)), {400, 413}
    yield "one column more than can be", ("PUT", "/__mock/v1/datasets/wide-3333", definition(COLUMNS + 1)), {400}


def get(dataset, query):
    return "GET", f"/resource/{dataset}.json?{query}", None


def definition(columns):
    fields = [{"fieldName": f"c{n}", "dataTypeName": "text"} for n in range(columns)]
    return json.dumps({"name": "Wide", "columns": fields}).encode()


def limits(server, report):
    judge = oracle.Oracle(json.loads(server.ask("GET", "/__mock/openapi.json").body))
    server.define("narr-2222", {"name": "Narrow", "metadata": {"rowIdentifier": "k"}, "rows": [{"k": "a", "n": 1}],
                                "columns": [{"fieldName": "k", "dataTypeName": "text"}, {"fieldName": "n", "dataTypeName": "number"}]})
    server.define(WIDE, json.loads(definition(COLUMNS)))
    for title, (method, target, body), statuses in shapes():
        report.add("requests")
        try:
            answer = server.ask(method, target, body)
        except (Ended, Hang, Malformed) as error:
            report.find(PART, "died" if not server.lives() else type(error).__name__.lower(), title, str(error))
            if not server.lives():
                return
            continue
        if answer.status not in statuses:
            report.add("500s", answer.status == 500)
            report.find(PART, "status", title, f"{answer.status}, expected {sorted(statuses)}: {answer.body[:300]!r}\n{server.log_end(600)}")
        for kind, text in judge.faults(method, target.split("?")[0], answer):
            report.find(PART, kind, title, text)


class SmallDisk:
    """A file system of a few MiB, where the right to mount one is given."""

    def __init__(self, folder):
        self.folder = Path(folder) / "disk"
        self.folder.mkdir()

    def __enter__(self):
        command = ["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", str(self.folder)]
        try:
            done = subprocess.run(command, capture_output=True, timeout=20).returncode == 0
        except OSError:
            done = False
        return self.folder if done else None

    def __exit__(self, *_):
        subprocess.run(["umount", "-l", str(self.folder)], capture_output=True, timeout=20)


def full_disk(binary, folder, report):
    """Uploads until the disk is full are refused with 507; what is stored stays, and room makes writes work again."""
    with SmallDisk(folder) as disk:
        if disk is None:
            report.note("a full disk was not tried: it takes the right to mount one")
            return
        ballast = disk / "ballast"
        ballast.write_bytes(b"x" * (DISK // 3))
        with Server(binary, folder / "full", "--data", str(disk / "data.db")) as server:
            server.define("full-2222", {"name": "Full", "metadata": {"rowIdentifier": "k"}, "columns": [
                {"fieldName": "k", "dataTypeName": "text"}, {"fieldName": "t", "dataTypeName": "text"}]})
            stored = until_full(server, report)
            held(server, report, stored, "on the full disk")
            ballast.unlink()
            answer = server.ask("POST", "/resource/full-2222.json", [{"k": "room", "t": "x"}])
            if answer.status != 200:
                report.find(PART, "status", "a write once there is room again", f"{answer.status} {answer.body[:300]!r}\n{server.log_end()}")
            else:
                stored += 1
            held(server, report, stored, "once there is room again")
            server.kill()
            server.start()
            held(server, report, stored, "after a restart")


def until_full(server, report):
    """Uploads a megabyte at a time; how many rows were acknowledged."""
    stored = 0
    for number in range(2 * DISK >> 20):
        rows = [{"k": f"{number}-{i}", "t": "x" * 1000} for i in range(1000)]
        answer = server.ask("POST", "/resource/full-2222.json", rows)
        report.add("requests")
        if answer.status == 200:
            stored += len(rows)
            continue
        if answer.status != 507 or not answer.header("x-mock-hint"):
            report.find(PART, "500" if answer.status >= 500 else "status", "an upload to a full disk",
                        f"{answer.status}, expected 507 with a hint: {answer.body[:300]!r}\n{server.log_end(600)}")
        return stored
    report.find(PART, "status", "an upload to a full disk", f"{stored} rows of 1,000 bytes in {DISK} bytes")
    return stored


def held(server, report, stored, when):
    answer = server.ask("GET", "/resource/full-2222.json?$select=count(*)")
    told = json.loads(answer.body)[0]["count"] if answer.status == 200 else f"{answer.status} {answer.body[:200]!r}"
    if told != str(stored):
        report.find(PART, "lost", f"rows {when}", f"{told}, {stored} were acknowledged")


def leftovers(binary, folder, report):
    """The folder of a store that is gone at the end: nobody else's to read, and removed by the next process."""
    home = folder / "ephemeral"
    server = Server(binary, home)
    server.start()
    server.ask("POST", "/resource/4tka-6guv.json", [{"earthquake_id": "x"}])
    for path in [p for top in home.glob("soda-mock-*") for p in (top, *top.rglob("*"))]:
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & 0o077:
            report.find(PART, "readable", "an ephemeral file" if path.is_file() else "an ephemeral folder", f"{path.name}: {mode:o}")
    left = {p.name for p in home.glob("soda-mock-*")}
    if not left:
        report.note("no ephemeral folder was found in the temporary folder")
    server.kill()
    server.start()
    server.ask("GET", "/__mock/v1/ready")
    still = left & {p.name for p in home.glob("soda-mock-*")}
    if still:
        report.find(PART, "left", "the folder of a killed process", f"{sorted(still)} after the next start")
    server.stop()
    if list(home.glob("soda-mock-*")):
        report.find(PART, "left", "the folder of a process that has ended", f"{list(home.glob('soda-mock-*'))}")


def run(binary, folder, report, seed, seconds):
    """Each once: nothing here depends on the seed."""
    with Server(binary, folder / "limits", "--query-timeout", "20s") as server:
        limits(server, report)
    leftovers(binary, folder, report)
    full_disk(binary, folder, report)
