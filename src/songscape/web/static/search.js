// Search over titles and artists: any script, accents ignored, a typo tolerated.

const BLOCK = 20000; // rows that are prepared before the page may breathe

// Small letters without accents; signs become spaces.
export function folded(text) {
  return text
    .normalize("NFKD")
    .replace(/\p{M}+/gu, "")
    .toLowerCase()
    .replace(/ß/g, "ss")
    .replace(/ø/g, "o")
    .replace(/ł/g, "l")
    .replace(/['’`´]/g, "")
    .replace(/[^\p{L}\p{N}\n]+/gu, " ");
}

const UNSPACED = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}]/u;

// Where a script has no spaces, a word may begin anywhere.
function anchored(word) {
  return UNSPACED.test(word) ? word : ` ${word}`;
}

// The number of single changes (add, drop, replace, swap of neighbors) between two words, at most `most` + 1.
export function typos(a, b, most) {
  if (Math.abs(a.length - b.length) > most) return most + 1;
  let before = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    let least = i;
    for (let j = 1; j <= b.length; j++) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1;
      let cost = Math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + change);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) cost = Math.min(cost, before[j - 2] + 1);
      row.push(cost);
      least = Math.min(least, cost);
    }
    if (least > most) return most + 1;
    [before, last] = [last, row];
  }
  return last[b.length];
}

export class SearchIndex {
  constructor(texts) {
    this.texts = texts;
    this.text = "\n"; // a line for each row: " title artists "
    this.starts = new Uint32Array(texts.n + 1);
    this.ready = this.build();
  }

  async build() {
    const artists = [];
    for (let i = 0; i < this.texts.artistNames.length; i++) artists.push(folded(this.texts.artistNames.at(i)).replaceAll("\n", " "));
    const parts = ["\n"];
    let length = 1;
    for (let row = 0; row < this.texts.n; row++) {
      this.starts[row] = length;
      let line = ` ${folded(this.texts.titles.at(row)).replaceAll("\n", " ")}`;
      for (let i = this.texts.artistStarts[row]; i < this.texts.artistStarts[row + 1]; i++) line += ` ${artists[this.texts.artistIds[i]] ?? ""}`;
      parts.push(line, " \n");
      length += line.length + 2;
      if (row % BLOCK === BLOCK - 1) await new Promise((resume) => setTimeout(resume));
    }
    this.starts[this.texts.n] = length;
    this.text = parts.join("");
    return this;
  }

  rowAt(place) {
    let low = 0;
    let high = this.texts.n;
    while (low + 1 < high) {
      const middle = (low + high) >> 1;
      if (this.starts[middle] <= place) low = middle;
      else high = middle;
    }
    return low;
  }

  // Rows that hold all words, each at the beginning of a word; the first `most` found.
  rowsWith(words, most = 4000) {
    const rarest = words.reduce((one, other) => (other.length > one.length ? other : one), "");
    if (!rarest) return [];
    const found = [];
    let place = this.text.indexOf(anchored(rarest));
    while (place >= 0 && found.length < most) {
      const row = this.rowAt(place);
      const line = this.text.slice(this.starts[row], this.starts[row + 1]);
      if (words.every((word) => line.includes(anchored(word)))) found.push(row);
      place = this.text.indexOf(anchored(rarest), this.starts[row + 1] - 1);
    }
    return found;
  }

  get vocabulary() {
    if (!this.words) this.words = [...new Set(this.text.split(/\s+/))].filter((word) => word.length > 2);
    return this.words;
  }

  // The words of the catalog that a misspelled word may mean, the nearest first.
  meant(word) {
    const most = word.length < 4 ? 0 : word.length < 8 ? 1 : 2;
    if (most === 0) return [];
    const found = [];
    for (const one of this.vocabulary) {
      if (Math.abs(one.length - word.length) > most) continue;
      const apart = typos(word, one, most);
      if (apart <= most) found.push([apart, one]);
    }
    return found.sort((a, b) => a[0] - b[0]).slice(0, 12).map((pair) => pair[1]);
  }

  // The best rows for a query; `weight` of a row (such as its popularity) breaks ties.
  find(query, most, weight) {
    const words = folded(query).trim().split(/\s+/).filter(Boolean);
    if (words.length === 0) return [];
    let rows = this.rowsWith(words);
    let how = "words";
    if (rows.length < 3) {
      const unknown = words.map((word) => (this.text.includes(anchored(word)) ? [word] : [word, ...this.meant(word)]));
      let more = this.combined(unknown);
      if (more.length === 0) more = this.combined(words.map((word) => [word, ...this.meant(word)]));
      if (more.length) how = rows.length ? how : "fuzzy";
      rows = [...new Set([...rows, ...more])];
    }
    const phrase = ` ${words.join(" ")}`;
    const scored = rows.map((row) => {
      const line = this.text.slice(this.starts[row], this.starts[row + 1]);
      const score = (line.startsWith(`${phrase} `) ? 3 : line.includes(`${phrase} `) ? 2 : line.includes(phrase) ? 1 : 0) + weight(row);
      return { row, how, score };
    });
    return scored.sort((a, b) => b.score - a.score || a.row - b.row).slice(0, most);
  }

  combined(choices) {
    let lists = [[]];
    for (const options of choices) lists = lists.flatMap((list) => options.map((word) => [...list, word])).slice(0, 60);
    return lists.flatMap((list) => this.rowsWith(list, 200)).slice(0, 1000);
  }
}
