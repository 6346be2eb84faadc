"""Runs the curl commands of a transcript and compares their answers.

A command begins with `$ `; the lines below it are its answer. `…` stands for anything. Behind `~ ` stands
JSON with the members that the answer's object has at least. The folder beside the transcript that has its
name without the extension is `$EXAMPLES`.
"""

import json
import os
import re
import subprocess
import sys

failed = 0
transcript = os.path.abspath(sys.argv[1])
environment = {**os.environ, "EXAMPLES": os.path.splitext(transcript)[0]}
blocks = re.split(r"^\$ ", open(transcript, encoding="utf-8").read(), flags=re.M)[1:]


def answers(got, expected):
    if expected.startswith("~ "):
        found = json.loads(got)
        return all(found.get(name) == value for name, value in json.loads(expected[2:]).items())
    pattern = ".*?".join(re.escape(part) for part in expected.split("…"))
    return re.fullmatch(pattern, got, flags=re.S)


for block in blocks:
    lines = block.rstrip("\n").split("\n")
    command = lines[0]
    while command.endswith("\\"):
        lines = lines[1:]
        command = command[:-1] + lines[0]
    expected = "\n".join(line for line in lines[1:] if not line.startswith("#")).strip()
    command = command.replace("localhost:7632", "localhost:" + os.environ["PORT"])
    run = subprocess.run(command, shell=True, env=environment, capture_output=True, text=True, timeout=30)
    got = run.stdout.strip()
    if not answers(got, expected):
        failed += 1
        print(f"$ {command}\n--- expected\n{expected}\n--- got\n{got}\n{run.stderr}")
if failed:
    sys.exit(f"transcript: {failed} of {len(blocks)} differ")
print(f"transcript: {len(blocks)} passed")
