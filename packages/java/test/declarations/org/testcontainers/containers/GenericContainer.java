package org.testcontainers.containers;

import org.testcontainers.containers.wait.strategy.WaitStrategy;

/** The methods of Testcontainers that SodaMockContainer uses, where its jar is not at hand. */
public class GenericContainer<SELF extends GenericContainer<SELF>> {
  public GenericContainer(String image) {}

  @SuppressWarnings("unchecked")
  public SELF withExposedPorts(Integer... ports) {
    return (SELF) this;
  }

  @SuppressWarnings("unchecked")
  public SELF waitingFor(WaitStrategy strategy) {
    return (SELF) this;
  }

  public String getHost() {
    return "localhost";
  }

  public Integer getMappedPort(int port) {
    throw new IllegalStateException("not started");
  }
}
