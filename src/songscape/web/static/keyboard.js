// Keys for everything, and the help that lists them.

import { button, byId, el } from "./dom.js";
import { t } from "./texts.js";

const PAN = 70; // pixels

const KEYS = [
  ["/", "key_search"],
  ["← ↑ → ↓", "key_arrows"],
  ["+  −  0", "key_zoom"],
  ["Enter", "key_nearest"],
  ["N", "key_next"],
  ["A", "key_basket"],
  ["L  R  M", "key_lasso"],
  ["V", "key_view"],
  ["G", "key_group"],
  ["C", "key_color"],
  ["F", "key_filters"],
  ["D", "key_density"],
  ["Ctrl Z", "key_undo"],
  ["Esc", "key_escape"],
  ["?", "key_help"],
];

export function showHelp() {
  const dialog = byId("help");
  dialog.replaceChildren(
    el("h2", { id: "help-title", text: t("help") }),
    el("p", { text: t("help_map") }),
    el("h3", { text: t("help_keys") }),
    el("dl", { class: "keys" }, KEYS.flatMap(([key, told]) => [el("dt", {}, key.split("  ").map((one) => el("kbd", { text: one }))), el("dd", { text: t(told) })])),
    button(t("close"), () => dialog.close(), { class: "primary" }),
  );
  dialog.showModal();
}

function isTyping(node) {
  return ["INPUT", "SELECT", "TEXTAREA"].includes(node?.tagName) && !["checkbox", "button"].includes(node.type);
}

export function listenToKeys(page) {
  const acts = plainKeys(page);
  addEventListener("keydown", (event) => {
    if (byId("help").open) return;
    if ((event.ctrlKey || event.metaKey) && event.code === "KeyZ" && !isTyping(event.target)) {
      event.preventDefault();
      page.basket.undo();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") return escape(page, event);
    if (isTyping(event.target)) return;
    const onMap = event.target === document.body || event.target.id === "map";
    const name = /^Key[A-Z]$/.test(event.code) ? event.code : event.key; // letters by place: any keyboard layout
    const act = acts[name] ?? (onMap ? acts.onMap[event.key] : null);
    if (!act) return tabKeys(page, event);
    event.preventDefault();
    act();
  });
}

function plainKeys(page) {
  const { camera } = page.map ?? { camera: null };
  const pan = (right, down) => () => camera?.pan(right, down);
  const center = () => page.map?.pick(camera.width / 2, camera.height / 2) ?? -1;
  const seen = new Set();
  return {
    "/": () => byId("search").select() ?? byId("search").focus(),
    "?": () => showHelp(),
    "+": () => camera?.zoomAt(1.6),
    "=": () => camera?.zoomAt(1.6),
    "-": () => camera?.zoomAt(1 / 1.6),
    "0": () => camera?.fly(0.5, 0.5, 1),
    KeyA: () => page.state.open?.kind === "track" && page.basket.add([page.state.open.row]),
    KeyL: () => page.useTool("lasso"),
    KeyR: () => page.useTool("rectangle"),
    KeyM: () => page.useTool("pan"),
    KeyC: () => byId("color").focus(),
    KeyF: () => document.querySelector("#filters summary")?.focus(),
    KeyD: () => page.store.set({ heat: !page.state.heat }),
    KeyV: () => page.map && page.select({ kind: "lasso", polygon: page.map.seen() }),
    KeyG: () => selectGroup(page),
    KeyN: () => openNext(page, seen),
    onMap: {
      ArrowLeft: pan(PAN, 0),
      ArrowRight: pan(-PAN, 0),
      ArrowUp: pan(0, PAN),
      ArrowDown: pan(0, -PAN),
      Enter: () => {
        const row = center() >= 0 ? center() : nearestToCenter(page);
        if (row >= 0) page.openTrack(row);
      },
    },
  };
}

function nearestToCenter(page) {
  const { camera, grid, lit } = page.map;
  for (let reach = 0.01; reach < 2; reach *= 2) {
    const row = grid.nearest(camera.x, camera.y, reach, lit);
    if (row >= 0) return row;
  }
  return -1;
}

function selectGroup(page) {
  const { open } = page.state;
  if (open?.kind === "group") return page.select({ kind: "group", scale: open.scale, number: open.number });
  const row = open?.kind === "track" ? open.row : page.map ? nearestToCenter(page) : -1;
  const number = row >= 0 ? page.tracks.group("coarse", row) : -1;
  return number >= 0 ? page.openGroup("coarse", number) : null;
}

// Open the nearest track in sound that was not opened before.
async function openNext(page, seen) {
  const { open } = page.state;
  if (open?.kind !== "track") {
    const row = page.map ? nearestToCenter(page) : 0;
    if (row >= 0) page.openTrack(row);
    return;
  }
  seen.add(open.row);
  const rows = await page.engine.neighbors(open.row);
  const next = rows.find((row) => !seen.has(row));
  if (next !== undefined) page.openTrack(next, true);
}

function escape(page, event) {
  if (event.target.id === "search") return page.searchBox.close();
  if (page.state.open) return page.store.set({ open: null });
  if (page.state.selection) return page.select(null);
  if (page.state.isolated.length) return page.store.set({ isolated: [] });
  return byId("map").focus();
}

// Arrows move between tabs, as screen readers expect.
function tabKeys(page, event) {
  if (event.target.getAttribute?.("role") !== "tab" || !["ArrowLeft", "ArrowRight"].includes(event.key)) return;
  const tabs = [...document.querySelectorAll("[role=tab]")];
  const step = event.key === "ArrowRight" ? 1 : tabs.length - 1;
  const next = tabs[(tabs.indexOf(event.target) + step) % tabs.length];
  page.showTab(next.getAttribute("aria-controls"));
  next.focus();
}
