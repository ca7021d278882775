// All words of the page, in English and Russian, and how numbers are written.

const TEXTS = {
  add: ["Add to playlist", "В плейлист"],
  add_all: ["Add all", "Добавить все"],
  added: ["{n} added to the playlist", "Добавлено в плейлист: {n}"],
  against_group: ["Against its group: {name}", "На фоне группы: {name}"],
  album: ["Album", "Альбом"],
  all_of: ["All {n}", "Все {n}"],
  and: ["{one} and {other}", "{one} и {other}"],
  another: ["Another value…", "Другое значение…"],
  arc: ["Arc", "Ход"],
  arc_falling: ["energy falls", "энергия падает"],
  arc_free: ["as smooth as can be", "как можно плавнее"],
  arc_rising: ["energy rises", "энергия растёт"],
  arc_wave: ["energy as a wave", "энергия волной"],
  basket_empty: ["Nothing here yet. Click a point and add it, draw around some, or search.", "Пока пусто. Щёлкните по точке и добавьте её, обведите несколько или воспользуйтесь поиском."],
  beside_chance: ["{told} (of groups of permuted columns {chance})", "{told} (у групп перемешанных столбцов {chance})"],
  catalog: ["The whole catalog", "Весь каталог"],
  clear: ["Clear", "Сбросить"],
  clear_basket: ["Empty", "Очистить"],
  clear_selection: ["Clear selection", "Снять выделение"],
  close: ["Close", "Закрыть"],
  color_by: ["Color by", "Цвет"],
  column_acousticness: ["Acousticness", "Акустичность"],
  column_danceability: ["Danceability", "Танцевальность"],
  column_duration: ["Duration", "Длительность"],
  column_emotion: ["Emotion", "Эмоция"],
  column_energy: ["Energy", "Энергия"],
  column_explicit: ["Explicit", "Ненормативный текст"],
  column_genre: ["Genre", "Жанр"],
  column_group_coarse: ["Groups, coarse", "Группы, крупно"],
  column_group_fine: ["Groups, fine", "Группы, мелко"],
  column_group_middle: ["Groups, middle", "Группы, средне"],
  column_imputed: ["Has filled-in values", "Есть восполненные значения"],
  column_instrumentalness: ["Instrumentalness", "Инструментальность"],
  column_key: ["Key", "Тональность"],
  column_liveness: ["Liveness", "Живое исполнение"],
  column_loudness: ["Loudness, dB", "Громкость, дБ"],
  column_map_continuity: ["Map keeps neighbors", "Карта хранит соседей"],
  column_map_trust: ["Map trust", "Доверие к карте"],
  column_mode: ["Mode", "Лад"],
  column_popularity: ["Popularity", "Популярность"],
  column_positiveness: ["Positiveness", "Позитивность"],
  column_silhouette: ["Silhouette of the track", "Силуэт трека"],
  column_speechiness: ["Speechiness", "Речь"],
  column_tempo: ["Tempo, BPM", "Темп, уд/мин"],
  column_time_signature: ["Beats in a bar", "Долей в такте"],
  column_variance: ["Variance", "Изменчивость"],
  column_year: ["Year", "Год"],
  contrast: ["Against the other songs", "В сравнении с остальными"],
  core_share: ["Core", "Ядро"],
  dark: ["Dark", "Тёмная"],
  decades: ["Decades and genres", "Десятилетия и жанры"],
  density: ["Density", "Плотность"],
  down: ["Move down", "Ниже"],
  error_atlas: ["The files of the atlas have changed. Start the server anew.", "Файлы атласа изменились. Перезапустите сервер."],
  error_busy: ["The server has too much to do. Try again in a moment.", "Сервер занят. Повторите через минуту."],
  error_internal: ["The server made a mistake; its terminal tells more.", "Ошибка сервера; подробности в его терминале."],
  error_limits: ["No list keeps to all of this.", "Такого списка нет: всех ограничений сразу не выполнить."],
  error_limits_possible: ["{possible} of {wished} are possible.", "Возможно {possible} из {wished}."],
  error_limits_songs: ["Songs that may be in: {songs}.", "Подходящих песен: {songs}."],
  error_newer: ["The data are of a newer Songscape.", "Данные от более новой версии Songscape."],
  error_no_data: ["These are no data of a Songscape map.", "Это не данные карты Songscape."],
  error_not_found: ["The server does not have this.", "На сервере этого нет."],
  error_parameter: ["The server does not understand what was asked.", "Сервер не понял запрос."],
  error_silent: ["The server does not answer.", "Сервер не отвечает."],
  error_status: ["The server says {status}.", "Ответ сервера: {status}."],
  exemplars: ["Typical songs", "Типичные песни"],
  export: ["Save as", "Сохранить как"],
  failed_data: ["The data of this map cannot be read: {reason}", "Данные карты не читаются: {reason}"],
  fewer: ["Fewer", "Свернуть"],
  filters: ["Filters", "Фильтры"],
  fly: ["Show on the map", "Показать на карте"],
  from: ["from", "от"],
  from_filter: ["Select what is lit", "Выделить всё подсвеченное"],
  ground_alone: ["there is no other group to tell it from", "других групп, с которыми её можно сравнить, нет"],
  ground_as_told: ["{text}", "по записи в атласе: {text}"],
  ground_by_chance: ["it comes back no better than groups of permuted columns do", "возвращается не лучше, чем группы перемешанных столбцов"],
  ground_dissolves: ["it dissolves: only {share} of it come back in subsamples", "распадается: в подвыборках возвращается лишь {share}"],
  ground_filled_in: ["one filled-in value: {share} of its songs have no known {feature}", "восполненное значение: у {share} песен неизвестно: {feature}"],
  ground_gaps: ["a gap to every neighbor, the narrowest {gap} empty", "разрыв со всеми соседями, самый узкий пуст на {gap}"],
  ground_low_silhouette: ["its songs are hardly nearer to each other than to the next group (silhouette {silhouette})", "её песни едва ближе друг к другу, чем к соседней группе (силуэт {silhouette})"],
  ground_no_gap: ["no gap towards {n} of {all} neighbors, such as {names}", "нет разрыва с соседями: {n} из {all}, например {names}"],
  ground_one_artist: ["one artist: {share} of its songs are by “{value}”", "один исполнитель: {share} песен у «{value}»"],
  ground_one_title: ["duplicates: {share} of its songs share the title “{value}”", "дубликаты: у {share} песен название «{value}»"],
  ground_one_value: ["one value: {share} of its songs have {feature} {value}", "одно значение: у {share} песен {feature} = {value}"],
  ground_piece: ["a piece of “{name}”: no gap towards it, and most links that leave lead there", "часть группы «{name}»: разрыва с ней нет, и большинство связей наружу ведут туда"],
  ground_silhouette: ["silhouette {silhouette}", "силуэт {silhouette}"],
  ground_stability: ["stability {stability}", "устойчивость {stability}"],
  ground_too_small: ["only {size} songs, too few to tell", "песен всего {size}, судить рано"],
  ground_twins: ["duplicates: {share} of its songs have a twin that sounds the same", "дубликаты: у {share} песен есть двойник с тем же звучанием"],
  ground_unknown_silhouette: ["its silhouette is not known", "силуэт неизвестен"],
  ground_unmeasured: ["stability not measured", "устойчивость не измерена"],
  ground_unstable: ["only {share} of it come back in subsamples", "в подвыборках возвращается лишь {share}"],
  group: ["Group", "Группа"],
  group_of: ["median of its group", "медиана группы"],
  groups: ["Groups", "Группы"],
  hear: ["Open in Spotify", "Открыть в Spotify"],
  help: ["Help", "Справка"],
  help_keys: ["Keys", "Клавиши"],
  help_map: ["Drag to move, scroll or pinch to zoom. Shift and drag draws a lasso, Alt and drag a rectangle. Points near each other sound alike; how far apart distant groups lie says little. Where that holds less, “Map trust” is low.", "Тяните, чтобы двигать; колесо или щипок меняют масштаб. Shift и протяжка рисуют лассо, Alt — прямоугольник. Близкие точки звучат похоже; расстояние между далёкими группами мало что значит. Где это верно меньше, «Доверие к карте» низкое."],
  insert: ["Insert", "Вставить"],
  isolate_hint: ["{label}: {n} of {all} shown. Click to show only these; with Shift several", "{label}: показано {n} из {all}. Щелчок оставит только их; с Shift — несколько"],
  journey: ["Journey from the first to the last", "Путь от первого к последнему"],
  journey_short: ["Journey", "Путь"],
  key_arrows: ["move the map", "двигать карту"],
  key_basket: ["add the open track to the playlist", "добавить открытый трек в плейлист"],
  key_color: ["choose the color", "выбрать цвет"],
  key_density: ["density on and off", "плотность"],
  key_escape: ["close, clear the selection", "закрыть, снять выделение"],
  key_filters: ["go to the filters", "к фильтрам"],
  key_group: ["select the open group, or the group at the center", "выделить открытую группу или группу в центре"],
  key_help: ["this help", "эта справка"],
  key_lasso: ["lasso, rectangle, move", "лассо, прямоугольник, рука"],
  key_nearest: ["open the track at the center of the map", "открыть трек в центре карты"],
  key_next: ["next track nearby: the nearest one not yet seen", "следующий трек рядом"],
  key_search: ["search", "поиск"],
  key_undo: ["undo the last change of the playlist", "отменить последнее изменение плейлиста"],
  key_view: ["select what is seen of the map", "выделить видимое на карте"],
  key_zoom: ["zoom in, out, show all", "ближе, дальше, вся карта"],
  labels: ["Names", "Названия"],
  lasso: ["Lasso", "Лассо"],
  left_of: ["{n} of {all} tracks shown", "Показано {n} из {all}"],
  legend: ["Legend", "Легенда"],
  length: ["Tracks", "Треков"],
  light: ["Light", "Светлая"],
  limits_offline: ["This file works alone. The engine (whole-catalog search for candidates, learned weights, requests with limits) needs the server:", "Этот файл работает сам по себе. Для полного движка (кандидаты из всего каталога, обученные веса, запросы с ограничениями) нужен сервер:"],
  list_name: ["Name of the playlist", "Название плейлиста"],
  loading: ["Reading the map…", "Читаю карту…"],
  lock: ["Lock in place", "Закрепить"],
  made_from: ["Make a playlist from this", "Плейлист из этого"],
  map: ["Map of the tracks", "Карта треков"],
  median: ["Median", "Медиана"],
  memberships: ["Belongs to", "Принадлежит к"],
  more_like: ["More like this", "Ещё похожие"],
  move: ["Move", "Рука"],
  name_default: ["Playlist", "Плейлист"],
  near_groups: ["Groups beside it", "Соседние группы"],
  neighbors: ["Sounds like", "Похожие по звучанию"],
  neighbors_far: ["The map shows {n} of these {k} elsewhere: it cannot keep all neighbors.", "Из этих {k} карта показывает {n} в другом месте: она не может сохранить всех соседей."],
  no_ids: ["no Spotify ids in this catalog", "в каталоге нет идентификаторов Spotify"],
  no_more: ["Nothing more was found that fits.", "Больше ничего подходящего не нашлось."],
  no_webgl: ["This browser shows no WebGL 2, which the map needs. Search, filters and lists work; for the picture use a current Firefox, Chrome, Edge or Safari with hardware acceleration.", "Этот браузер не поддерживает WebGL 2, который нужен карте. Откройте файл в современном Firefox, Chrome, Edge или Safari с аппаратным ускорением."],
  nothing_found: ["Nothing found", "Ничего не найдено"],
  order: ["Put in order", "Упорядочить"],
  other: ["other", "другие"],
  others_versions: ["Other versions of this song", "Другие версии этой песни"],
  outside: ["outside of groups", "вне групп"],
  panel: ["Panels", "Панели"],
  path: ["Path on the map", "Путь на карте"],
  persistence: ["Persistence", "Живучесть"],
  playlist: ["Playlist", "Плейлист"],
  popular: ["Popular songs", "Популярные песни"],
  price_hint: ["Price of the transition: 0 seamless, 1 as between two random songs", "Цена перехода: 0 — незаметно, 1 — как между двумя случайными песнями"],
  quoted: ["“{name}”", "«{name}»"],
  rectangle: ["Rectangle", "Прямоугольник"],
  remove: ["Remove", "Убрать"],
  repair: ["The roughest transition. These would fit between:", "Самый резкий переход. Между ними подошли бы:"],
  rule: ["In words", "Правило словами"],
  rule_told: ["{text} (right in {p}, finds {r})", "{text} (точность {p}, полнота {r})"],
  search: ["Search titles and artists", "Поиск по названиям и исполнителям"],
  searched: ["{n} results", "Найдено: {n}"],
  select_group: ["Select the group", "Выделить группу"],
  selected: ["{n} tracks selected", "Выделено треков: {n}"],
  selection: ["Selection", "Выделение"],
  selection_empty: ["Draw around points with the lasso or the rectangle, or select a group.", "Обведите точки лассо или прямоугольником либо выделите группу."],
  show_all: ["Show all", "Показать все"],
  silhouette: ["Silhouette", "Силуэт"],
  size: ["Songs", "Песен"],
  smoothness: ["Median transition {median}, worst {worst}", "Переход: медиана {median}, худший {worst}"],
  stability: ["Comes back when refitted", "Возвращается при пересчёте"],
  surprise: ["Surprise me", "Удиви меня"],
  theme: ["Light or dark", "Светлая или тёмная"],
  to: ["to", "до"],
  too_few: ["Put at least two tracks in the playlist first.", "Сначала добавьте в плейлист хотя бы два трека."],
  track: ["Track", "Трек"],
  undo: ["Undo", "Отменить"],
  unknown: ["unknown", "неизвестно"],
  unlock: ["Unlock", "Открепить"],
  up: ["Move up", "Выше"],
  value_decade: ["{n}s", "{n}-е"],
  value_emotion_anger: ["anger", "гнев"],
  value_emotion_fear: ["fear", "страх"],
  value_emotion_joy: ["joy", "радость"],
  value_emotion_love: ["love", "любовь"],
  value_emotion_sadness: ["sadness", "грусть"],
  value_emotion_surprise: ["surprise", "удивление"],
  value_mode_major: ["major", "мажор"],
  value_mode_minor: ["minor", "минор"],
  value_no: ["no", "нет"],
  value_yes: ["yes", "да"],
  verdict: ["Verdict", "Вердикт"],
  verdict_artifact: ["artifact", "артефакт"],
  verdict_blurred: ["blurred", "размытая"],
  verdict_fragment: ["fragment", "осколок"],
  verdict_solid: ["solid", "прочная"],
  versus: ["selection", "выделение"],
  whole: ["whole", "весь каталог"],
  map_of_sample: ["The map shows a sample; lists and searches go over all {n} tracks", "На карте выборка; списки и поиск охватывают все треки: {n}"],
  whole_counts: ["{tracks} tracks, {songs} songs, {groups} large groups", "Треков: {tracks}, песен: {songs}, крупных групп: {groups}"],
  word_acoustic: ["acoustic", "акустическая"],
  word_all_songs: ["all songs", "все песни"],
  word_angry: ["angry", "гневная"],
  word_better_known: ["better known", "известнее"],
  word_bleak: ["bleak", "мрачная"],
  word_brooding: ["brooding", "задумчивая"],
  word_calmer: ["calmer", "спокойнее"],
  word_danceable: ["danceable", "танцевальная"],
  word_dark: ["dark", "тёмная"],
  word_darker: ["darker", "темнее"],
  word_electric: ["electric", "электрическая"],
  word_energetic: ["energetic", "энергичная"],
  word_exuberant: ["exuberant", "ликующая"],
  word_fast: ["fast", "быстрая"],
  word_faster: ["faster", "быстрее"],
  word_fearful: ["fearful", "тревожная"],
  word_fewer_vocals: ["fewer vocals", "меньше пения"],
  word_fierce: ["fierce", "яростная"],
  word_free_flowing: ["free-flowing", "текучая"],
  word_gentle: ["gentle", "нежная"],
  word_half_acoustic: ["half-acoustic", "полуакустическая"],
  word_hushed: ["hushed", "приглушённая"],
  word_instrumental: ["instrumental", "инструментальная"],
  word_joyful: ["joyful", "радостная"],
  word_less_danceable: ["less danceable", "менее танцевальная"],
  word_lesser_known: ["lesser known", "менее известная"],
  word_live: ["live", "концертная"],
  word_live_sounding: ["live-sounding", "почти концертная"],
  word_livelier: ["livelier", "живее"],
  word_lively: ["lively", "бодрая"],
  word_long: ["long", "длинная"],
  word_longer: ["longer", "длиннее"],
  word_loose: ["loose", "вольная"],
  word_loud: ["loud", "громкая"],
  word_louder: ["louder", "громче"],
  word_melodic: ["melodic", "мелодичная"],
  word_middle_of_the_road: ["middle of the road", "золотая середина"],
  word_more_acoustic: ["more acoustic", "акустичнее"],
  word_more_danceable: ["more danceable", "танцевальнее"],
  word_more_electric: ["more electric", "электричнее"],
  word_more_live: ["more live", "ближе к концертной"],
  word_more_major: ["more major", "больше мажора"],
  word_more_melodic: ["more melodic", "мелодичнее"],
  word_more_minor: ["more minor", "больше минора"],
  word_more_studio: ["more studio", "ближе к студийной"],
  word_more_vocals: ["more vocals", "больше пения"],
  word_newer: ["newer", "новее"],
  word_older: ["older", "старше"],
  word_quiet: ["quiet", "тихая"],
  word_rapped: ["rapped", "речитативная"],
  word_sad: ["sad", "грустная"],
  word_short: ["short", "короткая"],
  word_shorter: ["shorter", "короче"],
  word_slow: ["slow", "медленная"],
  word_slower: ["slower", "медленнее"],
  word_soft: ["soft", "мягкая"],
  word_softer: ["softer", "тише"],
  word_sparsely_sung: ["sparsely sung", "почти без пения"],
  word_spoken: ["spoken", "разговорная"],
  word_studio: ["studio", "студийная"],
  word_sung: ["sung", "песенная"],
  word_sunnier: ["sunnier", "солнечнее"],
  word_sunny: ["sunny", "солнечная"],
  word_surprising: ["surprising", "неожиданная"],
  word_swaying: ["swaying", "покачивающая"],
  word_tender: ["tender", "любовная"],
  word_warm: ["warm", "тёплая"],
  word_wordier: ["wordier", "многословнее"],
  word_wordy: ["wordy", "многословная"],
  worst: ["roughest", "самый резкий"],
};

