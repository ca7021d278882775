// The map on the page: points, heat, names, path, marks, and what pointer and touch do with them.

import { Camera } from "./camera.js";
import { Heat } from "./density.js";
import { later, oncePerFrame } from "./dom.js";
import { Grid, pointLook } from "./grid.js";
import { Labels } from "./labels.js";
import { channels } from "./palette.js";
import { Renderer } from "./renderer.js";

const REACH = 9; // pixels within which a point is hit
const [SLOW, FAST, REST] = [70, 25, 250]; // milliseconds: between frames, and after the last movement
const MANY = 50000; // fewer points are always drawn
const CLICK = 5; // pixels that a click may wander

export class MapView {
  // `on` has hover(row, left, top), pick(row), pickGroup(label), select(polygon), moved().
  constructor(holder, tracks, on) {
    this.holder = holder;
    this.tracks = tracks;
    this.on = on;
    [this.under, this.canvas, this.over] = holder.querySelectorAll("canvas");
    this.redraw = oncePerFrame(() => this.draw());
    this.redrawOver = oncePerFrame(() => this.drawOver()); // marks and names; the points below stay as they are
    this.every = 1; // while moving, every so many points are drawn
    this.drawnAt = -Infinity;
    this.atRest = later(() => {
      this.isMoving = false;
      this.drawnAt = -Infinity;
      this.redraw();
    }, REST);
    this.camera = new Camera(() => {
      this.isMoving = tracks.n > MANY;
      if (this.isMoving) this.atRest();
      this.redraw();
      on.moved();
    });
    this.renderer = new Renderer(this.canvas, tracks);
    this.lit = new Uint8Array(tracks.n).fill(1);
    this.marks = []; // rows with a ring: [{row, color, strong}]
    this.path = []; // rows of the playlist
    this.tool = "pan";
    this.drawn = []; // the polygon that is being drawn, in screen pixels
    this.pointers = new Map();
    this.colors = { ink: "#000", halo: "#fff", accent: "#0072b2" };
    this.showHeat = false;
    this.showLabels = true;
    new ResizeObserver(() => this.resize()).observe(holder);
    this.resize();
    this.listen();
  }

  // After the first picture: what makes points findable.
  prepare() {
    this.grid = new Grid(this.tracks);
    this.readNames();
    this.heat = new Heat(this.tracks);
    this.redraw();
  }

  readNames() {
    if (this.grid) this.labels = new Labels(this.tracks);
  }

  resize() {
    this.ratio = Math.min(window.devicePixelRatio || 1, 2);
    const { clientWidth, clientHeight } = this.holder;
    for (const canvas of [this.under, this.canvas, this.over]) {
      canvas.width = Math.max(Math.round(clientWidth * this.ratio), 1);
      canvas.height = Math.max(Math.round(clientHeight * this.ratio), 1);
    }
    this.camera.resize(clientWidth, clientHeight);
  }

  setLooks(shades, lit, palette, dimmed) {
    this.lit = lit;
    palette[255] = dimmed;
    this.renderer.setLooks(shades, lit, palette);
    this.heatIsOld = true;
    this.redraw();
  }

  draw() {
    const look = this.grid ? pointLook(this.camera, this.grid) : { size: 2, alpha: 0.6 };
    const every = this.pace();
    look.size *= Math.min(Math.sqrt(every), 1.7);
    if (this.showHeat) look.alpha *= 0.4; // lets the density show through
    this.renderer.draw(this.camera, look, this.ratio, every);
    this.drawHeat();
    this.drawOver();
  }

  // Where a machine is too slow for all points, a part of them is drawn while the map moves, and all at rest.
  pace() {
    if (!this.isMoving) return 1;
    const now = performance.now();
    const gap = now - this.drawnAt; // since the last frame of this movement
    this.drawnAt = now;
    if (gap > SLOW && gap < Infinity) this.every = Math.min(2 * this.every, 16);
    else if (gap < FAST) this.every = Math.max(this.every / 2, 1);
    return this.every;
  }

