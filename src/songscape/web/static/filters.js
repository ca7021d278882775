// Filters: histograms with brushes for numbers, check lists for categories; all combine.

import { button, el, svg } from "./dom.js";
import { columnName, count, t, valueName } from "./texts.js";

const BINS = 40;
const [WIDTH, HEIGHT] = [236, 44];
const FIRST = ["year", "tempo", "energy", "positiveness", "danceability", "popularity", "emotion", "genre", "explicit"];
const LISTED = 12; // values of a check list

// 1 for tracks that pass all filters.
export function filterMask(tracks, filters, out) {
  out.fill(1);
  for (const [name, wanted] of Object.entries(filters)) {
    const column = tracks.column(name);
    if (!column) continue;
    if (column.isNumber) byRange(column, wanted, out);
    else if (name === "genre") byGenre(tracks, wanted, out);
    else byValues(column, wanted, out);
  }
  return out;
}

function byRange(column, [low, high], out) {
  const first = Math.ceil((low - column.low) / column.step - 1e-6);
  const last = Math.floor((high - column.low) / column.step + 1e-6);
  const { codes, unknown } = column;
  for (let row = 0; row < codes.length; row++) if (codes[row] < first || codes[row] > last || codes[row] === unknown) out[row] = 0;
}

function byValues(column, wanted, out) {
  const allowed = new Uint8Array(column.unknown + 1);
  for (const value of wanted) if (column.values.includes(value)) allowed[column.values.indexOf(value)] = 1;
  for (let row = 0; row < column.codes.length; row++) if (!allowed[column.codes[row]]) out[row] = 0;
}

// Any of a track's genres will do.
function byGenre(tracks, wanted, out) {
  const ids = new Set(wanted.map((value) => tracks.genreNames.indexOf(value)));
  for (let row = 0; row < tracks.n; row++) {
    let has = false;
    for (let i = tracks.genreStarts[row]; i < tracks.genreStarts[row + 1] && !has; i++) has = ids.has(tracks.genreIds[i]);
    if (!has) out[row] = 0;
  }
}

export class Filters {
  // `changed(filters)` is called with all filters.
  constructor(holder, tracks, changed) {
    Object.assign(this, { holder, tracks, changed, filters: {}, open: new Set(FIRST.slice(0, 3)) });
  }

  show(filters, mask) {
    this.filters = filters;
    const names = [...this.tracks.columns.values()].filter((column) => column.kind !== "group" && column.size > 1).map((column) => column.name);
    const order = [...FIRST.filter((name) => names.includes(name)), ...names.filter((name) => !FIRST.includes(name))];
    const focused = document.activeElement?.id;
    this.holder.replaceChildren(...order.map((name) => this.one(name, mask)));
    if (focused) document.getElementById(focused)?.focus();
  }

  one(name, mask) {
    const column = this.tracks.column(name);
    const wanted = this.filters[name] ?? null;
    const body = el("div", { class: "body" });
    const details = el(
      "details",
      { open: this.open.has(name) || wanted !== null },
      el("summary", { class: wanted ? "used" : "", text: columnName(name) }),
      body,
    );
    const fill = () => {
      if (body.childElementCount) return;
      body.append(column.isNumber ? this.histogram(column, wanted, mask) : this.checks(column, wanted, mask));
      if (wanted) body.append(button(t("clear"), () => this.put(name, null), { class: "link", "aria-label": `${t("clear")}: ${columnName(name)}` }));
    };
    details.addEventListener("toggle", () => {
      if (details.open) fill();
      this.open[details.open ? "add" : "delete"](name);
    });
    if (details.open) fill();
    return details;
  }

  put(name, wanted) {
    const filters = { ...this.filters };
    if (wanted === null) delete filters[name];
    else filters[name] = wanted;
    this.changed(filters);
  }

