# Reads by httr and by R itself: `reads.R [ADDRESS]`, a line for each.
address <- "https://data.city.gov/resource/4tka-6guv.json?$select=earthquake_id&$limit=1"
given <- commandArgs(TRUE)
if (length(given) > 0) address <- given[[1]]
file <- tempfile()
ways <- list(
  httr = function() httr::content(httr::GET(address), "text", encoding = "UTF-8"),
  url = function() readLines(address, warn = FALSE),
  download.file = function() { download.file(address, file, quiet = TRUE); readLines(file, warn = FALSE) }
)
if (nzchar(Sys.getenv("ONLY_HTTR"))) ways <- ways["httr"]
failed <- FALSE
for (name in names(ways)) {
  answer <- tryCatch(paste(suppressWarnings(ways[[name]]()), collapse = ""), error = function(e) {
    failed <<- TRUE
    paste("failed:", conditionMessage(e))
  })
  cat(name, trimws(answer), "\n")
}
quit(status = as.integer(failed))
