"""Datasets of the suite. The server and its spaces come with the plugin of the Python package."""

import pytest

READINGS = {
    "name": "Readings",
    "metadata": {"rowIdentifier": "id"},
    "columns": [
        {"fieldName": "id", "name": "ID", "dataTypeName": "text"},
        {"fieldName": "value", "name": "Value", "dataTypeName": "number"},
        {"fieldName": "batch", "name": "Batch", "dataTypeName": "text"},
    ],
}


@pytest.fixture
def space(soda_space):
    """A new world, gone after the test."""
    return soda_space


@pytest.fixture
def readings(space):
    """A dataset whose rows have a key."""
    return space.dataset("read-ings", READINGS)


@pytest.fixture
def log(space):
    """A dataset that is only appended to: equal rows are not recognised."""
    return space.dataset("logg-logg", {**READINGS, "metadata": {}})
