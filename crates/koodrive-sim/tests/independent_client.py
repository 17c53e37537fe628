"""Calls a KooDrive with nothing but Python's standard library, and signs on its own.

Written from the manual's rules (koodrive_05_0029 to _0035), sharing no code with the crates, so that client and simulator
can't agree on a mistake.

usage: independent_client.py ENDPOINT APP_ID APP_SECRET USER_ID
"""

import hashlib
import hmac
import http.client
import json
import sys
import urllib.parse
from datetime import datetime, timezone

ENDPOINT, APP_ID, APP_SECRET, USER_ID = sys.argv[1:5]


def sign(secret, method, path, query, headers, body):
    """The value of Authorization; `query` is a list of (name, value), `headers` the headers to sign."""
    quote = lambda text: urllib.parse.quote(text, safe="-_.~")
    canonical_uri = path if path.endswith("/") else path + "/"
    canonical_query = "&".join(f"{name}={value}" for name, value in sorted((quote(n), quote(v)) for n, v in query))
    names = sorted(name.lower() for name in headers)
    values = {name.lower(): value.strip(" \t") for name, value in headers.items()}
    canonical_headers = "".join(f"{name}:{values[name]}\n" for name in names)
    signed_headers = ";".join(names)
    canonical_request = "\n".join(
        [method, canonical_uri, canonical_query, canonical_headers, signed_headers, hashlib.sha256(body).hexdigest()]
    )
    string_to_sign = "HMAC-SHA256\n" + hashlib.sha256(canonical_request.encode()).hexdigest()
    signature = hmac.new(secret.encode(), string_to_sign.encode(), hashlib.sha256).hexdigest()
    return f"HMAC-SHA256 AppId={APP_ID},SignedHeaders={signed_headers},Signature={signature}"


def call(method, path, query=(), body=None, secret=None, sign_host=True, change=None):
    url = urllib.parse.urlsplit(ENDPOINT)
    body = b"" if body is None else json.dumps(body).encode()
    headers = {"X-User-Id": USER_ID, "X-Date": datetime.now(timezone.utc).strftime("%Y%m%dT%H%M%SZ")}
    if sign_host:
        headers["Host"] = url.netloc
    headers["Authorization"] = sign(secret or APP_SECRET, method, path, query, headers, body)
    headers["Content-Type"] = "application/json"
    if change:
        change(headers)
    connection = http.client.HTTPConnection(url.netloc, timeout=60)
    address = urllib.parse.quote(path, safe="/")
    if query:
        address += "?" + urllib.parse.urlencode(query, quote_via=urllib.parse.quote)
    connection.request(method, address, body=body or None, headers=headers)
    response = connection.getresponse()
    status, answer = response.status, json.loads(response.read())
    connection.close()
    return status, answer


def expect(what, got, wanted):
    if got != wanted:
        sys.exit(f"{what}: expected {wanted!r}, got {got!r}")


SPACES = "/koodrive/ose/v1/space"
OWNER = "1289173650183882753"

status, answer = call("GET", f"{SPACES}/usage/overview")
expect("overview", (status, answer["code"]), (200, 0))
before = answer["data"]["totalCapacity"]

# Each of the parameters as the tables type it: capacity and status are texts, type is a number.
status, answer = call("PUT", f"{SPACES}/{OWNER}", body={"capacity": "10", "status": "0", "type": 1})
expect("update", (status, answer["code"]), (200, 0))
status, answer = call("GET", f"{SPACES}/{OWNER}", query=[("type", "1")])
expect("space", (status, answer["data"]["capacity"]), (200, "10"))
status, answer = call("GET", f"{SPACES}/usage/overview", sign_host=False)
expect("overview again", (status, answer["data"]["totalCapacity"]), (200, before + 9))

# The manual's own example, which sends the status as a number.
status, answer = call("PUT", f"{SPACES}/{OWNER}", body={"status": 1, "type": 1})
expect("the page's example", (status, answer["code"]), (200, 0))

# A query that must be sorted and encoded; that space doesn't exist.
query = [("type", "1"), ("containerId", "a b+c/d~é")]
status, answer = call("GET", f"{SPACES}/{OWNER}", query=query)
expect("unknown space", (status, answer["code"]), (400, 13000301))

# A list in a body.
status, answer = call("POST", f"{SPACES}/usage/user", body={"userIds": ["232323", "34343434"], "limit": 1, "offset": 1})
expect("users", (status, [row["userId"] for row in answer["data"]], answer["total"]), (200, ["34343434"], 2))

# Limits, and the shape of X-Traceid.
for capacity, wanted in [("0", 400), ("1", 200), ("104857600", 200), ("104857601", 400), ("ten", 400)]:
    status, answer = call("PUT", f"{SPACES}/{OWNER}", body={"capacity": capacity, "type": 1})
    expect(f"capacity {capacity}", (status, answer["code"]), (wanted, 0 if wanted == 200 else 13000102))
for trace_id, wanted in [("a" * 58, 200), ("a" * 57, 400), ("a" * 59, 400)]:
    add = lambda headers, trace_id=trace_id: headers.update({"X-Traceid": trace_id})
    expect(f"trace id of {len(trace_id)}", call("GET", f"{SPACES}/usage/overview", change=add)[0], wanted)

# Whatever is changed after signing is refused.
late = lambda headers: headers.update({"X-Date": "20240909T033325Z"})
other = lambda headers: headers.update({"X-User-Id": "7"})
for what, result in [
    ("wrong secret", call("GET", f"{SPACES}/usage/overview", secret="wrong")),
    ("changed date", call("GET", f"{SPACES}/usage/overview", change=late)),
    ("changed user", call("GET", f"{SPACES}/usage/overview", change=other)),
]:
    expect(what, (result[0], result[1]["error_code"]), (401, "APIGW.0303"))

print("all as expected")
