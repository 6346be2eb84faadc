"""soda-mock in a container, by Testcontainers: `pip install soda-mock[testcontainers]`.

    with SodaMockContainer("ghcr.io/YOUR-ORGANISATION/soda-mock:latest") as mock, mock.server().space() as space:
        publish(space.url, space.user, space.password)
        space.expect("4tka-6guv", count=13)
"""

from testcontainers.core.container import DockerContainer
from testcontainers.core.wait_strategies import LogMessageWaitStrategy

from .server import Server

PORT = 7632


class SodaMockContainer(DockerContainer):
    """The image of docker/Dockerfile. It has started when its ready line is in the log."""

    def __init__(self, image="soda-mock", **options):
        super().__init__(image, **options)
        self.with_exposed_ports(PORT)
        self.waiting_for(LogMessageWaitStrategy('"event":"ready"'))

    def server(self):
        """The server in the container, as that of a process."""
        return Server.at(f"http://{self.get_container_host_ip()}:{self.get_exposed_port(PORT)}")
