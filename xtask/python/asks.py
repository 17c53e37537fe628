"""Compares what the document says is needed in a call with what the simulator refuses calls for."""

import copy
import re
from itertools import count

import requests
from hooks import TOKENS, Signature, Token

LACKS = re.compile(r"it is required$|is needed\b")

# A rule between parameters.
EITHER = re.compile(r"\w+ or \w+ is needed")

tokens = count()


def operations(document):
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield path, method, operation


def least(schema, value):
    """Returns what a value has to have."""
    if isinstance(value, list):
        return [least(schema.get("items", {}), item) for item in value]
    if not isinstance(value, dict):
        return value
    inner = schema.get("properties", {})
    needed = {*schema.get("required", []), *(name for name, member in inner.items() if member.get("x-needed"))}
    return {name: least(inner.get(name, {}), member) for name, member in value.items() if name in needed}


def without_one(value, at=""):
    """Yields the path of each member, and the value without it."""
    if isinstance(value, list) and value:
        for path, less in without_one(value[0], f"{at}[0]"):
            yield path, [less, *value[1:]]
    elif isinstance(value, dict):
        for name, member in value.items():
            path = f"{at}.{name}" if at else name
            yield path, {other: value[other] for other in value if other != name}
            for path, less in without_one(member, path):
                yield path, {**value, name: less}


def sample(schema):
    return next(value for value in [*schema.get("examples", []), *schema.get("enum", []), "1"])


def smallest(document, operation):
    """Returns the parts of the smallest call that the document allows."""
    parts = {"path": {}, "query": {}, "header": {}}
    for parameter in operation["parameters"]:
        # Those that are referred to belong to the credentials.
        if parameter.get("required") or parameter.get("x-needed"):
            parts[parameter["in"]][parameter["name"]] = parameter.get("example", sample(parameter["schema"]))
    for kind, media in operation.get("requestBody", {}).get("content", {}).items():
        schema = document["components"]["schemas"][media["schema"]["$ref"].rpartition("/")[2]]
        inner = schema["properties"]
        whole = media["examples"]["smallest"]["value"] if kind == "application/json" else dict.fromkeys(inner)
        whole |= {name: sample(member) for name, member in inner.items() if whole.get(name) is None}
        parts["body" if kind == "application/json" else "form"] = least(schema, whole)
    return parts


def send(url, path, method, parts, auth):
    address = re.sub(r"\{(\w+)\}", lambda name: str(parts["path"][name[1]]), path)
    headers = {name: str(value) for name, value in parts["header"].items()}
    query = {name: str(value).lower() if isinstance(value, bool) else value for name, value in parts["query"].items()}
    sent = {"params": query, "headers": headers, "json": parts.get("body"), "auth": auth, "timeout": 20}
    if "form" in parts:
        # Requests makes a form of files only; one without a name is a text.
        form = parts["form"].items()
        sent["files"] = {name: ("a.xlsx" if name == "data" else None, value) for name, value in form}
    return requests.request(method, url + address, **sent)


def compare(document, url):
    """Returns how many calls were made, and what differs."""
    problems = []
    calls = 0

    def call(path, method, parts, scheme):
        nonlocal calls
        calls += 1
        number = next(tokens) % TOKENS
        token = Token(f"Bearer token-{number}", f"user-{number}")
        auth = {"token": token, "app": Signature(), "": lambda request: request}[scheme]
        answer = send(url, path, method, parts, auth)
        said = answer.json()
        return answer.status_code, str(said.get("msg", said.get("error_msg")))

    for path, method, operation in operations(document):
        name = operation["operationId"]
        parts = smallest(document, operation)
        schemes = [scheme for either in operation["security"] for scheme in either]
        for scheme in ["", "token", "app"]:
            status, said = call(path, method, parts, scheme)
            allowed = not schemes or scheme in schemes
            if (status != 401) != allowed:
                problems.append(f"{name} with {scheme or 'no credentials'}: {status}, {said}")
            elif allowed and LACKS.search(said) and not (EITHER.search(said) and operation.get("x-rules")):
                problems.append(f"{name} with all that is required: {said}")
        for place in ["query", "header", "body", "form"]:
            for lacking, less in without_one(parts.get(place, {})):
                status, said = call(path, method, {**parts, place: less}, next(iter(schemes), ""))
                if status != 400 or not LACKS.search(said) or lacking.lower() not in said.lower():
                    problems.append(f"{name} without {lacking} in the {place}: {status}, {said}")
    return calls, problems


def spoiled(document):
    """Yields copies that say something else."""

    def schemas(schema):
        yield schema
        for member in [*schema.get("properties", {}).values(), schema.get("items")]:
            if isinstance(member, dict):
                yield from schemas(member)

    def each(change, part):
        other = copy.deepcopy(document)
        bodies = [schema for name, schema in other["components"]["schemas"].items() if name.endswith("Body")]
        every = [operation for _, _, operation in operations(other)]
        parameters = [parameter for operation in every for parameter in operation["parameters"]]
        parameters = [parameter for parameter in parameters if parameter.get("in", "path") != "path"]
        whole = {"operations": every, "bodies": [inner for body in bodies for inner in schemas(body)]}
        for one in {**whole, "parameters": parameters}[part]:
            change(one)
        return other

    yield "needs no credentials", each(lambda operation: operation.update(security=[]), "operations")
    yield "needs credentials", each(lambda operation: operation.update(security=[{"token": []}]), "operations")
    yield "needs no parameter", each(lambda parameter: parameter.update(required=False), "parameters")
    yield "needs all parameters", each(lambda parameter: parameter.update(required=True), "parameters")
    yield "needs no member", each(lambda body: body.pop("required", None), "bodies")
    yield "needs all members", each(lambda body: body.update(required=list(body.get("properties", {}))), "bodies")


def check(document, url):
    calls, problems = compare(document, url)
    for problem in problems:
        print(problem)
    print(f"openapi: {len(problems)} of {calls} calls show that something else is needed")
    # What is wrong on purpose has to be found. A tenth of the operations tells.
    for what, other in spoiled(document):
        other["paths"] = dict(list(other["paths"].items())[::10])
        if not compare(other, url)[1]:
            print(f"openapi: nobody notices a document by which a call {what}")
            return False
    return not problems