  histogram(column, wanted, mask) {
    const bins = binned(column, column.counts());
    const now = binned(column, column.counts(mask));
    const top = Math.max(...bins, 1);
    const wide = WIDTH / bins.length;
    const bars = (counts, name) =>
      counts.map((value, place) => {
        const high = value ? Math.max((HEIGHT * Math.sqrt(value)) / Math.sqrt(top), 1) : 0;
        return svg("rect", { x: place * wide, y: HEIGHT - high, width: Math.max(wide - 0.6, 0.5), height: high, class: name });
      });
    const [low, high] = wanted ?? [column.low, column.high];
    const spot = (value) => ((value - column.low) / (column.high - column.low || 1)) * WIDTH;
    const brush = svg("rect", { class: "brush", x: spot(low), y: 0, width: Math.max(spot(high) - spot(low), 1), height: HEIGHT });
    const chart = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "histogram", preserveAspectRatio: "none", "aria-hidden": "true" }, bars(bins, "all"), bars(now, "left"), wanted ? brush : null);
    this.brushing(chart, column);
    return el("div", {}, chart, this.bounds(column, low, high));
  }

  brushing(chart, column) {
    let from = null;
    const value = (event) => {
      const box = chart.getBoundingClientRect();
      const share = Math.min(Math.max((event.clientX - box.left) / box.width, 0), 1);
      return column.low + share * (column.high - column.low);
    };
    chart.addEventListener("pointerdown", (event) => {
      chart.setPointerCapture(event.pointerId);
      from = value(event);
    });
    chart.addEventListener("pointermove", (event) => {
      if (from === null) return;
      const [left, right] = [from, value(event)].sort((a, b) => a - b).map((one) => ((one - column.low) / (column.high - column.low || 1)) * WIDTH);
      const brush = chart.querySelector(".brush") ?? chart.appendChild(svg("rect", { class: "brush", y: 0, height: HEIGHT }));
      brush.setAttribute("x", left);
      brush.setAttribute("width", right - left);
    });
    chart.addEventListener("pointerup", (event) => {
      if (from === null) return;
      const range = [from, value(event)].sort((a, b) => a - b);
      from = null;
      const isClick = range[1] - range[0] < (column.high - column.low) / 60;
      this.put(column.name, isClick ? null : range.map((one) => snapped(column, one)));
    });
  }

  // The bounds as numbers to type: what the brush does for a pointer.
  bounds(column, low, high) {
    const field = (value, which) => {
      const input = el("input", {
        type: "number",
        id: `${which}-${column.name}`,
        value: String(+value.toFixed(3)),
        step: String(column.step),
        "aria-label": `${columnName(column.name)}: ${t(which)}`,
      });
      input.addEventListener("change", () => {
        const typed = input.value === "" ? value : Number(input.value);
        const range = which === "from" ? [typed, Math.max(high, typed)] : [Math.min(low, typed), typed];
        this.put(column.name, range[0] <= column.low && range[1] >= column.high ? null : range);
      });
      return input;
    };
    return el("div", { class: "bounds" }, field(low, "from"), field(high, "to"));
  }

  checks(column, wanted, mask) {
    const counts = column.counts(mask);
    const chosen = new Set(wanted ?? []);
    const values = column.values.filter((value, place) => place < LISTED || chosen.has(value));
    const items = values.map((value, place) => {
      const input = el("input", { type: "checkbox", id: `check-${column.name}-${place}` });
      input.checked = chosen.has(value);
      input.addEventListener("change", () => {
        if (input.checked) chosen.add(value);
        else chosen.delete(value);
        this.put(column.name, chosen.size ? [...chosen] : null);
      });
      return el("li", {}, el("label", {}, input, el("span", { class: "name", text: valueName(column.name, value), dir: "auto" }), el("span", { class: "count", text: count(counts[column.values.indexOf(value)]) })));
    });
    const more = column.size > LISTED ? this.another(column, chosen) : null;
    return el("div", {}, el("ul", { class: "checks" }, items), more);
  }

  // A field for values that the list leaves out.
  another(column, chosen) {
    const list = el("datalist", { id: `values-${column.name}` }, column.values.slice(LISTED, 400).map((value) => el("option", { value })));
    const input = el("input", { type: "text", list: `values-${column.name}`, placeholder: t("another"), "aria-label": `${columnName(column.name)}: ${t("another")}` });
    input.addEventListener("change", () => {
      const value = input.value.trim();
      if (column.values.includes(value)) this.put(column.name, [...chosen, value]);
    });
    return el("div", {}, input, list);
  }
}

function snapped(column, value) {
  return +(column.low + Math.round((value - column.low) / column.step) * column.step).toFixed(4);
}

function binned(column, counts) {
  const n = Math.min(BINS, column.size);
  const bins = new Array(n).fill(0);
  for (let code = 0; code < column.size; code++) bins[Math.min(Math.floor((code * n) / column.size), n - 1)] += counts[code];
  return bins;
}
