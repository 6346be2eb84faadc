package sodamock;

import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.Store;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;

/** What {@link SodaMock} stands for. JUnit closes what is stored when the test, or the run, ends. */
public final class SodaMockExtension implements ParameterResolver, TestExecutionExceptionHandler {
  private static final Namespace NAMESPACE = Namespace.create(SodaMockExtension.class);

  private record Closing<T extends AutoCloseable>(T value) implements Store.CloseableResource {
    @Override
    public void close() throws Exception {
      value.close();
    }
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext test) {
    Class<?> type = parameter.getParameter().getType();
    return type == Server.class || type == Space.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext test) {
    Server server = server(test);
    if (parameter.getParameter().getType() == Server.class) return server;
    return stored(test, Space.class, () -> new Space(server, null));
  }

  private static Server server(ExtensionContext test) {
    String url = System.getenv("SODA_MOCK_URL");
    return stored(test.getRoot(), Server.class, () -> url == null ? Server.start() : Server.at(url));
  }

  private interface Maker<T> {
    T make();
  }

  @SuppressWarnings("unchecked")
  private static <T extends AutoCloseable> T stored(ExtensionContext scope, Class<T> type, Maker<T> maker) {
    return ((Closing<T>) scope.getStore(NAMESPACE).getOrComputeIfAbsent(type, key -> new Closing<>(maker.make()))).value();
  }

  /** What is added to a failure: only its text is of interest. */
  private static final class WhatWasSent extends Exception {
    private static final long serialVersionUID = 1;

    WhatWasSent(String report) {
      super(report, null, false, false);
    }

    @Override
    public String toString() {
      return getMessage();
    }
  }

  @Override
  public void handleTestExecutionException(ExtensionContext test, Throwable failure) throws Throwable {
    Closing<?> stored = test.getStore(NAMESPACE).get(Space.class, Closing.class);
    if (stored != null && stored.value() instanceof Space space) {
      try {
        failure.addSuppressed(new WhatWasSent("soda-mock: what was sent to " + space.name + "\n" + space.report()));
      } catch (RuntimeException unread) {
        // The test's own failure must not be hidden by the report's.
        failure.addSuppressed(unread);
      }
    }
    throw failure;
  }
}
