"""Invented styles of music for synthetic catalogs: where each lies, how often it occurs, when it was made.

The numbers are coarse, in standard deviations of the whole catalog (tenths), and stand for common knowledge:
classical music is quiet and acoustic, techno is loud, steady and without words.
"""

from dataclasses import dataclass

import numpy as np

from songscape.types import Float64

LATENT = (
    "energy", "loudness", "acousticness", "danceability", "positiveness", "speechiness", "instrumentalness",
    "liveness", "tempo", "year", "popularity",
)  # fmt: skip
"""The axes of the latent space, in the order of all arrays here."""

# name · share in permille · the eleven axes, tenths · minor keys %, explicit %, steady tempo (0 or 1) · tongue
_TABLE = """
pop                95   3   3  -3   4   3  -2  -3   0   0   4   9   35  12  0  english
dance pop          38   7   7  -6   8   5  -1  -2   0   2   6   9   42  14  1  english
indie pop          30   0  -1   0   1   0  -4   1  -1   1   5   4   32   8  0  english
k-pop              16   9  10  -5   5   4   0  -4  -1   3   8   6   46   2  0  hangul
j-pop              14   9   9  -5  -2   3  -2  -2   1   6   5  -1   38   1  0  kana
anime              12   6   5  -2  -4   0  -4   5   0   4   6  -2   42   1  0  kana
mandopop            7  -4  -3   4  -1  -3  -5  -4  -1   1   4   2   32   1  0  han
rap                92   3   4  -4  10   1  15  -6   2   2   7   4   56  70  0  english
trap               44   4   5  -6  10  -3  13  -4   0   8  10   5   60  74  1  english
hip hop            52   3   3  -3  11   5  15  -5   2  -8   1   2   54  58  0  english
drill               9   3   4  -5   7  -2  17  -5   0   8  12   3   62  76  1  english
french rap         12   3   5  -3  11   2  15  -6   1   1   8   2   60  66  0  french
german rap          9   3   4  -4  10   0  14  -5   1   2   8   1   60  58  0  nordic
russian rap         7   2   2  -4   9  -2  12  -3   0   3   9  -1   64  52  0  cyrillic
cloud rap          12  -2  -4   1   6  -5   8   4  -1   6  10   0   60  62  0  english
rock               74   8   4  -6  -4   1  -3  -1   2   1  -8   2   30   5  0  english
classic rock       30   4  -3  -3  -3   4  -4   0   4   1 -20   4   28   2  0  english
hard rock          18  12   6 -10  -6   0  -1   0   3   2 -10   0   38   5  0  english
alternative rock   40   9   6  -8  -4  -1  -3   0   1   2  -2   3   30   8  0  english
indie rock         32   6   2  -5  -3   1  -4   3   1   2   1   1   26   7  0  english
punk               20  14   9 -11  -7   3   2  -2   4  11  -5  -3   22  16  0  english
emo                12  11   7  -9  -7  -2   0  -2   1   6   0   1   26  12  0  english
post rock           7  -1  -9   0 -14 -13  -5  27   0   0   1  -6   42   0  0  english
metal              28  14   7 -12 -12  -8   3   4   2   3  -2  -3   52  12  0  english
black metal        10  14   6 -13 -20 -14   4  13   2   2   1 -10   58   3  0  nordic
metalcore          14  15  10 -12 -11  -9   4   0   2   4   4   1   54  14  0  english
folk               34 -10  -9  12  -4  -2  -5   0   0   0  -2  -2   26   2  0  english
singer songwriter  26 -12 -10  14  -3  -6  -6  -2  -1   0   2   4   24   5  0  english
country            38   4   3  -1   1   4  -6  -5   1   1  -2   5   10   2  0  english
americana          12  -3  -4   6  -1   0  -6   0   0   1   1  -1   16   2  0  english
blues              16  -1  -6   6   0   5  -4   0   4  -1 -18  -6   28   1  0  english
jazz               30 -10 -12  13  -1   1  -4  15   0  -2 -17  -7   38   0  0  english
bossa nova          8 -11 -12  14   3   4  -5   4  -1   0 -14  -3   40   0  0  iberian
soul               26   0  -4   3   4   6  -3  -3   1  -3 -16   0   38   2  0  english
funk               12   5   0  -3  10  12   0   2   2  -1 -18  -4   46   3  0  english
r&b                40  -2  -1   1   6   1   3  -4   0  -2   2   5   46  28  0  english
disco              12   7   1  -5  10  13  -3   1   2   0 -20  -1   46   0  1  english
reggae             14   2   0   0  12  13   7  -2   1   0  -9  -2   34   6  0  english
dancehall           9   7   6  -3  12  10  10  -4   1   0   2   1   42  30  0  english
latin              26   4   3   1   7   9  -1  -5   2   1   1   6   36   6  0  iberian
reggaeton          22   8  11  -3  13   8   4  -5   0   0   9  10   48  28  1  iberian
salsa              10   7   1   2   4  14  -2  -2   4   1 -10  -1   46   0  0  iberian
mpb                 9  -4  -7   9   1   4  -4  -4   2   0  -8  -2   30   0  0  iberian
sertanejo           9   4   5   5   2   5  -4  -6   9   1   4   6   18   0  0  iberian
flamenco            5  -3  -5  11  -2   2   0  -1   2   2  -6  -6   56   0  0  iberian
chanson             9  -7  -8  12  -2   1  -2  -5   1  -1 -14  -5   30   1  0  french
schlager            7   6   3  -1   4  10  -5  -5   1   3  -3  -4   18   0  1  nordic
arabic pop          7   3   1   3   2   4  -1  -5   1   0   0  -1   60   0  0  arabic
bollywood          10   1   0   6   1   5  -2  -5   1   0   0   1   44   0  0  devanagari
laiko               5   4   1   3   0   4  -4  -5   3   0  -4  -3   54   0  0  greek
russian pop         8   5   4  -2   3   2  -3  -3   0   2   4   0   56   2  0  cyrillic
house              30   9   5 -10  10   2  -2  13   0   2   3  -1   52   5  1  english
deep house         14   3   0  -6  10   0  -2  13  -1   1   5  -1   56   4  1  english
techno             16   8  -1 -11   6  -5  -2  27   0   4   2  -9   58   1  1  english
trance             12  13   6 -12  -1  -6  -2  20   2   6   0  -6   62   0  1  english
drum and bass      12  13   8 -12   0  -2   3  14   1  18   2  -4   56   6  1  english
dubstep            14  12  10 -11   1  -5   5  12   1   9   3  -4   58   8  1  english
edm                24  12  10 -10   4   0   1   4   2   4   5   4   50   8  1  english
synthwave          10   6   0  -9   2   1  -5  18  -1   2   7  -4   54   1  1  english
ambient            18 -19 -22  11 -16 -16  -5  29  -2  -6   0 -10   44   0  0  english
lo-fi              12 -12 -13   9   6   0   1  24  -1  -9   9   1   40   0  1  english
classical          22 -22 -23  18 -14 -12  -5  27  -1  -7 -22  -8   40   0  0  nordic
soundtrack         20 -17 -18  12 -15 -16  -4  26  -1  -4   0  -7   48   0  0  english
new age             7 -18 -19  14 -11 -10  -5  28  -2  -6  -4  -8   36   0  0  english
gospel             12   4   1   1  -2   2  -2  -5  14   1  -3  -4   22   0  0  english
comedy              5   4  -4   9   0   1  38  -6  22  -4  -4  -8   40  40  0  english
children            9  -3  -3   6   9  11   0  -3  -1   1  -1  -5   18   0  0  english
"""


@dataclass(frozen=True, slots=True)
class Styles:
    """The table as arrays, one entry a style."""

    names: tuple[str, ...]
    shares: Float64
    centers: Float64
    minor: Float64
    explicit: Float64
    steady: Float64
    tongues: tuple[str, ...]


def load_styles() -> Styles:
    """Return the styles; shares sum to 1, centers have mean 0 under them."""
    rows = [line.rsplit(maxsplit=16) for line in _TABLE.strip().splitlines()]
    numbers = np.array([[float(word) for word in row[1:-1]] for row in rows])
    shares = numbers[:, 0] / numbers[:, 0].sum()
    centers = numbers[:, 1:12] / 10.0
    centers -= shares @ centers
    return Styles(
        names=tuple(row[0].strip() for row in rows),
        shares=shares,
        centers=centers,
        minor=numbers[:, 12] / 100.0,
        explicit=numbers[:, 13] / 100.0,
        steady=numbers[:, 14],
        tongues=tuple(row[-1] for row in rows),
    )