const LANGUAGES = ["en", "ru"];
let language = "en";
let numbers = new Intl.NumberFormat("en");

export function setLanguage(code) {
  language = LANGUAGES.includes(code) ? code : "en";
  numbers = new Intl.NumberFormat(language);
  document.documentElement.lang = language;
}

export function currentLanguage() {
  return language;
}

// A text in the chosen language; {name} is replaced by values.name.
export function t(key, values = {}) {
  const text = TEXTS[key][LANGUAGES.indexOf(language)];
  return text.replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
}

export function has(key) {
  return key in TEXTS;
}

export function count(value) {
  return numbers.format(value);
}

export function percent(share, digits = 1) {
  return `${numbers.format(+(100 * share).toFixed(digits))} %`;
}

export function decimal(value, digits = 2) {
  return new Intl.NumberFormat(language, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);
}

const WHOLE = ["tempo", "popularity"];

// A value of a column as people write it.
export function format(column, value) {
  if (value === null || Number.isNaN(value)) return "–";
  if (column === "year") return String(Math.round(value));
  if (column === "duration") return `${Math.floor(value / 60)}:${String(Math.round(value % 60)).padStart(2, "0")}`;
  if (WHOLE.includes(column)) return count(Math.round(value));
  return new Intl.NumberFormat(language, { maximumFractionDigits: Math.abs(value) >= 10 ? 1 : 2 }).format(value);
}

