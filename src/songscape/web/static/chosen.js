// The selection: how many, and how they differ from the whole.

import { button, el } from "./dom.js";
import { trackList } from "./cards.js";
import { columnName, count, format, percent, t, valueName } from "./texts.js";

const COMPARED = ["energy", "positiveness", "danceability", "acousticness", "instrumentalness", "speechiness", "loudness", "tempo", "year", "popularity", "silhouette", "map_trust"];
const SHOWN = 12;

export function chosenPanel(page, rows) {
  if (rows.length === 0) return [el("p", { class: "empty", text: t("selection_empty") }), button(t("from_filter"), () => page.select({ kind: "lit" }))];
  const mask = new Uint8Array(page.tracks.n);
  for (const row of rows) mask[row] = 1;
  return [
    el("h2", { text: t("selected", { n: count(rows.length) }), role: "status" }),
    el("p", { class: "by", text: percent(rows.length / page.tracks.n) }),
    el("div", { class: "row" },
      button(t("made_from"), () => page.basket.fromRows(rows), { class: "primary" }),
      rows.length <= 100 ? button(t("add_all"), () => page.basket.add(rows)) : null,
      button(t("clear_selection"), () => page.select(null)),
    ),
    numbers(page.tracks, mask),
    ...["emotion", "genre", "group_coarse"].map((name) => categories(page.tracks, name, mask, rows.length)).filter(Boolean),
    el("section", {}, el("h3", { text: t("popular") }), trackList(page, mostPopular(page.tracks, rows))),
  ];
}

function numbers(tracks, mask) {
  const lines = COMPARED.map((name) => tracks.column(name)).filter((column) => column?.isNumber).map((column) => {
    const [[own], [whole]] = [column.quantiles([0.5], mask), column.quantiles([0.5])];
    return el("tr", {}, el("th", { scope: "row", text: columnName(column.name) }), el("td", { text: format(column.name, own) }), el("td", { class: "soft", text: format(column.name, whole) }), el("td", {}, shift(column, own, whole)));
  });
  const head = el("tr", {}, el("th", { scope: "col", text: t("median") }), el("th", { scope: "col", text: t("versus") }), el("th", { scope: "col", text: t("whole") }), el("th", { scope: "col", "aria-label": "±" }));
  return el("table", { class: "compare" }, el("thead", {}, head), el("tbody", {}, lines));
}

// How far the median of the selection lies from that of the whole, in ranks.
function shift(column, own, whole) {
  const rank = (value) => column.ranks[Math.min(Math.max(Math.round((value - column.low) / column.step), 0), column.size - 1)];
  const apart = own === null ? 0 : rank(own) - rank(whole);
  const bar = el("span", { class: apart < 0 ? "delta low" : "delta", "aria-hidden": "true" });
  bar.style.setProperty("--share", String(Math.min(2 * Math.abs(apart), 1)));
  return bar;
}

function categories(tracks, name, mask, size) {
  const column = tracks.column(name);
  if (!column) return null;
  const [own, whole] = [column.counts(mask), column.counts()];
  const top = column.values.map((value, place) => place).filter((place) => own[place]).sort((a, b) => own[b] - own[a]).slice(0, 6);
  if (top.length === 0) return null;
  const items = top.map((place) => {
    const meter = el("span", { class: "meter double" });
    meter.style.setProperty("--share", String(own[place] / size));
    meter.style.setProperty("--other", String(whole[place] / tracks.n));
    const value = column.kind === "group" ? column.values[place] : valueName(name, column.values[place]);
    return el("li", {}, el("span", { class: "name", text: value, dir: "auto" }), meter, el("span", { class: "count", text: `${percent(own[place] / size)} / ${percent(whole[place] / tracks.n)}` }));
  });
  return el("section", {}, el("h3", { text: columnName(name) }), el("ul", { class: "shares" }, items));
}

function mostPopular(tracks, rows) {
  const column = tracks.column("popularity");
  const weight = (row) => (column?.isKnown(row) ? column.codes[row] : -1);
  const best = [];
  for (const row of rows) {
    if (best.length === SHOWN && weight(row) <= weight(best.at(-1))) continue;
    best.push(row);
    best.sort((a, b) => weight(b) - weight(a) || a - b);
    best.length = Math.min(best.length, SHOWN);
  }
  return best;
}
