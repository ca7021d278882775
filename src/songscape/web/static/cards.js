// What is shown of a track or a group when one looks closer.

import { button, el } from "./dom.js";
import { columnName, count, decimal, format, groupName, has, percent, t, valueName } from "./texts.js";

const SHOWN = ["energy", "positiveness", "danceability", "acousticness", "instrumentalness", "speechiness", "liveness", "loudness", "tempo"];
const SPOTIFY = /^[0-9A-Za-z]{22}$/;
const FAR = 0.12; // of the map: neighbors farther away than this are told

// A list of tracks as buttons that open them.
export function trackList(page, rows) {
  const items = rows.map((row) =>
    el("li", {}, el("button", { type: "button", class: "track", dir: "auto", on: { click: () => page.openTrack(row, true), pointerenter: () => page.mark([row]), pointerleave: () => page.mark([]) } },
      el("span", { class: "name", text: page.texts?.title(row) || "—" }),
      el("span", { class: "by", text: page.texts?.artists(row).join(", ") ?? "" }),
    ), button("+", () => page.basket.add([row]), { class: "round", "aria-label": `${t("add")}: ${page.texts?.line(row) ?? ""}`, title: t("add") })),
  );
  return el("ul", { class: "tracks" }, items);
}

function facts(pairs) {
  return el("dl", { class: "facts" }, pairs.filter(([, value]) => value).flatMap(([name, value]) => [el("dt", { text: name }), el("dd", { text: value, dir: "auto" })]));
}

function section(title, ...children) {
  return el("section", {}, el("h3", { text: title }), ...children);
}

// One line of a feature: where the track stands among all, and the middle half of its group.
function featureLine(tracks, name, row, mask) {
  const column = tracks.column(name);
  if (!column?.isNumber) return null;
  const spot = (value) => `${(100 * (value - column.low)) / (column.high - column.low || 1)}%`;
  const bar = el("span", { class: "bar" });
  const [q1, q2, q3] = mask ? column.quantiles([0.25, 0.5, 0.75], mask) : [null, null, null];
  if (q1 !== null) {
    const box = el("span", { class: "box" });
    box.style.left = spot(q1);
    box.style.right = `${100 - parseFloat(spot(q3))}%`;
    const middle = el("span", { class: "middle" });
    middle.style.left = spot(q2);
    bar.append(box, middle);
  }
  if (column.isKnown(row)) {
    const dot = el("span", { class: "dot" });
    dot.style.left = spot(column.at(row));
    bar.append(dot);
  }
  const told = `${columnName(name)}: ${format(name, column.at(row))}; ${t("group_of")}: ${format(name, q2)}`;
  return el("li", { title: told, "aria-label": told }, el("span", { text: columnName(name) }), bar, el("span", { class: "count", text: format(name, column.at(row)) }));
}

export function hoverCard(page, row) {
  const { tracks, texts } = page;
  const coarse = tracks.column("group_coarse");
  const colored = page.coloring.column;
  const value = colored.isNumber ? format(colored.name, colored.at(row)) : (colored.at(row) ?? t("unknown"));
  return [
    el("strong", { text: texts?.title(row) || "—", dir: "auto" }),
    el("span", { text: texts?.artists(row).join(", ") ?? "", dir: "auto" }),
    el("small", { text: [tracks.column("year") && format("year", tracks.column("year").at(row)), tracks.genres(row)[0]].filter(Boolean).join(" · "), dir: "auto" }),
    el("small", { text: `${columnName(colored.name)}: ${colored.kind === "category" ? valueName(colored.name, value) : value}`, dir: "auto" }),
    coarse && colored.kind !== "group" ? el("small", { text: coarse.at(row) ?? t("outside") }) : null,
  ].filter(Boolean);
}