// Columns of the user's own have no translation: their name is shown as it is.
export function columnName(name) {
  return has(`column_${name}`) ? t(`column_${name}`) : name;
}

export function valueName(column, value) {
  if (column === "") return t(value);
  if (column === "decade" && /^\d+s$/.test(value)) return t("value_decade", { n: value.slice(0, -1) });
  if (has(`value_${column}_${value}`)) return t(`value_${column}_${value}`);
  return has(`value_${value}`) ? t(`value_${value}`) : value;
}

const LONGEST_PHRASE = 4; // words

// The name of a group in the page's language: its words are known, genres stay as they are.
export function groupName(name) {
  if (language === "en" || name === "") return name;
  const parts = (name[0].toLowerCase() + name.slice(1)).split(/( · |, )/).map(phrases);
  const told = parts.join("");
  return told[0].toUpperCase() + told.slice(1);
}

// A part of a name, if all of it is known words.
function phrases(part) {
  const words = part.split(" ");
  const told = [];
  while (words.length) {
    let n = Math.min(LONGEST_PHRASE, words.length);
    const key = () => `word_${words.slice(0, n).join("_").replaceAll("-", "_")}`;
    while (n > 1 && !has(key())) n--;
    if (has(key())) told.push(t(key()));
    else if (/^\d+s?$/.test(words[0])) told.push(valueName("decade", words[0]));
    else return part;
    words.splice(0, n);
  }
  return told.join(" ");
}

// Write the words of the page's fixed parts: elements with data-text, data-title, data-label or data-hint.
export function writeTexts(root) {
  for (const node of root.querySelectorAll("[data-text]")) node.textContent = t(node.dataset.text);
  for (const node of root.querySelectorAll("[data-title]")) node.title = t(node.dataset.title);
  for (const node of root.querySelectorAll("[data-label]")) node.setAttribute("aria-label", t(node.dataset.label));
  for (const node of root.querySelectorAll("[data-hint]")) node.placeholder = t(node.dataset.hint);
}
