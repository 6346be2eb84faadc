#' A test with a space of its own; when it fails, its message says what was sent and what became of each row.
#'
#' @param desc the test's name.
#' @param test a function of the space: `soda_test("rows arrive", function(space) { ... })`.
soda_test <- function(desc, test) {
  testthat::test_that(desc, {
    space <- soda_space()
    on.exit(space$remove(), add = TRUE)
    withCallingHandlers(
      test(space),
      expectation_failure = function(failure) {
        failure$message <- told(failure$message, space)
        testthat::exp_signal(failure)
        invokeRestart("continue_test")
      },
      error = function(error) {
        # A failed expectation that was told already comes by here too.
        if (inherits(error, "expectation")) return()
        stop(told(conditionMessage(error), space), call. = FALSE)
      }
    )
  })
}

told <- function(message, space) {
  if (grepl("soda-mock: what was sent to", message, fixed = TRUE)) return(message)
  report <- tryCatch(space$report(), error = function(error) paste("the journal cannot be read:", conditionMessage(error)))
  paste0(message, "\n\nsoda-mock: what was sent to ", space$name, "\n", report)
}
