"""soda-mock in Python tests: a server, and spaces in it that do not see each other.

With pytest nothing has to be imported: the fixtures `soda_mock` and `soda_space` are there. Without it:

    with soda_mock.Server() as server, server.space() as space:
        publish(space.url, space.user, space.password)
        space.expect("4tka-6guv", count=13)
"""

from .binary import MissingBinary, find_binary
from .server import Server
from .space import Refused, Space

__all__ = ["MissingBinary", "Refused", "Server", "Space", "find_binary"]
