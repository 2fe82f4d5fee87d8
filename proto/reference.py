#!/usr/bin/env python3
"""The API reference, made of the protos and their comments:

    proto/reference.py           writes proto/REFERENCE.md
    proto/reference.py --check   fails where it is not what the protos say
"""

import pathlib
import subprocess
import sys
import tempfile

from google.protobuf import descriptor_pb2

HERE = pathlib.Path(__file__).resolve().parent
REFERENCE = HERE / "REFERENCE.md"

# What operators, owners and sales systems call; the services between our own
# roles are not theirs.
INTERNAL = {"RegistrarService", "EnrollmentService", "CertificateStatusService", "PledgeService",
            "SigningService", "KeyMakerService"}

SCALARS = {number: name.removeprefix("TYPE_").lower() for name, number in
           descriptor_pb2.FieldDescriptorProto.Type.items()}
# Places of declarations in a file, as SourceCodeInfo.Location.path counts them.
MESSAGE, ENUM, SERVICE, METHOD, FIELD, NESTED, NESTED_ENUM, VALUE = 4, 5, 6, 2, 2, 3, 4, 2


def descriptors():
    protos = [path for folder in ("masa/v1", "ovgs/v1")
              for path in sorted((HERE / folder).glob("*.proto"))]
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "set"
        subprocess.run(["protoc", "--include_source_info", f"--descriptor_set_out={out}",
                        *(str(path.relative_to(HERE)) for path in protos)], check=True, cwd=HERE)
        found = descriptor_pb2.FileDescriptorSet()
        found.ParseFromString(out.read_bytes())
    return found.file


class Comments:
    def __init__(self, file):
        self.by_path = {tuple(location.path): location.leading_comments or
                        location.trailing_comments
                        for location in file.source_code_info.location}

    def at(self, *path):
        return " ".join(self.by_path.get(path, "").split())


def short(type_name):
    return type_name.removeprefix(".").removeprefix("masa.v1.").removeprefix("ovgs.v1.")


def type_of(field):
    name = short(field.type_name) if field.type_name else SCALARS[field.type]
    repeated = field.label == descriptor_pb2.FieldDescriptorProto.LABEL_REPEATED
    return f"repeated {name}" if repeated else name


def escaped(text):
    return text.replace("|", "\\|")


def message_lines(name, message, comments, *path):
    if message.options.map_entry:
        return
    yield f"#### {name}\n"
    about = comments.at(*path)
    if about:
        yield f"{about}\n"
    if message.field:
        yield "| field | type | |\n|---|---|---|"
        for i, field in enumerate(message.field):
            yield (f"| `{field.name}` | {type_of(field)} | "
                   f"{escaped(comments.at(*path, FIELD, i))} |")
        yield ""
    for i, enum in enumerate(message.enum_type):
        yield from enum_lines(f"{name}.{enum.name}", enum, comments, *path, NESTED_ENUM, i)
    for i, nested in enumerate(message.nested_type):
        yield from message_lines(f"{name}.{nested.name}", nested, comments, *path, NESTED, i)


def enum_lines(name, enum, comments, *path):
    yield f"#### {name}\n"
    about = comments.at(*path)
    if about:
        yield f"{about}\n"
    yield "| value | number | |\n|---|---|---|"
    for i, value in enumerate(enum.value):
        yield (f"| `{value.name}` | {value.number} | "
               f"{escaped(comments.at(*path, VALUE, i))} |")
    yield ""


def call_of(method):
    asked = ("stream " if method.client_streaming else "") + short(method.input_type)
    given = ("stream " if method.server_streaming else "") + short(method.output_type)
    return f"{asked} → {given}"


def service_lines(package, service, comments, number):
    yield f"### {package}.{service.name}\n"
    about = comments.at(SERVICE, number)
    if about:
        yield f"{about}\n"
    yield "| method | messages | |\n|---|---|---|"
    for i, method in enumerate(service.method):
        yield (f"| `{method.name}` | {call_of(method)} | "
               f"{escaped(comments.at(SERVICE, number, METHOD, i))} |")
    yield ""


def public_services(file):
    return [(i, service) for i, service in enumerate(file.service)
            if service.name not in INTERNAL]


def types_of(message):
    """Names of the types of its fields, and of those of messages inside it."""
    found = {field.type_name for field in message.field if field.type_name}
    return found.union(*(types_of(nested) for nested in message.nested_type))


def reached(files):
    """Names of all types that calls of public services carry, whichever file
    they stand in."""
    declared = {f".{file.package}.{message.name}": message
                for file in files for message in file.message_type}
    found = set()
    waiting = [name for file in files for _, service in public_services(file)
               for method in service.method
               for name in (method.input_type, method.output_type)]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += types_of(declared[name]) if name in declared else ()
    return found


def file_lines(file, carried):
    services = public_services(file)

    def is_shown(declared):
        return bool(services) or f".{file.package}.{declared.name}" in carried

    if not any(map(is_shown, [*file.enum_type, *file.message_type])):
        return
    comments = Comments(file)
    yield f"## {file.name}\n"
    for i, service in services:
        yield from service_lines(file.package, service, comments, i)
    for i, enum in enumerate(file.enum_type):
        if is_shown(enum):
            yield from enum_lines(enum.name, enum, comments, ENUM, i)
    for i, message in enumerate(file.message_type):
        if is_shown(message):
            yield from message_lines(message.name, message, comments, MESSAGE, i)


def reference():
    lines = ["# API reference\n",
             "Made by `proto/reference.py` of the protos and their comments; change those. "
             "A message that does not parse, as with a string that is no UTF-8, is answered "
             "UNIMPLEMENTED without details: that is gRPC's.\n"]
    files = descriptors()
    carried = reached(files)
    for file in files:
        lines += file_lines(file, carried)
    return "\n".join(lines).rstrip("\n") + "\n"


def main():
    made = reference()
    if sys.argv[1:] == ["--check"]:
        if REFERENCE.read_text() != made:
            sys.exit("proto/REFERENCE.md is not what the protos say: run proto/reference.py")
        return
    REFERENCE.write_text(made)


if __name__ == "__main__":
    main()
