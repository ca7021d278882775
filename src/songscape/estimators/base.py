"""What both estimators share: parameters by name, checks of the input, scikit-learn's protocol."""

import inspect
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from songscape.errors import InputError, NotFittedError, ParameterError, must_be
from songscape.threads import use_threads
from songscape.types import Float32
from songscape.validation import check_points


class Estimator:
    """What both estimators share: parameters by name, checks of the input, scikit-learn's protocol."""

    n_features_in_: int
    feature_names_in_: npt.NDArray[np.object_]
    n_jobs: int | None

    @classmethod
    def _parameter_names(cls) -> list[str]:
        return sorted(name for name in inspect.signature(cls).parameters)

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the parameters by name, as scikit-learn's estimators do."""
        return {name: getattr(self, name) for name in self._parameter_names()}

    def set_params(self, **params: Any) -> Self:
        """Set parameters by name; return the estimator itself.

        Raises
        ------
        ParameterError
            If a name is unknown.
        """
        known = self._parameter_names()
        for name, value in params.items():
            if name not in known:
                raise ParameterError(f"Unknown parameter '{name}'. Known parameters: {', '.join(known)}.")
            setattr(self, name, value)
        return self

    def __repr__(self) -> str:
        defaults = {name: parameter.default for name, parameter in inspect.signature(type(self)).parameters.items()}
        changed = {name: value for name, value in self.get_params().items() if value is not defaults[name]}
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in changed.items())})"

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "n_features_in_")

    def _check_fitted(self) -> None:
        if not self.__sklearn_is_fitted__():
            raise _not_fitted(
                f"This {type(self).__name__} is not fitted yet. Call 'fit' with the training rows first."
            )

    def _remember_columns(self, X: Any, points: Float32) -> None:
        self.n_features_in_ = points.shape[1]
        names = _column_names(X)
        if names is not None:
            self.feature_names_in_ = names
        elif hasattr(self, "feature_names_in_"):
            del self.feature_names_in_

    def _check_new(self, X: Any) -> Float32:
        self._check_fitted()
        points = check_matrix(X)
        if points.shape[1] != self.n_features_in_:
            raise InputError(
                f"X has {points.shape[1]} features, but {type(self).__name__} is expecting {self.n_features_in_}"
                " features as input."
            )
        names, known = _column_names(X), getattr(self, "feature_names_in_", None)
        if names is not None and known is not None and list(names) != list(known):
            raise InputError(
                f"X must have the columns that the {type(self).__name__} was fitted with, in their order:"
                f" {', '.join(known)}. Got {', '.join(names)}."
            )
        return points

    @contextmanager
    def _threads(self) -> Iterator[None]:
        if self.n_jobs is not None and (not isinstance(self.n_jobs, int) or self.n_jobs == 0 or self.n_jobs < -1):
            raise ParameterError(must_be("n_jobs", "None, -1 (all cores) or an int of at least 1", self.n_jobs))
        with use_threads(None if self.n_jobs in (None, -1) else self.n_jobs):
            yield


def check_matrix(X: Any) -> Float32:
    """Return `X` as float32 points, with scikit-learn's errors for what it does not take."""
    if hasattr(X, "toarray") or hasattr(X, "todense"):
        raise InputError("X is a sparse matrix and a dense one is needed. Convert it with X.toarray().")
    if getattr(getattr(X, "dtype", None), "kind", "") == "c":
        raise InputError("Complex data not supported: X must be real numbers. Take X.real, or X.view(float).")
    shape: tuple[int, ...] = getattr(X, "shape", ())
    if len(shape) == 2 and shape[1] == 0:
        raise InputError(f"X has 0 feature(s) (shape={shape}) while a minimum of 1 is required.")
    return check_points(X, min_rows=1)


def _column_names(X: Any) -> npt.NDArray[np.object_] | None:
    """Return the column names of a data frame when all are strings, else None, as scikit-learn does."""
    names = list(getattr(X, "columns", []))
    return np.array(names, dtype=object) if names and all(isinstance(name, str) for name in names) else None


def _not_fitted(message: str) -> NotFittedError:
    """Return the error; where scikit-learn is loaded, one that its own ``NotFittedError`` catches too."""
    theirs = sys.modules.get("sklearn.exceptions")
    if theirs is None:
        return NotFittedError(message)
    both: type[NotFittedError] = type("NotFittedError", (NotFittedError, theirs.NotFittedError), {})
    return both(message)


def tags(kind: str) -> Any:
    """Return scikit-learn's description of an estimator; only scikit-learn asks for it."""
    from sklearn.utils import InputTags, Tags, TargetTags, TransformerTags  # type: ignore[import-untyped]

    transformer = TransformerTags(preserves_dtype=["float32"]) if kind == "transformer" else None
    return Tags(
        estimator_type=kind,
        target_tags=TargetTags(required=False),
        transformer_tags=transformer,
        input_tags=InputTags(),
    )
