import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import sodamock.SodaMock;
import sodamock.Space;

@SodaMock
class PublisherTest {
  private Publisher publisher;

  @BeforeEach
  void dataset(Space space) {
    publisher = new Publisher(space.url, space.user, space.password);
    space.dataset("read-ings", """
        {"name": "Readings", "metadata": {"rowIdentifier": "id"},
         "columns": [{"fieldName": "id"}, {"fieldName": "value", "dataTypeName": "number"}]}""");
  }

  @Test
  void rowsArrive(Space space) throws Exception {
    publisher.publish("read-ings", "[{\"id\": \"a\", \"value\": 1}]");
    space.expect("{\"dataset\": \"read-ings\", \"rows\": [{\"id\": \"a\", \"value\": 1}]}");
    space.verify("{\"match\": {\"operation\": \"upsert\", \"rows\": {\"created\": 1, \"errors\": 0}}, \"times\": 1}");
  }

  @Test
  void whatWasAppliedIsNotWrittenTwice(Space space) throws Exception {
    String fault = space.preset("upsert-applied-but-502");
    publisher.publish("read-ings", "[{\"id\": \"a\", \"value\": 1}]");
    space.expect("{\"dataset\": \"read-ings\", \"count\": 1}");
    if (space.hits(fault) != 1) throw new AssertionError("the fault was not met");
  }
}
