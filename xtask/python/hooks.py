"""Credentials for schemathesis, and a count of the statuses of each operation."""

import atexit
import hashlib
import hmac
import json
import os
from collections import Counter, defaultdict
from datetime import datetime, timedelta, timezone
from urllib.parse import parse_qsl, quote, urlsplit

import requests
import schemathesis

# The simulator knows this many tokens, each of its own user: a call may end a session.
TOKENS = 200
APP_ID, APP_SECRET, APP_USER = "app", "secret", "app-user"

seen = defaultdict(Counter)
state = {"calls": 0, "token": 0}


class Signature(requests.auth.AuthBase):
    """The signature of an application, as the document describes it."""

    def __call__(self, request):
        date = datetime.now(timezone.utc) - timedelta(seconds=30)
        signed = {
            "host": urlsplit(request.url).netloc,
            "x-date": date.strftime("%Y%m%dT%H%M%SZ"),
            "x-user-id": APP_USER,
        }
        url = urlsplit(request.url)
        query = sorted((quote(name, "~"), quote(value, "~")) for name, value in parse_qsl(url.query, True))
        body = request.body or b""
        canonical = "\n".join([
            request.method,
            url.path if url.path.endswith("/") else url.path + "/",
            "&".join(f"{name}={value}" for name, value in query),
            "".join(f"{name}:{value}\n" for name, value in signed.items()),
            ";".join(signed),
            hashlib.sha256(body if isinstance(body, bytes) else body.encode()).hexdigest(),
        ])
        text = "HMAC-SHA256\n" + hashlib.sha256(canonical.encode()).hexdigest()
        signature = hmac.new(APP_SECRET.encode(), text.encode(), hashlib.sha256).hexdigest()
        request.headers["X-Date"], request.headers["X-User-Id"] = signed["x-date"], APP_USER
        request.headers["Authorization"] = (
            f"HMAC-SHA256 AppId={APP_ID},SignedHeaders={';'.join(signed)},Signature={signature}"
        )
        return request


class Token(requests.auth.AuthBase):
    """A token, with its own user where a call names one."""

    def __init__(self, value, user):
        self.value, self.user = value, user

    def __call__(self, request):
        request.headers["Authorization"] = self.value
        if "X-User-Id" in request.headers:
            request.headers["X-User-Id"] = self.user
        return request


@schemathesis.hook
def before_call(context, case, kwargs):
    state["calls"] += 1
    schemes = [name for scheme in case.operation.definition.raw.get("security", []) for name in scheme]
    token = state["token"] % TOKENS
    if not schemes:
        return
    if state["calls"] % 25 == 0:
        kwargs["auth"] = Token("Bearer of nothing", "nobody")
    elif "token" not in schemes or "app" in schemes and state["calls"] % 7 == 0:
        kwargs["auth"] = Signature()
    else:
        kwargs["auth"] = Token(f"Bearer token-{token}", f"user-{token}")


@schemathesis.hook
def after_call(context, case, response):
    seen[case.operation.definition.raw["operationId"]][response.status_code] += 1
    sent = response.request.headers.get("Authorization") or ""
    if response.status_code == 401 and sent == f"Bearer token-{state['token'] % TOKENS}":
        # The session has ended.
        state["token"] += 1


@atexit.register
def write():
    if seen and "COUNTS" in os.environ:
        with open(os.environ["COUNTS"], "w") as file:
            json.dump(seen, file)
