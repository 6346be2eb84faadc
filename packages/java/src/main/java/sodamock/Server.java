package sodamock;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A server process that ends with its owner, however that ends; or one that somebody else runs. */
public final class Server implements AutoCloseable {
  /** {@code http://127.0.0.1:PORT}. */
  public final String url;
  /** The admin API's address. */
  public final String admin;
  /** {@code https://localhost:PORT}; null for a server elsewhere. */
  public final String https;
  /** The file with the certificate to trust; null for a server elsewhere. */
  public final String ca;

  private final Process process;
  private final Path folder;

  private Server(JsonObject ready, Process process, Path folder) {
    url = ready.get("http").getAsString();
    admin = ready.get("admin").getAsString();
    https = process == null ? null : ready.get("https").getAsString();
    ca = process == null ? null : ready.get("ca").getAsString();
    this.process = process;
    this.folder = folder;
  }

  /** Starts one on a free port; the arguments are those of {@code soda-mock serve}. */
  public static Server start(String... arguments) {
    try {
      Path folder = Files.createTempDirectory("soda-mock-");
      List<String> command = new ArrayList<>(List.of(Binary.find(folder), "serve", "--port", "0", "--exit-with-stdin"));
      command.addAll(List.of("--ca-dir", folder.resolve("ca").toString()));
      command.addAll(List.of(arguments));
      File log = folder.resolve("log").toFile();
      Process process = new ProcessBuilder(command).redirectError(log).start();
      // The line comes when the server can work, so there is nothing to poll.
      String line = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8)).readLine();
      if (line == null) throw new IOException("soda-mock did not start: " + Files.readString(log.toPath()).strip());
      return new Server(new Gson().fromJson(line, JsonObject.class), process, folder);
    } catch (IOException reason) {
      throw new UncheckedIOException(reason);
    }
  }

  /** A server that somebody else runs. */
  public static Server at(String url) {
    JsonObject ready = new JsonObject();
    ready.addProperty("http", url);
    ready.addProperty("admin", url + "/__mock/v1");
    return new Server(ready, null, null);
  }

  /** A new space: a world of its own in this server. */
  public Space space() {
    return new Space(this, null);
  }

  /** Ends the process, if it is ours. */
  @Override
  public void close() throws IOException {
    if (process == null) return;
    process.getOutputStream().close();
    // Ten seconds are five times what the server gives requests that are under way.
    if (!process.onExit().completeOnTimeout(null, 10, TimeUnit.SECONDS).thenApply(Objects::nonNull).join()) {
      process.destroyForcibly();
    }
    try (Stream<Path> paths = Files.walk(folder)) {
      paths.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
    }
  }
}
