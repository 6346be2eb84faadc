library(sodamock)
source("../publish.R")

readings <- list(
  name = "Readings",
  metadata = list(rowIdentifier = "id"),
  columns = list(list(fieldName = "id"), list(fieldName = "value", dataTypeName = "number"))
)

soda_test("rows arrive", function(space) {
  space$dataset("read-ings", readings)
  publish(space$url, "read-ings", space$user, space$password, list(list(id = "a", value = 1)))
  space$expect("read-ings", rows = list(list(id = "a", value = 1)))
  space$verify(operation = "upsert", rows = list(created = 1, errors = 0), times = 1)
})

soda_test("what was applied is not written twice", function(space) {
  space$dataset("read-ings", readings)
  fault <- space$preset("upsert-applied-but-502")
  publish(space$url, "read-ings", space$user, space$password, list(list(id = "a", value = 1)))
  space$expect("read-ings", count = 1)
  expect_equal(space$hits(fault), 1)
})
