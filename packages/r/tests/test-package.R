# The installed package: what failed tests show, what is refused, how servers start and end.
library(sodamock)
source("../example/publish.R")

define <- function(space) {
  space$dataset("read-ings", list(columns = list(list(fieldName = "id")), metadata = list(rowIdentifier = "id")))
}

# The messages of the failures of a test that is expected to fail.
failures <- function(test) {
  reporter <- ListReporter$new()
  with_reporter(reporter, soda_test("inner", test))
  results <- reporter$get_results()[[1]]$results
  vapply(Filter(function(result) !inherits(result, "expectation_success"), results), conditionMessage, "")
}

test_that("an unmet expectation shows what was sent and how rows fared", {
  shown <- failures(function(space) {
    define(space)
    publish(space$url, "read-ings", space$user, space$password, list(list(id = "a"), list(id = NULL)))
    space$expect("read-ings", count = 2)
  })
  expect_length(shown, 1)
  for (part in c(
    "read-ings: 1 row, expected exactly 2", "soda-mock: what was sent to space-",
    "#1 POST /resource/read-ings.json 200 1 created 1 errors", "    1 row created: a", ": row 1"
  )) expect_match(shown, part, fixed = TRUE)
})

test_that("other failures and errors show it too, once", {
  expect_match(failures(function(space) expect_equal(1, 2)), "no request reached this space", fixed = TRUE)
  shown <- failures(function(space) stop("mine"))
  expect_match(shown, "mine", fixed = TRUE)
  expect_equal(lengths(regmatches(shown, gregexpr("what was sent", shown))), 1)
})

test_that("spaces do not see each other, and the seed of random numbers does not matter", {
  spaces <- lapply(1:2, function(number) {
    set.seed(1)
    soda_space()
  })
  define(spaces[[1]])
  expect_error(spaces[[2]]$rows("read-ings"), "There is no dataset read-ings")
  spaces[[1]]$snapshot("before")
  spaces[[1]]$expect("4tka-6guv", count = 12, unchanged_since = "before")
  for (space in spaces) space$remove()
})

test_that("refusals have their code", {
  space <- soda_space()
  expect_error(space$fault(list(status = 500), operation = "upsret"), "bad_fault")
  fault <- space$fault(list(status = 503), times = 2)
  expect_equal(space$hits(fault), 0)
  expect_failure(space$verify(method = "PUT"), "no request matched")
  space$throttle("2/60s")
  space$advance(1)
  space$reset()
  space$remove()
})

test_that("the report has ten lines at most, with the newest request", {
  fates <- lapply(1:20, function(n) list(fate = paste0("f", n %% 7), key = as.character(n), index = n))
  for (count in 1:30) {
    requests <- lapply(seq_len(count), function(id) list(id = id, method = "POST", path = "/a", status = 200, rows = list(created = 1)))
    lines <- strsplit(sodamock:::describe(requests, function(id) fates), "\n")[[1]]
    expect_lte(length(lines), 10)
    expect_true(any(startsWith(lines, paste0("#", count, " "))))
  }
})

test_that("a server that cannot start says why", {
  code <- 'tryCatch(sodamock::soda_mock("--no-such-option"), error = function(e) cat(conditionMessage(e)))'
  told <- processx::run(file.path(R.home("bin"), "Rscript"), c("-e", code))
  expect_match(told$stdout, "did not start.*--no-such-option")
})

test_that("the server ends with R", {
  told <- processx::run(file.path(R.home("bin"), "Rscript"), c("-e", "cat(sodamock::soda_mock()$url)"))
  expect_match(told$stdout, "^http://127")
  expect_error(curl::curl_fetch_memory(told$stdout))
})
