// Reads by both clients of the JDK: `Reads.java [ADDRESS]`, a line for each.

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;

public class Reads {
    static final String ADDRESS = "https://data.city.gov/resource/4tka-6guv.json?$select=earthquake_id&$limit=1";

    interface Way {
        String read() throws Exception;
    }

    static boolean failed;

    static void print(String name, Way way) {
        try {
            System.out.println(name + " " + way.read().strip());
        } catch (Exception error) {
            failed = true;
            System.out.println(name + " failed: " + error.getMessage());
        }
    }

    public static void main(String[] given) {
        URI address = URI.create(given.length > 0 ? given[0] : ADDRESS);
        print("HttpsURLConnection", () -> {
            try (var stream = address.toURL().openStream()) {
                return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
            }
        });
        print("HttpClient", () ->
            HttpClient.newHttpClient().send(HttpRequest.newBuilder(address).build(), BodyHandlers.ofString()).body());
        System.exit(failed ? 1 : 0);
    }
}
