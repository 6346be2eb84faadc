"""The plugin as an installed package: whole pytest runs, each in a process of its own."""

import json
import os
import sys
import urllib.request

import pytest
import soda_mock
from soda_mock.report import describe

PUBLISH = """
    import base64, json, pytest, urllib.request

    def publish(space, rows):
        login = base64.b64encode(f"{space.user}:{space.password}".encode()).decode()
        request = urllib.request.Request(f"{space.url}/resource/read-ings.json", json.dumps(rows).encode(),
            {"Authorization": f"Basic {login}", "Content-Type": "application/json"})
        return json.load(urllib.request.urlopen(request))

    @pytest.fixture
    def readings(soda_space):
        columns = [{"fieldName": "id"}, {"fieldName": "value", "dataTypeName": "number"}]
        return soda_space.dataset("read-ings", {"columns": columns, "metadata": {"rowIdentifier": "id"}})
"""


@pytest.fixture
def run(pytester):
    """Runs these tests in a new process."""

    def run(tests, *arguments):
        pytester.makepyfile(publishing=PUBLISH)
        pytester.makepyfile(f"from publishing import publish, readings\n{tests}")
        return pytester.runpytest_subprocess("-p", "no:cacheprovider", *arguments)

    return run


def test_a_failure_shows_what_was_sent_and_how_rows_fared(run):
    result = run(
        "def test_it(soda_space, readings):\n"
        "    publish(soda_space, [{'id': f'r{n}', 'value': n} for n in range(30)] + [{'value': 1}, {'value': 2}])\n"
        "    soda_space.expect(readings, count=33)\n"
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([
        "*30 rows, expected exactly 33*",
        "*soda-mock: what was sent to space-1*",
        "#1 POST /resource/read-ings.json 200 30 created 2 errors",
        "    2 rows *row 30, row 31",
        "    30 rows created: r0, r1, r2,*…",
    ])


def test_a_refused_upload_is_shown_with_its_hint(run):
    result = run(
        "def test_it(soda_space, readings):\n"
        "    publish(soda_space, [{'id': 'a', 'value': 'N/A'}])\n"
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["#1 POST /resource/read-ings.json 400 soda.column.maltyped:*", "    Row 0*value*"])


def test_a_failure_says_that_nothing_was_sent(run):
    result = run("def test_it(soda_space):\n    soda_space.verify(operation='upsert')\n")
    result.stdout.fnmatch_lines(["no request reached this space*"])


def test_the_report_has_ten_lines_at_most():
    request = {"method": "POST", "path": "/resource/a.json", "status": 200, "fault": None, "error": None, "hint": None}
    for count in range(1, 40):
        requests = [{**request, "id": number, "rows": {"created": 2}} for number in range(count)]
        fates = [{"fate": f"f{n % 7}", "reason": None, "key": str(n), "index": n} for n in range(20)]
        lines = describe(requests, lambda _: fates).split("\n")
        assert len(lines) <= 10
        assert any(line.startswith(f"#{count - 1} ") for line in lines), "the newest request is always there"


def test_spaces_of_two_tests_do_not_see_each_other(run):
    tests = "\n".join(
        f"def test_{n}(soda_space, readings):\n"
        f"    publish(soda_space, [{{'id': 'a', 'value': {n}}}])\n"
        f"    soda_space.expect(readings, rows=[{{'id': 'a', 'value': {n}}}])\n"
        for n in range(4)
    )
    run(tests).assert_outcomes(passed=4)


def test_workers_share_one_server(run, pytester):
    pytest.importorskip("xdist")
    result = run(
        "import pytest, pathlib\n"
        "@pytest.mark.parametrize('n', range(8))\n"
        "def test_it(soda_mock, worker_id, n):\n"
        "    pathlib.Path(f'seen-{worker_id}').write_text(str(soda_mock.ready['pid']))\n",
        "-n", "2",
    )
    result.assert_outcomes(passed=8)
    seen = [path.read_text() for path in pytester.path.glob("seen-gw*")]
    assert len(seen) == 2 and len(set(seen)) == 1
    assert not os.path.exists(f"/proc/{seen[0]}"), "the server ends with the run"


def test_marks_arm_faults_the_nearest_last(run):
    result = run(
        "import pytest\n"
        "@pytest.mark.soda_fault('maintenance', times=1)\n"
        "class TestIt:\n"
        "    @pytest.mark.soda_fault({'status': 503}, times=2, operation='upsert')\n"
        "    def test_it(self, soda_space):\n"
        "        armed = soda_space.call('GET', '/faults')['faults']\n"
        "        assert [fault['times'] for fault in armed] == [1, 2]\n"
        "    def test_other(self, soda_space):\n"
        "        assert len(soda_space.call('GET', '/faults')['faults']) == 1\n"
    )
    result.assert_outcomes(passed=2)


@pytest.mark.parametrize("workers", [[], ["-n", "1"]], ids=["alone", "xdist"])
def test_a_missing_binary_says_how_to_get_it(run, workers):
    if workers:
        pytest.importorskip("xdist")
    result = run("def test_it(soda_mock): pass\ndef test_other(): pass\n", "--soda-mock", "/nowhere/soda-mock", *workers)
    result.assert_outcomes(errors=1, passed=1)
    result.stdout.fnmatch_lines(["*/nowhere/soda-mock is not a program; name the soda-mock binary*"])


def test_arguments_of_the_server_are_passed_on(run, pytester):
    pytester.makeini("[pytest]\nsoda_mock_args = --ids 7\n")
    result = run(
        "def test_it(soda_space):\n"
        "    options = soda_space.call('GET', '/info')['options']\n"
        "    assert (options['ids']['value'], options['strict']['value']) == ('7', 'true')\n",
        "--soda-mock-args=--strict",
    )
    result.assert_outcomes(passed=1)


def test_a_server_that_cannot_start_says_why(run):
    result = run("def test_it(soda_mock): pass\n", "--soda-mock-args=--no-such-option")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*soda-mock did not start*--no-such-option*"])


def test_a_running_server_is_used(run):
    with soda_mock.Server() as server:
        result = run(f"def test_it(soda_mock): assert soda_mock.url == {server.url!r}\n", "--soda-mock-url", server.url)
        result.assert_outcomes(passed=1)


def test_without_pytest():
    with soda_mock.Server("--ids", "7") as server, server.space() as space:
        assert server.ca_pem().startswith("-----BEGIN CERTIFICATE-----")
        assert os.path.exists(server.ca)
        space.snapshot("before")
        space.call("POST", "/clock/advance", {"ms": 1})
        space.restore("before")
        space.expect("4tka-6guv", unchanged_since="before")
        assert len(space.rows("4tka-6guv")) == 12
        with pytest.raises(soda_mock.Refused, match="no operation") as refused:
            space.fault({"status": 500}, operation="upsret")
        assert refused.value.code == "bad_fault"
        url = server.url
    with pytest.raises(OSError):
        urllib.request.urlopen(url, timeout=5)


def test_the_command_and_the_module_are_the_binary(pytester):
    ours = pytester.run(sys.executable, "-m", "soda_mock", "--version")
    assert ours.ret == 0 and ours.outlines[0].startswith("soda-mock ")
    assert pytester.run(soda_mock.find_binary(), "--version").outlines == ours.outlines


def test_a_container_is_a_server_too():
    containers = pytest.importorskip("testcontainers.core.container", reason="testcontainers is not installed")
    assert containers
    from soda_mock.testcontainers import SodaMockContainer

    with soda_mock.Server() as process:
        port = process.ready["port"]

        class Process(SodaMockContainer):
            """A container whose port is that of a process: no Docker is needed."""

            def get_container_host_ip(self):
                return "localhost"

            def get_exposed_port(self, inner):
                assert inner in self.ports
                return port

        container = Process.__new__(Process)
        container.ports = {7632: None}
        with container.server().space() as space:
            assert json.dumps(space.rows("4tka-6guv"))
