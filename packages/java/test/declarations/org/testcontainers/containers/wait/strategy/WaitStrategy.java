package org.testcontainers.containers.wait.strategy;

/** See GenericContainer. */
public interface WaitStrategy {}
