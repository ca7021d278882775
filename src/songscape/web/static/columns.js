// The columns of the tracks: values from codes, counts, ranks, group statistics.

const UNKNOWN = { 1: 255, 2: 65535, 4: 4294967295 };

export class Column {
  constructor(about, codes) {
    Object.assign(this, about);
    this.codes = codes;
    this.beyond = new Map(); // codes of tracks that are not on the map, by row
    this.unknown = UNKNOWN[codes.BYTES_PER_ELEMENT];
    this.isNumber = about.kind === "number";
    this.size = this.isNumber ? Math.round((this.high - this.low) / this.step) + 1 : this.values.length;
  }

  code(row) {
    return row < this.codes.length ? this.codes[row] : (this.beyond.get(row) ?? this.unknown);
  }

  isKnown(row) {
    return this.code(row) !== this.unknown;
  }

  // Take in the value of a track that is not on the map; a category that the map does not have stays unknown.
  learn(row, value) {
    if (value === null || value === undefined) return;
    const place = this.isNumber ? Math.min(Math.max(Math.round((value - this.low) / this.step), 0), this.size - 1) : this.values.indexOf(value);
    if (place >= 0) this.beyond.set(row, place);
  }

  // The number or the category of a track; null where unknown.
  at(row) {
    const code = this.code(row);
    if (code === this.unknown) return null;
    return this.isNumber ? this.low + code * this.step : this.values[code];
  }

  // How many tracks have each code; only those of `mask`, if there is one.
  counts(mask = null) {
    const counts = new Uint32Array(this.size + 1); // the last one: unknown
    for (let row = 0; row < this.codes.length; row++) {
      if (mask === null || mask[row]) counts[Math.min(this.codes[row], this.size)]++;
    }
    return counts;
  }

  // The code below which a share of the known tracks lies.
  quantiles(shares, mask = null) {
    const counts = this.counts(mask);
    const total = counts.subarray(0, this.size).reduce((sum, one) => sum + one, 0);
    if (total === 0) return shares.map(() => null);
    const found = [];
    for (const share of shares) {
      let sum = 0;
      let code = 0;
      while (code < this.size - 1 && (sum += counts[code]) < share * total) code++;
      found.push(this.low + code * this.step);
    }
    return found;
  }

  // The mean rank of each code among known tracks, in [0, 1].
  get ranks() {
    if (!this.rankOf) {
      const counts = this.counts();
      const total = counts.subarray(0, this.size).reduce((sum, one) => sum + one, 0);
      this.rankOf = new Float32Array(this.size);
      let below = 0;
      for (let code = 0; code < this.size; code++) {
        this.rankOf[code] = (below + counts[code] / 2) / Math.max(total, 1);
        below += counts[code];
      }
    }
    return this.rankOf;
  }

  rank(row) {
    const code = this.code(row);
    return code === this.unknown ? NaN : this.ranks[code];
  }
}

// All that is known about tracks as numbers.
export class Tracks {
  constructor({ header, arrays }) {
    this.n = header.n;
    this.x = arrays.x;
    this.y = arrays.y;
    this.scales = header.scales;
    this.columns = new Map();
    for (const scale of header.scales) {
      const name = `group_${scale.name}`;
      const about = { name, kind: "group", scale: scale.name, values: scale.names };
      if (scale.names.length) this.columns.set(name, new Column(about, arrays[name]));
    }
    for (const about of header.columns) this.columns.set(about.name, new Column(about, arrays[about.name]));
    this.beyond = new Map(); // tracks that are not on the map, by row
    this.genreNames = header.genres;
    this.genreIds = arrays.genre_ids;
    this.genreStarts = new Uint32Array(this.n + 1);
    for (let row = 0; row < this.n; row++) this.genreStarts[row + 1] = this.genreStarts[row] + arrays.genre_counts[row];
  }

  // Put the names of groups in the page's language; every part of the page reads the same lists.
  sayNames(say) {
    for (const scale of this.scales) {
      scale.made ??= [...scale.names]; // as the atlas has them
      scale.made.forEach((name, place) => (scale.names[place] = say(name)));
    }
  }

  column(name) {
    return this.columns.get(name) ?? null;
  }

  scale(name) {
    return this.scales.find((scale) => scale.name === name);
  }

  genres(row) {
    const told = this.beyond.get(row)?.genres;
    return told ?? [...this.genreList(row)].map((id) => this.genreNames[id]).filter((name) => name !== undefined);
  }

  // The genres of a track as places in `genreNames`.
  genreList(row) {
    const told = this.beyond.get(row);
    return told ? told.genreIds : this.genreIds.subarray(this.genreStarts[row], this.genreStarts[row + 1]);
  }

  // Where a track lies on the map, or would lie: both in [0, 1].
  place(row) {
    const { x, y } = this.beyond.get(row) ?? { x: this.x[row], y: this.y[row] };
    return [x / 65535, y / 65535];
  }

  // Whether the page can show a track: it is on the map, or the server has told of it.
  knows(row) {
    return row < this.n || this.beyond.has(row);
  }

  // Take in a track that is not on the map, as the server tells it.
  learn({ row, x, y, genres, groups, values }) {
    const genreIds = genres.map((name) => this.genreNames.indexOf(name)).filter((place) => place >= 0);
    this.beyond.set(row, { x, y, genres, genreIds });
    for (const [name, value] of Object.entries(values)) this.column(name)?.learn(row, value);
    for (const [scale, number] of Object.entries(groups)) if (number !== null) this.column(`group_${scale}`)?.beyond.set(row, number);
  }

  group(scale, row) {
    const column = this.column(`group_${scale}`);
    return column && column.isKnown(row) ? column.code(row) : -1;
  }
}
