// The arc of a playlist: energy, positiveness and tempo from track to track, as lines over ranks.

import { el, svg } from "./dom.js";
import { columnName, format } from "./texts.js";

const [WIDTH, HEIGHT, EDGE] = [300, 96, 6];
const LINES = ["energy", "positiveness", "tempo"];
const DASHES = ["", "5 3", "1.5 3"]; // told apart without color, too

export function arcChart(tracks, rows, worst) {
  const known = LINES.filter((name) => tracks.column(name));
  if (rows.length < 2 || known.length === 0) return null;
  const x = (place) => EDGE + (place * (WIDTH - 2 * EDGE)) / (rows.length - 1);
  const y = (rank) => HEIGHT - EDGE - rank * (HEIGHT - 2 * EDGE);
  const band = worst >= 0 ? svg("rect", { class: "worst", x: x(worst), y: 0, width: x(worst + 1) - x(worst), height: HEIGHT }) : null;
  const lines = known.map((name, number) => {
    const column = tracks.column(name);
    const spots = rows.map((row, place) => [x(place), column.rank(row)]).filter(([, rank]) => !Number.isNaN(rank)).map(([left, rank]) => `${left.toFixed(1)},${y(rank).toFixed(1)}`);
    return svg("polyline", { points: spots.join(" "), class: `arc-${number}`, "stroke-dasharray": DASHES[LINES.indexOf(name)] });
  });
  const told = known.map((name) => `${columnName(name)}: ${rows.map((row) => format(name, tracks.column(name).at(row))).join(", ")}`).join(". ");
  const chart = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "arc", role: "img", "aria-label": told }, band, lines);
  const key = known.map((name, number) => el("span", {}, svg("svg", { viewBox: "0 0 22 8", "aria-hidden": "true" }, svg("line", { x1: 0, x2: 22, y1: 4, y2: 4, class: `arc-${number}`, "stroke-dasharray": DASHES[LINES.indexOf(name)] })), columnName(name)));
  return el("figure", { class: "arc" }, chart, el("figcaption", {}, key));
}
