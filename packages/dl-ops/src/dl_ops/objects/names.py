"""Public names of our own classes and functions, such as ``keras.layers.Dense``, and the way back from a name.

A class declares its name with `public`, and the distribution that holds it lists the name among its entry points::

    [project.entry-points."dl.objects"]
    "keras.layers.Dense" = "dl_layers.core.dense:Dense"

So a name in a file leads to the one installed module that says it has the class. The name itself is only ever a key:
it is never imported.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from typing import Any, Final, TypeVar

GROUP: Final = "dl.objects"

T = TypeVar("T")

# Where names from inside Keras, ``keras.src.layers.core.dense.Dense`` or ``keras.engine.input_layer.InputLayer``,
# are public.
_PUBLIC_MODULES: Final[dict[str, tuple[str, ...]]] = {
    "activations": ("keras.activations",),
    "backend": ("keras",),
    "constraints": ("keras.constraints",),
    "dtype_policies": ("keras.dtype_policies", "keras"),
    "engine": ("keras", "keras.layers", "keras.src.models.functional"),
    "initializers": ("keras.initializers",),
    "layers": ("keras.layers",),
    "losses": ("keras.losses",),
    "metrics": ("keras.metrics",),
    "models": ("keras", "keras.models", "keras.src.models.functional"),
    "ops": ("keras",),
    "optimizers": ("keras.optimizers", "keras.optimizers.schedules"),
    "quantizers": ("keras.quantizers",),
    "random": ("keras.random",),
    "regularizers": ("keras.regularizers",),
}
# Where a function is looked up that is written with its bare name; in this order, as losses and metrics share some.
_FUNCTION_MODULES: Final = ("keras.activations", "keras.losses", "keras.metrics", "keras.ops")

# Which distribution has what is public under a prefix; the longest prefix counts.
_DISTRIBUTIONS: Final[dict[str, str]] = {
    **{f"keras.layers.{name}": "dl-preprocess" for name in (
        "AugMix", "AutoContrast", "CategoryEncoding", "CenterCrop", "ContrastLimitedAdaptiveHistogramEqualization",
        "CutMix", "Discretization", "Equalization", "HashedCrossing", "Hashing", "IntegerLookup",
        "MaxNumBoundingBoxes", "MelSpectrogram", "MixUp", "Normalization", "Pipeline", "RandAugment", "Random",
        "Rescaling", "Resizing", "STFTSpectrogram", "Solarization", "StringLookup", "TextVectorization",
    )},
    **{f"keras.{name}": "dl-layers" for name in (
        "DTypePolicy", "FloatDTypePolicy", "Initializer", "InputSpec", "Layer", "Quantizer", "Regularizer",
        "activations.", "constraints.", "dtype_policies.", "initializers.", "layers.", "quantizers.", "regularizers.",
    )},
    **{f"keras.{name}": "dl-train" for name in (
        "Loss", "Metric", "Model", "Optimizer", "Sequential", "callbacks.", "distribution.", "losses.", "metrics.",
        "models.", "optimizers.", "src.models.", "utils.PyDataset", "wrappers.",
    )},
    "keras.applications.": "dl-apps",
    "keras.random.": "dl-ops",
    "keras.utils.FeatureSpace": "dl-preprocess",
}  # fmt: skip

_declared: dict[str, Any] = {}
_families: dict[str, Callable[[str], Any]] = {}


def public(path: str, *aliases: str) -> Callable[[T], T]:
    """Declare the public name of a class or function.

    Parameters
    ----------
    path : str
        The canonical name, which configs are written with: ``"keras.layers.Dense"``.
    *aliases : str
        Other names that lead to it when configs are read.

    Returns
    -------
    callable
        A decorator that sets ``__public_path__``. Subclasses do not inherit the name.

    Raises
    ------
    ValueError
        If another class or function has one of the names.

    Examples
    --------
    >>> @public("keras.layers.Doubling", "keras.layers.Twice")
    ... class Doubling:
    ...     pass
    >>> public_name(Doubling), find_public("keras.layers", "Twice").__name__
    ('keras.layers.Doubling', 'Doubling')
    """

    def declare(obj: T) -> T:
        for name in (path, *aliases):
            other = _declared.get(name, obj)
            if _origin(other) != _origin(obj):
                raise ValueError(
                    f"public({name!r}): {_origin(other)} has that name already, {_origin(obj)} needs another"
                )
            _declared[name] = obj
        obj.__public_path__ = path  # type: ignore[attr-defined]  # any class or function takes the attribute
        return obj

    return declare


def _origin(obj: Any) -> str:
    return f"{obj.__module__}.{obj.__qualname__}"


def public_family(module: str) -> Callable[[Callable[[str], Any]], Callable[[str], Any]]:
    """Declare a function that finds what is public in a module, where that is not one class each.

    Parameters
    ----------
    module : str
        Names below it, ``module + "." + anything``, are looked up so.

    Returns
    -------
    callable
        A decorator for a function from the full name to an object with ``from_config``, or ``None`` if there is none.
        The entry point's name is the module's with ``.*`` after it.

    Examples
    --------
    >>> @public_family("keras.src.ops.examples")
    ... def find_example(path):
    ...     return dict if path.endswith(".Example") else None
    >>> find_public("keras.src.ops.examples", "Example")
    <class 'dict'>
    """

    def declare(find: Callable[[str], Any]) -> Callable[[str], Any]:
        _families[module] = find
        return find

    return declare


def public_name(obj: Any) -> str | None:
    """Canonical public name of a class, a function or an instance of a public class.

    Parameters
    ----------
    obj : any
        The name of an instance is its class's. A class may make ``__public_path__`` a property if its instances have
        names of their own.

    Returns
    -------
    str or None
        ``None`` for what is not public, as are subclasses of what is.
    """
    holder = obj if isinstance(obj, type) or hasattr(obj, "__qualname__") else type(obj)
    path = vars(holder).get("__public_path__") if hasattr(holder, "__dict__") else None
    if isinstance(path, property):
        path = None if holder is obj or path.fget is None else path.fget(obj)
    return path if isinstance(path, str) else None


@cache
def _index() -> dict[str, EntryPoint]:
    index: dict[str, EntryPoint] = {}
    for point in entry_points(group=GROUP):
        other = index.setdefault(point.name, point)
        if other.value != point.value:
            raise RuntimeError(
                f"two distributions have {point.name!r}: {other.value} and {point.value}; uninstall one of them"
            )
    return index


def _candidates(module: str, name: str) -> Iterable[str]:
    yield f"{module}.{name}"
    parts = module.split(".")
    if parts[0] == "keras" and len(parts) > 1:
        family = parts[2] if parts[1] == "src" and len(parts) > 2 else parts[1]
        # only names that come from inside: nothing public is found under a wrong public module
        if parts[1] == "src" or len(parts) > 2 or family == "engine":
            yield from (f"{prefix}.{name}" for prefix in _PUBLIC_MODULES.get(family, ()))


def find_public(module: str, name: str) -> Any:
    """Find the installed class or function of a public name, importing the module that holds it.

    Parameters
    ----------
    module : str
        Public module, or one inside Keras as older files name it.
    name : str

    Returns
    -------
    any
        ``None`` if nothing installed has that name. See `explain_missing` for what to tell then.

    Raises
    ------
    ImportError
        If the module that an installed distribution names does not load.
    """
    for path in _candidates(module, name):
        if path in _declared:
            return _declared[path]
        point = _index().get(path)
        if point is not None:
            return point.load()
        # the innermost family counts, so that one inside another can be told apart
        prefix = path.rpartition(".")[0]
        while prefix:
            find = _families.get(prefix)
            if find is None and f"{prefix}.*" in _index():
                find = _index()[f"{prefix}.*"].load()
            found = None if find is None else find(path)
            if found is not None:
                return found
            prefix = prefix.rpartition(".")[0]
    return None


def find_public_function(name: str, module: str | None = None) -> Any:
    """Find a public function of a bare name among activations, losses, metrics and ops; ``None`` if there is none.

    Only these: a function that reads files or changes settings is not to be had by naming its module.
    """
    modules = _FUNCTION_MODULES if module not in _FUNCTION_MODULES else (module, *_FUNCTION_MODULES)
    for candidate in modules:
        found = find_public(candidate, name)
        if found is not None and callable(found) and not isinstance(found, type):
            return found
    return None


def explain_missing(module: str, name: str) -> str:
    """What to install, or which name was probably meant, where `find_public` found nothing; may be empty."""
    for path in _candidates(module, name):
        prefixes = [prefix for prefix in _DISTRIBUTIONS if path.startswith(prefix)]
        distribution = _DISTRIBUTIONS[max(prefixes, key=len)] if prefixes else None
        if distribution and find_spec(distribution.replace("-", "_")) is None:
            return f"it needs {distribution}: pip install {distribution}"
    here = [path for path in {*_declared, *_index()} if path.rpartition(".")[0] == module]
    near = difflib.get_close_matches(f"{module}.{name}", here, n=3)
    elsewhere = sorted(path for path in {*_declared, *_index()} if path.rpartition(".")[2] == name)
    meant = near or elsewhere
    return f"did you mean {' or '.join(map(repr, meant))}?" if meant else ""
