"""A file in the shape of a public service-requests dataset: thousands of rows with quotes, line
breaks, letters beyond ASCII and empty cells, upserted in batches and read back cell by cell."""

import csv
import io
import os
import random

from sodapy import Socrata

random.seed(7)
WORDS = ["Straße", "São Paulo", "naïve", "O'Neill", "日本", "emoji 🚧", 'say "hi"', "two\nlines", "a,b", "tab\there", " pad "]
FIELDS = ["unique_key", "created_date", "agency", "descriptor", "latitude", "open"]
rows = []
for number in range(5000):
    rows.append({
        "unique_key": str(10_000_000 + number),
        "created_date": f"2024-{1 + number % 12:02}-{1 + number % 28:02}T{number % 24:02}:00:00.000",
        "agency": random.choice(["NYPD", "DOT", "", "HPD"]),
        "descriptor": " ".join(random.choices(WORDS, k=3)),
        "latitude": random.choice(["", f"40.{random.randrange(10**12):012}"]),
        "open": random.choice(["true", "false", ""]),
    })

soda = Socrata(f"localhost:{os.environ['PORT']}", None, username="publisher@example.com", password="publisher", timeout=60)
types = ["text", "calendar_date", "text", "text", "number", "checkbox"]
columns = [{"fieldName": f, "name": f, "dataTypeName": t} for f, t in zip(FIELDS, types)]
dataset = soda.create("Service requests", columns=columns, row_identifier="unique_key")["id"]
soda.publish(dataset)

for start in range(0, len(rows), 1000):
    text = io.StringIO()
    writer = csv.DictWriter(text, FIELDS)
    writer.writeheader()
    writer.writerows(rows[start:start + 1000])
    report = soda.upsert(dataset, io.BytesIO(text.getvalue().encode()))
    assert (report["Rows Created"], report["Errors"]) == (1000, 0), report

stored = {row["unique_key"]: row for row in soda.get_all(dataset, order="unique_key")}
assert len(stored) == len(rows)
for row in rows:
    back = stored[row["unique_key"]]
    for field in FIELDS:
        value = back.get(field, "")
        value = str(value).lower() if isinstance(value, bool) else value
        assert value == row[field], (row["unique_key"], field, value, row[field])
print(f"open-data file: {len(rows)} rows equal, cell by cell")
