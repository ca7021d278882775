"""Numbers in words for people: counts, shares, values. Reports, cards and the command line write them alike."""


def number(count: int) -> str:
    """Return a count with spaces between thousands.

    Examples
    --------
    >>> number(236988)
    '236 988'
    """
    return f"{count:,}".replace(",", " ")


def counted(count: int, what: str) -> str:
    """Return a count with its word.

    Examples
    --------
    >>> counted(1, "row"), counted(3, "family"), counted(2, "track")
    ('1 row', '3 families', '2 tracks')
    """
    if count == 1:
        return f"1 {what}"
    return f"{number(count)} {what.removesuffix('y') + 'ies' if what.endswith('y') else what + 's'}"


def percent(share: float) -> str:
    """Return a share in whole percent, with a digit more below 10 and above 99 percent; never 0 or 100 unless exact.

    Examples
    --------
    >>> [percent(share) for share in (0.3834, 0.052, 0.0, 0.0001, 0.9999, 1.0)]
    ['38 %', '5.2 %', '0 %', '< 0.1 %', '> 99.9 %', '100 %']
    """
    if share in (0.0, 1.0):
        return f"{share:.0%}".replace("%", " %")
    if share < 0.001:
        return "< 0.1 %"
    if share > 0.999:
        return "> 99.9 %"
    return f"{100 * share:.{1 if share < 0.0995 or share >= 0.99 else 0}f} %"


def short(value: float) -> str:
    """Return a number in at most three significant digits, whole numbers in full.

    Examples
    --------
    >>> short(120.4), short(0.12345), short(-7.9), short(2008.0)
    ('120', '0.123', '−7.9', '2008')
    """
    text = f"{value:.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.3g}"
    return text.replace("-", "−")
