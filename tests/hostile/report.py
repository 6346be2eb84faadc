"""What the campaign counts and finds, the files with reproductions, and the line at the end."""

import base64
import json
import threading
import zlib
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

# Files for one kind of finding; more of the same do not help.
EXAMPLES = 3
# Longer writes are kept compressed.
LITERAL = 8 << 10

REPLAY = '''#!/usr/bin/env python3
"""{kind}: {title}

{detail}

Server: {server}
Run: python3 {name} PORT     (sends each of WRITES and prints what comes back)
"""

import base64, socket, ssl, sys, zlib

WAY = {way!r}
WRITES = [
{writes}
]

io = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 30)
if WAY.startswith("tunnel"):
    io.sendall(b"CONNECT data.example.org:443 HTTP/1.1\\r\\nHost: data.example.org:443\\r\\n\\r\\n")
    print(io.recv(65536))
if WAY.endswith("tls"):
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    io = context.wrap_socket(io, server_hostname="localhost")
for data in WRITES:
    try:
        io.sendall(data)
    except OSError as error:
        print("while writing:", repr(error))
        break
    io.settimeout({pause})
    try:
        print(io.recv(1 << 20))
    except TimeoutError:
        print("(nothing yet)")
    io.settimeout(30)
try:
    while data := io.recv(1 << 20):
        print(data)
    print("(closed)")
except OSError as error:
    print("while reading:", repr(error))
'''


def literal(data):
    """Bytes as a Python expression."""
    if len(data) <= LITERAL:
        return repr(data)
    packed = base64.b85encode(zlib.compress(data, 9)).decode()
    return f"zlib.decompress(base64.b85decode({packed!r}))"


@dataclass
class Finding:
    """One kind of misbehaviour, with how often it was seen."""

    part: str
    kind: str
    title: str
    detail: str
    count: int = 0
    files: list = field(default_factory=list)


class Report:
    """Shared by all parts and threads of a campaign."""

    def __init__(self, output, seed):
        self.output = Path(output)
        self.output.mkdir(parents=True, exist_ok=True)
        self.seed = seed
        self.lock = threading.Lock()
        self.counts = Counter()
        self.findings = {}
        self.notes = []
        self.peak_mib = 0

    def add(self, name, number=1):
        """Counts something."""
        with self.lock:
            self.counts[name] += number

    def note(self, text):
        """A figure for people; no verdict."""
        with self.lock:
            self.notes.append(text)
        print(f"  {text}", flush=True)

    def peak(self, mib):
        with self.lock:
            self.peak_mib = max(self.peak_mib, mib)

    def knows(self, part, kind, title):
        """Whether there are examples enough of it."""
        with self.lock:
            finding = self.findings.get((part, kind, title))
            return finding is not None and len(finding.files) >= EXAMPLES

    def find(self, part, kind, title, detail="", writes=(), way="plain", server="", pause=2.0):
        """A finding; the first few of a kind and title get a file that shows them. True for a new one."""
        with self.lock:
            key = (part, kind, title)
            new = key not in self.findings
            finding = self.findings.setdefault(key, Finding(part, kind, title, detail))
            finding.count += 1
            if len(finding.files) < EXAMPLES and (writes or new):
                finding.files.append(self.file(finding, detail, writes, way, server, pause))
        if new:
            print(f"  FOUND {part}: {kind}: {title}\n    {detail[:400]}", flush=True)
        return new

    def file(self, finding, detail, writes, way, server, pause):
        number = sum(len(f.files) for f in self.findings.values()) + 1
        stem = f"{number:03}-{finding.part}-{finding.kind}".replace(" ", "-")
        if not writes:
            path = self.output / f"{stem}.txt"
            path.write_text(f"{finding.kind}: {finding.title}\nseed {self.seed}\n{server}\n\n{detail}\n")
            return path.name
        path = self.output / f"{stem}.py"
        fields = {
            "kind": finding.kind, "title": finding.title.replace('"""', "'''"), "name": path.name, "way": way,
            "detail": detail.replace("\\", "\\\\").replace('"""', "'''"), "server": server, "pause": pause,
            "writes": "\n".join(f"    {literal(data)}," for data in writes),
        }
        path.write_text(REPLAY.format(**fields))
        return path.name

    def summary(self, minutes):
        """The line at the end, as `name=value`."""
        c = self.counts
        kinds = Counter(f.kind for f in self.findings.values())
        verdict = "held" if not self.findings else f"{len(self.findings)} findings"
        values = {
            "seed": self.seed, "minutes": f"{minutes:.1f}", "requests": c["requests"], "kills": c["kills"],
            "acknowledged_rows": c["acknowledged rows"], "lost_rows": c["lost rows"], "500s": c["500s"],
            "hangs": kinds["hang"], "peak_mib": f"{self.peak_mib:.0f}", "leaks": kinds["leak"], "verdict": repr(verdict),
        }
        return "hostile: " + " ".join(f"{name}={value}" for name, value in values.items())

    def write(self, summary):
        """Everything as JSON beside the reproductions."""
        whole = {
            "summary": summary, "counts": self.counts, "notes": self.notes,
            "findings": [vars(f) for f in self.findings.values()],
        }
        (self.output / "report.json").write_text(json.dumps(whole, indent=1) + "\n")
