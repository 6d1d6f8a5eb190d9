"""The messages of a whylogs profile (1.x), as far as they are read: `whylogs_messages.proto`, Apache-2.0.

They are described here and not compiled, so that a profile is read without whylogs, which calls home when it is imported.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

_UINT32, _UINT64, _INT64, _DOUBLE, _TEXT, _MESSAGE, _BYTES, _BOOL, _ENUM = 13, 4, 3, 1, 9, 11, 12, 8, 13
_ONE, _MANY = 1, 3
# name -> (field, number, type, label, message): an enumeration is read as its number
_FIELDS: dict[str, tuple[tuple[str, int, int, int, str], ...]] = {
    "Sketch": (("sketch", 1, _BYTES, _ONE, ""),),
    "Component": (
        ("n", 2, _INT64, _ONE, ""), ("d", 3, _DOUBLE, _ONE, ""), ("frequent_items", 4, _MESSAGE, _ONE, "Sketch"),
        ("hll", 5, _MESSAGE, _ONE, "Sketch"), ("kll", 6, _MESSAGE, _ONE, "Sketch"), ("cpc", 7, _MESSAGE, _ONE, "Sketch"),
    ),
    "Segments": (("has_segments", 1, _BOOL, _ONE, ""),),
    "Text": (("key", 1, _TEXT, _ONE, ""), ("value", 2, _TEXT, _ONE, "")),
    "Properties": (("dataset_timestamp", 5, _UINT64, _ONE, ""), ("metadata", 7, _MESSAGE, _MANY, "Text")),
    "Offsets": (("offsets", 1, _UINT64, _MANY, ""),),
    "Column": (("key", 1, _TEXT, _ONE, ""), ("value", 2, _MESSAGE, _ONE, "Offsets")),
    "Path": (("key", 1, _UINT32, _ONE, ""), ("value", 2, _TEXT, _ONE, "")),
    "Header": (
        ("properties", 1, _MESSAGE, _ONE, "Properties"), ("columns", 2, _MESSAGE, _MANY, "Column"), ("paths", 5, _MESSAGE, _MANY, "Path"),
    ),
    "ChunkHeader": (("type", 1, _ENUM, _ONE, ""), ("length", 3, _UINT32, _ONE, "")),
    "Entry": (("key", 1, _UINT32, _ONE, ""), ("value", 2, _MESSAGE, _ONE, "Component")),
    "Chunk": (("components", 1, _MESSAGE, _MANY, "Entry"),),
}  # fmt: skip


@cache
def message(name: str) -> Any:
    """Return the class of a message."""
    return _classes()[name]


@cache
def _classes() -> dict[str, Any]:
    file = descriptor_pb2.FileDescriptorProto(name="driftscope/whylogs.proto", package="driftscope.whylogs", syntax="proto3")
    for name, fields in _FIELDS.items():
        described = file.message_type.add(name=name)
        for field, number, sort, label, of in fields:
            added = described.field.add(name=field, number=number, type=sort, label=label)
            if of:
                added.type_name = f".driftscope.whylogs.{of}"
            elif name == "Component":
                described.oneof_decl.add(name=f"_{field}")
                added.proto3_optional, added.oneof_index = True, len(described.oneof_decl) - 1
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return {name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"driftscope.whylogs.{name}")) for name in _FIELDS}
