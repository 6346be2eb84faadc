// What soda-java 0.10.10 sends (com/socrata/api) and reads, by a domain in the code, with the JDK's transport:
// every address with ?$$version=2.0, bodies in chunks.

import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

public class SodaJava {
    static final String ROOT = "https://data.city.gov";
    static final String ROWS = "/resource/4tka-6guv";
    static final String LOGIN = "publisher@example.com:publisher";
    static final String JSON = "application/json";

    record Answer(int status, String body, String shapeVersion) {
        /** A number of the answer; missing ones are no zero. */
        int number(String member) {
            Matcher found = Pattern.compile("\"" + member + "\"\\s*:\\s*\"?(\\d+)").matcher(body);
            check(found.find(), member + " in " + body);
            return Integer.parseInt(found.group(1));
        }

        String text(String member) {
            Matcher found = Pattern.compile("\"" + member + "\"\\s*:\\s*\"([^\"]*)\"").matcher(body);
            check(found.find(), member + " in " + body);
            return found.group(1);
        }
    }

    static void check(boolean holds, String what) {
        if (!holds) throw new IllegalStateException("not so: " + what);
    }

    static Answer send(String method, String path, String type, String body, String login) throws Exception {
        String address = ROOT + path + (path.contains("?") ? "&" : "?") + "%24%24version=2.0";
        var connection = (HttpURLConnection) URI.create(address).toURL().openConnection();
        connection.setRequestMethod(method);
        connection.setRequestProperty("Accept", JSON);
        connection.setRequestProperty("User-Agent", "soda-java/0.10.10");
        connection.setRequestProperty("X-App-Token", "demo-app-token");
        connection.setRequestProperty("X-Socrata-RequestId", "0123456789abcdef0123456789abcdef");
        if (login != null) {
            String encoded = Base64.getEncoder().encodeToString(login.getBytes(StandardCharsets.UTF_8));
            connection.setRequestProperty("Authorization", "Basic " + encoded);
        }
        if (body != null) {
            connection.setDoOutput(true);
            connection.setChunkedStreamingMode(0);
            connection.setRequestProperty("Content-Type", type);
            try (var out = connection.getOutputStream()) {
                out.write(body.getBytes(StandardCharsets.UTF_8));
            }
        }
        int status = connection.getResponseCode();
        InputStream stream = status < 400 ? connection.getInputStream() : connection.getErrorStream();
        String text = stream == null ? "" : new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        String kind = connection.getContentType();
        check(text.isEmpty() || kind != null && kind.startsWith(JSON), "a body that is JSON: " + kind);
        return new Answer(status, text, connection.getHeaderField("X-SODA2-Truth-Shape-Version"));
    }

    static Answer send(String method, String path, String body) throws Exception {
        return send(method, path, JSON, body, LOGIN);
    }

    /** UpsertResult: an object of counts, beside a header that is unboxed into a long. */
    static Answer upserted(Answer answer, int created, int updated, int deleted) {
        check(answer.status == 200, answer.toString());
        Long.parseLong(answer.shapeVersion);
        check(answer.number("rows_created") == created && answer.number("rows_updated") == updated
            && answer.number("rows_deleted") == deleted, answer.body);
        return answer;
    }

    public static void main(String[] arguments) throws Exception {
        upserted(send("POST", ROWS, "[{\"earthquake_id\":\"jv-1\",\"magnitude\":1},{\"earthquake_id\":\"jv-2\"}]"), 2, 0, 0);
        String csv = "earthquake_id,magnitude\njv-1,2.5\njv-3,3\n";
        upserted(send("POST", ROWS, "text/csv", csv, LOGIN), 1, 1, 0);
        Answer errors = upserted(send("POST", ROWS, "[{\"earthquake_id\":\"none\",\":deleted\":true},{\"earthquake_id\":\"jv-2\",\":deleted\":true}]"), 0, 0, 1);
        check(errors.number("input_index") == 0 && errors.text("primary_key").equals("none")
            && errors.text("error").equals("no_such_row_to_delete"), errors.body);
        // An object and a row are answered with what Meta reads.
        for (Answer row : new Answer[] {
            send("POST", ROWS, "{\"earthquake_id\":\"jv-4\"}"), send("POST", ROWS + "/jv-4", "{\"region\":\"Here\"}") }) {
            check(row.status == 200 && row.text(":id").startsWith("row-"), row.toString());
            check(!row.text(":created_at").isEmpty() && !row.text(":updated_at").isEmpty(), row.body);
        }
        Answer query = send("GET", ROWS + "?%24query=select%20region%20where%20earthquake_id%3D%27jv-4%27", null);
        check(query.status == 200 && query.text("region").equals("Here"), query.toString());
        check(send("GET", ROWS + "/jv-4", null).text("earthquake_id").equals("jv-4"), "getById");
        check(send("DELETE", ROWS + "/jv-4", null).status == 200, "delete");
        Answer gone = send("GET", ROWS + "/jv-4", null);
        check(gone.status == 404 && gone.text("errorCode").equals("soda.row.not-found"), gone.toString());
        // The workflow: a copy is made, geocoding waited for, the copy published.
        Answer copy = send("POST", "/api/views/4tka-6guv/publication.json?method=copy", "method=copy");
        check(copy.status == 200, copy.toString());
        String working = copy.text("id");
        check(send("GET", "/api/geocoding/" + working + "?method=pending", null).number("view") == 0, "nothing is pending");
        Answer published = send("POST", "/api/views/" + working + "/publication", "viewId=" + working + "&async=false");
        check(published.status == 200 && published.text("publicationStage").equals("published"), published.toString());
        Answer permission = send("PUT", "/api/views/4tka-6guv?accessType=WEBSITE&method=setPermission&value=private", "method=setPermission");
        check(permission.status == 200, permission.toString());
        // Refusals become exceptions by status and code.
        Answer login = send("POST", ROWS, JSON, "[]", "publisher@example.com:wrong");
        check(login.status == 403 && login.text("code").equals("authentication_required"), login.toString());
        Answer missing = send("GET", "/resource/zzzz-zzzz", null);
        check(missing.status == 404 && missing.text("code").equals("dataset.missing"), missing.toString());
        Answer field = send("POST", ROWS, "[{\"nope\":1}]");
        check(field.status == 400 && field.text("message").contains("nope"), field.toString());
        Answer scan = send("POST", "/api/imports2?method=scan", "application/octet-stream", "a,b\n1,2\n", LOGIN);
        check(scan.status == 501 && scan.text("code").equals("not_emulated"), scan.toString());
        upserted(send("PUT", ROWS, "[{\"earthquake_id\":\"jv-5\"}]"), 1, 0, 0);
        upserted(send("PUT", ROWS, "[]"), 0, 0, 0);
        System.out.println("soda-java: passed");
    }
}
