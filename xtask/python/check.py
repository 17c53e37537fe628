"""Checks docs/openapi.json, one part each:

check.py valid DOCUMENT                       by openapi-spec-validator, and each example by its own schema
check.py asks DOCUMENT URL FOLDER             a simulator asks for what the document calls needed, and for no more
check.py run DOCUMENT URL FOLDER EXAMPLES     schemathesis against a simulator; more than 100 examples are a long run
check.py client DOCUMENT URL FOLDER           a generated client calls the simulator
"""

import copy
import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

from asks import check as asks
from asks import operations

HERE = Path(__file__).parent

# How many operations have to succeed at least once: of those that don't, only refusals are checked. The one that never
# does takes a file whose name ends in .xlsx, and schemathesis names it otherwise.
LEAST = 110


# Answers that have nothing beside code and msg though more is documented, as the manuals' own examples show.
SPARSE = ["CancelJob", "CreateUser", "LogOff"]


def closed(document):
    """Returns a copy whose answers have no members beyond the documented ones.

    The document itself allows them, since a client has to bear what the service adds; the simulator adds nothing.
    """

    def close(schema):
        if "properties" in schema:
            schema.setdefault("additionalProperties", False)
        inner = [schema.get("items"), schema.get("additionalProperties"), *schema.get("properties", {}).values()]
        for member in inner:
            if isinstance(member, dict):
                close(member)

    document = copy.deepcopy(document)
    for name, schema in document["components"]["schemas"].items():
        if not name.endswith("Body"):
            close(schema)
    return document


def strict(document):
    """Returns a copy whose answers also have what the simulator always writes.

    That is code and msg, and with success something of what the call is for. No page says what is always there.
    """
    document = closed(document)
    for name, answer in document["components"]["schemas"].items():
        if not name.endswith("Answer"):
            continue
        # Answers whose table wasn't seen stay open; the writer of the document has a list of them.
        answer |= {"required": ["code", "msg"], "additionalProperties": answer.get("additionalProperties", False)}
        members = sorted(answer.get("properties", {}).keys() - {"code", "msg"})
        if members and name.removesuffix("Answer") not in SPARSE:
            some = [{"required": [member], "properties": {member: {"not": {"type": "null"}}}} for member in members]
            answer |= {"if": {"properties": {"code": {"enum": [0, "0"]}}}, "then": {"anyOf": some}}
    return document


def empty(document):
    """Returns what is wrong with answers: those that say nothing of code and msg, or that nothing can pass for."""
    from jsonschema import Draft202012Validator

    problems = []
    for name, schema in strict(document)["components"]["schemas"].items():
        if not name.endswith("Answer"):
            continue
        success = {"code": 0, "msg": "success"}
        known = schema.get("properties", {}).keys()
        if not known >= success.keys():
            problems.append(f"{name} has no code and msg")
        nothing = [{}, {"code": 0}, {"msg": "success"}]
        if "then" in schema:
            nothing += [success, success | dict.fromkeys(known - success.keys())]
        validator = Draft202012Validator(schema)
        problems += [f"{name}: {answer} passes" for answer in nothing if validator.is_valid(answer)]
    return problems


def emptied(document):
    """Returns a copy in which all answers are whatever they are."""
    document = copy.deepcopy(document)
    schemas = document["components"]["schemas"]
    schemas |= {name: {} for name in schemas if name.endswith("Answer")}
    return document