export function trackCard(page, row) {
  const { tracks, texts } = page;
  const value = (name) => (tracks.column(name)?.isKnown(row) ? format(name, tracks.column(name).at(row)) : "");
  const key = [tracks.column("key")?.at(row), tracks.column("mode")?.at(row) && valueName("mode", tracks.column("mode").at(row))].filter(Boolean).join(" ");
  const emotion = tracks.column("emotion")?.at(row);
  const group = ["fine", "middle", "coarse"].map((scale) => [scale, tracks.group(scale, row)]).find(([, number]) => number >= 0);
  const mask = group ? groupMask(tracks, ...group) : null;
  const id = texts.id(row);
  const memberships = el("div");
  const near = el("div", { class: "busy", text: "…" });
  const versions = el("div");
  page.engine.track(row).then((told) => {
    memberships.replaceChildren(...membershipLines(page, told.memberships));
    if (told.versions.length) versions.replaceChildren(section(t("others_versions"), trackList(page, told.versions)));
  }, (error) => memberships.replaceChildren(error.message));
  page.engine.neighbors(row).then((rows) => near.replaceChildren(...neighborLines(page, row, rows)), (error) => near.replaceChildren(error.message)).finally(() => near.classList.remove("busy"));
  return [
    el("h2", { text: texts.title(row) || "—", dir: "auto", class: "clamped" }),
    el("p", { class: "by", text: texts.artists(row).join(", "), dir: "auto" }),
    el("div", { class: "row" },
      button(t("add"), () => page.basket.add([row]), { class: "primary" }),
      button(t("more_like"), () => page.basket.grow([row])),
      button(t("fly"), () => page.map?.flyTo(row)),
      SPOTIFY.test(id) ? el("a", { class: "button", href: `https://open.spotify.com/track/${id}`, target: "_blank", rel: "noopener noreferrer", text: t("hear") }) : null,
    ),
    facts([
      [t("album"), texts.album(row)],
      [columnName("year"), value("year")],
      [columnName("genre"), tracks.genres(row).slice(0, 6).join(", ")],
      [columnName("emotion"), emotion && valueName("emotion", emotion)],
      [columnName("key"), key],
      [columnName("duration"), value("duration")],
      [columnName("popularity"), value("popularity")],
      [columnName("silhouette"), value("silhouette")],
      [columnName("map_trust"), value("map_trust")],
    ]),
    section(group ? t("against_group", { name: tracks.scale(group[0]).names[group[1]] }) : t("outside"), el("ul", { class: "features" }, SHOWN.map((name) => featureLine(tracks, name, row, mask)))),
    section(t("memberships"), memberships),
    section(t("neighbors"), near),
    versions,
  ];
}

function groupMask(tracks, scale, number) {
  const { codes } = tracks.column(`group_${scale}`);
  return Uint8Array.from(codes, (code) => (code === number ? 1 : 0));
}

function membershipLines(page, memberships) {
  return Object.entries(memberships).flatMap(([scale, members]) => [
    members.length ? el("p", { class: "kicker", text: columnName(`group_${scale}`) }) : null,
    ...members.slice(0, 2).map(({ group, strength }) => {
      const meter = el("span", { class: "meter" });
      meter.style.setProperty("--share", String(strength));
      return el("button", { type: "button", class: "member", on: { click: () => page.openGroup(scale, group) } }, el("span", { class: "name", text: page.tracks.scale(scale).names[group] }), meter, el("span", { class: "count", text: `${Math.round(100 * strength)} %` }));
    }),
  ]).filter(Boolean);
}

function neighborLines(page, row, rows) {
  const [x, y] = page.tracks.place(row);
  const far = rows.map((one) => page.tracks.place(one)).filter((place) => Math.hypot(place[0] - x, place[1] - y) > FAR).length;
  const note = far ? el("p", { class: "note", text: t("neighbors_far", { n: far, k: rows.length }) }) : null;
  return [trackList(page, rows), note].filter(Boolean);
}

export function groupCard(page, scale, number) {
  const card = page.about?.groups[scale]?.[number];
  if (!card) return [el("p", { text: t("loading") })];
  const { tracks } = page;
  const share = (part) => (part === null || part === undefined ? "" : percent(part));
  const verdict = has(`verdict_${card.verdict}`) ? t(`verdict_${card.verdict}`) : card.verdict;
  return [
    el("p", { class: "kicker", text: columnName(`group_${scale}`) }),
    el("h2", { text: tracks.scale(scale).names[number] }),
    el("div", { class: "row" },
      button(t("select_group"), () => page.select({ kind: "group", scale, number }), { class: "primary" }),
      button(t("made_from"), () => page.basket.fromRows(rowsOfGroup(tracks, scale, number))),
      button(t("fly"), () => page.map?.flyToRows(rowsOfGroup(tracks, scale, number))),
    ),
    facts([
      [t("size"), `${count(card.size)} (${percent(card.share)})`],
      [t("silhouette"), card.silhouette === null ? "" : decimal(card.silhouette)],
      [t("core_share"), share(card.core_share)],
      [t("stability"), card.stability ? share(card.stability.jaccard) : ""],
      [t("persistence"), decimal(card.persistence)],
    ]),
    section(`${t("verdict")}: ${verdict}`, el("ul", { class: "grounds" }, groundTexts(card).map((text) => el("li", { text })))),
    card.rule ? section(t("rule"), el("p", { class: "grounds", text: t("rule_told", { text: ruleText(card.rule.conditions), p: percent(card.rule.precision), r: percent(card.rule.recall) }) })) : null,
    section(t("contrast"), el("ul", { class: "deltas" }, card.differences.map(difference))),
    card.over.length ? section(t("decades"), el("ul", { class: "lifts" }, card.over.map(lift), card.under.map(lift))) : null,
    section(t("exemplars"), trackList(page, card.exemplars)),
    card.popular.length ? section(t("popular"), trackList(page, card.popular)) : null,
    card.neighbors.length ? section(t("near_groups"), card.neighbors.map((one) => button(tracks.scale(scale).names[one.number], () => page.openGroup(scale, one.number), { class: "member" }))) : null,
  ].filter(Boolean);
}

