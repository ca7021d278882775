// Density of the lit points: a heat layer with contour lines, in map coordinates.

const CELLS = 256; // on each axis of the map
const EDGE = 16; // cells around it, where what is smoothed fades away
const SIDE = CELLS + 2 * EDGE;
const SPAN = SIDE / CELLS;
const LEVELS = [0.06, 0.15, 0.3, 0.5, 0.75];

// Counts on a grid, smoothed three times with a box, which comes near to a Gaussian; the 99.5 % quantile becomes 1.
export function densityOf(tracks, lit) {
  let grid = new Float32Array(SIDE * SIDE);
  const cell = 65536 / CELLS;
  for (let row = 0; row < tracks.n; row++) {
    if (lit[row]) grid[(((tracks.y[row] / cell) | 0) + EDGE) * SIDE + ((tracks.x[row] / cell) | 0) + EDGE]++;
  }
  for (let times = 0; times < 3; times++) grid = smoothed(smoothed(grid, 1, SIDE), SIDE, 1);
  const filled = grid.filter((value) => value > 0).sort();
  const top = filled.length ? filled[Math.floor(filled.length * 0.995)] : 1;
  return grid.map((value) => Math.min(Math.sqrt(value / top), 1));
}

function smoothed(grid, along, across) {
  const reach = 2;
  const found = new Float32Array(grid.length);
  for (let line = 0; line < SIDE; line++) {
    let sum = 0;
    for (let i = -reach; i < SIDE + reach; i++) {
      if (i + reach < SIDE) sum += grid[line * across + (i + reach) * along];
      if (i - reach - 1 >= 0) sum -= grid[line * across + (i - reach - 1) * along];
      if (i >= 0 && i < SIDE) found[line * across + i * along] = Math.max(sum, 0) / (2 * reach + 1);
    }
  }
  return found;
}

// Line pieces of the contour of one level, by marching squares: [x0, y0, x1, y1, …] in map coordinates.
export function contour(grid, level) {
  const pieces = [];
  const between = (a, b) => (level - a) / (b - a);
  for (let j = 0; j + 1 < SIDE; j++) {
    for (let i = 0; i + 1 < SIDE; i++) {
      const [a, b, c, d] = [grid[j * SIDE + i], grid[j * SIDE + i + 1], grid[(j + 1) * SIDE + i + 1], grid[(j + 1) * SIDE + i]];
      const cuts = [];
      if (a > level !== b > level) cuts.push([i + between(a, b), j]);
      if (b > level !== c > level) cuts.push([i + 1, j + between(b, c)]);
      if (d > level !== c > level) cuts.push([i + between(d, c), j + 1]);
      if (a > level !== d > level) cuts.push([i, j + between(a, d)]);
      for (let k = 0; k + 1 < cuts.length; k += 2) {
        pieces.push(...[...cuts[k], ...cuts[k + 1]].map((value) => (value + 0.5 - EDGE) / CELLS));
      }
    }
  }
  return Float32Array.from(pieces);
}

export class Heat {
  constructor(tracks) {
    this.tracks = tracks;
    this.canvas = document.createElement("canvas");
    this.canvas.width = this.canvas.height = SIDE;
    this.contours = [];
  }

  update(lit, color) {
    const grid = densityOf(this.tracks, lit);
    const context = this.canvas.getContext("2d");
    const image = context.createImageData(SIDE, SIDE);
    for (let j = 0; j < SIDE; j++) {
      for (let i = 0; i < SIDE; i++) {
        const level = grid[(SIDE - 1 - j) * SIDE + i]; // pictures grow downwards
        image.data.set([...color, Math.round(level > 0.03 ? 150 * level : 0)], 4 * (j * SIDE + i));
      }
    }
    context.putImageData(image, 0, 0);
    this.contours = LEVELS.map((level) => contour(grid, level));
  }

  drawFill(context, camera) {
    const [left, top] = camera.toScreen(-EDGE / CELLS, 1 + EDGE / CELLS);
    context.imageSmoothingEnabled = true;
    context.imageSmoothingQuality = "high";
    context.drawImage(this.canvas, left, top, SPAN * camera.scale, SPAN * camera.scale);
  }

  drawLines(context, camera, color) {
    context.strokeStyle = color;
    this.contours.forEach((pieces, place) => {
      context.globalAlpha = 0.35 + 0.12 * place;
      context.lineWidth = 1;
      context.beginPath();
      for (let i = 0; i < pieces.length; i += 4) {
        context.moveTo(...camera.toScreen(pieces[i], pieces[i + 1]));
        context.lineTo(...camera.toScreen(pieces[i + 2], pieces[i + 3]));
      }
      context.stroke();
    });
    context.globalAlpha = 1;
  }
}
