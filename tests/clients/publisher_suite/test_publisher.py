"""Each test runs the publisher twice: as it should be, and with one bug. The mock tells them apart."""

import concurrent.futures
from contextlib import contextmanager

import pytest
from conftest import READINGS
from publisher import Habits, Publisher, PublishError

ROWS = [{"id": f"r{number}", "value": str(number)} for number in range(25)]
GOOD = Habits()


def run(space, dataset, habits=GOOD, rows=ROWS, **settings):
    """Runs the script to its end; whether it said that something went wrong."""
    settings = {"url": space.url, "user": space.user, "password": space.password, "sleep": space.advance} | settings
    try:
        Publisher(dataset=dataset, habits=habits, **settings).publish(rows)
    except PublishError:
        return "failed"
    return "ok"


@contextmanager
def told_apart(habits):
    """The calls inside pass for the good script and fail for the one with a bug."""
    if habits == GOOD:
        yield
        return
    with pytest.raises(AssertionError) as caught:
        yield
    print(f"caught: {caught.value}")


def either(**bug):
    return pytest.mark.parametrize("habits", [GOOD, Habits(**bug)], ids=["good", "bug"])


@either(retries=0)
def test_a_short_outage_is_survived(space, readings, habits):
    outage = space.fault({"status": 503, "html_error": True}, times=2, operation="upsert")
    run(space, readings, habits)
    with told_apart(habits):
        assert space.hits(outage) == 2
        space.expect(readings, count=25)


@either(retries=0)
def test_a_connection_that_breaks_is_tried_again(space, readings, habits):
    space.fault({"drop": "before_headers"}, times=1, operation="upsert")
    space.fault({"drop": "mid_body"}, nth=2, operation="upsert")
    run(space, readings, habits)
    with told_apart(habits):
        space.expect(readings, count=25)


@either(asks_before_sending_again=False)
def test_what_was_applied_is_not_written_twice(space, log, habits):
    space.preset("upsert-applied-but-502")
    run(space, log, habits)
    with told_apart(habits):
        space.expect(log, count=25)


@either(asks_before_sending_again=False)
def test_changes_show_which_request_wrote_a_row_again(space, log, habits):
    space.preset("upsert-applied-but-502")
    run(space, log, habits)
    created = [change["after"]["id"] for change in space.changes(log) if change["kind"] == "created"]
    with told_apart(habits):
        assert len(created) == len(set(created)), "rows were created twice"


@either(sends_keys=False)
def test_rows_carry_their_keys(space, readings, habits):
    assert run(space, readings, habits) == ("ok" if habits == GOOD else "failed")
    with told_apart(habits):
        space.verify(operation="upsert", rows={"errors": 0}, times=3)
        space.expect(readings, count=25)


@either(reads_errors=False)
def test_refused_rows_are_reported(space, readings, habits):
    rows = [*ROWS, {"value": "99"}]
    outcome = run(space, readings, habits, rows)
    space.verify(operation="upsert", rows={"errors": 1}, status=200)
    with told_apart(habits):
        assert outcome == "failed", "the script is content although a row was refused"


@either(sends_last_batch=False)
def test_the_last_batch_is_sent_too(space, readings, habits):
    run(space, readings, habits)
    with told_apart(habits):
        space.expect(readings, rows=ROWS, partial=True)


@pytest.mark.parametrize("token", ["demo-app-token", "revoked-token"], ids=["good", "bug"])
def test_the_app_token_is_a_known_one(space, readings, token):
    run(space, readings, app_token=token)
    with told_apart(GOOD if token == "demo-app-token" else None):
        space.verify(status=403, times=0)
        space.verify(operation="upsert", status=200, times={"min": 3})


@either(stops_when_refused=False)
def test_a_refusal_is_reported(space, readings, habits):
    outcome = run(space, readings, habits, password="wrong")
    with told_apart(habits):
        assert outcome == "failed", "the script is content although it was refused"


@either(honours_retry_after=False)
def test_a_throttled_script_waits_as_long_as_it_is_told(space, readings, habits):
    space.throttle("2/60s")
    run(space, readings, habits)
    with told_apart(habits):
        space.expect(readings, count=25)
        space.verify(operation="upsert", status=429, times={"max": 2})


def test_an_upload_that_breaks_off_stores_nothing(space, readings):
    broken = space.fault({"drop": "before_headers"}, times=1, after_rows=5)
    run(space, readings, Habits(retries=0))
    assert space.hits(broken) == 1
    space.expect(readings, count=0)


def test_one_upload_is_asked_for_in_detail(space, readings):
    run(space, readings, rows=ROWS[:3])
    space.verify(
        times=1, method="POST", path="/resource/read-ings.json", client={"user": space.user},
        rows={"count": 3, "created": 3, "contains": [{"id": "r1", "value": "1"}]},
    )
    with pytest.raises(AssertionError, match="nearest"):
        space.verify(method="PUT")


def test_a_reset_goes_back_to_the_start(space, readings):
    space.preset("maintenance")
    space.reset()
    assert space.call("GET", "/faults") == {"faults": []}
    assert space.call("GET", "/requests")["requests"] == []


def test_spaces_do_not_see_each_other(soda_mock):
    def one(number):
        with soda_mock.space() as space:
            dataset = space.dataset("read-ings", READINGS)
            if number % 2:
                space.preset("maintenance")
            outcome = run(space, dataset, Habits(retries=0), ROWS[:number + 1])
            space.expect(dataset, count=0 if number % 2 else number + 1)
            return outcome

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        assert list(pool.map(one, range(16))) == ["ok", "failed"] * 8
