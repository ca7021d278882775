// What the page shows, as one value that parts listen to and that the address holds.

const EMPTY = {
  view: null, // [x, y, zoom]; null: all of the map
  color: null, // name of a column
  isolated: [], // places of classes of that column
  filters: {}, // column → [low, high] of a number, or a list of values
  selection: null, // {kind: "lasso", polygon} | {kind: "group", scale, number} | {kind: "lit"}
  open: null, // {kind: "track", row} | {kind: "group", scale, number}
  basket: [], // [{row, locked}]
  name: "", // of the playlist
  path: true, // whether the playlist is drawn on the map
  heat: false,
  labels: true,
  language: null,
  theme: null,
};

export class Store {
  constructor() {
    this.values = { ...EMPTY };
    this.listeners = [];
  }

  // Call `act` whenever one of these changes.
  on(names, act) {
    this.listeners.push({ names, act });
  }

  set(patch) {
    const changed = Object.keys(patch).filter((name) => this.values[name] !== patch[name]);
    Object.assign(this.values, patch);
    for (const { names, act } of this.listeners) {
      if (changed.some((name) => names.includes(name))) act();
    }
  }
}

const number = (value) => String(+value.toPrecision(6));

function filtersToText(filters) {
  return Object.entries(filters)
    .map(([name, wanted]) => {
      const isRange = typeof wanted[0] === "number";
      return `${encodeURIComponent(name)}:${isRange ? wanted.map(number).join("~") : wanted.map(encodeURIComponent).join(",")}`;
    })
    .join(";");
}

function filtersOf(text) {
  const filters = {};
  for (const part of text.split(";").filter(Boolean)) {
    const cut = part.indexOf(":");
    const wanted = part.slice(cut + 1);
    const range = wanted.split("~").map(Number);
    const name = decodeURIComponent(part.slice(0, cut));
    filters[name] = range.length === 2 && range.every(Number.isFinite) ? range : wanted.split(",").map(decodeURIComponent);
  }
  return filters;
}

function selectionToText(selection) {
  if (selection === null) return "";
  if (selection.kind === "group") return `group.${selection.scale}.${selection.number}`;
  if (selection.kind === "lasso") return `lasso.${selection.polygon.flat().map((value) => Math.round(value * 4095).toString(36)).join(".")}`;
  return "lit";
}

function selectionOf(text) {
  const [kind, ...parts] = text.split(".");
  if (kind === "group") return { kind, scale: parts[0], number: Number(parts[1]) };
  if (kind === "lasso") {
    const numbers = parts.map((part) => parseInt(part, 36) / 4095);
    const polygon = [];
    for (let i = 0; i + 1 < numbers.length; i += 2) polygon.push([numbers[i], numbers[i + 1]]);
    return polygon.length > 2 && numbers.every(Number.isFinite) ? { kind, polygon } : null;
  }
  return kind === "lit" ? { kind } : null;
}

export const ANY_ROW = 2 ** 31; // before the server has told how many there are

// The address of a state: what comes after the #.
export function toAddress(values) {
  const parts = {
    v: values.view ? values.view.map(number).join(",") : "",
    c: values.color ?? "",
    i: values.isolated.join(","),
    f: filtersToText(values.filters),
    s: selectionToText(values.selection),
    o: values.open ? (values.open.kind === "track" ? `track.${values.open.row}` : `group.${values.open.scale}.${values.open.number}`) : "",
    b: values.basket.map(({ row, locked }) => row.toString(36) + (locked ? "!" : "")).join("."),
    n: values.name,
    p: values.path ? "" : "0",
    h: values.heat ? "1" : "",
    l: values.labels ? "" : "0",
    lang: values.language ?? "",
    theme: values.theme ?? "",
  };
  return Object.entries(parts)
    .filter(([, text]) => text !== "")
    .map(([name, text]) => `${name}=${name === "f" ? text : encodeURIComponent(text)}`)
    .join("&");
}

// The state of an address; what cannot be read is as if it were not there.
export function ofAddress(hash, nTracks) {
  const parts = {};
  for (const part of hash.replace(/^#/, "").split("&")) {
    const cut = part.indexOf("=");
    if (cut > 0) parts[part.slice(0, cut)] = part.slice(cut + 1);
  }
  const read = (name, make, otherwise) => {
    if (!(name in parts)) return otherwise;
    try {
      return make(name === "f" ? parts[name] : decodeURIComponent(parts[name]));
    } catch (error) {
      if (error instanceof URIError) return otherwise;
      throw error;
    }
  };
  const isRow = (row) => Number.isInteger(row) && row >= 0 && row < nTracks;
  const open = (text) => {
    const [kind, first, second] = text.split(".");
    if (kind === "track") return isRow(Number(first)) ? { kind, row: Number(first) } : null;
    return kind === "group" ? { kind, scale: first, number: Number(second) } : null;
  };
  const view = (text) => {
    const numbers = text.split(",").map(Number);
    return numbers.length === 3 && numbers.every(Number.isFinite) ? numbers : null;
  };
  const basket = (text) =>
    text
      .split(".")
      .map((part) => ({ row: parseInt(part, 36), locked: part.endsWith("!") }))
      .filter(({ row }, place, all) => isRow(row) && all.findIndex((other) => other.row === row) === place);
  return {
    view: read("v", view, null),
    color: read("c", (text) => text, null),
    isolated: read("i", (text) => text.split(",").map(Number).filter(Number.isInteger), []),
    filters: read("f", filtersOf, {}),
    selection: read("s", selectionOf, null),
    open: read("o", open, null),
    basket: read("b", basket, []),
    name: read("n", (text) => text.slice(0, 200), ""),
    path: read("p", (text) => text !== "0", true),
    heat: read("h", (text) => text === "1", false),
    labels: read("l", (text) => text !== "0", true),
    language: read("lang", (text) => (["en", "ru"].includes(text) ? text : null), null),
    theme: read("theme", (text) => (["light", "dark"].includes(text) ? text : null), null),
  };
}

// The tracks that a state of the page holds.
export function rowsIn({ basket, open }) {
  return [...basket.map(({ row }) => row), ...(open?.kind === "track" ? [open.row] : [])];
}

// A state of the page without tracks that it cannot show.
export function withRows(state, isShown) {
  const open = state.open?.kind === "track" && !isShown(state.open.row) ? null : state.open;
  return { ...state, open, basket: state.basket.filter(({ row }) => isShown(row)) };
}
