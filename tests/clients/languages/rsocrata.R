# What RSocrata 1.7.15 sends (R/RSocrata.R) and reads, by a domain in the code.
library(httr)
library(jsonlite)

root <- "https://data.city.gov"
agent <- user_agent("RSocrata/1.7.15")

# write.socrata(): NA fields are left out, doubles are numbers; the response is given back whatever its status.
write_rows <- function(data, verb, password = "publisher", token = "demo-app-token") {
  verb <- if (verb == "UPSERT") POST else PUT
  headers <- add_headers("Content-Type" = "application/json", "X-App-Token" = token)
  verb(paste0(root, "/resource/4tka-6guv.json"), body = toJSON(data),
       authenticate("publisher@example.com", password), headers, agent)
}

# read.socrata(): ordered by :id, pages of 50,000 until an empty one, types and names from the headers.
read_rows <- function(where) {
  query <- paste0("?%24where=", URLencode(where, reserved = TRUE), "&%24order=:id&$$app_token=demo-app-token")
  rows <- list()
  offset <- 0
  repeat {
    url <- paste0(root, "/resource/4tka-6guv.json", query, "&$limit=50000&$offset=", offset)
    response <- GET(url, agent)
    stopifnot(status_code(response) == 200)
    types <- fromJSON(headers(response)[["x-soda2-types"]])
    fields <- fromJSON(headers(response)[["x-soda2-fields"]])
    stopifnot(length(types) == length(fields), "magnitude" %in% fields)
    page <- content(response, as = "parsed", type = "application/json")
    if (length(page) == 0) break
    rows <- c(rows, page)
    offset <- offset + 50000
  }
  rows
}

# errorHandling(): an error has a body with code and message.
error_of <- function(response) {
  stopifnot(as.numeric(headers(response)[["content-length"]]) > 0)
  error <- content(response, as = "parsed", type = "application/json")
  stopifnot(is.character(error$code), is.character(error$message))
  error
}

data <- data.frame(earthquake_id = c("r-1", "r-2"), magnitude = c(1.5, NA), stringsAsFactors = FALSE)
counts <- content(write_rows(data, "UPSERT"), as = "parsed", type = "application/json")
stopifnot(counts[["Rows Created"]] == 2, counts[["Errors"]] == 0)
rows <- read_rows("earthquake_id like 'r-%'")
stopifnot(length(rows) == 2, rows[[1]]$magnitude == "1.5", is.null(rows[[2]]$magnitude))

wrong <- write_rows(data, "UPSERT", password = "wrong")
stopifnot(status_code(wrong) == 403, error_of(wrong)$code == "authentication_required")
unknown <- write_rows(data.frame(nope = 1), "UPSERT")
stopifnot(status_code(unknown) == 400, grepl("nope", error_of(unknown)$message))
missing <- GET(paste0(root, "/resource/zzzz-zzzz.json?$order=:id"), agent)
stopifnot(status_code(missing) == 404, error_of(missing)$code == "dataset.missing")

replaced <- content(write_rows(data, "REPLACE", token = NULL), as = "parsed", type = "application/json")
stopifnot(replaced[["Rows Created"]] == 2, length(read_rows("true")) == 2)

# ls.socrata(): the list of datasets is not emulated, and says so.
list <- GET(paste0(root, "/data.json"), agent)
stopifnot(status_code(list) == 501, error_of(list)$code == "not_emulated")
cat("RSocrata: passed\n")
