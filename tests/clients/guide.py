"""Runs every block of README.md and of the guide in order, on one server, and compares what they print.

    guide.py BINARY [PAGE…]     # --print shows each page's blocks with what they printed

A page begins where a new server does, in an empty folder. What stands in its blocks:

console   a command behind `$ `, over several lines where the shell needs them, then all that it prints on a terminal.
          `…` stands for any text of a line, a line of its own with only `…` for any lines.
sh        commands that print what they like and must succeed.
python    a program that must succeed; left out where a library of its imports is not installed.
json      must be JSON. toml: must be TOML. With a path behind the language, the block is that file from there on.
rust      is left to `cargo test`, which runs the guide's examples as those of the library's documentation.
text      is shown only.
"""

import ast
import importlib.util
import json
import os
import pty
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import tomllib
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
FENCE = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
MARK = "\x1e"
WIDTH = 100


@dataclass
class Command:
    """What the shell is given, and what it must print; None: anything."""

    line: int
    text: str
    expected: str | None
    got: str = ""
    code: int = 0
    strict: bool = field(default=False)


def whole(text):
    """Whether the shell has a whole command."""
    tried = subprocess.run(["bash", "-n"], input=text, capture_output=True, text=True)
    return tried.returncode == 0 and not tried.stderr


def console(line, text):
    """The commands of a block with their output."""
    commands, lines, at = [], text.splitlines(), 0
    while at < len(lines):
        if not lines[at].startswith("$ "):
            raise ValueError(f"line {line + at}: output without a command")
        start, command = at, lines[at][2:]
        at += 1
        while at < len(lines) and (command.endswith("\\") or not whole(command)):
            command += "\n" + lines[at]
            at += 1
        output = []
        while at < len(lines) and not lines[at].startswith("$ "):
            output.append(lines[at])
            at += 1
        commands.append(Command(line + start, command, "\n".join(output)))
    return commands


