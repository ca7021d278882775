// The search field with its list of results, as a combobox.

import { byId, el, later } from "./dom.js";
import { SearchIndex } from "./search.js";
import { count, format, t } from "./texts.js";

const SHOWN = 12;

export class SearchBox {
  constructor(page) {
    this.page = page;
    this.index = page.engine.offline ? new SearchIndex(page.texts) : null;
    this.input = byId("search");
    this.list = byId("results");
    this.rows = [];
    this.active = -1;
    this.asked = 0;
    this.answered = ""; // the query that the list answers
    this.entered = null; // the query that Enter was pressed for, before its answer
    // A choice made meanwhile has taken the focus away: its list stays closed.
    this.input.addEventListener("input", later(() => document.activeElement === this.input && this.search(), 60));
    this.input.addEventListener("focus", () => this.input.value && this.search());
    this.input.addEventListener("keydown", (event) => this.key(event));
    document.addEventListener("pointerdown", (event) => event.target.closest(".search") || this.close());
  }

  async search() {
    const query = this.input.value.trim();
    const mine = ++this.asked;
    if (!query) return this.close();
    const popularity = this.page.tracks.column("popularity");
    const weight = (row) => (popularity?.isKnown(row) ? popularity.codes[row] / popularity.size : 0);
    let rows;
    try {
      rows = await this.page.engine.search(query, SHOWN, this.index, weight);
    } catch (error) {
      return this.page.say(error.message, true);
    }
    if (mine !== this.asked) return null; // a later letter has been typed
    this.answered = query;
    this.show(rows);
    return this.entered === query && this.choose(this.active);
  }

  // Enter, pressed before the letters typed last are answered, counts when the answer comes.
  enter() {
    const query = this.input.value.trim();
    if (this.answered === query && !this.list.hidden) return this.choose(this.active);
    this.entered = query;
    return this.search();
  }

  show(rows) {
    this.rows = rows;
    this.active = rows.length ? 0 : -1;
    const year = this.page.tracks.column("year");
    const items = rows.map((row, place) =>
      el("li", { role: "option", id: `result-${place}`, "aria-selected": String(place === 0), dir: "auto", on: { click: () => this.choose(place), pointerenter: () => this.point(place) } },
        el("span", { class: "name", text: this.page.texts.title(row) || "—" }),
        el("span", { class: "by", text: [this.page.texts.artists(row).join(", "), year?.isKnown(row) && format("year", year.at(row))].filter(Boolean).join(" · ") }),
      ),
    );
    this.list.replaceChildren(...(items.length ? items : [el("li", { class: "empty", text: t("nothing_found") })]));
    this.list.dataset.query = this.answered;
    this.list.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
    this.point(this.active);
    this.input.title = t("searched", { n: count(rows.length) });
  }

  point(place) {
    this.active = place;
    [...this.list.children].forEach((item, other) => item.setAttribute("aria-selected", String(other === place)));
    if (place >= 0) {
      this.input.setAttribute("aria-activedescendant", `result-${place}`);
      this.list.children[place]?.scrollIntoView({ block: "nearest" });
      this.page.mark([this.rows[place]]);
    } else this.input.removeAttribute("aria-activedescendant");
  }

  key(event) {
    const { length } = this.rows;
    if (event.key === "Enter") this.enter();
    else if (event.key === "ArrowDown" && length) this.point((this.active + 1) % length);
    else if (event.key === "ArrowUp" && length) this.point((this.active + length - 1) % length);
    else return;
    event.preventDefault();
  }

  choose(place) {
    if (place < 0) return;
    const row = this.rows[place];
    this.close();
    byId("map").focus();
    this.page.openTrack(row, true);
  }

  close() {
    this.asked++;
    this.entered = null;
    this.list.hidden = true;
    this.rows = [];
    this.active = -1;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
    this.page.mark([]);
  }
}
