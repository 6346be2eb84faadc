package sodamock;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;

/** Where the binary is: in SODA_MOCK, in a jar {@code soda-mock-binary-PLATFORM} of the class path, or on PATH. */
final class Binary {
  private Binary() {}

  private static final boolean WINDOWS = System.getProperty("os.name").startsWith("Windows");
  private static final String NAME = WINDOWS ? "soda-mock.exe" : "soda-mock";

  static String platform() {
    String os = WINDOWS ? "win32" : System.getProperty("os.name").startsWith("Mac") ? "darwin" : "linux";
    String cpu = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
    return os + "-" + (cpu.equals("aarch64") ? "arm64" : "x64");
  }

  /** Its path; what was taken from a jar lies in {@code folder}. */
  static String find(Path folder) throws IOException {
    String named = System.getenv("SODA_MOCK");
    if (named != null && !named.isEmpty()) return named;
    try (InputStream packed = Binary.class.getResourceAsStream("/sodamock/" + platform() + "/" + NAME)) {
      if (packed != null) {
        Path binary = folder.resolve(NAME);
        Files.copy(packed, binary, StandardCopyOption.REPLACE_EXISTING);
        if (!binary.toFile().setExecutable(true)) throw new IOException(binary + " cannot be made a program");
        return binary.toString();
      }
    }
    for (String path : System.getenv().getOrDefault("PATH", "").split(File.pathSeparator)) {
      File binary = new File(path, NAME);
      if (binary.canExecute()) return binary.getPath();
    }
    throw new IOException("the soda-mock binary is not here: put soda-mock-binary-" + platform()
        + ".jar on the class path, or build it (cargo install soda-mock) and name it in SODA_MOCK");
  }
}
