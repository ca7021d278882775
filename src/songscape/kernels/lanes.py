"""Sums over 64 float32 lanes at once, and keys of neighbors, written in LLVM's types.

A plain loop over 64 numbers is vectorized too, but its sums go to memory and back for every column. As vectors they
stay in registers: twice as fast, and compiled sooner. LLVM cuts the 64 lanes into the registers that the machine has.
Each lane is computed as the scalar formula says, one rounding per operation and nothing reordered: the results are
those of NumPy's float32, bit for bit, on every machine.

The functions here are for kernels. Arrays are float32 and C-contiguous (but one row alone may be strided); the last
axis of *lanes* has length 64.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from llvmlite import ir  # type: ignore[import-untyped]
from numba.core import cgutils, types
from numba.core.errors import TypingError
from numba.extending import intrinsic

EUCLIDEAN, MANHATTAN, CHEBYSHEV = 0, 1, 2
LANES = 64

_COLUMNS_AT_ONCE = 3  # between two looks whether any lane is left

_INT = ir.IntType(64)
_VECTOR = ir.VectorType(ir.FloatType(), LANES)
_ZEROS = ir.Constant(_VECTOR, [0.0] * LANES)
_VECTORS = _VECTOR.as_pointer()

_intrinsic: Callable[[Any], Any] = intrinsic  # what it returns takes fewer arguments than what it is given


def _pointer(context: Any, builder: Any, kind: Any, array: Any, item: Any = None) -> Any:
    """Return a pointer to an array of lanes, as vectors; or to one item (all columns) of an array of such items."""
    if kind.layout != "C":
        raise TypingError("Lanes must be C-contiguous.")
    made = context.make_array(kind)(context, builder, array)
    vectors = builder.bitcast(made.data, _VECTORS)
    if item is None:
        return vectors
    return builder.gep(vectors, [builder.mul(item, builder.extract_value(made.shape, kind.ndim - 2))])


def _row_source(context: Any, builder: Any, kind: Any, array: Any, row: Any) -> list[Any]:
    """Return a pointer to a row of numbers, and how far apart they stand."""
    made = context.make_array(kind)(context, builder, array)
    if kind.layout == "C":
        width = builder.extract_value(made.shape, kind.ndim - 1)
        return [builder.gep(made.data, [builder.mul(row, width)]), ir.Constant(_INT, 1)]
    if kind.ndim != 1:
        raise TypingError("Rows in several dimensions must be C-contiguous.")
    stride = builder.extract_value(made.strides, 0)
    return [made.data, builder.sdiv(stride, ir.Constant(_INT, 4))]


def _load(builder: Any, vectors: Any, place: Any = None) -> Any:
    return builder.load(vectors if place is None else builder.gep(vectors, [place]), align=4)


def _spread(builder: Any, number: Any) -> Any:
    """Return a vector with `number` in each lane."""
    index = ir.IntType(32)
    one = builder.insert_element(ir.Constant(_VECTOR, ir.Undefined), number, ir.Constant(index, 0))
    zeros = ir.Constant(ir.VectorType(index, LANES), [0] * LANES)
    return builder.shuffle_vector(one, ir.Constant(_VECTOR, ir.Undefined), zeros)


def _larger(builder: Any, a: Any, b: Any) -> Any:
    return builder.select(builder.fcmp_ordered(">", a, b), a, b)


def _add_square(builder: Any, total: Any, gap: Any) -> Any:
    return builder.fadd(total, builder.fmul(gap, gap))


def _add_size(builder: Any, total: Any, gap: Any) -> Any:
    return builder.fadd(total, _larger(builder, gap, builder.fneg(gap)))


def _keep_largest(builder: Any, total: Any, gap: Any) -> Any:
    return _larger(builder, _larger(builder, gap, builder.fneg(gap)), total)


_TERMS = {EUCLIDEAN: _add_square, MANHATTAN: _add_size, CHEBYSHEV: _keep_largest}


def _mask(builder: Any, sums: Any, limits: Any) -> Any:
    return builder.bitcast(builder.fcmp_ordered("<=", sums, limits), _INT)


def _add_columns(builder: Any, metric: Any, gap: Any, start: Any, stop: Any, total: Any) -> None:
    """Bring the gaps of some columns into `total`, one loop for each metric."""
    for code, term in _TERMS.items():
        with (
            builder.if_then(builder.icmp_signed("==", metric, ir.Constant(_INT, code))),
            cgutils.for_range_slice(builder, start, stop, ir.Constant(_INT, 1)) as (column, _),
        ):
            builder.store(term(builder, builder.load(total), gap(builder, column)), total)


def _write_sums(builder: Any, metric: Any, gap: Any, n_columns: Any, sums: Any) -> None:
    total = cgutils.alloca_once(builder, _VECTOR)  # type: ignore[no-untyped-call]
    builder.store(_ZEROS, total)
    _add_columns(builder, metric, gap, ir.Constant(_INT, 0), n_columns, total)
    builder.store(builder.load(total), sums, align=4)


def _mask_within(builder: Any, metric: Any, gap: Any, n_columns: Any, limits: Any, *, first: Any = None) -> Any:
    """Return the mask of the lanes whose sums are within `limits`; stop as soon as none is left.

    It looks after every few columns, and not before `first` of them.
    """
    total = cgutils.alloca_once(builder, _VECTOR)  # type: ignore[no-untyped-call]
    mask = cgutils.alloca_once(builder, _INT)  # type: ignore[no-untyped-call]
    done = cgutils.alloca_once(builder, _INT)  # type: ignore[no-untyped-call]
    builder.store(_ZEROS, total)
    builder.store(ir.Constant(_INT, 0), done)
    with cgutils.for_range(builder, n_columns) as loop:
        start = builder.load(done)
        stop = builder.add(start, ir.Constant(_INT, _COLUMNS_AT_ONCE))
        if first is not None:
            stop = builder.select(builder.icmp_signed("<", stop, first), first, stop)
        stop = builder.select(builder.icmp_signed("<", stop, n_columns), stop, n_columns)
        _add_columns(builder, metric, gap, start, stop, total)
        left = _mask(builder, builder.load(total), limits)
        builder.store(left, mask)
        builder.store(stop, done)
        none = builder.icmp_signed("==", left, ir.Constant(_INT, 0))
        with builder.if_then(builder.or_(none, builder.icmp_signed("==", stop, n_columns))):
            loop.do_break()
    return builder.load(mask)


def _number(builder: Any, row: Any, step: Any, column: Any) -> Any:
    return _spread(builder, builder.load(builder.gep(row, [builder.mul(column, step)])))


def _row_gap(builder: Any, column: Any, sources: list[Any]) -> Any:
    point, step, block = sources
    return builder.fsub(_load(builder, block, column), _number(builder, point, step, column))


def _box_gap(builder: Any, column: Any, sources: list[Any]) -> Any:
    low, low_step, high, high_step, lows, highs = sources
    above = builder.fsub(_load(builder, lows, column), _number(builder, high, high_step, column))
    below = builder.fsub(_number(builder, low, low_step, column), _load(builder, highs, column))
    return _larger(builder, _larger(builder, above, below), _ZEROS)


def _row_sources(context: Any, builder: Any, kinds: Any, args: Any) -> list[Any]:
    row = _row_source(context, builder, kinds[0], args[0], args[1])
    block = _pointer(context, builder, kinds[2], args[2], args[3])
    return [*row, block, _n_columns(context, builder, kinds[2], args[2])]


def _box_sources(context: Any, builder: Any, kinds: Any, args: Any) -> list[Any]:
    low = _row_source(context, builder, kinds[0], args[0], args[2])
    high = _row_source(context, builder, kinds[1], args[1], args[2])
    lanes = [_pointer(context, builder, kinds[side], args[side], args[5]) for side in (3, 4)]
    return [*low, *high, *lanes, _n_columns(context, builder, kinds[3], args[3])]


def _n_columns(context: Any, builder: Any, kind: Any, lanes: Any) -> Any:
    return builder.extract_value(context.make_array(kind)(context, builder, lanes).shape, kind.ndim - 2)


@_intrinsic
def row_sums(typing_context, points, row, lanes, leaf, metric, sums):  # type: ignore[no-untyped-def]
    """Write the sums between ``points[row]`` and the 64 rows ``lanes[leaf]``; one row or leaf alone is item 0."""

    def generate(context, builder, signature, args):  # type: ignore[no-untyped-def]
        *sources, n_columns = _row_sources(context, builder, signature.args, args)
        out = _pointer(context, builder, sums, args[5])
        _write_sums(builder, args[4], partial(_row_gap, sources=sources), n_columns, out)
        return context.get_dummy_value()

    return types.void(points, types.int64, lanes, types.int64, types.int64, sums), generate


@_intrinsic
def box_sums(typing_context, low, high, box, lows, highs, group, metric, sums):  # type: ignore[no-untyped-def]
    """Write the sums between box ``low[box], high[box]`` and the 64 boxes ``lows[group], highs[group]``.

    Where boxes touch the gap is 0; a row is a box without extent.
    """

    def generate(context, builder, signature, args):  # type: ignore[no-untyped-def]
        *sources, n_columns = _box_sources(context, builder, signature.args, args)
        out = _pointer(context, builder, sums, args[7])
        _write_sums(builder, args[6], partial(_box_gap, sources=sources), n_columns, out)
        return context.get_dummy_value()

    i = types.int64
    return types.void(low, high, i, lows, highs, i, i, sums), generate


@_intrinsic
def row_within(typing_context, points, row, lanes, leaf, metric, limit):  # type: ignore[no-untyped-def]
    """Return the mask of the lanes whose `row_sums` are at most `limit`; fast where there are none."""

    def generate(context, builder, signature, args):  # type: ignore[no-untyped-def]
        *sources, n_columns = _row_sources(context, builder, signature.args, args)
        limits = _spread(builder, args[5])
        half = builder.sdiv(n_columns, ir.Constant(_INT, 2))  # few rows fall out earlier
        return _mask_within(builder, args[4], partial(_row_gap, sources=sources), n_columns, limits, first=half)

    return types.uint64(points, types.int64, lanes, types.int64, types.int64, types.float32), generate


@_intrinsic
def box_within(typing_context, low, high, box, lows, highs, group, metric, limits):  # type: ignore[no-untyped-def]
    """Return the mask of the lanes whose `box_sums` are at most their ``limits``; fast where there are none."""

    def generate(context, builder, signature, args):  # type: ignore[no-untyped-def]
        *sources, n_columns = _box_sources(context, builder, signature.args, args)
        bounds = _load(builder, _pointer(context, builder, limits, args[7]))
        return _mask_within(builder, args[6], partial(_box_gap, sources=sources), n_columns, bounds)

    i = types.int64
    return types.uint64(low, high, i, lows, highs, i, i, limits), generate


@_intrinsic
def lanes_within(typing_context, sums, limits):  # type: ignore[no-untyped-def]
    """Return a 64-bit mask of the lanes where ``sums <= limits``; either may be 64 numbers or one for all."""

    def generate(context, builder, signature, args):  # type: ignore[no-untyped-def]
        sides = [
            _load(builder, _pointer(context, builder, kind, value))
            if isinstance(kind, types.Array)
            else _spread(builder, context.cast(builder, value, kind, types.float32))
            for kind, value in zip(signature.args, args, strict=True)
        ]
        return _mask(builder, *sides)

    return types.uint64(sums, limits), generate


@_intrinsic
def first_lane(typing_context, mask):  # type: ignore[no-untyped-def]
    """Return the lowest lane in a mask that is not 0."""

    def generate(context, builder, signature, args):  # type: ignore[no-untyped-def]
        return builder.cttz(args[0], ir.Constant(ir.IntType(1), 1))

    return types.uint64(types.uint64), generate


@_intrinsic
def neighbor_key(typing_context, distance, row):  # type: ignore[no-untyped-def]
    """Return the bits of a distance ≥ 0 above a row number: keys ascend as distances do, ties by row number."""

    def generate(context, builder, signature, args):  # type: ignore[no-untyped-def]
        bits = builder.zext(builder.bitcast(args[0], ir.IntType(32)), _INT)
        return builder.or_(builder.shl(bits, ir.Constant(_INT, 32)), args[1])

    return types.uint64(types.float32, types.uint64), generate


@_intrinsic
def key_distance(typing_context, key):  # type: ignore[no-untyped-def]
    """Return the distance in a neighbor's key."""

    def generate(context, builder, signature, args):  # type: ignore[no-untyped-def]
        bits = builder.trunc(builder.lshr(args[0], ir.Constant(_INT, 32)), ir.IntType(32))
        return builder.bitcast(bits, ir.FloatType())

    return types.float32(types.uint64), generate
