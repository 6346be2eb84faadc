"""Bodies of uploads and of set-up calls: valid samples of every format, and JSON of any schema."""

import gzip
import json
import zlib

import mutate

COLUMNS = [
    ("k", "text"), ("n", "number"), ("b", "checkbox"), ("t", "calendar_date"), ("z", "date"), ("p", "point"),
    ("loc", "location"), ("u", "url"), ("poly", "multipolygon"), ("m", "money"), ("ph", "phone"),
]
FIELDS = [name for name, _ in COLUMNS]

VALUES = {
    "text": ["a", "", "it's \"quoted\", yes", "é\u0301", "\U0001f4a9", "x" * 2000, "\u0000", "line\nbreak", "=1+1", None, 5],
    "number": [0, 1, -1, 1.5, "2.50", "1e10", "1e9999", "-1e-9999", 10 ** 300, "abc", None, True, "9" * 500, "0" * 500, "1e99999999"],
    "checkbox": [True, False, "true", "FALSE", 1, None],
    "calendar_date": ["2024-02-29T12:00:00", "2024-02-30", "0000-01-01", "99999-01-01T00:00:00", "2024-01-01T00:00:00Z", None, 5],
    "date": ["2024-02-29T12:00:00Z", "2024-02-29T12:00:00+14:00", "2024-01-01T00:00:00+99:99", None, -1],
    "point": [{"type": "Point", "coordinates": [1, 2]}, {"type": "Point", "coordinates": [1e308, -1e308]}, "POINT (1 2)",
              {"type": "Point", "coordinates": []}, {"type": "Point"}, "POINT EMPTY", None, [1, 2]],
    "location": [{"latitude": "1", "longitude": "2"}, {"human_address": "{\"address\":\"x\"}"}, {"latitude": "x"}, "(1, 2)", None, {}],
    "url": [{"url": "https://example.org", "description": "d"}, "https://example.org", {"url": 5}, None],
    "multipolygon": [{"type": "MultiPolygon", "coordinates": [[[[0, 0], [0, 1], [1, 1], [0, 0]]]]}, "MULTIPOLYGON EMPTY",
                     {"type": "MultiPolygon", "coordinates": [[[[0, 0]]]]}, None],
    "money": [1, "2.5", None], "phone": [{"phone_number": "1", "phone_type": "Home"}, "1", None],
}


def row(rng):
    """One row, keys and values mostly right."""
    made = {name: rng.choice(VALUES[kind][:4] if rng.random() < 0.7 else VALUES[kind])
            for name, kind in COLUMNS if rng.random() < 0.6}
    made["k"] = rng.choice(["a", "b", "c", f"r{rng.randrange(50)}"])
    for name, values in ((":deleted", [True, False, "true", None]), (":id", ["row-2222.2222.2222", "x", None]),
                         (":version", ["rv-2222.2222.2222", 1]), ("nope", [1]), ("K", ["b"])):
        if rng.random() < 0.03:
            made[name] = rng.choice(values)
    return made


def json_rows(rng):
    one = rng.random()
    if one < 0.15:
        return json.dumps(row(rng)).encode()
    if one < 0.2:
        return json.dumps([[rng.choice(("a", 1, None, [], {}))] for _ in range(3)]).encode()
    return json.dumps([row(rng) for _ in range(rng.choice((0, 1, 2, 5, 40)))], ensure_ascii=rng.random() < 0.5).encode()


def cell(value):
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value)
    return '"' + text.replace('"', '""') + '"' if any(c in text for c in '",\r\n') else text


def csv_rows(rng, separator=","):
    names = rng.sample(FIELDS, rng.randrange(1, len(FIELDS)))
    names = ["k", *[n for n in names if n != "k"]] + ([":deleted"] if rng.random() < 0.1 else [])
    lines = [separator.join(names)]
    for _ in range(rng.choice((0, 1, 3, 20))):
        made = row(rng)
        lines.append(separator.join(cell(made.get(name)) for name in names))
    return (rng.choice(("\n", "\r\n")).join(lines) + "\n").encode(errors="surrogatepass")


def geojson(rng):
    features = [{"type": "Feature", "geometry": rng.choice(VALUES["point"]), "properties": row(rng)}
                for _ in range(rng.choice((0, 1, 4)))]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def form(rng):
    return b"&".join(f"{n}={cell(v)}".replace(" ", "+").encode(errors="surrogatepass") for n, v in row(rng).items())


def deep(rng):
    depth = rng.choice((100, 1000, 20000))
    return rng.choice((b"[" * depth, b'{"k":' * depth, b"[" * depth + b"]" * depth, b'[{"k":' + b"[" * depth + b"]" * depth + b"}]"))


