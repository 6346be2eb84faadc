"""Connections as bytes: plain, TLS, and both inside a proxy's tunnel, with a strict reader of answers.

`http.client` is forgiving; a campaign must not be. Whatever this reader cannot read is a finding.
"""

import re
import socket
import ssl
import time
from dataclasses import dataclass, field

PLAIN, TLS, TUNNEL, TUNNEL_TLS = "plain", "tls", "tunnel", "tunnel+tls"
WAYS = (PLAIN, TLS, TUNNEL, TUNNEL_TLS)

# Seconds after which an answer that does not come counts as a hang.
PATIENCE = 30.0
# An answer's head is never longer.
MAX_HEAD = 64 << 10

STATUS_LINE = re.compile(rb"HTTP/1\.[01] ([1-5][0-9][0-9]) ([\x20-\x7e]*)")
FIELD_NAME = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
CHUNK_SIZE = re.compile(rb"[0-9A-Fa-f]{1,15}")


class Ended(Exception):
    """The other side closed or reset the connection; `reset` tells which."""

    def __init__(self, text, reset, received=b""):
        super().__init__(text)
        self.reset = reset
        self.received = received


class Hang(Exception):
    """Nothing came for so long as one is willing to wait."""


class Malformed(Exception):
    """What came is no HTTP."""


@dataclass
class Answer:
    """One answer, with the 1xx answers that came before it."""

    status: int
    headers: list
    body: bytes = b""
    interim: list = field(default_factory=list)

    def header(self, name):
        """The first value of a header, as text, or None."""
        wanted = name.lower().encode()
        return next((v.decode("latin-1") for n, v in self.headers if n.lower() == wanted), None)

    @property
    def closes(self):
        """Whether the answer says that it is the last one of its connection."""
        return "close" in (self.header("connection") or "").lower()


