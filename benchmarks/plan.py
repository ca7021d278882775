"""How large and how long: the full run of `make bench`, and a quick one that only shows that all of it works."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Plan:
    """Sizes and limits that all steps share.

    Attributes
    ----------
    name : str
        "full" or "quick".
    headline : int
        Rows of the comparison that the tables show and the targets judge.
    sizes : tuple of int
        Rows of the curves, ascending; the headline is one of them.
    repeats : dict of str to int
        Runs of each contender at the headline by step, in turn, A B C A B C …, each in a fresh process; else one.
    import_repeats : int
        Runs of each import.
    patience : float
        Seconds that a contender's runs at the headline may take together before no further one is started.
    headline_limit : float
        Seconds after which a run at the headline is stopped, warm-up not counted.
    curve_limits : dict of str to float
        The same elsewhere, by step.
    silhouette_rows : int
        Rows on which scikit-learn's silhouette is measured, to be extrapolated to the headline.
    catalog, small_catalog, large_catalog : int
        Rows of the synthetic catalogs that `songscape build` is measured on: the first in place of a real one.
    """

    name: str
    headline: int
    sizes: tuple[int, ...]
    repeats: dict[str, int]
    import_repeats: int
    patience: float
    headline_limit: float
    curve_limits: dict[str, float]
    silhouette_rows: int
    catalog: int
    small_catalog: int
    large_catalog: int


FULL = Plan(
    name="full",
    headline=200_000,
    sizes=(10_000, 30_000, 100_000, 200_000, 500_000, 1_000_000),
    repeats={"neighbors": 2, "umap": 3, "hdbscan": 3, "silhouette": 3, "build": 3, "scores": 1},
    import_repeats=5,
    patience=120.0,
    headline_limit=150.0,
    curve_limits={"neighbors": 40.0, "umap": 120.0, "hdbscan": 40.0, "silhouette": 40.0},
    silhouette_rows=20_000,
    catalog=237_000,
    small_catalog=20_000,
    large_catalog=1_000_000,
)

QUICK = Plan(
    name="quick",
    headline=10_000,
    sizes=(5_000, 10_000),
    repeats={"neighbors": 2, "umap": 2, "hdbscan": 2, "silhouette": 2, "build": 2, "scores": 1},
    import_repeats=1,
    patience=20.0,
    headline_limit=60.0,
    curve_limits={"neighbors": 30.0, "umap": 60.0, "hdbscan": 30.0, "silhouette": 30.0},
    silhouette_rows=3_000,
    catalog=10_000,
    small_catalog=5_000,
    large_catalog=20_000,
)
