"""Whether one answer is one that the server may give: status, media type, contents, error envelope."""

import csv
import io
import json
import re
import xml.etree.ElementTree
from pathlib import Path

ERROR_TABLE = Path(__file__).resolve().parents[2] / "src" / "soda" / "error.rs"
# Codes that are not in the table: those of the query language and of conditions. A message alone is
# what production sends for unknown parameters.
MORE_CODES = re.compile(r"query\.(soql|compiler|dataset)\.[a-z-]+|request-timeout|precondition-failed|400|API_KEY\.[A-Z_]+")
# Of `/oauth/access_token`, RFC 6749 5.2.
OAUTH_CODES = {"invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type",
               "invalid_scope", "access_denied", "server_error", "temporarily_unavailable"}
# Calls of the admin API that answer as `GET /resource/{4x4}` does, with its errors.
AS_READS = re.compile(r"/__mock/v1/datasets/[^/]*/(query(\.\w+)?|window)")
PROBLEM_CODE = re.compile(r"[a-z][a-z0-9_.-]*(\.[a-z0-9_.-]+)*|API_KEY\.[A-Z_]+")
SERVER_ERRORS = {501: "not_emulated", 503: "service_unavailable", 507: None}
# What rows and set-up calls answer with.
WIRE_MEDIA = {
    "application/json", "text/csv", "text/tab-separated-values", "application/vnd.geo+json", "text/xml", "application/xml",
    "application/json+x-socrata-cjson", "application/javascript", "text/javascript", "text/html",
}
PAGE_MEDIA = {"text/html", "text/css", "text/javascript", "application/javascript", "image/svg+xml", "image/png",
              "application/json", "application/manifest+json", "font/woff2", "text/plain"}


def documented_codes():
    """The table of codes as the source has it."""
    rows = re.findall(r'^    \w+ = (\d{3}) \w+ "([^"]+)",', ERROR_TABLE.read_text(), re.M)
    codes = {code: int(status) for status, code in rows}
    if len(codes) < 20:
        raise RuntimeError(f"{ERROR_TABLE}: the table of codes was not found")
    return codes


def strict_json(body):
    """JSON as RFC 8259 has it: no NaN, UTF-8."""
    def refuse(name):
        raise ValueError(f"{name} is no JSON")
    return json.loads(body.decode("utf-8"), parse_constant=refuse)


