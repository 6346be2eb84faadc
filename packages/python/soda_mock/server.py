"""A server process that ends with its owner, however that ends."""

import json
import subprocess
import tempfile
import urllib.request
from pathlib import Path

from .binary import find_binary
from .space import Space


class Server:
    """A running server. Its ready line is `ready`: `url`, `https`, `admin`, `page` and `ca` are taken from it."""

    def __init__(self, *arguments, binary=None):
        """Starts one on a free port; `arguments` are those of `soda-mock serve`."""
        self._folder = tempfile.TemporaryDirectory(prefix="soda-mock-")
        command = [find_binary(binary), "serve", "--port", "0", "--ca-dir", self._folder.name, "--exit-with-stdin"]
        log = Path(self._folder.name) / "log"
        with log.open("wb") as errors:
            self._process = subprocess.Popen(
                [*command, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True
            )
        # The line comes when the server can work, so there is nothing to poll.
        line = self._process.stdout.readline()
        if not line:
            self._process.wait()
            reason = log.read_text(errors="replace").strip()
            self.stop()
            raise RuntimeError(f"soda-mock did not start: {reason}")
        self._take(json.loads(line))

    @classmethod
    def at(cls, ready):
        """A server that somebody else runs: its ready line, or its URL."""
        server = cls.__new__(cls)
        server._process = None
        if isinstance(ready, str):
            url = ready.rstrip("/")
            ready = {"http": url, "https": None, "admin": f"{url}/__mock/v1", "page": f"{url}/__mock/", "ca": None}
        server._take(ready)
        return server

    def _take(self, ready):
        self.ready = ready
        self.url, self.https, self.ca = ready["http"], ready["https"], ready["ca"]
        self.admin, self.page = ready["admin"], ready["page"]

    def space(self, **options):
        """A new space: a world of its own in this server."""
        return Space(self, **options)

    def ca_pem(self):
        """The certificate to trust for HTTPS."""
        with urllib.request.urlopen(f"{self.admin}/ca.pem", timeout=30) as answer:
            return answer.read().decode()

    def stop(self):
        """Ends the process, if it is ours."""
        if self._process is None:
            return
        process, self._process = self._process, None
        process.stdin.close()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()
        self._folder.cleanup()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
