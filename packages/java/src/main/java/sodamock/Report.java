package sodamock;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedList;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;

/** What a program sent and what became of each row, short enough to read in a failed test. */
final class Report {
  private Report() {}

  static final int LINES = 10;
  private static final int WIDTH = 110;

  private static String fitting(String line) {
    return line.length() <= WIDTH ? line : line.substring(0, WIDTH - 1) + "…";
  }

  private static String text(JsonObject object, String member, String otherwise) {
    JsonElement value = object.get(member);
    return value == null || value.isJsonNull() ? otherwise : value.getAsString();
  }

  /** One line for a request: number, method, path, status, counts, fault. */
  private static String head(JsonObject request) {
    StringBuilder line = new StringBuilder("#" + request.get("id").getAsInt());
    for (String member : List.of("method", "path", "status")) line.append(' ').append(text(request, member, "no answer"));
    if (request.get("rows") instanceof JsonObject counts) {
      for (String count : List.of("created", "updated", "deleted", "errors")) {
        String rows = text(counts, count, "0");
        if (!rows.equals("0")) line.append(' ').append(rows).append(' ').append(count);
      }
    }
    if (request.get("fault") instanceof JsonObject fault) line.append(" (fault ").append(text(fault, "id", "?")).append(')');
    if (request.get("error") instanceof JsonObject error) {
      line.append(' ').append(text(error, "code", "")).append(": ").append(text(error, "message", ""));
    }
    return fitting(line.toString());
  }

  /** One line for all rows that fared alike, those that failed first. */
  private static List<String> rows(JsonObject request) {
    Map<String, List<String>> failed = new LinkedHashMap<>();
    Map<String, List<String>> done = new LinkedHashMap<>();
    for (JsonElement element : request.getAsJsonArray("fates")) {
      JsonObject row = element.getAsJsonObject();
      String fate = text(row, "fate", "");
      // A reason may end in the key of its row.
      String what = text(row, "reason", fate).split(": key ")[0];
      Map<String, List<String>> groups = fate.equals("error") ? failed : done;
      groups.computeIfAbsent(what, key -> new ArrayList<>()).add(text(row, "key", "row " + text(row, "index", "?")));
    }
    failed.putAll(done);
    List<String> lines = new ArrayList<>();
    failed.forEach((what, keys) -> {
      String shown = String.join(", ", keys.subList(0, Math.min(10, keys.size()))) + (keys.size() > 10 ? ", …" : "");
      lines.add(fitting("    " + keys.size() + (keys.size() == 1 ? " row " : " rows ") + what + ": " + shown));
    });
    return lines;
  }

  /** At most ten lines about the newest requests; {@code details} tells one of them with its rows. */
  static String describe(JsonArray requests, IntFunction<JsonObject> details) {
    if (requests.isEmpty()) return "no request reached this space: was the program given its url, user and password?";
    LinkedList<String> lines = new LinkedList<>();
    int hidden = requests.size();
    for (int left = LINES - 1; hidden > 0; left = LINES - 1 - lines.size()) {
      JsonObject request = requests.get(hidden - 1).getAsJsonObject();
      List<String> block = new ArrayList<>(List.of(head(request)));
      if (request.get("rows") instanceof JsonObject) block.addAll(rows(details.apply(request.get("id").getAsInt())));
      if (request.has("hint") && !request.get("hint").isJsonNull()) block.add(fitting("    " + text(request, "hint", "")));
      if (block.size() > left) {
        if (left < 2) break;
        block = new ArrayList<>(block.subList(0, left - 1));
        block.add("    …");
      }
      lines.addAll(0, block);
      hidden--;
    }
    if (hidden > 0) lines.addFirst(hidden + " requests before:");
    return String.join("\n", lines);
  }

  /** Why {@code verify} or {@code expect} said no. */
  static String explain(JsonObject problem) {
    StringBuilder told = new StringBuilder(problem.get("detail").getAsString());
    if (problem.get("nearest") instanceof JsonArray nearest) {
      for (JsonElement near : nearest) {
        told.append("\nnearest ").append(head(near.getAsJsonObject())).append(':');
        for (JsonElement difference : near.getAsJsonObject().getAsJsonArray("differences")) {
          told.append(' ').append(difference.getAsJsonObject().get("says").getAsString()).append(';');
        }
      }
    }
    if (problem.has("difference")) {
      told.append('\n').append(new GsonBuilder().setPrettyPrinting().create().toJson(problem.get("difference")));
    }
    return told.toString();
  }
}
