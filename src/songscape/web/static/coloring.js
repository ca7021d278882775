// A column → classes with colors and counts: what the legend lists and the points wear.

import { FAINT, GREY, SERIES, channels, ramp, rampOf } from "./palette.js";

const MOST_CATEGORIES = 10; // the others are one class
const PLAIN_STEPS = [1, 2, 5, 10];

// Bounds of about ten classes with round steps over the middle 96 % of the values.
export function roundBounds(low, high, about = 10) {
  if (!(high > low)) return [];
  const rough = (high - low) / about;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * PLAIN_STEPS.find((one) => one * power >= rough * 0.999);
  const bounds = [];
  for (let bound = Math.ceil(low / step + 1e-6) * step; bound < high - 1e-9 * step; bound += step) bounds.push(+bound.toPrecision(10));
  return bounds;
}

function numberClasses(column, mode, format) {
  const [low, high] = column.name === "silhouette" ? [-0.5, 0.5] : column.quantiles([0.02, 0.98]);
  const bounds = roundBounds(low, high);
  const colors = ramp(rampOf(column.name), mode, bounds.length + 1);
  const classOf = new Uint16Array(column.size);
  for (let code = 0; code < column.size; code++) {
    const value = column.low + code * column.step + 1e-9;
    classOf[code] = bounds.filter((bound) => bound <= value).length;
  }
  const labels = colors.map((_, place) => {
    if (bounds.length === 0) return format(low);
    if (place === 0) return `< ${format(bounds[0])}`;
    return place === bounds.length ? `≥ ${format(bounds[place - 1])}` : `${format(bounds[place - 1])} – ${format(bounds[place])}`;
  });
  return { classOf, labels, colors, shades: colors.map((_, place) => place) };
}

function categoryClasses(column, mode, words) {
  const cut = column.size > 12 ? MOST_CATEGORIES : column.size;
  const classOf = Uint16Array.from({ length: column.size }, (_, code) => Math.min(code, cut));
  const labels = column.values.slice(0, cut).map((value) => words(column.name, value));
  const colors = SERIES[mode].slice(0, cut);
  if (cut < column.size) {
    labels.push(words("", "other"));
    colors.push(GREY[mode]);
  }
  return { classOf, labels, colors, shades: colors.map((_, place) => place) };
}

function groupClasses(column, scale, mode) {
  return {
    classOf: Uint16Array.from({ length: column.size }, (_, code) => code),
    labels: column.values,
    colors: scale.colors.map((place) => SERIES[mode][place]),
    shades: scale.colors,
    palette: SERIES[mode],
  };
}

// Everything that legend and renderer need. `words(column, value)` names a category, `format` a number.
export function colorBy(tracks, column, mode, words, format) {
  const made =
    column.kind === "group"
      ? groupClasses(column, tracks.scale(column.scale), mode)
      : column.isNumber
        ? numberClasses(column, mode, (value) => format(column.name, value))
        : categoryClasses(column, mode, words);
  const unknown = made.labels.length;
  const hidden = 254; // the place of faint grey in the palette
  const classes = new Uint16Array(tracks.n);
  const shades = new Uint8Array(tracks.n);
  for (let row = 0; row < tracks.n; row++) {
    const code = column.codes[row];
    const one = code === column.unknown ? unknown : made.classOf[code];
    classes[row] = one;
    shades[row] = one === unknown ? hidden : made.shades[one];
  }
  const counts = new Uint32Array(unknown + 1);
  for (let row = 0; row < tracks.n; row++) counts[classes[row]]++;
  const rows = made.labels.map((label, place) => ({ place, label, color: made.colors[place], count: counts[place] }));
  const rest = column.kind === "group" ? "outside" : "unknown";
  if (counts[unknown]) rows.push({ place: unknown, label: words("", rest), color: FAINT[mode], count: counts[unknown] });
  const palette = (made.palette ?? made.colors).map(channels);
  palette[254] = channels(FAINT[mode]);
  return { column, classes, shades, rows, palette };
}
