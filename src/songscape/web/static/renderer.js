// Points in WebGL 2 through twgl.js: places of 16 bits, a color of 8 bits, and whether a point is lit or grey.

import {
  createBufferInfoFromArrays,
  createProgramInfo,
  createTexture,
  drawBufferInfo,
  setAttribInfoBufferFromArray,
  setBuffersAndAttributes,
  setTextureFromArray,
  setUniforms,
} from "./twgl.js";

const PALETTE = { width: 256, height: 1, minMag: 9728, auto: false }; // 9728: the nearest color, none between

const VERTEX = `#version 300 es
in vec2 place;
in uvec2 look;
uniform vec4 window;
uniform float size;
uniform uint lit;
flat out uint shade;
void main() {
  bool here = (look.y > 0u ? 1u : 0u) == lit;
  gl_Position = here ? vec4((place - window.xy) * window.zw, 0.0, 1.0) : vec4(2.0, 2.0, 2.0, 1.0);
  gl_PointSize = size;
  shade = look.x;
}`;

const FRAGMENT = `#version 300 es
precision highp float;
flat in uint shade;
uniform sampler2D palette;
uniform float size;
uniform float alpha;
out vec4 color;
void main() {
  float edge = length(gl_PointCoord - 0.5) * size;
  float cover = size < 2.5 ? 1.0 : clamp(size * 0.5 - edge + 0.5, 0.0, 1.0);
  float a = cover * alpha;
  color = vec4(texelFetch(palette, ivec2(int(shade), 0), 0).rgb * a, a);
}`;

export class Renderer {
  // Throws if the browser has no WebGL 2.
  constructor(canvas, tracks) {
    this.canvas = canvas;
    this.tracks = tracks;
    this.n = tracks.n;
    this.looks = new Uint8Array(2 * this.n); // color and lit, point by point
    this.palette = new Uint8Array(1024).fill(160);
    this.someGrey = false;
    canvas.addEventListener("webglcontextlost", (event) => event.preventDefault());
    canvas.addEventListener("webglcontextrestored", () => {
      this.begin();
      this.draw(...this.last);
    });
    this.begin();
  }

  begin() {
    const gl = this.canvas.getContext("webgl2", { alpha: true, antialias: false, powerPreference: "high-performance" });
    if (!gl) throw new Error("no WebGL 2");
    this.gl = gl;
    this.program = createProgramInfo(gl, [VERTEX, FRAGMENT], {
      errorCallback: (message) => {
        throw new Error(message);
      },
    });
    const places = new Uint16Array(2 * this.n);
    for (let row = 0; row < this.n; row++) {
      places[2 * row] = this.tracks.x[row];
      places[2 * row + 1] = this.tracks.y[row];
    }
    this.points = createBufferInfoFromArrays(gl, {
      place: { numComponents: 2, data: places, normalize: true },
      look: { numComponents: 2, data: this.looks, drawType: gl.DYNAMIC_DRAW },
    });
    this.colors = createTexture(gl, { src: this.palette, ...PALETTE });
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    this.paint();
  }

  // Give each point its color (a place in `colors`) and light; `colors` are lists of red, green, blue.
  setLooks(shades, lit, colors) {
    let nLit = 0;
    for (let row = 0; row < this.n; row++) {
      this.looks[2 * row] = lit[row] ? shades[row] : 255;
      this.looks[2 * row + 1] = lit[row];
      nLit += lit[row];
    }
    this.someGrey = nLit < this.n;
    this.someLit = nLit > 0;
    colors.forEach((color, place) => this.palette.set([...color, 255], 4 * place));
    this.paint();
  }

  paint() {
    setAttribInfoBufferFromArray(this.gl, this.points.attribs.look, this.looks);
    setTextureFromArray(this.gl, this.colors, this.palette, PALETTE);
  }

  // Draw what the camera sees: grey points below, lit ones above. With `every` above 1 only every so many points.
  draw(camera, { size, alpha }, ratio, every = 1) {
    this.last = [camera, { size, alpha }, ratio];
    this.count = Math.floor(this.n / every);
    const { gl } = this;
    const { place, look } = this.points.attribs;
    place.stride = every > 1 ? 4 * every : 0;
    look.stride = every > 1 ? 2 * every : 0;
    gl.viewport(0, 0, this.canvas.width, this.canvas.height);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
    const scales = [(2 * camera.scale) / camera.width, (2 * camera.scale) / camera.height];
    gl.useProgram(this.program.program);
    setBuffersAndAttributes(gl, this.program, this.points);
    setUniforms(this.program, { window: [camera.x, camera.y, ...scales], palette: this.colors });
    if (this.someGrey) this.pass(0, size * ratio * 0.85, Math.min(alpha * 0.8, 0.7));
    if (this.someLit) this.pass(1, size * ratio, alpha);
  }

  pass(lit, size, alpha) {
    setUniforms(this.program, { lit, size: Math.max(size, 1), alpha });
    drawBufferInfo(this.gl, this.points, this.gl.POINTS, this.count);
  }
}
