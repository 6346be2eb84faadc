"""soda-mock in pytest: one server for the run, an isolated space for each test.

Copy this file. It needs `requests` and the binary: SODA_MOCK names it, else it is found on PATH.
"""

import json
import os
import subprocess
import uuid

import pytest
import requests

READINGS = {
    "name": "Readings",
    "metadata": {"rowIdentifier": "id"},
    "columns": [
        {"fieldName": "id", "name": "ID", "dataTypeName": "text"},
        {"fieldName": "value", "name": "Value", "dataTypeName": "number"},
        {"fieldName": "batch", "name": "Batch", "dataTypeName": "text"},
    ],
}


class Space:
    """A world of its own: data, journal, faults, clock. What is asked of it fails as an assertion."""

    def __init__(self, admin, http):
        self.url = http
        # The user leads to the space, so the program under test needs no special header.
        self.user, self.password = f"publisher-{uuid.uuid4().hex[:12]}", "secret"
        self._session = requests.Session()
        self._admin = admin
        bind = {"users": [{"name": self.user, "password": self.password}]}
        self.name = self.call("POST", "/spaces", {"bind": bind})["name"]
        self._session.headers["X-Mock-Space"] = self.name

    def call(self, method, path, body=None):
        answer = self._session.request(method, self._admin + path, json=body, timeout=30)
        told = answer.json()
        if answer.status_code == 409:
            more = {name: told[name] for name in ("nearest", "difference") if name in told}
            raise AssertionError(f"{told['detail']}\n{json.dumps(more, indent=2)}")
        if not answer.ok:
            raise RuntimeError(f"{method} {path}: {told.get('detail', told)}")
        return told

    def dataset(self, id4x4, definition):
        self.call("PUT", f"/datasets/{id4x4}", definition)
        return id4x4

    def fault(self, do, times=None, **match):
        return self.call("POST", "/faults", {"match": match, "do": do} | ({"times": times} if times else {}))

    def preset(self, name, **changes):
        return self.call("POST", f"/faults/presets/{name}", changes)

    def hits(self, fault):
        return self.call("GET", f"/faults/{fault['id']}")["hits"]

    def verify(self, times=None, **match):
        return self.call("POST", "/verify", {"match": match} | ({"times": times} if times is not None else {}))

    def expect(self, dataset, **expected):
        return self.call("POST", "/expect", {"dataset": dataset, **expected})

    def changes(self, dataset):
        return self.call("GET", f"/datasets/{dataset}/changes")["changes"]

    def throttle(self, limits):
        self.call("PUT", "/clock", {"mode": "frozen"})
        self.call("PUT", "/throttle", {"anonymous": limits})

    def sleep(self, seconds):
        """For the program under test in place of time.sleep: time passes in the space alone."""
        self.call("POST", "/clock/advance", {"ms": round(seconds * 1000)})

    def reset(self):
        return self.call("POST", "/reset", {"to": "seed"})

    def remove(self):
        self.call("DELETE", f"/spaces/{self.name}")


@pytest.fixture(scope="session")
def soda_mock():
    """The ready line of a server that ends with the run, however the run ends."""
    command = [os.environ.get("SODA_MOCK", "soda-mock"), "serve", "--port", "0", "--ca-dir", "memory", "--exit-with-stdin"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        # The line comes when the server can work: nothing to poll, nothing to wait for.
        line = process.stdout.readline()
        assert line, "soda-mock did not start"
        yield json.loads(line)
        process.stdin.close()


@pytest.fixture
def space(soda_mock):
    """A new world, gone after the test."""
    space = Space(soda_mock["admin"], soda_mock["http"])
    yield space
    space.remove()


@pytest.fixture
def readings(space):
    """A dataset whose rows have a key."""
    return space.dataset("read-ings", READINGS)


@pytest.fixture
def log(space):
    """A dataset that is only appended to: equal rows are not recognised."""
    return space.dataset("logg-logg", {**READINGS, "metadata": {}})
