// Names of groups on the map: coarse names far out, fine names near, never over each other.

import { plain } from "./dom.js";

const LADDER = [
  { upTo: 2.2, scales: ["coarse"] },
  { upTo: 5.5, scales: ["coarse", "middle"] },
  { upTo: Infinity, scales: ["coarse", "middle", "fine"] },
];
const FONT = { coarse: 15, middle: 13.5, fine: 12.5 };
const LONGEST = 26; // characters of a line
const SHIFTS = [0, -12, 12, -24, 24]; // pixels that a name may lie above or below its place to find room
const STOP = 5; // pixels around the middle of a track's number, beside the room that all names have
const BUTTONS = { right: 52, height: 126 }; // at the bottom on the left: no name below them

function wrapped(name) {
  const lines = [""];
  for (const word of plain(name, 80).split(" ")) {
    const last = lines[lines.length - 1];
    if (last && last.length + word.length + 1 > LONGEST) lines.push(word);
    else lines[lines.length - 1] = last ? `${last} ${word}` : word;
  }
  return lines.slice(0, 3).map((line) => line.replace(/^· |(?: ·|,)$/g, "")); // no signs where a line breaks
}

export function scalesAt(zoom) {
  return LADDER.find((step) => zoom < step.upTo).scales;
}

export class Labels {
  constructor(tracks) {
    this.all = tracks.scales.flatMap((scale) =>
      scale.names.map((name, number) => ({
        scale: scale.name,
        number,
        lines: wrapped(name),
        size: scale.sizes[number],
        x: scale.x[number] / 65535,
        y: scale.y[number] / 65535,
      })),
    );
    this.placed = [];
  }

  // Choose what fits: the names of the finest scale that the zoom allows, those of larger groups first; no two overlap.
  // Where there is no room at its place, a name moves up or down a little. `spots` are the places of a playlist's
  // tracks: names keep clear of these where they can.
  place(camera, context, spots = []) {
    const scales = scalesAt(camera.zoom);
    const finest = scales[scales.length - 1];
    const wanted = this.all.filter((label) => label.scale === finest).sort((a, b) => b.size - a.size);
    const buttons = { left: 0, right: BUTTONS.right, top: camera.height - BUTTONS.height, bottom: camera.height };
    const stops = spots.map(([x, y]) => ({ left: x - STOP, right: x + STOP, top: y - STOP, bottom: y + STOP }));
    this.placed = [];
    for (const label of wanted) {
      const [x, y] = camera.toScreen(label.x, label.y);
      if (x < 0 || y < 0 || x > camera.width || y > camera.height) continue;
      context.font = fontOf(label.scale);
      const width = Math.max(...label.lines.map((line) => context.measureText(line).width)) + 10;
      const height = label.lines.length * FONT[label.scale] * 1.25 + 6;
      const left = Math.min(Math.max(x - width / 2, 4), camera.width - width - 4);
      const boxes = SHIFTS.map((shift) => {
        const top = Math.min(Math.max(y + shift - height / 2, 4), camera.height - height - 4);
        return { label, left, top, right: left + width, bottom: top + height };
      }).filter((box) => !areNear(box, buttons) && !this.placed.some((other) => areNear(box, other)));
      const chosen = boxes.find((box) => !stops.some((stop) => areNear(box, stop))) ?? boxes[0];
      if (chosen) this.placed.push(chosen);
    }
  }

  draw(context, colors) {
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.lineJoin = "round";
    for (const { label, left, right, top } of this.placed) {
      context.font = fontOf(label.scale);
      label.lines.forEach((line, place) => {
        const y = top + 3 + FONT[label.scale] * 1.25 * (place + 0.5);
        context.lineWidth = 4;
        context.strokeStyle = colors.halo;
        context.strokeText(line, (left + right) / 2, y);
        context.fillStyle = colors.ink;
        context.fillText(line, (left + right) / 2, y);
      });
    }
  }

  at(x, y) {
    return this.placed.find((box) => x >= box.left && x <= box.right && y >= box.top && y <= box.bottom)?.label ?? null;
  }
}

function areNear(one, other) {
  return one.left < other.right + 6 && one.right + 6 > other.left && one.top < other.bottom + 4 && one.bottom + 4 > other.top;
}

function fontOf(scale) {
  return `600 ${FONT[scale]}px system-ui, sans-serif`;
}
