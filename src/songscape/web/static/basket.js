// The playlist that is being made: tracks in order, locks, scores of transitions, repairs, undo, files.

import { arcChart } from "./arc.js";
import { button, el, svg } from "./dom.js";
import { FORMATS, download } from "./exports.js";
import { columnName, count, decimal, t } from "./texts.js";

const STEP = 10; // tracks that "more" adds
const MOST = 300;

export class Basket {
  constructor(page, holder) {
    Object.assign(this, { page, holder, past: [], arc: "free", length: 20, busy: false });
  }

  get items() {
    return this.page.store.values.basket;
  }

  get rows() {
    return this.items.map(({ row }) => row);
  }

  put(items, said = "") {
    this.past.push(this.items);
    if (this.past.length > 100) this.past.shift();
    this.page.store.set({ basket: items.slice(0, MOST) });
    if (said) this.page.say(said);
  }

  undo() {
    const before = this.past.pop();
    if (before) this.page.store.set({ basket: before });
  }

  add(rows, place = this.items.length) {
    const fresh = [...new Set(rows)].filter((row) => !this.rows.includes(row)).map((row) => ({ row, locked: false }));
    if (fresh.length === 0) return;
    this.put([...this.items.slice(0, place), ...fresh, ...this.items.slice(place)], t("added", { n: count(fresh.length) }));
  }

  remove(place) {
    this.put(this.items.filter((_, other) => other !== place));
  }

  move(place, target) {
    if (target < 0 || target >= this.items.length || place === target) return;
    const items = [...this.items];
    items.splice(target, 0, ...items.splice(place, 1));
    this.put(items);
  }

  lock(place) {
    this.put(this.items.map((item, other) => (other === place ? { ...item, locked: !item.locked } : item)));
  }

  // Run what takes a while; a fault becomes a sentence, and a second request waits for the first.
  async run(act) {
    if (this.busy || !this.page.isReady) return;
    this.busy = true;
    this.holder.classList.add("busy");
    await new Promise((resume) => setTimeout(resume, 10)); // lets the page show that it works
    try {
      await act();
    } catch (error) {
      this.page.say(error.message, true);
    } finally {
      this.busy = false;
      this.holder.classList.remove("busy");
    }
  }

  more(found) {
    if (found.length) this.add(found);
    else this.page.say(t("no_more"), true);
    this.page.showTab("basket");
  }

  grow(seeds) {
    return this.run(async () => {
      const taken = [...new Set([...this.rows, ...seeds])];
      const found = await this.page.engine.moreLike(seeds, STEP, this.page.filtered, taken, this.page.state.filters);
      this.more([...seeds, ...found]);
    });
  }

  fromRows(rows) {
    return this.run(async () => this.more(await this.page.engine.fromSelection(rows, this.length, this.rows)));
  }

  journey() {
    if (this.items.length < 2) return this.page.say(t("too_few"), true);
    return this.run(async () => {
      const [start, end] = [this.rows[0], this.rows.at(-1)];
      const rows = await this.page.engine.journey(start, end, this.length, this.page.filtered, this.page.state.filters);
      const locked = new Set(this.items.filter((item) => item.locked).map((item) => item.row));
      this.put(rows.map((row) => ({ row, locked: locked.has(row) })));
    });
  }

  order() {
    if (this.items.length < 3) return null;
    return this.run(async () => {
      const fixed = this.items.map((item, place) => (item.locked ? place : -1)).filter((place) => place >= 0);
      const locked = new Map(this.items.map((item) => [item.row, item.locked]));
      const rows = await this.page.engine.order(this.rows, fixed, this.arc);
      this.put(rows.map((row) => ({ row, locked: locked.get(row) ?? false })));
    });
  }

  save(format) {
    const { texts, tracks } = this.page;
    const value = (name, row) => tracks.column(name)?.at(row) ?? null;
    const items = this.rows.map((row) => ({
      title: texts.title(row),
      artists: texts.artists(row),
      album: texts.album(row),
      id: texts.id(row),
      year: value("year", row),
      seconds: value("duration", row),
    }));
    if (format === "uris" && !items.some((item) => item.id)) return this.page.say(t("no_ids"), true);
    return download(format, this.page.store.values.name || t("name_default"), items);
  }

  show() {
    const badge = document.getElementById("basket-size");
    badge.hidden = this.items.length === 0;
    badge.textContent = count(this.items.length);
    if (!this.page.isReady) return;
    const { prices } = this.page.engine;
    const steps = this.rows.slice(1).map((row, place) => prices.between(this.rows[place], row));
    const worst = steps.length ? steps.indexOf(Math.max(...steps)) : -1;
    const focused = document.activeElement?.id;
    this.holder.replaceChildren(
      ...[
        this.head(),
        this.items.length ? null : el("p", { class: "empty", text: t("basket_empty") }),
        el("ol", { class: "basket" }, this.items.flatMap((item, place) => [this.line(item, place), place < steps.length ? this.step(steps, place, worst) : null])),
        steps.length ? el("p", { class: "by", text: t("smoothness", { median: decimal(median(steps)), worst: decimal(Math.max(...steps)) }) }) : null,
        arcChart(this.page.tracks, this.rows, worst),
        this.foot(),
      ].filter(Boolean),
    );
    if (focused) document.getElementById(focused)?.focus();
    if (worst >= 0 && this.items.length > 2) this.repairs(worst);
  }

