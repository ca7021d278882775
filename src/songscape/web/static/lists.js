// Playlists in the browser: more like some tracks, a list from a selection, journeys, orders, repairs.
// They look at the neighbors that travel with the page, so they are lighter than the engine's.

import { seeded } from "./prices.js";

const PER_ARTIST = 2;
const POOL = 1500; // candidates that are priced
const STRANGERS = 2400; // random tracks that a journey may pass, beside neighbors
const PER_STEP = 48; // candidates for each step of a journey
const MOST_CHANGES = 4e6; // tried by the local search for an order

export class Lists {
  constructor(tracks, texts, details, prices) {
    Object.assign(this, { tracks, texts, details, prices });
  }

  // Tracks near the seeds in feature space, by steps over the neighbor table: row → steps.
  around(seeds, most = POOL) {
    const found = new Map(seeds.map((row) => [row, 0]));
    let edge = [...seeds];
    for (let step = 1; edge.length && found.size < most && step <= 6; step++) {
      const next = [];
      for (const row of edge) {
        for (const near of this.details.neighbors(row)) {
          if (found.has(near) || found.size >= most) continue;
          found.set(near, step);
          next.push(near);
        }
      }
      edge = next;
    }
    return found;
  }

  // At most so many of one artist, a song once, nothing of `taken`.
  limits(taken) {
    const songs = new Set(taken.map((row) => this.details.song(row)));
    const artists = new Map();
    for (const row of taken) this.countArtist(artists, row);
    return {
      allows: (row) => {
        const artist = this.texts.mainArtist(row);
        return !songs.has(this.details.song(row)) && (artist < 0 || (artists.get(artist) ?? 0) < PER_ARTIST);
      },
      take: (row) => {
        songs.add(this.details.song(row));
        this.countArtist(artists, row);
      },
    };
  }

  countArtist(artists, row) {
    const artist = this.texts.mainArtist(row);
    if (artist >= 0) artists.set(artist, (artists.get(artist) ?? 0) + 1);
  }

  // `n` tracks most like the seeds among the lit ones; `taken` do not come again.
  moreLike(seeds, n, lit, taken = seeds) {
    const limits = this.limits([...new Set([...taken, ...seeds])]);
    const scored = [...this.around(seeds)]
      .filter(([row]) => lit[row])
      .map(([row, steps]) => {
        const prices = seeds.map((seed) => this.prices.between(seed, row));
        const mean = prices.reduce((sum, one) => sum + one, 0) / prices.length;
        return { row, cost: 0.6 * Math.min(...prices) + 0.4 * mean + 0.06 * steps };
      })
      .sort((a, b) => a.cost - b.cost || a.row - b.row);
    const found = [];
    for (const { row } of scored) {
      if (found.length === n) break;
      if (!limits.allows(row)) continue;
      limits.take(row);
      found.push(row);
    }
    return found;
  }

  // `n` tracks that stand for a selection: each the farthest of some random ones from those already in.
  fromSelection(rows, n, taken = []) {
    const random = seeded(rows.length);
    const limits = this.limits(taken);
    const popularity = this.tracks.column("popularity");
    const found = [];
    for (let tries = 0; found.length < n && tries < 12 * n; tries++) {
      let best = -1;
      let most = -Infinity;
      for (let i = 0; i < 24; i++) {
        const row = rows[Math.floor(random() * rows.length)];
        if (!limits.allows(row)) continue;
        const apart = found.length ? Math.min(...found.map((one) => this.prices.between(one, row))) : 0;
        const score = Math.min(apart, 0.8) + 0.5 * (popularity?.isKnown(row) ? popularity.rank(row) : 0.5);
        if (score > most) [best, most] = [row, score];
      }
      if (best < 0) continue;
      limits.take(best);
      found.push(best);
    }
    return this.order(found);
  }

  // Tracks from one to another in equal steps: dynamic programming over candidates that lie between the two.
  journey(start, end, length, lit) {
    const pool = this.between(start, end, lit);
    const whole = Math.max(this.prices.between(start, end), 0.05);
    const candidates = pool.map((row) => {
      const [from, to] = [this.prices.between(start, row), this.prices.between(row, end)];
      return { row, share: from / Math.max(from + to, 1e-9), detour: from + to - whole };
    });
    const layers = [[{ row: start, detour: 0 }]];
    for (let step = 1; step < length - 1; step++) {
      const share = step / (length - 1);
      const fit = (one) => Math.max(one.detour, 0) + 4 * Math.abs(one.share - share);
      layers.push([...candidates].sort((a, b) => fit(a) - fit(b)).slice(0, PER_STEP));
    }
    layers.push([{ row: end, detour: 0 }]);
    return this.polished(this.cheapest(layers), lit);
  }

  // Tracks between others give way to neighbors that make the two steps smoother, a few times round.
  polished(rows, lit) {
    const found = [...rows];
    const squared = (a, b) => this.prices.between(a, b) ** 2;
    for (let round = 0; round < 3; round++) {
      for (let place = 1; place < found.length - 1; place++) {
        const [before, after] = [found[place - 1], found[place + 1]];
        const others = found.filter((_, other) => other !== place);
        let least = squared(before, found[place]) + squared(found[place], after);
        for (const row of this.around([before, found[place], after], 160).keys()) {
          const cost = squared(before, row) + squared(row, after);
          if (cost >= least || !lit[row] || this.repeats(others, row, false)) continue;
          [least, found[place]] = [cost, row];
        }
      }
    }
    return found;
  }

