"""A publishing script of the usual kind, with habits that can be switched to bad ones."""

import time
from dataclasses import dataclass

import requests


class PublishError(Exception):
    """The script tells its operator that not everything was published."""


@dataclass(frozen=True)
class Habits:
    """Each one is right as it is; another value is a bug that was seen in real scripts."""

    retries: int = 4
    asks_before_sending_again: bool = True
    reads_errors: bool = True
    sends_last_batch: bool = True
    sends_keys: bool = True
    honours_retry_after: bool = True
    stops_when_refused: bool = True


@dataclass
class Publisher:
    url: str
    dataset: str
    user: str
    password: str
    app_token: str | None = None
    batch_size: int = 10
    habits: Habits = Habits()
    sleep: callable = time.sleep

    def __post_init__(self):
        self.session = requests.Session()
        self.session.auth = (self.user, self.password)
        if self.app_token:
            self.session.headers["X-App-Token"] = self.app_token
        self.resource = f"{self.url}/resource/{self.dataset}.json"

    def publish(self, rows):
        batches = [rows[start:start + self.batch_size] for start in range(0, len(rows), self.batch_size)]
        if not self.habits.sends_last_batch:
            batches = [batch for batch in batches if len(batch) == self.batch_size]
        for number, batch in enumerate(batches):
            batch = [{**row, "batch": f"b{number}"} for row in batch]
            if not self.habits.sends_keys:
                batch = [{name: value for name, value in row.items() if name != "id"} for row in batch]
            report = self.send(batch)
            if self.habits.reads_errors and report.get("Errors"):
                raise PublishError(f"{report['Errors']} rows of batch {number} were refused")

    def send(self, batch):
        for attempt in range(self.habits.retries + 1):
            try:
                answer = self.session.post(self.resource, json=batch, timeout=5)
            except requests.RequestException:
                answer = None
            if answer is not None and answer.ok:
                return answer.json()
            if answer is not None and answer.status_code == 429:
                if self.habits.honours_retry_after:
                    self.sleep(int(answer.headers.get("Retry-After", "1")))
                continue
            if answer is not None and answer.status_code < 500:
                if self.habits.stops_when_refused:
                    raise PublishError(f"{answer.status_code}: {answer.text.strip()}")
                return {}
            # Nobody knows whether the write arrived.
            if self.habits.asks_before_sending_again and self.is_stored(batch):
                return {"Errors": 0}
            self.sleep(2**attempt)
        raise PublishError("given up")

    def is_stored(self, batch):
        query = {"$select": "count(*) AS n", "$where": f"batch='{batch[0]['batch']}'"}
        answer = self.session.get(self.resource, params=query, timeout=5)
        return answer.ok and int(answer.json()[0]["n"]) == len(batch)
