import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** A publishing program: sends rows to a dataset, and again when the site does not answer. */
record Publisher(String url, String user, String password) {
  String publish(String dataset, String rows) throws IOException, InterruptedException {
    String login = Base64.getEncoder().encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
    HttpRequest request = HttpRequest.newBuilder(URI.create(url + "/resource/" + dataset + ".json"))
        .header("Authorization", "Basic " + login)
        .header("Content-Type", "application/json")
        .POST(HttpRequest.BodyPublishers.ofString(rows))
        .build();
    for (int attempt = 1; ; attempt++) {
      var answer = HttpClient.newHttpClient().send(request, BodyHandlers.ofString());
      if (answer.statusCode() < 400) return answer.body();
      if (answer.statusCode() < 500 || attempt == 3) throw new IOException(answer.statusCode() + ": " + answer.body());
    }
  }
}