  between(start, end, lit) {
    const limits = this.limits([start, end]);
    const random = seeded(start + 31 * end);
    const pool = new Set([...this.around([start], POOL / 2).keys(), ...this.around([end], POOL / 2).keys()]);
    for (let i = 0; i < STRANGERS; i++) pool.add(Math.floor(random() * this.tracks.n));
    return [...pool].filter((row) => lit[row] && limits.allows(row));
  }

  // The way through the layers whose squared prices sum to the least, no song and no main artist twice.
  cheapest(layers) {
    let paths = layers[0].map((one) => ({ rows: [one.row], cost: 0 }));
    for (const layer of layers.slice(1)) {
      const longer = [];
      for (const one of layer) {
        let best = null;
        for (const path of paths) {
          if (this.repeats(path.rows, one.row, layer === layers.at(-1))) continue;
          const cost = path.cost + this.prices.between(path.rows.at(-1), one.row) ** 2 + 0.05 * Math.max(one.detour, 0);
          if (best === null || cost < best.cost) best = { path, cost };
        }
        if (best) longer.push({ rows: [...best.path.rows, one.row], cost: best.cost });
      }
      if (longer.length) paths = longer;
    }
    return paths.reduce((one, other) => (other.cost < one.cost ? other : one)).rows;
  }

  repeats(rows, row, isLast) {
    const song = this.details.song(row);
    const artist = this.texts.mainArtist(row);
    return rows.some((one) => this.details.song(one) === song || (!isLast && artist >= 0 && this.texts.mainArtist(one) === artist));
  }

  // A smooth order: the nearest next, then parts turned round and single tracks moved while that saves something.
  // `fixed` holds places that stay; `goal(place)` is the wished rank of energy in [0, 1], or null.
  order(rows, fixed = [], goal = null) {
    const n = rows.length;
    if (n < 3) return [...rows];
    const energy = this.tracks.column("energy");
    const price = rows.map((a) => rows.map((b) => (a === b ? 0 : this.prices.between(a, b))));
    const target = (one, place) => (goal && energy?.isKnown(rows[one]) ? 2 * Math.abs(energy.rank(rows[one]) - goal(place / (n - 1))) : 0);
    const cost = (order) => order.reduce((sum, one, place) => sum + target(one, place) + (place ? price[order[place - 1]][one] : 0), 0);
    const held = new Set(fixed);
    let best = greedy(price, held, target);
    let least = cost(best);
    for (let tried = 0; tried * n < 30 * MOST_CHANGES; tried += 2 * n * n) {
      const before = least;
      for (const next of changes(n, held)) {
        const order = next(best);
        const sum = cost(order);
        if (sum < least - 1e-9) [best, least] = [order, sum];
      }
      if (least > before - 1e-9) break;
    }
    return best.map((one) => rows[one]);
  }

  // Tracks that would mend a transition: the price of the rougher of the two that take its place.
  repairs(from, to, n, lit, taken) {
    const limits = this.limits(taken);
    const whole = this.prices.between(from, to);
    return this.between(from, to, lit)
      .filter((row) => limits.allows(row))
      .map((row) => ({ row, price: Math.max(this.prices.between(from, row), this.prices.between(row, to)) }))
      .filter(({ price }) => price < whole)
      .sort((a, b) => a.price - b.price)
      .slice(0, n);
  }
}

function greedy(price, held, target) {
  const n = price.length;
  const order = new Array(n).fill(-1);
  const free = new Set(price.keys());
  for (const place of held) {
    order[place] = place;
    free.delete(place);
  }
  for (let place = 0; place < n; place++) {
    if (order[place] >= 0) continue;
    let best = -1;
    let least = Infinity;
    for (const one of free) {
      const sum = (place ? price[order[place - 1]][one] : 0) + target(one, place);
      if (sum < least) [best, least] = [one, sum];
    }
    order[place] = best;
    free.delete(best);
  }
  return order;
}

// All single changes of an order that leave held places alone: stretches turned round, tracks moved, pairs swapped.
function* changes(n, held) {
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++) {
      if (!held.has(i) && !held.has(j)) yield (order) => swapped(order, i, j);
      let touches = false;
      for (let place = i; place <= j && !touches; place++) touches = held.has(place);
      if (touches) continue;
      yield (order) => [...order.slice(0, i), ...order.slice(i, j + 1).reverse(), ...order.slice(j + 1)];
      yield (order) => [...order.slice(0, i), ...order.slice(i + 1, j + 1), order[i], ...order.slice(j + 1)];
      yield (order) => [...order.slice(0, i), order[j], ...order.slice(i, j), ...order.slice(j + 1)];
    }
  }
}

function swapped(order, i, j) {
  const next = [...order];
  [next[i], next[j]] = [next[j], next[i]];
  return next;
}
