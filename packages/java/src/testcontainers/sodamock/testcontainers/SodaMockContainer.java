package sodamock.testcontainers;

import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;
import sodamock.Server;

/** The image of docker/Dockerfile, by Testcontainers. It has started when its ready line is in the log. */
public class SodaMockContainer extends GenericContainer<SodaMockContainer> {
  private static final int PORT = 7632;

  public SodaMockContainer(String image) {
    super(image);
    withExposedPorts(PORT);
    waitingFor(Wait.forLogMessage(".*\"event\":\"ready\".*", 1));
  }

  /** The server in the container, as that of a process. */
  public Server server() {
    return Server.at("http://" + getHost() + ":" + getMappedPort(PORT));
  }
}
