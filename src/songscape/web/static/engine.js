// What makes lists: the server's engine where there is one, else what the file holds.

import { Details } from "./details.js";
import { askServer, isOffline, loadDetails } from "./data.js";
import { Lists } from "./lists.js";
import { Prices } from "./prices.js";

const name = (row) => `row:${row}`;
const AT_ONCE = 200; // tracks that are asked for together
const KEYS = ["C", "D♭", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B"];

// One value of a category as the conditions of requests write it.
function literal(column, value) {
  if (column === "key") return String(KEYS.indexOf(value));
  if (column === "mode") return value === "major" ? "1" : "0";
  if (column === "time_signature") return value;
  return `'${value.replaceAll("'", "''")}'`;
}

// The filters of the page as a condition of a request; empty if there are none.
export function whereOf(filters) {
  const parts = Object.entries(filters).map(([plain, wanted]) => {
    const column = /^[a-z_]+$/.test(plain) ? plain : `\`${plain}\``;
    if (typeof wanted[0] === "number") return `${column} between ${wanted[0]} and ${wanted[1]}`;
    if (wanted.every((value) => value === "yes" || value === "no")) return wanted.length > 1 ? `${column} is not null` : wanted[0] === "yes" ? column : `not ${column}`;
    return `${column} in (${wanted.map((value) => literal(plain, value)).join(", ")})`;
  });
  return parts.join(" and ");
}

export class Engine {
  constructor(tracks) {
    this.tracks = tracks;
    this.offline = isOffline();
  }

  async load(texts) {
    this.texts = texts;
    this.prices = new Prices(this.tracks);
    if (!this.offline) return;
    this.details = new Details(await loadDetails(), this.tracks);
    this.lists = new Lists(this.tracks, texts, this.details, this.prices);
  }

  // The rows of what the server tells; of tracks that are not on the map the page learns what it shows.
  async rowsOf(told) {
    return this.known(told.map((one) => one.row));
  }

  async known(rows) {
    const strange = [...new Set(rows)].filter((row) => !this.tracks.knows(row));
    for (let first = 0; first < strange.length; first += AT_ONCE) {
      const { tracks } = await askServer(`tracks?rows=${strange.slice(first, first + AT_ONCE).join()}`);
      for (const one of tracks) {
        this.texts.beyond.set(one.row, one);
        this.tracks.learn(one);
      }
    }
    return rows;
  }

  async neighbors(row) {
    if (this.offline) return this.details.neighbors(row);
    return this.rowsOf((await askServer(`neighbors/${row}?n=10`)).neighbors);
  }

  // {memberships, versions} of a track.
  async track(row) {
    if (this.offline) return { memberships: this.details.memberships(row), versions: this.details.versions(row) };
    const told = await askServer(`tracks/${row}`);
    return { memberships: told.memberships, versions: await this.rowsOf(told.versions) };
  }

  async search(query, most, index, weight) {
    if (this.offline) return (await index.ready).find(query, most, weight).map((one) => one.row);
    return this.rowsOf((await askServer(`search?q=${encodeURIComponent(query.slice(0, 200))}&limit=${most}`)).results);
  }

  async moreLike(seeds, n, lit, taken, filters) {
    if (this.offline) return this.lists.order(this.lists.moreLike(seeds, n, lit, taken));
    const wanted = Math.min(n + taken.length, 200);
    const request = { like: seeds.map(name), exclude: taken.map(name), length: Math.max(wanted, 1), ...limits(filters) };
    const made = await askServer("playlists", request);
    const rows = await this.rowsOf(made.tracks);
    return rows.filter((row) => (lit[row] ?? 1) && !taken.includes(row)).slice(0, n);
  }

  async fromSelection(rows, n, taken) {
    if (this.offline) return this.lists.fromSelection(rows, n, taken);
    const seeds = spread(rows, n).filter((row) => !taken.includes(row));
    return seeds.length > 2 ? this.order(seeds, [], "free") : seeds;
  }

  async journey(start, end, length, lit, filters) {
    if (this.offline) return this.lists.journey(start, end, length, lit);
    const made = await askServer("journeys", { start: name(start), end: name(end), length, ...limits(filters) });
    return this.rowsOf(made.tracks);
  }

  // `fixed` are places that stay, `arc` is free, rising, falling or wave.
  async order(rows, fixed, arc) {
    if (this.offline) return this.lists.order(rows, fixed, GOALS[arc] ?? null);
    const places = Object.fromEntries(fixed.map((place) => [String(place + 1), name(rows[place])]));
    const request = { smoothness: 1, artist_gap: 0, places, ...(arc === "free" ? {} : { arc: { energy: arc } }) };
    const made = await askServer("reorder", { tracks: rows.map(name), request });
    return this.rowsOf(made.tracks);
  }

  async repairs(rows, place, n, lit, filters) {
    if (this.offline) return this.lists.repairs(rows[place], rows[place + 1], n, lit, rows);
    const made = await askServer("reorder", { tracks: [name(rows[place]), name(rows[place + 1])], request: limits(filters) });
    const whole = this.prices.between(rows[place], rows[place + 1]);
    return (await this.rowsOf(made.mends))
      .map((row) => ({ row, price: Math.max(this.prices.between(rows[place], row), this.prices.between(row, rows[place + 1])) }))
      .filter(({ row, price }) => price < whole && !rows.includes(row))
      .slice(0, n);
  }
}

function limits(filters) {
  const where = whereOf(filters);
  return where ? { where } : {};
}

const GOALS = {
  rising: (share) => 0.1 + 0.8 * share,
  falling: (share) => 0.9 - 0.8 * share,
  wave: (share) => 0.5 - 0.4 * Math.cos(4 * Math.PI * share),
};

// Rows that lie evenly over a list.
function spread(rows, n) {
  const few = Math.min(n, rows.length);
  return Array.from({ length: few }, (_, place) => rows[Math.floor(((place + 0.5) * rows.length) / few)]);
}
