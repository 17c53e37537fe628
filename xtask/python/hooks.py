"""Credentials and ids for schemathesis, and a count of the statuses of each operation."""

import atexit
import hashlib
import hmac
import json
import os
import random
from collections import Counter, defaultdict, deque
from datetime import datetime, timedelta, timezone
from urllib.parse import parse_qsl, quote, urlsplit

import requests
import schemathesis

# The simulator knows this many tokens, each of its own user: a call may end a session.
TOKENS = 200
APP_ID, APP_SECRET, APP_USER = "app", "secret", "app-user"

seen = defaultdict(Counter)
state = {"calls": 0, "token": 0}

# What the caller owns, and the latest ids of each name in answers. Hardly anything is found by an id that is made up.
own = {}
ids = defaultdict(lambda: deque(maxlen=6))
chance = random.Random(15)


def settle(token, user):
    """Gives the user one of nearly everything that calls are about."""

    def call(method, path, wanted, lock=None, /, **body):
        address = f"{os.environ['SIMULATOR']}/koodrive/ose/v1/{path}"
        headers = {"Authorization": token, **({"x-backup-lock-id": lock} if lock else {})}
        answer = requests.request(method, address, headers=headers, timeout=20, json=body or None).json()
        # A call that fails has nothing to remember, and neither have those that need what it would have made.
        lists = [inner if isinstance(inner, list) else [inner] for inner in [answer, *answer.values()]]
        holders = [holder for inner in lists for holder in inner if isinstance(holder, dict)]
        return next((holder[wanted] for holder in holders if isinstance(holder.get(wanted), str)), None)

    space = call("GET", f"space/{user}?type=1", "containerId")
    folder = call("POST", "directory", "id", containerId=space, fileType="10", fileName="a")
    create = {"containerId": space, "fileType": "45", "parentFolder": ["root"], "length": 0, "uploadMode": "multipart"}
    create |= {"uploadType": 1, "autoRename": 2}
    upload = call("POST", "files/create", "fileId", **create, fileName="b")
    file = call("POST", "files/create", "fileId", **create, fileName="c.zip")
    call("POST", "files/complete", None, fileId=file)
    call("POST", "revision/createRevision", None, **{**create, "fileId": file, "length": 1})
    task = {"fileInfo": [{"fileId": file}], "srcContainerId": space}
    job = call("POST", "jobs", "data", taskType=1, taskInfo=task, dstContainerId=space)
    call("POST", "album/create", None, type="1", albumKind="1", name="d")
    call("POST", "sharefolder/create", None, shareType=0, containerId=space, name="e")
    device = call("POST", "backup/device", "deviceId", machineCode=user)
    lock = call("POST", "backup/lock", "lockId", moduleCode="100")
    record = call("POST", "backup/record", "recordId", lock, moduleCode="100", deviceId=device)
    may = ["addChildNode", "copy", "delete", "download", "edit", "listChildNode", "removeChildNode", "renameFile"]
    may = {f"{what}Permission": True for what in [*may, "shareFile", "upload", "view"]}
    call("POST", "permission/template/create", None, name=user, type=1, company="f", capabilities=may)
    template = call("GET", "permission/template/list?offset=0&limit=1&templateType=1", "id")
    share = {"containerId": space, "fileIds": [folder], "scope": 1, "validDays": 1}
    root = call("GET", "departmentList", "id")
    department = call("POST", "departments", "id", name=user, parentId=root)
    found = {
        "containerid": [space], "spaceid": [space], "dstcontainerid": [space], "fileid": [folder, file, upload],
        "folderid": [folder], "parentfolder": ["root", folder], "parentfileid": ["root", folder],
        "shareid": [call("POST", "share", "shareId", **share)],
        "linkcode": [call("POST", "share", "shortUrl", **share)],
        "departmentid": [department], "deptid": [department], "ownerid": [user], "userid": [user],
        "groupid": [
            call("POST", "usergroups", "id", groupName=user, sourceType=1),
            call("GET", "sharefolder/list?offset=0&limit=1", "groupId"),
        ],
        "sharefolderid": [call("GET", "sharefolder/list?offset=0&limit=1", "id")],
        "albumid": [call("GET", "album/list?albumKind=1&albumType=1", "id")],
        "jobid": [job], "deviceid": [device], "recordid": [record], "x-backup-lock-id": [lock],
        "id": [template], "templateid": [template],
    }
    own.clear()
    own.update({name: [value for value in values if value] for name, values in found.items()})


def collect(answer, around=""):
    """Remembers the ids of an answer. The `id` of an entry of `files` is also a `fileId`."""
    if isinstance(answer, list):
        for item in answer:
            collect(item, around)
    elif isinstance(answer, dict):
        for name, value in answer.items():
            if isinstance(value, str) and value and name.lower().endswith(("id", "code", "shorturl")):
                key = (f"{around.removesuffix('s')}Id" if name == "id" else name).lower()
                if value not in ids[key]:
                    ids[key].append(value)
            collect(value, name)


def replaced(name, value):
    """Returns known ids in place of most of the texts where a call takes one."""
    if isinstance(value, dict):
        return {name: replaced(name, value) for name, value in value.items()}
    if isinstance(value, list):
        return [replaced(name.removesuffix("s"), item) for item in value]
    key = name.lower().replace("_", "")
    known = own.get(key) if chance.random() < 0.8 else None
    known = known or ids.get(key)
    return chance.choice(known) if isinstance(value, str) and known and chance.random() < 0.9 else value


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
    if not own or state["calls"] % 100 == 0:
        # Others begin anew, since what the calls before have done to this user's things isn't known.
        state["token"] += 1
        token = state["token"] % TOKENS
        settle(f"Bearer token-{token}", f"user-{token}")
    # Half of the calls are sent as schemathesis makes them up.
    if state["calls"] % 2 == 0:
        for part in ["path_parameters", "query", "headers", "body"]:
            value = getattr(case, part)
            if isinstance(value, dict):
                setattr(case, part, replaced("", value))
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
    if response.status_code == 200:
        collect(response.json())
    sent = response.request.headers.get("Authorization") or ""
    if response.status_code == 401 and sent == f"Bearer token-{state['token'] % TOKENS}":
        # The session has ended.
        own.clear()


@atexit.register
def write():
    if seen and "COUNTS" in os.environ:
        with open(os.environ["COUNTS"], "w") as file:
            json.dump(seen, file)
