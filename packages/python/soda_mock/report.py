"""What a program sent and what became of each row, short enough to read in a failed test."""

import json

LINES = 10
WIDTH = 110


def _fitting(text):
    return text if len(text) <= WIDTH else text[: WIDTH - 1] + "…"


def _head(request):
    """One line for a request: number, method, path, status, counts, fault."""
    counts = request["rows"] or {}
    told = [f"{counts[name]} {name}" for name in ("created", "updated", "deleted", "errors") if counts.get(name)]
    parts = [f"#{request['id']}", request["method"], request["path"], str(request["status"] or "no answer"), *told]
    if fault := request["fault"]:
        parts.append(f"(fault {fault['id'] if isinstance(fault, dict) else fault})")
    if error := request["error"]:
        parts.append(f"{error['code']}: {error['message']}")
    return _fitting(" ".join(parts))


def _rows(fates):
    """One line for all rows that fared alike, those that failed first."""
    groups = {}
    for fate in fates:
        # A reason may end in the key of its row.
        reason = (fate["reason"] or "").split(": key ")[0]
        groups.setdefault((fate["fate"], reason), []).append(fate["key"] or f"row {fate['index']}")
    for (fate, reason), keys in sorted(groups.items(), key=lambda group: group[0][0] != "error"):
        rows = "1 row" if len(keys) == 1 else f"{len(keys)} rows"
        shown = [*keys[:10], "…"] if len(keys) > 10 else keys
        yield _fitting(f"    {rows} {reason or fate}: {', '.join(shown)}")


def _detail(request, fates):
    lines = list(_rows(fates(request["id"]))) if request["rows"] else []
    if request["hint"]:
        lines.append(_fitting(f"    {request['hint']}"))
    return lines


def describe(requests, fates):
    """At most ten lines about the newest requests; `fates` tells those of a request's rows."""
    if not requests:
        return "no request reached this space: was the program given its url, user and password?"
    blocks, left = [], LINES - 1
    for request in reversed(requests):
        block = [_head(request), *_detail(request, fates)]
        if len(block) > left:
            if left < 2:
                break
            block = [*block[: left - 1], "    …"]
        blocks.append(block)
        left -= len(block)
    lines = [line for block in reversed(blocks) for line in block]
    hidden = len(requests) - len(blocks)
    return "\n".join(([f"{hidden} requests before:"] if hidden else []) + lines)


def explain(problem):
    """Why `verify` or `expect` said no, as the message of a failed assertion."""
    lines = [problem["detail"]]
    for near in problem.get("nearest", []):
        says = "; ".join(difference["says"] for difference in near["differences"])
        lines.append(f"nearest #{near['id']} {near['method']} {near['path']} {near['status'] or 'no answer'}: {says}")
    if difference := problem.get("difference"):
        lines.append(json.dumps(difference, indent=2, ensure_ascii=False))
    return "\n".join(lines)
