package sodamock;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Data, journal, faults, clock, ids and accounts that no other space sees. A program reaches it without any change by
 * {@code user} and {@code password}, or by {@code appToken}; the header {@code X-Mock-Space} with {@code name} is for one
 * that sends neither. What is sent is JSON: a text, or maps and lists.
 */
public final class Space implements AutoCloseable {
  private static final HttpClient HTTP = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private static final Gson GSON = new Gson();

  public final Server server;
  public final String url;
  public final String user;
  public final String password = "secret";
  public final String appToken;
  public final String name;

  Space(Server server, String from) {
    this.server = server;
    url = server.url;
    String mark = UUID.randomUUID().toString().substring(24);
    user = "publisher-" + mark;
    appToken = "app-token-" + mark;
    Object users = List.of(Map.of("name", user, "password", password));
    Map<String, Object> bind = Map.of("users", users, "app_tokens", List.of(appToken));
    Object asked = from == null ? Map.of("bind", bind) : Map.of("bind", bind, "from", from);
    name = send(server, null, "POST", "/spaces", asked).getAsJsonObject().get("name").getAsString();
  }

  /** One call of the admin API in this space. */
  public JsonElement call(String method, String path, Object body) {
    return send(server, name, method, path, body);
  }

  private static JsonElement send(Server server, String space, String method, String path, Object body) {
    String text = body == null ? "" : body instanceof String json ? json : GSON.toJson(body);
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(server.admin + path));
    request.header("Content-Type", "application/json").method(method, BodyPublishers.ofString(text));
    if (space != null) request.header("X-Mock-Space", space);
    try {
      var answer = HTTP.send(request.build(), BodyHandlers.ofString());
      JsonElement told = JsonParser.parseString(answer.body());
      if (answer.statusCode() < 400) return told;
      JsonObject problem = told.getAsJsonObject();
      if (problem.has("difference") || problem.has("nearest")) throw new AssertionError(Report.explain(problem));
      throw new IllegalArgumentException(method + " " + path + ": " + problem.get("detail").getAsString());
    } catch (IOException reason) {
      throw new UncheckedIOException(reason);
    } catch (InterruptedException reason) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(reason);
    }
  }

  /** Creates or replaces a dataset; the definition is the short form of a seed. */
  public String dataset(String id, Object definition) {
    call("PUT", "/datasets/" + id, definition);
    return id;
  }

  /** The stored rows. */
  public JsonElement rows(String dataset) {
    return call("GET", "/datasets/" + dataset + "/rows?format=json", null);
  }

  /** What each write did to each row. */
  public JsonElement changes(String dataset) {
    return call("GET", "/datasets/" + dataset + "/changes", null).getAsJsonObject().get("changes");
  }

  /** Arms a fault: {@code {"match": {"operation": "upsert"}, "times": 2, "do": {"status": 503}}}; its id. */
  public String fault(Object rule) {
    return call("POST", "/faults", rule).getAsJsonObject().get("id").getAsString();
  }

  /** Arms a named fault, such as {@code upsert-applied-but-502}; its id. */
  public String preset(String preset) {
    return call("POST", "/faults/presets/" + preset, null).getAsJsonObject().get("id").getAsString();
  }

  /** How many requests a fault has struck. */
  public int hits(String fault) {
    return call("GET", "/faults/" + fault, null).getAsJsonObject().get("hits").getAsInt();
  }

  /** Fails unless requests like this were made: {@code {"match": {"operation": "upsert"}, "times": 1}}. */
  public void verify(Object asked) {
    call("POST", "/verify", asked);
  }

  /** Fails unless this is stored: {@code {"dataset": "4tka-6guv", "count": 13}}. */
  public void expect(Object expected) {
    call("POST", "/expect", expected);
  }

  /** Moves the clock of this space alone. */
  public void advance(long milliseconds) {
    call("POST", "/clock/advance", Map.of("ms", milliseconds));
  }

  /** Everything as at the beginning. */
  public void reset() {
    call("POST", "/reset", Map.of("to", "seed"));
  }

  /** What the program sent and what became of each row, in ten lines at most. */
  public String report() {
    JsonElement requests = call("GET", "/requests", null).getAsJsonObject().get("requests");
    return Report.describe(requests.getAsJsonArray(), id -> call("GET", "/requests/" + id, null).getAsJsonObject());
  }

  /** Ends the space. */
  @Override
  public void close() {
    call("DELETE", "/spaces/" + name, null);
  }
}
