"""Records ↔ Arrow arrays, by the types of their fields: what a dataclass says is what the file has.

``str``, ``float``, ``int``, ``bool``, enums and literals become plain columns, ``datetime`` ISO 8601 text (exact,
with its offset), tuples lists, dataclasses structs, ``Mapping[str, float]`` a map and ``Mapping[str, object]``
JSON text. None is null. A field that an older file lacks takes its default.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from functools import cache
from itertools import pairwise

import msgspec
import pyarrow as pa

PLAIN = {str: pa.string(), bool: pa.bool_(), int: pa.int64(), float: pa.float64()}
SAMPLE = 512  # rows by which it is judged whether records recur
Encode = Callable[[Sequence[typing.Any]], pa.Array]
Decode = Callable[[pa.Array], list[typing.Any]]
to_json = msgspec.json.Encoder(order="sorted").encode
from_json = msgspec.json.Decoder().decode


@dataclass(frozen=True, slots=True)
class Codec:
    """One type of value: its Arrow type, values → array, array → values; whether values can be hashed."""

    type: pa.DataType
    encode: Encode
    decode: Decode
    hashable: bool = True


def codec_for(kind: typing.Any) -> Codec:  # noqa: ANN401 - any type that stands in a record
    """The codec of a type as it stands in a record.

    Raises:
        TypeError: the type has no place in a file.
    """
    return _codec(kind)


@cache
def _codec(kind: typing.Any) -> Codec:  # noqa: ANN401, PLR0911 - any type of a field; one return for each
    kind = _without_none(kind)
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if kind in PLAIN:
        return _plain(PLAIN[kind])
    if origin is typing.Literal:
        return _plain(PLAIN[type(arguments[0])])
    if kind is datetime:
        return _text(datetime.isoformat, datetime.fromisoformat)
    if origin is tuple:
        return _list_of(codec_for(arguments[0]))
    if origin is Mapping and arguments[1] is object:
        return replace(_text(lambda value: to_json(value).decode(), from_json), hashable=False)
    if origin is Mapping:
        return _map_to(codec_for(arguments[1]))
    if isinstance(kind, type) and issubclass(kind, Enum):
        return _text(lambda member: member.value, {member.value: member for member in kind}.__getitem__)
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        return _struct_of(kind)
    raise TypeError(f"{kind} has no Arrow type")


def _without_none(kind: typing.Any) -> typing.Any:  # noqa: ANN401 - any type
    if typing.get_origin(kind) in (typing.Union, types.UnionType):
        rest = [part for part in typing.get_args(kind) if part is not type(None)]
        if len(rest) == 1:
            return rest[0]
    return kind


def _plain(arrow_type: pa.DataType) -> Codec:
    return Codec(arrow_type, lambda values: pa.array(values, arrow_type), _values)


def _values(array: pa.Array) -> list[typing.Any]:
    """Python values; texts that recur, as rule ids and verdicts do, are made once and shared."""
    if pa.types.is_string(array.type) and len(array) > 0:
        indexed = array.dictionary_encode()
        words: list[typing.Any] = indexed.dictionary.to_pylist()
        if len(words) * 2 < len(array):
            words.append(None)
            return [words[index] for index in indexed.indices.fill_null(-1).to_numpy().tolist()]
    if array.null_count == 0 and not pa.types.is_string(array.type):
        plain: list[typing.Any] = array.to_numpy(zero_copy_only=False).tolist()  # ten times to_pylist
        return plain
    values: list[typing.Any] = array.to_pylist()
    return values


def _text(write: Callable[[typing.Any], str], read: Callable[[str], typing.Any]) -> Codec:
    def encode(values: Sequence[typing.Any]) -> pa.Array:
        return pa.array([None if value is None else write(value) for value in values], pa.string())

    def decode(array: pa.Array) -> list[typing.Any]:
        return [None if value is None else read(value) for value in _values(array)]

    return Codec(pa.string(), encode, decode)


def _offsets(values: Sequence[typing.Any]) -> tuple[pa.Array, list[typing.Any]]:
    """Where each list begins in the flat list of all items; null for None."""
    offsets: list[int | None] = []
    flat: list[typing.Any] = []
    for value in values:
        offsets.append(None if value is None else len(flat))
        flat.extend(value or ())
    return pa.array([*offsets, len(flat)], pa.int32()), flat


def _spans(array: pa.Array) -> tuple[Iterator[tuple[int, int]], tuple[int, int]]:
    """(begin, end) of each list among the items of this array, and (offset, length) of those items."""
    offsets = array.offsets.to_numpy().tolist()
    first = offsets[0]
    return pairwise(offset - first for offset in offsets), (first, offsets[-1] - first)


def _list_of(item: Codec) -> Codec:
    def encode(values: Sequence[typing.Any]) -> pa.Array:
        offsets, flat = _offsets(values)
        return pa.ListArray.from_arrays(offsets, item.encode(flat))

    def decode(array: pa.Array) -> list[typing.Any]:
        spans, part = _spans(array)
        flat = item.decode(array.values.slice(*part))
        return _with_nulls([tuple(flat[start:end]) for start, end in spans], array)

    return Codec(pa.list_(item.type), encode, decode, item.hashable)


def _map_to(item: Codec) -> Codec:
    def encode(values: Sequence[typing.Any]) -> pa.Array:
        offsets, names = _offsets(values)
        inside = [inner for value in values if value is not None for inner in value.values()]
        return pa.MapArray.from_arrays(offsets, pa.array(names, pa.string()), item.encode(inside))

    def decode(array: pa.Array) -> list[typing.Any]:
        spans, part = _spans(array)
        names, inside = _values(array.keys.slice(*part)), item.decode(array.items.slice(*part))
        maps = [dict(zip(names[start:end], inside[start:end], strict=True)) for start, end in spans]
        return _with_nulls(maps, array)

    return Codec(pa.map_(pa.string(), item.type), encode, decode, hashable=False)


def _with_nulls(values: list[typing.Any], array: pa.Array) -> list[typing.Any]:
    if array.null_count == 0:
        return values
    return [
        value if valid else None for value, valid in zip(values, array.is_valid().to_pylist(), strict=True)
    ]


def _struct_of(record: type) -> Codec:
    kinds = typing.get_type_hints(record)
    fields = {field.name: field for field in dataclasses.fields(record)}
    codecs = {name: codec_for(kinds[name]) for name in fields}
    struct = pa.struct([pa.field(name, codec.type) for name, codec in codecs.items()])
    hashable = all(codec.hashable for codec in codecs.values())

    def encode(values: Sequence[typing.Any]) -> pa.Array:
        missing = [value is None for value in values]
        columns = [
            codec.encode([None if value is None else getattr(value, name) for value in values])
            for name, codec in codecs.items()
        ]
        return pa.StructArray.from_arrays(columns, fields=list(struct), mask=pa.array(missing, pa.bool_()))

    def decode(array: pa.Array) -> list[typing.Any]:
        there = {field.name for field in array.type}
        columns = [
            codec.decode(array.field(name)) if name in there else [_default(fields[name])] * len(array)
            for name, codec in codecs.items()
        ]
        rows = list(zip(*columns, strict=True))
        return _with_nulls(_recurring(record, rows) if hashable else [record(*row) for row in rows], array)

    return Codec(struct, encode, decode, hashable)


def _recurring(record: type, rows: Sequence[tuple[typing.Any, ...]]) -> list[typing.Any]:
    """Records of these values; those that recur, as the verdicts of rules that found nothing, are made once."""
    sample = rows[:SAMPLE]
    if len(set(sample)) * 2 > len(sample):
        return [record(*row) for row in rows]
    made: dict[tuple[typing.Any, ...], typing.Any] = {}
    records = []
    for row in rows:
        one = made.get(row)
        if one is None:
            one = made[row] = record(*row)
        records.append(one)
    return records


def _default(field: dataclasses.Field[typing.Any]) -> typing.Any:  # noqa: ANN401 - any type
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory()
    if field.default is dataclasses.MISSING:
        raise TypeError(f"the file has no {field.name}, which every row needs")
    return field.default
