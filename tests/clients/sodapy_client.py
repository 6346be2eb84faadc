"""sodapy, unchanged, with its domain in the code: everything that a publisher calls."""

import tempfile

import requests
from sodapy import Socrata


def client(password="publisher"):
    return Socrata("data.city.gov", "demo-app-token", username="publisher@example.com", password=password)


def refused(status, call):
    try:
        call()
    except requests.HTTPError as error:
        assert error.response.status_code == status, error
        return str(error)
    raise AssertionError("it was not refused")


soda = client()
assert soda.get("4tka-6guv", earthquake_id="00388609")[0]["region"] == "Northern California"
view = soda.create(
    "Numbers",
    description="a test",
    columns=[
        {"fieldName": "k", "name": "Key", "dataTypeName": "text"},
        {"fieldName": "n", "name": "N", "dataTypeName": "number"},
    ],
    row_identifier="k",
)
dataset = view["id"]
assert soda.publish(dataset)["publicationStage"] == "published"
soda.set_permission(dataset, "public")
assert soda.upsert(dataset, [{"k": "a", "n": 1}, {"k": "b", "n": "2.50"}])["Rows Created"] == 2
assert soda.upsert(dataset, {"k": "c", "n": 3})["k"] == "c"
with tempfile.NamedTemporaryFile("w+", suffix=".csv") as file:
    file.write('k,n\n"d ""quoted"", and more",4\n')
    file.flush()
    with open(file.name, "rb") as body:
        assert soda.upsert(dataset, body)["Rows Created"] == 1
assert soda.get(dataset, where="n > 2", order="n DESC", select="k, n")[0] == {"k": 'd "quoted", and more', "n": "4"}
assert len(list(soda.get_all(dataset))) == 4
assert soda.get_metadata(dataset)["columns"][1]["dataTypeName"] == "number"
assert soda.update_metadata(dataset, {"category": "Tests"})["category"] == "Tests"
assert soda.replace(dataset, [{"k": "z"}])["Rows Created"] == 1
soda.delete(dataset, row_id="z")
assert soda.get(dataset) == []
assert "Illegal field name sent: nope" in refused(400, lambda: soda.upsert(dataset, [{"nope": 1}]))
refused(403, lambda: client("wrong").upsert(dataset, [{"k": "a"}]))
soda.delete(dataset)
refused(404, lambda: soda.get(dataset))
print("sodapy: passed")
