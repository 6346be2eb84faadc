"""Reads by every common client of Python: `reads.py [ADDRESS]`, a line for each."""

import asyncio
import http.client
import sys
import urllib.request
from urllib.parse import urlsplit

import aiohttp
import httpx
import requests

ADDRESS = "https://data.city.gov/resource/4tka-6guv.json?$select=earthquake_id&$limit=1"
address = sys.argv[1] if len(sys.argv) > 1 else ADDRESS


def by_http_client():
    parts = urlsplit(address)
    connection = http.client.HTTPSConnection(parts.hostname, parts.port, timeout=10)
    connection.request("GET", f"{parts.path}?{parts.query}")
    return connection.getresponse().read().decode()


async def by_aiohttp():
    async with aiohttp.ClientSession() as session, session.get(address) as answer:
        return await answer.text()


async def by_httpx_async():
    async with httpx.AsyncClient() as client:
        return (await client.get(address)).text


failed = False
for name, read in {
    "urllib": lambda: urllib.request.urlopen(address, timeout=10).read().decode(),
    "http.client": by_http_client,
    "requests": lambda: requests.get(address, timeout=10).text,
    "httpx": lambda: httpx.get(address).text,
    "httpx async": lambda: asyncio.run(by_httpx_async()),
    "aiohttp": lambda: asyncio.run(by_aiohttp()),
}.items():
    try:
        print(name, read().strip())
    except Exception as error:
        failed = True
        print(name, "failed:", error)
sys.exit(failed)
