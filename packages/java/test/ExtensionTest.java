import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.Launcher;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import sodamock.Server;
import sodamock.SodaMock;
import sodamock.Space;

/** The extension from its jar: a run within the run, whose tests fail on purpose. */
class ExtensionTest {
  static final List<String> seen = new ArrayList<>();
  static Server server;

  @SodaMock
  @Tag("inner")
  static class Failing {
    @Test
    void first(Server server, Space space) throws Exception {
      ExtensionTest.server = server;
      seen.add(space.name);
      space.dataset("read-ings", "{\"columns\": [{\"fieldName\": \"id\"}], \"metadata\": {\"rowIdentifier\": \"id\"}}");
      new Publisher(space.url, space.user, space.password).publish("read-ings", "[{\"id\": \"a\"}, {\"id\": null}]");
      space.expect("{\"dataset\": \"read-ings\", \"count\": 2}");
    }

    @Test
    void second(Space space) {
      seen.add(space.name);
      space.verify("{\"match\": {\"operation\": \"upsert\"}}");
    }
  }

  private static List<Throwable> failures(Class<?> type) {
    List<Throwable> failures = new ArrayList<>();
    Launcher launcher = LauncherFactory.create();
    launcher.execute(LauncherDiscoveryRequestBuilder.request().selectors(selectClass(type)).build(), new TestExecutionListener() {
      @Override
      public void executionFinished(TestIdentifier test, TestExecutionResult result) {
        result.getThrowable().ifPresent(failures::add);
      }
    });
    return failures;
  }

  @Test
  void aFailureSaysWhatWasSentAndHowRowsFared() {
    List<Throwable> failures = failures(Failing.class);
    assertEquals(2, failures.size());
    assertEquals(2, seen.stream().distinct().count(), "a space for each test");
    String told = failures.stream().map(failure -> failure.getMessage() + "\n" + failure.getSuppressed()[0]).reduce("", String::concat);
    for (String part : List.of("read-ings: 1 row, expected exactly 2", "soda-mock: what was sent to space-",
        "#1 POST /resource/read-ings.json 200 1 created 1 errors", "    1 row created: a", ": row 1", "no request reached this space")) {
      assertTrue(told.contains(part), () -> part + " is not in\n" + told);
    }
    HttpRequest request = HttpRequest.newBuilder(URI.create(server.url)).build();
    assertThrows(ConnectException.class, () -> HttpClient.newHttpClient().send(request, BodyHandlers.ofString()), "ended with the run");
  }

  @Test
  void refusalsAndUnmetExpectationsAreTold() throws Exception {
    try (Server server = Server.start("--ids", "7"); Space space = Server.at(server.url).space()) {
      assertEquals(12, space.rows("4tka-6guv").getAsJsonArray().size());
      assertThrows(IllegalArgumentException.class, () -> space.fault("{\"match\": {\"operation\": \"upsret\"}, \"do\": {\"status\": 500}}"));
      HttpRequest request = HttpRequest.newBuilder(URI.create(space.url + "/resource/4tka-6guv.json")).header("X-Mock-Space", space.name).build();
      HttpClient.newHttpClient().send(request, BodyHandlers.ofString());
      AssertionError unmet = assertThrows(AssertionError.class, () -> space.verify("{\"match\": {\"method\": \"PUT\"}}"));
      assertTrue(unmet.getMessage().contains("method is GET, expected PUT"), unmet.getMessage());
      space.advance(1000);
      space.reset();
      assertEquals("no request reached this space", space.report().split(":")[0]);
    }
  }

  @Test
  void aServerThatCannotStartSaysWhy() {
    Exception reason = assertThrows(Exception.class, () -> Server.start("--no-such-option"));
    assertTrue(reason.getMessage().contains("--no-such-option"), reason.getMessage());
  }
}
