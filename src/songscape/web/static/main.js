// The page: reads the data, draws the points first, and joins the parts.

import { Basket } from "./basket.js";
import { groupCard, hoverCard, rowsOfGroup, trackCard, welcomeCard } from "./cards.js";
import { chosenPanel } from "./chosen.js";
import { colorBy } from "./coloring.js";
import { Tracks } from "./columns.js";
import { loadAbout, loadPoints, loadText } from "./data.js";
import { byId, later } from "./dom.js";
import { Engine } from "./engine.js";
import { Filters, filterMask } from "./filters.js";
import { listenToKeys, showHelp } from "./keyboard.js";
import { Legend } from "./legend.js";
import { MapView } from "./map.js";
import { DIMMED, channels } from "./palette.js";
import { SearchBox } from "./searchbox.js";
import { ANY_ROW, Store, ofAddress, rowsIn, toAddress, withRows } from "./store.js";
import { columnName, count, currentLanguage, format, groupName, setLanguage, t, valueName, writeTexts } from "./texts.js";

const LONG_ADDRESS = 250; // milliseconds after the last change

class Page {
  constructor(tracks) {
    this.tracks = tracks;
    this.store = new Store();
    this.filtered = new Uint8Array(tracks.n).fill(1); // passes the filters
    this.lit = new Uint8Array(tracks.n).fill(1); // and the legend and the selection
    this.rows = []; // of the selection
    this.isReady = false; // whether titles are there
    this.engine = new Engine(tracks);
    this.basket = new Basket(this, byId("basket"));
  }

  get state() {
    return this.store.values;
  }

  // Everything that the first picture needs.
  begin() {
    this.restore(true);
    this.dress();
    this.map = this.makeMap();
    this.legend = new Legend(byId("legend"), (isolated) => this.store.set({ isolated }));
    this.filters = new Filters(byId("filters"), this.tracks, (filters) => this.store.set({ filters }));
    this.fillColors();
    this.color();
    this.goToView();
    this.map?.draw();
  }

  makeMap() {
    const on = {
      hover: (row, left, top, label) => this.hover(row, left, top, label),
      pick: (row) => (row >= 0 ? this.openTrack(row) : this.store.set({ open: null })),
      pickGroup: (label) => this.openGroup(label.scale, label.number),
      select: (polygon) => this.select({ kind: "lasso", polygon }),
      moved: later(() => this.keepView(), 200),
    };
    try {
      return new MapView(byId("map"), this.tracks, on);
    } catch (error) {
      this.fault = `${t("no_webgl")} (${error.message})`;
      return null;
    }
  }

  async restore(isFirst = false) {
    const found = ofAddress(location.hash, isFirst && !this.engine.offline ? ANY_ROW : this.nRows);
    if (!this.tracks.column(found.color)) found.color = null;
    const isUsable = ([name, wanted]) => this.tracks.column(name)?.isNumber === (typeof wanted[0] === "number");
    found.filters = Object.fromEntries(Object.entries(found.filters).filter(isUsable));
    const { scales } = this.tracks;
    const isGroup = ({ scale, number }) => number in (scales.find((one) => one.name === scale)?.names ?? []);
    if (found.open?.kind === "group" && !isGroup(found.open)) found.open = null;
    if (found.selection?.kind === "group" && !isGroup(found.selection)) found.selection = null;
    if (isFirst) Object.assign(this.store.values, found);
    else {
      await this.engine.known(rowsIn(found)).catch((error) => this.say(error.message, true));
      this.store.set(withRows(found, (row) => this.tracks.knows(row)));
      this.goToView();
      if (found.open) this.showTab("look");
    }
  }

  // How many tracks have a row: those on the map, and those of all parts behind them.
  get nRows() {
    return this.tracks.n + (this.about?.facts.n_parts_tracks ?? 0);
  }

  goToView() {
    const [x, y, zoom] = this.state.view ?? [0.5, 0.5, 1];
    this.map?.camera.set(x, y, zoom);
  }