class Connection:
    """One connection to the server, whichever way leads there."""

    def __init__(self, server, way=PLAIN, patience=PATIENCE, receive_buffer=None):
        self.way = way
        self.patience = patience
        self.buffer = b""
        self.io = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        if receive_buffer:
            self.io.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.io.settimeout(patience)
        try:
            self.io.connect(("127.0.0.1", server.port))
            self.io.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if way in (TUNNEL, TUNNEL_TLS):
                self.tunnel()
            if way in (TLS, TUNNEL_TLS):
                self.io = server.tls.wrap_socket(self.io, server_hostname="localhost")
        except (OSError, Ended) as error:
            self.io.close()
            raise Ended(f"no connection: {error!r}", reset=isinstance(error, ConnectionError)) from error

    def tunnel(self, host="data.example.org:443"):
        """Asks for a tunnel; what is written from then on goes through it."""
        self.send(f"CONNECT {host} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        answer = self.answer("CONNECT")
        if answer.status != 200:
            raise Ended(f"CONNECT was answered {answer.status}", reset=False)

    def send(self, data):
        """Writes all of it, as a client that does not read meanwhile."""
        try:
            self.io.sendall(data)
        except socket.timeout as error:
            raise Hang(f"the server took nothing for {self.patience:.0f} s") from error
        except OSError as error:
            raise Ended(f"while writing: {error!r}", reset=True) from error

    def receive(self):
        """Some more bytes; nothing at the end."""
        try:
            return self.io.recv(1 << 16)
        except socket.timeout as error:
            raise Hang(f"no byte for {self.patience:.0f} s") from error
        except OSError as error:
            raise Ended(f"while reading: {error!r}", reset=True, received=self.buffer) from error

    def more(self, what):
        data = self.receive()
        if not data:
            raise Ended(f"ended before {what}", reset=False, received=self.buffer)
        self.buffer += data

    def take(self, length, what):
        while len(self.buffer) < length:
            self.more(what)
        taken, self.buffer = self.buffer[:length], self.buffer[length:]
        return taken

    def line(self, what, limit=MAX_HEAD):
        while b"\r\n" not in self.buffer:
            if len(self.buffer) > limit:
                raise Malformed(f"{what}: longer than {limit} bytes: {self.buffer[:80]!r}")
            self.more(what)
        line, _, self.buffer = self.buffer.partition(b"\r\n")
        return line

    def head(self):
        """Status and headers of the next answer."""
        line = self.line("the status line")
        match = STATUS_LINE.fullmatch(line)
        if not match:
            raise Malformed(f"status line {line[:120]!r}")
        headers = []
        while field_line := self.line("the end of the head"):
            name, colon, value = field_line.partition(b":")
            if not colon or not FIELD_NAME.fullmatch(name) or re.search(rb"[\x00-\x08\x0a-\x1f\x7f]", value):
                raise Malformed(f"header {field_line[:120]!r}")
            headers.append((name, value.strip(b" \t")))
        return Answer(int(match[1]), headers)

    def answer(self, method="GET"):
        """The next final answer."""
        interim = []
        while True:
            answer = self.head()
            if answer.status >= 200:
                break
            if answer.status == 101:
                raise Malformed("101 that nobody asked for")
            interim.append(answer.status)
        answer.interim = interim
        answer.body = self.body(method, answer)
        return answer

    def body(self, method, answer):
        lengths = [v for n, v in answer.headers if n.lower() == b"content-length"]
        codings = [v.lower() for n, v in answer.headers if n.lower() == b"transfer-encoding"]
        if len(lengths) > 1 or len(codings) > 1 or (lengths and codings):
            raise Malformed(f"framing {lengths} {codings}")
        if method == "HEAD" or answer.status in (204, 304) or (method == "CONNECT" and answer.status == 200):
            return b""
        if codings:
            if codings != [b"chunked"]:
                raise Malformed(f"transfer coding {codings}")
            return self.chunks()
        if lengths:
            if not lengths[0].isdigit():
                raise Malformed(f"content length {lengths[0]!r}")
            return self.take(int(lengths[0]), f"{lengths[0].decode()} bytes of a body")
        if not answer.closes:
            raise Malformed("neither a length, nor chunks, nor Connection: close")
        return self.rest()

    def chunks(self):
        parts = []
        while True:
            size = self.line("a chunk's size", 1024).split(b";")[0].strip()
            if not CHUNK_SIZE.fullmatch(size):
                raise Malformed(f"chunk size {size[:40]!r}")
            if int(size, 16) == 0:
                break
            parts.append(self.take(int(size, 16), "a whole chunk"))
            if self.take(2, "a chunk's end") != b"\r\n":
                raise Malformed("a chunk without its end")
        while self.line("the end of the trailers"):
            pass
        return b"".join(parts)

    def rest(self):
        """Everything until the end."""
        while data := self.receive():
            self.buffer += data
        rest, self.buffer = self.buffer, b""
        return rest

    def at_end(self):
        """Waits for the end; true when nothing more came."""
        try:
            return self.rest() == b""
        except Ended as ended:
            return not ended.received

    def close(self):
        try:
            self.io.close()
        except OSError:
            pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def ask(server, method, target, body=None, headers=(), way=PLAIN, patience=PATIENCE):
    """One well formed request on a connection of its own, and its answer."""
    lines = [f"{method} {target} HTTP/1.1", f"Host: localhost:{server.port}", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in headers]
    if body is not None:
        lines.append(f"Content-Length: {len(body)}")
    with Connection(server, way, patience) as connection:
        connection.send("\r\n".join(lines).encode() + b"\r\n\r\n" + (body or b""))
        return connection.answer(method)


def until(check, patience, step=0.05):
    """Whether a check comes true before patience ends; it is tried at least once."""
    end = time.monotonic() + patience
    while True:
        if check():
            return True
        if time.monotonic() > end:
            return False
        time.sleep(step)


def trusting(pem_path):
    """A TLS context that trusts the server's CA and nothing else."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(pem_path)
    return context