  head() {
    const name = el("input", { type: "text", id: "list-name", value: this.page.store.values.name, placeholder: t("name_default"), "aria-label": t("list_name"), maxlength: "200" });
    name.addEventListener("change", () => this.page.store.set({ name: name.value }));
    const length = el("input", { type: "number", id: "list-length", min: "2", max: "100", value: String(this.length) });
    length.addEventListener("change", () => (this.length = Math.min(Math.max(Math.round(Number(length.value)) || 20, 2), 100)));
    const arc = el("select", { id: "list-arc" }, ["free", "rising", "falling", "wave"].map((one) => el("option", { value: one, text: t(`arc_${one}`) })));
    arc.value = this.arc;
    arc.addEventListener("change", () => (this.arc = arc.value));
    return el("div", { class: "controls" },
      name,
      el("div", { class: "row" }, el("label", { class: "small" }, t("length"), length), el("label", { class: "small" }, t("arc"), arc)),
      el("div", { class: "row" },
        button(t("more_like"), () => this.grow(this.rows.slice(-5)), { id: "list-more", disabled: this.items.length === 0 }),
        button(t("order"), () => this.order(), { id: "list-order", disabled: this.items.length < 3 }),
        button(t("journey_short"), () => this.journey(), { id: "list-journey", title: t("journey"), disabled: this.items.length < 2 }),
        button(t("undo"), () => this.undo(), { id: "list-undo", disabled: this.past.length === 0 }),
        button(t("clear_basket"), () => this.put([]), { id: "list-clear", disabled: this.items.length === 0 }),
      ),
    );
  }

  line(item, place) {
    const { texts } = this.page;
    const title = texts.title(item.row) || "—";
    const line = el("li", { class: item.locked ? "entry locked" : "entry", draggable: "true" },
      el("span", { class: "number", text: String(place + 1) }),
      el("button", { type: "button", class: "track", dir: "auto", on: { click: () => this.page.openTrack(item.row, true) } }, el("span", { class: "name", text: title }), el("span", { class: "by", text: texts.artists(item.row).join(", ") })),
      el("span", { class: "acts" },
        this.act("↑", "up", place, () => this.move(place, place - 1)),
        this.act("↓", "down", place, () => this.move(place, place + 1)),
        this.act(lockSign(item.locked), item.locked ? "unlock" : "lock", place, () => this.lock(place)),
        this.act("×", "remove", place, () => this.remove(place)),
      ),
    );
    line.addEventListener("dragstart", (event) => event.dataTransfer.setData("text/plain", String(place)));
    line.addEventListener("dragover", (event) => event.preventDefault());
    line.addEventListener("drop", (event) => {
      event.preventDefault();
      const from = Number.parseInt(event.dataTransfer.getData("text/plain"), 10);
      if (from >= 0 && from < this.items.length) this.move(from, place);
    });
    line.addEventListener("pointerenter", () => this.page.mark([item.row]));
    line.addEventListener("pointerleave", () => this.page.mark([]));
    return line;
  }

  act(sign, key, place, run) {
    const title = this.page.texts.title(this.items[place].row);
    const press = button("", run, { class: "round", id: `${key === "unlock" ? "lock" : key}-${place}`, title: t(key), "aria-label": `${t(key)}: ${title}` });
    press.append(sign);
    return press;
  }

  step(steps, place, worst) {
    const [[part, weight]] = this.page.engine.prices.strongest(this.rows[place], this.rows[place + 1]);
    const reason = weight > 0.05 ? (part === "tags" ? columnName("genre") : columnName(part)) : "";
    const bar = el("span", { class: "meter" });
    bar.style.setProperty("--share", String(Math.min(steps[place] / 1.5, 1)));
    const isWorst = place === worst && steps.length > 1;
    return el("li", { class: isWorst ? "step worst" : "step", title: t("price_hint") }, bar, el("span", { class: "count", text: decimal(steps[place]) }), el("span", { class: "by", text: isWorst ? `${t("worst")}: ${reason}` : reason }), isWorst ? el("div", { id: "repairs" }) : null);
  }

  async repairs(place) {
    const asked = this.rows.join();
    const found = await this.page.engine.repairs(this.rows, place, 3, this.page.filtered, this.page.state.filters).catch(() => []);
    const holder = document.getElementById("repairs");
    if (!holder || !found.length || asked !== this.rows.join()) return;
    holder.replaceChildren(
      el("p", { class: "note", text: t("repair") }),
      ...found.map(({ row, price }) => el("button", { type: "button", class: "member", on: { click: () => this.add([row], place + 1) } }, el("span", { class: "name", dir: "auto", text: this.page.texts.line(row) }), el("span", { class: "count", text: decimal(price) }), el("span", { text: t("insert") }))),
    );
  }

  foot() {
    if (this.items.length === 0) return null;
    const path = el("input", { type: "checkbox", id: "list-path" });
    path.checked = this.page.store.values.path;
    path.addEventListener("change", () => this.page.store.set({ path: path.checked }));
    const names = { uris: "Spotify URIs" };
    return el("div", { class: "controls" },
      el("label", { class: "small" }, path, t("path")),
      el("div", { class: "row", role: "group", "aria-label": t("export") }, el("span", { class: "by", text: t("export") }), FORMATS.map((format) => button(names[format] ?? format.toUpperCase(), () => this.save(format), { id: `save-${format}` }))),
      this.page.engine.offline ? el("p", { class: "note" }, t("limits_offline"), " ", el("code", { text: "songscape serve atlas/" })) : null,
    );
  }
}

function lockSign(isLocked) {
  const bow = isLocked ? "M4 8V5a3.5 3.5 0 0 1 7 0v3" : "M4 8V5a3.5 3.5 0 0 1 6.8-1";
  return svg("svg", { viewBox: "0 0 15 17", "aria-hidden": "true" }, svg("path", { d: bow }), svg("rect", { x: 2.5, y: 8, width: 10, height: 7, rx: 1.5 }));
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1];
}
