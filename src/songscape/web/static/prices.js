// What it costs to go from one track to the next: docs/playlists.md in a light form.
// 0 is seamless, 1 the median price between two random tracks of this catalog.

const RANKED = { energy: 0.3, loudness: 0.15, positiveness: 0.15, acousticness: 0.15, danceability: 0.1, speechiness: 0.13, instrumentalness: 0.1 };
const WEIGHTS = { tempo: 0.3, ...RANKED, year: 0.88, key: 0.2, tags: 0.68 };
const YEARS = 40; // further apart in time costs no more
const SAMPLE = 96; // random tracks on either side of the pairs that calibrate prices

export const PARTS = Object.keys(WEIGHTS);

// Steps between two keys on the circle of fifths, one more where the mode changes, in sixths.
export function keyPrice(key, mode, otherKey, otherMode) {
  const fifth = (one, isMajor) => ((isMajor ? one : one + 3) * 7) % 12; // of the relative major
  if (key === otherKey && mode !== otherMode) return 2 / 6;
  const apart = Math.abs(fifth(key, mode === 1) - fifth(otherKey, otherMode === 1));
  return Math.min(Math.min(apart, 12 - apart) + (mode === otherMode ? 0 : 1), 6) / 6;
}

export class Prices {
  constructor(tracks) {
    this.tracks = tracks;
    this.ranked = Object.keys(RANKED).map((name) => [name, tracks.column(name)]);
    [this.tempo, this.year, this.keys, this.modes] = ["tempo", "year", "key", "mode"].map((name) => tracks.column(name));
    this.keyPlace = (this.keys?.values ?? []).map((name) => ["C", "D♭", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B"].indexOf(name));
    this.rarity = this.genreRarity();
    this.neutral = Object.fromEntries(PARTS.map((part) => [part, 0]));
    this.unit = 1;
    this.calibrate();
  }

  genreRarity() {
    const counts = new Uint32Array(this.tracks.genreNames.length);
    for (const id of this.tracks.genreIds) if (id < counts.length) counts[id]++;
    const all = Math.max(this.tracks.genreIds.length, 1);
    return Float32Array.from(counts, (value) => 1 + Math.log(all / Math.max(value, 1)));
  }

  // The price of each part, in [0, 1]; null where it is unknown in either track.
  parts(a, b) {
    const found = { tempo: this.tempoPrice(a, b) };
    for (const [name, column] of this.ranked) {
      found[name] = column && column.isKnown(a) && column.isKnown(b) ? Math.abs(column.rank(a) - column.rank(b)) : null;
    }
    const { year } = this;
    found.year = year && year.isKnown(a) && year.isKnown(b) ? Math.min(Math.abs(year.at(a) - year.at(b)) / YEARS, 1) : null;
    found.key = this.keyPart(a, b);
    found.tags = this.tagPart(a, b);
    return found;
  }

  tempoPrice(a, b) {
    const { tempo } = this;
    if (!tempo || !tempo.isKnown(a) || !tempo.isKnown(b) || tempo.at(a) <= 0 || tempo.at(b) <= 0) return null;
    const apart = Math.abs(Math.log2(tempo.at(a) / tempo.at(b)));
    const folded = apart - Math.floor(apart);
    return 2 * Math.min(folded, 1 - folded);
  }

  keyPart(a, b) {
    const { keys, modes } = this;
    if (!keys || !modes || ![a, b].every((row) => keys.isKnown(row) && modes.isKnown(row))) return null;
    const of = (row) => [this.keyPlace[keys.code(row)], modes.at(row) === "major" ? 1 : 0];
    return keyPrice(...of(a), ...of(b));
  }

  tagPart(a, b) {
    const [mine, theirs] = [this.tracks.genreList(a), this.tracks.genreList(b)];
    if (mine.length === 0 || theirs.length === 0) return null;
    let [own, other, both] = [0, 0, 0];
    for (const id of mine) own += this.rarity[id] ** 2;
    for (const id of theirs) {
      const square = this.rarity[id] ** 2;
      other += square;
      for (const one of mine) if (one === id) both += square;
    }
    return Math.max(1 - both / Math.sqrt(own * other), 0);
  }

  between(a, b) {
    const parts = this.parts(a, b);
    let sum = 0;
    for (const part of PARTS) sum += WEIGHTS[part] * (parts[part] ?? this.neutral[part]);
    return sum / this.unit;
  }

  // The parts that make a transition rough, the strongest first: [name, price].
  strongest(a, b) {
    const parts = this.parts(a, b);
    return PARTS.map((part) => [part, (WEIGHTS[part] * (parts[part] ?? 0)) / this.unit]).sort((one, other) => other[1] - one[1]);
  }

  // Set the price of unknown parts to their mean, and the unit to the median, both over random pairs.
  calibrate() {
    const random = seeded(7);
    const row = () => Math.floor(random() * this.tracks.n);
    const pairs = Array.from({ length: SAMPLE * SAMPLE }, () => [row(), row()]).filter(([a, b]) => a !== b);
    if (pairs.length === 0) return;
    const sums = Object.fromEntries(PARTS.map((part) => [part, [0, 0]]));
    for (const [a, b] of pairs) {
      const parts = this.parts(a, b);
      for (const part of PARTS) {
        if (parts[part] === null) continue;
        sums[part][0] += parts[part];
        sums[part][1]++;
      }
    }
    for (const part of PARTS) this.neutral[part] = sums[part][1] ? sums[part][0] / sums[part][1] : 0;
    const prices = pairs.map(([a, b]) => this.between(a, b)).sort((one, other) => one - other);
    this.unit = prices[prices.length >> 1] || 1;
  }
}

// Random numbers in [0, 1) that are the same each time (mulberry32).
export function seeded(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
