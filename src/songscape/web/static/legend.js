// The legend: classes of the column in color, with counts; a click isolates them.

import { button, el } from "./dom.js";
import { count, t } from "./texts.js";

const SHOWN = 14;

export class Legend {
  // `isolate(places)` is called with the classes that shall stay lit.
  constructor(holder, isolate) {
    this.holder = holder;
    this.isolate = isolate;
    this.all = false;
  }

  show(coloring, isolated, litCounts) {
    const rows = coloring.column.kind === "group" ? [...coloring.rows].sort((a, b) => b.count - a.count) : coloring.rows;
    const shown = this.all ? rows : rows.slice(0, SHOWN);
    const focused = document.activeElement?.dataset?.place;
    const items = shown.map((row) => this.item(row, isolated, litCounts));
    const more =
      rows.length > SHOWN
        ? button(this.all ? t("fewer") : t("all_of", { n: count(rows.length) }), () => {
            this.all = !this.all;
            this.show(coloring, isolated, litCounts);
          }, { class: "link" })
        : null;
    const clear = isolated.length ? button(t("show_all"), () => this.isolate([]), { class: "link" }) : null;
    this.holder.replaceChildren(el("ul", { class: "legend", "aria-label": t("legend") }, items), el("div", { class: "row" }, more, clear));
    if (focused !== undefined) this.holder.querySelector(`[data-place="${focused}"]`)?.focus();
  }

  item(row, isolated, litCounts) {
    const on = isolated.length === 0 || isolated.includes(row.place);
    const swatch = el("span", { class: "swatch" });
    swatch.style.background = row.color;
    const shown = count(litCounts[row.place]);
    const press = el(
      "button",
      {
        type: "button",
        class: on ? "item" : "item off",
        "aria-pressed": String(isolated.includes(row.place)),
        "data-place": row.place,
        title: t("isolate_hint", { label: row.label, n: shown, all: count(row.count) }),
        on: { click: (event) => this.isolate(toggled(isolated, row.place, event.shiftKey || event.ctrlKey || event.metaKey)) },
      },
      swatch,
      el("span", { class: "name", text: row.label, dir: "auto" }),
      el("span", { class: "count", text: shown }),
    );
    return el("li", {}, press);
  }
}

// With a key held several classes can be isolated; a second click shows all again.
function toggled(isolated, place, several) {
  if (isolated.includes(place)) return isolated.filter((one) => one !== place);
  return several ? [...isolated, place].sort((a, b) => a - b) : [place];
}