class Oracle:
    """Knows what each path may answer with."""

    def __init__(self, openapi):
        self.codes = documented_codes()
        self.admin = []
        for path, item in openapi["paths"].items():
            pattern = re.compile("/__mock/v1" + re.sub(r"\\\{[^}]*\\\}", "[^/]*", re.escape(path)))
            for method, operation in item.items():
                media = set(operation["responses"].get("200", {}).get("content", {}))
                self.admin.append((method.upper(), pattern, media))

    def media_of(self, method, path):
        """Media types that a success of this path may have; None where none is declared."""
        if path.startswith("/__mock/v1/"):
            found = [media for m, pattern, media in self.admin if (m == method or method == "HEAD") and pattern.fullmatch(path)]
            return set().union(*found) | {"application/json"} if found else None
        if path.startswith("/__mock"):
            return PAGE_MEDIA
        return WIRE_MEDIA

    def faults(self, method, path, answer, head_is_broken=False):
        """What is wrong with an answer, as pairs of a kind and a sentence."""
        if answer.header("x-mock-fault"):
            return []
        found = []
        doubled = {n.lower() for n, _ in answer.headers}
        for name in (b"content-type", b"content-length", b"etag", b"location"):
            if name in doubled and sum(n.lower() == name for n, _ in answer.headers) > 1:
                found.append(("header", f"{name.decode()} is there twice"))
        if answer.status >= 500 and answer.status not in SERVER_ERRORS:
            found.append(("500", f"status {answer.status}"))
        if method == "HEAD" or answer.status in (204, 304):
            return found
        if answer.status >= 400:
            return found + self.refusal(path, answer, head_is_broken)
        return found + self.success(method, path, answer)

    def success(self, method, path, answer):
        media = (answer.header("content-type") or "").split(";")[0].strip().lower()
        if not answer.body:
            return []
        declared = self.media_of(method, path)
        if declared is not None and media not in declared:
            return [("media", f"{method} {path}: {answer.status} with Content-Type {media or '(none)'}, declared {sorted(declared)}")]
        try:
            contents(media, answer.body)
        except (ValueError, csv.Error, xml.etree.ElementTree.ParseError) as error:
            return [("contents", f"{media}: {error}: {excerpt(answer.body, error)}")]
        return []

    def refusal(self, path, answer, head_is_broken):
        if not answer.body:
            if answer.status == 406 or head_is_broken:
                return []
            return [("wordless", f"status {answer.status} without a word")]
        media = (answer.header("content-type") or "").split(";")[0]
        if path.startswith("/oauth/authorize") and media == "text/html":
            return []
        if media not in ("application/json", "application/problem+json"):
            return [("envelope", f"status {answer.status} with Content-Type {media or '(none)'}: {answer.body[:120]!r}")]
        try:
            told = strict_json(answer.body)
        except ValueError as error:
            return [("envelope", f"status {answer.status}: {error}: {answer.body[:200]!r}")]
        if not isinstance(told, dict):
            return [("envelope", f"status {answer.status}: no object: {answer.body[:200]!r}")]
        if media == "application/problem+json":
            return self.problem(answer, told)
        if path.startswith("/__mock/v1") and not AS_READS.fullmatch(path):
            # Answers that are no: of verify, expect and readiness.
            return [] if answer.status in (409, 503) else [("envelope", f"{answer.status} is no problem+json: {told}")]
        if path.startswith("/oauth/") and told.get("error") in OAUTH_CODES:
            return []
        if path.startswith("/api/catalog/v1") and set(told) == {"error"} and isinstance(told["error"], str) and told["error"]:
            # The Discovery API documents its refusals as one sentence.
            return []
        return self.envelope(answer, told)

    def problem(self, answer, told):
        wrong = told.get("status") != answer.status or not isinstance(told.get("detail"), str) or not told["detail"]
        code = told.get("code")
        if wrong or not isinstance(code, str) or not PROBLEM_CODE.fullmatch(code):
            return [("envelope", f"status {answer.status}: {str(told)[:300]}")]
        return []

    def envelope(self, answer, told):
        code = told.get("errorCode", told.get("code"))
        if not isinstance(told.get("message"), str):
            return [("envelope", f"status {answer.status}: no message: {str(told)[:300]}")]
        if code is None and told.get("error") is True and answer.status == 400:
            return [] if told["message"].startswith("Unrecognized arguments") else [("envelope", f"no code: {str(told)[:300]}")]
        if not isinstance(code, str) or not (code in self.codes or MORE_CODES.fullmatch(code)):
            return [("code", f"status {answer.status}: the code {code!r} is not in the table")]
        if answer.status in SERVER_ERRORS and SERVER_ERRORS[answer.status] not in (None, code):
            return [("code", f"status {answer.status} with the code {code!r}")]
        return []


def contents(media, body):
    """Reads a body as its media type says; ValueError when it cannot be read so."""
    if media in ("application/json", "application/vnd.geo+json", "application/json+x-socrata-cjson", "application/problem+json"):
        strict_json(body.removeprefix(b"\xef\xbb\xbf"))
    elif media == "application/x-ndjson":
        for line in body.splitlines():
            strict_json(line)
    elif media == "text/csv":
        csv.field_size_limit(1 << 30)
        widths = {len(r) for r in csv.reader(io.StringIO(body.decode("utf-8"), newline=""), strict=True) if r}
        if len(widths) > 1:
            raise ValueError(f"rows of {sorted(widths)} cells")
    elif media in ("text/xml", "application/xml"):
        xml.etree.ElementTree.fromstring(body)
    elif media.startswith("text/"):
        body.decode("utf-8")


def excerpt(body, error):
    """The place of an error, where it tells one."""
    at = getattr(error, "pos", None) or getattr(error, "start", 0) or 0
    return repr(body[max(0, at - 80):at + 80])
