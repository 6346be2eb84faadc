# What a program sent and what became of each row, short enough to read in a failed test.
report_lines <- 10
report_width <- 110

fitting <- function(line) ifelse(nchar(line) <= report_width, line, paste0(substr(line, 1, report_width - 1), "\u2026"))

# One line for a request: number, method, path, status, counts, fault.
head_of <- function(request) {
  counts <- unlist(request$rows[c("created", "updated", "deleted", "errors")])
  counts <- counts[counts > 0]
  fitting(paste(c(
    paste0("#", request$id), request$method, request$path, request$status %||% "no answer",
    if (length(counts)) paste(counts, names(counts)),
    if (!is.null(request$fault)) paste0("(fault ", if (is.list(request$fault)) request$fault$id else request$fault, ")"),
    if (!is.null(request$error)) paste0(request$error$code, ": ", request$error$message)
  ), collapse = " "))
}

# One line for all rows that fared alike, those that failed first.
rows_of <- function(fates) {
  # A reason may end in the key of its row.
  what <- vapply(fates, function(fate) sub(": key .*", "", fate$reason %||% fate$fate), "")
  key <- vapply(fates, function(fate) as.character(fate$key %||% paste("row", fate$index)), "")
  failed <- vapply(fates, function(fate) fate$fate == "error", NA)
  groups <- unique(what[order(!failed)])
  vapply(groups, function(group) {
    keys <- key[what == group]
    shown <- paste(c(utils::head(keys, 10), if (length(keys) > 10) "\u2026"), collapse = ", ")
    fitting(paste0("    ", length(keys), if (length(keys) == 1) " row " else " rows ", group, ": ", shown))
  }, "", USE.NAMES = FALSE)
}

# At most ten lines about the newest requests; `fates` tells those of a request's rows.
describe <- function(requests, fates) {
  if (length(requests) == 0) return("no request reached this space: was the program given its url, user and password?")
  lines <- character()
  hidden <- length(requests)
  while (hidden > 0) {
    request <- requests[[hidden]]
    detail <- if (is.null(request$rows)) character() else rows_of(fates(request$id))
    block <- c(head_of(request), detail, if (!is.null(request$hint)) fitting(paste0("    ", request$hint)))
    left <- report_lines - 1 - length(lines)
    if (length(block) > left && left < 2) break
    if (length(block) > left) block <- c(utils::head(block, left - 1), "    \u2026")
    lines <- c(block, lines)
    hidden <- hidden - 1
  }
  paste(c(if (hidden > 0) paste(hidden, "requests before:"), lines), collapse = "\n")
}

# Why `verify` or `expect` said no.
explain <- function(problem) {
  near <- vapply(problem$nearest %||% list(), function(request) {
    says <- vapply(request$differences, function(difference) difference$says, "")
    paste0("nearest ", head_of(request), ": ", paste(says, collapse = "; "))
  }, "")
  difference <- if (!is.null(problem$difference)) jsonlite::toJSON(problem$difference, auto_unbox = TRUE, pretty = TRUE)
  paste(c(problem$detail, near, difference), collapse = "\n")
}
