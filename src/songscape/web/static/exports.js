// Playlists as files: M3U8, XSPF, JSPF, CSV, Spotify URIs.

const ID = /^[0-9A-Za-z]{22}$/;

export const FORMATS = ["m3u8", "xspf", "jspf", "csv", "uris"];
const TYPES = { m3u8: "audio/x-mpegurl", xspf: "application/xspf+xml", jspf: "application/json", csv: "text/csv", uris: "text/plain" };

const oneLine = (text) => text.replace(/[\u0000-\u001f\u007f\u2028\u2029]+/g, " ").trim();
const isSpotify = (item) => ID.test(item.id);

function m3u8(name, items) {
  const lines = items.flatMap((item) => {
    const line = oneLine([item.artists.join(", "), item.title].filter(Boolean).join(" - "));
    return [`#EXTINF:${item.seconds === null ? -1 : Math.round(item.seconds)},${line}`, isSpotify(item) ? `spotify:track:${item.id}` : line];
  });
  return ["#EXTM3U", `#PLAYLIST:${oneLine(name)}`, ...lines, ""].join("\n");
}

// Characters that XML 1.0 forbids become nothing.
function xml(text) {
  return text
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "")
    .replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

function xspf(name, items) {
  const track = (item) =>
    [
      "    <track>",
      isSpotify(item) ? `      <location>spotify:track:${item.id}</location>` : "",
      `      <title>${xml(item.title)}</title>`,
      item.artists.length ? `      <creator>${xml(item.artists.join(", "))}</creator>` : "",
      item.album ? `      <album>${xml(item.album)}</album>` : "",
      item.seconds === null ? "" : `      <duration>${Math.round(item.seconds * 1000)}</duration>`,
      "    </track>",
    ].filter(Boolean);
  const head = ['<?xml version="1.0" encoding="UTF-8"?>', '<playlist version="1" xmlns="http://xspf.org/ns/0/">', `  <title>${xml(name)}</title>`];
  return [...head, "  <trackList>", ...items.flatMap(track), "  </trackList>", "</playlist>", ""].join("\n");
}

function jspf(name, items) {
  const track = items.map((item) => ({
    ...(isSpotify(item) ? { location: [`spotify:track:${item.id}`] } : {}),
    title: item.title,
    ...(item.artists.length ? { creator: item.artists.join(", ") } : {}),
    ...(item.album ? { album: item.album } : {}),
    ...(item.seconds === null ? {} : { duration: Math.round(item.seconds * 1000) }),
  }));
  return `${JSON.stringify({ playlist: { title: name, track } }, null, 2)}\n`;
}

// A text that a spreadsheet would run as a formula gets an apostrophe in front.
export function cell(value) {
  const text = value === null ? "" : String(value);
  const safe = typeof value === "string" && /^[\s\u0000-\u001f]*[=+\-@\t\r|%＝＋－＠]/u.test(text) ? `'${text}` : text;
  return /[",;\n\r\t]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe;
}

function csv(name, items) {
  const rows = items.map((item, place) => [place + 1, item.title, item.artists.join(", "), item.album, item.year, item.seconds, item.id]);
  const head = ["position", "title", "artists", "album", "year", "seconds", "track_id"];
  return `\ufeff${[head, ...rows].map((row) => row.map(cell).join(",")).join("\r\n")}\r\n`; // the mark says UTF-8 to spreadsheets
}

function uris(name, items) {
  return items.filter(isSpotify).map((item) => `spotify:track:${item.id}\n`).join("");
}

const RENDER = { m3u8, xspf, jspf, csv, uris };

// Items are {title, artists, album, year, seconds, id}.
export function rendered(format, name, items) {
  return RENDER[format](name, items);
}

// A file name that every system takes.
export function fileName(name, format) {
  const plain = name
    .normalize("NFC")
    .replace(/[<>:"/\\|?*\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]+/g, "_")
    .replace(/\s+/g, " ")
    .replace(/^[\s.\-_~]+|[\s._]+$/g, "")
    .slice(0, 80);
  const reserved = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(plain) ? `_${plain}` : plain;
  return `${reserved || "playlist"}.${format === "uris" ? "txt" : format}`;
}

export function download(format, name, items) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([rendered(format, name, items)], { type: `${TYPES[format]};charset=utf-8` }));
  link.download = fileName(name, format);
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}
