// Which part of the map is seen. Map coordinates run from 0 to 1 on both axes, y upwards; zoom 1 shows all of it.

const MOST = 400;
const FILLED = 0.94; // of the shorter side, at zoom 1

export class Camera {
  constructor(changed) {
    this.changed = changed;
    this.x = 0.5;
    this.y = 0.5;
    this.zoom = 1;
    this.width = 1;
    this.height = 1;
    this.flight = 0;
  }

  resize(width, height) {
    this.width = Math.max(width, 1);
    this.height = Math.max(height, 1);
    this.changed();
  }

  get scale() {
    return Math.min(this.width, this.height) * FILLED * this.zoom; // pixels per unit of the map
  }

  toScreen(x, y) {
    return [(x - this.x) * this.scale + this.width / 2, (this.y - y) * this.scale + this.height / 2];
  }

  toMap(left, top) {
    return [(left - this.width / 2) / this.scale + this.x, this.y - (top - this.height / 2) / this.scale];
  }

  set(x, y, zoom) {
    this.zoom = Math.min(Math.max(zoom, 0.5), MOST);
    this.x = Math.min(Math.max(x, -0.2), 1.2);
    this.y = Math.min(Math.max(y, -0.2), 1.2);
    this.changed();
  }

  pan(right, down) {
    this.stop();
    this.set(this.x - right / this.scale, this.y + down / this.scale, this.zoom);
  }

  // Zoom by a factor; what is under the point stays there.
  zoomAt(factor, left = this.width / 2, top = this.height / 2) {
    this.stop();
    const [x, y] = this.toMap(left, top);
    const zoom = Math.min(Math.max(this.zoom * factor, 0.5), MOST);
    const share = this.zoom / zoom;
    this.set(x + (this.x - x) * share, y + (this.y - y) * share, zoom);
  }

  // Go there smoothly; at once where less motion is preferred.
  fly(x, y, zoom) {
    this.stop();
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return this.set(x, y, zoom);
    const from = { x: this.x, y: this.y, zoom: this.zoom };
    const start = performance.now();
    const step = (now) => {
      const time = Math.min((now - start) / 550, 1);
      const eased = time * time * (3 - 2 * time);
      this.set(
        from.x + (x - from.x) * eased,
        from.y + (y - from.y) * eased,
        from.zoom * (zoom / from.zoom) ** eased,
      );
      this.flight = time < 1 ? requestAnimationFrame(step) : 0;
    };
    this.flight = requestAnimationFrame(step);
  }

  stop() {
    cancelAnimationFrame(this.flight);
    this.flight = 0;
  }

  flyToBox(left, bottom, right, top) {
    const wide = Math.max(right - left, 0.01);
    const high = Math.max(top - bottom, 0.01);
    const side = Math.min(this.width, this.height) * FILLED;
    const zoom = Math.min(this.width / wide, this.height / high) / side / 1.25;
    this.fly((left + right) / 2, (bottom + top) / 2, Math.min(zoom, 40));
  }
}
