"""socrata-py, unchanged, with its domain in the code: what it finds, and what it is told of what is not emulated."""

from socrata import Socrata
from socrata.authorization import Authorization
from socrata.http import UnexpectedResponseException

client = Socrata(Authorization("data.city.gov", "publisher@example.com", "publisher"))
view = client.views.lookup("4tka-6guv")
assert view.attributes["name"] == "USGS Earthquakes", view.attributes
assert view.attributes["columns"], "the columns of the view"
try:
    client.views.lookup("zzzz-zzzz")
    raise AssertionError("there is no such view")
except UnexpectedResponseException as error:
    assert (error.status, error.body["code"]) == (404, "not_found"), error
# Revisions, sources and schemas are an API of their own.
try:
    client.new({"name": "A dataset"})
    raise AssertionError("it is not emulated")
except UnexpectedResponseException as error:
    assert (error.status, error.body["code"]) == (501, "not_emulated"), error
    assert "/api/publishing" in error.body["message"], error
print("socrata-py: passed")
