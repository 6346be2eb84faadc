"""The action's script as a runner would run it: `test.py BINARY`."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

START = Path(__file__).parent / "start"


def run(folder, **inputs):
    files = {name: folder / name for name in ("GITHUB_ENV", "GITHUB_OUTPUT")}
    for file in files.values():
        file.write_text("")
    environment = {**os.environ, "RUNNER_TEMP": str(folder)} | {name: str(file) for name, file in files.items()}
    environment |= {f"INPUT_{name.upper()}": value for name, value in inputs.items()}
    done = subprocess.run([START], env=environment, capture_output=True, text=True, timeout=60)
    told = [dict(line.split("=", 1) for line in file.read_text().splitlines()) for file in files.values()]
    return done, *told


def test_later_steps_reach_it(binary, folder):
    done, environment, outputs = run(folder, binary=binary, args="--ids 7 --strict", domain="data.city.gov")
    assert done.returncode == 0, done.stdout + done.stderr
    ready = json.loads(next(folder.glob("*/ready.json")).read_text())
    try:
        assert outputs == {"url": ready["http"], "https": ready["https"], "page": ready["page"]}
        assert environment["SODA_MOCK_URL"] == ready["http"]
        later = {"PATH": os.environ["PATH"], "HOME": str(folder), **environment}
        command = ["curl", "-sS", "--fail", "https://data.city.gov/resource/4tka-6guv.json?$select=count(*)"]
        answer = subprocess.run(command, env=later, capture_output=True, text=True, timeout=60)
        assert json.loads(answer.stdout) == [{"count": "12"}], answer.stderr
    finally:
        os.kill(ready["pid"], signal.SIGTERM)


def test_what_goes_wrong_is_an_error_of_the_step(binary, folder):
    for inputs in ({"binary": "/nowhere/soda-mock"}, {"binary": binary, "args": "--no-such-option"}):
        done, environment, outputs = run(folder, **inputs)
        assert done.returncode == 1 and "::error::" in done.stdout, done
        assert not environment and not outputs
        assert list(inputs.values())[-1] in done.stdout


for test in (test_later_steps_reach_it, test_what_goes_wrong_is_an_error_of_the_step):
    with tempfile.TemporaryDirectory() as folder:
        test(sys.argv[1], Path(folder))
print("action: passed")
