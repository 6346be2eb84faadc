"""Small damage to bytes: what a broken client, a proxy or an attacker does to a valid sample."""

# Values at which programs break: ends of number types, of encodings, of buffers, and what parsers treat apart.
TOKENS = [
    b"", b"\x00", b"\r\n", b"\n", b"\r", b" ", b"\t", b'"', b"'", b"\\", b"<", b">", b"%", b"%00", b"%ff", b"%2f", b"..",
    b"/", b"//", b";", b":", b",", b"&", b"=", b"+", b"-", b"{", b"}", b"[", b"]", b"(", b")", b"`", b"|", b"*", b"?", b"#",
    b"null", b"true", b"NaN", b"Infinity", b"-0", b"0", b"1", b"-1", b"1e9", b"1e308", b"1e309", b"1e9999", b"-1e9999",
    b"1e-9999", b"1e99999999", b"9223372036854775807", b"9223372036854775808", b"-9223372036854775809",
    b"18446744073709551616", b"4294967296", b"2147483648", b"0x41", b"1" * 400, b"0." + b"9" * 400,
    b"\xff", b"\xfe\xff", b"\xef\xbb\xbf", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\\ud800", b"\\u0000",
    b"\xe2\x80\xae", b"a\xcc\x81" * 40, b"\xf0\x9f\x92\xa9", b"\xe2\x80\xa8", b"\x7f", b"\x1b[2J", b"\x1f\x8b\x08",
    b"<script>", b"';--", b"$where", b":id", b":deleted", b"../../x", b"A" * 5000, b"[" * 3000, b'{"a":' * 1500,
]


def token(rng):
    """One of the values at which programs break."""
    return rng.choice(TOKENS)


def flip(rng, data):
    at = rng.randrange(len(data))
    return data[:at] + bytes([data[at] ^ (1 << rng.randrange(8))]) + data[at + 1:]


def drop(rng, data):
    start = rng.randrange(len(data))
    return data[:start] + data[start + rng.choice((1, 1, 2, 8, 64)):]


def repeat(rng, data):
    start = rng.randrange(len(data))
    piece = data[start:start + rng.choice((1, 2, 8, 40))]
    return data[:start] + piece * rng.choice((2, 3, 20, 300)) + data[start:]


def insert(rng, data):
    at = rng.randrange(len(data) + 1)
    return data[:at] + token(rng) + data[at:]


def overwrite(rng, data):
    at = rng.randrange(len(data))
    piece = token(rng)
    return data[:at] + piece + data[at + len(piece):]


def cut(rng, data):
    return data[:rng.randrange(len(data))]


def swap(rng, data):
    middle = rng.randrange(len(data))
    return data[middle:] + data[:middle]


WAYS = (flip, drop, repeat, insert, insert, overwrite, overwrite, cut, swap)
# A sample never grows beyond this by damage alone.
LONGEST = 256 << 10


def damaged(rng, data, times=None):
    """The data with a few places damaged."""
    for _ in range(times or rng.choice((1, 1, 1, 2, 3, 8))):
        data = rng.choice(WAYS)(rng, data) if data else token(rng)
    return data[:LONGEST]