  keepView() {
    if (!this.map || this.map.camera.flight) return;
    const { x, y, zoom } = this.map.camera;
    this.store.set({ view: [x, y, zoom].map((value) => +value.toPrecision(5)) });
  }

  get mode() {
    return this.state.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  }

  // Language and colors of the whole page.
  dress() {
    setLanguage(this.state.language ?? (navigator.language?.startsWith("ru") ? "ru" : "en"));
    document.documentElement.dataset.theme = this.mode;
    this.tracks.sayNames(groupName);
    this.map?.readNames();
    writeTexts(document);
    byId("language").textContent = currentLanguage() === "en" ? "Рус" : "Eng";
    byId("language").lang = currentLanguage() === "en" ? "ru" : "en";
    if (this.map) this.dressMap();
  }

  get title() {
    return this.about.facts.title || t("catalog");
  }

  showTitle() {
    byId("title").textContent = this.title;
    document.title = `${this.title} – Songscape`;
  }

  dressMap() {
    const style = getComputedStyle(document.documentElement);
    const color = (name) => style.getPropertyValue(name).trim();
    this.map.colors = { ink: color("--ink"), halo: color("--paper"), accent: color("--accent"), path: color("--path") };
    this.map.heatIsOld = true;
    this.map.redraw();
  }

  get columnShown() {
    return this.tracks.column(this.state.color ?? "group_coarse") ?? this.tracks.columns.values().next().value;
  }

  fillColors() {
    const options = [...this.tracks.columns.keys()].map((name) => new Option(columnName(name), name));
    byId("color").replaceChildren(...options);
    byId("color").value = this.columnShown.name;
  }

  color() {
    this.coloring = colorBy(this.tracks, this.columnShown, this.mode, valueName, format);
    byId("color").value = this.columnShown.name;
    if (this.map) this.dressMap();
    this.light();
  }

  // Which points are lit: what passes filters, legend and selection.
  light() {
    const { filters, isolated, selection } = this.state;
    filterMask(this.tracks, filters, this.filtered);
    const { classes, rows } = this.coloring;
    if (isolated.length) {
      const wanted = new Uint8Array(65536);
      for (const place of isolated) wanted[place] = 1;
      for (let row = 0; row < this.tracks.n; row++) if (!wanted[classes[row]]) this.filtered[row] = 0;
    }
    this.rows = this.rowsOf(selection);
    this.lit.set(this.filtered);
    if (selection && selection.kind !== "lit") {
      const inside = new Uint8Array(this.tracks.n);
      for (const row of this.rows) inside[row] = 1;
      for (let row = 0; row < this.tracks.n; row++) this.lit[row] &= inside[row];
    }
    const litCounts = new Uint32Array(rows.length + 2);
    let nLit = 0;
    for (let row = 0; row < this.tracks.n; row++) {
      litCounts[classes[row]] += this.lit[row];
      nLit += this.lit[row];
    }
    this.map?.setLooks(this.coloring.shades, this.lit, this.coloring.palette, channels(DIMMED[this.mode]));
    this.legend.show(this.coloring, isolated, litCounts);
    byId("left-of").textContent = t("left_of", { n: count(nLit), all: count(this.tracks.n) });
    byId("clear-filters").hidden = Object.keys(filters).length === 0;
    if (this.isReady) this.filters.show(filters, this.filtered);
  }

  // The rows of a selection that pass the filters.
  rowsOf(selection) {
    if (!selection) return [];
    if (selection.kind === "group") return rowsOfGroup(this.tracks, selection.scale, selection.number).filter((row) => this.filtered[row]);
    if (selection.kind === "lasso") return this.map?.grid ? this.map.grid.inside(selection.polygon).filter((row) => this.filtered[row]) : [];
    const rows = [];
    this.filtered.forEach((lit, row) => lit && rows.push(row));
    return rows;
  }

