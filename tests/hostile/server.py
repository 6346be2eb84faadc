"""The program under test: started, awaited by its ready line, watched, stopped."""

import base64
import json
import os
import selectors
import signal
import subprocess
import threading
import time
from pathlib import Path

import wire

# Seconds for a start or a stop; more is a hang.
PATIENCE = 60
PUBLISHER = "Basic " + base64.b64encode(b"publisher@example.com:publisher").decode()
JSON = ("Content-Type", "application/json")
AUTHORIZED = (("Authorization", PUBLISHER), JSON)


class NoStart(Exception):
    """The program did not become ready."""


class Server:
    """One process; `start` may be called again after it has ended."""

    def __init__(self, binary, folder, *options):
        self.binary = str(binary)
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.options = list(options)
        self.log = self.folder / "log"
        self.process = None
        self.port = 0
        self.tls = None

    def start(self):
        """Starts it and waits for its ready line."""
        command = self.spawn()
        line = self.ready_line()
        try:
            ready = json.loads(line)
        except ValueError as error:
            self.kill()
            raise NoStart(f"{' '.join(command)}: {line!r}; {self.log_end()}") from error
        self.port = ready["port"]
        self.tls = self.tls or wire.trusting(ready["ca"])
        # Whatever else it prints must not fill the pipe.
        threading.Thread(target=self.process.stdout.read, daemon=True).start()
        return self

    def start_and_kill(self, seconds):
        """Starts it and kills it so soon after."""
        self.spawn()
        time.sleep(seconds)
        self.kill()

    def spawn(self):
        environment = {n: v for n, v in os.environ.items() if not n.startswith("SODA_MOCK_")}
        environment |= {"HOME": str(self.folder), "TMPDIR": str(self.folder), "RUST_BACKTRACE": "1"}
        command = [self.binary, "serve", "--port", "0", "--ca-dir", str(self.folder / "ca"), *self.options]
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                command, cwd=self.folder, env=environment,
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log,
            )
        return command

    def ready_line(self):
        selector = selectors.DefaultSelector()
        selector.register(self.process.stdout, selectors.EVENT_READ)
        if not selector.select(PATIENCE):
            return b""
        return self.process.stdout.readline()

    @property
    def pid(self):
        return self.process.pid

    def lives(self):
        return self.process is not None and self.process.poll() is None

    def kill(self):
        """SIGKILL: as a power cut, as far as the process can tell."""
        self.process.kill()
        self.process.wait(PATIENCE)

    def terminate(self):
        """SIGTERM without waiting."""
        self.process.send_signal(signal.SIGTERM)

    def ended(self, patience=PATIENCE):
        """Its exit status, or None when it has not ended in time."""
        try:
            return self.process.wait(patience)
        except subprocess.TimeoutExpired:
            return None

    def stop(self):
        """Ends it in whatever way it takes."""
        if self.lives():
            self.terminate()
            if self.ended(10) is None:
                self.kill()

    def log_end(self, length=2000):
        """The end of its log."""
        return self.log.read_bytes()[-length:].decode(errors="replace") if self.log.exists() else ""

    def panics(self):
        """Lines of the log that tell of a defect."""
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        return [line for line in text.splitlines() if "panicked" in line or "overflowed its stack" in line]

    def ask(self, method, target, body=None, headers=AUTHORIZED, **how):
        """One request with the publisher's login."""
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        return wire.ask(self, method, target, data, headers, **how)

    def define(self, dataset, definition, **how):
        """Makes a dataset; anything but 200 ends the part."""
        answer = self.ask("PUT", f"/__mock/v1/datasets/{dataset}", definition, (JSON,), **how)
        if answer.status != 200:
            raise RuntimeError(f"PUT {dataset}: {answer.status} {answer.body[:300]!r}")

    def __enter__(self):
        return self if self.lives() else self.start()

    def __exit__(self, *_):
        self.stop()


def options_of(binary):
    """The names of the options that `serve` knows, so that a campaign uses those that are there."""
    text = subprocess.run([str(binary), "serve", "--help"], capture_output=True, text=True, timeout=PATIENCE).stdout
    return {word.strip(",[]") for word in text.split() if word.startswith("--")}
