"""What tests of a publishing script look like; the fixtures come with the package."""

import pytest
from publish import publish

READINGS = {
    "name": "Readings",
    "metadata": {"rowIdentifier": "id"},
    "columns": [{"fieldName": "id"}, {"fieldName": "value", "dataTypeName": "number"}],
}


@pytest.fixture
def readings(soda_space):
    return soda_space.dataset("read-ings", READINGS)


def test_rows_arrive(soda_space, readings):
    publish(soda_space.url, readings, soda_space.user, soda_space.password, [{"id": "a", "value": 1}])
    soda_space.expect(readings, rows=[{"id": "a", "value": 1}])
    soda_space.verify(times=1, operation="upsert", rows={"created": 1, "errors": 0})


@pytest.mark.soda_fault({"status": 503}, times=2, operation="upsert")
def test_an_outage_is_survived(soda_space, readings):
    publish(soda_space.url, readings, soda_space.user, soda_space.password, [{"id": "a", "value": 1}])
    soda_space.expect(readings, count=1)


@pytest.mark.soda_fault("upsert-applied-but-502")
def test_what_was_applied_is_not_written_twice(soda_space, readings):
    publish(soda_space.url, readings, soda_space.user, soda_space.password, [{"id": "a", "value": 1}])
    soda_space.expect(readings, count=1)