// Why the verdict is what it is, from codes and values; cards of older atlases hold the sentence alone.
export function groundTexts({ grounds, reason }) {
  return grounds.length ? grounds.map(groundText) : reason.split("; ");
}

function groundText([code, values]) {
  const written = {};
  for (const [name, value] of Object.entries(values)) {
    if (Array.isArray(value)) written[name] = joined(value.map((one) => t("quoted", { name: groupName(one) })));
    else if (["share", "chance", "gap"].includes(name)) written[name] = percent(value, 0);
    else if (name === "name") written[name] = groupName(value);
    else if (name === "feature") written[name] = columnName(value);
    else if (["silhouette", "stability"].includes(name)) written[name] = decimal(value);
    else written[name] = typeof value === "number" ? count(value) : value;
  }
  const told = t(`ground_${code}`, written);
  return "chance" in values ? t("beside_chance", { told, chance: written.chance }) : told;
}

function joined(parts) {
  return parts.reduce((one, other) => t("and", { one, other }));
}

// Conditions [feature, side, threshold] in words; two on one feature become a range.
export function ruleText(conditions) {
  const bounds = new Map();
  for (const [feature, side, threshold] of conditions) bounds.set(feature, { ...bounds.get(feature), [side]: format(feature, threshold) });
  return joined([...bounds].map(([feature, { ">": low, "<": high }]) => {
    const name = columnName(feature);
    if (low === undefined) return `${name} < ${high}`;
    return high === undefined ? `${name} > ${low}` : `${low} < ${name} < ${high}`;
  }));
}

export function rowsOfGroup(tracks, scale, number) {
  const { codes } = tracks.column(`group_${scale}`);
  const rows = [];
  codes.forEach((code, row) => code === number && rows.push(row));
  return rows;
}

function difference(one) {
  const bar = el("span", { class: one.delta < 0 ? "delta low" : "delta" });
  bar.style.setProperty("--share", String(Math.abs(one.delta)));
  const told = `${columnName(one.feature)}: ${format(one.feature, one.median)} / ${format(one.feature, one.other_median)}`;
  return el("li", { title: told, "aria-label": told }, el("span", { text: columnName(one.feature) }), bar, el("span", { class: "count", text: format(one.feature, one.median) }));
}

function lift(one) {
  const times = one.lift >= 1 ? `× ${decimal(one.lift, 1)}` : `× ${decimal(one.lift, 2)}`;
  return el("li", {}, el("span", { text: valueName(one.kind, one.value), dir: "auto" }), el("span", { class: "count", text: `${percent(one.share)} · ${times}` }));
}

// What stands there while nothing is open: the whole, its largest groups, and how to begin.
export function welcomeCard(page) {
  const { facts } = page.about;
  const coarse = page.tracks.scale("coarse");
  const order = (coarse?.names ?? []).map((_, number) => number).sort((a, b) => coarse.sizes[b] - coarse.sizes[a]);
  const groups = order.map((number) => {
    const meter = el("span", { class: "meter" });
    meter.style.setProperty("--share", String(coarse.sizes[number] / coarse.sizes[order[0]]));
    return el("button", { type: "button", class: "member", on: { click: () => page.openGroup("coarse", number) } }, el("span", { class: "name", text: coarse.names[number] }), meter, el("span", { class: "count", text: count(coarse.sizes[number]) }));
  });
  return [
    el("h2", { text: page.title, dir: "auto" }),
    el("p", { class: "by", text: t("whole_counts", { tracks: count(facts.n_tracks), songs: count(facts.n_songs), groups: count(order.length) }) }),
    facts.n_parts_tracks ? el("p", { class: "note", text: t("map_of_sample", { n: count(facts.n_parts_tracks) }) }) : null,
    el("div", { class: "row" },
      button(t("surprise"), () => page.surprise(), { class: "primary" }),
      button(columnName("map_trust"), () => page.store.set({ color: "map_trust", isolated: [] })),
      button(t("help"), () => page.help()),
    ),
    section(t("groups"), groups),
    el("p", { class: "empty", text: t("help_map") }),
  ].filter(Boolean);
}
