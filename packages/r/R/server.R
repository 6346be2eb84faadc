#' Where the binary is: in SODA_MOCK, in this package, or on PATH.
find_binary <- function() {
  named <- Sys.getenv("SODA_MOCK")
  if (nzchar(named)) return(named)
  name <- if (.Platform$OS.type == "windows") "soda-mock.exe" else "soda-mock"
  for (path in c(system.file("bin", name, package = "sodamock"), Sys.which("soda-mock"))) {
    if (nzchar(path)) return(unname(path))
  }
  stop(
    "the soda-mock binary is not here: the package built for this platform has it; else build it ",
    "(cargo install soda-mock) and name it in SODA_MOCK",
    call. = FALSE
  )
}

the <- new.env(parent = emptyenv())

#' The server of this R process: that of SODA_MOCK_URL, or one that ends with the process.
#'
#' @param arguments more arguments of `soda-mock serve`, for the first call.
#' @return a list with `url`, `https`, `admin`, `page` and `ca`.
soda_mock <- function(arguments = character()) {
  if (is.null(the$server)) the$server <- connect(arguments)
  the$server
}

connect <- function(arguments) {
  url <- sub("/+$", "", Sys.getenv("SODA_MOCK_URL"))
  if (nzchar(url)) return(list(url = url, admin = paste0(url, "/__mock/v1"), page = paste0(url, "/__mock/")))
  folder <- tempfile("soda-mock-")
  dir.create(folder)
  log <- file.path(folder, "log")
  options <- c("serve", "--port", "0", "--ca-dir", file.path(folder, "ca"), "--exit-with-stdin", arguments)
  process <- processx::process$new(find_binary(), options, stdin = "|", stdout = "|", stderr = log, cleanup = TRUE)
  # The line comes when the server can work, or the output ends with the process.
  line <- character()
  while (length(line) == 0 && (process$is_alive() || process$is_incomplete_output())) {
    process$poll_io(-1)
    line <- process$read_output_lines(n = 1)
  }
  if (length(line) == 0) {
    stop("soda-mock did not start: ", paste(readLines(log, warn = FALSE), collapse = "\n"), call. = FALSE)
  }
  # The process ends when this value is collected, or R ends.
  the$process <- process
  ready <- jsonlite::fromJSON(line)
  list(url = ready$http, https = ready$https, admin = ready$admin, page = ready$page, ca = ready$ca, pid = ready$pid)
}
