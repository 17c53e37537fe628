"""Checks the simulator's object store against botocore, Amazon's own client.

links.py URL ACCESS SECRET

Links that botocore signs have to be accepted, and to be the ones that the simulator signs itself; each link that is
spoiled has to be refused with S3's code.
"""

import base64
import datetime
import hashlib
import http.client
import json
import re
import sys
import urllib.error
import urllib.parse
import urllib.request
from unittest import mock

import botocore.auth
import botocore.session
from botocore.config import Config

URL, ACCESS, SECRET = sys.argv[1:]
UTC = datetime.timezone.utc
HOST = urllib.parse.urlsplit(URL).netloc
CONTENT = bytes(range(256)) * 40
CONTEXT = "X-Amz-Iteration-Hash-Ctx"


def call(path, body):
    headers = {"Authorization": "Bearer client", "Content-Type": "application/json"}
    request = urllib.request.Request(URL + "/koodrive/ose/v1" + path, body and json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def send(method, link, body=None, headers=None):
    """Sends a request exactly as it is given, and returns status, headers and body."""
    connection = http.client.HTTPConnection(HOST, timeout=60)
    connection.request(method, link.removeprefix(URL), body, headers or {})
    answer = connection.getresponse()
    result = answer.status, answer.headers, answer.read()
    connection.close()
    return result


def client(region="region", access=ACCESS, secret=SECRET):
    session = botocore.session.Session()
    config = Config(
        signature_version="s3v4", s3={"addressing_style": "path"}, request_checksum_calculation="when_required"
    )
    return session.create_client(
        "s3", region, endpoint_url=URL, aws_access_key_id=access, aws_secret_access_key=secret, config=config
    )


def at(seconds):
    """Lets botocore sign at another time."""
    now = datetime.datetime.now(UTC) + datetime.timedelta(seconds=seconds)
    zone = {True: None, False: UTC}
    clock = lambda remove_tzinfo=True: now.replace(tzinfo=zone[remove_tzinfo])
    return mock.patch.object(botocore.auth, "get_current_datetime", clock)


def sign(who, operation, parameters, expires=3600, items=None):
    """Returns a link, with more items in its query if there are any."""

    def add(request, **_):
        for name, value in (items or {}).items():
            separator = "&" if "?" in request.url else "?"
            request.url += f"{separator}{name}={urllib.parse.quote(value, safe='-_.~')}"

    who.meta.events.register("before-sign.s3", add, unique_id="items")
    try:
        return who.generate_presigned_url(operation, parameters, expires)
    finally:
        who.meta.events.unregister("before-sign.s3", unique_id="items")


def query(link):
    return urllib.parse.parse_qs(urllib.parse.urlsplit(link).query, strict_parsing=True)


def begin(name, parts):
    file = {"containerId": SPACE, "parentFolder": ["root"], "fileName": name, "fileType": "45", "autoRename": 2}
    file |= {"uploadMode": "multipart", "uploadType": 1, "length": sum(part["partSize"] for part in parts)}
    return call("/files/create", file | {"multiParts": parts})


def set_item(link, name, value):
    """Replaces the value of an item by another one, as it is."""
    changed, count = re.subn(rf"(?<=[?&]{re.escape(name)}=)[^&]*", value, link)
    assert count == 1, f"{name} in {link}"
    return changed


def drop_item(link, name):
    changed, count = re.subn(rf"(?<=[?&]){re.escape(name)}=[^&]*&?", "", link)
    assert count == 1, f"{name} in {link}"
    return changed.rstrip("&?")


SPACE = call("/space/client-user?type=1", None)["data"]["containerId"]
S3 = client()

# A part as botocore signs it is the part as the simulator signs it, with the state of the hash as well.
words = [1, 2, 3, 4, 5, 6, 7, 4294967295]
large = [
    {"partNumber": 1, "partSize": 5 << 20, "partOffset": 0},
    {"partNumber": 2, "partSize": len(CONTENT), "partOffset": 5 << 20, "hashCtx": words},
]
started = begin("context.bin", large)
link = started["multiParts"][1]["uploadUrl"]
context = query(link)[CONTEXT][0]
state = {"md_len": 32, "num": 0, "h": words, "nh": 0, "nl": 8 * (5 << 20), "hash_type": "sha256"}
assert list(json.loads(base64.b64decode(context)).items()) == list(state.items()), context
key = urllib.parse.urlsplit(link).path.removeprefix("/objects/")
part = {"Bucket": "objects", "Key": key, "UploadId": started["uploadId"], "PartNumber": 2}
part["ContentLength"] = len(CONTENT)
date = datetime.datetime.strptime(query(link)["X-Amz-Date"][0], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
with at((date - datetime.datetime.now(UTC)).total_seconds()):
    again = sign(S3, "upload_part", part, items={CONTEXT: context})
assert query(again) == query(link), f"\n{again}\n{link}"
status, _, body = send("PUT", again, CONTENT)
assert status == 200, body

# A whole upload and its download, by botocore's links alone.
started = begin("plain.bin", [{"partNumber": 1, "partSize": len(CONTENT)}])
plain = {**part, "Key": started["fileId"], "UploadId": started["uploadId"], "PartNumber": 1}
put = sign(S3, "upload_part", plain)
assert query(put)["X-Amz-SignedHeaders"] == ["content-length;host"], put
status, headers, body = send("PUT", put, CONTENT)
assert status == 200 and headers["ETag"].startswith('"'), body
assert call("/files/complete", {"fileId": started["fileId"]})["code"] == 0
given = call("/files/download", {"containerId": SPACE, "fileIds": [started["fileId"]]})["downloads"][0]["url"]
name = query(given)["response-content-disposition"][0]
key = urllib.parse.urlsplit(given).path.removeprefix("/objects/")
name += '; more="100%25 a+b c"'
wanted = {"Bucket": "objects", "Key": key, "ResponseContentDisposition": name}
get = sign(S3, "get_object", wanted)
status, headers, body = send("GET", get)
assert (status, body, headers["Content-Disposition"]) == (200, CONTENT, name), (status, headers)
assert send("GET", get, headers={"Range": "bytes=1-2"})[2] == CONTENT[1:3]
head = sign(S3, "head_object", {"Bucket": "objects", "Key": key})
status, headers, body = send("HEAD", head)
assert (status, headers["Content-Length"], body) == (200, str(len(CONTENT)), b""), (status, headers)
status, headers, body = send("HEAD", head, headers={"Range": "Bytes=1-2"})
assert (status, headers["Content-Length"], body) == (206, "2", b""), (status, headers)
# An answer to HEAD has no code in it.
for spoiled in (set_item(head, "X-Amz-Signature", "0" * 64), set_item(head, "X-Amz-Signature", ""), head + "&a=1", get):
    assert send("HEAD", spoiled)[0] == 403, spoiled

# Links that are good but for one thing. The upload is another one, which goes on.
started = begin("spoiled.bin", [{"partNumber": 1, "partSize": len(CONTENT)}])
plain = {**plain, "Key": started["fileId"], "UploadId": started["uploadId"]}


def part_link(who=S3, expires=3600, **changes):
    return sign(who, "upload_part", {**plain, **changes}, expires)


put = sign(S3, "upload_part", plain, items={CONTEXT: context})
time, signature = query(put)["X-Amz-Date"][0], query(put)["X-Amz-Signature"][0]
other_time = time[:-2] + ("8Z" if time[-2] == "9" else "9Z")
other_day = (date + datetime.timedelta(days=2)).strftime("%Y%m%dT%H%M%SZ")
other_signature = signature[:-1] + ("1" if signature[-1] == "0" else "0")
odd = sign(S3, "get_object", {**wanted, "Key": "100%25 a+b c"})
assert "/100%2525%20a%2Bb%20c?" in odd, odd
tagged = {"If-Match": '"ABCdef"'}
with_tag = sign(S3, "get_object", {**wanted, "IfMatch": tagged["If-Match"]})
assert query(with_tag)["X-Amz-SignedHeaders"] == ["host;if-match"], with_tag
other_path = put.replace(started["fileId"], started["fileId"] + "0")
with at(-3602):
    expired = part_link()
with at(16 * 60):
    future = part_link()

MISMATCH, DENIED, QUERY = "SignatureDoesNotMatch", "AccessDenied", "AuthorizationQueryParametersError"
STATUS = {
    MISMATCH: 403, DENIED: 403, QUERY: 400, "InvalidAccessKeyId": 403, "InvalidArgument": 400, "InvalidRange": 416,
    "MethodNotAllowed": 405, "MissingContentLength": 411, "NoSuchKey": 404, "NoSuchUpload": 404,
    "PreconditionFailed": 412,
}
# What is wrong, and the link to a part; or also the method, the body and headers.
CASES = [
    (MISMATCH, "another method", put, "GET", None),
    ("MethodNotAllowed", "a method that isn't there", put, "DELETE", None),
    (MISMATCH, "another path", other_path),
    (MISMATCH, "another part", set_item(put, "partNumber", "2")),
    (MISMATCH, "another upload", set_item(put, "uploadId", "0" * 32)),
    (MISMATCH, "another state of the hash", set_item(put, CONTEXT, "e30%3D")),
    (QUERY, "another algorithm", set_item(put, "X-Amz-Algorithm", "AWS4-HMAC-SHA1")),
    (MISMATCH, "another time", set_item(put, "X-Amz-Date", other_time)),
    (QUERY, "a day that isn't the key's", set_item(put, "X-Amz-Date", other_day)),
    (MISMATCH, "a longer life", set_item(put, "X-Amz-Expires", "3601")),
    (QUERY, "more than a week", part_link(expires=604_801)),
    (QUERY, "no second", part_link(expires=0)),
    (MISMATCH, "fewer signed headers", set_item(put, "X-Amz-SignedHeaders", "host")),
    (QUERY, "no signed host", set_item(put, "X-Amz-SignedHeaders", "content-length")),
    (MISMATCH, "another signature", set_item(put, "X-Amz-Signature", other_signature)),
    (MISMATCH, "an empty signature", set_item(put, "X-Amz-Signature", "")),
    (MISMATCH, "half a signature", set_item(put, "X-Amz-Signature", signature[:32])),
    (MISMATCH, "a signature without its end", set_item(put, "X-Amz-Signature", signature[:-1])),
    (MISMATCH, "a signature and more", set_item(put, "X-Amz-Signature", signature + "0")),
    (MISMATCH, "a signature in capitals", set_item(put, "X-Amz-Signature", signature.upper())),
    ("InvalidAccessKeyId", "another access key", part_link(client(access="AKOTHER"))),
    (MISMATCH, "another secret", part_link(client(secret="other"))),
    (QUERY, "another region", part_link(client("us-east-1"))),
    (MISMATCH, "another host", put, "PUT", CONTENT, {"Host": "localhost"}),
    (MISMATCH, "another length", put, "PUT", CONTENT[1:]),
    (DENIED, "an expired link", expired),
    (DENIED, "a link of the future", future),
    (DENIED, "no link at all", put.split("?")[0]),
    (MISMATCH, "a signed item that is missing", drop_item(put, CONTEXT)),
    (MISMATCH, "an item twice", put + "&partNumber=1"),
    (QUERY, "an item of the signature twice", put + "&X-Amz-Expires=3600"),
    (MISMATCH, "an item that isn't signed", put + "&versionId=1"),
    (DENIED, "a header that isn't signed", put, "PUT", CONTENT, {"x-amz-acl": "private"}),
    ("InvalidArgument", "a header of KooDrive's", put, "PUT", CONTENT, {"X-User-Id": "7"}),
    ("InvalidArgument", "a token", put, "PUT", CONTENT, {"Authorization": "Bearer client"}),
    ("InvalidArgument", "a token where nothing is sent", get, "GET", None, {"Authorization": "Bearer client"}),
    ("MissingContentLength", "no length", put, "PUT", iter([CONTENT]), {"Transfer-Encoding": "chunked"}),
    ("InvalidArgument", "a part that can't be", part_link(PartNumber=10_001)),
    ("NoSuchUpload", "an upload that isn't there", part_link(UploadId="1")),
    ("NoSuchUpload", "an upload of another file", part_link(Key=key)),
    ("NoSuchKey", "an object that isn't there", sign(S3, "get_object", {**wanted, "Key": "none"}), "GET", None),
    ("NoSuchKey", "an object whose key looks like an encoded one", odd, "GET", None),
    ("NoSuchKey", "the same with a plus as it is", odd.replace("a%2Bb", "a+b"), "GET", None),
    (MISMATCH, "a plus in place of a space", odd.replace("%20a", "+a"), "GET", None),
    (MISMATCH, "a plus in place of a space in an item", get.replace("%20", "+"), "GET", None),
    ("PreconditionFailed", "a signed tag that isn't the object's", with_tag, "GET", None, tagged),
    (MISMATCH, "a signed tag in small letters", with_tag, "GET", None, {"If-Match": '"abcdef"'}),
    (MISMATCH, "a signed tag that is missing", with_tag, "GET", None),
    (MISMATCH, "a name that isn't signed", get.replace("plain", "other"), "GET", None),
    ("InvalidRange", "a range that isn't there", get, "GET", None, {"Range": "bytes=999999-"}),
]
for item in ("Algorithm", "Credential", "Date", "Expires", "SignedHeaders", "Signature"):
    CASES.append((QUERY, f"no {item}", drop_item(put, "X-Amz-" + item)))
for expected, what, link, *rest in CASES:
    method, body, headers = [*rest, *["PUT", CONTENT, {}][len(rest):]]
    status, answered, text = send(method, link, body, headers)
    code = re.search(rb"<Error><Code>(\w+)</Code><Message>[^<]+</Message>", text)
    assert code and answered["Content-Type"] == "application/xml", f"{what}: {status} {text}"
    assert (status, code[1].decode()) == (STATUS[expected], expected), f"{what}: {status} {text}"

# None of them has left anything, and the link itself is still good.
complete = {"fileId": started["fileId"], "sha256": hashlib.sha256(CONTENT).hexdigest()}
try:
    raise AssertionError(f"a spoiled link was accepted: {call('/files/complete', complete)}")
except urllib.error.HTTPError as error:
    answer = json.load(error)
    assert answer["code"] == 13000402, answer
assert send("PUT", put, CONTENT)[0] == 200
assert call("/files/complete", complete)["code"] == 0
print(f"links are as botocore's, and {len(CASES)} spoiled ones are refused")
