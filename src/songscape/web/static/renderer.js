// Points in WebGL 2: places of 16 bits, a color of 8 bits, and whether a point is lit or grey.

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

function compiled(gl, kind, source) {
  const shader = gl.createShader(kind);
  gl.shaderSource(shader, source);
  gl.compileShader(shader);
  if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS)) throw new Error(gl.getShaderInfoLog(shader));
  return shader;
}

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
    const program = gl.createProgram();
    gl.attachShader(program, compiled(gl, gl.VERTEX_SHADER, VERTEX));
    gl.attachShader(program, compiled(gl, gl.FRAGMENT_SHADER, FRAGMENT));
    gl.linkProgram(program);
    if (!gl.getProgramParameter(program, gl.LINK_STATUS)) throw new Error(gl.getProgramInfoLog(program));
    gl.useProgram(program);
    this.at = Object.fromEntries(["window", "size", "alpha", "lit"].map((name) => [name, gl.getUniformLocation(program, name)]));
    const places = new Uint16Array(2 * this.n);
    for (let row = 0; row < this.n; row++) {
      places[2 * row] = this.tracks.x[row];
      places[2 * row + 1] = this.tracks.y[row];
    }
    this.attach(gl.getAttribLocation(program, "place"), places, gl.UNSIGNED_SHORT, true);
    this.lookBuffer = this.attach(gl.getAttribLocation(program, "look"), this.looks, gl.UNSIGNED_BYTE, false);
    gl.bindTexture(gl.TEXTURE_2D, gl.createTexture());
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.NEAREST);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.NEAREST);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    this.paint();
  }

  attach(location, values, kind, isFloat) {
    const { gl } = this;
    const buffer = gl.createBuffer();
    gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
    gl.bufferData(gl.ARRAY_BUFFER, values, gl.DYNAMIC_DRAW);
    gl.enableVertexAttribArray(location);
    if (isFloat) gl.vertexAttribPointer(location, 2, kind, true, 0, 0);
    else gl.vertexAttribIPointer(location, 2, kind, 0, 0);
    return buffer;
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
    const { gl } = this;
    gl.bindBuffer(gl.ARRAY_BUFFER, this.lookBuffer);
    gl.bufferSubData(gl.ARRAY_BUFFER, 0, this.looks);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, 256, 1, 0, gl.RGBA, gl.UNSIGNED_BYTE, this.palette);
  }

  // Draw what the camera sees: grey points below, lit ones above.
  draw(camera, { size, alpha }, ratio) {
    this.last = [camera, { size, alpha }, ratio];
    const { gl } = this;
    gl.viewport(0, 0, this.canvas.width, this.canvas.height);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
    gl.uniform4f(this.at.window, camera.x, camera.y, (2 * camera.scale) / camera.width, (2 * camera.scale) / camera.height);
    if (this.someGrey) this.pass(0, size * ratio * 0.85, Math.min(alpha * 0.8, 0.7));
    if (this.someLit) this.pass(1, size * ratio, alpha);
  }

  pass(lit, size, alpha) {
    const { gl } = this;
    gl.uniform1ui(this.at.lit, lit);
    gl.uniform1f(this.at.size, Math.max(size, 1));
    gl.uniform1f(this.at.alpha, alpha);
    gl.drawArrays(gl.POINTS, 0, this.n);
  }
}
