"""Python, found by PYTHONPATH: connections to the hosts that SODA_MOCK_REDIRECT names go to soda-mock, also
those of libraries that read no proxy from the environment; other hosts need no proxy. The TLS server name and
the Host header stay as they are."""

import os
import sys

_PLACE, _, _HOSTS = os.environ.get("SODA_MOCK_REDIRECT", "").partition(" ")


def _named(host):
    if isinstance(host, bytes):
        host = host.decode("ascii", "replace")
    try:
        if not all(ord(letter) < 128 for letter in host):
            host = host.encode("idna").decode("ascii")
        return host.lower().rstrip(".") in _HOSTS.split()
    except (AttributeError, TypeError, UnicodeError):
        return False


def _server():
    host, _, port = _PLACE.rpartition(":")
    return host.strip("[]"), int(port)


def _redirect_sockets():
    """What every library that is written in Python connects by."""
    import socket

    getaddrinfo, gethostbyname = socket.getaddrinfo, socket.gethostbyname
    connect, connect_ex = socket.socket.connect, socket.socket.connect_ex

    def redirected_getaddrinfo(host, port, *arguments, **options):
        if _named(host):
            host, port = _server()
        return getaddrinfo(host, port, *arguments, **options)

    def place(address):
        return _server() if isinstance(address, tuple) and _named(address[0]) else address

    socket.getaddrinfo = redirected_getaddrinfo
    socket.gethostbyname = lambda host: gethostbyname(_server()[0] if _named(host) else host)
    socket.socket.connect = lambda self, address: connect(self, place(address))
    socket.socket.connect_ex = lambda self, address: connect_ex(self, place(address))


def _urllib_bypass(module):
    """urllib, requests and aiohttp ask whether a host needs the proxy of the environment."""
    bypass = module.proxy_bypass

    def proxy_bypass(host, *arguments):
        name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
        return not _named(name) or bypass(host, *arguments)

    module.proxy_bypass = proxy_bypass


def _aiohttp_resolver(module):
    """aiohttp resolves names by aiodns or by the event loop, which may be uvloop: neither asks `socket`."""
    import asyncio
    import socket

    for resolver in (module.AsyncResolver, module.ThreadedResolver):
        resolve = resolver.resolve

        # Not `async`: Python 2 could not read the file.
        def redirected(self, host, port=0, family=socket.AF_INET, resolve=resolve):
            if not _named(host):
                return resolve(self, host, port, family)
            address, number = _server()
            found = asyncio.get_event_loop().create_future()
            found.set_result([
                {"hostname": host, "host": to[0], "port": to[1], "family": family, "proto": proto, "flags": 0}
                for family, _, proto, _, to in socket.getaddrinfo(address, number, type=socket.SOCK_STREAM)
            ])
            return found

        resolver.resolve = redirected


def _httpx_proxies(module):
    """httpx takes the proxy of the environment for all hosts; here it is one of the named hosts only."""
    environment_proxies = module.get_environment_proxies

    def get_environment_proxies():
        proxies = environment_proxies()
        server = "http://" + _PLACE
        others = {key: proxy for key, proxy in proxies.items() if (proxy or "").rstrip("/") != server}
        return dict(others, **{"all://" + host: server for host in _HOSTS.split()})

    module.get_environment_proxies = get_environment_proxies


class _AfterImport(object):
    """Changes a module when it is imported, so that nothing is imported for it."""

    def __init__(self, name, change):
        self.name, self.change = name, change

    def find_spec(self, name, path=None, target=None):
        if name != self.name:
            return None
        import importlib.util

        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        if spec is None or spec.loader is None:
            return spec
        execute = spec.loader.exec_module

        def exec_module(module):
            execute(module)
            try:
                self.change(module)
            except AttributeError:
                # Another version of the library: the proxy of the environment is what is left.
                pass

        spec.loader.exec_module = exec_module
        return spec


def _next_sitecustomize():
    """The module of this name that Python would have found without this folder."""
    folder = os.path.dirname(os.path.abspath(__file__))
    for path in sys.path:
        file = os.path.join(path, "sitecustomize.py")
        if os.path.abspath(path) != folder and os.path.isfile(file):
            with open(file, "rb") as source:
                exec(compile(source.read(), file, "exec"), {"__name__": "sitecustomize", "__file__": file})
            return


if _HOSTS:
    if os.environ.get("https_proxy") == "socks5h://" + _PLACE:
        # Started by PHP, whose own preload has it so; few libraries of Python read it.
        os.environ["https_proxy"] = "http://" + _PLACE
    _redirect_sockets()
    if sys.version_info >= (3,):
        sys.meta_path.insert(0, _AfterImport("aiohttp.resolver", _aiohttp_resolver))
        if os.environ.get("SODA_MOCK_OTHERS") == "direct":
            sys.meta_path.insert(0, _AfterImport("urllib.request", _urllib_bypass))
            sys.meta_path.insert(0, _AfterImport("httpx._utils", _httpx_proxies))
_next_sitecustomize()