def importable(program):
    roots = set()
    for node in ast.walk(ast.parse(program)):
        if isinstance(node, ast.Import):
            roots |= {name.name.split(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            roots.add(node.module.split(".")[0])
    return all(importlib.util.find_spec(root) for root in roots)


def commands_of(page, skipped):
    """The commands of a page; blocks that only have to be well-formed are checked here."""
    text = page.read_text(encoding="utf-8")
    for match in FENCE.finditer(text):
        language, path, block = match.groups()
        line = text[: match.start()].count("\n") + 2
        if language == "json":
            json.loads(block)
        elif language == "toml":
            tomllib.loads(block)
        if path and language not in ("rust", "text"):
            folder = Path(path).parent
            yield Command(line, f"mkdir -p {folder} && cat > {path} <<'END-OF-BLOCK'\n{block}END-OF-BLOCK", "", strict=True)
        elif language == "console":
            yield from console(line, block)
        elif language == "sh":
            yield Command(line, block, None, strict=True)
        elif language == "python":
            if importable(block):
                yield Command(line, f"python3 - <<'END-OF-BLOCK'\n{block}END-OF-BLOCK", None, strict=True)
            else:
                skipped.append(f"{page.name}:{line}")
        elif language not in ("json", "toml", "rust", "text"):
            raise ValueError(f"{page.name}:{line}: blocks in {language} are not known here")


def run(commands, folder, environment):
    """Runs them in one shell on a terminal, and notes what each printed."""
    script = ["shopt -s expand_aliases"]
    for command in commands:
        script += [f"printf '{MARK}'", command.text, f"printf '{MARK}%s{MARK}' $?"]
    (folder.parent / "page.sh").write_text("\n".join(script) + "\n", encoding="utf-8")
    ours, theirs = pty.openpty()
    subprocess.run(["stty", "cols", str(WIDTH), "rows", "50"], stdin=theirs, check=True)
    shell = subprocess.Popen(["bash", folder.parent / "page.sh"], cwd=folder, env=environment, stdin=subprocess.DEVNULL,
                             stdout=theirs, stderr=theirs, start_new_session=True)
    os.close(theirs)
    told = bytearray()

    def read():
        try:
            while chunk := os.read(ours, 65536):
                told.extend(chunk)
        except OSError:
            pass  # The last program has closed the terminal.

    reader = threading.Thread(target=read)
    reader.start()
    try:
        shell.wait(timeout=120)
    finally:
        shell.kill()
        reader.join(timeout=10)
    # Some versions of jq colour what they write on a terminal, whatever NO_COLOR says.
    parts = re.sub("\x1b\\[[0-9;]*m", "", told.decode(errors="replace")).replace("\r\n", "\n").split(MARK)
    # Around each command: a mark, its output, a mark, its exit code, a mark.
    for number, command in enumerate(commands):
        if len(parts) < 3 * number + 4:
            raise RuntimeError(f"the shell ended at line {command.line}: {command.text}\n{parts[-1]}")
        command.got, command.code = parts[3 * number + 1].strip("\n"), int(parts[3 * number + 2])


def agrees(got, expected):
    lines = ["(?:.*\n)*?.*" if line.strip() == "…" else ".*?".join(re.escape(part) for part in line.split("…"))
             for line in expected.splitlines()]
    return re.fullmatch("\n".join(lines), "\n".join(line.rstrip() for line in got.splitlines())) is not None


def failed(command):
    if command.expected is None:
        return command.code != 0
    return (command.strict and command.code != 0) or not agrees(command.got, command.expected)


class Server:
    def __init__(self, binary, folder):
        ready = folder / "ready.json"
        self.process = subprocess.Popen(
            [binary, "serve", "--port", "0", "--ca-dir", folder / "ca", "--ready-file", ready, "--exit-with-stdin"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.ready = json.loads(self.process.stdout.readline())

    def call(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.ready["admin"] + path, data, {"Content-Type": "application/json"}, method=method)
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30) as answer:
            return json.load(answer)

    def begin_again(self):
        """Where a new server is."""
        for space in self.call("GET", "/spaces")["spaces"]:
            if space["name"] != "default":
                self.call("DELETE", f"/spaces/{space['name']}")
        for snapshot in self.call("GET", "/snapshots")["snapshots"]:
            self.call("DELETE", f"/snapshots/{snapshot['name']}")
        self.call("PUT", "/throttle", {"anonymous": "off", "token": "off"})
        self.call("POST", "/reset", {"to": "seed"})

    def stop(self):
        self.process.stdin.close()
        self.process.wait(timeout=10)


def pages():
    """README.md, then the guide in the order in which README.md names its pages."""
    readme = ROOT / "README.md"
    named = re.findall(r"\((src/guide/[\w-]+\.md)\)", readme.read_text(encoding="utf-8"))
    return [readme, *(ROOT / page for page in dict.fromkeys(named))]


def check(page, binary, server, work, skipped):
    """The page's commands after they were run."""
    server.begin_again()
    folder = work / "page"
    shutil.rmtree(folder, ignore_errors=True)
    home = work / "home"
    shutil.rmtree(home, ignore_errors=True)
    for path in (folder, home, work / "bin"):
        path.mkdir(exist_ok=True)
    tools = work / "bin" / "soda-mock"
    if not tools.exists():
        tools.symlink_to(binary)
    port = str(server.ready["port"])
    commands = list(commands_of(page, skipped))
    for command in commands:
        command.text = command.text.replace("localhost:7632", f"localhost:{port}").replace("127.0.0.1:7632", f"127.0.0.1:{port}")
    environment = {
        "PATH": f"{work / 'bin'}:{Path(sys.executable).parent}:{os.environ['PATH']}", "HOME": str(home), "LANG": "C.UTF-8", "TERM": "dumb", "NO_COLOR": "1",
        "PAGER": "cat", "SODA_MOCK_URL": server.ready["http"], "TZ": "UTC",
        # What an installed package would bring.
        "PYTHONPATH": str(ROOT / "packages/python"), "PYTEST_PLUGINS": "soda_mock.pytest", "PYTHONDONTWRITEBYTECODE": "1",
    }
    run(commands, folder, environment)
    for command in commands:
        command.got = command.got.replace(f":{port}", ":7632").replace(str(folder), "/work").replace(str(home), "~")
    return commands


def main():
    arguments = [argument for argument in sys.argv[1:] if argument != "--print"]
    show = "--print" in sys.argv
    binary = Path(arguments[0]).resolve()
    wanted = [Path(page).resolve() for page in arguments[1:]] or pages()
    skipped, wrong, blocks = [], 0, 0
    with tempfile.TemporaryDirectory(prefix="guide-") as folder:
        work = Path(folder)
        server = Server(binary, work)
        try:
            for page in wanted:
                commands = check(page, binary, server, work, skipped)
                blocks += len(commands)
                for command in commands:
                    bad = failed(command)
                    wrong += bad
                    if bad or show:
                        print(f"{page.relative_to(ROOT)}:{command.line} $ {command.text}\n{command.got}")
                    if bad:
                        print(f"--- ended with {command.code}; the page says\n{command.expected}\n")
        finally:
            server.stop()
    if skipped:
        print(f"guide: left out, as a library is not installed: {', '.join(skipped)}")
    if wrong:
        sys.exit(f"guide: {wrong} of {blocks} commands differ")
    print(f"guide: {len(wanted)} pages, {blocks} commands passed")


main()
