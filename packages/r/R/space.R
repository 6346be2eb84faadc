# A space: data, journal, faults, clock, ids and accounts that no other space sees. A program reaches it without any change
# by `user` and `password`, or by `app_token`; the header `X-Mock-Space` with `name` is for one that sends neither.
# man/sodamock.Rd says what each function does.
soda_space <- function(server = soda_mock()) {
  mark <- new_mark()
  self <- list(url = server$url, user = paste0("publisher-", mark), password = "secret", app_token = paste0("app-token-", mark))
  bind <- list(users = list(list(name = self$user, password = self$password)), app_tokens = list(self$app_token))
  self$name <- answer(ask(server, NULL, "POST", "/spaces", list(bind = bind)))$name
  remove <- function() answer(ask(server, NULL, "DELETE", paste0("/spaces/", self$name), NULL))
  c(self, actions(function(method, path, body = NULL) ask(server, self$name, method, path, body)), remove = remove)
}

# A mark of this space: seeds of random numbers, which tests set, do not repeat it.
new_mark <- function() {
  the$count <- (the$count %||% 0) + 1
  paste0(Sys.getpid(), "-", format(Sys.time(), "%s"), "-", the$count)
}

# One call of the admin API: its status and what it told.
ask <- function(server, space, method, path, body) {
  handle <- curl::new_handle()
  text <- if (is.null(body)) "" else as.character(jsonlite::toJSON(body, auto_unbox = TRUE, null = "null", digits = NA))
  curl::handle_setopt(handle, customrequest = method, noproxy = "*")
  if (method != "GET") curl::handle_setopt(handle, copypostfields = text)
  curl::handle_setheaders(handle, .list = c(list("Content-Type" = "application/json"), if (!is.null(space)) list("X-Mock-Space" = space)))
  got <- curl::curl_fetch_memory(paste0(server$admin, path), handle)
  told <- jsonlite::fromJSON(rawToChar(got$content), simplifyVector = FALSE)
  list(status = got$status_code, told = told, asked = paste(method, path))
}

# What it told, where it was not refused.
answer <- function(got) {
  if (got$status >= 400) stop(got$asked, ": ", got$told$detail, " (", got$told$code, ")", call. = FALSE)
  got$told
}

# An expectation of testthat from an answer that may be "no".
expectation <- function(got) {
  unmet <- identical(got$told$code, "verify_failed") || identical(got$told$code, "expect_failed")
  if (!unmet) answer(got)
  testthat::expect(!unmet, explain(got$told))
  invisible(got$told)
}

actions <- function(call) {
  get <- function(...) answer(call(...))
  list(
    call = get,
    dataset = function(id, definition) {
      get("PUT", paste0("/datasets/", id), definition)
      id
    },
    rows = function(dataset) get("GET", paste0("/datasets/", dataset, "/rows?format=json")),
    changes = function(dataset) get("GET", paste0("/datasets/", dataset, "/changes"))$changes,
    fault = function(do, times = NULL, ...) {
      match <- structure(list(...), names = names(list(...)) %||% character())
      get("POST", "/faults", c(list(match = match, do = do), if (!is.null(times)) list(times = times)))
    },
    preset = function(name) get("POST", paste0("/faults/presets/", name)),
    hits = function(fault) get("GET", paste0("/faults/", fault$id))$hits,
    verify = function(..., times = NULL) {
      match <- structure(list(...), names = names(list(...)) %||% character())
      expectation(call("POST", "/verify", c(list(match = match), if (!is.null(times)) list(times = times))))
    },
    expect = function(dataset, ...) expectation(call("POST", "/expect", list(dataset = dataset, ...))),
    requests = function() get("GET", "/requests")$requests,
    throttle = function(limits) {
      get("PUT", "/clock", list(mode = "frozen"))
      get("PUT", "/throttle", list(anonymous = limits))
    },
    advance = function(seconds) get("POST", "/clock/advance", list(ms = round(seconds * 1000))),
    snapshot = function(name) get("PUT", paste0("/snapshots/", name)),
    restore = function(name) get("POST", paste0("/snapshots/", name, "/restore")),
    reset = function(to = "seed") get("POST", "/reset", list(to = to)),
    report = function() describe(get("GET", "/requests")$requests, function(id) get("GET", paste0("/requests/", id))$fates)
  )
}

`%||%` <- function(value, otherwise) if (is.null(value)) otherwise else value
