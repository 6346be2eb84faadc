"""A publishing script: sends rows to a dataset, and again when the site does not answer."""

import base64
import json
import urllib.error
import urllib.request


def publish(url, dataset, user, password, rows, tries=3):
    login = base64.b64encode(f"{user}:{password}".encode()).decode()
    headers = {"Authorization": f"Basic {login}", "Content-Type": "application/json"}
    request = urllib.request.Request(f"{url}/resource/{dataset}.json", json.dumps(rows).encode(), headers)
    for attempt in range(tries):
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            if error.code < 500 or attempt == tries - 1:
                raise