  // What comes after the first picture: titles, cards, the engine.
  async finish() {
    this.map?.prepare();
    const [texts, about] = await Promise.all([loadText(), loadAbout()]);
    Object.assign(this, { texts, about });
    this.showTitle();
    await this.engine.load(texts);
    await this.engine.known(rowsIn(this.state).filter((row) => row < this.nRows)).catch((error) => (this.fault ??= error.message));
    Object.assign(this.state, withRows(this.state, (row) => this.tracks.knows(row)));
    this.isReady = true;
    this.searchBox = new SearchBox(this);
    this.say(this.fault ?? "", true);
    this.listen();
    this.light();
    this.showAll();
    if (this.state.basket.length) this.showTab("basket");
    if (this.state.selection) this.showTab("chosen");
    if (this.state.open) this.showTab("look");
    document.documentElement.dataset.ready = "";
  }

  listen() {
    const { store } = this;
    store.on(["color"], () => this.color());
    store.on(["filters", "isolated", "selection"], () => this.light());
    store.on(["selection", "filters", "isolated"], () => this.showChosen());
    store.on(["open"], () => this.showLook());
    store.on(["basket", "path"], () => this.showBasket());
    store.on(["heat", "labels"], () => this.showLayers());
    store.on(["language", "theme"], () => this.redress());
    store.on(Object.keys(store.values), later(() => this.writeAddress(), LONG_ADDRESS));
    addEventListener("hashchange", () => location.hash.slice(1) !== this.address && this.restore());
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.redress());
    byId("color").addEventListener("change", (event) => store.set({ color: event.target.value, isolated: [] }));
    byId("heat").addEventListener("click", () => store.set({ heat: !this.state.heat }));
    byId("labels").addEventListener("click", () => store.set({ labels: !this.state.labels }));
    byId("language").addEventListener("click", () => store.set({ language: currentLanguage() === "en" ? "ru" : "en" }));
    byId("theme").addEventListener("click", () => store.set({ theme: this.mode === "dark" ? "light" : "dark" }));
    byId("clear-filters").addEventListener("click", () => store.set({ filters: {} }));
    byId("help-open").addEventListener("click", () => showHelp());
    byId("zoom-in").addEventListener("click", () => this.map?.camera.zoomAt(1.6));
    byId("zoom-out").addEventListener("click", () => this.map?.camera.zoomAt(1 / 1.6));
    byId("zoom-all").addEventListener("click", () => this.map?.camera.fly(0.5, 0.5, 1));
    for (const tool of ["pan", "lasso", "rectangle"]) byId(`tool-${tool}`).addEventListener("click", () => this.useTool(tool));
    for (const tab of document.querySelectorAll("[role=tab]")) tab.addEventListener("click", () => this.showTab(tab.getAttribute("aria-controls")));
    listenToKeys(this);
  }

  writeAddress() {
    this.address = toAddress(this.state);
    history.replaceState(null, "", `#${this.address}`);
  }

  redress() {
    this.dress();
    this.showTitle();
    this.fillColors();
    this.color();
    this.showAll();
  }

  showAll() {
    this.showLook();
    this.showChosen();
    this.showBasket();
    this.showLayers();
  }

  showLayers() {
    byId("heat").setAttribute("aria-pressed", String(this.state.heat));
    byId("labels").setAttribute("aria-pressed", String(this.state.labels));
    if (!this.map) return;
    this.map.showHeat = this.state.heat;
    this.map.showLabels = this.state.labels;
    this.map.redraw();
  }

  showLook() {
    const { open } = this.state;
    byId("tab-look").textContent = t(open?.kind === "group" ? "group" : "track");
    if (open?.kind === "track") byId("look").replaceChildren(...trackCard(this, open.row).filter(Boolean));
    else if (open) byId("look").replaceChildren(...groupCard(this, open.scale, open.number));
    else byId("look").replaceChildren(...welcomeCard(this));
    this.mark([]);
  }

  // A well-known track, another one each time.
  surprise() {
    const popularity = this.tracks.column("popularity");
    let best = -1;
    for (let tries = 0; tries < 200; tries++) {
      const row = Math.floor(Math.random() * this.tracks.n);
      const weight = (one) => (popularity?.isKnown(one) ? popularity.codes[one] : 0);
      if (this.lit[row] && (best < 0 || weight(row) > weight(best))) best = row;
    }
    if (best >= 0) this.openTrack(best, true);
  }

  help() {
    showHelp();
  }

  showChosen() {
    byId("chosen").replaceChildren(...chosenPanel(this, this.rows).filter(Boolean));
  }

  showBasket() {
    this.basket.show();
    if (!this.map) return;
    this.map.path = this.state.path ? this.basket.rows : [];
    this.map.redrawOver();
  }

  showTab(name) {
    for (const tab of document.querySelectorAll("[role=tab]")) {
      const isShown = tab.getAttribute("aria-controls") === name;
      tab.setAttribute("aria-selected", String(isShown));
      tab.tabIndex = isShown ? 0 : -1;
      byId(tab.getAttribute("aria-controls")).hidden = !isShown;
    }
  }

  useTool(tool) {
    if (this.map) this.map.tool = tool;
    byId("map").dataset.tool = tool;
    for (const one of ["pan", "lasso", "rectangle"]) byId(`tool-${one}`).setAttribute("aria-pressed", String(one === tool));
  }

  openTrack(row, fly = false) {
    this.store.set({ open: { kind: "track", row } });
    this.showTab("look");
    if (fly) this.map?.flyTo(row, 6);
  }

  openGroup(scale, number) {
    this.store.set({ open: { kind: "group", scale, number } });
    this.showTab("look");
  }

  select(selection) {
    this.store.set({ selection });
    if (selection) this.showTab("chosen");
  }

  // Ring some rows; the open track has one anyway.
  mark(rows) {
    if (!this.map) return;
    const { open } = this.state;
    const marks = rows.map((row) => ({ row, strong: false }));
    if (open?.kind === "track") marks.unshift({ row: open.row, strong: true });
    this.map.marks = marks;
    this.map.redrawOver();
  }

  hover(row, left, top, label = null) {
    const card = byId("hover");
    byId("map").dataset.over = label ? "group" : row >= 0 ? "track" : "";
    if (row === this.hovered && row >= 0) return this.placeCard(card, left, top);
    this.hovered = row;
    card.hidden = row < 0 || !this.isReady || label !== null;
    if (this.isReady) this.mark(row >= 0 && !label ? [row] : []);
    if (card.hidden) return null;
    card.replaceChildren(...hoverCard(this, row));
    return this.placeCard(card, left, top);
  }

  placeCard(card, left, top) {
    const { width, height } = this.map.camera;
    card.style.left = `${Math.min(left + 14, width - card.offsetWidth - 6)}px`;
    card.style.top = `${top + 16 + card.offsetHeight > height ? top - card.offsetHeight - 10 : top + 16}px`;
  }

  // A sentence on the map; it goes after a while unless it is to stay.
  say(text, stays = false) {
    clearTimeout(this.silence);
    byId("note").textContent = text;
    if (text && !(stays && this.fault)) this.silence = setTimeout(() => (byId("note").textContent = this.fault ?? ""), stays ? 8000 : 3500);
  }
}

async function main() {
  setLanguage(navigator.language?.startsWith("ru") ? "ru" : "en");
  writeTexts(document);
  try {
    const page = new Page(new Tracks(await loadPoints()));
    page.begin();
    await nextFrame();
    await nextFrame(); // the first one has been shown
    document.documentElement.dataset.drawn = "";
    performance.mark("first-picture");
    await page.finish();
  } catch (error) {
    failed(error);
  }
}

function nextFrame() {
  return new Promise((resume) => requestAnimationFrame(resume));
}

function failed(error) {
  byId("note").textContent = t("failed_data", { reason: error.message });
  document.documentElement.dataset.failed = "";
}

main();