def wide(rng):
    count = rng.choice((100, 3000))
    return json.dumps([{f"c{n}": n for n in range(count)}]).encode()


# Each format: its Content-Type and what makes a sample of it.
ROWS = [
    ("application/json", json_rows), ("application/json", json_rows), ("application/json; charset=utf-8", deep),
    ("application/json", wide), ("text/csv", csv_rows), ("text/csv; charset=iso-8859-1", csv_rows),
    ("text/tab-separated-values", lambda rng: csv_rows(rng, "\t")), ("application/vnd.geo+json", geojson),
    ("application/x-www-form-urlencoded", form), ("image/png", csv_rows), ("multipart/form-data; boundary=x", csv_rows),
]


def view(rng):
    """Metadata of a dataset as publishing scripts send it."""
    columns = [{"fieldName": n, "name": n.upper(), "dataTypeName": rng.choice((t, t, t, "nope", "Text"))}
               for n, t in rng.sample(COLUMNS, rng.randrange(0, 4))]
    made = {"name": rng.choice(("N", "", "x" * 300, None, 5)), "description": rng.choice(("d", None, 1)), "columns": columns,
            "metadata": {"rowIdentifier": rng.choice(("k", "nope", None, 5))}, "category": "c", "tags": ["a"],
            "flags": ["f"], "displayType": rng.choice(("table", "chart")), "query": {"x": 1}}
    return {name: made[name] for name in rng.sample(list(made), rng.randrange(1, len(made)))}


def column(rng):
    name, kind = rng.choice(COLUMNS)
    return {"fieldName": rng.choice((name, f"x{rng.randrange(5)}", ":id", "")), "name": "N", "dataTypeName": kind,
            "position": rng.choice((1, -1, 10 ** 12)), "description": "d"}


def definition(rng):
    """The short form of a dataset, rows included."""
    return {"name": "Fuzzed", "resourceName": rng.choice((None, "fuzzed", "../x")),
            "metadata": {"rowIdentifier": rng.choice(("k", "k", "n", None))},
            "columns": [{"fieldName": n, "dataTypeName": t} for n, t in COLUMNS[:rng.randrange(0, len(COLUMNS))]],
            "rows": [row(rng) for _ in range(rng.choice((0, 1, 5)))]}


def packed(rng, body):
    """The body compressed, sometimes badly."""
    whole = gzip.compress(body, 1, mtime=0)
    return rng.choice((whole, whole, whole[:-4], whole + whole, whole + b"x", zlib.compress(body), mutate.damaged(rng, whole, 1)))


def of_schema(rng, schema, document, depth=0):
    """JSON that a JSON schema allows, mostly."""
    if not isinstance(schema, dict) or rng.random() < 0.04:
        return rng.choice((None, True, 0, -1, 1e300, 2 ** 63, "", "x", [], {}, [[]], "a" * 500))
    if "$ref" in schema:
        target = document
        for part in schema["$ref"].lstrip("#/").split("/"):
            target = target.get(part, {})
        return of_schema(rng, target, document, depth + 1) if depth < 12 else None
    for name in ("anyOf", "oneOf", "allOf"):
        if schema.get(name):
            return of_schema(rng, rng.choice(schema[name]), document, depth + 1)
    if "const" in schema:
        return schema["const"]
    if schema.get("enum"):
        return rng.choice(schema["enum"])
    kind = schema.get("type")
    kind = rng.choice(kind) if isinstance(kind, list) else kind
    if kind == "object" or "properties" in schema:
        return of_object(rng, schema, document, depth)
    if kind == "array":
        return [of_schema(rng, schema.get("items", {}), document, depth + 1) for _ in range(rng.choice((0, 1, 2)))]
    return {"string": lambda: rng.choice(("k", "a", "fuzz-2222", "seed", "*", "GET", "2024-01-31T12:00:00Z", "", "é", "x" * 300)),
            "integer": lambda: rng.choice((0, 1, 2, 5, 100, -1, 2 ** 31, 2 ** 63 - 1)),
            "number": lambda: rng.choice((0, 1, 0.5, -1, 1e9, 1e300)), "boolean": lambda: rng.random() < 0.5,
            "null": lambda: None}.get(kind, lambda: rng.choice((1, "x", None, {}, [])))()


def of_object(rng, schema, document, depth):
    required = schema.get("required", [])
    made = {}
    for name, inner in schema.get("properties", {}).items():
        if name in required or rng.random() < (0.4 if depth < 6 else 0.05):
            # A wait for what never comes is no hang.
            made[name] = rng.choice((0, 20)) if name == "wait_ms" else of_schema(rng, inner, document, depth + 1)
    if rng.random() < 0.03:
        made["nope"] = 1
    return made
