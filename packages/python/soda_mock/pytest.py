"""The pytest plugin: fixtures `soda_mock` and `soda_space`, the mark `soda_fault`, and what a failed test had sent."""

import shlex

import pytest

from .binary import MissingBinary
from .server import Server
from .space import Space

_SERVER = pytest.StashKey()
_READY = "soda_mock_ready"


def pytest_addoption(parser):
    group = parser.getgroup("soda-mock")
    group.addoption("--soda-mock", metavar="PATH", help="the soda-mock binary (also SODA_MOCK)")
    group.addoption("--soda-mock-url", metavar="URL", help="use the server that runs there, and start none")
    group.addoption("--soda-mock-args", metavar="ARGS", help="more arguments of `soda-mock serve`, as a shell would read them")
    parser.addini("soda_mock_args", "arguments of `soda-mock serve`: seeds, options", type="args", default=[])


def pytest_configure(config):
    config.addinivalue_line(
        "markers",
        'soda_fault(preset or do, times=…, **match): arms a fault in the test\'s space: soda_fault("maintenance"), '
        'soda_fault({"status": 503}, times=2, operation="upsert")',
    )


def _start(config):
    """The run's server. The process that starts it ends it."""
    if url := config.getoption("soda_mock_url"):
        return Server.at(url)
    arguments = [*config.getini("soda_mock_args"), *shlex.split(config.getoption("soda_mock_args") or "")]
    return Server(*arguments, binary=config.getoption("soda_mock"))


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node):
    """Under xdist the main process starts the server, once, and tells each worker where it is."""
    config = node.config
    try:
        if _SERVER not in config.stash:
            config.stash[_SERVER] = _start(config)
        node.workerinput[_READY] = config.stash[_SERVER].ready
    except (MissingBinary, RuntimeError) as reason:
        # Only tests that want the server fail.
        node.workerinput[_READY] = str(reason)


def pytest_unconfigure(config):
    if server := config.stash.get(_SERVER, None):
        server.stop()


@pytest.fixture(scope="session")
def soda_mock(pytestconfig):
    """The server of this run: `url`, `https`, `admin`, `page`, `ca`."""
    told = getattr(pytestconfig, "workerinput", {}).get(_READY)
    if isinstance(told, str):
        pytest.fail(told, pytrace=False)
    if told is not None:
        return Server.at(told)
    try:
        pytestconfig.stash[_SERVER] = _start(pytestconfig)
    except (MissingBinary, RuntimeError) as reason:
        pytest.fail(str(reason), pytrace=False)
    return pytestconfig.stash[_SERVER]


@pytest.fixture
def soda_space(soda_mock, request):
    """A space of this test alone, with the faults of its marks, the nearest mark last."""
    with soda_mock.space() as space:
        for mark in reversed(list(request.node.iter_markers("soda_fault"))):
            (what,) = mark.args
            (space.preset if isinstance(what, str) else space.fault)(what, **mark.kwargs)
        yield space


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """A failed test shows what its program sent."""
    report = (yield).get_result()
    if report.when != "call" or not report.failed:
        return
    # One space may be there under the names of several fixtures.
    spaces = {id(value): value for value in getattr(item, "funcargs", {}).values() if isinstance(value, Space)}
    for space in spaces.values():
        report.sections.append((f"soda-mock: what was sent to {space.name}", _told(space)))


def _told(space):
    try:
        return space.report()
    except Exception as reason:  # noqa: BLE001 - the test's own failure must not be hidden by the report's
        return f"the journal cannot be read: {reason}"
