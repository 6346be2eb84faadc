# A publishing script: sends rows to a dataset, and again when the site does not answer.
publish <- function(url, dataset, user, password, rows, tries = 3) {
  for (attempt in seq_len(tries)) {
    handle <- curl::new_handle(userpwd = paste0(user, ":", password), httpauth = 1)
    curl::handle_setopt(handle, copypostfields = as.character(jsonlite::toJSON(rows, auto_unbox = TRUE, null = "null")))
    curl::handle_setheaders(handle, "Content-Type" = "application/json")
    answer <- curl::curl_fetch_memory(paste0(url, "/resource/", dataset, ".json"), handle)
    if (answer$status_code < 400) return(jsonlite::fromJSON(rawToChar(answer$content)))
    if (answer$status_code < 500) break
  }
  stop("not published: ", answer$status_code)
}