  drawHeat() {
    const context = this.begin(this.under);
    if (!this.showHeat || !this.heat) return;
    if (this.heatIsOld) this.heat.update(this.lit, channels(this.colors.accent));
    this.heatIsOld = false;
    this.heat.drawFill(context, this.camera);
  }

  begin(canvas) {
    const context = canvas.getContext("2d");
    context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    context.clearRect(0, 0, this.camera.width, this.camera.height);
    return context;
  }

  drawOver() {
    const context = this.begin(this.over);
    if (this.showHeat && this.heat) this.heat.drawLines(context, this.camera, this.colors.ink);
    const stops = this.path.map((row) => this.spot(row));
    this.drawPath(context, stops);
    if (this.showLabels && this.labels) {
      this.labels.place(this.camera, context, stops);
      this.labels.draw(context, this.colors);
    } else if (this.labels) this.labels.placed = [];
    this.drawStops(context, stops);
    for (const mark of this.marks) this.drawMark(context, mark);
    this.drawTool(context);
  }

  spot(row) {
    return this.camera.toScreen(...this.tracks.place(row));
  }

  drawPath(context, spots) {
    for (const [width, color] of [[5, this.colors.halo], [2, this.colors.path]]) {
      context.lineWidth = width;
      context.strokeStyle = color;
      context.lineJoin = "round";
      context.globalAlpha = 0.9;
      context.beginPath();
      spots.forEach(([x, y], place) => (place ? context.lineTo(x, y) : context.moveTo(x, y)));
      context.stroke();
    }
    context.globalAlpha = 1;
  }

  drawStops(context, spots) {
    context.font = "600 10px system-ui, sans-serif";
    context.textAlign = "center";
    context.textBaseline = "middle";
    spots.forEach(([x, y], place) => {
      context.beginPath();
      context.arc(x, y, 8, 0, 2 * Math.PI);
      context.fillStyle = this.colors.path;
      context.fill();
      context.lineWidth = 1.5;
      context.strokeStyle = this.colors.halo;
      context.stroke();
      context.fillStyle = this.colors.halo;
      context.fillText(String(place + 1), x, y + 0.5);
    });
  }

  drawMark(context, { row, strong }) {
    const [x, y] = this.spot(row);
    for (const [width, color] of [[5, this.colors.halo], [2.2, strong ? this.colors.path : this.colors.ink]]) {
      context.lineWidth = width;
      context.strokeStyle = color;
      context.beginPath();
      context.arc(x, y, strong ? 10 : 6, 0, 2 * Math.PI);
      context.stroke();
    }
  }

  drawTool(context) {
    if (this.drawn.length < 2) return;
    context.beginPath();
    this.drawn.forEach(([x, y], place) => (place ? context.lineTo(x, y) : context.moveTo(x, y)));
    context.closePath();
    context.globalAlpha = 0.12;
    context.fillStyle = this.colors.accent;
    context.fill();
    context.globalAlpha = 1;
    context.setLineDash([5, 4]);
    context.lineWidth = 1.6;
    context.strokeStyle = this.colors.accent;
    context.stroke();
    context.setLineDash([]);
  }

  pick(left, top) {
    if (!this.grid) return -1;
    const [x, y] = this.camera.toMap(left, top);
    return this.grid.nearest(x, y, REACH / this.camera.scale, this.lit);
  }

  listen() {
    const { over } = this;
    over.addEventListener("pointerdown", (event) => this.down(event));
    over.addEventListener("pointermove", (event) => this.move(event));
    over.addEventListener("pointerup", (event) => this.up(event));
    over.addEventListener("pointercancel", (event) => this.up(event));
    over.addEventListener("pointerleave", () => this.on.hover(-1, 0, 0));
    over.addEventListener("dblclick", (event) => this.camera.zoomAt(event.shiftKey ? 0.5 : 2, event.offsetX, event.offsetY));
    over.addEventListener("wheel", (event) => {
      event.preventDefault();
      const step = event.deltaMode === 1 ? 16 * event.deltaY : event.deltaY;
      this.camera.zoomAt(Math.exp(-Math.max(Math.min(step, 240), -240) * 0.0022), event.offsetX, event.offsetY);
    }, { passive: false });
  }

