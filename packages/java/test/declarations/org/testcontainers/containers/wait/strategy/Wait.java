package org.testcontainers.containers.wait.strategy;

/** See GenericContainer. */
public final class Wait {
  private Wait() {}

  public static WaitStrategy forLogMessage(String regex, int times) {
    return new WaitStrategy() {};
  }
}
