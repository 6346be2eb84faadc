// "Assert this": a question to the server's own assertions, and the code that asks it in a test.
import { API } from "./api.js";
import { origin, plainOrigin, spaceHeader } from "./copy.js";
import { equals, quoted } from "./soql.js";

const FEW = 20;

/** That requests like this one were made, and how they fared. */
export function requestAssertion(entry) {
  const { method, path, query, dataset, operation, status, rows } = entry;
  const parameters = Object.fromEntries([...new URLSearchParams(query)].filter(([name]) => !/token|password|secret/i.test(name)));
  const fates = rows && { ...rows, ...sentIn(entry) };
  const match = { method, path, ...(Object.keys(parameters).length ? { query: parameters } : {}), ...(dataset ? { dataset } : {}), ...(operation ? { operation } : {}), status: status ?? "none", ...(fates ? { rows: fates } : {}) };
  return { call: "verify", name: `${operation ?? method} of ${dataset ?? path} is made`, body: { match, times: { min: 1 } } };
}

/** The rows that were sent, where they are few. */
function sentIn({ request: { body } }) {
  try {
    const list = body.truncated ? [] : [JSON.parse(body.text)].flat();
    return list.length > 0 && list.length <= FEW ? { contains: list } : {};
  } catch {
    return {};
  }
}

/** That so many rows fit a filter. */
export function countAssertion(dataset, where, count) {
  return { call: "expect", name: `${count} rows of ${dataset.id}`, body: { dataset: dataset.id, ...(where?.trim() ? { where: where.trim() } : {}), count } };
}

/** That a row is stored with these values. */
export function rowAssertion(dataset, row) {
  const key = dataset.columns.find(({ fieldName }) => fieldName === dataset.row_identifier);
  const where = key ? equals(key.fieldName, row[key.fieldName], key.soqlType) : `:id = ${quoted(row[":id"])}`;
  const values = Object.fromEntries(Object.entries(row).filter(([name]) => !name.startsWith(":")));
  return { call: "expect", name: `row ${key ? row[key.fieldName] : row[":id"]} of ${dataset.id}`, body: { dataset: dataset.id, where, rows: [values], count: 1 } };
}

/** That a dataset has the rows that it had in a snapshot. */
export function unchangedAssertion(dataset, snapshot) {
  return { call: "expect", name: `${dataset} is as in ${snapshot}`, body: { dataset, unchanged_since: snapshot } };
}

const wordsOf = (name) => name.replace(/[^A-Za-z0-9]+/g, " ").trim();
const snake = (name) => wordsOf(name).toLowerCase().replaceAll(" ", "_");
const camel = (name) => wordsOf(name).split(" ").map((word, index) => (index ? word[0].toUpperCase() + word.slice(1) : word.toLowerCase())).join("");
const json = (value, indent = "") => JSON.stringify(value, null, 2).replaceAll("\n", `\n${indent}`);
const shell = (text) => `'${text.replaceAll("'", "'\\''")}'`;

function curl({ call, body }, base, space) {
  const header = space ? ` \\\n  -H ${shell(`X-Mock-Space: ${space}`)}` : "";
  return `curl --fail-with-body --silent --show-error "\${SODA_MOCK_URL:-${base}}${API}/${call}"${header} \\\n  -H 'Content-Type: application/json' --data-binary ${shell(JSON.stringify(body))}`;
}

const python = ({ call, name, body }, base, space) => `import json
import os
import urllib.error
import urllib.request

MOCK = os.environ.get("SODA_MOCK_URL", "${base}")


def ask(call, question):
    headers = {"Content-Type": "application/json"${space ? `, "X-Mock-Space": ${JSON.stringify(space)}` : ""}}
    request = urllib.request.Request(f"{MOCK}${API}/{call}", question.encode(), headers)
    try:
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as refusal:
        raise AssertionError(refusal.read().decode()) from None


def test_${snake(name)}():
    ask("${call}", json.dumps(json.loads(${pythonText(json(body))})))
`;

const pythonText = (text) => `r"""${text.replaceAll('"""', '""\\u0022')}"""`;

const java = ({ call, name, body }, base, space) => `import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;

class PublishedTest {
  private static final String MOCK = System.getenv().getOrDefault("SODA_MOCK_URL", "${base}");

  @Test
  void ${camel(name)}() throws Exception {
    String question = """
        ${json(body, "        ").replaceAll("\\", "\\\\").replaceAll('"""', '\\"""')}
        """;
    HttpRequest request = HttpRequest.newBuilder(URI.create(MOCK + "${API}/${call}"))
        .header("Content-Type", "application/json")${space ? `\n        .header("X-Mock-Space", ${JSON.stringify(space)})` : ""}
        .POST(HttpRequest.BodyPublishers.ofString(question)).build();
    HttpResponse<String> answer = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
    assertEquals(200, answer.statusCode(), answer.body());
  }
}
`;

/** In quotes here, so that the line above the test is not taken for an import of this file. */
const VITEST = '"vitest"';

const vitest = ({ call, name, body }, base, space) => `import { expect, test } from ${VITEST};

const MOCK = process.env.SODA_MOCK_URL ?? "${base}";

test(${JSON.stringify(name)}, async () => {
  const answer = await fetch(\`\${MOCK}${API}/${call}\`, {
    method: "POST",
    headers: { "Content-Type": "application/json"${space ? `, "X-Mock-Space": ${JSON.stringify(space)}` : ""} },
    body: JSON.stringify(${json(body, "    ")}),
  });
  expect(answer.status, await answer.text()).toBe(200);
});
`;

const testthat = ({ call, name, body }, base, space) => `library(httr)
library(testthat)

mock <- Sys.getenv("SODA_MOCK_URL", "${base}")

test_that(${JSON.stringify(name)}, {
  answer <- POST(
    paste0(mock, "${API}/${call}"),
    body = r"---(${json(body, "    ")})---",
    content_type_json()${space ? `,\n    add_headers("X-Mock-Space" = ${JSON.stringify(space)})` : ""}
  )
  expect_equal(status_code(answer), 200, info = content(answer, "text", encoding = "UTF-8"))
})
`;

const rust = ({ call, name, body }, base, space) => `// Cargo.toml: [dev-dependencies] ureq = "3"

#[test]
fn ${snake(name).replace(/^(\d)/, "_$1")}() {
    let mock = std::env::var("SODA_MOCK_URL").unwrap_or_else(|_| "${base}".to_owned());
    let question = r###"${json(body, "    ")}"###;
    let mut answer = ureq::post(format!("{mock}${API}/${call}"))
        .config()
        .http_status_as_error(false)
        .build()
        .header("Content-Type", "application/json")${space ? `\n        .header("X-Mock-Space", ${JSON.stringify(space)})` : ""}
        .send(question)
        .unwrap();
    let text = answer.body_mut().read_to_string().unwrap();
    assert_eq!(answer.status(), 200, "{text}");
}
`;

const LANGUAGES = { pytest: python, JUnit: java, Vitest: vitest, testthat, Rust: rust, curl };

export const languages = Object.keys(LANGUAGES);

/** The admin API's own address: it may listen elsewhere than the emulated one, and that is where the page came from. */
const base = () => (location.protocol === "https:" && origin().endsWith(location.host) ? plainOrigin() : `http://${location.host}`);

/** A test in a language that asks the question; the server's address comes from SODA_MOCK_URL where that is set. */
export const codeOf = (language, assertion) => LANGUAGES[language](assertion, base(), spaceHeader()?.[1]);
