// A grid over the map that finds the points of a place fast, and knows how dense they lie.

const SIDE = 256;
const TOP = 65536 / SIDE;
const COARSE = 64; // cells that tell how dense points lie

export class Grid {
  constructor(tracks) {
    const { x, y, n } = tracks;
    this.tracks = tracks;
    this.starts = new Uint32Array(SIDE * SIDE + 1);
    const cell = (row) => ((y[row] / TOP) | 0) * SIDE + ((x[row] / TOP) | 0);
    for (let row = 0; row < n; row++) this.starts[cell(row) + 1]++;
    for (let i = 0; i < SIDE * SIDE; i++) this.starts[i + 1] += this.starts[i];
    this.coarse = new Uint32Array(COARSE * COARSE);
    for (let row = 0; row < n; row++) this.coarse[(y[row] >> 10) * COARSE + (x[row] >> 10)]++;
    this.rows = new Uint32Array(n);
    const next = this.starts.slice();
    for (let row = 0; row < n; row++) this.rows[next[cell(row)]++] = row;
  }

  // Call `visit` with the rows of all cells that touch a box, in map coordinates.
  each(left, bottom, right, top, visit) {
    const [x0, y0, x1, y1] = [left, bottom, right, top].map((value) => Math.min(Math.max(Math.floor(value * SIDE), 0), SIDE - 1));
    for (let j = y0; j <= y1; j++) {
      for (let i = this.starts[j * SIDE + x0]; i < this.starts[j * SIDE + x1 + 1]; i++) visit(this.rows[i]);
    }
  }

  // The nearest point within a distance, a lit one before a grey one; −1 if there is none.
  nearest(x, y, reach, lit) {
    const { tracks } = this;
    let best = -1;
    let least = reach * reach;
    let bestLit = 0;
    this.each(x - reach, y - reach, x + reach, y + reach, (row) => {
      if (lit[row] < bestLit) return;
      const apart = (tracks.x[row] / 65535 - x) ** 2 + (tracks.y[row] / 65535 - y) ** 2;
      if (apart > reach * reach || (lit[row] === bestLit && apart >= least)) return;
      [best, least, bestLit] = [row, apart, lit[row]];
    });
    return best;
  }

  // How many points a box holds, and how many coarse cells of it hold any.
  crowd(left, bottom, right, top) {
    const [x0, y0, x1, y1] = [left, bottom, right, top].map((value) => Math.min(Math.max(Math.floor(value * COARSE), 0), COARSE - 1));
    let points = 0;
    let cells = 0;
    for (let j = y0; j <= y1; j++) {
      for (let i = x0; i <= x1; i++) {
        points += this.coarse[j * COARSE + i];
        if (this.coarse[j * COARSE + i]) cells++;
      }
    }
    return { points, cells };
  }

  // Rows inside a polygon of map coordinates.
  inside(polygon) {
    const xs = polygon.map((point) => point[0]);
    const ys = polygon.map((point) => point[1]);
    const found = [];
    this.each(Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys), (row) => {
      if (isInside(this.tracks.x[row] / 65535, this.tracks.y[row] / 65535, xs, ys)) found.push(row);
    });
    return found;
  }
}

export function isInside(x, y, xs, ys) {
  let inside = false;
  for (let i = 0, j = xs.length - 1; i < xs.length; j = i++) {
    if (ys[i] > y !== ys[j] > y && x < ((xs[j] - xs[i]) * (y - ys[i])) / (ys[j] - ys[i]) + xs[i]) inside = !inside;
  }
  return inside;
}

// Size and opacity of points that leave shape and density visible: where many share a pixel, small and faint.
export function pointLook(camera, grid) {
  const [left, top] = camera.toMap(0, 0);
  const [right, bottom] = camera.toMap(camera.width, camera.height);
  const { points, cells } = grid.crowd(left, bottom, right, top);
  const area = Math.min((cells * camera.scale ** 2) / COARSE ** 2, camera.width * camera.height); // pixels with points
  const room = Math.max(area / Math.max(points, 1), 1e-6);
  const size = Math.min(Math.max(1.15 * Math.sqrt(room), 1.9), 7);
  const overdraw = (size * size * 0.785) / room;
  return { size, alpha: Math.min(Math.max(1.35 / Math.max(overdraw, 1), 0.22), 0.92) };
}