  down(event) {
    if (event.button !== 0) return;
    this.over.setPointerCapture(event.pointerId);
    const spot = [event.offsetX, event.offsetY];
    this.pointers.set(event.pointerId, spot);
    this.start = spot;
    this.moved = false;
    this.using = event.shiftKey ? "lasso" : event.altKey ? "rectangle" : this.tool;
    if (this.pointers.size > 1) this.using = "pan"; // two fingers move and zoom whatever the tool
    this.drawn = [];
    this.on.hover(-1, 0, 0);
  }

  move(event) {
    const spot = [event.offsetX, event.offsetY];
    const last = this.pointers.get(event.pointerId);
    if (!last) {
      if (event.pointerType !== "touch") this.on.hover(this.pick(...spot), ...spot, this.labels?.at(...spot) ?? null);
      return;
    }
    if (Math.hypot(spot[0] - this.start[0], spot[1] - this.start[1]) > CLICK) this.moved = true;
    if (this.pointers.size === 2) this.pinch(event.pointerId, spot);
    else if (this.using === "pan" && this.moved) this.camera.pan(spot[0] - last[0], spot[1] - last[1]);
    else if (this.using === "lasso") this.drawn.push(spot);
    else if (this.using === "rectangle") {
      const [x, y] = this.start;
      this.drawn = [[x, y], [spot[0], y], spot, [x, spot[1]]];
    }
    this.pointers.set(event.pointerId, spot);
    this.redrawOver();
  }

  pinch(id, spot) {
    const other = [...this.pointers].find(([one]) => one !== id)[1];
    const last = this.pointers.get(id);
    const before = Math.hypot(last[0] - other[0], last[1] - other[1]);
    const now = Math.hypot(spot[0] - other[0], spot[1] - other[1]);
    this.camera.pan((spot[0] - last[0]) / 2, (spot[1] - last[1]) / 2);
    this.camera.zoomAt(now / Math.max(before, 1), (spot[0] + other[0]) / 2, (spot[1] + other[1]) / 2);
    this.moved = true;
  }

  up(event) {
    if (!this.pointers.delete(event.pointerId)) return;
    const polygon = this.drawn.map(([left, top]) => this.camera.toMap(left, top));
    this.drawn = [];
    if (event.type === "pointerup" && this.moved && this.using !== "pan" && polygon.length > 2) this.on.select(thinned(polygon));
    else if (event.type === "pointerup" && !this.moved) this.click(event.offsetX, event.offsetY);
    this.redrawOver();
  }

  click(left, top) {
    const row = this.pick(left, top);
    const label = this.labels?.at(left, top);
    if (label) this.on.pickGroup(label);
    else this.on.pick(row);
  }

  // The part of the map that is seen, as a polygon.
  seen() {
    const { width, height } = this.camera;
    return thinned([[0, 0], [width, 0], [width, height], [0, height]].map(([left, top]) => this.camera.toMap(left, top)));
  }

  flyTo(row, zoom = 12) {
    this.camera.fly(...this.tracks.place(row), Math.max(this.camera.zoom, zoom));
  }

  flyToRows(rows) {
    if (rows.length === 0) return;
    let [left, bottom, right, top] = [1, 1, 0, 0];
    for (const row of rows) {
      const [x, y] = this.tracks.place(row);
      [left, bottom, right, top] = [Math.min(left, x), Math.min(bottom, y), Math.max(right, x), Math.max(top, y)];
    }
    this.camera.flyToBox(left, bottom, right, top);
  }
}

// At most about eighty corners, so that an address can hold them.
function thinned(polygon) {
  const step = Math.max(Math.ceil(polygon.length / 80), 1);
  return polygon.filter((_, place) => place % step === 0).map((point) => point.map((value) => Math.round(Math.min(Math.max(value, 0), 1) * 4095) / 4095));
}