def valid(document):
    from jsonschema import Draft202012Validator
    from openapi_spec_validator import validate

    validate(document)
    problems = empty(document)
    if len(empty(emptied(document))) < len(list(operations(document))):
        problems.append("nobody notices a document with empty answers")
    document = closed(document)
    count = 0

    def fits(place, schema, value):
        nonlocal count
        count += 1
        validator = Draft202012Validator({**schema, "components": document["components"]})
        problems.extend(f"{place}: {error.json_path}: {error.message}" for error in validator.iter_errors(value))

    def contents(place, holder):
        for media in holder.get("content", {}).values():
            for name, example in media.get("examples", {}).items():
                fits(f"{place}, example {name}", media["schema"], example["value"])

    def texts(place, schema):
        for value in schema.get("examples", []) + [schema[key] for key in ["default"] if key in schema]:
            fits(place, {key: schema[key] for key in schema if key != "items"}, value)
        for name, member in schema.get("properties", {}).items():
            texts(f"{place}.{name}", member)
        if isinstance(schema.get("items"), dict):
            texts(f"{place}[]", schema["items"])

    for _, _, operation in operations(document):
        name = operation["operationId"]
        for parameter in operation.get("parameters", []):
            if "example" in parameter:
                fits(f"{name}, {parameter['name']}", parameter["schema"], parameter["example"])
            texts(f"{name}, {parameter.get('name')}", parameter.get("schema", {}))
        contents(f"{name}, request", operation.get("requestBody", {}))
        for status, response in operation["responses"].items():
            contents(f"{name}, {status}", response)
            if status == "default":
                problems.append(f"{name} has a default response")
    for name, response in document["components"]["responses"].items():
        contents(name, response)
    for name, schema in document["components"]["schemas"].items():
        texts(name, schema)
    for problem in problems:
        print(problem)
    print(f"openapi: {len(problems)} problems; {count} examples and defaults were held against their schemas")
    return not problems


def run(document, url, folder, examples):
    own, counts = folder / "strict.json", folder / "counts.json"
    own.write_text(json.dumps(strict(document)))
    counts.unlink(missing_ok=True)
    checks = ["not_a_server_error"]
    checks += [f"{what}_conformance" for what in ["status_code", "content_type", "response_schema"]]
    phases = ["examples", "coverage", "fuzzing", *(["stateful"] if int(examples) > 100 else [])]
    command = [Path(sys.executable).with_name("st"), "run", own, "--url", url, "--seed", "15", "--no-color"]
    command += ["--checks", ",".join(checks), "--phases", ",".join(phases), "--max-examples", examples]
    command += ["--generation-database", "none", "--warnings", "off", "--request-timeout", "20"]
    hooks = {"PYTHONPATH": str(HERE), "SCHEMATHESIS_HOOKS": "hooks", "COUNTS": str(counts), "SIMULATOR": url}
    done = subprocess.run(command, env=os.environ | hooks, cwd=folder, check=False)
    if not counts.exists():
        return False
    seen = {name: Counter(statuses) for name, statuses in json.loads(counts.read_text()).items()}
    total = sum(seen.values(), Counter())
    names = {operation["operationId"] for _, _, operation in operations(document)}
    missed = sorted(name for name in names if not seen.get(name, {}).get("200"))
    print("openapi: statuses " + ", ".join(f"{status}: {count}" for status, count in sorted(total.items())))
    print(f"openapi: {len(names) - len(missed)} of {len(names)} operations succeeded; not {', '.join(missed)}")
    return done.returncode == 0 and len(names) - len(missed) >= LEAST


def client(document_path, url, folder):
    config = folder / "client.json"
    # Its own hooks would only format what it writes.
    config.write_text(json.dumps({"post_hooks": [], "package_name_override": "koodrive_client"}))
    program = Path(sys.executable).with_name("openapi-python-client")
    output = folder / "koodrive_client"
    command = [program, "generate", "--path", document_path, "--meta", "none", "--output-path", output]
    command += ["--overwrite", "--fail-on-warning", "--config", config]
    if subprocess.run(command, check=False).returncode != 0:
        return False
    sys.path.insert(0, str(folder))
    import calls

    return calls.run(url)


def main(part, path, *rest):
    document = json.loads(Path(path).read_text())
    if part == "valid":
        return valid(document)
    url, folder, *rest = rest
    if part == "asks":
        return asks(document, url)
    folder = Path(folder)
    return run(document, url, folder, *rest) if part == "run" else client(path, url, folder)


if __name__ == "__main__":
    sys.exit(0 if main(*sys.argv[1:]) else 1)
