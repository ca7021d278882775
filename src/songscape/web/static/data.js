// Where the data come from: parts inside the file (offline), or the server under relative addresses (live).

import { plain } from "./dom.js";
import { count, currentLanguage, has, t } from "./texts.js";

const MAGIC = "SONGMAP1";
const FIRST = "points"; // this part stands before the script
const TYPES = { u1: Uint8Array, u2: Uint16Array, u4: Uint32Array, f4: Float32Array };

export function isOffline() {
  return document.getElementById("songscape-points") !== null;
}

// Read a buffer made by songscape.web.packing: {header, arrays}, nothing copied.
export function readBuffer(buffer) {
  const bytes = new Uint8Array(buffer);
  if (String.fromCharCode(...bytes.subarray(0, 8)) !== MAGIC) throw new Error(t("error_no_data"));
  const length = new DataView(buffer).getUint32(8, true);
  const start = 16 + length;
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(16, start)));
  if (header.version !== undefined && header.version !== 1) throw new Error(t("error_newer"));
  const arrays = {};
  for (const [name, place] of Object.entries(header.arrays)) {
    arrays[name] = new TYPES[place.dtype](buffer, start + place.offset, place.length);
  }
  return { header, arrays };
}

// Two signs of 91 hold 13 bits; the signs are those from "#" to "~" but "<".
export function fromPrintable(text, size) {
  const bytes = new Uint8Array(size);
  let bits = 0;
  let held = 0;
  let place = 0;
  for (let i = 0; place < size; i += 2) {
    const low = text.charCodeAt(i);
    const high = text.charCodeAt(i + 1);
    bits |= (low - (low > 60 ? 36 : 35) + 91 * (high - (high > 60 ? 36 : 35))) << held;
    for (held += 13; held >= 8 && place < size; held -= 8) {
      bytes[place++] = bits;
      bits >>>= 8;
    }
  }
  return bytes;
}

// Parts behind the first may still be on their way, whole or in pieces, when the script runs.
function wholeFile() {
  if (document.readyState !== "loading") return null;
  return new Promise((resume) => document.addEventListener("DOMContentLoaded", resume, { once: true }));
}

async function embedded(name) {
  if (name !== FIRST) await wholeFile();
  const node = document.getElementById(`songscape-${name}`);
  const packed = fromPrintable(node.textContent, Number(node.dataset.bytes));
  node.textContent = ""; // megabytes that nobody needs any more
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Response(stream).arrayBuffer();
}

export class ServerError extends Error {}

async function asked(path, body) {
  const options = body ? { method: "POST", body: JSON.stringify(body), headers: { "content-type": "application/json" } } : {};
  let answer;
  try {
    answer = await fetch(`api/${path}`, { credentials: "omit", ...options });
  } catch {
    throw new ServerError(t("error_silent"));
  }
  if (answer.ok) return answer;
  const told = await answer.json().catch(() => null);
  throw new ServerError(refusal(told?.error, answer.status));
}

// Why the server refuses: in its own words where they are those of the page's language, else by the code that it sends.
export function refusal(error, status) {
  if (error?.message && currentLanguage() === "en") return error.message;
  if (!has(`error_${error?.code}`)) return t("error_status", { status: error?.code ?? status });
  const { songs, wished, possible } = error.details ?? {};
  return [
    t(`error_${error.code}`),
    songs === undefined ? "" : t("error_limits_songs", { songs: count(songs) }),
    possible === undefined ? "" : t("error_limits_possible", { wished: count(wished), possible: count(possible) }),
  ].filter(Boolean).join(" ");
}

export async function askServer(path, body) {
  return (await asked(path, body)).json();
}

export async function loadPoints() {
  return readBuffer(isOffline() ? await embedded("points") : await (await asked("points")).arrayBuffer());
}

export async function loadAbout() {
  if (isOffline()) return JSON.parse(new TextDecoder().decode(await embedded("about")));
  const [facts, groups] = await Promise.all([askServer("atlas"), askServer("groups")]);
  return { facts, groups };
}

export async function loadText() {
  return new Texts(readBuffer(isOffline() ? await embedded("text") : await (await asked("text")).arrayBuffer()));
}

export async function loadDetails() {
  return isOffline() ? readBuffer(await embedded("details")) : null;
}

// Texts behind each other, cut by their lengths.
class TextList {
  constructor(arrays, name) {
    const lengths = arrays[`${name}_lengths`];
    this.all = lengths ? new TextDecoder("utf-8", { ignoreBOM: true }).decode(arrays[name]) : "";
    this.starts = new Uint32Array((lengths?.length ?? 0) + 1);
    for (let i = 0; i < (lengths?.length ?? 0); i++) this.starts[i + 1] = this.starts[i] + lengths[i];
    this.length = this.starts.length - 1;
  }

  at(place) {
    return place < this.length ? this.all.slice(this.starts[place], this.starts[place + 1]) : "";
  }
}

// Titles, artists, albums and ids by row.
export class Texts {
  constructor({ header, arrays }) {
    this.n = header.n;
    this.beyond = new Map(); // tracks that are not on the map, by row
    this.titles = new TextList(arrays, "title");
    this.artistNames = new TextList(arrays, "artist");
    this.albums = new TextList(arrays, "album");
    this.ids = new TextList(arrays, "id");
    this.artistIds = arrays.artist_ids;
    this.albumIds = arrays.album_ids;
    this.artistStarts = new Uint32Array(this.n + 1);
    for (let i = 0; i < this.n; i++) this.artistStarts[i + 1] = this.artistStarts[i] + arrays.artist_counts[i];
  }

  title(row) {
    return plain(this.beyond.get(row)?.title ?? this.titles.at(row), 10000);
  }

  artists(row) {
    const told = this.beyond.get(row);
    if (told) return told.artists.map((name) => plain(name));
    const names = [];
    for (let i = this.artistStarts[row]; i < this.artistStarts[row + 1]; i++) {
      names.push(plain(this.artistNames.at(this.artistIds[i])));
    }
    return names;
  }

  mainArtist(row) {
    return this.artistStarts[row] < this.artistStarts[row + 1] ? this.artistIds[this.artistStarts[row]] : -1;
  }

  album(row) {
    return plain(this.beyond.get(row)?.album ?? this.albums.at(this.albumIds[row]));
  }

  id(row) {
    return plain(this.beyond.get(row)?.id ?? this.ids.at(row));
  }

  line(row) {
    const artists = this.artists(row).join(", ");
    const title = this.title(row) || "—";
    return artists ? `${artists} – ${title}` : title;
  }
}
