// Colors that people with any color vision can tell apart, for light and for dark.

export const SERIES = {
  light: ["#0072b2", "#e69f00", "#009e73", "#aa3377", "#66ccee", "#d55e00", "#332288", "#bb66ff", "#666633", "#ddcc77", "#663333", "#222255"],
  dark: ["#a5d4ff", "#f2d241", "#34c088", "#d97cb4", "#c8fffc", "#e87438", "#7a5dff", "#8fa8ff", "#dee685", "#f6ffce", "#b75843", "#5569c6"],
};

// Lightness falls (light) or rises (dark) all the way, so that a ramp reads without any hue.
const RAMPS = {
  amount: {
    light: ["#e9b949", "#d9743f", "#a8385f", "#622a76", "#1d1147"],
    dark: ["#43389a", "#94409b", "#e25e62", "#fbb561", "#fcfdbf"],
  },
  balance: {
    light: ["#0a4680", "#4b86bd", "#b9c0c8", "#d07a35", "#8f3800"],
    dark: ["#6dbcff", "#4c83b5", "#5a636d", "#c0713a", "#ffa45c"],
  },
  trust: {
    light: ["#a52a00", "#e08a3c", "#c8c4b4", "#5f9cc9", "#0a4680"],
    dark: ["#ff7a3c", "#c98a4f", "#6b6f73", "#4c8fc4", "#8fd0ff"],
  },
};

export const GREY = { light: "#b3bac2", dark: "#59626c" };
export const FAINT = { light: "#cfd5dc", dark: "#414a54" }; // of what is unknown
export const DIMMED = { light: "#dfe3e8", dark: "#2b323a" };

export function channels(color) {
  return [1, 3, 5].map((place) => parseInt(color.slice(place, place + 2), 16));
}

// `n` colors along a ramp.
export function ramp(name, mode, n) {
  const stops = RAMPS[name][mode].map(channels);
  const found = [];
  for (let i = 0; i < n; i++) {
    const place = n === 1 ? stops.length - 1 : (i / (n - 1)) * (stops.length - 1);
    const low = Math.min(Math.floor(place), stops.length - 2);
    const mixed = stops[low].map((value, channel) => Math.round(value + (place - low) * (stops[low + 1][channel] - value)));
    found.push(`#${mixed.map((value) => value.toString(16).padStart(2, "0")).join("")}`);
  }
  return found;
}

export function rampOf(columnName) {
  if (columnName === "silhouette") return "balance";
  return columnName.startsWith("map_") ? "trust" : "amount";
}
