"""Runs the curl commands of a transcript and compares their answers.

A command begins with `$ `; the lines below it are its answer. `…` stands for anything.
"""

import os
import re
import subprocess
import sys

failed = 0
blocks = re.split(r"^\$ ", open(sys.argv[1], encoding="utf-8").read(), flags=re.M)[1:]
for block in blocks:
    lines = block.rstrip("\n").split("\n")
    command = lines[0]
    while command.endswith("\\"):
        lines = lines[1:]
        command = command[:-1] + lines[0]
    expected = "\n".join(line for line in lines[1:] if not line.startswith("#")).strip()
    command = command.replace("localhost:7632", "localhost:" + os.environ["PORT"])
    got = subprocess.run(command, shell=True, capture_output=True, text=True, timeout=30).stdout.strip()
    pattern = ".*?".join(re.escape(part) for part in expected.split("…"))
    if not re.fullmatch(pattern, got, flags=re.S):
        failed += 1
        print(f"$ {command}\n--- expected\n{expected}\n--- got\n{got}\n")
if failed:
    sys.exit(f"transcript: {failed} of {len(blocks)} differ")
print(f"transcript: {len(blocks)} passed")
