"""SIGTERM while requests are under way: they finish, in a tunnel too; a second one ends the process at once."""

import time

import wire
from server import PUBLISHER
from wire import Connection, Ended, Hang, Malformed

PART = "stops"
# Seconds that requests in flight have after SIGTERM.
GRACE = 2.0
# Tries before a late end counts: a machine may be busy once.
TRIES = 3
PATIENCE = 30


def half_sent(server, way):
    """A connection whose upload is there but for its last byte, and that byte."""
    connection = Connection(server, way)
    body = b'[{"k":"s","n":1}]'
    head = (f"POST /resource/stop-2222.json HTTP/1.1\r\nHost: localhost\r\nAuthorization: {PUBLISHER}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n")
    connection.send(head.encode() + body[:-1])
    return connection, body[-1:]


def define(server):
    server.define("stop-2222", {"name": "Stop", "metadata": {"rowIdentifier": "k"}, "columns": [
        {"fieldName": "k", "dataTypeName": "text"}, {"fieldName": "n", "dataTypeName": "number"}]})


def finishes(server, report, way):
    """A request in flight at SIGTERM is answered."""
    define(server)
    connection, rest = half_sent(server, way)
    # A whole request on the same server proves that the half one has been read by now.
    server.ask("GET", "/__mock/v1/live")
    server.terminate()
    try:
        connection.send(rest)
        status = connection.answer("POST").status
        if status != 200:
            report.find(PART, "status", f"an upload in flight at SIGTERM, over {way}", f"{status}")
    except (Ended, Hang, Malformed) as error:
        report.find(PART, "torn", f"an upload in flight at SIGTERM, over {way}", f"{error}")
    connection.close()
    if server.ended(PATIENCE) is None:
        report.find(PART, "hang", f"SIGTERM with a request over {way}", f"not ended after {PATIENCE} s")
        server.kill()


def twice(server):
    """Seconds that the process takes to end after two signals, with a request that never finishes."""
    define(server)
    connection, _ = half_sent(server, wire.PLAIN)
    server.ask("GET", "/__mock/v1/live")
    began = time.monotonic()
    server.terminate()
    while server.lives() and time.monotonic() - began < PATIENCE:
        # The first may be under way still when the second comes: they are two only once the first was taken.
        time.sleep(0.1)
        if server.lives():
            server.terminate()
    connection.close()
    if server.lives():
        server.kill()
        return float("inf")
    return time.monotonic() - began


def run(server, report):
    """All of it; the server is stopped at the end."""
    for way in wire.WAYS:
        if not server.lives():
            server.start()
        finishes(server, report, way)
    times = []
    for _ in range(TRIES):
        server.start()
        times.append(twice(server))
        if times[-1] < GRACE:
            break
    report.note(f"a second SIGTERM ended the process after {min(times):.2f} s")
    if min(times) >= GRACE:
        kind = "hang" if min(times) == float("inf") else "late"
        report.find(PART, kind, "a second SIGTERM", f"it ended after {min(times):.1f} s, as with one")
