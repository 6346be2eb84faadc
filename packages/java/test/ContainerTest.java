import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.URI;
import org.junit.jupiter.api.Test;
import sodamock.Server;
import sodamock.SodaMock;
import sodamock.Space;
import sodamock.testcontainers.SodaMockContainer;

/** A container whose port is that of a process: no Docker is needed. */
@SodaMock
class ContainerTest {
  @Test
  void aContainerIsAServerToo(Server process) {
    SodaMockContainer container = new SodaMockContainer("soda-mock") {
      @Override
      public Integer getMappedPort(int port) {
        assertEquals(7632, port);
        return URI.create(process.url).getPort();
      }
    };
    try (Space space = container.server().space()) {
      assertEquals(12, space.rows("4tka-6guv").getAsJsonArray().size());
    }
  }
}
