// What the offline file holds about songs: neighbors, memberships, other versions.

function spread(value) {
  let bits = value;
  bits = (bits | (bits << 8)) & 0x00ff00ff;
  bits = (bits | (bits << 4)) & 0x0f0f0f0f;
  bits = (bits | (bits << 2)) & 0x33333333;
  return (bits | (bits << 1)) & 0x55555555;
}

// Songs along a Morton curve over the map: the rows of their representative tracks, as the packing numbers them.
export function songRows(tracks, isTwin) {
  const keys = [];
  for (let row = 0; row < tracks.n; row++) {
    if (!isTwin[row]) keys.push(((spread(tracks.x[row]) | (spread(tracks.y[row]) << 1)) >>> 0) * 2 ** 21 + row);
  }
  return Uint32Array.from(Float64Array.from(keys).sort(), (key) => key % 2 ** 21);
}

export class Details {
  constructor({ header, arrays }, tracks) {
    this.tracks = tracks;
    this.arrays = arrays;
    this.k = header.k;
    const isTwin = new Uint8Array(tracks.n);
    for (const row of arrays.twin_rows) isTwin[row] = 1;
    this.rows = songRows(tracks, isTwin);
    this.songs = new Uint32Array(tracks.n);
    this.rows.forEach((row, song) => (this.songs[row] = song));
    arrays.twin_rows.forEach((row, place) => (this.songs[row] = this.songs[arrays.twin_of[place]]));
    this.starts = {};
    for (const scale of tracks.scales) this.starts[scale.name] = starts(arrays[`members_${scale.name}_counts`]);
  }

  song(row) {
    return this.songs[row];
  }

  // Rows of the nearest other songs, the nearest first.
  neighbors(row) {
    const song = this.songs[row];
    const { neighbors_0: low, neighbors_1: middle, neighbors_2: high } = this.arrays;
    const found = [];
    for (let i = song * this.k; i < (song + 1) * this.k; i++) {
      const folded = low[i] | (middle[i] << 8) | (high[i] << 16);
      found.push(this.rows[song + (folded & 1 ? -(folded + 1) / 2 : folded / 2)]);
    }
    return found;
  }

  memberships(row) {
    const song = this.songs[row];
    const found = {};
    for (const { name } of this.tracks.scales) {
      found[name] = [];
      for (let i = this.starts[name][song]; i < this.starts[name][song + 1]; i++) {
        found[name].push({ group: this.arrays[`members_${name}`][i], strength: this.arrays[`members_${name}_strength`][i] / 15 });
      }
    }
    return found;
  }

  // Rows of the same song, this one left out.
  versions(row) {
    const own = this.rows[this.songs[row]];
    const { twin_rows: twins, twin_of: of } = this.arrays;
    const found = [own];
    for (let i = 0; i < twins.length; i++) if (of[i] === own) found.push(twins[i]);
    return found.filter((one) => one !== row);
  }
}

function starts(counts) {
  const found = new Uint32Array(counts.length + 1);
  for (let i = 0; i < counts.length; i++) found[i + 1] = found[i] + counts[i];
  return found;
}
